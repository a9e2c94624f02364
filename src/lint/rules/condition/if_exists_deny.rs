use crate::analyze::space::is_in_every;
use crate::lint::everyone::without_if_exists;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{SetOperator, Statement, Test, TestKind};

rule! {
    /// A Deny with `IfExists` also denies what comes without the key.
    ///
    /// ## Why
    ///
    /// `IfExists` holds the test for true where the key is absent, so a Deny of one value denies every request
    /// that has no value as well. That is right where the absence is what is feared, as with
    /// `aws:MultiFactorAuthPresent`, and a surprise elsewhere.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Action": "ec2:*",
    ///     "Resource": "*",
    ///     "Condition": { "StringEqualsIfExists": { "ec2:InstanceType": "p5.48xlarge" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Action": "ec2:*",
    ///     "Resource": "*",
    ///     "Condition": { "StringEquals": { "ec2:InstanceType": "p5.48xlarge" } }
    ///   }
    /// }
    /// ```
    name: "if-exists-deny", group: Condition, severity: Note, since: "0.1.0",
    rows: ["CND-54"],
    peers: ["iam-policy-validator:ifexists_weakens_deny", "iam-policy-validator:ifexists_deny_suggestion"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in statement.conditions.iter().filter(|_| statement.denies()) {
        if !test.operator.if_exists || !surprises(test) {
            continue;
        }
        let message = format!("requests without `{}` are denied as well", test.key);
        let finding = cx.finding(test.operator_span, message).label("true where the key is absent");
        cx.report(
            finding.help(format!("write \"{}\" if only these values are meant", without_if_exists(test))),
        );
    }
}

/// A list of what is bad, and a key whose absence is nothing bad. A negated operator is true of an absent
/// key anyway; a boolean is mostly there to take the absence in; of a number of seconds since a second
/// factor the same goes.
fn surprises(test: &Test) -> bool {
    let is_list = !test.operator.kind.is_negated()
        && !matches!(test.operator.kind, TestKind::Bool | TestKind::Null)
        && test.operator.set != Some(SetOperator::ForAllValues);
    is_list && !test.key.eq_ignore_ascii_case("aws:MultiFactorAuthAge") && !is_in_every(&test.key)
}
