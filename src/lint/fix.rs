//! Mending findings: edits are tried on a copy, the engine shows what they do, and only then they are kept.
//!
//! A safe fix must leave the access as it is, an unsafe one must add none. Nothing is written here.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::analyze::compare::engine;
use crate::analyze::space::{Answer, Notion, Purse, together};
use crate::diagnostic::{Diagnostic, Fix, FixProof};
use crate::document::{self, Document, File, Hints};
use crate::edit::{self, Edit};
use crate::source::Source;

/// One fix can make way for the next; more rounds than this go in circles.
const ROUNDS: usize = 10;
/// How many sets of edits are tried on one policy in one round.
const ATTEMPTS: usize = 64;
/// No policy that AWS takes has as many statements. With more, trying and proving would take long.
const MAX_STATEMENTS: usize = 1_000;

/// A fix that was made, or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The rule of its finding.
    pub rule: &'static str,
    /// What the fix does.
    pub title: String,
    /// Whether it changes no access. An unsafe one narrows it.
    pub safe: bool,
    /// `line:column` of the finding in the file as it was just before.
    pub place: String,
    /// Why it was not made, for one that was not.
    pub refused: Option<String>,
}

/// A file after its fixes.
#[derive(Debug)]
pub struct Fixed {
    /// As it was.
    pub before: File,
    /// As it is now; `None` if nothing was to be done.
    pub after: Option<File>,
    /// What was done, in order, and then what could not be shown to do no harm.
    pub told: Vec<Told>,
}

/// How much of YAML may be read again to try fixes of one file. An edit of a policy in YAML is only made if the file that
/// comes of it means what it should, all of it.
const MOST_REREAD: usize = 24 << 20;

/// What is left of that.
#[derive(Debug)]
pub struct Rereading(Cell<usize>);

impl Default for Rereading {
    fn default() -> Self {
        Rereading::new(MOST_REREAD)
    }
}

impl Rereading {
    /// So many bytes.
    pub fn new(bytes: usize) -> Self {
        Rereading(Cell::new(bytes))
    }

    fn allows(&self, document: &Document) -> bool {
        let reads = document.is_yaml() || needs_file(document);
        let size = if reads { document.source().text().len() } else { 0 };
        let left = self.0.get().checked_sub(size);
        left.inspect(|left| self.0.set(*left)).is_some()
    }
}

/// Makes the fixes of a file's findings, round after round until there is nothing left to do. `findings`
/// says what is to be mended in a policy; `narrow`, whether access may go.
pub fn fix(
    file: File,
    hints: &Hints,
    narrow: bool,
    findings: impl Fn(&Document) -> Vec<Diagnostic>,
) -> Fixed {
    let mut now: Option<File> = None;
    let (mut made, mut refused) = (Vec::new(), Vec::new());
    let purses: Vec<Purse> = file.documents.iter().map(|_| Purse::default()).collect();
    let rereading = Rereading::default();
    for _ in 0..ROUNDS {
        refused.clear();
        let this = now.as_ref().unwrap_or(&file);
        let mut edits = Vec::new();
        let documents = this.documents.iter().zip(&purses).filter(|(document, _)| !document.is_absent());
        for (document, purse) in documents {
            let (findings, plan) = purse.spend(|| {
                let findings = findings(document);
                let plan = plan(document, &findings, narrow, &rereading);
                (findings, plan)
            });
            // That these can be made was part of the plan.
            if !plan.edits.is_empty() {
                edits.extend(document.file_edits(&plan.edits).unwrap_or_default());
            }
            for (finding, outcome) in findings.iter().zip(plan.outcomes) {
                match outcome {
                    Some(Outcome::Made { same }) => {
                        made.extend(told(document, finding, None).map(|told| Told { safe: same, ..told }));
                    }
                    Some(Outcome::Refused(why)) => refused.extend(told(document, finding, Some(why))),
                    _ => {}
                }
            }
        }
        if edits.is_empty() {
            break;
        }
        let text = edit::apply(this.source.text(), &edits);
        now = Some(document::open(Source::new(this.source.name(), text), hints));
    }
    // What was proved in small is proved once more of the very bytes that will be written.
    if let Some(after) = &now
        && let Err(why) = proved(&file, after, made.iter().all(|made: &Told| made.safe))
    {
        made.iter_mut().for_each(|made| made.refused = Some(why.clone()));
        now = None;
    }
    made.append(&mut refused);
    Fixed { before: file, after: now, told: made }
}

