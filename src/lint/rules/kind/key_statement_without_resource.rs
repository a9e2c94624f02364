use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A statement of a key policy has no `Resource`, and so has no effect.
    ///
    /// ## Why
    ///
    /// KMS takes such a statement without a word, and then it allows and denies nothing. In a key
    /// policy `"*"` means this key and no other, so it is what belongs there.
    ///
    /// ## Examples
    ///
    /// ```json bad kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/ExpelAssumeRole" },
    ///     "Action": "kms:Decrypt"
    ///   }
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
    name: "key-statement-without-resource", group: Kind, severity: Error, since: "0.1.0",
    rows: ["STM-06"],
    peers: ["access-analyzer:MISSING_RESOURCE", "iam-policy-validator:missing_resource"],
    kinds: [Kms],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if cx.has_member(statement, &["Resource", "NotResource"]) {
        return;
    }
    let message = "the statement has no `Resource`, so it has no effect";
    let finding = cx.finding(cx.opening(statement), message).label("KMS takes it and ignores it");
    cx.report(finding.help("write \"Resource\": \"*\", which in a key policy is this key"));
}
