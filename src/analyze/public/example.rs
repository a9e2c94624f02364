//! One request of a stranger that a statement for everyone lets through, made from the values of the
//! policy. Whether it is one is for the evaluator to say.

use super::Stranger;
use super::asked::action_and_resource;
use super::holds::{self, Hold, hold};
use crate::analyze::cover::Scope;
use crate::analyze::evaluate::Range;
use crate::analyze::oidc::OF_THE_OWNER;
use crate::analyze::request::{Caller, ContextValue, Request};
use crate::kind::Kind;
use crate::pattern::Pattern;
use crate::policy::marks::{Mark, marks, variable_key};
use crate::policy::{Arn, SetOperator, Statement, Test, TestKind, can_call, is_account_id};

/// An account that no one chose.
const STRANGER: &str = "999999999999";

/// An account that owns what a policy is attached to, where nothing tells which does.
const OWNER: &str = "111111111111";

/// Keys that real requests carry, or may, though an example leaves them open: what a test on one of
/// them makes of its absence says nothing.
const OPEN: &[&str] = &[
    "aws:currenttime",
    "aws:epochtime",
    "aws:principaltype",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:sourceip",
    "aws:useragent",
    "aws:userid",
];

/// A request that `statement`, an Allow for everyone, may let through past `denies`; `None` where none
/// can be made of the values at hand.
pub(super) fn example(denies: &[&Statement], statement: &Statement, scope: Scope<'_>) -> Option<Stranger> {
    let mut context: Vec<(String, String)> = Vec::new();
    for test in &statement.conditions {
        let needed = needed(test, statement, scope.kind, &mut context)?;
        let known = context.iter().any(|(key, _)| key.eq_ignore_ascii_case(&test.key));
        if let (Some(value), false) = (needed, known) {
            context.push((test.key.clone(), value));
        }
    }
    let is_open = |test: &Test| {
        OPEN.contains(&test.key.to_ascii_lowercase().as_str())
            && !context.iter().any(|(key, _)| key.eq_ignore_ascii_case(&test.key))
    };
    if denies.iter().flat_map(|deny| &deny.conditions).any(is_open) {
        return None;
    }
    let (action, (resource, made_up)) = action_and_resource(statement, scope.kind, scope.resource, &context)?;
    let mut request = Request {
        principal: Some(caller(statement, scope.kind, &context)),
        action,
        resource_account: Arn::parse(&resource)
            .map(|arn| arn.account.to_owned())
            .filter(|id| is_account_id(id)),
        resource,
        ..Request::default()
    };
    for (key, value) in context {
        request.context.insert(key, ContextValue::One(value));
    }
    Some(Stranger { request, made_up, statement: statement.index })
}

/// The text with values of a stranger's in place of its policy variables, which the request then has; `None` where a
/// stranger cannot choose them.
fn filled_in(variables: &str, context: &mut Vec<(String, String)>) -> Option<String> {
    let mut text = variables.to_owned();
    for (range, mark) in marks(variables).into_iter().rev() {
        let Mark::Variable(name) = mark else { return None };
        let key = variable_key(name);
        if OF_THE_OWNER.contains(&key.to_ascii_lowercase().as_str()) {
            return None;
        }
        let known = context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        let value = known.map_or_else(|| like("*", key), |(_, value)| Some(value.clone()))?;
        if known.is_none() {
            context.push((key.to_owned(), value.clone()));
        }
        text.replace_range(range, &value);
    }
    Some(text)
}

/// The same request for an action and a thing that go together, which the engine does not look at.
pub(super) fn paired(found: &Stranger, statement: &Statement, scope: Scope<'_>) -> Option<Stranger> {
    let context: Vec<(String, String)> =
        found.request.context.iter().map(|(key, value)| (key.to_owned(), value.values().join(" "))).collect();
    let (action, (resource, made_up)) = action_and_resource(statement, scope.kind, scope.resource, &context)?;
    let request = Request { action, resource, ..found.request.clone() };
    Some(Stranger { request, made_up, statement: found.statement })
}

