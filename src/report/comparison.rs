//! Two policies compared, for people, for programs and for a review comment.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};

mod checks;
mod data;
mod example;
mod grants;
mod markdown;
mod things;
mod verdict;

pub(super) use checks::option;
pub use data::{answer, json};
pub(super) use example::in_words;
use grants::Way;
pub use markdown::markdown;
pub(super) use verdict::{in_numbers, more_direct};

use super::access;
use super::changes::{self, Counts};
use super::style::{Role, Style};
use super::wrap::hanging;
use crate::analyze::compare::{CaseComparison, Comparison};
use crate::analyze::cover::Scope;
use crate::analyze::pairs::{Pair, pairs};
use crate::analyze::replay::Replays;
use crate::analyze::request::{Caller, ContextValue, Request};
use crate::document::Document;
use crate::policy::{Arn, Principal, Statement};

/// The report for people: what changed in the text, then in access, verdict last.
pub fn human(comparison: &Comparison<'_>, style: Style) -> String {
    let Comparison { old, new, pairs, .. } = comparison;
    let counts = Counts::of(old, new, pairs);
    let mut out = changes::head(old, new, counts, style);
    out.push_str(&changes::elements(old, new, pairs, style));
    let access = access(comparison, style);
    if !access.is_empty() {
        out.push_str(&format!("\n{}\n{access}", style.paint(Role::Strong, "Access")));
    }
    if !comparison.checks.is_empty() {
        let checks = checks::section(comparison, style);
        out.push_str(&format!("\n{}\n{checks}", style.paint(Role::Strong, "Checks")));
    }
    for assumption in assumptions(comparison).into_iter().filter_map(|text| assumption_line(text)) {
        out.push_str(&lines("", &assumption, Some(Role::Dim), style));
    }
    out.push_str(&format!("\n{}", verdict::line(comparison, counts, style)));
    out
}

/// What was taken for granted, each once.
fn assumptions<'c>(comparison: &'c Comparison<'_>) -> BTreeSet<&'c String> {
    let checks = comparison.checks.iter().flat_map(|check| &check.assumptions);
    comparison.change.assumptions.iter().chain(checks).collect()
}

/// The closing line: how the two policies stand to each other, and what came of the checks.
pub fn verdict(comparison: &Comparison<'_>, style: Style) -> String {
    let Comparison { old, new, pairs, .. } = comparison;
    verdict::line(comparison, Counts::of(old, new, pairs), style)
}

/// An assumption as a line of its own; `None` for what a case of the template comes to, which the report shows above.
fn assumption_line(assumption: &str) -> Option<String> {
    let rest = |prefix: &str| assumption.strip_prefix(prefix);
    match (rest("depends on "), rest("it is open ")) {
        (Some(what), _) => Some(format!("the answer depends on {what}")),
        (_, Some(what)) => Some(format!("AWS does not document {what}")),
        _ if assumption.starts_with("if ") => None,
        _ => Some(format!("assumed: {assumption}")),
    }
}

/// What came and what went, each with a request for which it is so; empty where nothing did. Where that depends on
/// conditions of the template, case by case.
pub fn access(comparison: &Comparison<'_>, style: Style) -> String {
    match comparison.cases.as_slice() {
        [] => access_of(comparison, style),
        cases => cases.iter().map(|case| access_in(case, style)).collect(),
    }
}

fn access_in(case: &CaseComparison, style: Style) -> String {
    let CaseComparison { old, new, change, clause } = case;
    let pairs = pairs(&old.policy, &new.policy, new.kind, new.resource.as_deref());
    let one = Comparison { old, new, pairs, change: change.clone(), cases: Vec::new(), checks: Vec::new() };
    let access = access_of(&one, style);
    match clause.as_ref().filter(|_| !access.is_empty()) {
        Some(clause) => lines("  ", &format!("{clause}:"), Some(Role::Strong), style) + &access,
        None => access,
    }
}

