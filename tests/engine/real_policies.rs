//! The engine over the corpus: every policy is equivalent to itself, also where it is cut into other
//! statements, and what it takes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use polmerge::Kind;
use polmerge::analyze::cover::Scope;
use polmerge::analyze::replay::policy_allows;
use polmerge::analyze::request::Request;
use polmerge::analyze::space::{Change, Engine, Relation};
use polmerge::document::{Hints, open_policy};
use polmerge::policy::Statement;
use polmerge::source::Source;

use crate::corpus;

struct Known {
    id: String,
    kind: Kind,
    statements: Vec<Statement>,
}

/// The policies of the corpus that are sound.
fn known(test: &str) -> Option<Vec<Known>> {
    let policies = corpus::policies(test, &corpus::KINDS)?;
    let known = policies.into_iter().filter_map(|policy| {
        let hints = Hints { kind: policy.kind.parse().ok(), ..Hints::default() };
        let document = open_policy(Source::new("corpus", policy.policy.get().to_owned()), &hints);
        let sound = document.is_sound() && !document.policy.statements.is_empty();
        sound.then_some(Known { id: policy.id, kind: document.kind, statements: document.policy.statements })
    });
    Some(known.collect())
}

/// The same in other statements: one for each half of a list of actions.
fn cut(statements: &[Statement]) -> Vec<Statement> {
    let mut cut = Vec::new();
    for statement in statements {
        match &statement.action {
            Some(element)
                if !element.negated && element.values.items.len() > 1 && statement.is_complete() =>
            {
                let (first, second) = element.values.items.split_at(element.values.items.len() / 2);
                for half in [first, second] {
                    let mut part = statement.clone();
                    if let Some(action) = &mut part.action {
                        action.values.items = half.to_vec();
                    }
                    cut.push(part);
                }
            }
            _ => cut.push(statement.clone()),
        }
    }
    cut
}

/// How long things took, and what came of them.
#[derive(Default)]
struct Tally {
    times: Vec<(Duration, String)>,
    unproved: BTreeMap<String, usize>,
    states: Vec<usize>,
    nodes: Vec<usize>,
}

impl Tally {
    fn relation(&mut self, policy: &Known, old: &[Statement], new: &[Statement]) -> Change {
        let engine = Engine::new(Scope { kind: policy.kind, resource: None });
        let start = Instant::now();
        let change = engine.relation(old, new);
        self.times.push((start.elapsed(), format!("{} {}", policy.kind, policy.id)));
        self.states.push(change.states);
        self.nodes.push(change.nodes);
        if change.relation == Relation::Unproved {
            for why in &change.unproved {
                assert!(!why.contains("mistake"), "{}: {why}", policy.id);
                let why: String = why.chars().filter(|character| !character.is_ascii_digit()).collect();
                let why = why.split('"').step_by(2).collect::<Vec<_>>().join("…");
                *self.unproved.entry(why).or_default() += 1;
            }
        }
        check(&change.added, new, old, policy);
        check(&change.removed, old, new, policy);
        change
    }

    fn print(mut self, what: &str) {
        self.times.sort();
        self.states.sort_unstable();
        self.nodes.sort_unstable();
        let at = |part: usize| (self.times.len() * part / 1000).min(self.times.len() - 1);
        println!(
            "{what}: {} pairs; median {:?}, 90% {:?}, 99% {:?}, 99.9% {:?}; slowest {:?}",
            self.times.len(),
            self.times[at(500)].0,
            self.times[at(900)].0,
            self.times[at(990)].0,
            self.times[at(999)].0,
            self.times.iter().rev().take(4).collect::<Vec<_>>(),
        );
        println!(
            "  states: median {}, 99% {}, most {}; nodes: median {}, 99% {}, most {}",
            self.states[at(500)],
            self.states[at(990)],
            self.states[self.states.len() - 1],
            self.nodes[at(500)],
            self.nodes[at(990)],
            self.nodes[self.nodes.len() - 1],
        );
        for (why, count) in self.unproved {
            println!("  not proved {count} times: {why}");
        }
    }
}

