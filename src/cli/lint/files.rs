//! Files: each one read, checked and told about by itself, many at a time.

mod told;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Task;
use super::format::{self, Format};
use super::sift::{Seen, Sift, idle};
use crate::cli::{Exit, Failure, Terminal, config, input};
use crate::document::{self, Hints};
use crate::lint::fix;
use crate::read;
use crate::read::walk::{self, Found, Walked};
use crate::read::write::is_standard_output;
use crate::report::diff;
use crate::report::human::{self, Checked, Tally};
use crate::report::json::Unread;
use crate::report::style::Style;
use told::{Told, graver, of_configuration, told};

/// What became of one file.
enum Outcome {
    Told(Box<Told>),
    /// It holds no policy. A filter hands on what it has nothing to say about.
    Skipped {
        path: PathBuf,
        document: Option<String>,
    },
    Unread(Unread),
    /// It was found in a folder, and is in Terraform's own language.
    Terraform,
    /// It does not hold the policy that is asked for.
    Without(Failure),
}

/// What a run saw.
#[derive(Default)]
struct Run {
    told: Vec<Told>,
    /// Files that were read, with a policy or without.
    looked_at: Vec<PathBuf>,
    unread: Vec<Unread>,
    /// Files that were read, and could not be written.
    unwritten: Vec<Unread>,
    /// What is for standard output under `--fix`.
    documents: Vec<String>,
    checked: Checked,
    /// Whether there is a policy of which nothing is known.
    has_unknown: bool,
    tally: Tally,
    seen: Seen,
}

pub(super) fn run(task: &Task, terminal: &Terminal) -> Result<Exit, Failure> {
    let here = [PathBuf::from(".")];
    let paths = if task.options.paths.is_empty() { &here[..] } else { &task.options.paths };
    let Walked { found: files, unseen, links } = walk::walk(paths);
    if task.options.fix && !task.options.diff && paths.len() > 1 && paths.contains(&PathBuf::from("-")) {
        return Err(Failure::new("`--fix` prints the document of `-`, so `-` is given alone"));
    }
    let alone = unseen.is_empty() && matches!(files.as_slice(), [file] if file.named);
    if task.options.at.is_some() && !matches!(files.as_slice(), [file] if file.named) {
        return Err(Failure::new("`--at` is about the policies of one file")
            .help("write polmerge lint FILE --at POINTER"));
    }
    let style = if task.prints_documents() { terminal.err } else { terminal.out };
    let outcomes: Vec<Outcome> = files.par_iter().map(|file| look(task, file, style, terminal)).collect();

    let mut run = Run::default();
    run.unread.extend(unseen.into_iter().map(|unseen| Unread::new(&unseen.path, unseen.message)));
    for outcome in outcomes {
        run.take(outcome)?;
    }
    (run.checked.unread, run.checked.unwritten) = (run.unread.len(), run.unwritten.len());
    run.checked.links = links;
    for file in run.unread.iter().chain(&run.unwritten) {
        terminal.failure(&Failure::new(file.message.as_str()));
    }
    for document in &run.documents {
        terminal.document(document)?;
    }
    if task.options.write_baseline {
        return run.write_baseline(task, terminal);
    }
    let sees_all = run.unread.is_empty() && task.options.at.is_none();
    if let Some(idle) = idle(task, &run.seen, sees_all) {
        let told = of_configuration(task, idle, style);
        run.tally.add_all(&told.tally);
        run.told.push(told);
    }
    if task.options.format != Format::Human {
        run.told.iter().for_each(|file| terminal.comment(&file.fixed));
    }
    let gone = run.gone(task);
    let complete = run.is_complete();
    let report = match task.options.format {
        Format::Human => for_people(task, &run, alone, style) + &gone,
        format => {
            terminal.comment(&gone);
            let written = run.told.into_iter().map(|file| file.written).collect();
            let failed: Vec<Unread> = run.unread.iter().chain(&run.unwritten).cloned().collect();
            format::whole(format, written, &failed, &run.checked, &run.tally)
        }
    };
    match (task.prints_documents(), task.options.format) {
        (true, _) => terminal.comment(&report),
        (false, Format::Human) => terminal.report(&report),
        (false, _) => terminal.data(&report),
    }
    Ok(task.exit(&run.tally, complete, run.checked.unread + run.checked.unwritten > 0))
}

impl Run {
    fn take(&mut self, outcome: Outcome) -> Result<(), Failure> {
        match outcome {
            Outcome::Told(mut file) => {
                self.unwritten.extend(file.unwritten.take());
                self.documents.extend(file.document.take());
                match file.policies == 0 && file.unread > 0 {
                    true => self.checked.skipped += 1,
                    false => self.checked.files += 1,
                }
                self.checked.statements_unread += file.unread;
                self.has_unknown |= file.has_unknown || file.is_unanalyzed;
                self.checked.policies += file.policies;
                self.checked.not_analyzed += file.not_analyzed;
                self.tally.add_all(&file.tally);
                self.seen.matched.extend(&file.places);
                self.seen.used.append(&mut file.used);
                self.looked_at.push(file.path.clone());
                self.told.push(*file);
            }
            Outcome::Skipped { path, document } => {
                self.checked.skipped += 1;
                self.documents.extend(document);
                self.looked_at.push(path);
            }
            Outcome::Unread(file) => self.unread.push(file),
            Outcome::Terraform => self.checked.terraform += 1,
            Outcome::Without(failure) => return Err(failure),
        }
        Ok(())
    }

    /// Whether there is a policy, and nothing that was not read.
    fn is_complete(&self) -> bool {
        let is_all_read =
            [self.checked.statements_unread, self.checked.terraform, self.checked.links] == [0; 3];
        self.checked.policies > 0 && is_all_read && !self.has_unknown
    }

