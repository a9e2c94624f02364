use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A resource control policy says which actions are not meant.
    ///
    /// ## Why
    ///
    /// Organizations refuses `NotAction` in a resource control policy: what it denies must be named.
    ///
    /// ## Examples
    ///
    /// ```json bad rcp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "NotAction": "s3:GetObject",
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
    ///     "Action": "s3:*",
    ///     "Resource": "*",
    ///     "Condition": { "BoolIfExists": { "aws:SecureTransport": "false" } }
    ///   }
    /// }
    /// ```
    name: "rcp-not-action", group: Organization, severity: Error, since: "0.1.0",
    rows: ["ORG-06"],
    peers: ["access-analyzer:RCP_SYNTAX_ERROR_NOTACTION", "iam-policy-validator:invalid_rcp_not_action"],
    kinds: [Rcp],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = statement.action.as_ref().filter(|element| element.negated) else { return };
    let finding = cx.finding(element.key, "`NotAction` has no place in a resource control policy");
    cx.report(
        finding
            .label("Organizations refuses it")
            .help("write \"Action\" with what is denied, such as \"s3:*\""),
    );
}
