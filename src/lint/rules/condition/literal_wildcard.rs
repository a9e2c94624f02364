use crate::lint::facts::is_plain;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::marks::marks;
use crate::policy::{Statement, TestKind};

rule! {
    /// A wildcard stands in the value of an operator that takes it literally.
    ///
    /// ## Why
    ///
    /// `StringEquals` and its kin compare character by character: `*` is a star there. No request has such a
    /// value, so the test is never true, and a negated one always is. Patterns take `StringLike`.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "kms:Decrypt",
    ///     "Resource": "arn:aws:kms:us-east-1:222222222222:key/0ab1c2d3-1111-2222-3333-444455556666",
    ///     "Condition": { "StringEquals": { "kms:ViaService": "s3.*.amazonaws.com" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "kms:Decrypt",
    ///     "Resource": "arn:aws:kms:us-east-1:222222222222:key/0ab1c2d3-1111-2222-3333-444455556666",
    ///     "Condition": { "StringLike": { "kms:ViaService": "s3.*.amazonaws.com" } }
    ///   }
    /// }
    /// ```
    name: "literal-wildcard", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-30"],
    peers: [
        "access-analyzer:WILDCARD_WITHOUT_LIKE_OPERATOR", "iam-policy-validator:literal_wildcard_deny_carve_out",
    ],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in &statement.conditions {
        let like = match test.operator.kind {
            TestKind::StringEquals | TestKind::StringEqualsIgnoreCase => "StringLike",
            TestKind::StringNotEquals | TestKind::StringNotEqualsIgnoreCase => "StringNotLike",
            _ => continue,
        };
        let values = test.values.items.iter().filter(|value| is_plain(value));
        let Some(value) = values.into_iter().find(|value| has_wildcard(&value.text)) else { continue };
        let name = test.operator.kind.name();
        let label = match test.operator.kind.is_negated() {
            true => "no request has this value, so nothing is excepted",
            false => "no request has this value",
        };
        let message = format!("`{name}` takes the wildcard in `{}` literally", value.text);
        let finding = cx.finding(value.span, message).label(label);
        cx.report(
            finding
                .also_at(test.operator_span, "compares whole texts")
                .help(format!("write \"{like}\" if a pattern is meant")),
        );
    }
}

/// A star or question mark that is not written `${*}`; addresses of the web have question marks of their own.
fn has_wildcard(text: &str) -> bool {
    let mut rest = text.to_owned();
    for (place, _) in marks(text).into_iter().rev() {
        rest.replace_range(place, "");
    }
    rest.contains('*') || (rest.contains('?') && !rest.contains("://"))
}