    fn write_baseline(self, task: &Task, terminal: &Terminal) -> Result<Exit, Failure> {
        let Some(known) = task.known.as_ref().filter(|_| self.unread.is_empty()) else {
            return Ok(Exit::Unable);
        };
        let entries = self.told.into_iter().flat_map(|file| file.entries).collect();
        let number = known.write(&self.looked_at, entries, terminal)?;
        let line = |style| human::baseline_written(number, &known.path().display().to_string(), style);
        match is_standard_output(known.path()) {
            true => terminal.comment(&line(terminal.err)),
            false => terminal.report(&line(terminal.out)),
        }
        Ok(Exit::Yes)
    }

    /// What is said of findings that the baseline lists and that are not there any more.
    fn gone(&self, task: &Task) -> String {
        let Some(known) = &task.known else { return String::new() };
        let listed: usize = self.looked_at.iter().map(|path| known.listed(path)).sum();
        match listed.saturating_sub(self.tally.known) {
            0 => String::new(),
            gone => human::gone(gone, &known.path().display().to_string()),
        }
    }
}

fn for_people(task: &Task, run: &Run, alone: bool, style: Style) -> String {
    let Run { told, checked, tally, .. } = run;
    let mut out = String::new();
    if task.quiet {
        let of_file = |file: &Told| match file.is_incomplete() {
            true => format!("{}{}", file.findings, file.line),
            false => file.findings.clone(),
        };
        let mut parts: Vec<String> = told.iter().map(of_file).filter(|part| !part.is_empty()).collect();
        // It decides the exit status.
        let is_said = told.len() == 1 && told.iter().any(Told::is_incomplete);
        let is_passed_over = checked.terraform > 0 || checked.links > 0;
        if (task.options.require_policy && !run.is_complete() && !is_said) || is_passed_over {
            parts.push(human::total_line(checked, None, tally, style));
        }
        return parts.join("\n");
    }
    for (index, file) in told.iter().filter(|file| file.is_worth_a_word()).enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(&file.fixed);
        out.push_str(&file.findings);
        out.push_str(&file.remarks);
        out.push_str(&file.line);
    }
    match told.as_slice() {
        [file] if alone && !file.is_worth_a_word() => out.push_str(&file.line),
        [_] if alone => {}
        _ => {
            if !out.is_empty() {
                out.push('\n');
            }
            let made = human::made(told.iter().flat_map(|file| &file.fixes), !task.options.diff);
            out.push_str(&human::total_line(checked, made.as_deref(), tally, style));
        }
    }
    // The first of the gravest: `max_by_key` would take the last.
    if let Some((_, rule)) = told.iter().filter_map(|file| file.gravest).reduce(graver) {
        out.push_str(&human::why(rule));
    }
    out
}

fn look(task: &Task, found: &Found, style: Style, terminal: &Terminal) -> Outcome {
    let path = &found.path;
    let unread = |message| Outcome::Unread(Unread::new(path, message));
    if !found.named && walk::is_terraform(path) {
        return Outcome::Terraform;
    }
    let is_filter = task.prints_documents() && !task.options.diff;
    // From here on no other run changes the file, until it is written.
    let held = match task.options.fix && !task.options.diff && !is_filter {
        true => match terminal.hold(path) {
            Ok(held) => Some(held),
            Err(failure) => return unread(failure.message),
        },
        false => None,
    };
    let source = match read::read(path) {
        Ok(source) => source,
        Err(error) => return unread(error.to_string()),
    };
    if path == Path::new("-") && source.text().trim().is_empty() {
        return unread(
            "standard input is empty; `polmerge render STEP` prints a policy to start from".to_owned(),
        );
    }
    let configured = match task.config.has_kinds() {
        true => task.config.kind_for(&config::absolute(path)),
        false => None,
    };
    let hints = Hints { configured, ..task.hints() };
    let mut file = document::open(source, &hints);
    // A file that does not parse holds no policy to choose.
    let parses = file.problems.is_empty() || !file.documents.is_empty();
    if let Some(at) = task.options.at.as_ref().filter(|_| parses) {
        match input::meant(file.source.name(), &file.documents, std::slice::from_ref(at), |_| false) {
            Ok(index) => file.keep_only(index),
            Err(failure) => return Outcome::Without(failure),
        }
    }
    let sift = Sift::new(task, path);
    if !task.options.fix {
        return match told(task, &sift, &file, found, None, style) {
            Some(told) => Outcome::Told(Box::new(told)),
            None => Outcome::Skipped { path: path.clone(), document: None },
        };
    }
    let fixed = fix::fix(file, &hints, task.options.narrow, |document| {
        sift.findings(document, Vec::new(), None).findings
    });
    let file = fixed.after.as_ref().unwrap_or(&fixed.before);
    let Some(mut told) = told(task, &sift, file, found, Some(&fixed), style) else {
        let document = is_filter.then(|| file.source.text().to_owned());
        return Outcome::Skipped { path: path.clone(), document };
    };
    if task.options.diff {
        let patch = diff::patch(fixed.before.source.text(), file.source.text(), file.source.name());
        told.document = (!patch.is_empty()).then_some(patch);
    } else if is_filter {
        told.document = Some(file.source.text().to_owned());
    } else if let (Some(held), Some(_)) = (&held, &fixed.after) {
        match held.replace(fixed.before.source.text(), file.source.text()) {
            Ok(lost) => terminal.lost(path, &lost),
            // It is as it was, and so are its findings.
            Err(error) => {
                let message = error.to_string();
                match self::told(task, &sift, &fixed.before, found, None, style) {
                    Some(before) => told = before,
                    None => return unread(message),
                }
                told.unwritten = Some(Unread::new(path, message));
            }
        }
    }
    Outcome::Told(Box::new(told))
}
