use crate::lint::facts::is_plain;
use crate::lint::rule::rule;
use crate::lint::trust;
use crate::lint::{Check, Context};
use crate::pattern::Pattern;
use crate::policy::{Arn, PrincipalType, Statement, Test, TestKind, Value};

rule! {
    /// `SAML:aud` is not the sign-in address of AWS.
    ///
    /// ## Why
    ///
    /// Providers send assertions for AWS to the sign-in address of the partition:
    /// `https://signin.aws.amazon.com/saml`, `https://signin.amazonaws-us-gov.com/saml`,
    /// `https://signin.amazonaws.cn/saml`; with a Region in front for one Region's address, and with
    /// `/acs/` and an id behind where assertions are encrypted. With another value, a missing `https://` or a slash at
    /// the end, nobody gets in.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:saml-provider/corp" },
    ///     "Action": "sts:AssumeRoleWithSAML",
    ///     "Condition": { "StringEquals": { "SAML:aud": "https://signin.aws.amazon.com/saml/" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:saml-provider/corp" },
    ///     "Action": "sts:AssumeRoleWithSAML",
    ///     "Condition": { "StringEquals": { "SAML:aud": "https://eu-west-1.signin.aws.amazon.com/saml" } }
    ///   }
    /// }
    /// ```
    name: "saml-audience", group: Trust, severity: Warning, since: "0.1.0",
    rows: ["TRU-17"],
    peers: [],
    kinds: [Trust],
    check: Check::Statement(check),
}

/// The host of the sign-in page of each partition. IAM guide, "Configure SAML assertions for the
/// authentication response".
const HOSTS: [(&str, &str); 6] = [
    ("aws", "signin.aws.amazon.com"),
    ("aws-us-gov", "signin.amazonaws-us-gov.com"),
    ("aws-cn", "signin.amazonaws.cn"),
    ("aws-iso", "signin.c2shome.ic.gov"),
    ("aws-iso-b", "signin.sc2shome.sgov.gov"),
    ("aws-eusc", "signin.amazonaws-eusc.eu"),
];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !trust::allows(statement, "sts:AssumeRoleWithSAML") {
        return;
    }
    // The partition of the providers, if they are of one.
    let mut partitions: Vec<&str> = trust::principals(statement, PrincipalType::Federated)
        .filter_map(|provider| Arn::parse(&provider.text).map(|arn| arn.partition))
        .collect();
    partitions.dedup();
    let own = match partitions.as_slice() {
        [partition] => Some(*partition),
        _ => None,
    };
    let tests = statement.conditions.iter().filter(|test| test.key.eq_ignore_ascii_case("SAML:aud"));
    for (test, value) in tests.flat_map(|test| test.values.items.iter().map(move |value| (test, value))) {
        if !is_plain(value) || test.operator.kind == TestKind::Null || test.operator.kind.is_negated() {
            continue;
        }
        let fits =
            HOSTS.iter().filter(|(_, host)| is_sign_in(test, value, host)).map(|(partition, _)| *partition);
        let fits: Vec<&str> = fits.collect();
        let wanted =
            own.and_then(|own| HOSTS.iter().find(|(partition, _)| *partition == own)).or(HOSTS.first());
        let Some((partition, host)) = wanted else { continue };
        let message = match fits.as_slice() {
            [] => format!("`{}` is no sign-in address of AWS", value.text),
            [other] if own.is_some_and(|own| own != *other) => {
                format!("`{}` is the sign-in address of {other}, not of {partition}", value.text)
            }
            _ => continue,
        };
        let finding = cx.finding(value.span, message).label("assertions for AWS are sent elsewhere");
        cx.report(finding.help(format!("write \"https://{host}/saml\"")));
    }
}

/// Whether a value can be a sign-in address on a host.
fn is_sign_in(test: &Test, value: &Value, host: &str) -> bool {
    if test.operator.kind == TestKind::StringLike {
        let pattern = Pattern::new(&value.text);
        let forms = [format!("https://{host}/saml*"), format!("https://*.{host}/saml*")];
        return forms.iter().any(|form| pattern.intersects(&Pattern::new(form)));
    }
    let Some(rest) = value.text.strip_prefix("https://") else { return false };
    let Some((name, path)) = rest.split_once('/') else { return false };
    let host_fits = name == host || name.strip_suffix(host).is_some_and(|region| region.ends_with('.'));
    host_fits && (path == "saml" || path.strip_prefix("saml/acs/").is_some_and(|id| !id.is_empty()))
}
