//! What S3 itself calls a public bucket policy: each statement by itself, by what is written in it.
//!
//! S3 guide, "Blocking public access to your Amazon S3 storage", under "The meaning of public": whoever is
//! let in has to be named, or to be held by one of some keys to values without wildcards or variables. What
//! a Deny takes back does not count.

use super::holds::{s3_counts, s3_takes_for_fixed};
use super::may_be_any;
use crate::policy::{
    Principal, PrincipalEntry, PrincipalType, SetOperator, Statement, Test, TestKind, Value,
};

/// Why S3 calls a statement public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open<'s> {
    /// It lets in everyone, or everyone but some, on no condition that counts.
    Everyone,
    /// The test with one of the keys that count does not count, for this value of it.
    Value(&'s Test, &'s Value),
    /// The test with one of the keys that count does not count, as requests without the key pass it, or
    /// those with another value.
    Operator(&'s Test),
    /// It lets in whoever an identity provider signs in.
    WebIdentity(&'s Value),
}

impl Open<'_> {
    /// Why, in words.
    pub fn reason(self) -> String {
        match self {
            Open::Everyone => "everyone is allowed, and no condition that S3 counts fixes who".to_owned(),
            Open::Value(test, value) => format!("`{}` of `{}` is not a fixed value", value.text, test.key),
            Open::Operator(test) => {
                format!(
                    "requests without `{}`, or with other values, pass `{}`",
                    test.key,
                    test.operator.kind.name()
                )
            }
            Open::WebIdentity(value) => format!("anyone can be signed in by `{}`", value.text),
        }
    }
}

/// Whether S3 may call a statement public, depending on what is not known of it.
pub(super) fn s3_may_call_public(statement: &Statement) -> bool {
    let mut widest = statement.clone();
    widest.holes.clear();
    for entry in widest.principal.iter_mut().flat_map(|element| &mut element.entries) {
        // Whoever signs in by a provider counts as everyone.
        let may_count = |value: &Value| match entry.kind {
            PrincipalType::Federated => value.is_hole(),
            _ => may_be_any(value),
        };
        for value in entry.values.items.iter_mut().filter(|value| may_count(value)) {
            *value = Value::literal("*", value.span);
        }
    }
    for value in widest.conditions.iter_mut().flat_map(|test| &mut test.values.items) {
        if let Some(hole) = &value.hole {
            *value = Value::literal(hole.by_wildcards(), value.span);
        }
    }
    s3_calls_public(&widest).is_some()
}

/// Whether S3 calls a statement of a bucket policy public, whatever is not known of it, and why; `None` if it does not.
pub fn s3_calls_public(statement: &Statement) -> Option<Open<'_>> {
    if !statement.allows() || statement.has_unknown_condition() {
        return None;
    }
    let counting = || statement.conditions.iter().filter(|test| s3_counts(&test.key));
    if counting().any(|test| first_open(test, statement).is_none()) {
        return None;
    }
    let element = statement.principal.as_ref()?;
    let web = element.principals().find(
        |(principal, _)| matches!(principal, Principal::Federated(name) if !name.contains(":saml-provider/")),
    );
    let is_all = |entry: &PrincipalEntry| {
        entry.kind == PrincipalType::Aws && entry.values.items.iter().any(|value| value.text == "*")
    };
    let everyone = match element.negated {
        // Everyone but everyone is no one.
        true => !element.entries.iter().any(is_all),
        false => element.any().is_some(),
    };
    match (everyone, web) {
        (false, None) => None,
        (false, Some((_, value))) => Some(Open::WebIdentity(value)),
        (true, _) => Some(counting().find_map(|test| first_open(test, statement)).unwrap_or(Open::Everyone)),
    }
}

