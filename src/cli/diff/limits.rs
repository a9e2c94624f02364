//! What the options ask that decide the exit status: `--allowed`, `--forbidden`, `--fail-on-public`, `--exit-code` and
//! `--fail-on-new-access`.

use std::path::PathBuf;

use super::Diff;
use super::open::{file, one_policy, unread, unread_of_new};
use crate::analyze::checks::{Check, Question, names_principal};
use crate::analyze::compare::{Comparison, compare};
use crate::analyze::cover::Scope;
use crate::analyze::space::{Change, together};
use crate::analyze::void::void_list;
use crate::cli::{Failure, input};
use crate::config::Config;
use crate::document::{Because, Document, File, Gives};
use crate::read;
use crate::report::changes::NOWHERE;

/// The policies, read once.
pub(super) struct Limits {
    allowed: Vec<Document>,
    forbidden: Vec<Document>,
    public: bool,
    exit_code: bool,
    new_access: bool,
}

impl Limits {
    pub(super) fn read(diff: &Diff, config: &Config) -> Result<Self, Failure> {
        let read = |paths: &[PathBuf]| -> Result<Vec<Document>, Failure> {
            let one = |path: &PathBuf| {
                let mut file = file(read::read(path)?, path, &diff.hints(), config);
                // `--at` is about the two that are compared.
                if file.documents.len() > 1 {
                    return Err(input::which(file.source.name(), &file.documents));
                }
                let document = one_policy(&mut file, &[])?;
                // The limit may be another one with them.
                unread(None, Some(&file)).map_or(Ok(document), |unread| Err(Failure::new(unread)))
            };
            paths.iter().map(one).collect()
        };
        let forbidden = read(&diff.forbidden)?;
        forbidden.iter().try_for_each(holds_something)?;
        Ok(Limits {
            allowed: read(&diff.allowed)?,
            forbidden,
            public: diff.fail_on_public,
            exit_code: diff.exit_code,
            new_access: diff.fail_on_new_access,
        })
    }

    /// Compares two policies, and looks how the new one stands to each limit, and how the old one did.
    pub(super) fn compare<'d>(
        &self,
        old: &'d Document,
        new: &'d Document,
    ) -> Result<Comparison<'d>, Failure> {
        together(|| {
            let mut comparison = Comparison { checks: self.check(old, new)?, ..compare(old, new) };
            if let Some(what) = old.kept() {
                comparison.keep_old(what, new.source().name() == NOWHERE);
            }
            comparison.keep_old_in_cases();
            comparison.checks.extend(self.of_change(&comparison.change));
            Ok(comparison)
        })
    }

    /// What `--exit-code` and `--fail-on-new-access` ask of a change.
    fn of_change(&self, change: &Change) -> Vec<Check> {
        let more = [change.new_is_more, change.grants_more_by_itself()];
        let differs = [more[0], more[1], change.old_is_more, change.is_otherwise_direct()];
        let exit_code = self.exit_code.then(|| Check::of_change("exit-code", &differs, change));
        let new_access = self.new_access.then(|| Check::of_change("new-access", &more, change));
        exit_code.into_iter().chain(new_access).collect()
    }

    /// The same for the policies of two files, which may hold more that is not read.
    pub(super) fn compare_files<'d>(
        &self,
        old: &'d Document,
        new: &'d Document,
        unread: Option<&str>,
        unread_of_new: Option<&str>,
    ) -> Result<Comparison<'d>, Failure> {
        let mut comparison = self.compare(old, new)?;
        unread.into_iter().for_each(|unread| comparison.leave_open(unread));
        unread_of_new.into_iter().for_each(|unread| comparison.leave_checks_open(unread));
        Ok(comparison)
    }

    /// What a file holds that could fail what is asked of NEW alone, and is not read.
    pub(super) fn unread_of_new(&self, new: Option<&File>) -> Option<String> {
        match (self.allowed.is_empty() && self.forbidden.is_empty(), self.public) {
            (false, _) => unread_of_new(new?, Gives::Access),
            (true, true) => unread_of_new(new?, Gives::PublicAccess),
            (true, false) => None,
        }
    }

    /// The options that decide the exit status, as they are typed; those alone that ask of NEW, or all.
    pub(super) fn options(&self, of_new_alone: bool) -> Vec<String> {
        let files = |name: &str, files: &[Document]| -> Vec<String> {
            files.iter().map(|file| format!("--{name} {}", file.source().name())).collect()
        };
        let of_change = [(self.exit_code, "--exit-code"), (self.new_access, "--fail-on-new-access")];
        let of_change = of_change.into_iter().filter(|(asked, _)| *asked && !of_new_alone);
        let mut options = files("allowed", &self.allowed);
        options.extend(files("forbidden", &self.forbidden));
        options.extend(self.public.then(|| "--fail-on-public".to_owned()));
        options.extend(of_change.map(|(_, option)| option.to_owned()));
        options
    }

    fn check(&self, old: &Document, new: &Document) -> Result<Vec<Check>, Failure> {
        let all = self.allowed.iter().chain(&self.forbidden);
        all.clone().try_for_each(|limit| fits(limit, new))?;
        let allowed = self.allowed.iter().map(Question::Allowed);
        let forbidden = self.forbidden.iter().map(Question::Forbidden);
        let public = self.public.then_some(Question::Public);
        Ok(allowed.chain(forbidden).chain(public).map(|question| question.ask(old, new)).collect())
    }
}

/// Refuses a list of which some part forbids nothing: a check of nothing would always pass.
fn holds_something(limit: &Document) -> Result<(), Failure> {
    let scope = Scope { kind: limit.kind, resource: None };
    match void_list(&limit.policy.statements, scope) {
        None => Ok(()),
        Some(why) => {
            Err(Failure::new(format!("`{}` does not say what is forbidden: {why}", limit.source().name()))
                .help("write what no one may do as statements with \"Effect\": \"Allow\""))
        }
    }
}

/// Policies of different kinds say nothing about each other. One that names nobody is about everyone.
fn fits(limit: &Document, new: &Document) -> Result<(), Failure> {
    let open = limit.because == Because::Default || !names_principal(limit);
    if open || limit.kind == new.kind {
        return Ok(());
    }
    let (name, kind) = (limit.source().name(), limit.kind.with_article());
    let (new, other) = (new.source().name(), new.kind.with_article());
    Err(Failure::new(format!("`{name}` is {kind}, `{new}` is {other}"))
        .help("say which with --kind, or leave `Principal` out of it: then it is about everyone"))
}
