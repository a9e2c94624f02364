use crate::lint::rule::rule;
use crate::lint::shadows::{names, spare};
use crate::lint::{Check, Context};

rule! {
    /// An `Allow` grants nothing: a `Deny` of the same policy takes back all of it.
    ///
    /// ## Why
    ///
    /// A `Deny` outranks every `Allow`. Either the `Deny` is wider than it was meant, and something that ought
    /// to work does not, or the `Allow` is left over from before it.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/2024/*" },
    ///     { "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::reports/*" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/2024/*" },
    ///     {
    ///       "Effect": "Deny",
    ///       "Action": "s3:*",
    ///       "Resource": "arn:aws:s3:::reports/*",
    ///       "Condition": { "Bool": { "aws:SecureTransport": "false" } }
    ///     }
    ///   ]
    /// }
    /// ```
    name: "dead-allow", group: Redundancy, severity: Warning, since: "0.1.0",
    rows: ["RED-05"],
    peers: [],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let statements = &document.policy.statements;
    if !statements.iter().any(|statement| statement.denies()) {
        return;
    }
    for spare in spare(document) {
        let statement = &statements[spare.statement];
        if !statement.allows() || !spare.by.iter().all(|at| statements[*at].denies()) {
            continue;
        }
        let place = statement.effect_span.unwrap_or_else(|| cx.opening(statement));
        let message = format!("{} allows nothing", statement.name());
        let mut finding = cx
            .finding(place, message)
            .label(format!("taken back as a whole by {}", names(document, &spare.by)))
            .help("narrow the `Deny`, or take this statement out");
        for at in spare.by.iter().take(2) {
            let deny = &statements[*at];
            finding =
                finding.also_at(deny.effect_span.unwrap_or_else(|| cx.opening(deny)), "a `Deny` outranks it");
        }
        cx.report(finding);
    }
}
