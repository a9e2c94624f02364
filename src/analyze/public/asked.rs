//! What an example asks for: an action of the statement, and a resource of it that goes with it.

use super::example::arn;
use crate::kind::Kind;
use crate::policy::{Action, Arn, Statement};

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
pub(super) fn action_and_resource(
    statement: &Statement,
    kind: Kind,
    own: Option<&str>,
    context: &[(String, String)],
) -> Option<(String, (String, bool))> {
    let resources = resources(statement, kind, own)?;
    let fits = |action: &str| {
        let fitting = resources.iter().find(|(resource, made_up)| {
            *made_up || !action.starts_with("s3:") || resource.contains('/') == of_object(action)
        });
        fitting.cloned().map(|resource| (action.to_owned(), resource))
    };
    let sends = |action: &&String| context.iter().all(|(key, _)| may_send(action, key));
    actions(statement, kind).iter().filter(sends).find_map(|action| fits(action))
}

/// Whether a request for the action can carry the key: those of other services it cannot, and of
/// S3's own keys those for lists and for uploads only with such actions.
fn may_send(action: &str, key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let service = key.split(':').next().unwrap_or("");
    match key.as_str() {
        "s3:prefix" | "s3:delimiter" | "s3:max-keys" => action.starts_with("s3:List"),
        key if key.starts_with("s3:x-amz-") => action.starts_with("s3:Put"),
        _ => {
            !["s3", "sns", "sqs", "kms", "sts", "ecr", "lambda"].contains(&service)
                || action.starts_with(&format!("{service}:"))
        }
    }
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
    let each = element
        .values
        .items
        .iter()
        .filter(|value| !value.is_hole() && !value.text.contains("${"))
        .filter_map(|value| match value.text.as_str() {
            "*" => Some(whatever()),
            text => Arn::parse(text).and_then(|_| arn(text)).map(|arn| (arn, false)),
        });
    Some(each.collect())
}

/// What a policy of that kind may be attached to.
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
