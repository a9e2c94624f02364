use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Test, TestKind};

rule! {
    /// That the key for a second factor is there is taken for the second factor.
    ///
    /// ## Why
    ///
    /// `aws:MultiFactorAuthPresent` comes with every request on temporary credentials, and is `false` where no
    /// second factor was given. `Null` only asks whether it is there. Its value is asked for with `Bool`.
    ///
    /// A `Deny` on `Null` is right beside a second one, or a `BoolIfExists`, that denies `false`.
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
    ///     "Condition": { "Null": { "aws:MultiFactorAuthPresent": "false" } }
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
    name: "mfa-key-is-there", group: Practice, severity: Warning, since: "0.1.0",
    rows: ["BPR-03"],
    peers: ["iam-policy-validator:mfa_antipattern_null_false", "iam-policy-validator:mfa_antipattern_null_true", "parliament:BAD_PATTERN_FOR_MFA"],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let statements = &cx.document.policy.statements;
    // Some statement denies those without, so a `Deny` of those who cannot have one completes it.
    let denied = statements.iter().any(|statement| {
        statement.denies() && tests(statement).any(|test| asks(test, TestKind::Bool, "false"))
    });
    for statement in statements {
        // The value is asked for as well.
        if tests(statement).any(|test| test.operator.kind == TestKind::Bool) {
            continue;
        }
        let wanted = match (statement.allows(), statement.denies() && !denied) {
            (true, _) => "false",
            (_, true) => "true",
            _ => continue,
        };
        // An Allow for requests without the key is for machines, and says so.
        let Some(test) = tests(statement).find(|test| asks(test, TestKind::Null, wanted)) else { continue };
        let message = match statement.allows() {
            true => "a session without a second factor has this key, too: it is `false` there",
            false => "a session without a second factor is not denied: it has this key, as `false`",
        };
        let help = match statement.allows() {
            true => "write \"Bool\": { \"aws:MultiFactorAuthPresent\": \"true\" }",
            false => "write \"BoolIfExists\": { \"aws:MultiFactorAuthPresent\": \"false\" }",
        };
        let finding =
            cx.finding(test.operator_span, message).also_at(test.key_span, "there, but not asked for");
        cx.report(finding.label("asks whether the key is there").help(help));
    }
}

fn tests(statement: &Statement) -> impl Iterator<Item = &Test> {
    statement.conditions.iter().filter(|test| test.key.eq_ignore_ascii_case("aws:MultiFactorAuthPresent"))
}

fn asks(test: &Test, kind: TestKind, value: &str) -> bool {
    test.operator.kind == kind && test.values.items.iter().any(|other| other.text.eq_ignore_ascii_case(value))
}
