//! The proof of a merge: the very bytes to be written remove no access and add only what the steps
//! grant; what a removal or replacement takes away is exactly that.

use crate::analyze::cover::Scope;
use crate::analyze::space::{Answer, Engine, Notion};
use crate::document::Document;
use crate::merge::{Decision, Outcome};
use crate::policy::Statement;

/// Whether a merge was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It does what was decided, and nothing else.
    Proved,
    /// It is not known, and why.
    NotProved(String),
}

/// Proves that `after` means the statements of `before` that were kept and those that were put in.
///
/// Both ways, and in both notions of a grant: naming a principal is not the same as naming its account.
pub fn prove(before: &Document, after: &Document, decisions: &[Decision]) -> Proof {
    let gone = |statement: &&Statement| {
        decisions.iter().any(|decision| {
            matches!(decision.outcome, Outcome::Removed | Outcome::Replaced)
                && decision.by.contains(&statement.index)
        })
    };
    let kept = before.policy.statements.iter().filter(|statement| !gone(statement));
    let put = decisions
        .iter()
        .filter(|decision| decision.outcome.changes() && decision.outcome != Outcome::Removed)
        .map(|decision| &decision.new.statement);
    let wanted: Vec<Statement> = kept.chain(put).cloned().collect();
    let scope = Scope { kind: after.kind, resource: after.resource.as_deref() };
    let engine = Engine::new(scope);
    let result = &after.policy.statements;
    for notion in [Notion::Access, Notion::Direct] {
        for (left, right, what) in [(&wanted, result, "keeps"), (result, &wanted, "adds")] {
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
    Proof::Proved
}
