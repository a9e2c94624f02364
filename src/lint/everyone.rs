//! Statements that let everyone in: what the rules about them share, and what is said of those that
//! a condition holds.

use std::collections::BTreeSet;

use crate::analyze::public::{self, Hold, Public, Question, Stranger, hold, names_an_owner};
use crate::analyze::request::{Caller, Request};
use crate::catalog::{Level, actions_matching};
use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::kind::Kind;
use crate::policy::{Arn, PrincipalEntry, SetOperator, Statement, Test, TestKind, Value};
use crate::span::Span;

/// Something that is no finding, though it looks like one: for people who ask for more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The place, in the text of the policy.
    pub span: Span,
    /// One line: lower case, no full stop.
    pub message: String,
}

/// Why statements that let everyone in are no finding.
pub fn remarks(document: &Document) -> Vec<Remark> {
    let policy = &document.policy;
    let question = Question::new(document);
    let denies = public::denies(policy);
    let everyone = policy.statements.iter().filter_map(|statement| {
        let entry = public::everyone(statement).filter(|_| grants(document.kind))?;
        let number = statement.index + 1;
        let who = entry.key.map_or(entry.values.span, |key| key.to(entry.values.span)).slice(document.text());
        let message = if let Some(test) = public::pinned(statement, document.kind) {
            let place = document.source().place(document.in_file(test.key_span));
            let values: Vec<&str> = test.values.items.iter().map(|value| value.text.as_str()).collect();
            format!(
                "statement {number} lets in `{who}`, but `{}` ({place}) holds it to {}",
                test.key,
                values.join(" or ")
            )
        } else if let Some(deny) = public::taken_back(&denies, statement, document.kind) {
            format!("statement {number} lets in `{who}`, but {} denies all others", deny.name())
        } else if question.of(statement) == Public::Proved {
            format!("statement {number} lets in `{who}`, but its conditions and the Denies leave no stranger")
        } else {
            return None;
        };
        Some(Remark { span: entry.values.span, message })
    });
    everyone.collect()
}

/// Whether a policy of this kind names principals and gives them something.
fn grants(kind: Kind) -> bool {
    kind.grants() && kind.names_principal()
}

/// The place of `*` in a statement that lets everyone in, if that is not proved to be only so to look at, and
/// a request of a stranger that gets in, if there is one.
pub(super) fn open(statement: &Statement, question: &Question<'_>) -> Option<(Span, Option<Box<Stranger>>)> {
    let entry: &PrincipalEntry = public::everyone(statement).filter(|_| statement.is_complete())?;
    let span = entry.values.items.iter().find(|value| value.text == "*").map(|value| value.span)?;
    match question.of(statement) {
        Public::Proved | Public::ByS3(_) => None,
        Public::Witness(stranger) => Some((span, Some(stranger))),
        Public::NotProved(_) if depends_on_holes(statement, question.kind()) => None,
        // `condition-key-never-present`, `key-without-its-action` and `trust-action` report that.
        Public::NotProved(_) if question.never_passes(statement).is_some() => None,
        Public::NotProved(_) => Some((span, None)),
    }
}

/// Whether what is not known of a statement may keep strangers out.
fn depends_on_holes(statement: &Statement, kind: Kind) -> bool {
    statement.has_unknown_condition()
        || statement.conditions.iter().any(|test| hold(test, statement, kind) == Hold::Unknown)
}

/// The test that most looks as if it kept strangers out, and why it does not.
pub(super) fn nearest_hold(statement: &Statement, kind: Kind) -> Option<(&Test, Hold)> {
    let rank = |hold: &Hold| match hold {
        Hold::Fixed => 0,
        Hold::Unknown => 1,
        Hold::Absent => 2,
        Hold::Open => 3,
        Hold::Negated => 4,
        Hold::Weak => 5,
    };
    let tests = statement.conditions.iter().map(|test| (test, hold(test, statement, kind)));
    tests.min_by_key(|(_, hold)| rank(hold))
}

/// The value that strangers have as well.
pub(super) fn open_value<'t>(test: &'t Test, statement: &Statement, kind: Kind) -> Option<&'t Value> {
    test.values.items.iter().find(|value| {
        let mut alone = test.clone();
        alone.values.items = vec![(*value).clone()];
        hold(&alone, statement, kind) == Hold::Open
    })
}

