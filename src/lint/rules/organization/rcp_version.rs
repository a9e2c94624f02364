use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::span::Span;

rule! {
    /// A resource control policy is written in the older policy language.
    ///
    /// ## Why
    ///
    /// Organizations takes resource control policies of `Version` 2012-10-17 only. Without `Version` a policy
    /// is of the older language.
    ///
    /// ## Examples
    ///
    /// ```json bad rcp
    /// {
    ///   "Version": "2008-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": "s3:*",
    ///     "Resource": "*",
    ///     "Condition": { "BoolIfExists": { "aws:SecureTransport": "false" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good rcp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": "s3:*",
    ///     "Resource": "*",
    ///     "Condition": { "BoolIfExists": { "aws:SecureTransport": "false" } }
    ///   }
    /// }
    /// ```
    name: "rcp-version", group: Organization, severity: Error, since: "0.1.0",
    rows: ["ORG-10"],
    peers: [],
    kinds: [Rcp],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let version = document.tree.get(document.text(), "Version");
    let finding = match version {
        Some(node) if node.text(document.text()).as_deref() == Some("2008-10-17") => cx
            .finding(node.span, "a resource control policy is of version 2012-10-17")
            .label("Organizations refuses it"),
        None if !document.policy.statements.is_empty() => {
            let start = document.tree.span.start as usize;
            let open = Span::new(start, start + 1);
            cx.finding(open, "the resource control policy has no `Version`").label("Organizations refuses it")
        }
        // Another version is none at all, which is said elsewhere.
        _ => return,
    };
    cx.report(finding.help("write \"Version\": \"2012-10-17\""));
}
