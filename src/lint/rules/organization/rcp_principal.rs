use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Value};

rule! {
    /// A resource control policy names principals.
    ///
    /// ## Why
    ///
    /// `"Principal": "*"` is the only form that Organizations takes in a resource control policy. Who is meant,
    /// or spared, is said in a condition, as with `aws:PrincipalArn` or `aws:PrincipalOrgID`.
    ///
    /// ## Examples
    ///
    /// ```json bad rcp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": { "AWS": "arn:aws:iam::111111111111:role/reader" },
    ///     "Action": "s3:*",
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
    name: "rcp-principal", group: Organization, severity: Error, since: "0.1.0",
    rows: ["ORG-05"],
    peers: ["access-analyzer:RCP_SYNTAX_ERROR_PRINCIPAL", "iam-policy-validator:invalid_rcp_principal", "iam-policy-validator:invalid_rcp_not_principal"],
    kinds: [Rcp],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = &statement.principal else { return };
    let is_star = |value: &Value| value.text == "*" || value.is_function();
    let all =
        element.entries.iter().all(|entry| entry.key.is_none() && entry.values.items.iter().all(is_star));
    let (span, message) = match (element.negated, all) {
        (true, _) => (element.key, "`NotPrincipal` has no place in a resource control policy"),
        (false, false) => (element.span, "a resource control policy is for \"*\" and no other principal"),
        (false, true) => return,
    };
    let finding = cx.finding(span, message).label("Organizations refuses it");
    cx.report(
        finding.help(
            "write \"Principal\": \"*\" and say in a condition who is meant, as with `aws:PrincipalArn`",
        ),
    );
}
