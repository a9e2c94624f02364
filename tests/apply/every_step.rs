//! The promises of `apply`: nothing is lost, nothing is granted twice, what was added can be taken
//! out again.

use polmerge::apply::{Applied, Verdict};
use polmerge::merge::Outcome;
use polmerge::parse::parse;
use polmerge::steps::{Packs, Values};
use polmerge::{Document, Kind};

use crate::corpus;
use crate::steps;
use crate::steps::Choice;

/// Applies a step to a text once and again and takes it out; every promise is checked on the way.
/// What became of the step's statements, or why it was not merged.
fn round_trip(name: &str, text: &str, choice: &Choice, packs: &Packs, values: &Values) -> Vec<String> {
    let add = steps::request(packs, values, choice, false);
    let file = steps::document(name, text, Some(choice.kind));
    let what = format!("{name}, {choice:?}");
    let Some(document) = file.documents.first() else { return vec!["no policy".to_owned()] };
    let applied = match steps::run(document, packs, &add) {
        Ok(applied) => applied,
        Err(error) => return vec![format!("error: {error}")],
    };
    let outcomes: Vec<String> =
        applied.merge.decisions.iter().map(|decision| decision.outcome.name().to_owned()).collect();
    match applied.verdict {
        Verdict::Changed => {
            keeps_every_byte(text, &applied, &what);
            patch_says_the_same(document, &applied, &what);
            second_time_is_nothing(&applied, choice, packs, &add, &what);
            comes_out_again(text, document, &applied, choice, packs, values, &what);
        }
        Verdict::Unchanged => assert_eq!(applied.text, text, "{what}"),
        Verdict::NotProved => println!("{what}: {:?}", applied.outlook.proof),
        Verdict::Conflict | Verdict::Refused => {}
    }
    outcomes
}

/// The result is the text with something put in: a beginning, an insertion, an end. A single
/// statement, or a policy in a string, also gets a bracket before it, which is checked by parts.
fn keeps_every_byte(text: &str, applied: &Applied, what: &str) {
    let mut rest = applied.text.as_str();
    let edits: Vec<_> = applied.before.file_edits(&applied.merge.edits).unwrap();
    let mut done = 0;
    let mut sorted = edits.clone();
    sorted.sort_by_key(|edit| edit.span);
    for edit in &sorted {
        let replaced = edit.span.slice(text);
        assert!(replaced.is_empty() || replaced == "[]" || replaced == "{}", "{what}: {replaced:?} is gone");
        let kept = &text[done..edit.span.start as usize];
        rest =
            rest.strip_prefix(kept).unwrap_or_else(|| panic!("{what}: a byte changed before an insertion"));
        rest = rest.strip_prefix(edit.text.as_str()).unwrap();
        done = edit.span.end as usize;
    }
    if applied.merge.whole.is_none() {
        assert_eq!(rest, &text[done..], "{what}: a byte changed behind the insertion");
    }
    assert!(parse(&applied.text).problems.is_empty(), "{what}");
}

/// Applying the JSON patch to the policy gives the same value as reading the text.
fn patch_says_the_same(before: &Document, applied: &Applied, what: &str) {
    let value = |document: &Document| {
        let text = document.tree.span.slice(document.text());
        serde_json::from_str::<serde_json::Value>(if text.is_empty() { "null" } else { text }).unwrap()
    };
    let mut patched = value(before);
    json_patch::patch(&mut patched, &applied.patch).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(patched, value(&applied.after), "{what}");
}

fn second_time_is_nothing(
    applied: &Applied,
    choice: &Choice,
    packs: &Packs,
    add: &polmerge::apply::Request,
    what: &str,
) {
    let file = steps::document("again", &applied.text, Some(choice.kind));
    let again = steps::run(&file.documents[0], packs, add).unwrap();
    assert_eq!(again.verdict, Verdict::Unchanged, "{what}: {:?}", again.refusals);
    assert_eq!(again.text, applied.text, "{what}");
    assert!(
        again
            .merge
            .decisions
            .iter()
            .all(|decision| matches!(decision.outcome, Outcome::AlreadyThere | Outcome::Covered)),
        "{what}"
    );
}

fn comes_out_again(
    text: &str,
    before: &Document,
    applied: &Applied,
    choice: &Choice,
    packs: &Packs,
    values: &Values,
    what: &str,
) {
    let all_added = applied.merge.decisions.iter().all(|decision| decision.outcome == Outcome::Added);
    if !all_added || !before.policy.statement_list || before.policy.statements.is_empty() {
        return;
    }
    let remove = steps::request(packs, values, choice, true);
    let file = steps::document("out", &applied.text, Some(choice.kind));
    let out = steps::run(&file.documents[0], packs, &remove).unwrap();
    assert_eq!(out.text, text, "{what}: taking it out does not give the file back");
}

#[test]
fn every_step_on_every_fixture() {
    let packs = steps::packs();
    let values = steps::values(&packs);
    let mut seen = Vec::new();
    for (name, text) in steps::fixtures() {
        let kind = steps::document(&name, &text, None).documents.first().map(|document| document.kind);
        for choice in steps::choices(&packs).iter().filter(|choice| Some(choice.kind) == kind) {
            let outcomes = round_trip(&name, &text, choice, &packs, &values);
            let variant = choice.variant.as_deref().map_or(String::new(), |variant| format!(" {variant}"));
            // What is simply added needs no explanation; all else is listed, with the reason, below.
            if outcomes.iter().any(|outcome| outcome != "added") {
                seen.push(format!("{name} {}{variant}: {}", choice.step, outcomes.join(", ")));
            }
        }
    }
    let expected = EXPECTED.trim().lines().map(|line| line.split(" -- ").next().unwrap().trim().to_owned());
    let expected: Vec<String> = expected.collect();
    let (mut seen, mut wanted) = (seen, expected);
    seen.sort();
    wanted.sort();
    assert_eq!(seen, wanted);
}

