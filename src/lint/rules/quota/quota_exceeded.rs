use crate::diagnostic::Severity;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::quota::{Unit, counts, quota, with_commas};
use crate::span::Span;

rule! {
    /// The policy is larger than AWS takes.
    ///
    /// ## Why
    ///
    /// Every kind of policy has a limit on its size, and SNS and SQS have limits on the number of
    /// statements, principals, conditions and actions besides. A policy over the limit is refused when
    /// it is put, which is late. Some limits can be raised on request, or are higher for another owner
    /// of such a document: between the two numbers it is a warning.
    ///
    /// ## Examples
    ///
    /// ```json bad sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/ExpelAssumeRole" },
    ///     "Action": [
    ///       "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:SendMessage",
    ///       "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags", "sqs:PurgeQueue"
    ///     ],
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/ExpelAssumeRole" },
    ///     "Action": [ "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility" ],
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    name: "quota-exceeded", group: Quota, severity: Error, since: "0.1.0",
    rows: ["QUO-01", "QUO-03", "QUO-04", "QUO-05", "QUO-06", "QUO-07"],
    peers: [
        "access-analyzer:POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA",
        "access-analyzer:POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA",
        "access-analyzer:POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA",
        "access-analyzer:POLICY_SIZE_EXCEEDS_SCP_QUOTA", "access-analyzer:POLICY_SIZE_EXCEEDS_RCP_QUOTA",
        "iam-policy-validator:policy_size_exceeded",
    ],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    size(cx);
    let document = cx.document;
    for count in counts(document.kind, &document.policy) {
        if count.used <= count.limit {
            continue;
        }
        let message =
            format!("{} {}: {} takes {}", count.used, count.what, document.kind.with_article(), count.limit);
        let label = format!("{} too many", count.used - count.limit);
        cx.report(cx.finding(opening(cx), message).label(label).help("take out what is no longer needed"));
    }
}

fn size(cx: &mut Context<'_>) {
    let document = cx.document;
    let Some(quota) = quota(document.kind) else { return };
    let used = quota.used(&document.tree, document.text());
    if used <= quota.limit {
        return;
    }
    let message = format!(
        "the policy has {} {}, {} over the limit of {}",
        with_commas(used),
        unit(quota.unit),
        with_commas(used - quota.limit),
        with_commas(quota.limit),
    );
    let finding = cx.finding(opening(cx), message).label("too long");
    let finding = finding.help("`polmerge compact` writes the same access in fewer characters");
    let within = used <= quota.most;
    cx.report(match within {
        true => {
            let level = finding.severity.min(Severity::Warning);
            finding
                .severity(level)
                .label(format!("up to {} where the limit is higher", with_commas(quota.most)))
        }
        false => finding,
    });
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Bytes => "bytes",
        Unit::DenseCharacters => "characters besides white space",
        Unit::Characters => "characters",
    }
}

/// The bracket that opens the policy.
fn opening(cx: &Context<'_>) -> Span {
    let start = cx.document.tree.span.start as usize;
    Span::new(start, (start + 1).min(cx.document.tree.span.end as usize))
}
