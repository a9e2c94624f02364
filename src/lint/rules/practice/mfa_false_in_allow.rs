use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Test, TestKind};

rule! {
    /// An `Allow` asks that there be no second factor.
    ///
    /// ## Why
    ///
    /// `aws:MultiFactorAuthPresent` is true where a second factor was given. An `Allow` on `false` lets in only
    /// those who gave none, with `IfExists` also those whose keys cannot have one. What is meant is `true`.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "ec2:StopInstances",
    ///     "Resource": "arn:aws:ec2:*:111111111111:instance/*",
    ///     "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "false" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "ec2:StopInstances",
    ///     "Resource": "arn:aws:ec2:*:111111111111:instance/*",
    ///     "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "true" } }
    ///   }
    /// }
    /// ```
    name: "mfa-false-in-allow", group: Practice, severity: Warning, since: "0.1.0",
    rows: ["BPR-01", "BPR-02"],
    peers: ["parliament:BAD_PATTERN_FOR_MFA", "iam-policy-validator:mfa_antipattern_bool_false", "iam-policy-validator:mfa_antipattern_boolif_exists_false"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.allows() {
        return;
    }
    for test in
        statement.conditions.iter().filter(|test| is_of_mfa(test) && test.operator.kind == TestKind::Bool)
    {
        // With `true` beside it the test asks for nothing.
        let only = test.values.items.iter().all(|value| value.text.eq_ignore_ascii_case("false"));
        let Some(value) = test.values.items.first().filter(|_| only) else { continue };
        let message = match test.operator.if_exists {
            true => "this also lets in who gave no second factor, or cannot give one",
            false => "this lets in only who gave no second factor",
        };
        let finding = cx.finding(value.span, message).also_at(test.key_span, "true where one was given");
        cx.report(finding.help("write \"Bool\": { \"aws:MultiFactorAuthPresent\": \"true\" }"));
    }
}

fn is_of_mfa(test: &Test) -> bool {
    test.key.eq_ignore_ascii_case("aws:MultiFactorAuthPresent")
}