/// The lines of an example.
fn example_lines(stranger: &Stranger, statement: &Statement, document: &Document) -> Vec<String> {
    let request = &stranger.request;
    let mut lines: Vec<String> = caller(request, statement, document.kind).into_iter().collect();
    lines.push(match stranger.made_up {
        true => format!("{} on this {}", request.action, document.kind.thing()),
        false => format!("{} on {}", request.action, request.shown_resource()),
    });
    // What the caller's ARN says already is shown where it is tested.
    let account = match &request.principal {
        Some(Caller::Aws(arn)) => Arn::parse(arn).map(|arn| arn.account),
        _ => None,
    };
    let is_said = |key: &str, values: &[String]| {
        key.eq_ignore_ascii_case("aws:PrincipalAccount")
            && matches!(values, [value] if Some(value.as_str()) == account)
            && !statement.conditions.iter().any(|test| test.key.eq_ignore_ascii_case(key))
    };
    let context = request.context.iter().filter(|(key, value)| !is_said(key, value.values()));
    let context: Vec<String> =
        context.map(|(key, value)| format!("{key} {}", value.values().join(" "))).collect();
    if !context.is_empty() {
        lines.push(format!("with {}", context.join(", ")));
    }
    let tests = statement.conditions.iter();
    let absent = tests.filter(|test| request.context.get(&test.key).is_none());
    for test in absent.filter(|test| hold(test, statement, document.kind) == Hold::Absent) {
        let part = match test.operator.set {
            Some(SetOperator::ForAllValues) => "ForAllValues",
            _ => "IfExists",
        };
        lines.push(format!("the request has no {}, so the `{part}` test passes", test.key));
    }
    lines
}

fn caller(request: &Request, statement: &Statement, kind: Kind) -> Option<String> {
    let lacks_organization = statement.conditions.iter().any(|test| {
        test.key.to_ascii_lowercase().starts_with("aws:principalorg")
            && hold(test, statement, kind) == Hold::Absent
    });
    Some(match request.principal.as_ref()? {
        Caller::Anonymous => "anyone, without credentials".to_owned(),
        Caller::Aws(arn) if lacks_organization => format!("{arn}, of an account in no organization"),
        Caller::Aws(arn) => format!("{arn}, of any account"),
        Caller::Service(service) => format!("{service}, for any account"),
        Caller::Federated(provider) => format!("whoever {provider} signs in"),
        Caller::CanonicalUser(id) => format!("canonical user {id}"),
    })
}

/// Who gets through, as the subject of "may".
pub(super) fn strangers(test: &Test, hold: Hold) -> String {
    let key = test.key.to_ascii_lowercase();
    match hold {
        Hold::Absent if key.starts_with("aws:principalorg") => {
            "accounts that are in no organization".to_owned()
        }
        Hold::Absent
            if ["aws:principalarn", "aws:principalaccount", "aws:userid"].contains(&key.as_str()) =>
        {
            "callers without credentials".to_owned()
        }
        Hold::Absent if key.starts_with("aws:sourcevpc") => "callers outside of any VPC endpoint".to_owned(),
        Hold::Absent => format!("callers that send no `{}`", test.key),
        Hold::Negated => "everyone but a few".to_owned(),
        _ => "everyone".to_owned(),
    }
}

/// The words that read on from "everyone …".
pub(super) fn but(test: &Test, hold: Hold, value: Option<&Value>) -> String {
    let key = test.key.to_ascii_lowercase();
    match hold {
        Hold::Absent if key.starts_with("aws:principalorg") => {
            "… save callers of other organizations".to_owned()
        }
        Hold::Absent => "… save callers that send another value".to_owned(),
        Hold::Open => {
            value.map_or_else(String::new, |value| format!("… as any caller can have `{}`", value.text))
        }
        Hold::Negated => "… save those who are named here".to_owned(),
        _ => "… as this does not ask who calls".to_owned(),
    }
}

/// What to do about it.
pub(super) fn advice(test: &Test, hold: Hold) -> String {
    let operator = test.operator;
    let one = match test.values.items.as_slice() {
        [value] => Some(value.text.as_str()),
        _ => None,
    };
    let is_organization = test.key.to_ascii_lowercase().ends_with("orgid");
    match hold {
        Hold::Absent if operator.set == Some(SetOperator::ForAllValues) => {
            format!("`ForAnyValue:{}` lets in only who sends one of the values", operator.kind.name())
        }
        Hold::Absent => match one {
            Some(value) if is_organization => {
                format!("`{}` lets in organization {value} only", without_if_exists(test))
            }
            Some(value) => format!("`{}` lets in {value} only", without_if_exists(test)),
            None => format!("`{}` lets in only who sends one of the values", without_if_exists(test)),
        },
        Hold::Open if operator.kind == TestKind::StringLike && one.is_some_and(names_an_owner) => {
            "`ArnLike` compares an ARN part by part: its `*` does not run across a colon".to_owned()
        }
        Hold::Open => "write the account, organization or ARN that is meant, without a wildcard".to_owned(),
        _ => ASK_WHO.to_owned(),
    }
}

