use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A resource control policy denies something to everyone.
    ///
    /// ## Why
    ///
    /// Without a condition a `Deny` takes the actions from every caller: those of the organization, services,
    /// and whoever has to repair what it breaks. Where that is meant, as for an action that nobody needs, all
    /// is well.
    ///
    /// ## Examples
    ///
    /// ```json bad rcp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": "s3:*",
    ///     "Resource": "*"
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
    name: "rcp-denies-everyone", group: Organization, severity: Note, since: "0.1.0",
    rows: ["ORG-14"],
    peers: ["iam-policy-validator:rcp_blanket_deny"],
    kinds: [Rcp],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.denies() || !statement.is_complete() || !statement.is_unconditional() {
        return;
    }
    let Some(span) = statement.effect_span else { return };
    let finding =
        cx.finding(span, "no condition says to whom this is denied").label("everyone, also services");
    cx.report(finding.help("add a condition, such as \"StringNotEqualsIfExists\": { \"aws:PrincipalOrgID\": \"<your organization>\" }"));
}
