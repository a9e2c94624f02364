use std::collections::{HashMap, HashSet};

use crate::analyze::canonical::canonical;
use crate::diagnostic::Severity;
use crate::edit::Edit;
use crate::kind::Kind;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

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
    let taken: HashSet<&str> = sids().map(|(_, sid)| sid).collect();
    // The first statement of each Sid, and the number to try next behind it.
    let mut first: HashMap<&str, (&Statement, u32)> = HashMap::new();
    for (statement, sid) in sids() {
        let Some(value) = statement.sid.as_ref().filter(|value| !value.is_function()) else { continue };
        let Some((before, next)) = first.get_mut(sid) else {
            first.insert(sid, (statement, 2));
            continue;
        };
        while taken.contains(format!("{sid}{next}").as_str()) {
            *next += 1;
        }
        let free = format!("{sid}{next}");
        *next += 1;
        let finding = cx
            .finding(value.span, format!("two statements have the `Sid` `{sid}`"))
            .label("again here")
            .also_at(before.sid.as_ref().map_or(before.span, |sid| sid.span), "first here");
        let level = match demands_unique(document.kind) {
            true => finding.severity,
            false => finding.severity.min(Severity::Warning),
        };
        let finding = finding.severity(level);
        let finding = match is_same(statement, before).then(|| cx.removal(statement)).flatten() {
            Some(edit) => {
                let finding = finding.help("they say the same: take one of them out");
                finding.fix(format!("take {} out", statement.name()), true, vec![edit])
            }
            None => {
                let finding = finding.help(format!("give one of them another name, such as \"{free}\""));
                // A Sid with escapes in it would have to be written with them again.
                match format!("\"{sid}\"") == value.span.slice(document.text()) {
                    true => {
                        let edit = Edit::replace(value.span, format!("\"{free}\""));
                        finding.fix(format!("`{free}` for the second `{sid}`"), true, vec![edit])
                    }
                    false => finding,
                }
            }
        };
        cx.report(finding);
    }
}

fn is_same(one: &Statement, other: &Statement) -> bool {
    canonical(one, None) == canonical(other, None)
}

fn demands_unique(kind: Kind) -> bool {
    kind.is_iam_owned() || matches!(kind, Kind::Sqs | Kind::Sns | Kind::Kms)
}
