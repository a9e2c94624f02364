use crate::lint::rule::rule;
use crate::lint::{Check, Context, tls};
use crate::span::Span;

rule! {
    /// A bucket policy does not deny requests over plain HTTP.
    ///
    /// ## Why
    ///
    /// S3 answers without TLS, too, and then everyone on the way can read along. Only the bucket policy can
    /// forbid it, with a `Deny` on `aws:SecureTransport` `false` for the bucket and its objects.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///       "Action": "s3:GetObject",
    ///       "Resource": "arn:aws:s3:::reports/*"
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///       "Action": "s3:GetObject",
    ///       "Resource": "arn:aws:s3:::reports/*"
    ///     },
    ///     {
    ///       "Effect": "Deny",
    ///       "Principal": "*",
    ///       "Action": "s3:*",
    ///       "Resource": [ "arn:aws:s3:::reports", "arn:aws:s3:::reports/*" ],
    ///       "Condition": { "Bool": { "aws:SecureTransport": "false" } }
    ///     }
    ///   ]
    /// }
    /// ```
    name: "plain-http", group: Kind, severity: Note, since: "0.1.0",
    rows: ["S3-02"],
    peers: ["checkov:CKV_AWS_379", "prowler:s3_bucket_secure_transport_policy", "security-hub:S3.5"],
    kinds: [S3],
    absence: true,
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let statements = &cx.document.policy.statements;
    let denied =
        statements.iter().any(|statement| statement.denies() && tls::asks(statement, "false").is_some());
    // Where each Allow asks for TLS, nothing is given without.
    let asked = statements
        .iter()
        .filter(|statement| statement.allows())
        .all(|statement| tls::asks(statement, "true").is_some());
    // An access point is reached through its bucket, whose policy can say it for all of them.
    let mut resources =
        statements.iter().flat_map(|statement| &statement.resource).flat_map(|element| &element.values.items);
    if resources.any(|value| value.text.contains(":accesspoint/")) {
        return;
    }
    if statements.is_empty() || denied || asked || statements.iter().any(|statement| !statement.is_complete())
    {
        return;
    }
    let start = cx.document.tree.span.start as usize;
    let finding = cx.finding(Span::new(start, start + 1), "requests over plain HTTP are not denied");
    cx.report(finding.help(
        "add a Deny of \"s3:*\" for \"*\", on the bucket and its objects, with \"Bool\": { \"aws:SecureTransport\": \"false\" }",
    ));
}
