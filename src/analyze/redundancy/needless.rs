//! Tests of a condition that hold whenever the rest of the statement does.

use std::cell::OnceCell;
use std::collections::HashMap;

use crate::analyze::space::{Answer, Engine, follows_from_caller, is_spent};
use crate::policy::{SetOperator, Statement, Test, TestKind};

/// Why a statement can do without one of its tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needless {
    /// Every request passes it.
    Always,
    /// What passes the other tests of the key passes it as well; the place of one of those.
    Implied(usize),
}

/// The tests of a statement without which, all of them together, it accepts the same requests, by place and in order.
/// There may be more once the budget of the policy is spent.
///
/// A test can only hold because of others on its key, or on any key that says who calls: a question is about those
/// alone, so that many keys take no longer than as many statements. The engine must count requests that no policy
/// decides as well, as these tie more keys together.
pub fn needless_tests(engine: &Engine<'_>, statement: &Statement) -> Vec<(usize, Needless)> {
    let mut found: Vec<(usize, Needless)> = Vec::new();
    if !engine.reads(statement) || statement.is_unconditional() {
        return found;
    }
    let mut tied: HashMap<String, Vec<usize>> = HashMap::new();
    let name = |test: &Test| match test.key.to_ascii_lowercase() {
        key if follows_from_caller(&key) => String::new(),
        key => key,
    };
    for (at, test) in statement.conditions.iter().enumerate() {
        tied.entry(name(test)).or_default().push(at);
    }
    // Of a statement that no request matches, every test is needless, and none is the mistake.
    let matches_nothing = OnceCell::new();
    let matches_nothing =
        || *matches_nothing.get_or_init(|| engine.spared(statement, &[]).answer == Answer::Covered);
    let unconditional = Statement { conditions: Vec::new(), ..statement.clone() };
    for (at, test) in statement.conditions.iter().enumerate() {
        let Some(near) = tied.get_mut(&name(test)).filter(|_| !is_spent()) else { break };
        let other = near
            .iter()
            .copied()
            .find(|other| *other != at && statement.conditions[*other].key.eq_ignore_ascii_case(&test.key));
        let needless = match other {
            Some(other) => Needless::Implied(other),
            None if may_always_hold(test) => Needless::Always,
            None => continue,
        };
        let only = |places: &mut dyn Iterator<Item = &usize>| Statement {
            conditions: places.map(|at| statement.conditions[*at].clone()).collect(),
            ..unconditional.clone()
        };
        let (with, without) = (only(&mut near.iter()), only(&mut near.iter().filter(|other| **other != at)));
        if engine.spared(&without, &[&with]).answer == Answer::Covered && !matches_nothing() {
            // Another one may hold because of this one, so it must be gone before the next is asked about.
            near.retain(|other| *other != at);
            found.push((at, needless));
        }
    }
    found
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
        let found = needless_tests(&engine, statement);
        let first = found.first()?;
        Some((statement.conditions[first.0].operator.kind.name().to_owned(), first.1))
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
        assert_eq!(needless_tests(&engine, &policy.statements[0]), []);
    }
}
