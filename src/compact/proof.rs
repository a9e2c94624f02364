//! The proof that the access is the same.

use super::Proof;
use super::wildcards::Today;
use crate::analyze::cover::Scope;
use crate::analyze::redundancy::{equivalent, within};
use crate::analyze::space::Engine;
use crate::document::Document;
use crate::policy::Statement;

/// Proves that `after` allows and denies what `before` did. Where actions were folded into wildcards, that
/// holds for the actions of the catalogue; of all others, nothing that was allowed is gone.
pub(super) fn prove(before: &Document, after: &Document, folded: bool) -> Proof {
    if let Some(label) = before.rewritten_by() {
        return Proof::NotProved(format!("{label} may rewrite the policy"));
    }
    let proofs = Document::alternatives_of(before, after).0.into_iter().map(|(before, after, case)| {
        match (prove_one(&before, &after, folded), case.clause()) {
            (Proof::NotProved(why), Some(clause)) => Proof::NotProved(format!("{clause}: {why}")),
            (proof, _) => proof,
        }
    });
    let all = if folded { Proof::ProvedForToday } else { Proof::Proved };
    proofs.fold(all, |all, proof| if matches!(proof, Proof::NotProved(_)) { proof } else { all })
}

/// The same in one case of the template.
fn prove_one(before: &Document, after: &Document, folded: bool) -> Proof {
    let scope = Scope { kind: before.kind, resource: before.resource.as_deref() };
    let engine = Engine { decided: None, ..Engine::new(scope) };
    if !folded {
        return match equivalent(&engine, &before.policy.statements, &after.policy.statements) {
            Ok(()) => Proof::Proved,
            Err(why) => Proof::NotProved(why),
        };
    }
    let today = Today::new(&before.policy.statements, &after.policy.statements);
    let expanded = |document: &Document| -> Option<Vec<Statement>> {
        document.policy.statements.iter().map(|statement| today.expand(statement)).collect()
    };
    let (Some(old), Some(new)) = (expanded(before), expanded(after)) else {
        return Proof::NotProved("so many wildcards take too long to be written out".to_owned());
    };
    let proved = equivalent(&engine, &old, &new)
        .and_then(|()| within(&engine, &before.policy.statements, &after.policy.statements));
    match proved {
        Ok(()) => Proof::ProvedForToday,
        Err(why) => Proof::NotProved(why),
    }
}
