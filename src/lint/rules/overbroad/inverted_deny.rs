use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A `Deny` of all that is not named, on no condition.
    ///
    /// ## Why
    ///
    /// `Deny` with `NotAction` or `NotResource` takes everything but what it names, from every policy of its
    /// holder, and also what nobody thought of: a request of another service for the same task, a new action,
    /// a resource that is looked at on the way. As a limit it is right; it is worth a look all the same, as
    /// nothing that is allowed elsewhere gets past it. With a condition it is a common pattern and no finding.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Deny", "NotAction": [ "s3:*", "kms:*" ], "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-central-1:111111111111:in" },
    ///     {
    ///       "Effect": "Deny",
    ///       "NotAction": "iam:*",
    ///       "Resource": "*",
    ///       "Condition": { "StringNotEquals": { "aws:RequestedRegion": "eu-central-1" } }
    ///     }
    ///   ]
    /// }
    /// ```
    name: "inverted-deny", group: Overbroad, severity: Note, since: "0.1.0",
    rows: ["OVR-11"],
    peers: ["iam-policy-validator:not_action_deny_review", "iam-policy-validator:not_resource_deny_review"],
    gives_way_to: ["action-and-not-action", "resource-and-not-resource"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.denies() || !statement.is_unconditional() || statement.condition_span.is_some() {
        return;
    }
    let action = statement.action.as_ref().filter(|element| element.negated);
    let resource = statement.resource.as_ref().filter(|element| element.negated);
    let (element, message) = match (action, resource) {
        (Some(action), Some(_)) => (action, "all actions but a few are denied, on all resources but a few"),
        (Some(action), None) => (action, "all actions but a few are denied, whatever allows them"),
        (None, Some(resource)) => (resource, "this is denied on all resources but a few, whatever allows it"),
        (None, None) => return,
    };
    let finding = cx
        .finding(element.key, message)
        .label("also what nobody thought of")
        .help("make sure that all that its holder needs is named, or add the condition that is meant");
    cx.report(finding);
}
