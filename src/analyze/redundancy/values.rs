//! Values in a list that another value of the same list covers.

use std::collections::{BTreeSet, HashMap};

use super::contains::{contains_if_spread, resource, takes_in, value_contains};
use crate::analyze::cover::Scope;
use crate::analyze::replay::is_readable;
use crate::policy::{
    Action, Element, Principal, PrincipalElement, PrincipalEntry, Resource, Statement, Test, TestKind, Value,
    Values,
};

/// A part of a statement that lists values.
#[derive(Clone, Copy, Debug)]
pub enum Part<'s> {
    /// `Action` or `NotAction`
    Action(&'s Element),
    /// `Resource` or `NotResource`
    Resource(&'s Element),
    /// The principals of one type.
    Principal(&'s PrincipalElement, &'s PrincipalEntry),
    /// The values of a test.
    Test(&'s Test),
}

/// A value that another one covers.
#[derive(Clone, Copy, Debug)]
pub struct Covered<'s> {
    /// The list.
    pub part: Part<'s>,
    /// Its place in it.
    pub at: usize,
    /// The place of the other one, which is not covered itself.
    pub by: usize,
    /// Whether they mean the same.
    pub same: bool,
}

impl<'s> Part<'s> {
    /// What it lists.
    pub fn values(self) -> &'s Values {
        match self {
            Part::Action(element) | Part::Resource(element) => &element.values,
            Part::Principal(_, entry) => &entry.values,
            Part::Test(test) => &test.values,
        }
    }

    /// What a person calls it: `NotAction`, `Principal`, `aws:SourceArn`.
    pub fn name(self) -> String {
        let not = |negated: bool| if negated { "Not" } else { "" };
        match self {
            Part::Action(element) => format!("{}Action", not(element.negated)),
            Part::Resource(element) => format!("{}Resource", not(element.negated)),
            Part::Principal(element, _) => format!("{}Principal", not(element.negated)),
            Part::Test(test) => test.key.clone(),
        }
    }
}

impl<'s> Covered<'s> {
    /// The value.
    pub fn value(&self) -> &'s Value {
        &self.part.values().items[self.at]
    }

    /// The one that covers it.
    pub fn cover(&self) -> &'s Value {
        &self.part.values().items[self.by]
    }
}

/// The lists of a statement.
pub fn parts(statement: &Statement) -> impl Iterator<Item = Part<'_>> {
    let principals = statement
        .principal
        .iter()
        .flat_map(|element| element.entries.iter().map(move |entry| Part::Principal(element, entry)));
    principals
        .chain(statement.action.iter().map(Part::Action))
        .chain(statement.resource.iter().map(Part::Resource))
        .chain(statement.conditions.iter().map(Part::Test))
}

/// The values of some lists of a statement without which it accepts the same requests, all of them together.
/// Also in the `Not…` forms and under negated operators a list stands for what any of its values matches.
pub fn covered_values<'s>(
    statement: &'s Statement,
    scope: Scope<'_>,
    wanted: impl Fn(Part<'s>) -> bool,
) -> Vec<Covered<'s>> {
    if !is_readable(statement, scope.kind) {
        return Vec::new();
    }
    let parts = parts(statement).filter(|part| wanted(*part));
    parts.flat_map(|part| in_list(part, statement, scope)).collect()
}

/// A value, ready to be compared with others of its list.
struct Item {
    /// Values with equal forms mean the same.
    form: String,
    /// What every text that it matches begins with.
    head: String,
    /// Whether it may cover another value.
    wide: bool,
}

