use crate::catalog;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;
use crate::policy::marks::is_template;

rule! {
    /// A condition key is not of the form `service:key`, or lacks the name of its tag.
    ///
    /// ## Why
    ///
    /// AWS refuses the document, or the key is never there. A key begins with `aws:`, with the prefix of a
    /// service or with the host of an identity provider; a key for tags ends in the name of one tag.
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
    ///     "Condition": { "Bool": { "SecureTransport": "true" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "ec2:StopInstances",
    ///     "Resource": "*",
    ///     "Condition": { "StringEquals": { "aws:ResourceTag": "team=red" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "ec2:StopInstances",
    ///     "Resource": "*",
    ///     "Condition": { "StringEquals": { "aws:ResourceTag/team": "red" } }
    ///   }
    /// }
    /// ```
    name: "invalid-condition-key", group: Condition, severity: Error, since: "0.1.0",
    rows: ["CND-05", "CND-13"],
    peers: [
        "access-analyzer:INVALID_CONDITION_KEY_FORMAT", "access-analyzer:MISSING_TAG_KEY_IN_CONDITION",
        "parliament:UNKNOWN_CONDITION_FOR_ACTION",
    ],
    gives_way_to: ["json-syntax"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in statement.conditions.iter().filter(|test| !is_template(&test.key)) {
        let key = test.key.as_str();
        if let Some(label) = malformed(key) {
            let finding = cx.finding(test.key_span, format!("`{key}` is no condition key")).label(label);
            cx.report(match global(key) {
                Some(right) => finding.help(format!("write \"{right}\"")),
                None => finding.help("a key is `aws:` or the prefix of a service, and a name behind it"),
            });
        } else if let Some(family) = family_of(key) {
            let message = format!("`{key}` does not say which tag");
            let finding = cx.finding(test.key_span, message).label("the name of the tag is missing");
            cx.report(finding.help(format!("write \"{family}/<name of the tag>\"")));
        }
    }
}

fn malformed(key: &str) -> Option<&'static str> {
    let Some((service, name)) = key.split_once(':') else { return Some("no service before it") };
    if key.trim() != key {
        return Some("white space at an end");
    }
    if service.is_empty() {
        return Some("no service before the colon");
    }
    name.is_empty().then_some("no name after the colon")
}

/// The global key of that name, if only its prefix is missing.
fn global(name: &str) -> Option<&'static str> {
    let name = name.trim().trim_start_matches(':');
    let key = catalog::condition_key(name).or_else(|| catalog::condition_key(&format!("aws:{name}")))?;
    (!key.is_family()).then(|| key.name())
}

/// The family of keys whose members this would be with the name of a tag; without the slash.
fn family_of(key: &str) -> Option<&str> {
    let family = key.trim_end_matches('/');
    let tags = ["tag", "existingobjecttag", "requestobjecttag"];
    let is_tag = tags.iter().any(|tag| family.to_ascii_lowercase().ends_with(tag));
    let known =
        catalog::condition_key(key).is_none() && catalog::condition_key(&format!("{family}/x")).is_some();
    (is_tag && known).then_some(family)
}
