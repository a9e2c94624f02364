//! What was done is said, and what is to be written is written.

use std::io::{BufRead, IsTerminal, Write};

use super::prepare::Prepared;
use super::{Apply, Emit};
use crate::apply::{Applied, Verdict};
use crate::cli::choice::Format;
use crate::cli::{Exit, Failure, Terminal};
use crate::kind::Kind;
use crate::merge::Outcome;
use crate::read::write;
use crate::report::style::Role;
use crate::report::{apply as report, apply_json, diff};
use crate::steps::Packs;

impl Apply {
    /// Says what happened, writes what is to be written.
    pub(super) fn finish(
        &self,
        applied: &Applied,
        prepared: &Prepared,
        packs: &Packs,
        terminal: &Terminal,
    ) -> Result<Exit, Failure> {
        if self.diff {
            return Ok(self.print_diff(applied, terminal));
        }
        let titled = prepared.additions.iter().chain(&prepared.removals);
        let steps: Vec<(String, String)> =
            titled.map(|addition| (addition.name.clone(), addition.title.clone())).collect();
        let facts = report::Facts {
            packs,
            steps: &steps,
            values: &prepared.used,
            warnings: &prepared.warnings,
            variant: self.variant.as_deref(),
        };
        let commentary = report::commentary(applied, &facts, terminal.err);
        let exit = self.exit(applied);
        if self.format == Format::Json {
            let text = apply_json::report(applied, exit == Exit::No && applied.verdict == Verdict::Changed);
            if exit == Exit::Yes && !self.check {
                self.write_files(applied)?;
            }
            terminal.document(&text)?;
            return Ok(exit);
        }
        if self.check && !matches!(applied.verdict, Verdict::Refused | Verdict::NotProved) {
            terminal.comment(&check_line(applied, &steps, terminal));
            return Ok(exit);
        }
        if self.ask && exit == Exit::Yes && applied.changes() {
            terminal.comment(&commentary);
            if !confirmed()? {
                terminal.comment(&format!(
                    "\n{}\n",
                    terminal.err.paint(Role::Strong, "Not confirmed. Nothing was written.")
                ));
                return Ok(Exit::No);
            }
            let done = self.write(applied, terminal)?;
            terminal.comment(&format!("\n{}\n", terminal.err.paint(Role::Strong, &done)));
            return Ok(exit);
        }
        // The document first, so that the closing line is true when it appears.
        let closing = match exit {
            Exit::Yes => self.write(applied, terminal)?,
            _ => refused_line(applied),
        };
        terminal.comment(&format!("{commentary}\n{}\n", terminal.err.paint(Role::Strong, &closing)));
        if applied.verdict == Verdict::Conflict {
            return Err(conflict(applied));
        }
        Ok(exit)
    }

    fn exit(&self, applied: &Applied) -> Exit {
        match applied.verdict {
            Verdict::Unchanged => Exit::Yes,
            Verdict::Changed if self.check => Exit::No,
            Verdict::Changed => Exit::Yes,
            Verdict::Refused => Exit::No,
            Verdict::NotProved => Exit::Undecided,
            Verdict::Conflict => Exit::Unable,
        }
    }

    fn print_diff(&self, applied: &Applied, terminal: &Terminal) -> Exit {
        match applied.verdict {
            Verdict::NotProved => {
                terminal.failure(&Failure::new(refused_line(applied)));
                Exit::Undecided
            }
            Verdict::Refused | Verdict::Conflict => {
                for refusal in &applied.refusals {
                    terminal.failure(&Failure::new(refusal.clone()));
                }
                if applied.verdict == Verdict::Conflict {
                    terminal.failure(&conflict(applied));
                    return Exit::Unable;
                }
                Exit::No
            }
            _ => {
                let name = applied.before.source().name();
                terminal.report(&diff::unified(
                    applied.before.source().text(),
                    &applied.text,
                    name,
                    terminal.out,
                ));
                Exit::Yes
            }
        }
    }

    /// What is printed or written: the document in the form asked for.
    fn emitted(&self, applied: &Applied) -> String {
        let same = if self.in_place { Emit::Same } else { Emit::Policy };
        match self.emit.unwrap_or(same) {
            Emit::Policy => applied.after.bare(),
            Emit::Same => applied.text.clone(),
            Emit::Cli => match applied.after.kind {
                // The only command whose option takes a map of attributes.
                Kind::Sqs => {
                    format!("{}\n", serde_json::json!({ "Policy": applied.after.bare() }))
                }
                _ => applied.after.bare(),
            },
            Emit::JsonPatch => match serde_json::to_string_pretty(&applied.patch) {
                Ok(patch) => format!("{patch}\n"),
                Err(_) => String::new(),
            },
        }
    }

