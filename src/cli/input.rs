//! Which policy of a file a command is about, for commands that change one.

use std::path::Path;

use clap::Args;

use super::choice::{arn, pointer};
use super::{Failure, Terminal, config};
use crate::config::Config;
use crate::document::{self, Document, Hints};
use crate::kind::Kind;
use crate::parse::ProblemKind;
use crate::read;
use crate::report::human;
use crate::report::wrap::count;

/// What is said of the policy besides its kind.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Input")]
pub(super) struct InputArgs {
    /// What the policy is attached to: the ARN of the key, bucket, topic, queue or role
    #[arg(long, value_name = "ARN", value_parser = arn)]
    pub(super) resource: Option<String>,
    /// The policy at this JSON pointer, in a file with several
    #[arg(long, value_name = "POINTER", value_parser = pointer)]
    pub(super) at: Option<String>,
}

impl InputArgs {
    /// Reads a file, whose kind may have been said, and picks the policy in it: of several, the one that
    /// `--at` names, or the only one that `fits`. `empty` says what is amiss where there is nothing at all,
    /// given the file's name.
    pub(super) fn open(
        &self,
        (path, kind): (&Path, Option<Kind>),
        config: &Config,
        fits: impl Fn(&Document) -> bool,
        empty: impl FnOnce(&str) -> Failure,
        terminal: &Terminal,
    ) -> Result<Document, Failure> {
        let source = read::read(path)?;
        let name = source.name().to_owned();
        if source.text().trim().is_empty() {
            return Err(empty(&name));
        }
        let configured = config.kind_for(&config::absolute(path));
        let hints = Hints { kind, configured, resource: self.resource.clone() };
        let mut file = document::open(source, &hints);
        if !file.problems.is_empty() {
            let yaml = file.problems.iter().any(|problem| matches!(problem.kind, ProblemKind::Yaml(_)));
            let document = file.documents.pop().unwrap_or_else(|| file.whole(&hints));
            terminal.comment(&problems(&document, terminal));
            let language = if yaml { "YAML" } else { "JSON" };
            return Err(
                Failure::new(format!("`{name}` is not valid {language}")).help("Nothing was written.")
            );
        }
        if file.documents.is_empty() {
            return Err(Failure::new(format!("`{name}` holds no policy"))
                .help("a policy is an object with a `Statement`, bare, in an answer of the AWS CLI, a template or a plan")
                .help("Nothing was written."));
        }
        // Whether the only policy there is fits is said with the reason, later.
        let index = meant(&name, &file.documents, self.at.as_slice(), fits)
            .map_err(|failure| failure.help("").help("Nothing was written."))?;
        Ok(file.documents.swap_remove(index))
    }
}

/// Which of the policies of a file is meant: the one at a pointer, else the only one, else the only one that `fits`.
/// Of several pointers, one that is none of this file is for another.
pub(super) fn meant(
    name: &str,
    documents: &[Document],
    at: &[String],
    fits: impl Fn(&Document) -> bool,
) -> Result<usize, Failure> {
    let only = |is_meant: &dyn Fn(&Document) -> bool| {
        let mut meant = (0..documents.len()).filter(|&index| is_meant(&documents[index]));
        meant.next().filter(|_| meant.next().is_none())
    };
    let is_named = |document: &Document| at.iter().any(|pointer| pointer == document.pointer());
    match documents.len() {
        0 => Err(Failure::new(format!("`{name}` holds no policy"))),
        1 if at.is_empty() => Ok(0),
        _ if at.is_empty() => only(&fits).ok_or_else(|| choose(name, documents, at)),
        _ => only(&is_named).ok_or_else(|| choose(name, documents, at)),
    }
}

/// The policies of a file, to choose one from.
pub(super) fn choose(name: &str, documents: &[Document], at: &[String]) -> Failure {
    let is_there = |pointer: &&String| documents.iter().any(|document| document.pointer() == **pointer);
    let failure = Failure::new(match at.iter().find(|pointer| !is_there(pointer)) {
        Some(pointer) => format!("`{name}` holds no policy at `{pointer}`: choose one with --at"),
        None => format!("choose a policy of `{name}` with --at"),
    });
    let lines = documents.iter().map(|document| format!("  --at {}", place(document)));
    lines.fold(failure.help(""), Failure::help)
}

/// The policies of a file of which one is asked for, where `--at` is about other files.
pub(super) fn which(name: &str, documents: &[Document]) -> Failure {
    let count = count(documents.len(), "policy");
    let failure = Failure::new(format!("`{name}` holds {count}: which one?")).help("");
    let lines = documents.iter().map(|document| format!("  {}", place(document)));
    let failure = lines.fold(failure, Failure::help).help("");
    failure.help("write the one that is meant into a file of its own")
}

/// Where a policy is, and what it is.
fn place(document: &Document) -> String {
    let line = document.source().position(document.in_file(document.tree.span).start as usize).line;
    format!("{}   {}, line {line}", document.pointer(), document.kind.with_article())
}

/// What keeps a document from being changed.
pub(super) fn problems(document: &Document, terminal: &Terminal) -> String {
    let problems: Vec<(&Document, crate::diagnostic::Diagnostic)> =
        document.problems.iter().take(5).map(|problem| (document, problem.clone())).collect();
    human::findings(&problems, terminal.err)
}
