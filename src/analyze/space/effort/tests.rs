use serde_json::{Value, json};

use super::*;
use crate::analyze::checks::Question;
use crate::analyze::compare::compare;
use crate::apply;
use crate::compact::{Options, compact};
use crate::document::{Document, Hints, open};
use crate::lint::{self, fix};
use crate::source::Source;
use crate::steps::{Addition, Packs, Values};

#[test]
fn each_limit_ends_it() {
    type Spend = fn(&mut Effort) -> Result<(), Exhausted>;
    let budget = Budget { states: 10, nodes: 10, steps: 100, bytes: 100 };
    let spends: [Spend; 4] = [
        Effort::state,
        Effort::node,
        |effort| {
            step(10);
            effort.check()
        },
        |effort| {
            keep(10);
            effort.check()
        },
    ];
    for spend in spends {
        let mut effort = Effort::new(budget);
        assert!((0..10).all(|_| spend(&mut effort).is_ok()));
        assert_eq!(spend(&mut effort), Err(Exhausted));
        effort.renew();
        assert_eq!(spend(&mut effort), Ok(()));
    }
    // What is prepared stays, and many questions that go to the limit have one of their own.
    let mut effort = Effort::new(budget);
    keep(50);
    effort.prepared();
    keep(50);
    assert_eq!(effort.check(), Ok(()));
    effort.renew();
    keep(51);
    assert_eq!(effort.check(), Err(Exhausted));
    // So do all questions about a policy, wherever they are put.
    let spend = |steps: usize| {
        let effort = Effort::new(Budget { steps: TOGETHER, ..budget });
        step(steps);
        effort.check()
    };
    together(|| {
        assert_eq!(spend(TOGETHER as usize - 1), Ok(()));
        assert_eq!(together(|| spend(1)), Ok(()));
        assert_eq!(together(|| spend(1)), Err(Exhausted));
        assert_eq!(spend(0), Err(Exhausted));
    });
    assert_eq!(spend(TOGETHER as usize), Ok(()));
    let purse = Purse::default();
    assert_eq!(purse.spend(|| spend(TOGETHER as usize / 2)), Ok(()));
    assert_eq!(purse.spend(|| spend(TOGETHER as usize / 2)), Ok(()));
    assert_eq!(purse.spend(|| spend(1)), Err(Exhausted));
}

/// A policy of statements that each other one may take something of, whatever the question is.
fn entangled(number: usize, seed: usize) -> Document {
    let services = ["s3", "ec2", "kms", "sqs", "sns", "iam", "lambda", "dynamodb"];
    let one = |at: usize| -> Value {
        let of = |step: usize| services[(at * step + seed + step) % services.len()];
        let ends = ["*", "Get*", "*Item", "Describe*", "List*"];
        let actions: Vec<String> =
            (1..5).map(|step| format!("{}:{}", of(step), ends[(at / step + step) % ends.len()])).collect();
        json!({
            "Sid": format!("S{at}"), "Effect": if at.is_multiple_of(2) { "Deny" } else { "Allow" }, "NotAction": actions,
            "Resource": "*",
            "Condition": {"IpAddress": {"aws:SourceIp": format!("10.{at}.0.0/{}", 8 + (at + seed) % 3 * 4)}},
        })
    };
    let policy = json!({"Version": "2012-10-17", "Statement": (0..number).map(one).collect::<Vec<_>>()});
    let mut file = open(Source::new("x.json", policy.to_string()), &Hints::default());
    file.documents.swap_remove(0)
}

fn lint_all(document: &Document) {
    lint::lint(document, &lint::Settings::default());
}

fn fix_all(document: &Document) {
    let mut findings = lint::lint(document, &lint::Settings::default());
    fix::check(document, &mut findings, &fix::Rereading::default());
}

fn compare_all(document: &Document) {
    let other = entangled(document.policy.statements.len(), 1);
    compare(&other, document);
    Question::Allowed(&other).ask(document, document);
    Question::Forbidden(&other).ask(document, document);
}

fn apply_all(document: &Document) {
    let packs = Packs::shipped().unwrap();
    let new = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let source = Source::new("new.json", new.to_string());
    let addition = Addition::of_file(&packs, &source, &Values::default()).unwrap().unwrap();
    let request = apply::Request { additions: vec![addition], ..apply::Request::default() };
    apply::apply(document, &packs, &request).unwrap();
}

fn compact_all(document: &Document) {
    compact(document, Options::default()).unwrap();
}

/// Each command keeps to what all questions about a policy may take together, but for what the last one is in the middle
/// of; and what is still asked then costs next to nothing, however many statements there are.
#[test]
fn what_commands_take_for_one_policy() {
    const MOST: u64 = 200_000;
    type Command = fn(&Document);
    let commands: [(&str, Command); 5] = [
        ("lint", lint_all),
        ("fix", fix_all),
        ("diff", compare_all),
        ("apply", apply_all),
        ("compact", compact_all),
    ];
    for (name, command) in commands {
        let took = |number: usize, most: u64| {
            let document = entangled(number, 0);
            let start = SPENT.get().steps;
            Purse(Cell::new(most)).spend(|| command(&document));
            SPENT.get().steps - start
        };
        let (few, many) = (took(20, MOST), took(60, MOST));
        let (few_without, many_without) = (took(20, 0), took(60, 0));
        println!(
            "{name}: {few} and {many} steps of {MOST}; {few_without} and {many_without} where none are left"
        );
        assert!(many > MOST, "{name}: {many} steps do not use it up, so that the test shows nothing");
        assert!(many < 2 * MOST, "{name}: {many} steps");
        assert!(many_without < MOST / 2, "{name}: {many_without} steps where none are left");
    }
}
