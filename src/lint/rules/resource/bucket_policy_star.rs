use crate::diagnostic::Severity;
use crate::document::Because;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A bucket policy names its resource as `*`.
    ///
    /// ## Why
    ///
    /// S3 refuses it: a bucket policy names the bucket, or objects in it, by ARN. In key, topic and queue
    /// policies `*` is taken, so it is easily carried over.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    name: "bucket-policy-star", group: Resource, severity: Error, since: "0.1.0",
    rows: ["RES-20"],
    peers: ["cfn-lint:E3514"],
    kinds: [S3],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = statement.resource.as_ref() else { return };
    let Some(star) = element.values.items.iter().find(|value| value.text == "*" && !value.is_function())
    else {
        return;
    };
    let finding = cx.finding(star.span, "a bucket policy names its bucket, not `*`").label("S3 refuses this");
    // A policy of a VPC endpoint looks the same, and has a star with good reason.
    let guessed = matches!(cx.document.because, Because::Content(_));
    let severity = if guessed { finding.severity.min(Severity::Warning) } else { finding.severity };
    cx.report(finding.severity(severity).help(
        "write \"arn:aws:s3:::<bucket>\", \"arn:aws:s3:::<bucket>/*\" or both; \
         for a policy of a VPC endpoint say --kind endpoint",
    ));
}
