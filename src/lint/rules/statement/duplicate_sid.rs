use std::collections::{HashMap, HashSet};

use crate::diagnostic::Severity;
use crate::edit::Edit;
use crate::kind::Kind;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};

rule! {
    /// Two statements have the same `Sid`.
    ///
    /// ## Why
    ///
    /// IAM, Organizations, KMS, SNS and SQS refuse the document. Elsewhere it is taken, but whoever
    /// looks a statement up by its `Sid`, as tools that merge policies do, gets one of the two and not
    /// the other.
    ///
    /// ## Examples
    ///
    /// ```json bad sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Sid": "AllowTopic",
    ///       "Effect": "Allow",
    ///       "Principal": { "Service": "sns.amazonaws.com" },
    ///       "Action": "sqs:SendMessage",
    ///       "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue",
    ///       "Condition": { "ArnEquals": { "aws:SourceArn": "arn:aws:sns:us-east-1:222222222222:expel-topic" } }
    ///     },
    ///     {
    ///       "Sid": "AllowTopic",
    ///       "Effect": "Allow",
    ///       "Principal": { "Service": "sns.amazonaws.com" },
    ///       "Action": "sqs:SendMessage",
    ///       "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue",
    ///       "Condition": { "ArnEquals": { "aws:SourceArn": "arn:aws:sns:us-east-1:222222222222:other-topic" } }
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Sid": "AllowTopic",
    ///       "Effect": "Allow",
    ///       "Principal": { "Service": "sns.amazonaws.com" },
    ///       "Action": "sqs:SendMessage",
    ///       "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue",
    ///       "Condition": { "ArnEquals": { "aws:SourceArn": "arn:aws:sns:us-east-1:222222222222:expel-topic" } }
    ///     },
    ///     {
    ///       "Sid": "AllowTopic2",
    ///       "Effect": "Allow",
    ///       "Principal": { "Service": "sns.amazonaws.com" },
    ///       "Action": "sqs:SendMessage",
    ///       "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue",
    ///       "Condition": { "ArnEquals": { "aws:SourceArn": "arn:aws:sns:us-east-1:222222222222:other-topic" } }
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Sid": "List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports" },
    ///     { "Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" }
    ///   ]
    /// }
    /// ```
    name: "duplicate-sid", group: Statement, severity: Error, since: "0.1.0",
    rows: ["STM-11", "STM-12"],
    peers: [
        "access-analyzer:UNIQUE_SIDS_REQUIRED", "access-analyzer:UNIQUE_SIDS_RECOMMENDED", "parliament:DUPLICATE_SID",
        "iam-policy-validator:duplicate_sid", "cfn-lint:E3510",
    ],
    fix: Safe,
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let sids =
        || document.policy.statements.iter().filter_map(|statement| Some((statement, statement.sid()?)));
    let mut taken: HashSet<String> = sids().map(|(_, sid)| sid.to_owned()).collect();
    let mut first = HashMap::new();
    for (statement, sid) in sids() {
        let Some(value) = statement.sid.as_ref().filter(|value| !value.opaque) else { continue };
        let Some(before) = first.get(sid) else {
            first.insert(sid, value.span);
            continue;
        };
        let finding = cx
            .finding(value.span, format!("two statements have the `Sid` `{sid}`"))
            .label("again here")
            .also_at(*before, "first here");
        let finding = match demands_unique(document.kind) {
            true => finding,
            false => {
                let level = finding.severity.min(Severity::Warning);
                finding.severity(level)
            }
        };
        let free = free(sid, &taken);
        let finding = finding.help(format!("give one of them another name, such as \"{free}\""));
        // A Sid with escapes in it would have to be written with them again.
        let plain = format!("\"{sid}\"") == value.span.slice(document.text());
        cx.report(match plain {
            true => {
                let edit = Edit::replace(value.span, format!("\"{free}\""));
                finding.fix(format!("`{free}` for the second `{sid}`"), true, vec![edit])
            }
            false => finding,
        });
        taken.insert(free);
    }
}

fn demands_unique(kind: Kind) -> bool {
    kind.is_iam_owned() || matches!(kind, Kind::Sqs | Kind::Sns | Kind::Kms)
}

/// The Sid with the smallest number behind it that nobody has.
fn free(sid: &str, taken: &HashSet<String>) -> String {
    let numbered = (2..).map(|number: u32| format!("{sid}{number}"));
    numbered.filter(|name| !taken.contains(name)).take(1).collect()
}
