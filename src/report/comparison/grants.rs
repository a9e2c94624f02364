//! What a statement grants that its old version did not, in a person's words.

use std::collections::BTreeSet;

use super::things;
use crate::analyze::pairs::{self, Change};
use crate::document::Document;
use crate::policy::{
    Action, Arn, Principal, PrincipalElement, Resource, Statement, Test, TestKind, Value, Values,
};
use crate::report::access;

/// How much a statement takes in, the most first: everyone, accounts, then those who are named; the fewer
/// conditions, the more.
pub(super) fn rank(statement: &Statement) -> (u8, usize) {
    let principals = statement.principal.iter().flat_map(PrincipalElement::principals);
    let who = principals.map(|(principal, _)| match principal {
        Principal::Any => 0,
        Principal::Account(_) => 1,
        _ => 2,
    });
    let negated = statement.principal.as_ref().is_some_and(|element| element.negated);
    (if negated { 0 } else { who.min().unwrap_or(0) }, statement.conditions.len())
}

/// Which way access goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Added,
    Removed,
}

/// What `statement` grants and its version on the other side does not, as far as their texts tell.
pub(super) fn sentence(
    document: &Document,
    statement: &Statement,
    other: Option<&Statement>,
    way: Way,
) -> String {
    if let Some(words) = access::unknown(statement) {
        return words;
    }
    let Some(other) = other.filter(|other| other.effect == statement.effect) else {
        return things::told(document, statement).text();
    };
    let changes = pairs::changes(other, statement);
    if let Some(part) = only_part(statement, &changes) {
        let narrowed = narrowed(statement, part, &changes);
        let mut sentence = things::told(document, &narrowed);
        let alone = within(part, &changes, &narrowed);
        if !alone.is_empty() {
            sentence.but(&format!("not {} alone", access::list(&alone)));
        }
        return sentence.text();
    }
    let mut sentence = things::told(document, statement);
    let asked: Vec<&Test> = other.conditions.iter().filter(|test| !has(statement, test)).collect();
    match things::of_tests(statement, &asked) {
        _ if asked.is_empty() => {}
        Some(things) => sentence.but(&format!("not for {} alone", access::list(&things))),
        None => {
            let words: Vec<String> = asked.iter().map(|test| access::condition(test)).collect();
            // A grant that comes has lost the test; a Deny that is felt has it on the other side.
            let lead = if (way == Way::Added) == statement.allows() { "no longer" } else { "now" };
            sentence.and(&format!("{lead} only if {}", words.join(" and ")));
        }
    }
    sentence.text()
}

/// Whether a statement has a test, however it is spelt.
fn has(statement: &Statement, wanted: &Test) -> bool {
    statement.conditions.iter().any(|test| {
        let values = |test: &Test| -> BTreeSet<String> {
            test.values.items.iter().map(|value| value.text.clone()).collect()
        };
        test.operator == wanted.operator
            && test.key.eq_ignore_ascii_case(&wanted.key)
            && values(test) == values(wanted)
    })
}

/// The parts of a statement in which it can be wider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Principal,
    Action,
    Resource,
    /// The values of one test.
    Test(usize),
}

/// The one part in which values came, if all that is new of the statement is in it.
fn only_part(statement: &Statement, changes: &[Change]) -> Option<Part> {
    let of = |change: &Change| match change.element.split("  ").next() {
        Some("Principal") => Some(Part::Principal),
        Some("Action") => Some(Part::Action),
        Some("Resource") => Some(Part::Resource),
        Some("Condition") => {
            let test = |test: &Test| change.element.ends_with(&format!(" {}", test.key)) && widens(test);
            // A test of which values went as well, or which is new, makes the rest narrower.
            let whole = change.removed.is_empty();
            statement.conditions.iter().position(test).filter(|_| whole).map(Part::Test)
        }
        _ => None,
    };
    let mut parts = changes.iter().map(of);
    let first = parts.next()??;
    let came = changes.iter().any(|change| !change.added.is_empty());
    (came && parts.all(|part| part == Some(first))).then_some(first)
}

/// Whether more values let more requests pass.
fn widens(test: &Test) -> bool {
    test.operator.set.is_none() && !test.operator.kind.is_negated() && test.operator.kind != TestKind::Null
}

/// The statement with nothing in one part but the values that came.
fn narrowed(statement: &Statement, part: Part, changes: &[Change]) -> Statement {
    let came = |value: &Value| changes.iter().any(|change| change.added.contains(&value.text));
    let keep = |values: &mut Values| values.items.retain(came);
    let mut narrowed = statement.clone();
    match part {
        Part::Principal => {
            for entry in narrowed.principal.iter_mut().flat_map(|element| &mut element.entries) {
                keep(&mut entry.values);
            }
        }
        Part::Action => narrowed.action.iter_mut().for_each(|element| keep(&mut element.values)),
        Part::Resource => narrowed.resource.iter_mut().for_each(|element| keep(&mut element.values)),
        Part::Test(at) => {
            narrowed.conditions.iter_mut().skip(at).take(1).for_each(|test| keep(&mut test.values))
        }
    }
    narrowed
}

