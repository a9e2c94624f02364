use crate::diagnostic::Severity;
use crate::kind::Kind;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};

rule! {
    /// A policy that only denies.
    ///
    /// ## Why
    ///
    /// Nothing is allowed that no policy allows. A policy of `Deny` statements takes from what others give,
    /// which may well be meant. A permissions boundary, a session policy or the policy of a VPC endpoint
    /// without an `Allow` lets nothing through at all.
    ///
    /// ## Examples
    ///
    /// ```json bad boundary
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Deny", "Action": "iam:*", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good boundary
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "*", "Resource": "*" },
    ///     { "Effect": "Deny", "Action": "iam:*", "Resource": "*" }
    ///   ]
    /// }
    /// ```
    name: "only-denies", group: Overbroad, severity: Warning, since: "0.1.0",
    rows: ["OVR-24"], peers: [],
    kinds: [Identity, Boundary, Session, Endpoint],
    absence: true,
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    // What could not be read could be an `Allow`.
    if !cx.document.is_sound() {
        return;
    }
    let statements = &cx.document.policy.statements;
    let (Some(first), true) = (statements.first(), statements.iter().all(|statement| statement.denies()))
    else {
        return;
    };
    let kind = cx.document.kind;
    let place = first.effect_span.unwrap_or_else(|| cx.opening(first));
    let mut finding = match kind {
        Kind::Identity => cx
            .finding(place, "the policy allows nothing: it only takes from what other policies allow")
            .label("no `Allow` in any statement")
            .help("if something was to be allowed, add a statement with \"Effect\": \"Allow\""),
        _ => cx
            .finding(place, format!("{} without an `Allow` lets nothing through", kind.with_article()))
            .label("no `Allow` in any statement")
            .help("add { \"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\" } for all that is not denied"),
    };
    if kind == Kind::Identity {
        finding.severity = finding.severity.min(Severity::Note);
    }
    cx.report(finding);
}