/// Asks of each finding whether its fix would be made, and says so in the fix: one that is proved to change no access is
/// safe. `rereading` is that of the file.
pub fn check(document: &Document, findings: &mut [Diagnostic], rereading: &Rereading) {
    if findings.iter().all(|finding| finding.fix.is_none()) {
        return;
    }
    let plan = plan(document, findings, true, rereading);
    for (finding, outcome) in findings.iter_mut().zip(plan.outcomes) {
        let Some(fix) = &mut finding.fix else { continue };
        fix.safe |= outcome == Some(Outcome::Made { same: true });
        fix.proof = match outcome {
            Some(Outcome::Made { .. }) => FixProof::Proved,
            Some(Outcome::Refused(why)) => FixProof::NotProved(why),
            Some(Outcome::Later) | None => FixProof::Unasked,
        };
    }
}

fn told(document: &Document, finding: &Diagnostic, refused: Option<String>) -> Option<Told> {
    let fix = finding.fix.as_ref()?;
    let place = document.source().place(document.in_file(finding.span));
    Some(Told { rule: finding.rule, title: fix.title.clone(), safe: fix.safe, place, refused })
}

/// What becomes of a fix in one round.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// It changes no access, or removes some.
    Made {
        same: bool,
    },
    /// It would change what another fix changes.
    Later,
    Refused(String),
}

/// The edits of one round, and for each finding that has a fix what becomes of it.
struct Plan {
    edits: Vec<Edit>,
    outcomes: Vec<Option<Outcome>>,
}

/// Safe fixes first, then those of the others that turn out to be so, then those that narrow; of two that overlap, the
/// first.
fn plan(document: &Document, findings: &[Diagnostic], narrow: bool, rereading: &Rereading) -> Plan {
    let mut trial = Trial::new(document, findings, rereading);
    together(|| {
        let of = |wanted: bool| {
            let is_wanted = move |at: &usize| fix_of(findings, *at).is_some_and(|fix| fix.safe == wanted);
            (0..findings.len()).filter(is_wanted)
        };
        trial.make(of(true).collect(), true);
        // What these tries cost is not taken from those that follow.
        let spent = trial.attempts;
        trial.make(of(false).collect(), true);
        trial.attempts = spent;
        let others: Vec<usize> =
            of(false).filter(|&at| !matches!(trial.outcomes[at], Some(Outcome::Made { .. }))).collect();
        others.iter().for_each(|&at| trial.outcomes[at] = None);
        if narrow {
            trial.make(others, false);
        }
    });
    let edits = trial.accepted.iter().flat_map(|&at| trial.edits(at)).cloned().collect();
    Plan { edits, outcomes: trial.outcomes }
}

fn fix_of(findings: &[Diagnostic], at: usize) -> Option<&Fix> {
    findings[at].fix.as_ref()
}

/// Fixes on trial. Findings go by their place in the list.
struct Trial<'a> {
    document: &'a Document,
    findings: &'a [Diagnostic],
    accepted: Vec<usize>,
    outcomes: Vec<Option<Outcome>>,
    attempts: usize,
    rereading: &'a Rereading,
}

impl<'a> Trial<'a> {
    fn new(document: &'a Document, findings: &'a [Diagnostic], rereading: &'a Rereading) -> Self {
        let outcomes = vec![None; findings.len()];
        Trial { document, findings, accepted: Vec::new(), outcomes, attempts: 0, rereading }
    }

    fn edits(&self, at: usize) -> &'a [Edit] {
        fix_of(self.findings, at).map_or(&[], |fix| &fix.edits)
    }

    /// Makes as many of these as can be made together.
    fn make(&mut self, mut pending: Vec<usize>, same: bool) {
        while !pending.is_empty() {
            let mut taken = Taken::default();
            self.accepted.iter().for_each(|&at| taken.put(self.edits(at)));
            pending.retain(|&at| {
                let free = taken.is_free(self.edits(at));
                if !free {
                    self.outcomes[at] = Some(Outcome::Later);
                }
                free
            });
            // What overlaps another candidate waits: that one may be refused.
            let (now, wait): (Vec<usize>, Vec<usize>) = pending.into_iter().partition(|&at| {
                let free = taken.is_free(self.edits(at));
                if free {
                    taken.put(self.edits(at));
                }
                free
            });
            self.settle(&now, same);
            pending = wait;
        }
    }

    /// All at once if that can be shown to do no harm, else half by half, so that one bad fix costs few
    /// attempts.
    fn settle(&mut self, candidates: &[usize], same: bool) {
        if candidates.is_empty() {
            return;
        }
        match self.attempt(candidates, same) {
            Ok(()) => {
                candidates.iter().for_each(|&at| self.outcomes[at] = Some(Outcome::Made { same }));
                self.accepted.extend(candidates);
            }
            Err(why) if candidates.len() == 1 => {
                self.outcomes[candidates[0]] = Some(Outcome::Refused(why));
            }
            Err(_) => {
                let (first, second) = candidates.split_at(candidates.len() / 2);
                self.settle(first, same);
                self.settle(second, same);
            }
        }
    }

    fn attempt(&mut self, candidates: &[usize], same: bool) -> Result<(), String> {
        if self.document.is_made_by_terraform() {
            return Err(
                "Terraform makes this file from a configuration, and does not read it back".to_owned()
            );
        }
        if self.document.policy.statements.len() > MAX_STATEMENTS {
            return Err(format!("the policy has more than {MAX_STATEMENTS} statements"));
        }
        if self.attempts == ATTEMPTS {
            return Err("too many other fixes could not be proved".to_owned());
        }
        if !self.rereading.allows(self.document) {
            return Err(
                "the file is too large to prove so many fixes at once; run it again for the rest".to_owned()
            );
        }
        self.attempts += 1;
        let all = self.accepted.iter().chain(candidates);
        let edits: Vec<Edit> = all.flat_map(|&at| self.edits(at)).cloned().collect();
        let text = self.document.edited(&edits).map_err(|uneditable| uneditable.to_string())?;
        let after = match needs_file(self.document) {
            true => self.document.reopened(text),
            false => self.document.with_edits(&edits),
        };
        // An unsafe fix may stand on safe ones: together they must add nothing.
        harmless(self.document, &after, same)
    }
}

