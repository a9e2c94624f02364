//! The access engine: single pairs under divan, and what pairs made from a whole corpus take.
//!
//!     cargo bench --bench main -- --corpus ../shared/corpus/identity/identity.ndjson
//!
//! Each line of the file is an object with `id` and `policy`. The demand is a median under a millisecond and
//! 99 of 100 pairs under 50.

use std::time::{Duration, Instant};

use polmerge::Kind;
use polmerge::analyze::cover::Scope;
use polmerge::analyze::space::{Change, Engine, Relation};
use polmerge::document::{Hints, open_policy};
use polmerge::policy::Statement;
use polmerge::source::Source;

#[derive(serde::Deserialize)]
struct Line {
    id: String,
    policy: Box<serde_json::value::RawValue>,
}

fn statements(text: &str) -> Vec<Statement> {
    let hints = Hints { kind: Some(Kind::Identity), ..Hints::default() };
    let document = open_policy(Source::new("policy", text), &hints);
    if document.is_sound() { document.policy.statements } else { Vec::new() }
}

fn relation(old: &[Statement], new: &[Statement]) -> Change {
    Engine::new(Scope { kind: Kind::Identity, resource: None }).relation(old, new)
}

/// Makes another policy of one, in a way that a number chooses; there may be none.
type Way = fn(&[Statement], usize) -> Option<Vec<Statement>>;

/// What a policy is compared with.
const WAYS: [(&str, Way); 4] = [
    ("itself", |policy, _| Some(policy.to_vec())),
    ("one statement dropped", |policy, seed| {
        let mut policy = policy.to_vec();
        policy.remove(seed % policy.len());
        Some(policy)
    }),
    ("one literal widened", |policy, seed| {
        let mut policy = policy.to_vec();
        let actions = policy.iter_mut().filter_map(|statement| statement.action.as_mut());
        let mut values: Vec<_> = actions.flat_map(|element| &mut element.values.items).collect();
        let at = seed % values.len().max(1);
        values.get_mut(at)?.text.push('*');
        Some(policy)
    }),
    ("one condition removed", |policy, seed| {
        let mut policy = policy.to_vec();
        let mut with: Vec<_> =
            policy.iter_mut().filter(|statement| !statement.conditions.is_empty()).collect();
        let at = seed % with.len().max(1);
        let conditions = &mut with.get_mut(at)?.conditions;
        conditions.remove(seed % conditions.len());
        Some(policy)
    }),
];

fn read(path: &std::path::Path) -> Option<Vec<(String, Vec<Statement>)>> {
    let text = std::fs::read_to_string(path).ok()?;
    let lines = text.lines().map(|line| serde_json::from_str::<Line>(line).expect("a line of the corpus"));
    let policies = lines.map(|line| (line.id, statements(line.policy.get())));
    Some(policies.filter(|(_, statements)| !statements.is_empty()).collect())
}

/// Prints how long the pairs of a corpus take, and with how many states and nodes.
pub fn corpus(path: &str) {
    let policies = read(path.as_ref()).expect("the corpus can be read");
    println!("{} policies of {path}", policies.len());
    for (what, change) in WAYS {
        let mut taken: Vec<(Duration, usize, usize, &str)> = Vec::new();
        let mut unproved = 0;
        for (seed, (id, old)) in policies.iter().enumerate() {
            let Some(new) = change(old, seed) else { continue };
            let start = Instant::now();
            let found = relation(old, &new);
            taken.push((start.elapsed(), found.states, found.nodes, id));
            unproved += usize::from(found.relation == Relation::Unproved);
        }
        taken.sort();
        let at = |part: usize| taken[(taken.len() * part / 1000).min(taken.len() - 1)].0;
        let most = |of: fn(&(Duration, usize, usize, &str)) -> usize| taken.iter().map(of).max().unwrap_or(0);
        println!(
            "{what}: {} pairs; median {:.1?}, 90% {:.1?}, 99% {:.1?}, most {:.1?}; most states {}, nodes {}; not proved {unproved}",
            taken.len(),
            at(500),
            at(900),
            at(990),
            at(1000),
            most(|one| one.1),
            most(|one| one.2),
        );
        for (time, states, nodes, id) in taken.iter().rev().take(3) {
            println!("    {time:.1?}  {states} states, {nodes} nodes  {id}");
        }
    }
}

fn fixture(name: &str) -> Vec<Statement> {
    statements(&super::fixture(name))
}

/// The key policies of a review: two statements changed, one moved.
#[divan::bench]
fn compare_two_key_policies(bencher: divan::Bencher<'_, '_>) {
    let (old, new) = (fixture("review/old.json"), fixture("review/new.json"));
    bencher.bench(|| {
        let engine = Engine::new(Scope { kind: Kind::Kms, resource: None });
        engine.relation(divan::black_box(&old), divan::black_box(&new))
    });
}

/// A policy of so many literal actions, and one with one action less.
#[divan::bench(args = [10, 100, 1000])]
fn compare_lists_of_actions(bencher: divan::Bencher<'_, '_>, number: usize) {
    let policy = |number: usize| {
        let actions: Vec<String> = (0..number).map(|at| format!("svc{}:Action{at}", at % 17)).collect();
        statements(
            &serde_json::json!({"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
                .to_string(),
        )
    };
    let (old, new) = (policy(number), policy(number - 1));
    bencher.bench(|| relation(divan::black_box(&old), divan::black_box(&new)));
}

/// Stars inside of patterns, which is what automata grow by.
#[divan::bench]
fn compare_patterns_with_inner_stars(bencher: divan::Bencher<'_, '_>) {
    let policy = |actions: &[&str]| {
        statements(
            &serde_json::json!({"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
                .to_string(),
        )
    };
    let old = policy(&["ec2:*Tag*", "ec2:*Instance*", "ec2:*Volume*", "ec2:Describe*", "ec2:*Snapshot*s"]);
    let new = policy(&["ec2:*Tags*", "ec2:*Instances*", "ec2:*Volume*", "ec2:Get*", "ec2:*Snapshot*"]);
    bencher.bench(|| relation(divan::black_box(&old), divan::black_box(&new)));
}

/// The longest identity policies of the corpus, each with itself without the statement in its middle.
/// Says also how many states and nodes that takes.
#[divan::bench(args = [1, 2, 3])]
fn compare_the_longest_policies(bencher: divan::Bencher<'_, '_>, rank: usize) {
    let corpus =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/identity/identity.ndjson");
    let Some(mut policies) = read(&corpus) else {
        println!("SKIPPED: there is no corpus at ../shared/corpus");
        return;
    };
    let actions =
        |policy: &[Statement]| policy.iter().map(|statement| statement.actions().len()).sum::<usize>();
    policies.sort_by_cached_key(|(_, policy)| std::cmp::Reverse(actions(policy)));
    let (id, old) = &policies[rank - 1];
    let mut new = old.clone();
    new.remove(old.len() / 2);
    let change = relation(old, &new);
    println!(
        "  {id}: {} statements, {} actions; {}, {} states, {} nodes",
        old.len(),
        actions(old),
        change.relation.name(),
        change.states,
        change.nodes
    );
    bencher.bench(|| relation(divan::black_box(old), divan::black_box(&new)));
}
