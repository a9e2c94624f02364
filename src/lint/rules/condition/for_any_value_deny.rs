use crate::diagnostic::Severity;
use crate::lint::presence::says_who_calls;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{SetOperator, Test, TestKind};

rule! {
    /// A Deny with `ForAnyValue` and a negated operator spares requests without the key.
    ///
    /// ## Why
    ///
    /// Without a prefix a negated operator is true where the key is absent, so the Deny holds. `ForAnyValue`
    /// looks for one value that is not in the list, and where there is no value there is none: the request
    /// is not denied.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "ForAnyValue:StringNotLike": { "aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "ForAllValues:StringNotLike": { "aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*" } }
    ///   }
    /// }
    /// ```
    name: "for-any-value-deny", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-29"],
    peers: ["iam-policy-validator:foranyvalue_deny_without_null_check"],
    gives_way_to: ["set-operator-on-single-value"],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let statements = &cx.document.policy.statements;
    // A second Deny may be there for requests without the key.
    let mut absent: Vec<String> = statements
        .iter()
        .filter(|statement| statement.denies())
        .flat_map(|statement| &statement.conditions)
        .filter(|test| denies_absence(test))
        .map(|test| test.key.to_ascii_lowercase())
        .collect();
    absent.sort_unstable();
    for statement in statements.iter().filter(|statement| statement.denies()) {
        for test in &statement.conditions {
            let operator = test.operator;
            if operator.set != Some(SetOperator::ForAnyValue)
                || !operator.kind.is_negated()
                || operator.if_exists
                || absent.binary_search(&test.key.to_ascii_lowercase()).is_ok()
            {
                continue;
            }
            let message = format!("a request without `{}` is not denied", test.key);
            let finding = cx.finding(test.operator_span, message).label("false of no values");
            let finding = finding.also_at(test.key_span, "this can be absent");
            let severity = match says_who_calls(&test.key) {
                true => finding.severity,
                false => finding.severity.min(Severity::Note),
            };
            cx.report(finding.severity(severity).help(format!(
                "write \"ForAllValues:{}\" if requests without the key are to be denied",
                operator.kind.name()
            )));
        }
    }
}

fn denies_absence(test: &Test) -> bool {
    test.operator.kind == TestKind::Null
        && test.operator.set.is_none()
        && test.values.items.iter().any(|value| value.text.eq_ignore_ascii_case("true"))
}