fn check(requests: &[Request], left: &[Statement], right: &[Statement], policy: &Known) {
    let scope = Scope { kind: policy.kind, resource: None };
    for request in requests {
        assert_eq!(policy_allows(left, request, scope), Some(true), "{}: {request:?}", policy.id);
        assert_eq!(policy_allows(right, request, scope), Some(false), "{}: {request:?}", policy.id);
    }
}

#[test]
fn a_policy_is_equivalent_to_itself() {
    let Some(policies) = known("a_policy_is_equivalent_to_itself") else { return };
    let (mut same, mut halves) = (Tally::default(), Tally::default());
    for policy in &policies {
        // Also what cannot be read is what it is; but what it does beside other statements is not known.
        for (tally, other, sure) in
            [(&mut same, policy.statements.clone(), true), (&mut halves, cut(&policy.statements), false)]
        {
            let change = tally.relation(policy, &policy.statements, &other);
            let expected = change.relation == Relation::Equivalent || !(sure || change.unproved.is_empty());
            assert!(
                expected && change.added.is_empty() && change.removed.is_empty(),
                "{}: {change:?}",
                policy.id
            );
        }
    }
    same.print("with itself");
    halves.print("with itself cut into halves");
}

#[test]
fn without_a_statement_a_policy_is_no_broader_but_for_a_deny() {
    let Some(policies) = known("without_a_statement_a_policy_is_no_broader_but_for_a_deny") else { return };
    let mut tally = Tally::default();
    for policy in policies.iter().filter(|policy| policy.statements.len() > 1) {
        let at = policy.id.bytes().map(usize::from).sum::<usize>() % policy.statements.len();
        let mut fewer = policy.statements.clone();
        let removed = fewer.remove(at);
        let change = tally.relation(policy, &policy.statements, &fewer);
        match removed.allows() {
            true => assert!(change.added.is_empty(), "{}: {change:?}", policy.id),
            false => assert!(change.removed.is_empty(), "{}: {change:?}", policy.id),
        }
    }
    tally.print("without one statement");
}

#[test]
fn versions_of_managed_policies() {
    #[derive(serde::Deserialize)]
    struct Version {
        name: String,
        policy: Box<serde_json::value::RawValue>,
    }
    let Some(folder) = corpus::folder("versions_of_managed_policies") else { return };
    let text = std::fs::read_to_string(folder.join("identity/managed-history.ndjson")).unwrap();
    let mut tally = Tally::default();
    let mut last: Option<Known> = None;
    let mut relations: BTreeMap<&str, usize> = BTreeMap::new();
    for line in text.lines() {
        let version: Version = serde_json::from_str(line).unwrap();
        let hints = Hints { kind: Some(Kind::Identity), ..Hints::default() };
        let document = open_policy(Source::new("corpus", version.policy.get().to_owned()), &hints);
        let next = Known { id: version.name, kind: Kind::Identity, statements: document.policy.statements };
        if let Some(last) = last.filter(|last| last.id == next.id) {
            let change = tally.relation(&next, &last.statements, &next.statements);
            *relations.entry(change.relation.name()).or_default() += 1;
        }
        last = Some(next);
    }
    tally.print("versions of managed policies");
    println!("  {relations:?}");
}

#[test]
fn policies_of_one_kind_with_each_other() {
    let Some(policies) = known("policies_of_one_kind_with_each_other") else { return };
    let mut tally = Tally::default();
    let pairs = policies.windows(2).filter(|pair| pair[0].kind == pair[1].kind).enumerate();
    for (_, pair) in pairs.filter(|(index, _)| corpus::is_in_turn(*index)) {
        tally.relation(&pair[0], &pair[0].statements, &pair[1].statements);
    }
    // The longest ones, which have the most in common.
    let mut longest: Vec<&Known> = policies.iter().filter(|policy| policy.kind == Kind::Identity).collect();
    longest.sort_by_key(|policy| {
        std::cmp::Reverse(policy.statements.iter().map(|statement| statement.actions().len()).sum::<usize>())
    });
    longest.truncate(if corpus::is_whole() { 15 } else { 7 });
    for old in &longest {
        for new in &longest {
            tally.relation(old, &old.statements, &new.statements);
        }
    }
    tally.print("with another policy");
}
