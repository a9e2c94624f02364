//! The same access in fewer statements and characters.
//!
//! What is said twice is taken out, and statements that differ in one element are joined, step by step
//! and by edits of the text; then it is proved, of the very bytes to be written, that they allow and deny
//! what the policy did.

mod conditions;
mod join;
mod lists;
mod proof;
mod sids;
mod statements;
mod values;
mod wildcards;

use std::collections::BTreeSet;

use crate::analyze::cover::Scope;
use crate::analyze::redundancy::{Limits, Needless};
use crate::analyze::space::{Budget, Engine, together};
use crate::document::{Document, Uneditable};
use crate::edit::{self, Edit};
use crate::format::layout::statement_nodes;
use crate::policy::quota::{Quota, Unit, quota};

/// What may be done besides what loses nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether Sids are taken out, so that all statements can be joined.
    pub drop_sids: bool,
    /// Whether actions are folded into wildcards that match the same actions of today's catalogue.
    pub wildcards: bool,
}

/// One thing that was done. Statements are called by their index in the policy as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A Sid was taken out.
    Sid {
        /// Whose.
        statement: usize,
        /// What it was.
        sid: String,
    },
    /// Actions became a wildcard.
    Folded {
        /// Where.
        statement: usize,
        /// What stands there now.
        wildcard: String,
        /// What stood there.
        actions: Vec<String>,
    },
    /// A statement went, as others cover it.
    Statement {
        /// Which.
        statement: usize,
        /// Those that cover it.
        by: Vec<usize>,
    },
    /// A value went, as another one of its list covers it.
    Value {
        /// Where.
        statement: usize,
        /// Of what: `Action`, `aws:SourceArn`.
        element: String,
        /// The value.
        value: String,
        /// The one that covers it.
        by: String,
    },
    /// A test went, as it holds anyway.
    Test {
        /// Where.
        statement: usize,
        /// Its operator and key.
        test: String,
        /// Why.
        why: Needless,
    },
    /// A `Condition` without a test went.
    EmptyCondition {
        /// Where.
        statement: usize,
    },
    /// Statements became one.
    Joined {
        /// The one that stays.
        into: usize,
        /// Those that went into it.
        statements: Vec<usize>,
        /// The element in which they differed.
        element: String,
    },
    /// A list of one became a string, as such values stand elsewhere in the file.
    Unlisted {
        /// Where.
        statement: usize,
        /// Of what.
        element: String,
    },
}

impl Change {
    /// The statement that is another one after it.
    pub fn statement(&self) -> usize {
        match self {
            Change::Sid { statement, .. }
            | Change::Folded { statement, .. }
            | Change::Statement { statement, .. }
            | Change::Value { statement, .. }
            | Change::Test { statement, .. }
            | Change::EmptyCondition { statement }
            | Change::Joined { into: statement, .. }
            | Change::Unlisted { statement, .. } => *statement,
        }
    }
}

/// How large the policy is, as its quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// As it came.
    pub before: usize,
    /// As it would be.
    pub after: usize,
    /// Whether that is all; functions or placeholders of a template may decide how much more it is.
    pub is_exact: bool,
    /// What is counted; characters where the kind has no quota.
    pub unit: Unit,
    /// The quota, where the kind has one.
    pub quota: Option<Quota>,
}

/// Whether it was proved that the access is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It is.
    Proved,
    /// It is as far as actions are concerned that are in the catalogue; of others, more is allowed.
    ProvedForToday,
    /// It is not known, and why.
    NotProved(String),
}

/// The outcome.
#[derive(Clone, Debug)]
pub struct Compacted {
    /// The policy as it was.
    pub before: Document,
    /// The policy as it would be, read back from [`text`](Self::text).
    pub after: Document,
    /// The whole file as it would be.
    pub text: String,
    /// What was done, in order.
    pub changes: Vec<Change>,
    /// Statements, by index, that were not compared with all that may cover them: it would have taken too long.
    pub left: Vec<usize>,
    /// Statements, by index, that could be shorter and stay as they are, and why.
    pub kept: Vec<(usize, String)>,
    /// Whether the access is the same.
    pub proof: Proof,
    /// How large it is before and after.
    pub size: Size,
}

impl Compacted {
    /// Whether the file would change.
    pub fn changes(&self) -> bool {
        self.text != self.before.source().text()
    }

    /// Whether it may be written.
    pub fn is_proved(&self) -> bool {
        !matches!(self.proof, Proof::NotProved(_))
    }
}

/// Why a policy cannot be compacted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompactError {
    /// The policy has syntax errors, or its `Statement` is no list of objects.
    #[error("the policy cannot be read as a whole")]
    Malformed,
}

/// How much is looked at to find statements that others cover: a policy of hundreds of statements is looked
/// at as a whole, one of thousands as far as a few seconds reach.
const LIMITS: Limits = Limits { others: 100, steps: 3_000_000 };

/// What one question may take while something is looked for. A proof may take the engine's whole budget.
const BUDGET: Budget = Budget::small(20_000);

/// How often statements are joined and looked at again. Each time there are fewer.
const ROUNDS: usize = 20;

