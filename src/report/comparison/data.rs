//! A comparison for programs.

use serde_json::{Value as Json, json};

use super::{Side, assumptions, requires};
use crate::analyze::checks::{Check, Outcome};
use crate::analyze::compare::Comparison;
use crate::analyze::request::Request;

/// What `diff --format json` prints; without the patch, a line of `diff --ndjson`.
pub fn json(comparison: &Comparison<'_>) -> Json {
    let Comparison { old, new, pairs, .. } = comparison;
    let mut value = answer(comparison);
    value["version"] = 1.into();
    value["patch"] = serde_json::to_value(crate::merge::between(old, new, pairs)).unwrap_or_default();
    // In the order of the contract.
    let order = [
        "version",
        "relation",
        "exact",
        "assumptions",
        "added",
        "removed",
        "no_longer_denied",
        "denied",
        "direct",
        "requires",
        "checks",
        "unproved",
        "patch",
    ];
    order
        .iter()
        .map(|name| ((*name).to_owned(), value[*name].take()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The members that both forms of the answer have.
pub fn answer(comparison: &Comparison<'_>) -> Json {
    let change = &comparison.change;
    let all: Vec<Request> = change.added.iter().chain(&change.removed).cloned().collect();
    json!({
        "relation": change.relation.name(),
        "exact": change.exact,
        "assumptions": assumptions(comparison),
        "added": requests(&change.added),
        "removed": requests(&change.removed),
        "no_longer_denied": requests(&change.undenied),
        "denied": requests(&change.denied),
        "direct": change.direct.iter().map(|direct| direct.request.to_json()).collect::<Vec<_>>(),
        "requires": requires(&Side::of(comparison.new), &all),
        "checks": comparison.checks.iter().map(check).collect::<Vec<_>>(),
        "unproved": change.unproved,
    })
}

fn requests(requests: &[Request]) -> Vec<Json> {
    requests.iter().map(Request::to_json).collect()
}

fn check(check: &Check) -> Json {
    json!({
        "check": check.name,
        "path": check.path,
        "outcome": check.outcome.name(),
        "before": check.before.map(Outcome::name),
        "requests": requests(&check.requests),
        "reasons": check.reasons,
        "unproved": check.unproved,
    })
}
