//! What becomes of findings before they are told: some are suppressed, some are known, some are too minor.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Task;
use crate::cli::output::is_standard;
use crate::cli::{Failure, Terminal, config};
use crate::diagnostic::Diagnostic;
use crate::document::{Document, open_other};
use crate::lint::baseline::{Baseline, Entries, Entry, known, leave_out};
use crate::lint::suppress::{Comments, Idle, Suppression, UNUSED, comments, suppress, unused};
use crate::lint::{Limits, lint_within, rules};
use crate::read;
use crate::read::write::{self, Held, is_standard_output, is_stream};
use crate::source::Source;
use crate::span::Span;

/// The baseline and where it lies.
pub(super) struct Known {
    path: PathBuf,
    folder: PathBuf,
    baseline: Baseline,
    /// If it is to be written: the lock on it, and what it held.
    before: Option<(Held, String)>,
}

impl Known {
    /// Reads a baseline; to be written anew, there need not be one yet.
    pub(super) fn load(path: &Path, anew: bool, terminal: &Terminal) -> Result<Self, Failure> {
        if is_standard(path) {
            return Err(Failure::new("`--baseline` takes the name of a file, not `-`")
                .help("write ./- for a file of that name"));
        }
        let mut before = None;
        let baseline = match anew && (is_stream(path) || !path.exists()) {
            true => Baseline::default(),
            false => {
                let held = if anew { Some(terminal.hold(path)?) } else { None };
                let source = read::settings(path).map_err(|error| {
                    Failure::new(error.to_string()).help(format!(
                        "to begin one: polmerge lint --baseline {} --write-baseline",
                        path.display()
                    ))
                })?;
                before = held.map(|held| (held, source.text().to_owned()));
                Baseline::parse(source.text())
                    .map_err(|error| Failure::new(format!("`{}` is {error}", path.display())))?
            }
        };
        // What comes out of standard output is most likely put into a file here.
        let beside = if is_standard_output(path) { Path::new("baseline") } else { path };
        let folder = config::absolute(beside).parent().map_or_else(PathBuf::new, Path::to_owned);
        Ok(Known { path: path.to_owned(), folder, baseline, before })
    }

    /// A file as the baseline calls it: from its own folder, so that it counts wherever polmerge is run.
    fn name(&self, path: &Path) -> String {
        if path == Path::new("-") {
            return "-".to_owned();
        }
        let path = config::absolute(path);
        let Ok(below) = path.strip_prefix(&self.folder) else { return path.to_string_lossy().into_owned() };
        let parts = below.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
        parts.collect::<Vec<_>>().join("/")
    }

    /// How many findings of a file it lists.
    pub(super) fn listed(&self, path: &Path) -> usize {
        self.baseline.of(&self.name(path)).len()
    }

    /// Writes it anew: with these findings of the files that were looked at, and the old ones of others
    /// that are still there. How many it lists then.
    pub(super) fn write(
        &self,
        looked_at: &[PathBuf],
        entries: Vec<Entry>,
        terminal: &Terminal,
    ) -> Result<usize, Failure> {
        let looked_at: BTreeSet<String> = looked_at.iter().map(|path| self.name(path)).collect();
        let kept = self
            .baseline
            .entries()
            .filter(|entry| !looked_at.contains(&entry.path) && self.folder.join(&entry.path).exists());
        let baseline = Baseline::new(kept.cloned().chain(entries));
        let lost = match &self.before {
            Some((held, before)) => held.replace(before, &baseline.text())?,
            None => write::create(&self.path, &baseline.text())?,
        };
        terminal.lost(&self.path, &lost);
        Ok(baseline.entries().count())
    }

    /// The file, as it was typed.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// What is to be left out of one file.
pub(super) struct Sift<'t> {
    task: &'t Task,
    /// The file as the baseline calls it, or as it was typed.
    name: String,
    /// Places of its suppressions in the configuration.
    pub(super) places: Vec<usize>,
    suppressions: Vec<&'t Suppression>,
    known: &'t [Entry],
}

/// What is left of the findings of a policy.
pub(super) struct Sifted {
    pub(super) findings: Vec<Diagnostic>,
    /// For each finding that was suppressed by the configuration, the place there of what did it.
    pub(super) used: Vec<usize>,
    /// What the comments of the file, or of the policy's part of it, ask for.
    pub(super) comments: Comments,
    /// For each finding that was suppressed by one of them, where that stands.
    pub(super) used_comments: Vec<Span>,
    /// How many the baseline lists.
    pub(super) known: usize,
    /// How many are under the level that is asked for.
    pub(super) minor: usize,
}

