use crate::edit::Edit;
use crate::lint::everyone::{is_alone, without_if_exists};
use crate::lint::presence::asks_for_it;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Test, TestKind};

rule! {
    /// An Allow is limited by a key with `IfExists`, so that requests without the key get in.
    ///
    /// ## Why
    ///
    /// `IfExists` means: test the key if it is there, else hold the test for true. Where the key says who
    /// calls or from where, its absence is no reason to trust: a caller outside of any organization has no
    /// `aws:PrincipalOrgID`, one outside of a VPC no `aws:SourceVpce`.
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
    ///     "Condition": { "StringEqualsIfExists": { "aws:SourceVpce": "vpce-0a1b2c3d4e5f67890" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "StringEquals": { "aws:SourceVpce": "vpce-0a1b2c3d4e5f67890" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": [ "ec2:RunInstances", "ec2:DescribeInstances" ],
    ///     "Resource": "*",
    ///     "Condition": { "StringEqualsIfExists": { "ec2:InstanceType": "t3.micro" } }
    ///   }
    /// }
    /// ```
    name: "if-exists-allow", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-52"],
    peers: ["iam-policy-validator:ifexists_weakens_security_condition"],
    fix: Unsafe,
    gives_way_to: ["public-access", "confused-deputy"],
    check: Check::Statement(check),
}

/// Keys that limit who calls or from where, and may be absent, in lower case.
const LIMITS: &[&str] = &[
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
    "kms:calleraccount",
    "sts:externalid",
];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.allows() {
        return;
    }
    let mut done = None;
    for test in statement.conditions.iter().filter(|test| limits(test)) {
        // Once for the block: all keys of it are mended together.
        if asks_for_it(test, statement) || done.replace(test.operator_span) == Some(test.operator_span) {
            continue;
        }
        let message = format!("a request without `{}` is allowed as well", test.key);
        let finding = cx.finding(test.operator_span, message).label("true where the key is absent");
        let strict = without_if_exists(test);
        let help = format!("write \"{strict}\"; give what rightly comes without the key its own statement");
        let finding = finding.also_at(test.key_span, "not in every request").help(help);
        let loose = test.operator_span.slice(cx.document.text()).trim_matches('"');
        cx.report(match is_alone(test, statement) && cx.document.is_sound() {
            true => {
                let title = format!("`{strict}` for `{loose}`");
                let edit = Edit::replace(test.operator_span, format!("\"{strict}\""));
                finding.fix(title, false, vec![edit])
            }
            false => finding,
        });
    }
}

fn limits(test: &Test) -> bool {
    let key = test.key.to_ascii_lowercase();
    let of_provider = key.split(':').next().is_some_and(|prefix| prefix.contains('.'));
    // That there was no second factor is another rule's business.
    let asks_for_false = test.operator.kind == TestKind::Bool
        && test.values.items.iter().all(|value| value.text.eq_ignore_ascii_case("false"));
    test.operator.if_exists
        && !test.operator.kind.is_negated()
        && !asks_for_false
        && (of_provider || LIMITS.contains(&key.as_str()))
}
