//! What a statement grants, in a person's words, with an example request.
//!
//! "This policy lets X do Y" is what is said, never "X can do Y": another policy may have to agree.

use serde_json::{Value as Json, json};

use super::comparison::in_words;
use crate::analyze::cover::Scope;
use crate::analyze::replay::policy_allows;
use crate::analyze::request::Request;
use crate::analyze::space::{Answer, Engine, Notion};
use crate::document::Document;
use crate::kind::Kind;
use crate::policy::{Arn, Element, Principal, Statement, Test, TestKind};

/// How many names are spelt out before the rest is counted.
const LISTED: usize = 3;

/// A grant in words.
pub struct Grant {
    /// `this key lets role ExpelAssumeRole of account 222222222222 kms:Decrypt, on no condition`
    pub sentence: String,
    /// A request that it lets through, one line each.
    pub example: Vec<String>,
    /// The same request as data, in the shape that `can` takes; `None` where none was found that gets in.
    pub request: Option<Json>,
}

/// What an Allow statement of `document` grants, with a request that the evaluator lets in.
pub fn grant(document: &Document, statement: &Statement) -> Grant {
    let (principal, action, resource) = witness(document, statement);
    let context = context(statement);
    let mut example = Vec::new();
    if let Some(principal) = &principal {
        example.push(principal.clone());
    }
    let on = match own(document, &resource) {
        true => format!("this {}", document.kind.thing()),
        false => resource.clone(),
    };
    let on = if document.kind == Kind::Trust { action.clone() } else { format!("{action} on {on}") };
    let with: Vec<String> = context.iter().map(|(key, value)| format!("{key} {}", plain(value))).collect();
    match (with.is_empty(), document.kind) {
        (false, _) => {
            example.push(format!("{on}, with"));
            example.extend(with);
        }
        (true, Kind::Kms) => example.push(format!("{on}, no encryption context")),
        (true, _) => example.push(on),
    }
    let request = json!({
        "principal": principal.map_or(Json::Null, |principal| match principal.as_str() {
            "anyone" => json!({"type": "Anonymous"}),
            _ => principal.into(),
        }),
        "action": action,
        "resource": resource,
        "resource_account": account(document, &resource),
        "context": context.into_iter().collect::<serde_json::Map<_, _>>(),
    });
    let sentence = sentence(document, statement);
    let scope = Scope { kind: document.kind, resource: document.resource.as_deref() };
    let statements = &document.policy.statements;
    let gets_in = Request::from_json(&request)
        .is_ok_and(|request| policy_allows(statements, &request, scope) == Some(true));
    if gets_in {
        return Grant { sentence, example, request: Some(request) };
    }
    // Values at hand do not always do: then the engine finds some.
    let others = statements.iter().filter(|other| !other.allows());
    let left: Vec<Statement> = std::iter::once(statement).chain(others).cloned().collect();
    match Engine::new(scope).compare(&left, &[], Notion::Access).answer {
        Answer::Witness(found) => {
            Grant { sentence, example: in_words(&found, document), request: Some(found.to_json()) }
        }
        Answer::Covered | Answer::NotProved(_) => Grant { sentence, example: Vec::new(), request: None },
    }
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether a resource is the thing itself that the policy hangs on.
fn own(document: &Document, resource: &str) -> bool {
    let is_thing = matches!(document.kind, Kind::Kms | Kind::Sns | Kind::Sqs | Kind::S3);
    let named = document.resource.as_deref().is_some_and(|own| own == resource);
    is_thing && (resource == "*" || named)
}

fn account(document: &Document, resource: &str) -> Option<String> {
    let of =
        |arn: &str| Arn::parse(arn).map(|arn| arn.account.to_owned()).filter(|account| !account.is_empty());
    of(resource).or_else(|| document.resource.as_deref().and_then(of))
}

/// `this key lets role ExpelAssumeRole of account 222222222222 kms:Decrypt, on no condition`; what a Deny
/// takes away, in the same words.
pub fn sentence(document: &Document, statement: &Statement) -> String {
    Sentence::new(document, statement).text()
}

/// What a statement does, in parts that a caller may put otherwise.
pub(super) struct Sentence {
    /// `this key lets`
    subject: String,
    /// `role ExpelAssumeRole of account 222222222222`
    pub who: String,
    /// `kms:Decrypt`
    what: String,
    /// ` on arn:aws:s3:::bucket`; nothing where it is the thing itself.
    pub on: String,
    /// `, not AnotherRole alone`
    but: String,
    /// The conditions.
    pub tail: String,
}

const UNCONDITIONAL: &str = "on no condition";

impl Sentence {
    pub(super) fn new(document: &Document, statement: &Statement) -> Self {
        let thing = document.kind.thing();
        let verb = if statement.denies() { "denies" } else { "lets" };
        let on = match &statement.resource {
            Some(element)
                if element.negated
                    || !element.values.items.iter().all(|value| own(document, &value.text)) =>
            {
                format!(" on {}", resources(element))
            }
            _ => String::new(),
        };
        let subject = match document.kind {
            Kind::Identity => "this policy".to_owned(),
            Kind::Boundary | Kind::Session | Kind::Scp | Kind::Rcp => {
                "this policy leaves room: it".to_owned()
            }
            _ => format!("this {thing}"),
        };
        let tail = match conditions(statement) {
            conditions if conditions.is_empty() => UNCONDITIONAL.to_owned(),
            conditions => format!("if {}", conditions.join(" and ")),
        };
        Sentence {
            subject: format!("{subject} {verb}"),
            who: who(statement),
            what: actions(statement.action.as_ref()),
            on,
            but: String::new(),
            tail,
        }
    }

    /// Sets off what it did before.
    pub(super) fn but(&mut self, words: &str) {
        self.but = format!(", {words}");
        if self.tail == UNCONDITIONAL {
            self.tail.clear();
        }
    }

    /// Adds to the conditions.
    pub(super) fn and(&mut self, words: &str) {
        match self.tail.as_str() {
            "" | UNCONDITIONAL => words.clone_into(&mut self.tail),
            tail => self.tail = format!("{tail}, {words}"),
        }
    }

    pub(super) fn text(&self) -> String {
        let Sentence { subject, who, what, on, but, tail } = self;
        let tail = if tail.is_empty() { String::new() } else { format!(", {tail}") };
        format!("{subject} {who} {what}{on}{but}{tail}")
    }
}

fn who(statement: &Statement) -> String {
    let Some(element) = &statement.principal else { return "its holder".to_owned() };
    let names: Vec<String> = element.principals().map(|(principal, _)| principal.describe()).collect();
    match element.negated {
        true => format!("everyone but {}", list(&names)),
        false => list(&names),
    }
}

fn actions(element: Option<&Element>) -> String {
    let Some(element) = element else { return "nothing".to_owned() };
    let names: Vec<String> = element.values.items.iter().map(|value| value.text.clone()).collect();
    match (element.negated, names.as_slice()) {
        (true, _) => format!("every action but {}", list(&names)),
        (false, [one]) if one == "*" => "every action".to_owned(),
        _ => list(&names),
    }
}

fn resources(element: &Element) -> String {
    let names: Vec<String> = element.values.items.iter().map(|value| value.text.clone()).collect();
    match (element.negated, names.as_slice()) {
        (true, _) => format!("everything but {}", list(&names)),
        (false, [one]) if one == "*" => "everything".to_owned(),
        _ => list(&names),
    }
}

/// `a`, `a and b`, `a, b and 4 more`
pub(super) fn list(names: &[String]) -> String {
    match names {
        [] => "nobody".to_owned(),
        [one] => one.clone(),
        _ if names.len() <= LISTED => {
            let (last, others) = names.split_at(names.len() - 1);
            format!("{} and {}", last.join(", "), others.join(", "))
        }
        _ => format!("{} and {} more", names[..LISTED - 1].join(", "), names.len() + 1 - LISTED),
    }
}

/// Each test of a statement in words.
pub fn conditions(statement: &Statement) -> Vec<String> {
    statement.conditions.iter().map(condition).collect()
}

pub(super) fn condition(test: &Test) -> String {
    let values: Vec<String> = test.values.items.iter().map(|value| value.text.clone()).collect();
    let kind = test.operator.kind;
    let (joined, key) = (values.join(" or "), &test.key);
    let text = match kind {
        TestKind::Null if joined.eq_ignore_ascii_case("false") => format!("{key} is present"),
        TestKind::Null => format!("{key} is absent"),
        TestKind::StringEquals
        | TestKind::ArnEquals
        | TestKind::Bool
        | TestKind::NumericEquals
        | TestKind::DateEquals => {
            format!("{key} is {joined}")
        }
        TestKind::StringEqualsIgnoreCase => format!("{key} is {joined} in any case"),
        TestKind::StringLike | TestKind::ArnLike => format!("{key} is like {joined}"),
        TestKind::IpAddress => format!("{key} is in {joined}"),
        TestKind::NotIpAddress => format!("{key} is not in {joined}"),
        TestKind::StringNotLike | TestKind::ArnNotLike => format!("{key} is not like {joined}"),
        TestKind::StringNotEquals | TestKind::ArnNotEquals => format!("{key} is not {joined}"),
        other => format!("{key} passes {} {joined}", other.name()),
    };
    let text = match test.operator.set {
        None => text,
        Some(crate::policy::SetOperator::ForAllValues) => format!("for each of its values {text}"),
        Some(crate::policy::SetOperator::ForAnyValue) => format!("for one of its values {text}"),
    };
    if test.operator.if_exists { format!("{text}, where it exists") } else { text }
}

/// One principal, action and resource that the statement names.
fn witness(document: &Document, statement: &Statement) -> (Option<String>, String, String) {
    let principal = statement.principal.as_ref().map(|element| {
        let first = element.principals().find(|_| !element.negated);
        match first {
            Some((Principal::Account(account), value)) => {
                let partition = Arn::parse(&value.text).map_or("aws", |arn| arn.partition);
                format!("arn:{partition}:iam::{account}:role/any")
            }
            Some((Principal::Any, _)) | None => "anyone".to_owned(),
            Some((_, value)) => value.text.clone(),
        }
    });
    let value = |element: &Option<Element>| {
        element
            .as_ref()
            .filter(|element| !element.negated)
            .and_then(|element| element.values.items.first())
            .map(|value| value.text.clone())
    };
    let action = value(&statement.action).map_or_else(|| "*".to_owned(), |action| concrete_action(&action));
    let resource = match value(&statement.resource) {
        Some(resource) if resource == "*" => document.resource.clone().unwrap_or(resource),
        Some(resource) => resource.replace('*', "any").replace('?', "x"),
        None => document.resource.clone().unwrap_or_else(|| "*".to_owned()),
    };
    (principal, action, resource)
}

/// An action that a pattern matches, and that there is for the patterns of the common kinds.
fn concrete_action(pattern: &str) -> String {
    let folded = pattern.to_ascii_lowercase();
    let known = [
        ("kms:*", "kms:Decrypt"),
        ("s3:*", "s3:GetObject"),
        ("sns:*", "sns:Publish"),
        ("sqs:*", "sqs:SendMessage"),
    ];
    match known.iter().find(|(known, _)| *known == folded) {
        Some((_, action)) => (*action).to_owned(),
        None => pattern.replace(['*', '?'], ""),
    }
}

/// Context that passes the tests, as far as a value can be taken from them.
fn context(statement: &Statement) -> Vec<(String, Json)> {
    let mut context = Vec::new();
    for test in &statement.conditions {
        let Some(value) = test.values.items.first() else { continue };
        let kind = test.operator.kind;
        let value = match kind {
            TestKind::Null if value.text.eq_ignore_ascii_case("false") => "any".to_owned(),
            TestKind::Null => continue,
            _ if kind.is_negated() => continue,
            TestKind::StringLike | TestKind::ArnLike | TestKind::ArnEquals => {
                value.text.replace('*', "any").replace('?', "x")
            }
            _ => value.text.clone(),
        };
        context.push((test.key.clone(), value.into()));
    }
    context
}

/// The account that the policy's thing belongs to, by its ARN, or by the statement that gives the
/// account everything.
pub fn own_account(document: &Document) -> Option<String> {
    let of_arn = document.resource.as_deref().and_then(Arn::parse).map(|arn| arn.account.to_owned());
    of_arn.filter(|account| !account.is_empty()).or_else(|| {
        document
            .policy
            .statements
            .iter()
            .filter(|statement| statement.allows() && statement.conditions.is_empty())
            .find_map(account_of)
    })
}

/// The account that a statement names as a whole.
pub fn account_of(statement: &Statement) -> Option<String> {
    statement.principal.as_ref()?.principals().find_map(|(principal, _)| match principal {
        Principal::Account(account) => Some(account),
        _ => None,
    })
}
