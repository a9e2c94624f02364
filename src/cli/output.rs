//! What was done to a document is said, and what is to be written is written: for every command that changes one.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use json_patch::{PatchOperation, ReplaceOperation, jsonptr::PointerBuf};

use super::choice::Format;
use super::{Exit, Failure, Terminal};
use crate::apply::Verdict;
use crate::document::Document;
use crate::kind::Kind;
use crate::policy::is_function_name;
use crate::read::write::{self, Held, is_opened_as, is_stream};
use crate::report::json;
use crate::report::style::{Role, Style};
use crate::report::wrap::hanging;
use crate::source::Source;
use crate::spelling::capital;

/// Where it goes, and in which form.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Write the file itself, all at once; an unchanged file is not touched
    #[arg(short, long, group = "target")]
    in_place: bool,
    /// Write to FILE instead of standard output; `-` is standard output
    #[arg(short, long, value_name = "FILE", group = "target")]
    output: Option<PathBuf>,
    /// Write nothing; exit with 1 if there is something to change
    #[arg(long, group = "target")]
    check: bool,
    /// Print only the patch
    #[arg(long, group = "target")]
    diff: bool,
    /// Show everything, then ask on the terminal before anything is written
    #[arg(long, conflicts_with_all = ["check", "diff"])]
    ask: bool,
    /// What to print; by default the file with the policy changed in place (same) for templates and files with
    /// several policies or documents, else the bare policy
    #[arg(long, value_enum, value_name = "FORM")]
    emit: Option<Emit>,
    /// How to report: for people, or as JSON on standard output in place of the policy
    #[arg(long, value_enum, default_value = "human", value_name = "FORMAT")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Emit {
    /// The bare policy
    Policy,
    /// The file as it came, envelope and all
    Same,
    /// What the put command of the AWS CLI takes from file:///dev/stdin
    Cli,
    /// The change as RFC 6902, of the policy; of a template, that of the file
    JsonPatch,
}

/// What a command came to.
pub(super) trait Outcome {
    fn verdict(&self) -> Verdict;
    /// The file as it was.
    fn before(&self) -> &Source;
    /// The file as it would be.
    fn text(&self) -> &str;
    fn refusals(&self) -> &[String];
    /// What is printed or written.
    fn emitted(&self, emit: Emit) -> String;
    /// What is emitted unless something is asked for.
    fn default_emit(&self) -> Emit;
    /// Why the file must not be written with the change in it.
    fn not_to_be_edited(&self) -> Option<Failure> {
        None
    }
    /// Why what is emitted would be no policy.
    fn left_open(&self, emit: Emit) -> Option<Failure>;
    /// What is emitted, in a word.
    fn word(&self, emit: Emit) -> &'static str;
    /// The commentary, but for the last line.
    fn commentary(&self, style: Style) -> String;
    /// What is to be done, in one line.
    fn check_line(&self) -> String;
    fn json(&self, pending: bool) -> String;
    /// `1 statement added`
    fn what_changed(&self) -> String;
    /// How much there is now, if that is worth a word.
    fn size(&self) -> Option<String>;
    /// What is said where a Sid or the like is taken.
    fn conflict(&self) -> Failure;
    /// What is said last where it is not proved.
    fn not_proved(&self) -> &'static str {
        "The change is not proved; --allow not-proved lets it through. Nothing was written."
    }

    fn changes(&self) -> bool {
        self.text() != self.before().text()
    }
}

impl OutputArgs {
    /// The file to write to; `None` for standard output.
    fn file(&self) -> Option<&PathBuf> {
        self.output.as_ref().filter(|path| !is_standard(path))
    }

    /// Whether the options go together.
    pub(super) fn check_options(&self, file: &Path) -> Result<(), Failure> {
        if self.in_place && file == Path::new("-") {
            return Err(Failure::new("standard input cannot be written in place")
                .help("leave --in-place out, or name a file"));
        }
        if self.in_place && self.emit.is_some_and(|emit| emit != Emit::Same) {
            return Err(Failure::new("--in-place writes the file as it is (--emit same), nothing else"));
        }
        if self.ask && self.format == Format::Json {
            return Err(Failure::new("--ask shows the change to a person, and --format json does not")
                .help("leave one of them out"));
        }
        Ok(())
    }

