//! What is read is a pipe, a device, endless, or not what it is to be.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::{UNTIDY, folder, names, pipe, polmerge, root, run, text};

#[test]
fn a_configuration_that_may_not_be_meant_is_named() {
    let folder = folder();
    let repository = folder.path().join("repository");
    std::fs::create_dir_all(repository.join(".git")).unwrap();
    std::fs::write(repository.join("policy.json"), UNTIDY).unwrap();
    std::fs::write(folder.path().join("polmerge.toml"), "[rules]\nredundancy = \"off\"\n").unwrap();
    let error = text(&run(&repository, &["lint", "policy.json"]).stderr);
    assert!(error.contains("polmerge.toml`, above the root of the repository"), "{error}");
    let error = text(&run(&repository, &["lint", "policy.json", "--config", "../polmerge.toml"]).stderr);
    assert!(!error.contains("note:"), "what was named is meant: {error}");
    let error = text(&run(folder.path(), &["lint", "repository/policy.json"]).stderr);
    assert!(!error.contains("above the root"), "{error}");
}

#[test]
fn a_pack_that_cannot_be_one_is_an_error_and_no_wait() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("pack")).unwrap();
    std::fs::write(at("polmerge.toml"), "packs = [\"pack\"]\n").unwrap();
    pipe(&at("pack/pack.json"));
    let output = run(folder.path(), &["steps"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("it is not a regular file"), "{}", text(&output.stderr));
    std::fs::remove_file(at("pack/pack.json")).unwrap();
    let shipped = root().join("policies/expel-control-tower");
    for file in std::fs::read_dir(shipped).unwrap() {
        let file = file.unwrap().path();
        std::fs::copy(&file, at("pack").join(file.file_name().unwrap())).unwrap();
    }
    let output = run(folder.path(), &["steps"]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(error.contains("pack.json` is called `expel-control-tower`, as another one is"), "{error}");
    // More than is read of such a file, on a disk that has it as a hole.
    std::fs::File::create(at("pack/pack.json")).unwrap().set_len((64 << 20) + 1).unwrap();
    let error = text(&run(folder.path(), &["steps"]).stderr);
    assert!(error.contains("is larger than 64 MiB"), "{error}");
    let twice = r#"{"name":"p","title":"P","about":"A","steps":["a","a"]}"#;
    std::fs::write(at("pack/pack.json"), twice).unwrap();
    let step = r#"{"name":"a","title":"A","account":"x","documents":[]}"#;
    std::fs::write(at("pack/a.json"), step).unwrap();
    let output = run(folder.path(), &["steps"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("the step `a` is listed twice"), "{}", text(&output.stderr));
    // A file that is not in the folder of the pack.
    let outside = r#"{"name":"p","title":"P","about":"A","steps":["../secret"]}"#;
    std::fs::write(at("pack/pack.json"), outside).unwrap();
    std::fs::write(at("secret.json"), r#"{"secret-member":1}"#).unwrap();
    let error = text(&run(folder.path(), &["steps"]).stderr);
    assert!(
        error.contains("`../secret` is not valid as the name of a step") && !error.contains("secret-member"),
        "{error}"
    );
}

#[test]
fn an_answer_of_an_account_that_is_none_is_an_error_and_no_wait() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(at("accounts/222222222222")).unwrap();
    let answer = at("accounts/222222222222/topic.json");
    let values = root().join("fixtures/expel.toml");
    let arguments = ["guide", "plan", "--values", values.to_str().unwrap(), "--from", "accounts"];
    let makes: [(&dyn Fn(), &str); 3] = [
        (
            &|| std::fs::File::create(&answer).unwrap().set_len((64 << 20) + 1).unwrap(),
            "is larger than 64 MiB",
        ),
        (&|| std::fs::write(&answer, "[".repeat(1 << 20)).unwrap(), "topic.json is no JSON"),
        (&|| pipe(&answer), "has no answers"),
    ];
    for (make, why) in makes {
        let _ = std::fs::remove_file(&answer);
        make();
        let output = run(folder.path(), &arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(why), "{error}");
        assert!(!at("plan").exists());
    }
}

#[test]
fn a_configuration_that_cannot_be_read_is_an_error_and_no_wait() {
    let folder = folder();
    let path = folder.path().join("polmerge.toml");
    std::fs::write(folder.path().join("policy.json"), UNTIDY).unwrap();
    let makes: [(&dyn Fn(), &str); 4] = [
        (&|| pipe(&path), "it is not a regular file"),
        (&|| std::fs::create_dir(&path).unwrap(), "it is not a regular file"),
        (&|| std::os::unix::fs::symlink("none", &path).unwrap(), "No such file"),
        (&|| std::fs::File::create(&path).unwrap().set_len((1 << 20) + 1).unwrap(), "is larger than 1 MiB"),
    ];
    for (make, why) in makes {
        make();
        let output = run(folder.path(), &["lint", "policy.json"]);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains("polmerge.toml") && error.contains(why), "{error}");
        let _ = std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path));
    }
    // One that is named can come out of a pipe.
    let script = "echo 'near-quota = 80' | \"$0\" lint policy.json --config /dev/stdin";
    let mut command = Command::new("sh");
    let output =
        command.args(["-c", script, env!("CARGO_BIN_EXE_polmerge")]).current_dir(folder.path()).output();
    assert_ne!(output.unwrap().status.code(), Some(2));
}