/// Whether a policy has something in it that is not known: what that is, is a matter of the whole file.
fn needs_file(document: &Document) -> bool {
    document.policy.statements.iter().any(|statement| {
        let is_hole = statement.is_hole() || statement.has_unknown_condition();
        is_hole || statement.values().any(|value| value.hole.is_some())
    })
}

/// The parts of a text that edits change.
#[derive(Default)]
struct Taken(BTreeMap<u32, u32>);

impl Taken {
    fn put(&mut self, edits: &[Edit]) {
        self.0.extend(edits.iter().map(|edit| (edit.span.start, edit.span.end)));
    }

    /// Whether none of these touches what is taken. Two edits that begin at one place would depend on
    /// their order.
    fn is_free(&self, edits: &[Edit]) -> bool {
        edits.iter().all(|edit| {
            let before = self.0.range(..=edit.span.start).next_back();
            let after = self.0.range(edit.span.start..).next();
            before.is_none_or(|(&start, &end)| end <= edit.span.start && start < edit.span.start)
                && after.is_none_or(|(&start, _)| edit.span.end <= start && edit.span.start < start)
        })
    }
}

/// Whether a change is shown to do no harm: to change no access, or at least (`same` is false) to add none.
fn harmless(before: &Document, after: &Document, same: bool) -> Result<(), String> {
    for document in [before, after] {
        if !document.is_sound() {
            return Err("it is not clear how the policy is read".to_owned());
        }
    }
    let (old, new) = (&before.policy.statements, &after.policy.statements);
    let engine = engine(before, after);
    for notion in [Notion::Access, Notion::Direct] {
        for (left, right, verb) in [(new, old, "add"), (old, new, "remove")] {
            if verb == "remove" && !same {
                continue;
            }
            match engine.compare(left, right, notion).answer {
                Answer::Covered => {}
                Answer::NotProved(why) => return Err(why),
                Answer::Witness(request) => {
                    return Err(format!(
                        "it would {verb} access, as {} on {} shows",
                        request.action, request.resource
                    ));
                }
            }
        }
    }
    // A Deny takes from what other policies grant as well.
    for (before, after, what) in [(old, new, "no longer deny"), (new, old, "also deny")] {
        if what == "also deny" && !same {
            continue;
        }
        let lifted = engine.lifted(before, after);
        if let Some(request) = lifted.requests.first() {
            return Err(format!("it would {what} {} on {}", request.action, request.resource));
        }
        if let Some(why) = lifted.unproved.into_iter().next() {
            return Err(why);
        }
    }
    Ok(())
}

/// The same of every policy in a file.
fn proved(before: &File, after: &File, same: bool) -> Result<(), String> {
    let (old, new) = (&before.documents, &after.documents);
    if old.len() != new.len() || old.iter().zip(new).any(|(old, new)| old.pointer() != new.pointer()) {
        return Err("the policies of the file would not be the same".to_owned());
    }
    let text = |document: &Document| document.tree.span.slice(document.text()).to_owned();
    let changed = old.iter().zip(new).filter(|(old, new)| text(old) != text(new));
    changed
        .filter(|(old, _)| !old.is_absent())
        .try_for_each(|(old, new)| together(|| harmless(old, new, same)))
}