    /// Locks the file, before it is read, if it is to be written.
    pub(super) fn hold(&self, file: &Path, terminal: &Terminal) -> Result<Option<Held>, Failure> {
        // It was opened before it could be locked.
        if let Some(output) = self.file().filter(|output| is_opened_as(file, output)) {
            let name = output.display();
            return Err(Failure::new(format!(
                "`{name}` is standard input, so that -o cannot write it safely"
            ))
            .help(format!("name the file: {name} --in-place"))
            .help("Nothing was written."));
        }
        let is_file = |output: &PathBuf| {
            let target = output.canonicalize();
            target.is_ok_and(|target| file.canonicalize().is_ok_and(|file| file == target))
        };
        let is_written = self.in_place || self.file().is_some_and(is_file);
        if is_written && !(self.file().is_some() && is_stream(file)) {
            return terminal.hold(file).map(Some);
        }
        Ok(None)
    }

    /// Says what happened to a file, writes what is to be written.
    pub(super) fn finish(
        &self,
        (file, held): (&Path, Option<&Held>),
        outcome: &dyn Outcome,
        terminal: &Terminal,
    ) -> Result<Exit, Failure> {
        if self.diff {
            return Ok(print_diff(outcome, terminal));
        }
        let exit = self.exit(outcome);
        let verdict = outcome.verdict();
        if let Some(failure) = outcome.not_to_be_edited()
            && verdict == Verdict::Changed
            && self.form(outcome) == Emit::Same
            && !self.check
        {
            return Err(failure);
        }
        let is_emitted = exit == Exit::Yes && !self.check;
        if let Some(failure) = outcome.left_open(self.form(outcome))
            && is_emitted
            && (self.format != Format::Json || self.file().is_some())
        {
            return Err(failure);
        }
        if self.format == Format::Json {
            let text = outcome.json(exit == Exit::No && verdict == Verdict::Changed);
            if exit == Exit::Yes && !self.check {
                self.write_files((file, held), outcome, terminal)?;
            }
            terminal.document(&text)?;
            return Ok(exit);
        }
        if self.check && !matches!(verdict, Verdict::Refused | Verdict::NotProved) {
            let line = terminal.err.paint(Role::Strong, &outcome.check_line());
            terminal.comment(&format!("{line}\n"));
            return Ok(exit);
        }
        let commentary = outcome.commentary(terminal.err);
        if self.ask && exit == Exit::Yes && outcome.changes() {
            terminal.comment(&commentary);
            if !confirmed()? {
                terminal.comment(&format!(
                    "\n{}\n",
                    terminal.err.paint(Role::Strong, "Not confirmed. Nothing was written.")
                ));
                return Ok(Exit::No);
            }
            let done = self.write((file, held), outcome, terminal)?;
            terminal.comment(&format!("\n{}", hanging("", 0, &done, terminal.err, Some(Role::Strong))));
            return Ok(exit);
        }
        // The document first, so that the closing line is true when it appears.
        let closing = match exit {
            Exit::Yes => self.write((file, held), outcome, terminal)?,
            _ => refused_line(outcome),
        };
        let closing = hanging("", 0, &closing, terminal.err, Some(Role::Strong));
        terminal.comment(&format!("{commentary}\n{closing}"));
        // What decides the exit status is printed in any case.
        if terminal.quiet && verdict == Verdict::NotProved {
            terminal.failure(&Failure::new(closing));
        } else if terminal.quiet && verdict == Verdict::Refused {
            outcome.refusals().iter().for_each(|refusal| terminal.failure(&Failure::new(refusal.as_str())));
        }
        if verdict == Verdict::Conflict {
            return Err(outcome.conflict());
        }
        Ok(exit)
    }

    fn exit(&self, outcome: &dyn Outcome) -> Exit {
        match outcome.verdict() {
            Verdict::Unchanged => Exit::Yes,
            Verdict::Changed if self.check => Exit::No,
            Verdict::Changed => Exit::Yes,
            Verdict::Refused => Exit::No,
            Verdict::NotProved => Exit::Undecided,
            Verdict::Conflict => Exit::Unable,
        }
    }

    /// The form in which the document is printed or written.
    fn form(&self, outcome: &dyn Outcome) -> Emit {
        match (self.emit, self.in_place) {
            (Some(emit), _) => emit,
            (None, true) => Emit::Same,
            (None, false) => outcome.default_emit(),
        }
    }

    /// What is printed or written.
    fn emitted(&self, outcome: &dyn Outcome) -> String {
        outcome.emitted(self.form(outcome))
    }

