//! Keys of many values: which kinds of value a request has among them decides every test.

use std::collections::BTreeSet;

use super::bits::{Bits, Classes};
use super::check::{Body, Check, Family, has_only};
use super::clause::{Clause, try_word};
use super::effort::{Effort, Exhausted, step};
use super::glob::{Glob, Letter, Token, Word, word};
use super::keys::{Given, Tests, clause, families, likely, points};
use super::strings::explore;
use super::texts;
use crate::analyze::reading::is_single;
use crate::policy::SetOperator;

/// Up to how many combinations of kinds of value are gone through.
const COMBINATIONS: usize = 20_000;

/// Adds the classes of lists that are not empty.
pub(super) fn add(
    tests: &Tests<'_>,
    found: &mut Classes<Given>,
    effort: &mut Effort,
) -> Result<(), Exhausted> {
    if tests.focus.iter().any(|check| matches!(check.body, Body::Null(false))) {
        return Ok(());
    }
    let checks: Vec<&Check> = tests.all().collect();
    let mut kinds = kinds(tests, &checks, effort)?;
    // Numbers, dates and the like are tested of texts, too.
    let of_texts = |family| family == Family::Text || !has_only(&tests.key, family);
    if checks.iter().filter_map(|check| check.family()).any(of_texts) {
        kinds.push((of(&checks, |check| check.surely_takes(&[])), Word::new()));
    }
    // Where every value must pass, those that do not are not there; but empty texts alone always pass.
    for (at, check) in tests.focus.iter().enumerate() {
        if check.set == Some(SetOperator::ForAllValues) && !check.is_unknown() {
            kinds.retain(|(bits, value)| bits.contains(at) || value.is_empty());
        }
    }
    let is_one = is_single(&tests.key);
    let Some(combinations) = combinations(kinds.len(), if is_one { 1 } else { needed(tests) }) else {
        effort
            .note(format!("the values of `{}` fall into too many kinds to try all combinations", tests.key));
        effort.approximate = true;
        let values = kinds.iter().map(|(_, value)| value.clone()).collect();
        found.add(tests.bits(|check| matches!(check.body, Body::Null(true))), || Given::Many(values));
        return Ok(());
    };
    // To a plain operator, several values of one kind are not the same as one.
    let is_plain = |check: &&Check| check.set.is_none() && check.family().is_some();
    let several = |at: &usize| !is_one && !is_only(&kinds[*at].0, &checks);
    let repeated =
        checks.iter().any(is_plain).then(|| (0..kinds.len()).filter(several).map(|at| vec![at, at]));
    for places in combinations.into_iter().chain(repeated.into_iter().flatten()) {
        step(tests.focus.len() + tests.cover.len());
        effort.check()?;
        let chosen: Vec<&(Bits, Word)> = places.iter().map(|at| &kinds[*at]).collect();
        let holds = |at: usize, unknown: bool| passes(checks[at], at, &chosen, unknown);
        if !(0..tests.focus.len()).all(|at| holds(at, true)) {
            continue;
        }
        let mut bits = Bits::none(tests.cover.len());
        let mut at = tests.focus.len();
        for (statement, own) in tests.cover.iter().enumerate() {
            if (at..at + own.len()).all(|at| holds(at, false)) {
                bits.insert(statement);
            }
            at += own.len();
        }
        found.add(bits, || match chosen.as_slice() {
            [(_, value)] if is_one => Given::One(value.clone()),
            _ => Given::Many(chosen.iter().map(|(_, value)| value.clone()).collect()),
        });
    }
    Ok(())
}

/// How many kinds of value a list has at most that tells more of the covering statements apart than all
/// shorter ones: one for each test that a value makes true of the asked statements, or false of the covering
/// ones. What else is in a list helps no one; but one value is no list, and empty texts alone are none.
fn needed(tests: &Tests<'_>) -> usize {
    let some = |check: &&&Check| check.set == Some(SetOperator::ForAnyValue);
    let all = |check: &&&Check| check.set == Some(SetOperator::ForAllValues);
    let is_plain = |check: &Check| check.set.is_none() && check.family().is_some();
    let wanted = tests.focus.iter().filter(some).count() + tests.cover.iter().flatten().filter(all).count();
    let plain = tests.all().filter(|check| is_plain(check));
    let plain = match tests.all().any(|check| check.reading.plain_lists) {
        true => plain.count(),
        false => plain.count().min(1),
    };
    wanted.max(1) + 1 + plain
}

/// The combinations of up to `most` out of so many, small ones first; `None` if they are too many.
fn combinations(size: usize, most: usize) -> Option<Vec<Vec<usize>>> {
    let mut found: Vec<Vec<usize>> = vec![Vec::new()];
    let mut last = 0;
    for _ in 0..most.min(size) {
        let end = found.len();
        for at in last..end {
            let next = found[at].last().map_or(0, |at| at + 1);
            for one in next..size {
                if found.len() > COMBINATIONS {
                    return None;
                }
                found.push(found[at].iter().copied().chain([one]).collect());
            }
        }
        last = end;
    }
    found.remove(0);
    Some(found)
}