/// The same request on a resource of another account than the caller's; `None` if it is one already.
pub(super) fn abroad(found: &Stranger) -> Option<Stranger> {
    let Some(Caller::Aws(caller)) = &found.request.principal else { return None };
    let account = Arn::parse(caller)?.account;
    let arn = Arn::parse(&found.request.resource).filter(|arn| arn.account == account && account != OWNER)?;
    let resource = format!("arn:{}:{}:{}:{OWNER}:{}", arn.partition, arn.service, arn.region, arn.resource);
    let resource_account = found.request.resource_account.as_ref().map(|_| OWNER.to_owned());
    let request = Request { resource, resource_account, ..found.request.clone() };
    Some(Stranger { request, ..found.clone() })
}

/// Whether a statement means whatever the policy is attached to, and nothing tells what that is.
pub(super) fn is_made_up(statement: &Statement, scope: Scope<'_>) -> bool {
    let whatever = |values: &[crate::policy::Value]| values.iter().any(|value| value.text == "*");
    scope.resource.is_none()
        && statement.resource.as_ref().is_none_or(|element| whatever(&element.values.items))
}

/// Whether a request without the key passes a test.
fn absent_passes(test: &Test) -> bool {
    let operator = test.operator;
    if OPEN.contains(&test.key.to_ascii_lowercase().as_str()) && operator.kind != TestKind::Null {
        return false;
    }
    match (operator.kind, operator.set) {
        (TestKind::Null, _) => test.values.items.iter().any(|asked| asked.text.eq_ignore_ascii_case("true")),
        (_, Some(SetOperator::ForAllValues)) => true,
        (_, Some(SetOperator::ForAnyValue)) => operator.if_exists,
        (kind, None) => operator.if_exists || kind.is_negated(),
    }
}

/// The value that a request needs to pass a test; inside, `None` if it passes without the key.
/// Outside, `None` if no value is found.
fn needed(
    test: &Test,
    statement: &Statement,
    kind: Kind,
    context: &mut Vec<(String, String)>,
) -> Option<Option<String>> {
    let absent = absent_passes(test);
    // Without the key it is plainest, where the key is one that a stranger's request lacks.
    if absent && (hold(test, statement, kind) == Hold::Absent || test.operator.kind.is_negated()) {
        return Some(None);
    }
    let first = test.values.items.first().filter(|value| !value.is_hole())?;
    let text = match statement.variables && first.text.contains("${") {
        true => &filled_in(&first.text, context)?,
        false => &first.text,
    };
    let shifted = |by: i64| text.parse::<i64>().ok().map(|number| (number + by).to_string());
    let value = match test.operator.kind {
        TestKind::Null if absent => return Some(None),
        TestKind::Null => "any".to_owned(),
        TestKind::StringLike => like(text, &test.key)?,
        TestKind::ArnEquals | TestKind::ArnLike => arn(text)?,
        TestKind::IpAddress => address(text)?,
        TestKind::NumericLessThan => shifted(-1)?,
        TestKind::NumericGreaterThan => shifted(1)?,
        kind if kind.is_negated() => return absent.then_some(None),
        _ if test.operator.set == Some(SetOperator::ForAllValues) => return Some(None),
        _ => text.clone(),
    };
    Some(Some(value))
}

