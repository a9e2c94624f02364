use crate::edit::Edit;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::VERSION_2012;
use crate::policy::marks::{has_text_like_variable, has_variable};
use crate::span::Span;

rule! {
    /// The policy has no `Version`.
    ///
    /// ## Why
    ///
    /// Without it AWS reads the document in the language of 2008, in which policy variables are plain text,
    /// and IAM does not take new documents in it. `2012-10-17` is the current language.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Statement": [ { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" } ]
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [ { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" } ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [ { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" } ]
    /// }
    /// ```
    name: "missing-version", group: Syntax, severity: Warning, since: "0.1.0",
    rows: ["SYN-09"],
    peers: ["access-analyzer:MISSING_VERSION", "parliament:NO_VERSION", "iam-policy-validator:missing_version"],
    fix: Safe,
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let members = document.tree.members();
    // In another case it is there, and another rule says that it is misspelt.
    let written =
        |name: &str| members.iter().any(|member| member.key.text(document.text()).eq_ignore_ascii_case(name));
    // A variable in such a policy is a cause of its own, which the same line mends.
    if written("Version") || !written("Statement") || has_variable(&document.policy) {
        return;
    }
    let start = document.tree.span.start as usize;
    let finding = cx.finding(Span::new(start, start + 1), "the policy has no `Version`");
    let finding = finding.label("read as of 2008").help(format!("write \"Version\": \"{VERSION_2012}\""));
    let Some(first) = members.first() else { return };
    // In the style of the first member: its colon, and the space in front of it.
    let between = |start: u32, end: u32| Span { start, end }.slice(document.text());
    let colon = between(first.key.span.end, first.value.span.start);
    let space = between(document.tree.span.start + 1, first.key.span.start);
    let edit =
        Edit::insert(first.key.span.start as usize, format!("\"Version\"{colon}\"{VERSION_2012}\",{space}"));
    cx.report(match document.is_sound() && !has_text_like_variable(&document.policy) {
        true => finding.fix("the current version", true, vec![edit]),
        false => finding,
    });
}
