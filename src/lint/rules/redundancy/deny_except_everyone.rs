use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::pattern::Pattern;
use crate::policy::{Resource, Statement, Test, TestKind, Value};

rule! {
    /// A `Deny` spares every caller: the exception that its condition makes is everyone.
    ///
    /// ## Why
    ///
    /// A negated test of who calls, such as `ArnNotLike` on `aws:PrincipalArn`, names those whom a `Deny`
    /// leaves alone. Where a value of it is `"*"`, or the pattern of all roles and users, it spares all whom
    /// it was to keep out; only callers of whom the key says nothing, such as AWS services, are still denied.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": "s3:*",
    ///     "Resource": [ "arn:aws:s3:::reports", "arn:aws:s3:::reports/*" ],
    ///     "Condition": {
    ///       "ArnNotLike": { "aws:PrincipalArn": [ "arn:aws:iam::111111111111:role/Admin", "*" ] }
    ///     }
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
    ///     "Action": "s3:*",
    ///     "Resource": [ "arn:aws:s3:::reports", "arn:aws:s3:::reports/*" ],
    ///     "Condition": {
    ///       "ArnNotLike": { "aws:PrincipalArn": [ "arn:aws:iam::111111111111:role/*" ] }
    ///     }
    ///   }
    /// }
    /// ```
    name: "deny-except-everyone", group: Redundancy, severity: Error, since: "0.1.0",
    rows: ["RED-10"],
    peers: ["iam-policy-validator:ineffective_deny_carve_out"],
    check: Check::Statement(check),
}

/// Keys that say who calls.
const WHO: [&str; 7] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.denies() {
        return;
    }
    for test in &statement.conditions {
        let Some(value) = test.values.items.iter().find(|value| is_everyone(test, value)) else { continue };
        let finding = cx
            .finding(value.span, format!("{} denies nobody who has a `{}`", statement.name(), test.key))
            .label("the exception is everyone …")
            .also_at(test.operator_span, "… as this test spares whom it names")
            .help("name those who are to be spared");
        cx.report(finding);
    }
}

fn is_everyone(test: &Test, value: &Value) -> bool {
    let key = test.key.to_ascii_lowercase();
    let arn = key == "aws:principalarn";
    !value.is_function()
        && WHO.contains(&key.as_str())
        && match test.operator.kind {
            TestKind::StringNotLike => {
                let pattern = Pattern::new(&value.text);
                pattern.is_universal() || (arn && pattern.contains(&Pattern::new("arn:aws:iam::*")))
            }
            TestKind::ArnNotLike | TestKind::ArnNotEquals => {
                arn && Resource::new(&value.text, false).contains(&Resource::new("arn:aws:iam::*:*", false))
            }
            _ => false,
        }
}