fn in_list<'s>(part: Part<'s>, statement: &Statement, scope: Scope<'_>) -> Vec<Covered<'s>> {
    let values = &part.values().items;
    if values.len() < 2 {
        return Vec::new();
    }
    let variables = statement.variables;
    let found = match part {
        Part::Action(_) => {
            let actions: Vec<Action> = values.iter().map(Action::of).collect();
            let items = items(values, str::to_ascii_lowercase);
            let contains = |outer: usize, inner: usize| match values[inner].is_hole() {
                true => actions[outer].is_any(),
                false => actions[outer].contains(&actions[inner]),
            };
            covered(&items, MOST_PAIRS, contains)
        }
        Part::Resource(_) => {
            let read = |value: &Value| match value.known() {
                Some(text) => resource(text, variables, scope),
                None => Resource::of(value, variables),
            };
            let resources: Vec<Resource> = values.iter().map(read).collect();
            let mut items = items(values, str::to_owned);
            for (item, resource) in items.iter_mut().zip(&resources).filter(|(_, resource)| resource.is_any())
            {
                (item.form, item.head, item.wide) = (resource.text.clone(), String::new(), true);
            }
            // Its own ARN is all that the policy is about, but covers no ARN of another resource.
            let is_own = |at: usize| scope.resource == Some(values[at].text.as_str());
            covered(&items, MOST_PAIRS, |outer, inner| {
                resources[outer].contains(&resources[inner])
                    && contains_if_spread(&values[outer], &values[inner], variables)
                    && (!is_own(outer)
                        || resources[inner].is_any()
                        || Resource::new(&values[outer].text, false).intersects(&resources[inner]))
            })
        }
        Part::Principal(element, entry) => {
            let read = |value: &Value| Principal::of(entry, value);
            let principals: Vec<Principal> = values.iter().map(read).collect();
            let item = |principal: &Principal| Item {
                form: format!("{principal:?}"),
                head: String::new(),
                wide: matches!(principal, Principal::Any | Principal::Account(_)),
            };
            let items: Vec<Item> = principals.iter().map(item).collect();
            // To be spared by `NotPrincipal`, one must be named on every level, so only repetition is idle.
            covered(&items, MOST_PAIRS, |outer, inner| {
                !element.negated && takes_in(&principals[outer], &principals[inner], statement)
            })
        }
        Part::Test(test) => {
            let items = test_items(test, values);
            let name = test.operator.kind.name();
            let texts = name.starts_with("String") || name.starts_with("Arn");
            covered(&items, if texts { MOST_PAIRS } else { MOST_NUMBERS }, |outer, inner| {
                let opaque = values[outer].is_hole() || values[inner].is_function();
                !opaque && value_contains(test, &values[outer].text, &values[inner].text, variables)
            })
        }
    };
    found.into_iter().map(|(at, by, same)| Covered { part, at, by, same }).collect()
}

/// Patterns in which `*`, `?` and variables stand for any text.
fn items(values: &[Value], fold: impl Fn(&str) -> String) -> Vec<Item> {
    let item = |value: &Value| match &value.hole {
        Some(hole) => Item { form: format!("hole {}", hole.name), head: String::new(), wide: false },
        None => {
            let form = fold(&value.text);
            let head = form.split(['*', '?']).next().unwrap_or("");
            let head = head.split("${").next().unwrap_or("").to_owned();
            let wide = form.contains(['*', '?']);
            Item { head, wide, form }
        }
    };
    values.iter().map(item).collect()
}

fn test_items(test: &Test, values: &[Value]) -> Vec<Item> {
    let mut items = match test.operator.kind {
        TestKind::StringEqualsIgnoreCase
        | TestKind::StringNotEqualsIgnoreCase
        | TestKind::Bool
        | TestKind::Null => items(values, str::to_ascii_lowercase),
        _ => items(values, str::to_owned),
    };
    let name = test.operator.kind.name();
    for item in &mut items {
        match name {
            _ if name.contains("Like") || name.starts_with("Arn") => {}
            _ if name.starts_with("String") || matches!(name, "Bool" | "Null" | "BinaryEquals") => {
                item.wide = false
            }
            // Numbers, moments and addresses are compared each with each.
            _ => (item.head, item.wide) = (String::new(), true),
        }
    }
    items
}

/// The most pairs of patterns of one list that are compared. Lists of policies need a few hundred: a value is
/// only compared with patterns that begin as it does.
const MOST_PAIRS: usize = 10_000;
/// As many letters against letters count as a pair more: those of two patterns of 64 letters.
const OF_A_PAIR: usize = 64 * 64;
/// The most pairs of numbers, moments and addresses, which are compared in no time, but each with each.
const MOST_NUMBERS: usize = 250_000;