    /// Writes files, if the document goes to one. Whether it did, and what was done.
    fn write_files(
        &self,
        (file, held): (&Path, Option<&Held>),
        outcome: &dyn Outcome,
        terminal: &Terminal,
    ) -> Result<Option<String>, Failure> {
        let (path, text) = match (self.file(), self.in_place) {
            (Some(path), _) => (path.as_path(), self.emitted(outcome)),
            (None, true) if outcome.changes() => (file, self.emitted(outcome)),
            (None, true) => {
                return Ok(Some(format!("Nothing to change. {} was not touched.", file.display())));
            }
            (None, false) => return Ok(None),
        };
        let lost = match held {
            Some(held) => held.replace(outcome.before().text(), &text)?,
            None => write::put(path, &text)?,
        };
        terminal.lost(path, &lost);
        let path = path.display();
        Ok(Some(match outcome.changes() {
            true => {
                let size = outcome.size().map_or(String::new(), |size| format!(": {size}"));
                format!("{}. Written to {path}{size}.", capital(&outcome.what_changed()))
            }
            false if text == outcome.before().text() => {
                format!("Nothing to change. Written to {path} as it came, byte for byte.")
            }
            false => {
                let what = outcome.word(self.form(outcome));
                format!("Nothing to change. {what} written to {path}.")
            }
        }))
    }

    /// Writes the document where it goes and says so in one sentence.
    fn write(
        &self,
        target: (&Path, Option<&Held>),
        outcome: &dyn Outcome,
        terminal: &Terminal,
    ) -> Result<String, Failure> {
        if let Some(done) = self.write_files(target, outcome, terminal)? {
            return Ok(done);
        }
        let text = self.emitted(outcome);
        terminal.document(&text)?;
        let what = outcome.word(self.form(outcome));
        Ok(match outcome.changes() {
            true => {
                let size = outcome.size().map_or(String::new(), |size| format!(": {size}"));
                format!("{}. {what} written to standard output{size}.", capital(&outcome.what_changed()))
            }
            false if text == outcome.before().text() => {
                format!("Nothing to change. {what} written to standard output as it came, byte for byte.")
            }
            false => format!("Nothing to change. {what} written to standard output."),
        })
    }
}

/// Whether a name after `-o` stands for standard output.
pub(super) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// A policy in the form asked for, given the whole file and the change.
pub(super) fn emitted(emit: Emit, after: &Document, text: &str, patch: &json_patch::Patch) -> String {
    match emit {
        Emit::Same => text.to_owned(),
        // The only command whose option takes a map of attributes.
        Emit::Cli if after.kind == Kind::Sqs => json::line(&serde_json::json!({ "Policy": after.bare() })),
        Emit::Policy | Emit::Cli => after.bare(),
        Emit::JsonPatch if after.is_template() && !after.is_made_by_terraform() => {
            json::pretty(&on_file(patch, after, text))
        }
        Emit::JsonPatch => json::pretty(patch),
    }
}

/// The change of a policy as one of the file that it is in; `text` is the file as it is afterwards.
fn on_file(patch: &json_patch::Patch, after: &Document, text: &str) -> json_patch::Patch {
    let place = after.pointer();
    if after.is_plain() {
        let below = |pointer: &mut PointerBuf| {
            *pointer = PointerBuf::parse(format!("{place}{pointer}")).unwrap_or_default();
        };
        let mut patch = patch.clone();
        for operation in &mut patch.0 {
            match operation {
                PatchOperation::Add(add) => below(&mut add.path),
                PatchOperation::Remove(remove) => below(&mut remove.path),
                PatchOperation::Replace(replace) => below(&mut replace.path),
                PatchOperation::Move(moved) => [&mut moved.from, &mut moved.path].into_iter().for_each(below),
                PatchOperation::Copy(copy) => [&mut copy.from, &mut copy.path].into_iter().for_each(below),
                PatchOperation::Test(test) => below(&mut test.path),
            }
        }
        return patch;
    }
    // What is written as text in the file is replaced whole.
    let file: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let ends = place.match_indices('/').map(|(end, _)| end).skip(1).chain([place.len()]);
    let found = ends.map_while(|end| Some((place.get(..end)?, file.pointer(place.get(..end)?)?))).last();
    let (pointer, value) =
        found.map_or((place, after.text().into()), |(pointer, value)| (pointer, value.clone()));
    let path = PointerBuf::parse(pointer).unwrap_or_default();
    match patch.0.is_empty() {
        true => json_patch::Patch(Vec::new()),
        false => json_patch::Patch(vec![PatchOperation::Replace(ReplaceOperation { path, value })]),
    }
}

