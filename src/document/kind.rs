//! How the kind of a policy is worked out.

use super::Hints;
use crate::kind::Kind;
use crate::locate::{Candidate, Found};
use crate::policy::{Arn, Policy, PrincipalType, Statement};

/// How the kind of a policy was worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// `--kind`
    Told,
    /// The file around it: the command whose answer it is.
    Envelope(&'static str),
    /// The configuration's globs.
    Configured,
    /// What the statements say, in words.
    Content(&'static str),
    /// The step that is to be applied.
    Step(String),
    /// Nothing else fits, or there is nothing to go by.
    Default,
}

/// The kind, by what decides first: the command line, the file around, the configuration, the content.
pub(super) fn decide(found: &mut Found, hints: &Hints, policy: &Policy) -> (Kind, Because) {
    let among = among(found, policy);
    found.envelope = among.map(|candidate| candidate.envelope).or(found.envelope);
    if let Some(kind) = hints.kind {
        return (kind, Because::Told);
    }
    if let Some(Candidate { kind, envelope }) = among {
        return (kind, Because::Envelope(envelope));
    }
    if let Some(kind) = hints.configured {
        return (kind, Because::Configured);
    }
    match found.likely {
        Some(kind) => (kind, Because::Content("the name of the member that it is in")),
        None => from_content(policy),
    }
}

/// Of the kinds that stand in such a place the one that the statements fit: first of all those with a `Principal`, or
/// those without.
fn among(found: &Found, policy: &Policy) -> Option<Candidate> {
    let [first, _, ..] = found.candidates.as_slice() else { return found.candidates.first().copied() };
    let named = policy.statements.iter().any(|statement| statement.has_principal);
    let mut fitting: Vec<Candidate> = found.candidates.clone();
    fitting.retain(|candidate| policy.statements.is_empty() || candidate.kind.names_principal() == named);
    let find = |kind: Kind| fitting.iter().copied().find(|candidate| candidate.kind == kind);
    let services = services(policy);
    let of_service = || match services.as_slice() {
        [service] => fitting.iter().copied().find(|candidate| candidate.kind.service() == Some(service)),
        _ => None,
    };
    found
        .likely
        .and_then(find)
        .or_else(of_service)
        .or_else(|| find(from_content(policy).0))
        .or_else(|| find(Kind::Resource))
        .or_else(|| fitting.first().copied())
        .or(Some(*first))
}

/// The services of the actions, in lower case.
fn services(policy: &Policy) -> Vec<String> {
    let mut services: Vec<String> = Vec::new();
    for action in policy.statements.iter().flat_map(Statement::actions) {
        services.push(action.service().unwrap_or_else(|| action.text.clone()));
    }
    services.sort_unstable();
    services.dedup();
    services
}

/// The kind that the statements show. Boundaries, session, control and endpoint policies look like
/// others, so they are never guessed.
fn from_content(policy: &Policy) -> (Kind, Because) {
    let statements = &policy.statements;
    if statements.is_empty() {
        return (Kind::Resource, Because::Default);
    }
    if !statements.iter().any(|statement| statement.has_principal) {
        return (Kind::Identity, Because::Content("no statement names a `Principal`"));
    }
    let mut services = services(policy);
    // The policy of an endpoint for STS looks alike, and names everyone and a resource in each statement.
    if services == ["sts"] && statements.iter().any(is_of_role) {
        return (Kind::Trust, Because::Content("`sts:` actions, statements with a `Principal`"));
    }
    let known = |service: &str| {
        [Kind::Kms, Kind::S3, Kind::Sns, Kind::Sqs].into_iter().find(|kind| kind.name() == service)
    };
    let because = |kind| match kind {
        Kind::Kms => "`kms:` actions, statements with a `Principal`",
        Kind::S3 => "`s3:` actions, statements with a `Principal`",
        Kind::Sns => "`sns:` actions, statements with a `Principal`",
        _ => "`sqs:` actions, statements with a `Principal`",
    };
    if let [service] = services.as_slice()
        && let Some(kind) = known(service)
    {
        return (kind, Because::Content(because(kind)));
    }
    for element in statements.iter().filter_map(|statement| statement.resource.as_ref()) {
        services.extend(
            element
                .values
                .items
                .iter()
                .filter_map(|value| Arn::parse(&value.text))
                .map(|arn| arn.service.to_owned()),
        );
    }
    services.sort_unstable();
    services.dedup();
    // `*` names no service, so it speaks neither for nor against one.
    services.retain(|service| service != "*");
    if let [service] = services.as_slice()
        && let Some(kind) = known(service)
    {
        return (kind, Because::Content(because(kind)));
    }
    (Kind::Resource, Because::Default)
}

/// Whether a statement about taking on a role is one of the role itself: it has no `Resource`, or names a service or an
/// identity provider.
fn is_of_role(statement: &Statement) -> bool {
    let mut entries = statement.principal.iter().flat_map(|element| &element.entries);
    statement.resource.is_none()
        || entries.any(|entry| matches!(entry.kind, PrincipalType::Service | PrincipalType::Federated))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::open;
    use crate::source::Source;

    fn kind(statement: &str) -> Kind {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        open(Source::new("test.json", text), &Hints::default()).documents[0].kind
    }

    #[test]
    fn kinds_from_content() {
        assert_eq!(kind(r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#), Kind::Identity);
        let with = |rest: &str| kind(&format!(r#"{{"Effect":"Allow","Principal":"*",{rest}}}"#));
        assert_eq!(with(r#""Action":"sts:AssumeRole""#), Kind::Trust);
        assert_eq!(with(r#""Action":"sts:AssumeRole","Resource":"*""#), Kind::Resource);
        let role = |rest: &str| {
            kind(&format!(r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*",{rest}}}"#))
        };
        assert_eq!(role(r#""Principal":{"Service":"ec2.amazonaws.com"}"#), Kind::Trust);
        assert_eq!(role(r#""Principal":{"AWS":"111111111111"}"#), Kind::Resource);
        // What names a principal is not an identity policy, even if it cannot be read.
        assert_eq!(role(r#""Principal":["a"]"#), Kind::Resource);
        assert_eq!(role(r#""NotPrincipal":7"#), Kind::Resource);
        let kms = |principal: &str| {
            kind(&format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"kms:*","Resource":"*"}}"#))
        };
        assert_eq!(kms(r#"["foo","bar"]"#), Kind::Kms);
        assert_eq!(with(r#""Action":["KMS:Decrypt","kms:*"],"Resource":"*""#), Kind::Kms);
        assert_eq!(
            with(r#""Action":"s3:GetObject","Resource":"arn:aws:kms:::x""#),
            Kind::S3,
            "actions decide"
        );
        assert_eq!(with(r#""Action":"*","Resource":"arn:aws:sqs:us-east-1:111111111111:q""#), Kind::Sqs);
        assert_eq!(with(r#""Action":"sns:*,sqs:*","Resource":"*""#), Kind::Sns);
        assert_eq!(with(r#""Action":["sns:*","sqs:*"],"Resource":"*""#), Kind::Resource);
    }
}
