//! Whether a request has a key, and what a test says of one that lacks it.

use crate::catalog::{self, KeyGroup};
use crate::policy::{SetOperator, Statement, Test, TestKind, Value};

/// Whether the statement asks, beside this test, that the key of it be there.
pub(crate) fn asks_for_it(test: &Test, statement: &Statement) -> bool {
    statement.conditions.iter().any(|other| {
        let same = other.key.eq_ignore_ascii_case(&test.key);
        let wants = other.values.items.iter().all(|value| value.text.eq_ignore_ascii_case("false"));
        let plain = other.operator.set != Some(SetOperator::ForAllValues) && !other.operator.if_exists;
        match other.operator.kind {
            TestKind::Null => same && wants,
            kind => same && plain && !kind.is_negated(),
        }
    })
}

/// Whether a test of values is false of a request without the key.
pub(crate) fn needs_the_key(test: &Test) -> bool {
    test.operator.kind != TestKind::Null && !test.operator.kind.is_negated() && !passes_absence(test)
}

/// Whether a test is false of a request without the key, or asks that the key be there.
pub(crate) fn demands_the_key(test: &Test) -> bool {
    let is_false = |value: &Value| value.text.eq_ignore_ascii_case("false");
    match test.operator.kind {
        TestKind::Null => test.operator.set.is_none() && test.values.items.iter().all(is_false),
        _ => needs_the_key(test),
    }
}

/// Whether a positive test is true of a request without the key.
pub(crate) fn passes_absence(test: &Test) -> bool {
    test.operator.if_exists || test.operator.set == Some(SetOperator::ForAllValues)
}

/// Whether a key tells who calls or from where, so that access may rest on it.
pub(crate) fn says_who_calls(key: &str) -> bool {
    let folded = key.to_ascii_lowercase();
    let of_provider = folded.split(':').next().is_some_and(|prefix| prefix.contains('.') || prefix == "saml");
    if of_provider || folded.starts_with("aws:source") || folded.starts_with("aws:principaltag/") {
        return true;
    }
    if ["kms:calleraccount", "sts:externalid"].contains(&folded.as_str()) {
        return true;
    }
    let group = catalog::condition_key(key).and_then(|key| key.group());
    matches!(group, Some(KeyGroup::Principal | KeyGroup::Session | KeyGroup::Network))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_tell_who_calls() {
        for key in ["aws:PrincipalOrgID", "AWS:SourceArn", "token.actions.githubusercontent.com:sub"] {
            assert!(says_who_calls(key), "{key}");
        }
        for key in ["aws:TagKeys", "aws:RequestTag/a.b:c", "s3:prefix", "aws:ResourceAccount"] {
            assert!(!says_who_calls(key), "{key}");
        }
    }
}
