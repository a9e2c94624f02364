//! What callers of different sorts have in their requests, so that a rule can say whom a `Deny` hits that
//! it should not.

use crate::analyze::exception::OF_CREDENTIALS;
use crate::policy::{SetOperator, Statement, Test, TestKind};

/// A sort of caller. IAM guide, "AWS global condition context keys", under "Availability" of each key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// A user or role that calls by itself.
    Principal,
    /// A service that calls for a user or role, with their credentials.
    Forwarded,
    /// A service that calls with its own name, and does not say for which resource.
    Service,
    /// Nobody in particular.
    Anonymous,
}

/// What a request has of a key.
enum Has {
    /// Nothing.
    Nothing,
    /// This value.
    Value(&'static str),
    /// A value that nobody lists: an address of AWS.
    Other,
    /// Something or nothing.
    Any,
}

/// The keys that say for whom a service acts.
pub(super) const SOURCE: [&str; 4] =
    ["aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"];

/// The keys that tell of a caller that is in an account, besides those that come with its credentials. IAM guide, "AWS
/// global condition context keys".
const PRINCIPAL: [&str; 4] = ["aws:principalaccount", "aws:principalarn", "aws:username", "aws:userid"];

/// The keys that say by which network a request came.
pub(super) const NETWORK: [&str; 8] = [
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpcsourceip",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
];

/// Whether a key tells of a caller that is in an account.
pub(super) fn is_of_principal(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let comes_with_credentials = OF_CREDENTIALS.iter().any(|known| known.eq_ignore_ascii_case(&key));
    PRINCIPAL.contains(&key.as_str()) || comes_with_credentials || key.starts_with("aws:principaltag/")
}

fn has(key: &str, caller: Caller) -> Has {
    let key = key.to_ascii_lowercase();
    match key.as_str() {
        "aws:principalisawsservice" => match caller {
            Caller::Service => Has::Value("true"),
            Caller::Anonymous => Has::Nothing,
            _ => Has::Value("false"),
        },
        "aws:viaawsservice" => match caller {
            Caller::Forwarded => Has::Value("true"),
            Caller::Principal => Has::Value("false"),
            _ => Has::Any,
        },
        key if key.starts_with("aws:calledvia") => match caller {
            Caller::Forwarded => Has::Any,
            _ => Has::Nothing,
        },
        key if is_of_principal(key) => match caller {
            Caller::Service | Caller::Anonymous => Has::Nothing,
            _ => Has::Any,
        },
        key if SOURCE.contains(&key) => Has::Nothing,
        "aws:sourceip" if caller == Caller::Forwarded => Has::Other,
        key if NETWORK.contains(&key) && matches!(caller, Caller::Forwarded | Caller::Service) => {
            Has::Nothing
        }
        _ => Has::Any,
    }
}

/// Whether a request of such a caller can pass the test.
pub(super) fn passes(test: &Test, caller: Caller) -> bool {
    let operator = test.operator;
    let lists = |wanted: &str| {
        test.values.items.iter().any(|value| value.is_function() || value.text.eq_ignore_ascii_case(wanted))
    };
    match has(&test.key, caller) {
        Has::Any => true,
        Has::Nothing if operator.kind == TestKind::Null => lists("true"),
        Has::Nothing => match operator.set {
            Some(SetOperator::ForAnyValue) => operator.if_exists,
            set => operator.if_exists || set.is_some() || operator.kind.is_negated(),
        },
        _ if operator.kind == TestKind::Null => lists("false"),
        Has::Value(value) => lists(value) != operator.kind.is_negated(),
        Has::Other => operator.kind.is_negated(),
    }
}

/// Whether the statement's conditions let a request of such a caller through.
pub(super) fn reaches(statement: &Statement, caller: Caller) -> bool {
    statement.conditions.iter().all(|test| passes(test, caller))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Hints, open_policy};
    use crate::source::Source;

    fn reached(condition: &str) -> Vec<Caller> {
        let text = format!(
            r#"{{"Statement":{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{condition}}}}}"#
        );
        let document = open_policy(Source::new("x", text), &Hints::default());
        let all = [Caller::Principal, Caller::Forwarded, Caller::Service, Caller::Anonymous];
        all.into_iter().filter(|caller| reaches(&document.policy.statements[0], *caller)).collect()
    }

    #[test]
    fn whom_perimeters_reach() {
        let all = vec![Caller::Principal, Caller::Forwarded, Caller::Service, Caller::Anonymous];
        assert_eq!(reached("{}"), all);
        let organization = r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#;
        assert_eq!(reached(&format!("{{{organization}}}")), all);
        assert_eq!(
            reached(&format!(r#"{{{organization},"BoolIfExists":{{"aws:PrincipalIsAWSService":"false"}}}}"#)),
            [Caller::Principal, Caller::Forwarded, Caller::Anonymous]
        );
        assert_eq!(
            reached(&format!(r#"{{{organization},"Bool":{{"aws:PrincipalIsAWSService":"false"}}}}"#)),
            [Caller::Principal, Caller::Forwarded]
        );
        assert_eq!(
            reached(
                r#"{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"},"Bool":{"aws:ViaAWSService":"false"}}"#
            ),
            [Caller::Principal, Caller::Service, Caller::Anonymous]
        );
        assert_eq!(
            reached(
                r#"{"StringNotEqualsIfExists":{"aws:SourceOrgID":"o-a1b2c3d4e5"},"Null":{"aws:SourceAccount":"false"}}"#
            ),
            [],
            "only services that say for which resource they act"
        );
        assert_eq!(
            reached(r#"{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#),
            [Caller::Principal, Caller::Anonymous]
        );
    }
}
