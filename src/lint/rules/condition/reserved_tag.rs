use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Test};

rule! {
    /// A condition asks for a tag that no caller can set.
    ///
    /// ## Why
    ///
    /// Names of tags that begin with `aws:` are AWS's own. Resources have some, set by services; requests and
    /// principals have none, so the test is never true.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "ec2:CreateVolume",
    ///     "Resource": "arn:aws:ec2:us-east-1:222222222222:volume/*",
    ///     "Condition": { "StringEquals": { "aws:RequestTag/aws:team": "red" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "ec2:DeleteVolume",
    ///     "Resource": "arn:aws:ec2:us-east-1:222222222222:volume/*",
    ///     "Condition": { "StringEquals": { "aws:ResourceTag/aws:cloudformation:stack-name": "red" } }
    ///   }
    /// }
    /// ```
    name: "reserved-tag", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-57"],
    peers: [],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in statement.conditions.iter().filter(|test| is_reserved(test)) {
        let (_, tag) = test.key.split_once('/').unwrap_or(("", &test.key));
        let message = format!("no caller can set the tag `{tag}`, whose name begins with `aws:`");
        let absent = test.operator.kind.is_negated() || test.operator.if_exists;
        let finding =
            cx.finding(test.key_span, message).label(if absent { "always true" } else { "never true" });
        cx.report(finding.help("write the name of a tag of your own"));
    }
}

/// Tags that come with the request or the caller; a resource can have reserved ones.
fn is_reserved(test: &Test) -> bool {
    let key = test.key.to_ascii_lowercase();
    let Some((family, tag)) = key.split_once('/') else { return false };
    tag.starts_with("aws:")
        && ["requesttag", "requestobjecttag", "principaltag"].iter().any(|end| family.ends_with(end))
}
