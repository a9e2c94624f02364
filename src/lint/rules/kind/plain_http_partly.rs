use crate::lint::facts::is_plain;
use crate::lint::rule::rule;
use crate::lint::{Check, Context, tls};
use crate::policy::{Action, Arn, Resource, Statement, Test};
use crate::span::Span;

rule! {
    /// A `Deny` of plain HTTP leaves something out.
    ///
    /// ## Why
    ///
    /// The ARN of a bucket does not stand for its objects, nor theirs for the bucket: a `Deny` with one of them
    /// lets the other be read over plain HTTP. So do one for some actions, some callers, or on a second
    /// condition.
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
    ///     },
    ///     {
    ///       "Effect": "Deny",
    ///       "Principal": "*",
    ///       "Action": "s3:*",
    ///       "Resource": "arn:aws:s3:::reports/*",
    ///       "Condition": { "Bool": { "aws:SecureTransport": "false" } }
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
    name: "plain-http-partly", group: Kind, severity: Warning, since: "0.1.0",
    rows: ["S3-03"],
    peers: [],
    kinds: [S3],
    absence: true,
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let statements = &cx.document.policy.statements;
    let denies: Vec<(&Statement, &Test)> = statements
        .iter()
        .filter(|statement| statement.denies() && statement.is_complete())
        .filter_map(|statement| Some((statement, tls::asks(statement, "false")?)))
        .collect();
    let Some(&(statement, test)) = denies.first() else { return };
    let whole: Vec<&Statement> =
        denies.iter().map(|(statement, _)| *statement).filter(|deny| left_out(deny).is_none()).collect();
    if whole.is_empty() {
        let Some((span, message)) = left_out(statement) else { return };
        let finding = cx.finding(span, message).also_at(test.key_span, "meant for all of them");
        cx.report(finding.help("deny \"s3:*\" to \"*\", on this condition alone"));
        return;
    }
    // The buckets that the policy is about, one or the other half of each.
    let patterns: Vec<Resource> = whole.iter().flat_map(|statement| statement.resources()).collect();
    let covered = |text: &str| patterns.iter().any(|pattern| pattern.contains(&Resource::new(text, false)));
    for value in
        whole.iter().flat_map(|statement| &statement.resource).flat_map(|element| &element.values.items)
    {
        let bucket = value.text.strip_suffix("/*").unwrap_or(&value.text);
        let is_bucket = Arn::parse(bucket)
            .is_some_and(|arn| arn.service == "s3" && !arn.resource.contains(['/', ':', '*']));
        if !is_bucket || !is_plain(value) {
            continue;
        }
        let objects = format!("{bucket}/*");
        let (missing, message) = match (covered(bucket), covered(&objects)) {
            (true, false) => (objects.as_str(), "plain HTTP is denied for the bucket, not for its objects"),
            (false, true) => (bucket, "plain HTTP is denied for the objects, not for the bucket"),
            _ => continue,
        };
        let finding = cx.finding(value.span, message).also_at(test.key_span, "meant for both");
        cx.report(finding.help(format!("add \"{missing}\"")));
        return;
    }
}

/// What else than resources a Deny of plain HTTP leaves out, and where that is said.
fn left_out(statement: &Statement) -> Option<(Span, &'static str)> {
    let principal = statement.principal.as_ref()?;
    if principal.negated || principal.any().is_none() {
        return Some((principal.span, "plain HTTP is denied to some callers only"));
    }
    let action = statement.action.as_ref()?;
    let is_all = |pattern: &Action| pattern.is_any() || pattern.contains(&Action::new("s3:*"));
    if action.negated || !statement.actions().iter().any(is_all) {
        return Some((action.values.span, "plain HTTP is denied for some actions only"));
    }
    let other =
        statement.conditions.iter().find(|test| !test.key.eq_ignore_ascii_case("aws:SecureTransport"))?;
    Some((other.key_span, "plain HTTP is denied on a second condition only"))
}
