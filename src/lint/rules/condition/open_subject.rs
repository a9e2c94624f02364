use crate::analyze::{oidc, public};
use crate::lint::facts::is_plain;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{PrincipalType, Statement, Test, Value};

rule! {
    /// The subject of an identity provider is left almost open.
    ///
    /// ## Why
    ///
    /// The `sub` claim says who it is that the provider vouches for. A wildcard or a policy variable near
    /// its start grants access to everyone whom the provider knows: with `repo:*` every repository of GitHub.
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
    let is_subject = |test: &&Test| {
        let of_provider = test.key.rsplit_once(':').is_some_and(|(provider, claim)| {
            claim.eq_ignore_ascii_case("sub") && provider.contains('.') && signs_in(provider, statement)
        });
        of_provider && oidc::narrows(test)
    };
    let subjects: Vec<&Test> = statement.conditions.iter().filter(is_subject).collect();
    if !statement.allows() || subjects.is_empty() || public::is_held(statement, cx.document) {
        return;
    }
    let closes = |test: &Test| {
        test.values.items.iter().all(|value| is_plain(value) && open(test, value, statement).is_none())
    };
    let providers = oidc::providers(statement);
    let is_held = |test: &Test| {
        let mut own = providers.iter().filter(|provider| provider.is_own(test));
        own.any(|provider| provider.issuer.is_some_and(|issuer| issuer.shared) && provider.is_held(statement))
    };
    for test in &subjects {
        // Another claim fixes the customer: the rest is another rule's matter.
        if is_held(test) {
            continue;
        }
        // All tests must pass: another one of the same subject may fix it.
        let own = |other: &&Test| other.key.eq_ignore_ascii_case(&test.key);
        if subjects.iter().copied().filter(own).any(closes) {
            continue;
        }
        let provider = test.key.rsplit_once(':').map_or("", |(provider, _)| provider);
        for value in test.values.items.iter().filter(|value| is_plain(value)) {
            let Some(label) = open(test, value, statement) else { continue };
            let message = format!("`{}` lets in almost everyone whom `{provider}` knows", value.text);
            let finding = cx.finding(value.span, message).label(label);
            cx.report(
                finding.help("write the subject, at least as far as what one organization or tenant owns"),
            );
        }
    }
}

/// Whether a statement names a provider, or one that is not known.
fn signs_in(provider: &str, statement: &Statement) -> bool {
    let provider = provider.to_ascii_lowercase();
    let entries = statement.principal.iter().flat_map(|element| &element.entries);
    let federated = entries.filter(|entry| entry.kind == PrincipalType::Federated);
    federated.flat_map(|entry| &entry.values.items).any(|value| {
        !is_plain(value) || value.is_hole() || value.text.to_ascii_lowercase().ends_with(&provider)
    })
}

/// Why a value leaves the subject almost open, if it does.
fn open(test: &Test, value: &Value, statement: &Statement) -> Option<&'static str> {
    let (_, pattern) =
        oidc::patterns(test, statement.variables).find(|(other, _)| other.span == value.span)?;
    let at = pattern.find(['*', '?']).filter(|at| *at < FEWEST)?;
    // Up to there, both are the same.
    Some(match value.text.get(at..).is_some_and(|rest| rest.starts_with("${")) {
        true => "the caller fills this in",
        false => "fixes almost nothing",
    })
}
