//! One request of a stranger that a statement for everyone lets through.
//!
//! It is made from the values of the policy and then checked against every statement: what cannot be
//! shown to pass is not given as an example.

use serde_json::{Map, Value as Json, json};

use super::holds::{self, Hold, hold};
use super::test::{in_range, passes};
use crate::kind::Kind;
use crate::pattern::Pattern;
use crate::policy::{Action, Arn, Policy, Resource, SetOperator, Statement, Test, TestKind};

/// An account that nobody chose.
pub const STRANGER: &str = "999999999999";

/// Who sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Somebody without credentials.
    Anonymous,
    /// The principal of that ARN.
    Principal(String),
    /// A service, as `sns.amazonaws.com`, for somebody.
    Service(String),
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who sends it.
    pub caller: Caller,
    /// What it asks for.
    pub action: String,
    /// The ARN that it asks for; made up where the policy means whatever it hangs on.
    pub resource: String,
    /// Whether the ARN is made up.
    pub made_up: bool,
    /// What else it says, keys as the policy spells them.
    pub context: Vec<(String, String)>,
}

impl Request {
    /// The request as data, in the shape that every command takes and gives.
    pub fn to_json(&self) -> Json {
        let principal = match &self.caller {
            Caller::Anonymous => json!({"type": "Anonymous"}),
            Caller::Principal(name) | Caller::Service(name) => json!(name),
        };
        let account = Arn::parse(&self.resource).map(|arn| arn.account).filter(|account| !account.is_empty());
        let context: Map<String, Json> =
            self.context.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        json!({
            "principal": principal,
            "action": self.action,
            "resource": self.resource,
            "resource_account": account,
            "context": context,
        })
    }

    fn value(&self, key: &str) -> Option<&str> {
        let given = self.context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        if let Some((_, value)) = given {
            return Some(value);
        }
        // What such a request carries whether or not the policy asks for it.
        match (key.to_ascii_lowercase().as_str(), &self.caller) {
            ("aws:securetransport", _) => Some("true"),
            ("aws:viaawsservice", _) => Some("false"),
            ("aws:principalisawsservice", Caller::Service(_)) => Some("true"),
            ("aws:principalisawsservice", _) => Some("false"),
            ("aws:principalarn", Caller::Principal(arn)) => Some(arn),
            ("aws:principalaccount" | "kms:calleraccount", Caller::Principal(_)) => Some(STRANGER),
            ("aws:principalservicename", Caller::Service(name)) => Some(name),
            _ => None,
        }
    }
}

/// A request that `statement`, an Allow for everyone, lets through and no Deny of the policy touches;
/// `None` where none is found. `resource` is the ARN of what the policy hangs on, if it is known.
pub fn example(
    policy: &Policy,
    statement: &Statement,
    kind: Kind,
    resource: Option<&str>,
) -> Option<Request> {
    let mut context: Vec<(String, String)> = Vec::new();
    for test in &statement.conditions {
        let known = context.iter().any(|(key, _)| key.eq_ignore_ascii_case(&test.key));
        if let (Some(value), false) = (needed(test, statement, kind)?, known) {
            context.push((test.key.clone(), value));
        }
    }
    let (action, (resource, made_up)) = action_and_resource(statement, kind, resource)?;
    let caller = caller(statement, kind, &context);
    let request = Request { caller, action, resource, made_up, context };
    let passed = |test: &Test| passes(test, request.value(&test.key), statement.variables) == Some(true);
    let allowed = statement.complete && statement.conditions.iter().all(passed);
    let untouched = policy.statements.iter().all(|other| other.allows() || spares(other, &request));
    (allowed && untouched).then_some(request)
}

/// Whether a Deny, or what may be one, surely does not match the request.
fn spares(deny: &Statement, request: &Request) -> bool {
    if !deny.complete {
        return false;
    }
    let matches = |action: &Action| action.matches(&request.action);
    let actions = match &deny.action {
        Some(element) => deny.actions().iter().any(matches) != element.negated,
        None => true,
    };
    let asked = Resource::new(&request.resource, false);
    let resources = match &deny.resource {
        Some(_) if request.made_up => true,
        Some(element) => deny.resources().iter().any(|pattern| pattern.contains(&asked)) != element.negated,
        None => true,
    };
    let names_others = deny.principal.as_ref().is_some_and(|element| {
        let stranger = |text: &str| text == "*" || text == STRANGER || text.contains(STRANGER);
        let service = matches!(&request.caller, Caller::Service(_));
        !element.negated
            && element.entries.iter().all(|entry| {
                entry.values.items.iter().all(|value| {
                    !value.opaque && !stranger(&value.text) && (!service || !value.text.contains("amazonaws"))
                })
            })
    });
    let failed = |test: &Test| passes(test, request.value(&test.key), deny.variables) == Some(false);
    !actions || !resources || names_others || deny.conditions.iter().any(failed)
}

/// The value that a request needs to pass a test; inside, `None` if it passes without the key.
/// Outside, `None` if no value is found.
fn needed(test: &Test, statement: &Statement, kind: Kind) -> Option<Option<String>> {
    let absent = passes(test, None, statement.variables) == Some(true);
    // Without the key it is plainest, where the key is one that a stranger's request lacks.
    if absent && (hold(test, statement, kind) == Hold::Absent || test.operator.kind.is_negated()) {
        return Some(None);
    }
    let first = test.values.items.first().filter(|value| !value.opaque)?;
    let text = first.text.as_str();
    if statement.variables && text.contains("${") {
        return None;
    }
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
        _ => text.to_owned(),
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
    match pattern.starts_with("arn:") {
        true => arn(pattern),
        false => Some(pattern.replace('*', "any").replace('?', "x")),
    }
}