/// Why a test does not hold the statement.
fn first_open<'s>(test: &'s Test, statement: &Statement) -> Option<Open<'s>> {
    let operator = test.operator;
    let loose = operator.kind.is_negated()
        || operator.kind.is_order()
        || operator.kind == TestKind::Null
        || operator.if_exists
        || operator.set == Some(SetOperator::ForAllValues);
    if loose {
        return Some(Open::Operator(test));
    }
    let open =
        |value: &&Value| !value.is_hole() && !s3_takes_for_fixed(&test.key, value, statement.variables);
    test.values.items.iter().find(open).map(|value| Open::Value(test, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;
    use crate::policy::Policy;

    fn public(principal: &str, condition: &str) -> bool {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":"s3:*","Resource":"*","Condition":{condition}}}}}"#
        );
        s3_calls_public(&Policy::read(&parse(&text).tree, &text).0.statements[0]).is_some()
    }

    /// The examples of the guide, and others beside them.
    #[test]
    fn the_meaning_of_public() {
        let everyone = |condition: &str| public("\"*\"", condition);
        for condition in [
            "{}",
            r#"{"StringLike":{"aws:SourceVpc":"vpc-*"}}"#,
            r#"{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-91237329"}}"#,
            r#"{"StringNotEquals":{"aws:SourceVpc":"vpc-91237329"}}"#,
            r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-*/r-1/*"}}"#,
            r#"{"Bool":{"aws:PrincipalIsAWSService":"false"}}"#,
            r#"{"StringLike":{"aws:PrincipalServiceName":"*.amazonaws.com"}}"#,
            r#"{"StringLike":{"aws:VpceOrgID":"o-*"}}"#,
            r#"{"StringEquals":{"aws:SourceAccount":"${aws:PrincipalTag/account}"}}"#,
            r#"{"StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}}"#,
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111111111111:*"}}"#,
            r#"{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-east-1:*:accesspoint/*"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","0.0.0.0/1"]}}"#,
            r#"{"IpAddress":{"aws:SourceIp":"2001:db8::/31"}}"#,
            r#"{"StringLike":{"aws:userid":"*:session"}}"#,
            r#"{"StringLike":{"aws:SourceIp":"*"}}"#,
            r#"{"NumericGreaterThan":{"aws:PrincipalAccount":"0"}}"#,
            r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
        ] {
            assert!(everyone(condition), "{condition}");
        }
        for condition in [
            r#"{"StringEquals":{"aws:SourceVpc":"vpc-91237329"}}"#,
            r#"{"StringLike":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"},"Bool":{"aws:SecureTransport":"true"}}"#,
            r#"{"ArnEquals":{"aws:SourceArn":"arn:aws:s3:::b"}}"#,
            r#"{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-east-1:111111111111:accesspoint/*"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","203.0.113.0/24","2001:db8::/32"]}}"#,
            r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-1/*"}}"#,
            r#"{"ForAnyValue:StringEquals":{"aws:SourceOrgPaths":"o-a1b2c3d4e5/r-1/"}}"#,
            r#"{"StringEquals":{"aws:SourceOrgID":"o-a1b2c3d4e5"}}"#,
            r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#,
            r#"{"StringEquals":{"aws:PrincipalServiceName":"cloudtrail.amazonaws.com"}}"#,
            r#"{"ForAnyValue:StringEquals":{"aws:PrincipalServiceNamesList":"s3.amazonaws.com"}}"#,
            r#"{"StringEquals":{"aws:VpceAccount":"111111111111"}}"#,
            r#"{"StringEquals":{"aws:VpceOrgID":"o-a1b2c3d4e5"}}"#,
            r#"{"ForAnyValue:StringLike":{"aws:VpceOrgPaths":"o-a1b2c3d4e5/*"}}"#,
            r#"{"ArnEquals":{"aws:SourceVpcArn":"arn:aws:ec2:us-east-1:111111111111:vpc/vpc-1"}}"#,
            r#"{"StringLike":{"aws:userid":"AROAEXAMPLE:*"}}"#,
            r#"{"StringEquals":{"aws:PrincipalOrgID":"${ORG_ID}"}}"#,
        ] {
            assert!(!everyone(condition), "{condition}");
        }
        assert!(!public(r#"{"AWS":"111111111111"}"#, "{}"));
        assert!(!public(r#"{"Service":"s3.amazonaws.com"}"#, "{}"));
        assert!(public(r#"{"Federated":"accounts.google.com"}"#, "{}"));
        assert!(!public(r#"{"Federated":"arn:aws:iam::111111111111:saml-provider/Corp"}"#, "{}"));
    }
}
