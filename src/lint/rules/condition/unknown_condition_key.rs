use crate::catalog;
use crate::lint::facts::dated;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;
use crate::policy::marks::is_template;

rule! {
    /// A condition tests a key that AWS does not list.
    ///
    /// ## Why
    ///
    /// No request has such a key. An Allow with a plain operator then allows nothing; one with a negated
    /// operator or `…IfExists` holds for everybody. AWS takes most such keys without a word.
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
    ///     "Condition": { "StringEquals": { "aws:SourceAcount": "222222222222" } }
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
    ///     "Condition": { "StringEquals": { "aws:SourceAccount": "222222222222" } }
    ///   }
    /// }
    /// ```
    name: "unknown-condition-key", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-06", "CND-07", "CND-08", "CND-09"],
    peers: [
        "access-analyzer:INVALID_GLOBAL_CONDITION_KEY", "access-analyzer:INVALID_SERVICE_CONDITION_KEY",
        "access-analyzer:UNSUPPORTED_GLOBAL_CONDITION_KEY", "access-analyzer:INVALID_SERVICE",
        "parliament:UNKNOWN_CONDITION_FOR_ACTION", "iam-policy-validator:invalid_condition_key",
    ],
    gives_way_to: ["invalid-condition-key"],
    check: Check::Statement(check),
}

/// Keys that AWS has taken back, and what is there for them.
const REPLACED: &[(&str, &str)] =
    &[("aws:arn", "aws:PrincipalArn"), ("aws:principalaccountid", "aws:PrincipalAccount")];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let mut seen: Vec<String> = Vec::new();
    for test in statement.conditions.iter().filter(|test| !is_template(&test.key)) {
        let key = test.key.as_str();
        let Some((service, name)) = key.split_once(':') else { continue };
        // Identity providers have a host for a prefix, and claims of their own.
        let provider = service.contains(['.', '/']) || name.contains("://");
        if provider || name.is_empty() || is_unlisted(key) || catalog::condition_key(key).is_some() {
            continue;
        }
        let folded = key.to_ascii_lowercase();
        if seen.contains(&folded) {
            continue;
        }
        let known = catalog::is_key_service(service) || catalog::service(service).is_some();
        let message = match known {
            true => format!("`{service}` has no condition key `{name}`, {}", dated()),
            false => format!("`{service}` in `{key}` is no service that has condition keys, {}", dated()),
        };
        let label = if test.operator.kind.is_negated() || test.operator.if_exists {
            "always true"
        } else {
            "never true"
        };
        let finding = cx.finding(test.key_span, message).label(label);
        cx.report(match nearest(key, service, name) {
            Some(nearest) => finding.help(format!("did you mean `{nearest}`?")),
            None => finding.help("it may be gone, or newer than these facts"),
        });
        seen.push(folded);
    }
}

/// What replaced the key; a key like this one of the same service; else one of this very name.
fn nearest(key: &str, service: &str, name: &str) -> Option<String> {
    if let Some((_, new)) = REPLACED.iter().find(|(old, _)| old.eq_ignore_ascii_case(key)) {
        return Some((*new).to_owned());
    }
    if let Some(nearest) = catalog::nearest_key(key) {
        return Some(nearest.to_owned());
    }
    let services = [Some("aws"), catalog::nearest_service(service)];
    let mut others = services.into_iter().flatten().map(|service| format!("{service}:{name}"));
    let (known, other) = others.find_map(|other| Some((catalog::condition_key(&other)?, other)))?;
    Some(if known.is_family() { other } else { known.name().to_owned() })
}

/// Keys that AWS documents and does not list.
fn is_unlisted(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let names = [
        "apigateway:cognitouserpoolproviderarn",
        "aws:principalorgmasteraccountid",
        "cloudtrail:externalid",
        "sagemaker:targetcontainerhostname",
    ];
    // A claim of SAML can have any name, and what devices tell has dozens.
    names.contains(&key.as_str()) || key.starts_with("saml:") || key.starts_with("iot:")
}