/// Whether there is but one value of a kind: a test of texts that it passes lists no other of the kind.
fn is_only(kind: &Bits, checks: &[&Check]) -> bool {
    let takes = |check: &Check, word: &[Letter]| {
        clause(check).filter(|_| !check.is_unknown()).is_none_or(|clause| clause.surely_holds(word))
    };
    let lists_one = |check: &Check| match &check.body {
        Body::Text { negated: false, globs } => {
            let words: Option<BTreeSet<Word>> = globs.iter().map(Glob::word).collect();
            let of_kind = |word: &Word| of(checks, |check| takes(check, word)) == *kind;
            words.is_some_and(|words| words.into_iter().filter(of_kind).count() == 1)
        }
        _ => false,
    };
    checks.iter().enumerate().any(|(at, check)| kind.contains(at) && lists_one(check))
}

/// Whether a list with values of some kinds passes a test; `unknown` is what is taken of one that
/// cannot be told.
fn passes(check: &Check, at: usize, chosen: &[&(Bits, Word)], unknown: bool) -> bool {
    let is_empty = || chosen.iter().all(|(_, value)| value.is_empty());
    match (&check.body, check.set) {
        _ if check.is_unknown() => unknown,
        (Body::Null(_), _) if check.reading.empty_is_null && is_empty() => check.absent,
        (Body::Null(present), _) => *present,
        // A list of empty texts is as good as none.
        (_, Some(_)) if is_empty() => check.absent,
        (_, Some(SetOperator::ForAllValues)) => chosen.iter().all(|(bits, _)| bits.contains(at)),
        (_, Some(SetOperator::ForAnyValue)) => chosen.iter().any(|(bits, _)| bits.contains(at)),
        (_, None) => match chosen {
            [(bits, _)] => bits.contains(at),
            _ if check.reading.plain_lists => {
                let mut passing = chosen.iter().map(|(bits, _)| bits.contains(at));
                if check.is_negated() { passing.all(|passes| passes) } else { passing.any(|passes| passes) }
            }
            // No list passes a plain operator, not even a negated one.
            _ => false,
        },
    }
}

/// The kinds of value: which of the tests one value passes, with one value each.
fn kinds(tests: &Tests<'_>, checks: &[&Check], effort: &mut Effort) -> Result<Vec<(Bits, Word)>, Exhausted> {
    let mut kinds: Option<Classes<Word>> = None;
    for family in families(tests, effort) {
        let classes = match family {
            Family::Text => text_kinds(tests, checks, effort)?,
            family => {
                let mut classes = Classes::every();
                for value in points(tests, family) {
                    effort.check()?;
                    classes.add(
                        of(checks, |check| check.family() != Some(family) || check.surely_takes(&value)),
                        || value.clone(),
                    );
                }
                classes
            }
        };
        kinds = Some(match kinds {
            None => classes,
            Some(known) => known.product(&classes, effort, |known, _| known.clone())?,
        });
    }
    let any = || vec![(Bits::all(checks.len()), word(likely(&tests.key)))];
    Ok(kinds.map_or_else(any, |kinds| kinds.items))
}

fn text_kinds(tests: &Tests<'_>, checks: &[&Check], effort: &mut Effort) -> Result<Classes<Word>, Exhausted> {
    let clauses: Vec<Vec<Clause<'_>>> = checks
        .iter()
        .map(|check| clause(check).filter(|_| !check.is_unknown()).into_iter().collect())
        .collect();
    let mut classes = Classes::every();
    // The empty text is a kind of its own.
    let one = Glob { tokens: vec![Token::Any, Token::Star] };
    let not_empty = [Clause { negated: false, globs: vec![&one] }];
    // Values that pass a test with variables come first, so that they are the ones to be shown.
    let unknown = tests.focus.iter().filter(|check| check.is_unknown()).filter_map(|check| clause(check));
    for value in texts::filled(&unknown.collect::<Vec<_>>(), &[]) {
        effort.check()?;
        try_word(&not_empty, &clauses, &value, &mut classes);
    }
    for value in checks
        .iter()
        .filter(|check| !check.is_unknown())
        .flat_map(|check| check.literals())
        .chain([word(likely(&tests.key))])
    {
        effort.check()?;
        try_word(&not_empty, &clauses, &value, &mut classes);
    }
    explore(&not_empty, &clauses, &mut classes, effort)?;
    Ok(classes)
}

fn of(checks: &[&Check], holds: impl Fn(&Check) -> bool) -> Bits {
    let mut bits = Bits::none(checks.len());
    for (at, check) in checks.iter().enumerate() {
        if holds(check) {
            bits.insert(at);
        }
    }
    bits
}