/// Every case of a step on a fixture that is not simply added, and why that is right.
const EXPECTED: &str = "
answers/iam-get-role-percent-encoded.json step1: already-there -- it is the step's own trust
answers/iam-get-role.json step1: already-there -- it is the step's own trust
answers/iam-get-role-policy.json step9: added, covered, added, added -- it lets the role do more with the queue
answers/iam-get-role-policy.json step9 no-trail-key: added, covered, added -- the same
identity/queue-reader.json step9: added, covered, ineffective, added -- two statements let it poll the queue, one keeps it off the trail's key
identity/queue-reader.json step9 no-trail-key: added, covered, added -- the same without the key
review/old.json step2: already-there -- step 2 was applied to it
review/old.json step2 least-privilege: covered -- the default form of step 2 asks for less
review/new.json step2: conflict -- the step's Sid is on a statement for the account
review/new.json step2 least-privilege: conflict -- the same
s3/cloudtrail-bucket.json bucket-read: ineffective -- it is the policy of another bucket
s3/plain-tls-only.json bucket-read: ineffective -- it is the policy of another bucket
topic-policy.json step4: covered -- statement 3 asks for the bucket, in whatever account
trust/expel.json step1: already-there -- the same, spelt otherwise
trust/expel-account.json step1 account-principal: already-there -- it is that variant
";

#[test]
fn a_policy_without_statements_is_a_start() {
    let packs = steps::packs();
    let values = steps::values(&packs);
    let choice = Choice { step: "step2".to_owned(), kind: Kind::Kms, variant: None };
    let statement = r#"{"Sid":"Allow Expel to decrypt CloudTrail logs","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:role/ExpelAssumeRole"},"Action":"kms:Decrypt","Resource":"*"}"#;
    for (text, result) in [
        (r#"{"Version":"2012-10-17"}"#, format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)),
        (
            r#"{"Version":"2012-10-17","Statement":[]}"#,
            format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#),
        ),
        // What AWS would refuse is kept, and found by the rules; it does not keep a step out.
        (
            r#"{"Statement":[{"Sid":5,"Effect":"Deny","Action":"kms:*","Resource":"*","x":null}]}"#,
            format!(
                r#"{{"Statement":[{{"Sid":5,"Effect":"Deny","Action":"kms:*","Resource":"*","x":null}},{}]}}"#,
                statement
            ),
        ),
    ] {
        let file = steps::document("start", text, Some(choice.kind));
        let applied =
            steps::run(&file.documents[0], &packs, &steps::request(&packs, &values, &choice, false)).unwrap();
        assert_eq!(applied.text, result);
    }
    for text in
        ["[]", "5", r#"{"Statement":5}"#, r#"{"Statement":[1]}"#, r#"{"Statement":[],"Statement":[]}"#]
    {
        let file = steps::document("wrong", text, Some(choice.kind));
        let add = steps::request(&packs, &values, &choice, false);
        assert!(file.documents.iter().all(|document| steps::run(document, &packs, &add).is_err()), "{text}");
    }
}

#[test]
fn every_step_on_the_corpus() {
    let kinds = ["kms", "sns", "sqs", "trust", "identity", "s3"];
    let Some(policies) = corpus::policies("apply over the corpus", &kinds) else { return };
    let packs = steps::packs();
    let values = steps::values(&packs);
    let choices = steps::choices(&packs);
    let mut cases = Vec::new();
    for (index, policy) in policies.iter().enumerate() {
        let kind: Kind = policy.kind.parse().unwrap();
        if kind == Kind::Identity && !corpus::is_in_turn(index / 4) {
            continue;
        }
        let fitting: Vec<&Choice> = choices.iter().filter(|choice| choice.kind == kind).collect();
        // Each policy gets one step in turn; of the kinds of which there are hundreds, every fourth gets all of them.
        let all = kind != Kind::Identity && corpus::is_in_turn(index);
        let turn = if kind == Kind::Identity { 4 } else { fitting.len().max(1) };
        let one = |at: &usize| all || index % turn == *at;
        cases.extend((0..fitting.len()).filter(one).map(|at| (policy, fitting[at])));
    }
    let outcomes = corpus::each(&cases, |(policy, choice)| {
        let name = format!("{} {}", policy.id, policy.source);
        round_trip(&name, policy.policy.get(), choice, &packs, &values)
    });
    let mut count = std::collections::BTreeMap::<String, usize>::new();
    for ((_, choice), outcomes) in cases.iter().zip(outcomes) {
        for outcome in outcomes {
            *count.entry(format!("{} {outcome}", choice.step)).or_default() += 1;
        }
    }
    println!("{count:#?}");
    assert!(count.get("step2 added").is_some_and(|count| *count > 100), "{count:?}");
}

#[test]
fn any_text_of_the_corpus_as_any_kind() {
    let Some(texts) = corpus::texts("apply over every text of the corpus") else { return };
    let packs = steps::packs();
    let values = steps::values(&packs);
    let choices = steps::choices(&packs);
    let in_turn: Vec<_> = texts.iter().enumerate().filter(|(index, _)| corpus::is_in_turn(*index)).collect();
    corpus::each(&in_turn, |(index, (name, text))| {
        // One step a text, in turn: all on all takes minutes and finds no more.
        round_trip(name, text, &choices[index % choices.len()], &packs, &values)
    });
}