/// Why a statement is not joined with others, nor its actions folded.
const ORDER: &str = "a `# polmerge: …` comment is about it, and would be about more";

/// How often it is tried to make the edits of one step, all of them or some, where not all can be made.
const ATTEMPTS: usize = 64;

/// Works out the same policy in fewer statements and characters, and proves that it is the same.
///
/// # Errors
/// If the policy cannot be read as a whole.
pub fn compact(document: &Document, options: Options) -> Result<Compacted, CompactError> {
    let is_editable =
        document.is_sound() && statement_nodes(document).len() == document.policy.statements.len();
    if !document.is_absent() && !is_editable {
        return Err(CompactError::Malformed);
    }
    let mut work = Work {
        document: document.clone(),
        origin: (0..document.policy.statements.len()).collect(),
        changes: Vec::new(),
        left: Vec::new(),
        kept: Vec::new(),
    };
    together(|| work.shorten(options));
    let Work { document: after, changes, left, kept, .. } = work;
    let folded = changes.iter().any(|change| matches!(change, Change::Folded { .. }));
    let proof = match after.source().text() == document.source().text() {
        true => Proof::Proved,
        false => together(|| proof::prove(document, &after, folded)),
    };
    Ok(Compacted {
        size: size(document, &after),
        text: after.source().text().to_owned(),
        before: document.clone(),
        after,
        changes,
        left,
        kept,
        proof,
    })
}

/// How much of the quota of its kind a policy uses, before and after.
fn size(before: &Document, after: &Document) -> Size {
    let quota = quota(before.kind);
    let unit = quota.map_or(Unit::Characters, |quota| quota.unit);
    let (was, is) = (before.used(unit), after.used(unit));
    Size { before: was.amount, after: is.amount, is_exact: was.is_exact && is.is_exact, unit, quota }
}

/// Edits that can be made whether or not others are, and what they do.
#[derive(Default)]
struct Piece {
    edits: Vec<Edit>,
    changes: Vec<Change>,
    /// The places of the statements that go.
    gone: Vec<usize>,
}

/// A policy on its way.
struct Work {
    document: Document,
    /// Of each statement, its index in the policy as it came.
    origin: Vec<usize>,
    changes: Vec<Change>,
    left: Vec<usize>,
    kept: Vec<(usize, String)>,
}

impl Work {
    fn shorten(&mut self, options: Options) {
        if options.drop_sids {
            self.drop_sids();
        }
        if options.wildcards {
            self.fold_actions();
        }
        for _ in 0..ROUNDS {
            self.drop_statements();
            self.drop_values();
            self.drop_tests();
            if !self.join() {
                break;
            }
        }
        self.unlist();
    }

    fn scope(&self) -> Scope<'_> {
        Scope { kind: self.document.kind, resource: self.document.resource.as_deref() }
    }

    fn engine(&self) -> Engine<'_> {
        Engine { budget: BUDGET, decided: None, ..Engine::new(self.scope()) }
    }

    /// Makes the edits of the policy's text that can be made, and reads the result.
    fn make(&mut self, pieces: Vec<Piece>) {
        let (mut made, mut text) = (Vec::new(), None);
        let mut attempts = 0;
        let mut waiting = vec![&pieces[..]];
        while let Some(some) = waiting.pop().filter(|some| !some.is_empty()) {
            attempts += 1;
            let with: Vec<&Piece> = made.iter().copied().chain(some).collect();
            match self.edited(&with) {
                _ if attempts > ATTEMPTS => self.keep(some, "too much else cannot be written"),
                Ok(edited) => (made, text) = (with, Some(edited)),
                Err(Uneditable(why)) if some.len() == 1 => self.keep(some, &why),
                Err(_) => {
                    let (first, second) = some.split_at(some.len() / 2);
                    waiting.extend([second, first]);
                }
            }
        }
        let Some(text) = text else { return };
        self.document = self.document.reopened(text);
        let gone: BTreeSet<usize> = made.iter().flat_map(|piece| &piece.gone).copied().collect();
        self.changes.extend(made.iter().flat_map(|piece| piece.changes.clone()));
        let mut place = 0..;
        self.origin.retain(|_| place.next().is_some_and(|at| !gone.contains(&at)));
    }

    /// The file with the edits of these.
    fn edited(&self, pieces: &[&Piece]) -> Result<String, Uneditable> {
        let gone: BTreeSet<usize> = pieces.iter().flat_map(|piece| &piece.gone).copied().collect();
        let spans: Vec<_> = statement_nodes(&self.document).iter().map(|node| node.span).collect();
        let mut edits: Vec<Edit> = pieces.iter().flat_map(|piece| piece.edits.clone()).collect();
        // A statement that covers them, or into which they are joined, stays.
        edits.extend(edit::without(&spans, |at| gone.contains(&at)).unwrap_or_default());
        self.document.edited(&edits)
    }

    /// Notes that what these pieces would do is not done.
    fn keep(&mut self, pieces: &[Piece], why: &str) {
        for change in pieces.iter().flat_map(|piece| &piece.changes) {
            let entry = (change.statement(), why.to_owned());
            if !self.kept.contains(&entry) {
                self.kept.push(entry);
            }
        }
    }
}
