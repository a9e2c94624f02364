use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A policy that applies to whoever it is attached to names a principal.
    ///
    /// ## Why
    ///
    /// Identity policies, boundaries, session policies and service control policies hold for the user,
    /// role or account to which they are attached. AWS refuses a `Principal` in them. Most likely the
    /// statement belongs into a resource policy.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/ExpelAssumeRole" },
    ///     "Action": "sqs:ReceiveMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sqs:ReceiveMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    name: "unexpected-principal", group: Statement, severity: Error, since: "0.1.0",
    rows: ["STM-10", "ORG-01"],
    peers: [
        "access-analyzer:UNSUPPORTED_PRINCIPAL", "access-analyzer:SCP_SYNTAX_ERROR_PRINCIPAL",
        "iam-policy-validator:unexpected_principal", "cfn-lint:E3510",
    ],
    kinds: [Identity, Boundary, Session, Scp, Iot],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = &statement.principal else { return };
    let name = if element.negated { "NotPrincipal" } else { "Principal" };
    let message = format!("`{name}` has no place in {}", cx.document.kind.with_article());
    let help = format!("take `{name}` out; if this is a resource policy, say so: --kind resource");
    cx.report(cx.finding(element.key, message).label("it holds for whoever it is attached to").help(help));
}
