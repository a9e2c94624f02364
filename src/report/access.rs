//! What a statement grants, in a person's words.
//!
//! "This policy lets X do Y" is what is said, never "X can do Y": another policy may have to agree.

use crate::analyze::attached::without_foreign;
use crate::document::Document;
use crate::kind::Kind;
use crate::policy::{Arn, Effect, Element, HolePlace, Principal, Statement, Test, TestKind, Value};

/// How many names are spelt out before the rest is counted.
const LISTED: usize = 3;

/// Whether a resource is the thing itself that the policy is attached to.
fn own(document: &Document, resource: &str) -> bool {
    let is_thing = matches!(document.kind, Kind::Kms | Kind::Sns | Kind::Sqs | Kind::S3);
    let named = document.resource.as_deref().is_some_and(|own| own == resource);
    is_thing && (resource == "*" || named)
}

/// `this key lets role ExpelAssumeRole of account 222222222222 kms:Decrypt, on no condition`; what a Deny
/// takes away, in the same words.
pub fn sentence(document: &Document, statement: &Statement) -> String {
    match unknown(statement) {
        Some(words) => words,
        None => Sentence::new(document, statement).text(),
    }
}

/// What is said of something in the place of a statement of which it is not known what it is.
pub(super) fn unknown(statement: &Statement) -> Option<String> {
    let hole = statement.holes.iter().find(|hole| hole.place == HolePlace::Statement)?;
    Some(format!("what it does is decided by `{}`", hole.label))
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
    /// `; s3:GetObject is not an action on a key`
    idle: String,
}

const UNCONDITIONAL: &str = "on no condition";

impl Sentence {
    pub(super) fn new(document: &Document, statement: &Statement) -> Self {
        let thing = document.kind.thing();
        let (statement, [idle_actions, idle_resources]) = without_foreign(statement, document.sure_kind());
        let statement = &statement;
        let idle = |names: &[String], one: &str, many: &str| match names {
            [] => String::new(),
            [name] => format!("; {name} {one}"),
            names => format!("; {} {many}", list(names)),
        };
        let (one, many) = (format!("is not an action on a {thing}"), format!("are not actions on a {thing}"));
        let mut idle_text = idle(&idle_actions, &one, &many);
        let cannot = format!("cannot be the resource of {}", document.kind.with_article());
        idle_text.push_str(&idle(&idle_resources, &cannot, &cannot));
        let is_empty =
            |element: &Option<Element>| element.as_ref().is_some_and(|one| one.values.items.is_empty());
        let is_idle = !idle_text.is_empty() && (is_empty(&statement.action) || is_empty(&statement.resource));
        let verb = match statement.effect {
            Some(Effect::Allow) => "lets",
            Some(Effect::Deny) => "denies",
            None => "lets or denies",
        };
        let on = match &statement.resource {
            Some(element)
                if !is_idle
                    && (element.negated
                        || !element.values.items.iter().all(|value| own(document, &value.text))) =>
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
            _ if is_idle => String::new(),
            conditions if conditions.is_empty() => UNCONDITIONAL.to_owned(),
            conditions => format!("if {}", conditions.join(" and ")),
        };
        Sentence {
            subject: format!("{subject} {verb}"),
            who: who(statement),
            what: actions(statement.action.as_ref().filter(|_| !is_idle)),
            on,
            but: String::new(),
            tail,
            idle: idle_text,
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
        let Sentence { subject, who, what, on, but, tail, idle } = self;
        let tail = if tail.is_empty() { String::new() } else { format!(", {tail}") };
        format!("{subject} {who} {what}{on}{but}{tail}{idle}")
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
    let names: Vec<String> = element.values.items.iter().map(Value::shown).collect();
    match (element.negated, names.as_slice()) {
        (true, _) => format!("every action but {}", list(&names)),
        (false, [one]) if one == "*" => "every action".to_owned(),
        _ => list(&names),
    }
}

fn resources(element: &Element) -> String {
    let names: Vec<String> = element.values.items.iter().map(Value::shown).collect();
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
    let unknown = statement.holes.iter().filter(|hole| hole.place == HolePlace::Condition);
    let unknown = unknown.map(|hole| format!("`{}` allows it", hole.label));
    statement.conditions.iter().map(condition).chain(unknown).collect()
}

pub(super) fn condition(test: &Test) -> String {
    let values: Vec<String> = test.values.items.iter().map(Value::shown).collect();
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

/// The account that the policy's thing belongs to, by its ARN, or by the statement that gives the
/// account everything.
pub fn own_account(document: &Document) -> Option<String> {
    let of_arn = document.resource.as_deref().and_then(Arn::parse).map(|arn| arn.account.to_owned());
    of_arn.filter(|account| !account.is_empty()).or_else(|| {
        document
            .policy
            .statements
            .iter()
            .filter(|statement| statement.allows() && statement.is_unconditional())
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