/// Values that went because one that came takes them in.
fn within(part: Part, changes: &[Change], narrowed: &Statement) -> Vec<String> {
    let went = changes.iter().flat_map(|change| &change.removed);
    match part {
        Part::Principal => {
            let wide: Vec<Principal> = narrowed
                .principal
                .iter()
                .flat_map(|element| element.principals())
                .map(|(one, _)| one)
                .collect();
            let inside = |arn: &Arn<'_>| {
                let account = Principal::Account(arn.account.to_owned());
                wide.contains(&Principal::Any) || wide.contains(&account)
            };
            went.filter_map(|text| Arn::parse(text)).filter(inside).map(|arn| arn.name().to_owned()).collect()
        }
        Part::Action => {
            let wide = narrowed.actions();
            let inside = |text: &&String| wide.iter().any(|action| action.contains(&Action::new(text)));
            went.filter(inside).cloned().collect()
        }
        Part::Resource => {
            let wide = narrowed.resources();
            let of = |text: &str| Resource::new(text, narrowed.variables);
            went.filter(|text| wide.iter().any(|resource| resource.contains(&of(text)))).cloned().collect()
        }
        Part::Test(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Hints, open_policy};
    use crate::kind::Kind;
    use crate::source::Source;

    fn document(kind: Kind, statement: &str) -> Document {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{statement}}}]}}"#);
        let document =
            open_policy(Source::new("test", text), &Hints { kind: Some(kind), ..Hints::default() });
        assert!(document.problems.is_empty(), "{:?}", document.problems);
        document
    }

    fn told(kind: Kind, old: &str, new: &str, way: Way) -> String {
        let (old, new) = (document(kind, old), document(kind, new));
        sentence(&new, &new.policy.statements[0], Some(&old.policy.statements[0]), way)
    }

    fn added(old: &str, new: &str) -> String {
        let kind = if new.contains("Principal") { Kind::S3 } else { Kind::Identity };
        told(kind, old, new, Way::Added)
    }

    #[test]
    fn only_what_came_is_told() {
        let get = r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*""#;
        let with = |action: &str, resource: &str| format!(r#""Action":{action},"Resource":{resource}"#);
        let words = added(get, &with(r#"["s3:GetObject","s3:PutObject"]"#, r#""arn:aws:s3:::b/*""#));
        assert_eq!(words, "this policy lets its holder s3:PutObject on arn:aws:s3:::b/*, on no condition");
        let words = added(get, &with(r#""s3:Get*""#, r#""arn:aws:s3:::b/*""#));
        assert_eq!(words, "this policy lets its holder s3:Get* on arn:aws:s3:::b/*, not s3:GetObject alone");
        let words = added(get, &with(r#""s3:GetObject""#, r#"["arn:aws:s3:::b/*","arn:aws:s3:::c/*"]"#));
        assert_eq!(words, "this policy lets its holder s3:GetObject on arn:aws:s3:::c/*, on no condition");
        let words = added(get, &with(r#""s3:GetObject""#, r#""*""#));
        assert_eq!(
            words,
            "this policy lets its holder s3:GetObject on everything, not arn:aws:s3:::b/* alone"
        );
        // Where two parts are wider, what is new is no part of either.
        let words = added(get, &with(r#"["s3:GetObject","s3:PutObject"]"#, r#""*""#));
        assert_eq!(
            words,
            "this policy lets its holder s3:GetObject and s3:PutObject on everything, on no condition"
        );
    }

    #[test]
    fn conditions_that_went() {
        let with = |condition: &str| {
            format!(
                r#""Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{{{condition}}}"#
            )
        };
        let one = r#""StringEquals":{"aws:PrincipalOrgID":"o-1"}"#;
        let words = added(&with(one), &with(r#""StringEquals":{"aws:PrincipalOrgID":["o-1","o-2"]}"#));
        let lets = "this bucket lets everyone s3:GetObject on arn:aws:s3:::b/*";
        assert_eq!(words, format!("{lets}, if aws:PrincipalOrgID is o-2"));
        let tls = r#""Bool":{"aws:SecureTransport":"true"}"#;
        let words = added(&with(&format!("{one},{tls}")), &with(tls));
        assert_eq!(
            words,
            format!("{lets}, if aws:SecureTransport is true, no longer only if aws:PrincipalOrgID is o-1")
        );
        let words = told(Kind::S3, &with(&format!("{one},{tls}")), &with(one), Way::Removed);
        assert_eq!(
            words,
            format!("{lets}, if aws:PrincipalOrgID is o-1, now only if aws:SecureTransport is true")
        );
        // More values of a test that excludes let fewer in.
        let not = |values: &str| with(&format!(r#""StringNotEquals":{{"aws:PrincipalOrgID":{values}}}"#));
        let words = added(&not(r#"["o-1","o-2"]"#), &not(r#""o-1""#));
        assert_eq!(
            words,
            format!(
                "{lets}, if aws:PrincipalOrgID is not o-1, no longer only if aws:PrincipalOrgID is not o-1 or o-2"
            )
        );
    }

    #[test]
    fn the_things_of_a_service() {
        let with = |values: &str| {
            format!(
                r#""Principal":{{"Service":"cloudtrail.amazonaws.com"}},"Action":"sns:Publish","Resource":"*","Condition":{{"ArnLike":{{"aws:SourceArn":{values}}}}}"#
            )
        };
        let trail =
            |region: &str, name: &str| format!(r#""arn:aws:cloudtrail:{region}:111111111111:trail/{name}""#);
        let (one, every) = (trail("us-east-1", "a"), trail("*", "*"));
        let topic = |old: &str, new: &str| told(Kind::Sns, &with(old), &with(new), Way::Added);
        assert!(
            topic(&one, &every).contains(" for every trail of account 111111111111"),
            "{}",
            topic(&one, &every)
        );
        assert!(topic(&one, &every).ends_with(", not for a in us-east-1 alone"), "{}", topic(&one, &every));
        // What cannot be put into words stays as it is.
        let words = topic(&one, &trail("*", "b-*"));
        assert!(words.contains("if aws:SourceArn is like"), "{words}");
    }
}
