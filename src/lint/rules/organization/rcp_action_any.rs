use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Action, Statement};

rule! {
    /// A resource control policy denies the actions of all services.
    ///
    /// ## Why
    ///
    /// Organizations refuses `"*"` as an action of a resource control policy, as only some services heed such
    /// policies. One pattern for each service says which are meant.
    ///
    /// ## Examples
    ///
    /// ```json bad rcp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": "*",
    ///     "Resource": "*",
    ///     "Condition": { "BoolIfExists": { "aws:SecureTransport": "false" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good rcp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": [ "s3:*", "sqs:*" ],
    ///     "Resource": "*",
    ///     "Condition": { "BoolIfExists": { "aws:SecureTransport": "false" } }
    ///   }
    /// }
    /// ```
    name: "rcp-action-any", group: Organization, severity: Error, since: "0.1.0",
    rows: ["ORG-08"],
    peers: ["iam-policy-validator:invalid_rcp_wildcard_action"],
    kinds: [Rcp],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    // That an Allow is refused whatever it is about is said elsewhere.
    let Some(element) = statement.action.as_ref().filter(|element| !element.negated && !statement.allows())
    else {
        return;
    };
    let Some(star) = element.values.items.iter().find(|value| Action::new(&value.text).is_any()) else {
        return;
    };
    let finding =
        cx.finding(star.span, format!("`{}` is no action for a resource control policy", star.text));
    cx.report(finding.label("Organizations refuses it").help("name each service, as in \"s3:*\", \"sqs:*\""));
}
