//! The closing line of a comparison, and that of what else was asked.

use super::checks::option;
use crate::analyze::checks::Outcome;
use crate::analyze::compare::Comparison;
use crate::analyze::space::Relation;
use crate::report::changes::{Counts, NOWHERE};
use crate::report::style::{Role, Style, clean};
use crate::report::wrap::{count, hanging};

/// `new.json is broader: 2 grants added, none removed (proved, exact).`
pub(super) fn line(comparison: &Comparison<'_>, counts: Counts, style: Style) -> String {
    let Comparison { new, change, .. } = comparison;
    let file = match new.source().name() {
        NOWHERE => format!("{} (deleted)", clean(comparison.old.source().name())),
        name => clean(name),
    };
    let (added, removed) = (change.added.len(), change.removed.len());
    // What needs a policy of the caller in one of the two only.
    let directly = |by_new| change.counted_by_itself(by_new);
    let more = |by_new: bool| more_direct(directly(by_new), if by_new { "more" } else { "less" });
    let came = in_numbers(added, "added", change.undenied.len(), "lifted") + &more(true);
    let went = in_numbers(removed, "removed", change.denied.len(), "added") + &more(false);
    let how_sure = match (change.exact, comparison.cases.is_empty()) {
        (true, _) => "proved, exact",
        (false, true) => "not exact",
        (false, false) => "not in every case",
    };
    let (role, relation) = match change.relation {
        Relation::Equivalent => {
            let how = counts.sentence();
            let (means, role) =
                match (directly(true), directly(false), change.direct.is_empty(), counts.elements) {
                    (0, 0, true, 0) => ("means the same", Role::Good),
                    (0, 0, true, _) => ("allows the same", Role::Good),
                    (0, 0, false, _) => ("lets in the same", Role::Good),
                    (_, 0, ..) => ("lets in the same, some of it more directly", Role::StrongCareful),
                    (0, ..) => ("lets in the same, some of it less directly", Role::Good),
                    _ => ("lets in the same, some of it more and some less directly", Role::StrongCareful),
                };
            (role, format!("{file} {means}: {how} ({how_sure})."))
        }
        Relation::Broader => (
            Role::StrongCareful,
            format!("{file} is broader: {came}, none removed{} ({how_sure}).", more(false)),
        ),
        Relation::Narrower => {
            (Role::Good, format!("{file} is narrower: {went}, none added{} ({how_sure}).", more(true)))
        }
        Relation::Incomparable => (
            Role::StrongCareful,
            format!("{file} is neither broader nor narrower: {came}, {went} ({how_sure})."),
        ),
        Relation::Unproved => {
            let why = change.unproved.first().cloned().unwrap_or_default();
            (Role::StrongBad, format!("not proved: {why} (not exact)."))
        }
    };
    sentence(role, &relation, style) + &checks(comparison, style)
}

/// Lines of their own.
fn sentence(role: Role, text: &str, style: Style) -> String {
    hanging("", 0, text, style, Some(role))
}

/// `, 2 more direct`, which is about grants.
pub(in crate::report) fn more_direct(number: usize, more: &str) -> String {
    if number == 0 { String::new() } else { format!(", {number} {more} direct") }
}

/// `2 grants added`, `1 Deny lifted`, or both.
pub(in crate::report) fn in_numbers(grants: usize, granted: &str, denies: usize, denied: &str) -> String {
    let grants = (grants > 0).then(|| format!("{} {granted}", count(grants, "grant")));
    let denies = (denies > 0).then(|| format!("{denies} Deny {denied}"));
    let parts: Vec<String> = grants.into_iter().chain(denies).collect();
    if parts.is_empty() { format!("none {granted}") } else { parts.join(" and ") }
}

/// `Failed: --forbidden limit.json.`, and the same of what is undecided, which the exit status puts first.
fn checks(comparison: &Comparison<'_>, style: Style) -> String {
    let of = |outcome: Outcome| -> Vec<String> {
        comparison.checks.iter().filter(|check| check.outcome == outcome).map(option).collect()
    };
    let (failed, undecided) = (of(Outcome::Failed), of(Outcome::Undecided));
    match (failed.as_slice(), undecided.as_slice(), comparison.checks.len()) {
        ([], [], 0) => String::new(),
        ([], [], 1) => sentence(Role::Good, "The check passed.", style),
        ([], [], number) => sentence(Role::Good, &format!("All {number} checks passed."), style),
        (failed, undecided, _) => {
            let lines = [("Failed", failed), ("Undecided", undecided)].into_iter();
            let lines = lines.filter(|(_, options)| !options.is_empty()).map(|(word, options)| {
                sentence(Role::StrongBad, &format!("{word}: {}.", options.join(", ")), style)
            });
            lines.collect()
        }
    }
}
