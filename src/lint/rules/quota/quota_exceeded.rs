use crate::diagnostic::Severity;
use crate::document::Document;
use crate::kind::Kind;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::parse;
use crate::policy::quota::{Inline, Unit, counts, inline, quota, with_commas};
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
    /// Where the file shows that a policy is an inline one of a user, group or role, their limit counts. It is
    /// for all inline policies of one identity together; polmerge looks at each of them alone.
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
    let Some(quota) = inline_owner(document).map(inline).or_else(|| quota(document.kind)) else { return };
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

/// Whose inline policy it is, where the answer of a command or a template tells.
fn inline_owner(document: &Document) -> Option<Inline> {
    if document.kind != Kind::Identity {
        return None;
    }
    let pointer = document.pointer();
    // `get-account-authorization-details` has a list for each.
    let lists = [
        ("/UserPolicyList/", Inline::User),
        ("/GroupPolicyList/", Inline::Group),
        ("/RolePolicyList/", Inline::Role),
    ];
    if let Some((_, of)) = lists.iter().find(|(list, _)| pointer.contains(list)) {
        return Some(*of);
    }
    // The answers of `get-user-policy`, `get-group-policy` and `get-role-policy` differ in one name.
    if document.envelope().is_none() || pointer != "/PolicyDocument" {
        return None;
    }
    let text = document.source().text();
    let root = parse::parse(text).tree;
    let names = [("UserName", Inline::User), ("GroupName", Inline::Group), ("RoleName", Inline::Role)];
    names.iter().find(|(name, _)| root.get(text, name).is_some()).map(|(_, of)| *of)
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
