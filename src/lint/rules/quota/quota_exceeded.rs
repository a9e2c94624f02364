use crate::diagnostic::Severity;
use crate::lint::rule::rule;
use crate::lint::size::{Size, size};
use crate::lint::{Check, Context};
use crate::policy::quota::{Unit, counts, with_commas};
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
    /// Where the file shows that a policy is an inline one of a user, group or role, their limit counts. It is for all
    /// inline policies of one identity together, as far as they are in the file: a template, a plan, or the answer of
    /// `aws iam get-account-authorization-details`.
    ///
    /// Of a template, what is deployed counts: one branch of each `Fn::If`, in every case, and of what is not known as
    /// little as it may be.
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
    rows: ["QUO-01", "QUO-02", "QUO-03", "QUO-04", "QUO-05", "QUO-06", "QUO-07"],
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
    too_long(cx);
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

fn too_long(cx: &mut Context<'_>) {
    let document = cx.document;
    let Some(size) = size(document) else { return };
    let Size { quota, used, before, .. } = size;
    // Of several inline policies, the one with which they are too long is told.
    if used <= quota.limit || before > quota.limit {
        return;
    }
    let whose = size.subject();
    let message = format!(
        "{whose} {} {}, {} over the limit of {}",
        with_commas(used),
        unit(quota.unit),
        with_commas(used - quota.limit),
        with_commas(quota.limit),
    );
    let label = if before > 0 { "too long together" } else { "too long" };
    let finding = cx.finding(opening(cx), message).label(label);
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
