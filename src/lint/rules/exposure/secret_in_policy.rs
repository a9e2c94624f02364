use std::sync::LazyLock;

use regex::Regex;

use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::span::Span;

rule! {
    /// Something that looks like a secret stands in the policy.
    ///
    /// ## Why
    ///
    /// Policies are read by many: by everyone with `iam:Get*`, in version control, in the answers of tools. An
    /// access key, a token or a private key in one is no secret any more. Take it out, and change it.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "StringEquals": { "aws:PrincipalTag/key": "AKIAZQ3DLMPEXAVWYT5K" } }
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
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "StringNotLike": { "aws:userid": "AROAZQ3DLMPEXAVWYT5K:*" } }
    ///   }
    /// }
    /// ```
    name: "secret-in-policy", group: Exposure, severity: Warning, since: "0.1.0",
    rows: ["EXP-12"], peers: [],
    check: Check::Document(check),
}

/// Forms that nothing else has: of AWS's access keys (IAM guide, "IAM identifiers"), and of the tokens of
/// GitHub, GitLab and Slack and of PEM files, as their makers document them.
static SECRET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\b(?:A[KS]IA[A-Z2-7]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,}|glpat-[A-Za-z0-9_-]{20,}|xox[abprs]-[A-Za-z0-9-]{10,})|-----BEGIN [A-Z ]*PRIVATE KEY-----",
    )
    .ok()
});

fn check(cx: &mut Context<'_>) {
    let Some(secret) = SECRET.as_ref() else { return };
    // The policy's own part of the text; what stands in the file around it is not its business.
    let whole = cx.document.tree.span;
    let lead = whole.start as usize;
    let found: Vec<Span> = secret
        .find_iter(whole.slice(cx.document.text()))
        .filter(|found| !found.as_str().contains("EXAMPLE"))
        .map(|found| Span::new(lead + found.start(), lead + found.end()))
        .collect();
    for span in found {
        let finding = cx
            .finding(span, "something that looks like a secret stands in the policy")
            .label("a key or token")
            .help("take it out and change it: who can read the policy has it");
        cx.report(finding);
    }
}