    /// Writes files, if the document goes to one. Whether it did, and what was done.
    fn write_files(&self, applied: &Applied) -> Result<Option<String>, Failure> {
        let (path, text) = match (&self.output, self.in_place) {
            (Some(path), _) => (path, self.emitted(applied)),
            (None, true) if applied.changes() => (&self.file, self.emitted(applied)),
            (None, true) => {
                return Ok(Some(format!("Nothing to change. {} was not touched.", self.file.display())));
            }
            (None, false) => return Ok(None),
        };
        write::replace(path, &text)?;
        let path = path.display();
        Ok(Some(match applied.changes() {
            true => format!(
                "{}. Written to {path}: {}.",
                capital(&report::what_changed(applied)),
                report::size(applied)
            ),
            false => format!("Nothing to change. Written to {path} as it came."),
        }))
    }

    /// Writes the document where it goes and says so in one sentence.
    fn write(&self, applied: &Applied, terminal: &Terminal) -> Result<String, Failure> {
        if let Some(done) = self.write_files(applied)? {
            return Ok(done);
        }
        let text = self.emitted(applied);
        terminal.document(&text)?;
        let what = match self.emit {
            Some(Emit::JsonPatch) => "Patch",
            Some(Emit::Same) if applied.before.envelope().is_some() => "Answer",
            _ => "Policy",
        };
        Ok(match applied.changes() {
            true => format!(
                "{}. {what} written to standard output: {}.",
                capital(&report::what_changed(applied)),
                report::size(applied)
            ),
            false if text == applied.before.source().text() => {
                format!("Nothing to change. {what} written to standard output as it came, byte for byte.")
            }
            false => format!("Nothing to change. {what} written to standard output as it was in the answer."),
        })
    }
}
fn check_line(applied: &Applied, steps: &[(String, String)], terminal: &Terminal) -> String {
    let name = applied.before.source().name();
    let names: Vec<&str> = steps.iter().map(|(name, _)| name.as_str()).collect();
    let lacking: Vec<&str> = steps
        .iter()
        .filter(|(name, _)| {
            let mut decisions = applied.merge.decisions.iter().filter(|decision| decision.step == *name);
            decisions.any(|decision| decision.outcome.changes() || decision.outcome == Outcome::Conflict)
        })
        .map(|(name, _)| name.as_str())
        .collect();
    let is = |names: &[&str]| if names.len() == 1 { "is" } else { "are" };
    let line = match applied.verdict {
        Verdict::Changed => {
            let changed = report::what_changed(applied)
                .replace(" added", " would be added")
                .replace(" removed", " would be removed")
                .replace(" replaced", " would be replaced")
                .replace(" filled", " would be filled");
            let removing = applied
                .merge
                .decisions
                .iter()
                .all(|decision| decision.outcome == Outcome::Removed || !decision.outcome.changes());
            let state = match (lacking.is_empty(), removing) {
                (true, _) => String::new(),
                (false, true) => format!("{} {} still there; ", lacking.join(", "), is(&lacking)),
                (false, false) => format!("{} {} missing; ", lacking.join(", "), is(&lacking)),
            };
            format!("{name}: {state}{changed}. Nothing was written.")
        }
        Verdict::Conflict => {
            format!("{name}: the Sid of {} is taken. Nothing was written.", lacking.join(", "))
        }
        _ if names.is_empty() => format!("{name}: nothing to change."),
        _ => format!("{name}: {} {} there. Nothing to change.", names.join(", "), is(&names)),
    };
    format!("{}\n", terminal.err.paint(Role::Strong, &line))
}

fn refused_line(applied: &Applied) -> String {
    match applied.verdict {
        Verdict::Conflict => "A Sid is taken. Nothing was written.".to_owned(),
        Verdict::NotProved => {
            "The change is not proved; --allow not-proved lets it through. Nothing was written.".to_owned()
        }
        _ => "The change is refused. Nothing was written.".to_owned(),
    }
}

fn conflict(applied: &Applied) -> Failure {
    let first = applied.merge.decisions.iter().find(|decision| decision.outcome == Outcome::Conflict);
    let (step, sid) = first
        .map_or(("", ""), |decision| (decision.step.as_str(), decision.new.statement.sid().unwrap_or("")));
    Failure::new(format!("{step}: a statement with the Sid \"{sid}\" is there and means something else"))
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => "Nothing changed".to_owned(),
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
