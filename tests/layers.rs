//! The layers of `ARCHITECTURE.md` hold: each module imports what the table allows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The table: module to the modules it may import.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let section = text.split("## Layers").nth(1).unwrap().split("\n## ").next().unwrap();
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let rows: Vec<(Vec<String>, &str)> = section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let mut cells = line.trim_matches('|').splitn(2, '|');
            (names(cells.next().unwrap()), cells.next().unwrap())
        })
        .collect();
    assert!(rows.len() > 10, "the table was not found");
    let foundation: Vec<String> = rows.iter().take(2).flat_map(|(modules, _)| modules.clone()).collect();
    let all: BTreeSet<String> = rows.iter().flat_map(|(modules, _)| modules.clone()).collect();
    let mut table = BTreeMap::new();
    for (modules, cell) in &rows {
        let mut allowed: BTreeSet<String> = names(cell).into_iter().collect();
        if cell.contains("foundation") {
            allowed.extend(foundation.iter().cloned());
        }
        if cell.contains("everything") {
            allowed.clone_from(&all);
        }
        for module in modules {
            table.insert(module.clone(), allowed.clone());
        }
    }
    table
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            // Tests may look at whatever they want.
            true if path.ends_with("tests") => {}
            true => sources(&path, found),
            false if path.ends_with("tests.rs") => {}
            false => found.push(path),
        }
    }
}

/// The module that a file belongs to, by the first part of its path.
fn module(path: &Path) -> String {
    let relative = path.strip_prefix(root().join("src")).unwrap();
    let first = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The code of a file, without comments and tests: what they name is not imported.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn modules_import_what_the_table_allows() {
    let table = table();
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let mut seen = BTreeSet::new();
    for path in files {
        let module = module(&path);
        if ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let allowed = table.get(&module).unwrap_or_else(|| panic!("`{module}` is not in the table"));
        for import in code(&path).split("crate::").skip(1) {
            let name: String = import.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            // `crate::Name` is a re-export, `crate::{` a list: neither is used in this project.
            assert!(!name.is_empty(), "{}: import modules by name", path.display());
            assert!(
                name == module || allowed.contains(&name),
                "{} imports `{name}`, which ARCHITECTURE.md does not allow `{module}`",
                path.display()
            );
        }
        seen.insert(module);
    }
    let listed: BTreeSet<String> = table.keys().cloned().collect();
    assert_eq!(seen, listed, "modules and table differ");
}

#[test]
fn only_the_edges_touch_the_world() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    for path in files.iter().filter(|path| !["cli", "read", "main"].contains(&module(path).as_str())) {
        for word in ["std::fs", "std::env", "std::process", "std::time", "std::io", "println!", "eprintln!"] {
            assert!(!code(path).contains(word), "{} has {word}", path.display());
        }
    }
}