/// What holds a statement for everyone.
pub(super) const ASK_WHO: &str = "name the principals, or add a test of who calls, such as \"StringEquals\": \
                                  { \"aws:PrincipalOrgID\": \"<your organization>\" }";

/// `ForAnyValue:StringLike` of `ForAnyValue:StringLikeIfExists`.
pub(super) fn without_if_exists(test: &Test) -> String {
    let set = match test.operator.set {
        Some(SetOperator::ForAllValues) => "ForAllValues:",
        Some(SetOperator::ForAnyValue) => "ForAnyValue:",
        None => "",
    };
    format!("{set}{}", test.operator.kind.name())
}

/// What the statement lets people do, as in "may …": the actions in words where there are few and a
/// reader knows them.
pub(super) fn may(statement: &Statement) -> String {
    let Some(element) = &statement.action else { return "do nothing".to_owned() };
    let names: Vec<&str> = element.values.items.iter().map(|value| value.text.as_str()).collect();
    if element.negated {
        return "do all but what `NotAction` names".to_owned();
    }
    let verbs: Option<Vec<&str>> = names.iter().map(|name| verb(name)).collect();
    match (verbs, names.as_slice()) {
        (Some(mut verbs), names) if names.len() <= 3 => {
            verbs.dedup();
            in_words(&verbs)
        }
        (_, ["*"]) => "do everything".to_owned(),
        (_, [name]) => format!("use `{name}`{}", kinds_of_access(&names)),
        (_, names) => format!("use {} actions{}", names.len(), kinds_of_access(names)),
    }
}

/// ` (read and write)`: what actions do, in the words of AWS's own access levels; empty for those that nobody
/// knows.
fn kinds_of_access(names: &[&str]) -> String {
    let levels: BTreeSet<Level> =
        names.iter().flat_map(|name| actions_matching(name)).map(|action| action.level()).collect();
    let words: Vec<&str> = levels
        .iter()
        .map(|level| match level {
            Level::List => "list",
            Level::Read => "read",
            Level::Write => "write",
            Level::Tagging => "tag",
            Level::PermissionsManagement => "change permissions",
        })
        .collect();
    match words.as_slice() {
        [] => String::new(),
        [word] => format!(" ({word})"),
        [first @ .., last] => format!(" ({} and {last})", first.join(", ")),
    }
}

fn in_words(words: &[&str]) -> String {
    match words {
        [] => "do nothing".to_owned(),
        [word] => (*word).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn verb(action: &str) -> Option<&'static str> {
    Some(match action.to_ascii_lowercase().as_str() {
        "sns:publish" => "publish",
        "sns:subscribe" => "subscribe",
        "sqs:sendmessage" => "send messages",
        "sqs:receivemessage" => "receive messages",
        "sqs:deletemessage" => "delete messages",
        "s3:getobject" | "s3:getobjectversion" => "read objects",
        "s3:putobject" => "write objects",
        "s3:deleteobject" => "delete objects",
        "s3:listbucket" => "list the bucket",
        "kms:decrypt" => "decrypt",
        "kms:encrypt" => "encrypt",
        "sts:assumerole" => "assume the role",
        "lambda:invokefunction" => "invoke the function",
        "secretsmanager:getsecretvalue" => "read the secret",
        _ => return None,
    })
}

/// Whether the test's operator object holds this test alone, and no other one has the name that it
/// would get.
pub(super) fn is_alone(test: &Test, statement: &Statement) -> bool {
    let mut operator = test.operator;
    operator.if_exists = false;
    test.operator.kind != TestKind::Null
        && statement.conditions.iter().all(|other| {
            std::ptr::eq(other, test)
                || (other.operator_span != test.operator_span && other.operator != operator)
        })
}

/// The finding with the request that shows it, if there is one.
pub(super) fn with_example(
    mut finding: Diagnostic,
    stranger: Option<&Stranger>,
    statement: &Statement,
    document: &Document,
) -> Diagnostic {
    if let Some(stranger) = stranger {
        finding.example = example_lines(stranger, statement, document);
        finding.witness = Some(stranger.request.to_json());
    }
    finding
}
