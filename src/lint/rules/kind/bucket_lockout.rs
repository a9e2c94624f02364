use crate::analyze::cover::Scope;
use crate::analyze::lockout::{Lockout, lockout};
use crate::diagnostic::Severity;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};

rule! {
    /// A `Deny` keeps everyone from changing the bucket policy.
    ///
    /// ## Why
    ///
    /// A `Deny` for all principals of `s3:PutBucketPolicy`, without a condition that spares anyone, holds for
    /// the administrators of the account as well. Only the root user of the account can still change the policy, and,
    /// unless `s3:DeleteBucketPolicy` is denied too, the administrators can delete it.
    ///
    /// A condition on a key that no user or role has in such a request spares no one: `aws:SourceAccount` and
    /// `aws:SourceArn` come with services that call by themselves, `s3:prefix` with other calls.
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
    ///     "Resource": [ "arn:aws:s3:::reports", "arn:aws:s3:::reports/*" ]
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": "s3:*",
    ///     "Resource": [ "arn:aws:s3:::reports", "arn:aws:s3:::reports/*" ],
    ///     "Condition": { "StringNotEquals": { "aws:SourceAccount": "222222222222" } }
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
    ///     "Condition": { "Bool": { "aws:SecureTransport": "false" } }
    ///   }
    /// }
    /// ```
    name: "bucket-lockout", group: Kind, severity: Error, since: "0.1.0",
    rows: ["S3-01"],
    peers: ["checkov:CKV_AWS_93"],
    kinds: [S3],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let scope = Scope { kind: document.kind, resource: document.resource.as_deref() };
    let (by, message, most) = match lockout(&document.policy.statements, scope) {
        Some(Lockout::Denied(by)) => {
            (by, "no one except the root user can change or delete this bucket policy", Severity::Error)
        }
        Some(Lockout::DeleteOnly(by)) => (
            by,
            "no one except the root user can change this bucket policy; others can only delete it",
            Severity::Warning,
        ),
        _ => return,
    };
    let denies = by.iter().filter_map(|index| document.policy.statements.get(*index));
    let mut places = denies.map(|deny| deny.action.as_ref().map_or(deny.span, |action| action.values.span));
    let Some(first) = places.next() else { return };
    let finding = cx.finding(first, message).label("denied to every user and role");
    let finding = places.fold(finding, |finding, place| finding.also_at(place, "together with this"));
    let level = finding.severity.min(most);
    cx.report(finding.severity(level).help(
        "spare who manages the bucket, as with \"Condition\": { \"ArnNotEquals\": { \"aws:PrincipalArn\": \
         \"<role that manages the bucket>\" } }, or name the actions that are meant",
    ));
}
