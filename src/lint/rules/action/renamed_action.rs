use crate::lint::facts::{action_values, does_nothing};
use crate::lint::renamed::renamed;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// An operation of the API or a former action stands where a permission has another name.
    ///
    /// ## Why
    ///
    /// Not every operation is checked under its own name: `ListObjectsV2` needs `s3:ListBucket`, a batch of
    /// messages needs the permission for one. AWS takes the policy, and the name has no effect.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sqs:DeleteMessageBatch",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sqs:DeleteMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    name: "renamed-action", group: Action, severity: Warning, since: "0.1.0",
    rows: ["ACT-09", "ACT-10"],
    peers: [
        "access-analyzer:INVALID_ACTION", "parliament:UNKNOWN_ACTION", "cfn-lint:W3037",
        "iam-policy-validator:invalid_action",
    ],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let negated = statement.action.as_ref().is_some_and(|element| element.negated);
    for value in action_values(statement) {
        let Some(renamed) = renamed(&value.text) else { continue };
        let what = match renamed.operation {
            true => "is an operation, not a permission",
            false => "is no longer a permission",
        };
        let names: Vec<String> = renamed.now.iter().map(|name| format!("\"{name}\"")).collect();
        let finding = cx.finding(value.span, format!("`{}` {what}", value.text));
        cx.report(finding.label(does_nothing(statement, negated)).help(
            match (renamed.operation, names.as_slice()) {
                (true, [one]) => format!("write {one}"),
                (true, many) => format!("write {}", many.join(" and ")),
                (false, names) => format!("it was split up; look at {}", names.join(", ")),
            },
        ));
    }
}