/// The items that others cover, each with one that covers it and is not covered itself, and whether both
/// mean the same.
fn covered(
    items: &[Item],
    most: usize,
    contains: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize, bool)> {
    let mut by: Vec<Option<(usize, bool)>> = vec![None; items.len()];
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut wide: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, item) in items.iter().enumerate() {
        match first.get(item.form.as_str()) {
            Some(known) => by[at] = Some((*known, true)),
            None => {
                first.insert(&item.form, at);
                if item.wide {
                    wide.entry(&item.head).or_default().push(at);
                }
            }
        }
    }
    let lengths: BTreeSet<usize> = wide.keys().map(|head| head.len()).collect();
    let mut pairs = 0;
    for (at, item) in items.iter().enumerate().filter(|(at, item)| first[item.form.as_str()] == *at) {
        // The widest first.
        let heads =
            lengths.iter().map_while(|length| Some((*length <= item.head.len(), item.head.get(..*length))));
        let heads = heads.take_while(|(fits, _)| *fits).filter_map(|(_, head)| head);
        let others = heads.filter_map(|head| wide.get(head)).flatten().copied().filter(|other| *other != at);
        let mut others = others.take_while(|other| {
            pairs += 1 + items[*other].form.len().saturating_mul(item.form.len()) / OF_A_PAIR;
            pairs <= most
        });
        // Of two that mean the same, the first stays.
        let cover = others.find(|other| contains(*other, at) && (*other < at || !contains(at, *other)));
        by[at] = cover.map(|cover| (cover, contains(at, cover)));
        if pairs > most {
            break;
        }
    }
    let last = |mut at: usize| {
        while let Some((next, _)) = by[at] {
            at = next;
        }
        at
    };
    let found = by.iter().enumerate().filter_map(|(at, by)| by.map(|(cover, same)| (at, last(cover), same)));
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use crate::parse::parse;
    use crate::policy::Policy;

    /// What is covered by what, in a statement of the current version.
    fn found(kind: Kind, rest: &str) -> Vec<(String, String)> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{rest}}}}}"#);
        let (policy, problems) = Policy::read(&parse(&text).tree, &text);
        assert!(problems.is_empty(), "{problems:?}");
        let scope = Scope { kind, resource: Some("arn:aws:kms:us-east-1:111111111111:key/k") };
        let covered = covered_values(&policy.statements[0], scope, |_| true);
        covered.iter().map(|covered| (covered.value().text.clone(), covered.cover().text.clone())).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn actions_and_resources() {
        let actions =
            r#""Action":["s3:GetObject","s3:get*","S3:getobject","s3:Get*","s3:List?*","s3:List*","s3:Put"]"#;
        assert_eq!(
            found(Kind::Identity, &format!(r#"{actions},"Resource":"*""#)),
            pairs(&[
                ("s3:GetObject", "s3:get*"),
                ("S3:getobject", "s3:get*"),
                ("s3:Get*", "s3:get*"),
                ("s3:List?*", "s3:List*"),
            ])
        );
        let resources = r#"["arn:aws:s3:::a/*","arn:aws:s3:::a*","arn:aws:s3:*:*:a","arn:aws:s3:::b/${aws:username}","arn:aws:s3:::b/*"]"#;
        assert_eq!(
            found(Kind::Identity, &format!(r#""NotAction":"s3:*","NotResource":{resources}"#)),
            pairs(&[
                ("arn:aws:s3:::a/*", "arn:aws:s3:::a*"),
                ("arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/*"),
            ]),
            "`arn:aws:s3:*:*:a` has ARNs that the others have not"
        );
    }

    #[test]
    fn a_star_that_may_go_on_beyond_its_segment() {
        let covered = |resources: &str| {
            found(Kind::Identity, &format!(r#""Action":"logs:*","Resource":[{resources}]"#))
        };
        let (all, group) = ("arn:aws:logs:*:*:*", "arn:aws:logs:*:log-group:/x:*");
        assert_eq!(covered(&format!(r#""{all}","{group}""#)), pairs(&[]), "it may be of another form");
        assert_eq!(covered(&format!(r#""*","{group}""#)), pairs(&[(group, "*")]));
        let wider = "arn:aws:logs:*:log-group:/*";
        assert_eq!(covered(&format!(r#""{wider}","{group}""#)), pairs(&[(group, wider)]));
        assert_eq!(covered(&format!(r#""{group}","{group}""#)), pairs(&[(group, group)]));
    }

    #[test]
    fn the_key_itself_is_every_resource_of_its_policy() {
        let rest = |own: &str| format!(r#""Principal":"*","Action":"kms:*","Resource":["{own}","*"]"#);
        let own = "arn:aws:kms:us-east-1:111111111111:key/k";
        assert_eq!(found(Kind::Kms, &rest(own)), pairs(&[("*", own)]));
    }

    #[test]
    fn principals() {
        let principals = r#""Principal":{"AWS":["111111111111","arn:aws:iam::111111111111:root","arn:aws:iam::111111111111:role/r"],"Service":["s3.amazonaws.com"]}"#;
        assert_eq!(
            found(Kind::Kms, &format!(r#"{principals},"Action":"kms:*","Resource":"*""#)),
            pairs(&[("arn:aws:iam::111111111111:root", "111111111111")]),
            "an account delegates, a role is granted directly"
        );
        assert_eq!(
            found(
                Kind::S3,
                r#""Principal":{"AWS":["arn:aws:iam::111111111111:role/r","*","AROA2222222222222222"]},"Action":"s3:*","Resource":"*""#
            ),
            pairs(&[("arn:aws:iam::111111111111:role/r", "*")])
        );
        assert_eq!(
            found(
                Kind::S3,
                r#""NotPrincipal":{"AWS":["arn:aws:iam::111111111111:role/r","111111111111","111111111111"]},"Action":"s3:*","Resource":"*""#
            ),
            pairs(&[("111111111111", "111111111111")])
        );
    }

    #[test]
    fn values_of_conditions() {
        let condition = |condition: &str| {
            found(Kind::Identity, &format!(r#""Action":"s3:*","Resource":"*","Condition":{condition}"#))
        };
        for (test, expected) in [
            (r#"{"StringLike":{"a:b":["x/1","x/*","y"]}}"#, &[("x/1", "x/*")][..]),
            (r#"{"StringEquals":{"a:b":["x/1","x/*","X/1"]}}"#, &[]),
            (r#"{"StringNotLike":{"a:b":["x/1","x/*"]}}"#, &[("x/1", "x/*")]),
            (r#"{"StringEqualsIgnoreCase":{"a:b":["x","X"]}}"#, &[("X", "x")]),
            // Whether the short one matches any ARN is open.
            (r#"{"ArnLike":{"a:b":["arn:aws:s3:::x","*"]}}"#, &[]),
            (r#"{"ArnLike":{"a:b":["arn:aws:s3:*","arn:aws:*"]}}"#, &[("arn:aws:s3:*", "arn:aws:*")]),
            (
                r#"{"ArnLike":{"a:b":["arn:aws:s3:::x","arn:*:*:*:*:*","arn:aws:sns:*"]}}"#,
                &[("arn:aws:s3:::x", "arn:*:*:*:*:*"), ("arn:aws:sns:*", "arn:*:*:*:*:*")],
            ),
            (
                r#"{"IpAddress":{"a:b":["10.0.0.0/8","10.1.2.3","10.0.0.0/33","::/0"]}}"#,
                &[("10.1.2.3", "10.0.0.0/8")],
            ),
            (r#"{"NotIpAddress":{"a:b":["10.1.0.0/16","10.0.0.0/8"]}}"#, &[("10.1.0.0/16", "10.0.0.0/8")]),
            (r#"{"NumericLessThan":{"a:b":[5,"10",7]}}"#, &[("5", "10"), ("7", "10")]),
            (r#"{"NumericGreaterThanEquals":{"a:b":["5","10"]}}"#, &[("10", "5")]),
            (r#"{"NumericEquals":{"a:b":["5","10","5.0"]}}"#, &[("5.0", "5")]),
            (r#"{"DateLessThan":{"a:b":["2024-01-01","2025-01-01"]}}"#, &[("2024-01-01", "2025-01-01")]),
            (r#"{"Bool":{"a:b":[true,"True"]}}"#, &[("True", "true")]),
            (r#"{"ForAllValues:StringLike":{"a:b":["x*","xy"]}}"#, &[("xy", "x*")]),
        ] {
            assert_eq!(condition(test), pairs(expected), "{test}");
        }
    }

    #[test]
    fn what_a_template_knows_is_covered_by_everything_only() {
        assert_eq!(
            found(Kind::Identity, r#""Action":["*e*",{"Ref":"x"}],"Resource":[{"Ref":"x"},{"Ref":"x"},"*"]"#),
            pairs(&[(r#"{"Ref":"x"}"#, "*"), (r#"{"Ref":"x"}"#, "*")])
        );
    }
}
