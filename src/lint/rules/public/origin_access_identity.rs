use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Principal, Statement};

rule! {
    /// CloudFront reads the bucket by an origin access identity, which has a successor.
    ///
    /// ## Why
    ///
    /// Origin access control came in 2022: CloudFront then calls by its service principal, held to one
    /// distribution by `aws:SourceArn`. It also works with objects that KMS encrypts, with every Region
    /// and with uploads, which an origin access identity does not.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE2345" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::site/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "cloudfront.amazonaws.com" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::site/*",
    ///     "Condition": {
    ///       "StringEquals": { "aws:SourceArn": "arn:aws:cloudfront::222222222222:distribution/E1EXAMPLE2345" }
    ///     }
    ///   }
    /// }
    /// ```
    name: "origin-access-identity", group: Public, severity: Note, since: "0.1.0",
    rows: ["PUB-12"],
    peers: [],
    kinds: [S3],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.allows() {
        return;
    }
    for (principal, value) in statement.principal.iter().flat_map(|element| element.principals()) {
        let Principal::Other(text) = principal else { continue };
        // AWS writes blanks, some tools underscores.
        if !text.contains(":iam::cloudfront:user/CloudFront") || value.is_function() {
            continue;
        }
        let finding = cx
            .finding(value.span, "an origin access identity has a successor")
            .label("origin access control does not need it")
            .help(
                "let \"Service\": \"cloudfront.amazonaws.com\" in, with \"StringEquals\": { \"aws:SourceArn\": \
                 \"<ARN of the distribution>\" }",
            );
        cx.report(finding);
    }
}
