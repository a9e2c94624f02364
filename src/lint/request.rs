//! What makes a request look like a slip: an action that does not exist, or that does not take the resource, or a
//! condition key that contradicts the principal. A question about such a request is answered, whatever was meant.

use super::facts::dated;
use super::forms::{fits, types_of};
use super::meant;
use super::renamed::renamed;
use crate::analyze::decide::impossible;
use crate::analyze::evaluate::Asked;
use crate::analyze::request::Request;
use crate::analyze::space::contradiction;
use crate::catalog::{self, ActionFacts};
use crate::kind::Kind;
use crate::policy::Arn;

/// What looks like a slip, each in one sentence.
pub fn doubts(request: &Request) -> Vec<String> {
    let doubt = match catalog::action(&request.action) {
        _ if meant::is_unlisted(&request.action) => None,
        Some(action) => about_resource(action, request),
        None => Some(about_action(&request.action)),
    };
    let impossible = impossible(&Asked::new(request), Kind::S3).map(str::to_owned);
    doubt.into_iter().chain(contradiction(request).map(about_key)).chain(impossible).collect()
}

/// What is wrong with a key that says something of the principal or the resource that is not so.
fn about_key(key: &str) -> String {
    let of = if key.ends_with("ResourceAccount") { "resource" } else { "principal" };
    format!(
        "`{key}` of the context contradicts the {of} of the request; leave it out, as it follows from the {of}"
    )
}

/// What may be meant by an action that AWS does not list.
fn about_action(action: &str) -> String {
    let (prefix, name) = action.split_once(':').unwrap_or((action, ""));
    if let Some(renamed) = renamed(action) {
        let what =
            if renamed.operation { "is an API operation, not an action" } else { "is no longer an action" };
        return format!("`{action}` {what}; see {}", renamed.now.join(", "));
    }
    let (what, meant) = match catalog::service(prefix) {
        Some(service) => {
            let meant = meant::action(action, service.prefix(), name);
            (format!("action `{action}` does not exist"), meant)
        }
        None => (format!("service `{prefix}` does not exist"), meant::of_service(prefix, name)),
    };
    match meant {
        Some(meant) => format!("{what}, {}; did you mean `{meant}`?", dated()),
        None => format!("{what}, {}", dated()),
    }
}

/// Why an action does not take the resource of a request, if it does not.
fn about_resource(action: ActionFacts, request: &Request) -> Option<String> {
    let name = action.name();
    let forms: Vec<_> = types_of(action).flat_map(|kind| kind.arns()).collect();
    let no_resource = request.wildcard_only_action == Some(true) || request.resource == "*";
    let is_listed = action.resources().next().is_some();
    // Of some types no form is known.
    if is_listed && forms.is_empty() {
        return None;
    }
    let form = || forms.iter().map(|form| form.text()).min_by_key(String::len);
    match (is_listed, no_resource) {
        (false, true) => None,
        (false, false) => Some(format!(
            "`{name}` takes no resource, {}: only statements about every resource match it; ask with resource `*`",
            dated()
        )),
        (true, true) if action.resources().any(|need| need.required) => Some(format!(
            "`{name}` is called on a resource, {}: with `*`, only statements about every resource match; \
             write an ARN such as `{}`",
            dated(),
            form()?
        )),
        (true, true) => Some(format!(
            "`{name}` can be called on a resource, {}: with `*`, only statements about every resource match; for one \
             resource, write an ARN such as `{}`",
            dated(),
            form()?
        )),
        (true, false) => {
            let arn = Arn::parse(&request.resource)?;
            let of_streams = forms.iter().all(|form| form.text().contains(":log-stream:"));
            if let Some(doubt) = about_log_group(name, of_streams, &arn, &request.resource) {
                return Some(doubt);
            }
            (!forms.iter().any(|form| fits(*form, &arn))).then_some(())?;
            Some(format!(
                "`{name}` does not take `{}`, {}; write an ARN such as `{}`",
                request.resource,
                dated(),
                form()?
            ))
        }
    }
}

/// The actions for which IAM compares with the ARN of a log group as it is. CloudWatch Logs guide, "Overview of managing
/// access permissions to your CloudWatch Logs resources".
const OF_BARE_LOG_GROUP: [&str; 3] = ["logs:ListTagsForResource", "logs:TagResource", "logs:UntagResource"];