/// What names ignored files is read by a library that opens whatever has the name, without limits.
#[test]
fn files_of_ignored_names_are_no_wait_and_no_crash() {
    let deep = "{a,".repeat(50_000);
    let link_to_zeros = |path: &Path| std::os::unix::fs::symlink("/dev/zero", path).unwrap();
    type Make<'m> = &'m dyn Fn(&Path);
    let makes: [(&str, Make<'_>, &str); 5] = [
        ("a pipe", &pipe, "it is not a regular file"),
        ("a device", &link_to_zeros, "it is not a regular file"),
        (
            "deep braces",
            &|path| std::fs::write(path, format!("x\n{deep}\n")).unwrap(),
            "line 2: a glob has at most",
        ),
        (
            "nested groups",
            &|path| std::fs::write(path, "{\\}".repeat(200)).unwrap(),
            "line 1: a glob has at most 32 groups in braces",
        ),
        (
            "a huge file",
            &|path| std::fs::File::create(path).unwrap().set_len(1 << 40).unwrap(),
            "it is larger than 256 KiB",
        ),
    ];
    let places =
        ["inner/.gitignore", "inner/.ignore", "inner/deeper/.gitignore", ".gitignore", ".git/info/exclude"];
    for (what, make, why) in makes {
        for place in places {
            let folder = folder();
            let at = |name: &str| folder.path().join(name);
            std::fs::create_dir_all(at("inner/deeper")).unwrap();
            std::fs::create_dir_all(at(".git/info")).unwrap();
            for name in ["inner/a.json", "inner/deeper/b.json", "other.json"] {
                std::fs::write(at(name), UNTIDY).unwrap();
            }
            make(&at(place));
            let output = run(&at("inner"), &["fmt", "--check", ".", "../other.json"]);
            let error = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{what} {place}: {error}");
            let name = place.rsplit_once('/').map_or(place, |(_, name)| name);
            assert!(error.contains(name) && error.contains(why), "{what} {place}: {error}");
            // What it does not count for is looked at.
            let all = text(&output.stdout) + &error;
            assert!(all.contains("other.json"), "{what} {place}: {all}");
            assert_eq!(all.contains("a.json"), place == "inner/deeper/.gitignore", "{what} {place}: {all}");
            assert!(!all.contains("b.json"), "{what} {place}: {all}");
        }
    }
    // The repository of a worktree is named in a file.
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("a.json"), UNTIDY).unwrap();
    for make in [&pipe as &dyn Fn(&Path), &link_to_zeros] {
        make(&at(".git"));
        let output = run(folder.path(), &["fmt", "--check", "."]);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains(".git"));
        std::fs::remove_file(at(".git")).unwrap();
    }
    // Each is small enough, and all that count in a folder are not.
    let many = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut inner = many.path().to_owned();
    for depth in 0..4 {
        inner.push("inner");
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(inner.join(".gitignore"), "# a comment, so that it takes no time\n".repeat(5_000))
            .unwrap();
        std::fs::write(inner.join(format!("at{depth}.json")), UNTIDY).unwrap();
    }
    let output = run(many.path(), &["fmt", "--check", "."]);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("with those above it, more than 512 KiB count there"), "{error}");
    let all = text(&output.stdout) + &error;
    assert!(all.contains("at1.json") && !all.contains("at2.json"), "{all}");
    // The user's own; and what is in order counts as ever.
    let home = tempfile::tempdir().unwrap();
    let global = || {
        let mut command = polmerge(folder.path(), &["fmt", "--check", "."]);
        let excludes = format!("[core]\nexcludesFile = {}/ignored\n", home.path().display());
        std::fs::write(home.path().join("settings"), excludes).unwrap();
        command.env("GIT_CONFIG_GLOBAL", home.path().join("settings")).output().unwrap()
    };
    assert_eq!(global().status.code(), Some(1));
    std::fs::write(home.path().join("ignored"), &deep).unwrap();
    assert_eq!(global().status.code(), Some(2));
    std::fs::write(home.path().join("ignored"), "{a,b}.json\n").unwrap();
    let output = global();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn small_mistakes_are_said() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("bom.json"), format!("\u{feff}{UNTIDY}")).unwrap();
    let mut command = polmerge(folder.path(), &["fmt", "-"]);
    let output = command.stdin(std::fs::File::open(at("bom.json")).unwrap()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("is not valid JSON"), "{}", text(&output.stderr));
    std::fs::write(at("values.toml"), "A = \"x\"\nB = \n").unwrap();
    let error = text(&run(folder.path(), &["render", "step2", "--values", "values.toml"]).stderr);
    assert!(error.contains("`values.toml` is not a valid file of values: line 2: "), "{error}");
    std::fs::create_dir_all(at("plan/4294967295")).unwrap();
    let plan = at("plan");
    let arguments = ["guide", "plan", "--values", "fixtures/expel.toml", "--from", "fixtures/accounts", "-o"];
    let output = run(root(), &[&arguments[..], &[plan.to_str().unwrap()]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no number is left"), "{}", text(&output.stderr));
    assert_eq!(names(&plan), ["4294967295"]);
}

/// The program, with less memory than what it is asked to read would take.
fn with_little_memory(folder: &Path, arguments: &str) -> Output {
    let script = format!("ulimit -c 0; ulimit -v 700000; exec \"$0\" {arguments}");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_polmerge")]).current_dir(folder);
    command.stdin(Stdio::null()).env("LC_ALL", "C.UTF-8").output().unwrap()
}

#[test]
fn what_is_too_large_or_endless_is_not_read_first() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    for number in 0..4 {
        std::fs::File::create(at(&format!("hole{number}.json"))).unwrap().set_len(1 << 40).unwrap();
    }
    std::os::unix::fs::symlink("/dev/zero", at("zeros.json")).unwrap();
    for (arguments, name, size) in [
        ("lint hole0.json", "hole0.json", "1024 MiB"),
        ("lint .", "hole3.json", "1024 MiB"),
        ("lint zeros.json", "zeros.json", "1 MiB"),
        ("lint - < hole0.json", "-", "1024 MiB"),
        ("lint - < /dev/zero", "-", "1 MiB"),
        ("diff hole0.json hole1.json", "hole0.json", "1024 MiB"),
        ("lint hole0.json --baseline hole1.json", "hole1.json", "64 MiB"),
        ("render step2 --values zeros.json", "zeros.json", "1 MiB"),
    ] {
        let output = with_little_memory(folder.path(), arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {error}");
        assert!(error.contains(&format!("`{name}` is larger than {size}")), "{arguments}: {error}");
    }
    // A pipe is read to its end, and a device that ends is a document like another one.
    std::fs::write(at("policy.json"), UNTIDY).unwrap();
    let output = with_little_memory(folder.path(), "fmt - < policy.json");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let output = with_little_memory(folder.path(), "lint /dev/null");
    assert!(!text(&output.stderr).contains("larger"), "{}", text(&output.stderr));
}

#[test]
fn what_is_no_file_in_a_folder_is_named() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("policy.json"), UNTIDY).unwrap();
    pipe(&at("notes.txt"));
    let _other = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    let run = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    };
    assert_eq!(run(&["lint", ".", "--fail-on", "never"]).0, Some(0), "nothing that is called like a policy");
    pipe(&at("pipe.json"));
    let _socket = std::os::unix::net::UnixListener::bind(at("socket.yaml")).unwrap();
    for arguments in [&["lint", ".", "--fail-on", "never"], &["fmt", ".", "--check", "--quiet"]] {
        let (code, said) = run(arguments);
        assert_eq!(code, Some(2), "{said}");
        for name in ["pipe.json", "socket.yaml"] {
            assert!(said.contains(&format!("`{name}`: it is not a regular file")), "{arguments:?}: {said}");
        }
    }
}