/// What is emitted of a policy unless something is asked for: never a bare policy over a file with more in it.
pub(super) fn default_emit(before: &Document) -> Emit {
    match before.is_template() || before.is_one_of_several() {
        true => Emit::Same,
        false => Emit::Policy,
    }
}

/// Why a file with a policy must not be edited.
pub(super) fn not_to_be_edited(before: &Document) -> Option<Failure> {
    let envelope = before.envelope().filter(|_| before.is_made_by_terraform())?;
    Some(
        Failure::new(format!(
            "`{}` is {envelope}: Terraform does not read it back, so editing it changes nothing",
            before.source().name()
        ))
        .help("change the policy in the configuration, then plan again")
        .help("--emit policy prints the changed policy alone, --emit json-patch the change")
        .help("Nothing was written."),
    )
}

/// Why the policy of a template is none without the rest of it: functions and names in it are still to be filled in.
pub(super) fn left_open(after: &Document, emit: Emit) -> Option<Failure> {
    let unknown = || {
        let mut open = vec![&after.tree];
        let mut functions = std::iter::from_fn(|| {
            let node = open.pop()?;
            open.extend(node.items().iter().chain(node.members().iter().map(|member| &member.value)));
            let names = node.members().iter().map(|member| member.key.text(after.text()).into_owned());
            Some(names.filter(|name| is_function_name(name)).map(|name| (name, node.span)).next())
        });
        let function = functions.find_map(|found| found);
        let mut holes = after.policy.statements.iter().flat_map(|statement| statement.unknowns());
        let first = || holes.next().map(|(label, span)| (label.to_owned(), span));
        let (label, span) = function.or_else(first)?;
        Some((label, after.source().place(after.in_file(span))))
    };
    let is_bare = matches!(emit, Emit::Policy | Emit::Cli) && after.is_template();
    let (label, place) = is_bare.then(unknown).flatten()?;
    Some(
        Failure::new(format!(
            "the policy alone would not be one that AWS takes: `{label}` at {place} is still to be filled in"
        ))
        .help("--emit same prints the template with the policy changed in it")
        .help("Nothing was written."),
    )
}

/// What is emitted of a policy, in a word.
pub(super) fn word(emit: Emit, before: &Document) -> &'static str {
    match emit {
        Emit::JsonPatch => "Patch",
        Emit::Same if before.is_template() => "File",
        Emit::Same if before.envelope().is_some() => "Answer",
        _ => "Policy",
    }
}

fn print_diff(outcome: &dyn Outcome, terminal: &Terminal) -> Exit {
    match outcome.verdict() {
        Verdict::NotProved => {
            terminal.failure(&Failure::new(refused_line(outcome)));
            Exit::Undecided
        }
        verdict @ (Verdict::Refused | Verdict::Conflict) => {
            for refusal in outcome.refusals() {
                terminal.failure(&Failure::new(refusal.clone()));
            }
            if verdict == Verdict::Conflict {
                terminal.failure(&outcome.conflict());
                return Exit::Unable;
            }
            Exit::No
        }
        _ => {
            let before = outcome.before();
            terminal.patch(before.text(), outcome.text(), before.name());
            Exit::Yes
        }
    }
}

fn refused_line(outcome: &dyn Outcome) -> String {
    match outcome.verdict() {
        Verdict::Conflict => "There is a conflict. Nothing was written.".to_owned(),
        Verdict::NotProved => outcome.not_proved().to_owned(),
        _ => "The change is refused. Nothing was written.".to_owned(),
    }
}

/// Asks on the terminal, wherever the streams lead.
fn confirmed() -> Result<bool, Failure> {
    let none = || {
        Failure::new("--ask needs a terminal to ask on, and there is none")
            .help("leave --ask out where nobody can answer")
            .help("Nothing was written.")
    };
    let tty = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(|_| none())?;
    if !tty.is_terminal() {
        return Err(none());
    }
    let mut answer = String::new();
    (&tty).write_all(b"\nMake this change? [y/N] ").map_err(|_| none())?;
    std::io::BufReader::new(&tty).read_line(&mut answer).map_err(|_| none())?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