/// Whether the ARN of a log group is written in the form with which IAM does not compare.
fn about_log_group(action: &str, of_streams: bool, arn: &Arn<'_>, resource: &str) -> Option<String> {
    let group = resource.trim_end_matches(":*");
    match (arn.after_log_group()?, OF_BARE_LOG_GROUP.contains(&action)) {
        (_, false) if of_streams => Some(format!(
            "`{action}` is called on a log stream, {}; ask with `{group}:log-stream:NAME`",
            dated()
        )),
        ("", false) if action.starts_with("logs:") => Some(format!(
            "for `{action}` IAM compares with the ARN of the log group that ends in `:*`; ask with `{resource}:*`"
        )),
        (":*", true) => Some(format!(
            "for `{action}` IAM compares with the ARN of the log group without `:*` at its end; ask with `{group}`"
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::request::{Caller, ContextValue};

    fn doubt(action: &str, resource: &str) -> Option<String> {
        let request =
            Request { action: action.to_owned(), resource: resource.to_owned(), ..Request::default() };
        doubts(&request).pop()
    }

    #[test]
    fn requests_that_can_be_made_are_not_doubted() {
        for (action, resource) in [
            ("s3:GetObject", "arn:aws:s3:::b/k"),
            ("S3:getobject", "arn:aws-cn:s3:::b/k"),
            ("s3:GetObject", "arn:aws:s3:us-east-1:111111111111:accesspoint/a/object/k"),
            ("s3:ListAllMyBuckets", "*"),
            ("sts:AssumeRole", "arn:aws:iam::111111111111:role/a/b"),
            ("iam:PassRole", "arn:aws:iam::111111111111:role/a"),
            ("sns:Receive", "arn:aws:sns:us-east-1:111111111111:t"),
            ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111111111111:function:f"),
            ("dynamodb:Query", "arn:aws:dynamodb:us-east-1:111111111111:table/t/index/i"),
            ("sts:GetCallerIdentity", "*"),
            ("logs:DeleteLogGroup", "arn:aws:logs:us-east-1:111111111111:log-group:/aws/lambda/f:*"),
            ("logs:TagResource", "arn:aws:logs:us-east-1:111111111111:log-group:g"),
            ("logs:PutLogEvents", "arn:aws:logs:us-east-1:111111111111:log-group:g:log-stream:s"),
        ] {
            assert_eq!(doubt(action, resource), None, "{action} {resource}");
        }
    }

    #[test]
    fn slips_are_named() {
        for (action, resource, expected) in [
            ("s3:GetObjekt", "arn:aws:s3:::b/k", "did you mean `s3:GetObject`?"),
            (
                "dynamdb:GetItem",
                "arn:aws:dynamodb:us-east-1:111111111111:table/t",
                "did you mean `dynamodb:GetItem`?",
            ),
            ("s3:HeadObject", "arn:aws:s3:::b/k", "see s3:GetObject"),
            ("s3:Xyzzy", "*", "action `s3:Xyzzy` does not exist"),
            ("s3:GetObject", "arn:aws:s3:::b", "does not take `arn:aws:s3:::b`"),
            ("s3:ListBucket", "arn:aws:s3:::b/k", "does not take `arn:aws:s3:::b/k`"),
            ("kms:Decrypt", "arn:aws:s3:::b/k", "does not take `arn:aws:s3:::b/k`"),
            ("s3:ListAllMyBuckets", "arn:aws:s3:::b", "takes no resource"),
            ("kms:Decrypt", "*", "is called on a resource"),
            ("s3:GetObject", "*", "can be called on a resource"),
            (
                "logs:DeleteLogGroup",
                "arn:aws:logs:us-east-1:111111111111:log-group:g",
                "ask with `arn:aws:logs:us-east-1:111111111111:log-group:g:*`",
            ),
            (
                "logs:PutLogEvents",
                "arn:aws:logs:us-east-1:111111111111:log-group:g:*",
                "ask with `arn:aws:logs:us-east-1:111111111111:log-group:g:log-stream:NAME`",
            ),
            (
                "logs:PutLogEvents",
                "arn:aws:logs:us-east-1:111111111111:log-group:g",
                "ask with `arn:aws:logs:us-east-1:111111111111:log-group:g:log-stream:NAME`",
            ),
            (
                "logs:TagResource",
                "arn:aws:logs:us-east-1:111111111111:log-group:g:*",
                "ask with `arn:aws:logs:us-east-1:111111111111:log-group:g`",
            ),
        ] {
            let found = doubt(action, resource).unwrap_or_default();
            assert!(found.contains(expected), "{action} {resource}: {found}");
        }
    }
    #[test]
    fn a_key_that_contradicts_the_request_is_named() {
        let doubt = |principal: &str, key: &str, value: &str| {
            let mut request = Request {
                principal: Some(Caller::parse(principal)),
                action: "s3:GetObject".to_owned(),
                resource: "arn:aws:s3:::b/k".to_owned(),
                resource_account: Some("111111111111".to_owned()),
                ..Request::default()
            };
            request.context.insert(key, ContextValue::One(value.to_owned()));
            doubts(&request).pop()
        };
        let (role, user) = ("arn:aws:iam::111111111111:role/R", "arn:aws:iam::111111111111:user/bob");
        let session = "arn:aws:sts::111111111111:assumed-role/R/s";
        for (principal, key, value) in [
            (role, "aws:PrincipalArn", "arn:aws:iam::222222222222:role/R"),
            (role, "aws:username", "bob"),
            (user, "aws:username", "alice"),
            (session, "aws:PrincipalArn", "arn:aws:iam::111111111111:role/Q"),
            (role, "s3:ResourceAccount", "222222222222"),
        ] {
            let found = doubt(principal, key, value).unwrap_or_default();
            assert!(found.starts_with(&format!("`{key}`")), "{principal} {key} {value}: {found}");
        }
        for (principal, key, value) in [
            (role, "aws:PrincipalArn", role),
            (user, "aws:username", "bob"),
            (user, "aws:userid", "AIDAEXAMPLE"),
            (session, "aws:PrincipalArn", "arn:aws:iam::111111111111:role/p/R"),
            (role, "s3:ResourceAccount", "111111111111"),
            (role, "aws:PrincipalIsAWSService", "False"),
        ] {
            assert_eq!(doubt(principal, key, value), None, "{principal} {key} {value}");
        }
    }
}