/// What an error quotes is as long as someone made it.
#[test]
fn what_an_error_quotes_is_cut() {
    const LONG: usize = 900_000;
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let long = "a".repeat(LONG);
    let file = |name: &str, text: String| std::fs::write(at(name), text).unwrap();
    std::fs::write(at("policy.json"), UNTIDY).unwrap();
    file("field.toml", format!("{long} = 1\n"));
    file("type.toml", format!("values = \"{long}\"\n"));
    file("rule.toml", format!("[rules]\n{long} = \"off\"\n"));
    file("glob.toml", format!("[[files]]\nglob = \"{long}\"\nkind = \"kms\"\n"));
    file("kind.toml", format!("[[files]]\nglob = \"x\"\nkind = \"{long}\"\n"));
    file("pack.toml", format!("packs = [\"{long}\"]\n"));
    file("baseline.json", format!("{{\"version\":1,\"{long}\":1}}"));
    file("values.json", format!("{{\"{long}\": 1}}"));
    file("values.toml", format!("{long} = 1\n"));
    file("unknown.json", format!("{{\"YOUR_{long}\": \"x\"}}"));
    file("several.json", format!("{{\"{long}\":{UNTIDY},\"b\":{UNTIDY}}}"));
    file("lines.ndjson", format!("{{\"kind\":\"{long}\",\"policy\":{UNTIDY}}}\n"));
    // As long as an argument can be.
    let word = "b".repeat(100_000);
    let typed = |start: &str| format!("{start}{word}");
    let mut commands: Vec<Vec<String>> = Vec::new();
    let mut add = |words: &str, last: Option<String>| {
        commands.push(words.split(' ').map(str::to_owned).chain(last).collect());
    };
    add("steps --config pack.toml", None);
    for name in ["field", "type", "rule", "glob", "kind"] {
        add(&format!("lint policy.json --config {name}.toml"), None);
        add(&format!("lint policy.json --format json --config {name}.toml"), None);
    }
    add("lint policy.json --baseline baseline.json", None);
    add("render step2 --values values.json", None);
    add("render step2 --values values.toml", None);
    add("render step2 --values unknown.json", None);
    add("compact several.json", None);
    add("lint --ndjson lines.ndjson", None);
    for words in
        ["lint --kind", "apply policy.json --variant", "apply policy.json --add", "apply policy.json --set"]
    {
        add(words, Some(word.clone()));
    }
    for words in [
        "explain",
        "lint",
        "lint --format json",
        "lint --format github",
        "steps",
        "compact",
        "diff --git",
        "diff policy.json",
        "render",
    ] {
        add(words, Some(word.clone()));
    }
    add("lint policy.json", Some(typed("--select=")));
    add("lint policy.json", Some(typed("--no-such-option")));
    add("diff policy.json policy.json", Some(typed("--resource=")));
    add("can --identity policy.json --action", Some(word.clone()));
    add("apply policy.json --add step2 --set", Some(typed("YOUR_TOPIC_ARN=")));
    for command in commands {
        let arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        let output = run(folder.path(), &arguments);
        let shown: Vec<&str> = arguments.iter().map(|word| &word[..word.len().min(40)]).collect();
        let said = output.stdout.len() + output.stderr.len();
        let start = text(&output.stderr).chars().take(3_000).collect::<String>();
        assert_eq!(output.status.code(), Some(2), "{shown:?}: {start}");
        assert!((20..20_000).contains(&said), "{shown:?} prints {said} bytes: {start}");
    }
}
