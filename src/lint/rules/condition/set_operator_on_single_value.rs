use crate::catalog;
use crate::diagnostic::Severity;
use crate::lint::facts::dated;
use crate::lint::presence::asks_for_it;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{SetOperator, Statement, TestKind};

rule! {
    /// `ForAllValues` or `ForAnyValue` is used with a key of one value.
    ///
    /// ## Why
    ///
    /// `ForAllValues` is true where the key is absent, so an Allow lets in requests without it. With
    /// `ForAnyValue` and a negated operator a Deny lets them through. Without the prefix the test says what
    /// it seems to say.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "ForAllValues:StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }
    ///   }
    /// }
    /// ```
    name: "set-operator-on-single-value", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-26", "CND-27"],
    peers: [
        "access-analyzer:FORALLVALUES_WITH_SINGLE_VALUED_KEY", "access-analyzer:FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE",
        "parliament:SINGLE_VALUE_CONDITION_TOO_PERMISSIVE", "iam-policy-validator:set_operator_on_single_valued_key",
    ],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in statement.conditions.iter().filter(|test| test.operator.kind != TestKind::Null) {
        let Some(set) = test.operator.set else { continue };
        let single = catalog::condition_key(&test.key).and_then(|key| key.is_list()) == Some(false);
        if !single || may_have_several(&test.key) {
            continue;
        }
        let (open, label) = match (set, statement.allows(), test.operator.kind.is_negated()) {
            (SetOperator::ForAllValues, true, _) => {
                (!asks_for_it(test, statement), "also true where there is none")
            }
            (SetOperator::ForAllValues, false, _) => (false, "also true where there is none"),
            (SetOperator::ForAnyValue, false, true) => {
                (true, "false where there is none, which is then not denied")
            }
            (SetOperator::ForAnyValue, _, _) => (false, "no need for `ForAnyValue`"),
        };
        let message = format!("`{}` has one value at most, {}", test.key, dated());
        let finding = cx.finding(test.key_span, message).also_at(test.operator_span, label);
        let severity = if open { finding.severity } else { finding.severity.min(Severity::Note) };
        let suffix = if test.operator.if_exists { "IfExists" } else { "" };
        cx.report(
            finding.severity(severity).help(format!("write \"{}{suffix}\"", test.operator.kind.name())),
        );
    }
}

/// Keys that can have several values whatever the list says: the names of tags, and the claims of an
/// identity provider.
fn may_have_several(key: &str) -> bool {
    let provider = key.split(':').next().unwrap_or("");
    key.to_ascii_lowercase().ends_with("tagkeys")
        || provider.contains('.')
        || provider.eq_ignore_ascii_case("saml")
}
