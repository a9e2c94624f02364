use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A statement of a resource policy does not say whom it is about.
    ///
    /// ## Why
    ///
    /// A policy that is attached to a key, bucket, topic, queue or role names its principals; AWS refuses a
    /// statement that names none. An identity policy was pasted, or the principal was lost on the way.
    ///
    /// ## Examples
    ///
    /// ```json bad kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/ExpelAssumeRole" },
    ///     "Action": "kms:Decrypt",
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    name: "missing-principal", group: Statement, severity: Error, since: "0.1.0",
    rows: ["STM-09"],
    peers: ["access-analyzer:MISSING_PRINCIPAL", "iam-policy-validator:missing_principal", "cfn-lint:E3512"],
    kinds: [Trust, Kms, S3, Sns, Sqs, Rcp, Endpoint, Ecr, SecretsManager, Lambda, Resource],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    // One of the wrong type is there, and found by another rule.
    if cx.has_member(statement, &["Principal", "NotPrincipal"]) {
        return;
    }
    let message = format!("a statement of {} has no `Principal`", cx.document.kind.with_article());
    let help = "say who it is about: \"Principal\": { \"AWS\": \"arn:aws:iam::<account>:role/<name>\" }";
    cx.report(cx.finding(cx.opening(statement), message).label("nobody is named here").help(help));
}
