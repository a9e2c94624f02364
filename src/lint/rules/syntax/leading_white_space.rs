use crate::diagnostic::Severity;
use crate::edit::Edit;
use crate::kind::Kind;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::span::Span;

rule! {
    /// The policy's text begins with white space instead of `{`.
    ///
    /// ## Why
    ///
    /// S3 and IAM refuse such a text (`MalformedPolicy`, `MalformedPolicyDocument`), and a blank line in front of a
    /// policy is easily missed. White space elsewhere does no harm.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    ///
    ///   {
    ///     "Version": "2012-10-17",
    ///     "Statement": {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///       "Action": "s3:GetObject",
    ///       "Resource": "arn:aws:s3:::reports/*"
    ///     }
    ///   }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///     "Version": "2012-10-17",
    ///     "Statement": {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///       "Action": "s3:GetObject",
    ///       "Resource": "arn:aws:s3:::reports/*"
    ///     }
    ///   }
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
    name: "leading-white-space", group: Syntax, severity: Error, since: "0.1.0",
    rows: [],
    peers: [],
    fix: Safe,
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    // What is an object in a larger file is sent without what stands in front of it there.
    if document.is_yaml() || document.is_plain() && !document.pointer().is_empty() {
        return;
    }
    let start = document.tree.span.start as usize;
    let Some(before) = document.text().get(..start).filter(|before| !before.is_empty()) else { return };
    let refuses = matches!(
        document.kind,
        Kind::Identity | Kind::Boundary | Kind::Session | Kind::Trust | Kind::Kms | Kind::S3
    );
    // Anything else is a finding of `json-syntax`.
    if !before.chars().all(char::is_whitespace) {
        return;
    }
    let finding = cx.finding(Span::new(start, start + 1), "the text begins with white space instead of `{`");
    let severity = if refuses { finding.severity } else { finding.severity.min(Severity::Note) };
    let finding = finding.severity(severity).label("this must be the first character");
    cx.report(finding.help("delete the white space in front of the policy").fix(
        "delete the white space in front of the policy",
        true,
        vec![Edit::remove(Span::new(0, start))],
    ));
}