fn access_of(comparison: &Comparison<'_>, style: Style) -> String {
    let Comparison { change, .. } = comparison;
    let sides = Sides::of(comparison);
    let mut out = String::new();
    for (sign, role, way, side, requests, by_others) in [
        ("+", Role::Careful, Way::Added, &sides.new, &change.added, &change.undenied),
        ("-", Role::Bad, Way::Removed, &sides.old, &change.removed, &change.denied),
    ] {
        // One Deny may take part of several grants: it is named once, with an example for each.
        let mut denied: Vec<(String, String)> = Vec::new();
        let granted = coarsest_first(side, requests).into_iter().map(|request| (request, true));
        for (request, is_granted) in granted.chain(by_others.iter().map(|request| (request, false))) {
            match denied_by(comparison, &sides, request, way, is_granted) {
                None => out.push_str(&gain(sign, role, comparison, &sides, request, style)),
                Some(sentence) => {
                    let example = example::lines(request, side, style);
                    match denied.iter_mut().find(|(known, _)| *known == sentence) {
                        Some((_, examples)) => examples.push_str(&example),
                        None => denied.push((sentence, example)),
                    }
                }
            }
        }
        for (sentence, examples) in denied {
            out.push_str(&lines(&format!("  {sign} "), &sentence, Some(role), style));
            out.push_str(&examples);
        }
    }
    let kept = direct(comparison, &sides, &mut out, style);
    for why in &change.unproved {
        out.push_str(&lines("  ? ", &format!("not proved: {why}"), Some(Role::Bad), style));
    }
    let by_itself = |by_new| change.counted_by_itself(by_new) > 0;
    let sides = [
        (change.removed.is_empty() && change.denied.is_empty() && !by_itself(false), "removed"),
        (change.added.is_empty() && change.undenied.is_empty() && !by_itself(true), "added"),
    ];
    let nothing: Vec<&str> = sides.iter().filter(|(empty, _)| *empty).map(|(_, word)| *word).collect();
    if out.is_empty() && kept.is_none() || !change.exact {
        return out;
    }
    match (nothing.as_slice(), kept) {
        (["removed", ..], Some(kept)) => {
            out.push_str(&lines("  - ", &format!("nothing is removed: {kept}"), None, style));
        }
        (_, Some(kept)) => out.push_str(&lines("  ~ ", &kept, None, style)),
        ([one], None) => out.push_str(&format!("  - nothing is {one}\n")),
        _ => {}
    }
    out
}

