//! Tests of a condition that hold whenever the rest of the statement does.

use crate::analyze::space::{Answer, Engine};
use crate::policy::{SetOperator, Statement, Test, TestKind};

/// Why a statement can do without one of its tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needless {
    /// Every request passes it.
    Always,
    /// What passes the other tests of the key passes it as well; the place of one of those.
    Implied(usize),
}

/// The first test of a statement without which it accepts the same requests, by its place. Another one may
/// hold because this one is there, so it must be gone before the next is looked for.
pub fn needless_test(engine: &Engine<'_>, statement: &Statement) -> Option<(usize, Needless)> {
    if !engine.reads(statement) || statement.is_unconditional() {
        return None;
    }
    statement.conditions.iter().enumerate().find_map(|(at, test)| {
        let other = statement
            .conditions
            .iter()
            .enumerate()
            .find(|(other, with)| *other != at && with.key.eq_ignore_ascii_case(&test.key));
        let needless = match other {
            Some((other, _)) => Needless::Implied(other),
            None if may_always_hold(test) => Needless::Always,
            None => return None,
        };
        let mut without = statement.clone();
        without.conditions.remove(at);
        let covered = |by: &[&Statement]| engine.spared(&without, by).answer == Answer::Covered;
        // Of a statement that no request matches, every test is needless, and none is the mistake.
        (covered(&[statement]) && !covered(&[])).then_some((at, needless))
    })
}

/// Whether a request without the key passes, so that there may be none that does not.
fn may_always_hold(test: &Test) -> bool {
    let operator = test.operator;
    match operator.kind {
        TestKind::Null => test.values.items.len() > 1,
        kind => operator.if_exists || operator.set == Some(SetOperator::ForAllValues) || kind.is_negated(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::cover::Scope;
    use crate::kind::Kind;
    use crate::parse::parse;
    use crate::policy::Policy;

    fn found(condition: &str) -> Option<(String, Needless)> {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{condition}}}}}"#
        );
        let (policy, _) = Policy::read(&parse(&text).tree, &text);
        let engine = Engine::new(Scope { kind: Kind::Identity, resource: None });
        let statement = &policy.statements[0];
        let found = needless_test(&engine, statement)?;
        Some((statement.conditions[found.0].operator.kind.name().to_owned(), found.1))
    }

    #[test]
    fn tests_that_hold_anyway() {
        for (condition, expected) in [
            (r#"{"StringLikeIfExists":{"a:b":"*"}}"#, Some(("StringLike", Needless::Always))),
            (r#"{"ForAllValues:StringLike":{"a:b":["x","*"]}}"#, Some(("StringLike", Needless::Always))),
            (r#"{"Null":{"a:b":["true","false"]}}"#, Some(("Null", Needless::Always))),
            (r#"{"StringLike":{"a:b":"*"}}"#, None),
            (r#"{"StringLikeIfExists":{"a:b":"?*"}}"#, None),
            (r#"{"StringNotEquals":{"a:b":"x"}}"#, None),
            (r#"{"Bool":{"a:b":"true"},"Null":{"a:b":"false"}}"#, Some(("Null", Needless::Implied(0)))),
            (
                r#"{"StringLike":{"a:b":"x*"},"StringEquals":{"A:B":"xy"}}"#,
                Some(("StringLike", Needless::Implied(1))),
            ),
            (
                r#"{"StringNotEquals":{"a:b":"z"},"StringEquals":{"a:b":"y"}}"#,
                Some(("StringNotEquals", Needless::Implied(1))),
            ),
            (r#"{"StringNotEquals":{"a:b":"y"},"StringLike":{"a:b":"y*"}}"#, None),
            (r#"{"ForAllValues:StringEquals":{"a:b":"y"},"Null":{"a:b":"false"}}"#, None),
        ] {
            let expected = expected.map(|(name, why)| (name.to_owned(), why));
            assert_eq!(found(condition), expected, "{condition}");
        }
    }

    #[test]
    fn a_statement_that_matches_nothing_is_left_alone() {
        let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"{arn}s3:::b:x:y","Condition":{"StringNotLikeIfExists":{"a:b":"c"}}}}"#;
        let (policy, _) = Policy::read(&parse(text).tree, text);
        let engine = Engine::new(Scope { kind: Kind::Identity, resource: None });
        assert_eq!(needless_test(&engine, &policy.statements[0]), None);
    }
}
