use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{PrincipalType, Statement};

rule! {
    /// Access rests on a header that the caller writes.
    ///
    /// ## Why
    ///
    /// `aws:Referer` and `aws:UserAgent` are what the caller's program sends, and any program can send any
    /// text. They keep a browser from embedding a picture; they keep nobody out who wants in.
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
    ///     "Condition": { "StringLike": { "aws:UserAgent": "our-client/*" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } }
    ///   }
    /// }
    /// ```
    name: "forgeable-key", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-42"],
    peers: ["access-analyzer:UNTRUSTWORTHY_CONDITION_KEY"],
    gives_way_to: ["public-access", "confused-deputy"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    // What a service sends in this place it has not from its caller.
    let entries = statement.principal.iter().flat_map(|element| &element.entries);
    let services = |kind: PrincipalType| kind == PrincipalType::Service;
    if statement.principal.is_some() && entries.map(|entry| entry.kind).all(services) {
        return;
    }
    for test in &statement.conditions {
        let key = test.key.to_ascii_lowercase();
        let negated = test.operator.kind.is_negated();
        // A Deny of some programs is a fence, not a gate: nobody relies on it.
        if !["aws:referer", "aws:useragent"].contains(&key.as_str()) || statement.denies() != negated {
            continue;
        }
        let does = if statement.denies() { "is spared" } else { "is allowed" };
        let message = format!("whoever sends the right `{}` {does}", test.key);
        let finding = cx.finding(test.key_span, message).label("the caller writes this");
        cx.report(finding.help(
            "test what AWS itself finds out, such as `aws:PrincipalOrgID`, `aws:SourceIp` or `aws:SourceVpce`",
        ));
    }
}
