use crate::analyze::space::is_in_every;
use crate::lint::everyone::without_if_exists;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// `IfExists` is used with a key that every request has.
    ///
    /// ## Why
    ///
    /// Every request has `aws:CurrentTime`, `aws:SecureTransport` and a few more keys, so `IfExists` changes
    /// nothing; it only makes a reader look for requests without the key.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Action": "s3:*",
    ///     "Resource": "*",
    ///     "Condition": { "BoolIfExists": { "aws:SecureTransport": "false" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Action": "s3:*",
    ///     "Resource": "*",
    ///     "Condition": { "Bool": { "aws:SecureTransport": "false" } }
    ///   }
    /// }
    /// ```
    name: "if-exists-always-present", group: Condition, severity: Note, since: "0.1.0",
    rows: ["CND-53"],
    peers: ["iam-policy-validator:ifexists_on_always_present_key"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in &statement.conditions {
        if !test.operator.if_exists || !is_in_every(&test.key) {
            continue;
        }
        let finding = cx.finding(test.operator_span, format!("every request has `{}`", test.key));
        let finding = finding.label("`IfExists` changes nothing");
        cx.report(finding.help(format!("write \"{}\"", without_if_exists(test))));
    }
}