/// Those who are named in one policy and reached by their account alone in the other. Those who were named before and
/// lose nothing by that are left to be said last.
fn direct(comparison: &Comparison<'_>, sides: &Sides<'_>, out: &mut String, style: Style) -> Option<String> {
    let short = |caller: &Caller| match caller {
        Caller::Aws(arn) => Arn::parse(arn).map_or_else(|| arn.clone(), |arn| arn.name().to_owned()),
        caller => name(caller),
    };
    let mut kept = Vec::new();
    let mut found: Vec<(How, Vec<String>)> = Vec::new();
    for direct in &comparison.change.direct {
        let request = &direct.request;
        let Some(caller) = request.principal.as_ref() else { continue };
        let by_star = |side: &Side<'_>| side.granting(request).is_some_and(names_everyone);
        let (old_star, new_star) = (by_star(&sides.old), by_star(&sides.new));
        let (old_name, new_name) = (sides.old.names(caller), sides.new.names(caller));
        let is_star = if direct.by_new { new_star } else { old_star };
        let how = match direct.by_itself {
            _ if let Some(reading) = direct.reading => {
                let by_name = if direct.by_new { new_name } else { old_name };
                How::Open { by_new: direct.by_new, is_star: !by_name, reading }
            }
            _ if old_star != new_star && (old_name || new_name) => How::Starred,
            Some(false) if direct.by_new && new_name && !old_name && !old_star => How::Named,
            Some(false) if !direct.by_new && old_name && !new_name && !new_star => {
                kept.push(short(caller));
                continue;
            }
            Some(false) => continue,
            by_itself => How::ByItself {
                by_new: direct.by_new,
                is_star,
                account: direct.account().filter(|_| by_itself.is_none()).map(str::to_owned),
            },
        };
        // One whom no policy names stands for others.
        let called = match direct.account().filter(|_| !old_name && !new_name) {
            Some(account) => format!("any other principal of account {account}"),
            None => short(caller),
        };
        match found.iter_mut().find(|(known, _)| *known == how) {
            Some((_, callers)) if callers.contains(&called) => {}
            Some((_, callers)) => callers.push(called),
            None => found.push((how, vec![called])),
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    for (how, callers) in found {
        let (sign, role) = match how {
            How::ByItself { by_new: true, .. } => ("  + ", Some(Role::Careful)),
            How::ByItself { by_new: false, .. } => ("  - ", Some(Role::Bad)),
            How::Starred | How::Named | How::Open { .. } => ("  ~ ", None),
        };
        out.push_str(&lines(sign, &how.sentence(&callers), role, style));
    }
    kept.dedup();
    (!kept.is_empty()).then(|| {
        let (is, its) = be(&kept);
        format!("{} {is} still let in, by {its} account", access::list(&kept))
    })
}

/// How callers are reached more directly in one of the two policies.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    /// By `*`, and by name in the other.
    Starred,
    /// By name in the new one, where that makes no difference.
    Named,
    /// By more than a bare `*`, of which AWS leaves open how directly it grants.
    Open { by_new: bool, is_star: bool, reading: &'static str },
    /// Without a policy of their own: surely, or if the resource is in their account.
    ByItself { by_new: bool, is_star: bool, account: Option<String> },
}

impl How {
    fn sentence(&self, callers: &[String]) -> String {
        let list = access::list(callers);
        let (is, its) = be(callers);
        match self {
            How::Starred => format!(
                "{list} {is} reached by `*` in one of the two and by {its} own name or account in the other: a `*` is \
                 not limited by the implicit deny of a boundary or session policy"
            ),
            How::Named => format!("{list} {is} let in by name now, not by {its} account alone"),
            How::Open { by_new, is_star, reading } => {
                let which = if *by_new { "new" } else { "old" };
                let by = if *is_star {
                    "`*` with `aws:PrincipalArn`".to_owned()
                } else {
                    format!("{its} own name")
                };
                format!(
                    "only the {which} policy reaches {list} by {by}: whether it grants more depends on {reading}"
                )
            }
            How::ByItself { by_new, is_star, account } => {
                let account = account.as_ref();
                let clause = account
                    .map_or(String::new(), |account| format!("if the resource is in account {account}, "));
                let needs = if callers.len() == 1 { "needs" } else { "need" };
                let by = if *is_star { "`*`" } else { "name" };
                match by_new {
                    true => format!(
                        "{clause}{list} no longer {needs} an identity policy of {its} own: the policy reaches {} by {by} \
                         now, not by {its} account alone",
                        if callers.len() == 1 { "it" } else { "them" }
                    ),
                    false => format!(
                        "{clause}{list} now {needs} an identity policy of {its} own: the policy reaches {} by {its} \
                         account alone, not by {by}",
                        if callers.len() == 1 { "it" } else { "them" }
                    ),
                }
            }
        }
    }
}

/// The verb and the pronoun for one or several callers.
fn be(callers: &[String]) -> (&'static str, &'static str) {
    if callers.len() == 1 { ("is", "its") } else { ("are", "their") }
}

/// Whether a statement is for everyone.
fn names_everyone(statement: &Statement) -> bool {
    let principals = statement.principal.iter().filter(|element| !element.negated);
    principals.flat_map(|element| element.principals()).any(|(principal, _)| principal == Principal::Any)
}

/// Requests by how much the statements take in that grant them, the most first.
fn coarsest_first<'r>(side: &Side<'_>, requests: &'r [Request]) -> Vec<&'r Request> {
    let mut requests: Vec<&Request> = requests.iter().collect();
    requests.sort_by_cached_key(|request| side.granting(request).map(grants::rank));
    requests
}

/// Two policies whose statements are asked about one request after the other.
struct Sides<'d> {
    old: Side<'d>,
    new: Side<'d>,
}

impl<'d> Sides<'d> {
    fn of(comparison: &Comparison<'d>) -> Self {
        Sides { old: Side::of(comparison.old), new: Side::of(comparison.new) }
    }
}

/// One of them.
pub(super) struct Side<'d> {
    document: &'d Document,
    statements: Replays<'d>,
    /// Whom its Allows name, as they write it.
    named: OnceCell<HashSet<&'d str>>,
    /// The account of what the policy is attached to.
    own_account: OnceCell<Option<String>>,
}

impl<'d> Side<'d> {
    pub(super) fn of(document: &'d Document) -> Self {
        let scope = Scope { kind: document.kind, resource: document.resource.as_deref() };
        let statements = Replays::new(&document.policy.statements, scope);
        Side { document, statements, named: OnceCell::new(), own_account: OnceCell::new() }
    }

    /// The statement that lets a request in; of several, the one that takes in the least.
    pub(super) fn granting(&self, request: &Request) -> Option<&'d Statement> {
        let matching = self.statements.matching(request).filter(|statement| statement.allows());
        matching.max_by_key(|statement| (grants::rank(statement), std::cmp::Reverse(statement.index)))
    }

    /// The first Deny that keeps a request out.
    fn denying(&self, request: &Request) -> Option<&'d Statement> {
        self.statements.matching(request).find(|statement| statement.denies())
    }

    /// Whether an Allow names a caller itself.
    fn names(&self, caller: &Caller) -> bool {
        let named = self.named.get_or_init(|| {
            let allows = self.document.policy.statements.iter().filter(|statement| statement.allows());
            let elements = allows.filter_map(|statement| statement.principal.as_ref());
            elements.flat_map(|element| element.principals().map(|(_, value)| value.text.as_str())).collect()
        });
        matches!(caller, Caller::Aws(arn) if named.contains(arn.as_str()))
    }

    /// The account of a caller that is not that of what the policy is attached to.
    fn other_account<'r>(&self, request: &'r Request) -> Option<&'r str> {
        let Some(Caller::Aws(arn)) = &request.principal else { return None };
        let own = self.own_account.get_or_init(|| access::own_account(self.document)).as_deref()?;
        Some(Arn::parse(arn)?.account).filter(|account| *account != own)
    }
}