impl<'t> Sift<'t> {
    pub(super) fn new(task: &'t Task, path: &Path) -> Self {
        let places = match task.config.suppressions.is_empty() {
            true => Vec::new(),
            false => task.config.suppressions_for(&config::absolute(path)),
        };
        let suppressions = places.iter().map(|&at| &task.config.suppressions[at].suppression).collect();
        let name = task.known.as_ref().map_or_else(|| path.display().to_string(), |known| known.name(path));
        let known = match &task.known {
            // What is written anew is told whole.
            Some(known) if !task.options.write_baseline => known.baseline.of(&name),
            _ => &[],
        };
        Sift { task, name, places, suppressions, known }
    }

    /// The findings of one of the file's policies that are to be told; `joint` are those that it has by others.
    /// `limits` is what limits its holder.
    pub(super) fn findings(
        &self,
        document: &Document,
        joint: Vec<Diagnostic>,
        limits: Option<&Limits>,
    ) -> Sifted {
        let mut findings = lint_within(document, &self.task.settings, limits);
        findings.extend(joint);
        findings.sort_by(|one, other| (one.span, one.rule).cmp(&(other.span, other.rule)));
        let comments = comments(document);
        let all: Vec<&Suppression> =
            self.suppressions.iter().copied().chain(comments.suppressions.values()).collect();
        let (mut used, mut used_comments) = (Vec::new(), Vec::new());
        for at in suppress(document, &mut findings, &all, self.task.today) {
            match self.places.get(at) {
                Some(place) => used.push(*place),
                None => used_comments.push(all[at].span),
            }
        }
        let place = known(document.pointer());
        let here: Vec<Entry> = self.known.iter().filter(|entry| entry.document == place).cloned().collect();
        let known = leave_out(&self.name, document, &mut findings, &here);
        let minor = self.task.leave_out_minor(&mut findings);
        Sifted { findings, used, comments, used_comments, known, minor }
    }

    /// The findings about the comments of a file that suppress nothing, and how many more are under the level that is
    /// asked for; `used` are the places of those that do.
    pub(super) fn idle(&self, comments: &Comments, used: &BTreeSet<Span>) -> (Vec<Diagnostic>, usize) {
        let severity = |rule| rules::get(rule).and_then(|rule| self.task.settings.severity(rule));
        // Of one policy alone, the comments for others are not known to be used.
        let Some(level) = severity(UNUSED).filter(|_| self.task.options.at.is_none()) else {
            return (Vec::new(), 0);
        };
        let unused =
            |comment: &Suppression| !used.contains(&comment.span) && severity(comment.rule).is_some();
        let mut findings = comments.idle(unused, level);
        let minor = self.task.leave_out_minor(&mut findings);
        (findings, minor)
    }

    /// What findings of the file are known again by.
    pub(super) fn entries<'d>(&'d self) -> Entries<'d> {
        Entries::new(&self.name)
    }
}

/// What was seen of the files that suppressions are for.
#[derive(Default)]
pub(super) struct Seen {
    /// Places of suppressions for which there was a policy.
    pub(super) matched: BTreeSet<usize>,
    /// Places of those that suppressed something.
    pub(super) used: BTreeSet<usize>,
}

/// The suppressions of the configuration that do nothing, as findings in its text. Only a run that saw all
/// files that one is for can tell.
pub(super) fn idle(task: &Task, seen: &Seen, all_read: bool) -> Option<(Document, Vec<Diagnostic>)> {
    let text = task.config_text.as_ref()?;
    let level = rules::get(UNUSED).and_then(|rule| task.settings.severity(rule))?;
    let typed: Vec<PathBuf> = match task.options.paths.is_empty() {
        true => vec![config::absolute(Path::new("."))],
        false => task.options.paths.iter().map(|path| config::absolute(path)).collect(),
    };
    let mut findings = Vec::new();
    for (at, entry) in task.config.suppressions.iter().enumerate() {
        let suppression = &entry.suppression;
        let runs = rules::get(suppression.rule).is_some_and(|rule| task.settings.severity(rule).is_some());
        let sees_all = all_read && runs && task.config.is_within(entry, &typed);
        let (matched, used) = (seen.matched.contains(&at), seen.used.contains(&at));
        let why = match suppression.expires {
            Some(last) if suppression.has_expired(task.today) && (matched || sees_all) => Idle::Expired(last),
            _ if used || !sees_all => continue,
            _ if matched => Idle::NotFound,
            _ => Idle::NoPolicy,
        };
        findings.push(unused(suppression, &entry.glob, why, level));
    }
    task.leave_out_minor(&mut findings);
    (!findings.is_empty()).then(|| (open_other(Source::new(text.name(), text.text())), findings))
}
