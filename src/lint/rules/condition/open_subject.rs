use crate::lint::facts::is_plain;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::marks::{Mark, marks};
use crate::policy::{Statement, TestKind};

rule! {
    /// The subject of an identity provider is left almost open.
    ///
    /// ## Why
    ///
    /// The `sub` claim says who it is that the provider vouches for. A wildcard near its start, or a policy
    /// variable, lets in everybody whom the provider knows: with `repo:*` every repository of GitHub.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::222222222222:oidc-provider/idp.example.com" },
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {
    ///       "StringEquals": { "idp.example.com:aud": "reports" },
    ///       "StringLike": { "idp.example.com:sub": "user*" }
    ///     }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::222222222222:oidc-provider/idp.example.com" },
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {
    ///       "StringEquals": { "idp.example.com:aud": "reports" },
    ///       "StringLike": { "idp.example.com:sub": "user:jane:*" }
    ///     }
    ///   }
    /// }
    /// ```
    name: "open-subject", group: Condition, severity: Error, since: "0.1.0",
    rows: ["CND-48", "CND-49"],
    peers: [
        "access-analyzer:WILDCARD_USAGE_TOO_PERMISSIVE", "access-analyzer:VARIABLE_USAGE_TOO_PERMISSIVE",
    ],
    kinds: [Trust],
    check: Check::Statement(check),
}

/// Fewer fixed characters than these in front of a wildcard fix nothing, to AWS.
const FEWEST: usize = 6;

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in statement.conditions.iter().filter(|_| statement.allows()) {
        let Some((provider, claim)) = test.key.rsplit_once(':') else { continue };
        let is_subject = claim.eq_ignore_ascii_case("sub") && provider.contains('.');
        if !is_subject || test.operator.kind.is_negated() {
            continue;
        }
        let pattern = test.operator.kind == TestKind::StringLike;
        for value in test.values.items.iter().filter(|value| is_plain(value)) {
            let variable = marks(&value.text).iter().any(|(_, hole)| matches!(hole, Mark::Variable(_)));
            let wildcard = value.text.find(['*', '?']).filter(|_| pattern);
            let label = match wildcard {
                _ if variable => "the caller fills this in",
                Some(at) if at < FEWEST => "fixes almost nothing",
                _ => continue,
            };
            let message = format!("`{}` lets in almost everyone whom `{provider}` knows", value.text);
            let finding = cx.finding(value.span, message).label(label);
            cx.report(
                finding.help("write the subject, at least as far as what one organization or tenant owns"),
            );
        }
    }
}