/// A plausible ARN that a pattern of ARNs matches.
fn arn(pattern: &str) -> Option<String> {
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
    let samples = ["198.51.100.7", "2001:db8::7"];
    if let Some(sample) = samples.iter().find(|sample| in_range(range, sample) == Some(true)) {
        return Some((*sample).to_owned());
    }
    range.split('/').next().map(str::to_owned)
}

/// Who would send a request that says this.
fn caller(statement: &Statement, kind: Kind, context: &[(String, String)]) -> Caller {
    let given = |key: &str| context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
    if let Some((_, arn)) = given("aws:PrincipalArn") {
        return Caller::Principal(arn.clone());
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
    match lacks_principal || (kind == Kind::S3 && statement.conditions.is_empty()) {
        true if holds::takes_anonymous(kind) => Caller::Anonymous,
        _ => Caller::Principal(format!("arn:aws:iam::{STRANGER}:role/any")),
    }
}

/// Actions that a reader knows at once, for patterns that match many.
pub(in crate::analyze) const KNOWN_ACTIONS: &[&str] = &[
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
    "kms:CreateGrant",
    "kms:ReEncryptFrom",
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:DeleteObject",
    "s3:GetBucketAcl",
    "s3:PutBucketPolicy",
    "s3:GetObjectVersion",
    "s3:GetBucketPolicy",
    "sns:Publish",
    "sns:Subscribe",
    "sns:GetTopicAttributes",
    "sqs:SendMessage",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sts:AssumeRole",
    "sts:TagSession",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:PutImage",
    "lambda:InvokeFunction",
    "secretsmanager:GetSecretValue",
    "execute-api:Invoke",
    "es:ESHttpGet",
    "events:PutEvents",
    "glue:GetTable",
    "elasticfilesystem:ClientMount",
    "logs:PutLogEvents",
    "dynamodb:GetItem",
    "codeartifact:ReadFromRepository",
];

/// An action of the statement and a resource that it can be asked of.
fn action_and_resource(
    statement: &Statement,
    kind: Kind,
    own: Option<&str>,
) -> Option<(String, (String, bool))> {
    let resources = resources(statement, kind, own)?;
    let fits = |action: &str| {
        let fitting = resources.iter().find(|(resource, made_up)| {
            *made_up || !action.starts_with("s3:") || resource.contains('/') == of_object(action)
        });
        fitting.cloned().map(|resource| (action.to_owned(), resource))
    };
    actions(statement, kind).iter().find_map(|action| fits(action))
}

/// Whether an S3 action is about objects, not about their bucket.
fn of_object(action: &str) -> bool {
    action.contains("Object") && !action.contains("ObjectLockConfiguration")
        || action.contains("MultipartUpload") && !action.contains("ListBucket")
}

/// The actions that the statement names, or well-known ones that its patterns match.
fn actions(statement: &Statement, kind: Kind) -> Vec<String> {
    let Some(element) = &statement.action else { return Vec::new() };
    let patterns = statement.actions();
    let of_kind =
        |action: &&&str| kind.service().is_none_or(|service| action.starts_with(&format!("{service}:")));
    let matching = |pattern: &Action| {
        KNOWN_ACTIONS
            .iter()
            .filter(of_kind)
            .filter(|action| pattern.matches(action))
            .map(|action| (*action).to_owned())
            .collect()
    };
    if element.negated {
        let spared = |action: &&&str| !patterns.iter().any(|pattern| pattern.matches(action));
        return KNOWN_ACTIONS
            .iter()
            .filter(of_kind)
            .filter(spared)
            .map(|action| (*action).to_owned())
            .collect();
    }
    let each = |pattern: &Action| -> Vec<String> {
        match (pattern.text.contains(['*', '?']), pattern.text.split_once(':')) {
            (false, Some((service, name))) => vec![format!("{}:{name}", service.to_ascii_lowercase())],
            _ => matching(pattern),
        }
    };
    // What is named outright is a better example than what a pattern was guessed to match.
    let (named, wild): (Vec<&Action>, Vec<&Action>) =
        patterns.iter().partition(|pattern| !pattern.text.contains(['*', '?']));
    named.into_iter().chain(wild).flat_map(each).collect()
}

/// The resources that the statement names, wildcards filled in, and whether they are made up.
fn resources(statement: &Statement, kind: Kind, own: Option<&str>) -> Option<Vec<(String, bool)>> {
    let whatever = || match own {
        Some(own) => (own.to_owned(), false),
        None => (made_up(kind).to_owned(), true),
    };
    let Some(element) = &statement.resource else { return Some(vec![whatever()]) };
    if element.negated {
        return None;
    }
    let each =
        element.values.items.iter().filter(|value| !value.opaque && !value.text.contains("${")).filter_map(
            |value| match value.text.as_str() {
                "*" => Some(whatever()),
                text => Arn::parse(text).and_then(|_| arn(text)).map(|arn| (arn, false)),
            },
        );
    Some(each.collect())
}

/// What a policy of that kind may hang on.
fn made_up(kind: Kind) -> &'static str {
    match kind {
        Kind::Kms => "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555",
        Kind::S3 => "arn:aws:s3:::this-bucket/any",
        Kind::Sns => "arn:aws:sns:us-east-1:111111111111:this-topic",
        Kind::Sqs => "arn:aws:sqs:us-east-1:111111111111:this-queue",
        Kind::Trust => "arn:aws:iam::111111111111:role/this-role",
        Kind::Ecr => "arn:aws:ecr:us-east-1:111111111111:repository/this-repository",
        Kind::SecretsManager => "arn:aws:secretsmanager:us-east-1:111111111111:secret:this-secret",
        Kind::Lambda => "arn:aws:lambda:us-east-1:111111111111:function:this-function",
        _ => "*",
    }
}