/// A plausible text that a pattern matches.
fn like(pattern: &str, key: &str) -> Option<String> {
    let key = key.to_ascii_lowercase();
    let samples = [
        STRANGER,
        "o-z9y8x7w6v5",
        "o-z9y8x7w6v5/r-ab12/ou-ab12-11111111/",
        "vpc-0123456789abcdef0",
        "arn:aws:sns:us-east-1:999999999999:any",
        "arn:aws:iam::999999999999:role/any",
    ];
    let plausible = match key.as_str() {
        key if key.ends_with("account") || key.ends_with("owner") => &samples[0..1],
        key if key.ends_with("orgid") => &samples[1..2],
        key if key.ends_with("orgpaths") => &samples[2..3],
        key if key.contains("vpc") => &samples[3..4],
        "aws:principalarn" => &samples[5..6],
        key if key.ends_with("arn") => &samples[4..5],
        _ => &[],
    };
    let matcher = Pattern::new(pattern);
    if let Some(sample) = plausible.iter().find(|sample| matcher.matches(sample)) {
        return Some((*sample).to_owned());
    }
    let made = match pattern.starts_with("arn:") {
        true => arn(pattern),
        false => Some(pattern.replace('*', "any").replace('?', "x")),
    };
    // A caller is what can call.
    made.filter(|made| key != "aws:principalarn" || can_call(made))
}

/// A plausible ARN that a pattern of ARNs matches.
pub(super) fn arn(pattern: &str) -> Option<String> {
    if pattern == "*" {
        return Some(format!("arn:aws:sns:us-east-1:{STRANGER}:any"));
    }
    let arn = Arn::parse(pattern)?;
    let is_bucket = arn.service == "s3";
    let fill = |part: &str, whole: &str| match part {
        "*" => whole.to_owned(),
        part => part.replace('*', "any").replace('?', "1"),
    };
    Some(format!(
        "arn:{}:{}:{}:{}:{}",
        fill(arn.partition, "aws"),
        fill(arn.service, "sns"),
        fill(arn.region, if is_bucket { "" } else { "us-east-1" }),
        fill(arn.account, if is_bucket { "" } else { STRANGER }),
        fill(arn.resource, "any"),
    ))
}

fn address(range: &str) -> Option<String> {
    let parsed = Range::parse(range)?;
    let is_in = |sample: &&&str| sample.parse().is_ok_and(|address| parsed.contains(address));
    if let Some(sample) = ["198.51.100.7", "2001:db8::7"].iter().find(is_in) {
        return Some((*sample).to_owned());
    }
    range.split('/').next().map(str::to_owned)
}

/// Who would send a request that says this.
fn caller(statement: &Statement, kind: Kind, context: &[(String, String)]) -> Caller {
    let given = |key: &str| context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
    let is_anonymous =
        |key: &&str| given(key).is_some_and(|(_, value)| value.eq_ignore_ascii_case(holds::ANONYMOUS));
    if ["aws:PrincipalAccount", "aws:userid"].iter().any(is_anonymous) {
        return Caller::Anonymous;
    }
    if let Some((_, arn)) = given("aws:PrincipalArn") {
        return Caller::Aws(arn.clone());
    }
    if let Some((_, kind)) = given("aws:PrincipalType") {
        return match kind.as_str() {
            "User" => Caller::Aws(format!("arn:aws:iam::{STRANGER}:user/any")),
            "Anonymous" => Caller::Anonymous,
            _ => Caller::Aws(format!("arn:aws:iam::{STRANGER}:role/any")),
        };
    }
    if let Some((_, arn)) = given("aws:SourceArn") {
        let service = Arn::parse(arn).map_or("sns", |arn| arn.service);
        return Caller::Service(format!("{service}.amazonaws.com"));
    }
    if given("aws:SourceAccount").is_some() || given("aws:SourceOrgID").is_some() {
        return Caller::Service("sns.amazonaws.com".to_owned());
    }
    // A test that only a request without credentials passes: all others carry the key.
    let lacks_principal = statement.conditions.iter().any(|test| {
        ["aws:principalarn", "aws:principalaccount", "aws:userid"]
            .contains(&test.key.to_ascii_lowercase().as_str())
            && hold(test, statement, kind) == Hold::Absent
    });
    match lacks_principal || (kind == Kind::S3 && statement.is_unconditional()) {
        true if holds::takes_anonymous(kind) => Caller::Anonymous,
        _ => Caller::Aws(format!("arn:aws:iam::{STRANGER}:role/any")),
    }
}