/// One grant: the statement that gives it in words, and the request as an example.
fn gain(
    sign: &str,
    role: Role,
    comparison: &Comparison<'_>,
    sides: &Sides<'_>,
    request: &Request,
    style: Style,
) -> String {
    let way = if sign == "-" { Way::Removed } else { Way::Added };
    let side = if way == Way::Removed { &sides.old } else { &sides.new };
    if let Some(statement) = side.granting(request) {
        return gain_by(sign, role, comparison, (side, Some(statement)), request, style);
    }
    for case in &comparison.cases {
        let side = Side::of(if way == Way::Removed { &case.old } else { &case.new });
        if let Some(statement) = side.granting(request) {
            return gain_by(sign, role, comparison, (&side, Some(statement)), request, style);
        }
    }
    gain_by(sign, role, comparison, (side, None), request, style)
}

/// The same, by the statement that gives it, if one does.
fn gain_by(
    sign: &str,
    role: Role,
    comparison: &Comparison<'_>,
    (side, granted): (&Side<'_>, Option<&Statement>),
    request: &Request,
    style: Style,
) -> String {
    let Comparison { old, new, pairs, .. } = comparison;
    let way = if sign == "-" { Way::Removed } else { Way::Added };
    let sentence = match granted {
        Some(statement) => {
            let other = pairs.iter().find_map(|pair| match *pair {
                Pair::Changed { old: before, new: after }
                    if way == Way::Added && after == statement.index =>
                {
                    old.policy.statements.get(before)
                }
                Pair::Changed { old: before, new: after }
                    if way == Way::Removed && before == statement.index =>
                {
                    new.policy.statements.get(after)
                }
                _ => None,
            });
            // A check is about all that a statement grants.
            let other = other.filter(|_| sign != "!");
            grants::sentence(side.document, statement, other, way)
        }
        None if sign == "!" => "a request that it allows".to_owned(),
        // Not a grant that came: a Deny that went.
        None if old.policy.statements.iter().any(Statement::denies) => {
            "a request that a Deny kept out".to_owned()
        }
        None => "a request that was not allowed".to_owned(),
    };
    let sentence = if way == Way::Removed { format!("no longer: {sentence}") } else { sentence };
    lines(&format!("  {sign} "), &sentence, Some(role), style) + &example::lines(request, side, style)
}

/// What is said of a request that a statement grants in both policies, and that a Deny of one of them keeps out.
fn denied_by(
    comparison: &Comparison<'_>,
    sides: &Sides<'_>,
    request: &Request,
    way: Way,
    is_granted: bool,
) -> Option<String> {
    let Comparison { old, new, pairs, .. } = comparison;
    let (with_deny, other, side) = match way {
        Way::Removed => (new, old, &sides.new),
        Way::Added => (old, new, &sides.old),
    };
    if is_granted {
        side.granting(request)?;
    }
    let deny = side.denying(request)?;
    let version = pairs.iter().find_map(|pair| match *pair {
        Pair::Changed { old: before, new: after } if way == Way::Removed && after == deny.index => {
            Some(before)
        }
        Pair::Changed { old: before, new: after } if way == Way::Added && before == deny.index => Some(after),
        _ => None,
    });
    let version = version.and_then(|index| other.policy.statements.get(index));
    let sentence = grants::sentence(with_deny, deny, version, way);
    let others = if is_granted { "" } else { ", whatever other policies grant" };
    Some(match way == Way::Removed {
        true => format!("{sentence}{others}"),
        false => format!("no longer: {sentence}{others}"),
    })
}

fn lines(lead: &str, text: &str, role: Option<Role>, style: Style) -> String {
    hanging(lead, lead.chars().count(), text, style, role)
}

fn name(caller: &Caller) -> String {
    match caller {
        Caller::Aws(text) | Caller::Service(text) | Caller::Federated(text) => text.clone(),
        Caller::CanonicalUser(id) => format!("canonical user {id}"),
        Caller::Anonymous => "anyone, without credentials".to_owned(),
    }
}

fn text(value: &ContextValue) -> String {
    match value {
        ContextValue::One(value) => value.clone(),
        ContextValue::Many(values) => format!("[{}]", values.join(", ")),
    }
}

/// Policies of other accounts that must allow requests as well.
fn requires(side: &Side<'_>, requests: &[Request]) -> BTreeSet<String> {
    let accounts = requests.iter().filter_map(|request| side.other_account(request));
    accounts.map(|account| format!("identity policy of {account}")).collect()
}
