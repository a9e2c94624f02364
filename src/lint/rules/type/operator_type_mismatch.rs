use crate::catalog::{self, ValueType};
use crate::diagnostic::Severity;
use crate::lint::facts::{dated, is_plain};
use crate::lint::rule::rule;
use crate::lint::value_types::{Family, family, is_value};
use crate::lint::{Check, Context};
use crate::policy::{Statement, Test, TestKind};

rule! {
    /// An operator does not fit the type of its key, or a value does not fit the operator.
    ///
    /// ## Why
    ///
    /// AWS does not refuse most of these; the test is just never true. A negated one, and one that ends in
    /// `IfExists`, may be true always.
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
    ///     "Condition": { "StringEquals": { "aws:SourceIp": "203.0.113.0/24" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "NumericLessThan": { "aws:MultiFactorAuthAge": "one hour" } }
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
    ///     "Condition": {
    ///       "IpAddress": { "aws:SourceIp": "203.0.113.0/24" },
    ///       "NumericLessThan": { "aws:MultiFactorAuthAge": "3600" }
    ///     }
    ///   }
    /// }
    /// ```
    name: "operator-type-mismatch", group: Type, severity: Warning, since: "0.1.0",
    rows: [
        "TYP-01", "TYP-03", "TYP-04", "TYP-05", "TYP-07", "TYP-08", "TYP-09", "TYP-10",
    ],
    peers: [
        "access-analyzer:TYPE_MISMATCH", "access-analyzer:TYPE_MISMATCH_BOOLEAN",
        "access-analyzer:TYPE_MISMATCH_DATE", "access-analyzer:TYPE_MISMATCH_NUMBER",
        "access-analyzer:TYPE_MISMATCH_IP_RANGE", "access-analyzer:TYPE_MISMATCH_STRING",
        "parliament:MISMATCHED_TYPE", "parliament:MISMATCHED_TYPE_OPERATION_TO_NULL",
        "iam-policy-validator:type_mismatch", "iam-policy-validator:invalid_value_format",
    ],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in &statement.conditions {
        if !wrong_operator(test, cx) {
            wrong_values(test, cx);
        }
    }
}

/// The operator against the key. Says whether there was a finding.
fn wrong_operator(test: &Test, cx: &mut Context<'_>) -> bool {
    let Some(key) = catalog::condition_key(&test.key) else { return false };
    // What a family holds is up to the user: a tag can be a number or a moment.
    let Some(kind) = key.value_type().filter(|_| !key.is_family()) else { return false };
    let operator = family(test.operator.kind);
    if fits(operator, kind) {
        return false;
    }
    let name = test.operator.kind.name();
    let message = format!("`{name}` does not fit `{}`, which is {}, {}", test.key, what(kind), dated());
    let finding = cx.finding(test.key_span, message).also_at(test.operator_span, "compares otherwise");
    let negated = test.operator.kind.is_negated();
    // Booleans and numbers are compared as texts well enough.
    let texts = operator == Family::String && matches!(kind, ValueType::Bool | ValueType::Numeric);
    let severity = if texts { finding.severity.min(Severity::Note) } else { finding.severity };
    cx.report(finding.severity(severity).help(match (kind, negated) {
        (ValueType::IpAddress, false) => "write \"IpAddress\"",
        (ValueType::IpAddress, true) => "write \"NotIpAddress\"",
        (ValueType::Arn, false) => "write \"ArnLike\"",
        (ValueType::Arn, true) => "write \"ArnNotLike\"",
        (ValueType::Bool, _) => "write \"Bool\"",
        (ValueType::Numeric, _) => "write an operator that begins with `Numeric`",
        (ValueType::Date, _) => "write an operator that begins with `Date`",
        (ValueType::String, false) => "write \"StringLike\"",
        (ValueType::String, true) => "write \"StringNotLike\"",
    }));
    true
}

fn what(kind: ValueType) -> &'static str {
    match kind {
        ValueType::String => "a text",
        ValueType::Arn => "an ARN",
        ValueType::Bool => "true or false",
        ValueType::Numeric => "a number",
        ValueType::Date => "a moment",
        ValueType::IpAddress => "an address",
    }
}

/// Whether an operator can compare values of a type in a way that works.
fn fits(operator: Family, kind: ValueType) -> bool {
    match (operator, kind) {
        (Family::Null, _) => true,
        (Family::String, ValueType::String | ValueType::Arn) => true,
        // Texts can be whatever the operator asks for; only AWS knows.
        (Family::Bool | Family::Numeric | Family::Binary, ValueType::String) => true,
        // Some keys that are listed as texts hold ARNs or addresses.
        (Family::Arn | Family::Ip, ValueType::String) => true,
        (Family::Arn, ValueType::Arn) => true,
        (Family::Bool, ValueType::Bool) => true,
        (Family::Numeric, ValueType::Numeric) => true,
        // Seconds since 1970 are a number, too.
        (Family::Date | Family::Numeric, ValueType::Date) => true,
        (Family::Ip, ValueType::IpAddress) => true,
        _ => false,
    }
}

/// The values against the operator.
fn wrong_values(test: &Test, cx: &mut Context<'_>) {
    let operator = family(test.operator.kind);
    let plain = test.values.items.iter().filter(|value| is_plain(value) && !value.text.contains("${"));
    let Some(value) = plain.into_iter().find(|value| !is_value(operator, &value.text)) else { return };
    let (wanted, help) = match operator {
        Family::Bool | Family::Null => ("true or false", "write \"true\" or \"false\""),
        Family::Numeric => ("a number", "write a number such as \"3600\""),
        Family::Date => ("a moment", "write a date such as \"2026-01-31T00:00:00Z\""),
        Family::Ip => ("an address or a range of addresses", "write it as \"203.0.113.0/24\""),
        Family::Arn => ("an ARN", "write six parts: arn:partition:service:region:account:resource"),
        Family::Binary => ("base64", "write the bytes in base64"),
        Family::String => return,
    };
    let name = test.operator.kind.name();
    let message = format!("`{name}` compares with {wanted}, not with `{}`", value.text);
    let label = match test.operator.kind.is_negated() || test.operator.kind == TestKind::Null {
        true => "compares with nothing",
        false => "never true",
    };
    let finding = cx.finding(value.span, message).label(label).help(help);
    // AWS refuses wrong ranges; the others it takes.
    cx.report(match operator {
        Family::Ip => finding.severity(Severity::Error),
        _ => finding,
    });
}
