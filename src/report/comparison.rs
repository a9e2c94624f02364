//! Two policies compared, for people, for programs and for a review comment.

use std::collections::BTreeSet;

mod checks;
mod data;
mod markdown;
mod verdict;

pub use data::{answer, json};
pub use markdown::markdown;
pub(super) use {checks::option, markdown::escaped};

use super::access;
use super::changes::{self, Counts};
use super::style::{Role, Style, clean};
use super::wrap::{WIDTH, wrap};
use crate::analyze::compare::Comparison;
use crate::analyze::cover::Scope;
use crate::analyze::replay;
use crate::analyze::request::{Caller, ContextValue, Request};
use crate::document::Document;
use crate::kind::Kind;
use crate::policy::{Arn, Statement};

/// The report for people: what changed in the text, then in access, verdict last.
pub fn human(comparison: &Comparison<'_>, style: Style) -> String {
    let Comparison { old, new, pairs, .. } = comparison;
    let counts = Counts::of(old, new, pairs);
    let mut out = changes::head(old, new, counts, style);
    out.push_str(&changes::statements(old, new, pairs, style));
    let access = access(comparison, style);
    if !access.is_empty() {
        out.push_str(&format!("\n{}\n{access}", style.paint(Role::Strong, "Access")));
    }
    if !comparison.checks.is_empty() {
        let checks = checks::section(comparison, style);
        out.push_str(&format!("\n{}\n{checks}", style.paint(Role::Strong, "Checks")));
    }
    for assumption in assumptions(comparison) {
        out.push_str(&style.paint(Role::Dim, &format!("taken for granted: {assumption}")));
        out.push('\n');
    }
    out.push_str(&format!("\n{}\n", verdict::line(comparison, counts, style)));
    out
}

/// What was taken for granted, each once.
fn assumptions<'c>(comparison: &'c Comparison<'_>) -> BTreeSet<&'c String> {
    let checks = comparison.checks.iter().flat_map(|check| &check.assumptions);
    comparison.change.assumptions.iter().chain(checks).collect()
}

/// What came and what went, each with a request for which it is so; empty where nothing did.
pub fn access(comparison: &Comparison<'_>, style: Style) -> String {
    let Comparison { old, new, change, .. } = comparison;
    let mut out = String::new();
    for request in &change.added {
        out.push_str(&gain("+", Role::Careful, new, request, style));
    }
    for request in &change.removed {
        out.push_str(&gain("-", Role::Bad, old, request, style));
    }
    for request in &change.direct {
        let who = request.principal.as_ref().map_or_else(String::new, name);
        let text = format!("{who}: named by one of the two, reached by its account alone in the other");
        out.push_str(&lines("  ~ ", &text, None, style));
        out.push_str(&example(request, new, style));
    }
    for why in &change.unproved {
        out.push_str(&lines("  ? ", &format!("not proved: {why}"), Some(Role::Bad), style));
    }
    let sides = [(change.removed.is_empty(), "removed"), (change.added.is_empty(), "added")];
    let nothing: Vec<&str> = sides.iter().filter(|(empty, _)| *empty).map(|(_, word)| *word).collect();
    if !out.is_empty() && change.exact && nothing.len() == 1 {
        out.push_str(&format!("  - nothing is {}\n", nothing.join("")));
    }
    out
}

/// One grant: the statement that gives it in words, and the request as an example.
fn gain(sign: &str, role: Role, document: &Document, request: &Request, style: Style) -> String {
    let sentence = match granting(document, request) {
        Some(statement) => access::grant(document, statement).sentence,
        // Not a grant that came: a Deny that went.
        None => "a request that a Deny kept out".to_owned(),
    };
    let sentence = if sign == "-" { format!("no longer: {sentence}") } else { sentence };
    lines(&format!("  {sign} "), &sentence, Some(role), style) + &example(request, document, style)
}

/// The statement that lets a request in.
fn granting<'d>(document: &'d Document, request: &Request) -> Option<&'d Statement> {
    let scope = Scope { kind: document.kind, resource: document.resource.as_deref() };
    let statements = document.policy.statements.iter();
    statements
        .filter(|statement| statement.allows())
        .find(|statement| replay::accepts(statement, request, scope) == Some(true))
}

fn lines(lead: &str, text: &str, role: Option<Role>, style: Style) -> String {
    let width = lead.chars().count();
    let lines = wrap(&clean(text), WIDTH - width);
    let painted = lines.iter().map(|line| role.map_or_else(|| line.clone(), |role| style.paint(role, line)));
    format!("{lead}{}\n", painted.collect::<Vec<_>>().join(&format!("\n{}", " ".repeat(width))))
}

/// A request in words, one line each: who, what on which thing, and what else it says.
pub(super) fn in_words(request: &Request, document: &Document) -> Vec<String> {
    let mut words: Vec<String> = request.principal.iter().map(name).collect();
    let thing = match document.kind {
        Kind::Kms | Kind::Sns | Kind::Sqs
            if request.resource.split(':').nth(2) == document.kind.service() =>
        {
            format!("this {}", document.kind.thing())
        }
        _ => request.resource.clone(),
    };
    let what = format!("{} on {thing}", request.action);
    let context: Vec<String> =
        request.context.iter().map(|(key, value)| format!("{key} {}", text(value))).collect();
    words.push(if context.is_empty() { what } else { format!("{what}, with") });
    words.extend(context);
    words
}

fn example(request: &Request, document: &Document, style: Style) -> String {
    let words = in_words(request, document);
    let mut out = String::new();
    for (index, line) in words.iter().flat_map(|word| wrap(&clean(word), WIDTH - 20)).enumerate() {
        let word = if index == 0 { "for example" } else { "" };
        out.push_str(&format!(
            "      {}{}{line}\n",
            style.paint(Role::Dim, word),
            " ".repeat(14 - word.len())
        ));
    }
    for account in requires(document, std::slice::from_ref(request)) {
        out.push_str(&format!(
            "      {}   its own policy must allow it too ({account})\n",
            style.paint(Role::Dim, "also needed")
        ));
    }
    out
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

/// Policies of other accounts that must allow a request as well.
fn requires(document: &Document, requests: &[Request]) -> BTreeSet<String> {
    let own = access::own_account(document);
    let callers = requests.iter().filter_map(|request| match &request.principal {
        Some(Caller::Aws(arn)) => Arn::parse(arn).map(|arn| arn.account.to_owned()),
        _ => None,
    });
    let elsewhere = callers.filter(|account| own.as_ref().is_some_and(|own| own != account));
    elsewhere.map(|account| format!("identity policy of {account}")).collect()
}
