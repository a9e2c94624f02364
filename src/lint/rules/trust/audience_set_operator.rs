use crate::analyze::oidc;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{SetOperator, Statement};

rule! {
    /// The audience of a token is tested as if it were a list.
    ///
    /// ## Why
    ///
    /// Most providers put one audience into a token, and AWS compares one. `ForAllValues` is also true
    /// where there is none, `ForAnyValue` is for those few whose tokens have several.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:oidc-provider/login.example.com" },
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {
    ///       "ForAnyValue:StringEquals": { "login.example.com:aud": "reports" },
    ///       "StringEquals": { "login.example.com:sub": "u-17" }
    ///     }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:oidc-provider/login.example.com" },
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": { "StringEquals": { "login.example.com:aud": "reports", "login.example.com:sub": "u-17" } }
    ///   }
    /// }
    /// ```
    name: "audience-set-operator", group: Trust, severity: Note, since: "0.1.0",
    rows: ["TRU-15"],
    peers: ["access-analyzer:CONFIRM_AUDIENCE_CLAIM_TYPE"],
    kinds: [Trust],
    gives_way_to: ["set-operator-on-single-value", "for-all-values-allow"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for provider in oidc::providers(statement) {
        for test in provider.tests(statement, "aud") {
            let Some(set) = test.operator.set else { continue };
            let label = match set {
                SetOperator::ForAllValues => "also true of a token without one",
                SetOperator::ForAnyValue => "for tokens with several",
            };
            let message = format!("`{}` is one value in the tokens of most providers", test.key);
            let finding = cx.finding(test.key_span, message).also_at(test.operator_span, label);
            cx.report(finding.help(format!("write \"{}\"", test.operator.kind.name())));
        }
    }
}
