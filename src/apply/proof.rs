//! The proof of a merge: the very bytes to be written remove no access and add only what the steps
//! grant; what a removal, a replacement or a Deny takes away is exactly what is listed.

use crate::analyze::compare::{CaseComparison, access, change, engine};
use crate::analyze::request::Request;
use crate::analyze::space::{Answer, Change, Engine, Notion};
use crate::document::Document;
use crate::merge::{Decision, Outcome};
use crate::policy::Statement;

/// Whether a merge was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It does what was decided, and nothing else.
    Proved,
    /// It does, but what that does to access is not known, and why: a statement of the policy could not be read and may
    /// deny what is added, or a condition has a value that could not be read.
    Unread(String),
    /// It is not known, and why.
    NotProved(String),
}

/// What a merge does, proved or not.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// Whether it is proved.
    pub proof: Proof,
    /// The policy before compared with the policy after.
    pub change: Change,
    /// The same in each case that the conditions of the template make; empty where these do not matter.
    pub cases: Vec<CaseComparison>,
    /// Requests that were allowed and no longer are, although no statement that granted them was to be
    /// removed.
    pub lost: Vec<Lost>,
}

/// Access that goes without having been asked to.
#[derive(Clone, Debug)]
pub enum Lost {
    /// A request that is no longer allowed.
    Request(Request),
    /// A request whose caller was named, and is now reached by its account only.
    Direct(Request),
}

/// Proves that `after` means the statements of `before` that were kept and those that were put in, and
/// compares the two.
pub fn prove(before: &Document, after: &Document, decisions: &[Decision]) -> Outlook {
    let (old, new) = (&before.policy.statements, &after.policy.statements);
    // What matches no request gives and takes nothing, whatever its elements look like.
    let is_void = |statement: &Statement| {
        let index = Some(statement.index);
        decisions.iter().any(|decision| decision.void.is_some() && decision.index == index)
    };
    let effective: Vec<Statement> = new.iter().filter(|one| !is_void(one)).cloned().collect();
    let (change, cases) = match effective.len() == new.len() {
        true => access(before, after),
        false => (change(old, &effective, engine(before, after)), Vec::new()),
    };
    let is_kept = |statement: &&Statement, outcomes: &[Outcome]| {
        !decisions
            .iter()
            .any(|decision| outcomes.contains(&decision.outcome) && decision.by.contains(&statement.index))
    };
    let without = |outcomes: &[Outcome]| -> Vec<Statement> {
        old.iter().filter(|statement| is_kept(statement, outcomes)).cloned().collect()
    };
    let put = decisions.iter().filter(|decision| decision.is_in_text());
    let mut wanted = without(&[Outcome::Removed, Outcome::Replaced]);
    wanted.extend(put.map(|decision| decision.new.statement.clone()));
    let engine = engine(before, after);
    // What no policy decides is kept as well.
    let proof = faithful(&Engine { decided: None, ..engine }, &wanted, new);
    // A macro may rewrite what is put in as well.
    let rewritten = after.rewritten_by().map(|label| format!("{label} may rewrite the policy"));
    let (mut lost, mut unproved) = (Vec::new(), rewritten);
    // What was to be removed may go, and nothing else.
    let rest = without(&[Outcome::Removed]);
    if takes_away(decisions) {
        let gone = engine.beyond(&rest, new);
        lost.extend(gone.requests.into_iter().map(Lost::Request));
        unproved = unproved.or(gone.unproved.into_iter().next());
        match engine.compare(&rest, new, Notion::Direct).answer {
            Answer::Witness(request) if lost.is_empty() => lost.push(Lost::Direct(*request)),
            Answer::NotProved(why) => unproved = unproved.or(Some(why)),
            Answer::Witness(_) | Answer::Covered => {}
        }
    }
    let proof = match (proof, unproved) {
        (Proof::Proved, Some(why)) => Proof::NotProved(why),
        (Proof::Proved, None) => unread(before, decisions)
            .or_else(|| unknown(&engine, before, decisions, &change))
            .map_or(Proof::Proved, Proof::Unread),
        (other, _) => other,
    };
    Outlook { proof, change, cases, lost }
}

/// Why it is not known what the statements that come or go do, although no template decides it.
fn unknown(
    engine: &Engine<'_>,
    before: &Document,
    decisions: &[Decision],
    change: &Change,
) -> Option<String> {
    let why = change.unproved.first()?;
    let is_known = |statement: &Statement| statement.is_complete() && statement.unknowns().is_empty();
    let is_plain = before.policy.choices.is_empty() && before.policy.statements.iter().all(is_known);
    let mut changing = decisions.iter().filter(|decision| decision.outcome.changes());
    let is_unread = changing.any(|decision| {
        let new = &decision.new.statement;
        let by_itself = || engine.covered(new, &[], Notion::Access).comparison.answer;
        is_known(new) && (is_plain || matches!(by_itself(), Answer::NotProved(_)))
    });
    is_unread.then(|| format!("what it does to access: {why}"))
}

/// Whether a change can take access away that it was not asked to: only a Deny that comes and a statement
/// that is replaced can.
fn takes_away(decisions: &[Decision]) -> bool {
    decisions.iter().any(|decision| {
        decision.outcome == Outcome::Replaced
            || decision.outcome.puts_in() && !decision.new.statement.allows()
    })
}

/// Both ways, and in both notions of a grant: naming a principal is not the same as naming its account.
fn faithful(engine: &Engine<'_>, wanted: &[Statement], result: &[Statement]) -> Proof {
    for notion in [Notion::Access, Notion::Direct] {
        for (left, right, what) in [(wanted, result, "keeps"), (result, wanted, "adds")] {
            match engine.compare(left, right, notion).answer {
                Answer::Covered => {}
                Answer::NotProved(why) => return Proof::NotProved(why),
                Answer::Witness(request) => {
                    return Proof::NotProved(format!(
                        "the result {what} something else, as {} shows: this is a mistake in polmerge",
                        request.action
                    ));
                }
            }
        }
    }
    for (left, right, what) in [(wanted, result, "lacks a"), (result, wanted, "has another")] {
        let lifted = engine.lifted(left, right);
        if let Some(request) = lifted.requests.first() {
            return Proof::NotProved(format!(
                "the result {what} Deny, as {} shows: this is a mistake in polmerge",
                request.action
            ));
        }
        if let Some(why) = lifted.unproved.into_iter().next() {
            return Proof::NotProved(why);
        }
    }
    Proof::Proved
}

/// A statement that was there, is malformed, and may deny what is added. Of what a template decides, the two policies
/// have the same, so that the proof holds whatever it is.
fn unread(before: &Document, decisions: &[Decision]) -> Option<String> {
    let grants = |decision: &Decision| decision.outcome.puts_in() && decision.new.statement.allows();
    let mut statements = before.policy.statements.iter();
    let is_malformed = |statement: &Statement| {
        statement.unknowns().is_empty()
            || before.problems.iter().any(|problem| statement.span.contains(problem.span))
    };
    let unread = statements
        .find(|statement| !statement.allows() && !statement.is_complete() && is_malformed(statement))?;
    let clause =
        || format!("that what is added is allowed: {} could not be read and may deny it", unread.name());
    decisions.iter().any(grants).then(clause)
}
