//! Which statement of an old policy became which of a new one, and what changed in it.
//!
//! Order and spelling have no meaning to AWS, and KMS and SNS return policies in another order than
//! they were given: statements are paired by meaning first, then by Sid, then by likeness.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::canonical::{Canonical, canonical};
use crate::kind::Kind;
use crate::policy::{Policy, PrincipalEntry, SetOperator, Statement, Test, Values};

/// What became of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pair {
    /// It means what it meant.
    Same {
        /// Its index in the old policy.
        old: usize,
        /// Its index in the new one.
        new: usize,
        /// Whether it stands elsewhere among those that stayed.
        moved: bool,
    },
    /// It means something else.
    Changed {
        /// Its index in the old policy.
        old: usize,
        /// Its index in the new one.
        new: usize,
    },
    /// It is new.
    Added {
        /// Its index in the new policy.
        new: usize,
    },
    /// It is gone.
    Removed {
        /// Its index in the old policy.
        old: usize,
    },
}

/// A difference in one element of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The element, as `Principal  AWS` or `Condition  StringEquals aws:SourceArn`.
    pub element: String,
    /// Values that are gone.
    pub removed: Vec<String>,
    /// Values that came.
    pub added: Vec<String>,
}

/// Pairs the statements of two policies: those of the new one in its order, then what is gone.
pub fn pairs(old: &Policy, new: &Policy, kind: Kind, resource: Option<&str>) -> Vec<Pair> {
    let key = resource.filter(|_| kind == Kind::Kms);
    let mut partners: Vec<Option<usize>> = vec![None; new.statements.len()];
    let mut free: Vec<bool> = vec![true; old.statements.len()];
    let same = by_meaning(old, new, key, &mut partners, &mut free);
    by_sid(old, new, &mut partners, &mut free);
    by_likeness(old, new, &mut partners, &mut free);

    // Of the statements that stayed in order, those that changed count first: where one of two has
    // moved, it is the one of which there is nothing else to say.
    let stayed: Vec<(usize, bool)> =
        partners.iter().zip(&same).filter_map(|(old, same)| old.map(|old| (old, !same))).collect();
    let in_order = longest_rising(&stayed);
    let mut pairs: Vec<Pair> = partners
        .iter()
        .enumerate()
        .map(|(new, partner)| match *partner {
            None => Pair::Added { new },
            Some(old) if same[new] => Pair::Same { old, new, moved: !in_order.contains(&old) },
            Some(old) => Pair::Changed { old, new },
        })
        .collect();
    pairs.extend(free.iter().enumerate().filter(|(_, free)| **free).map(|(old, _)| Pair::Removed { old }));
    pairs
}

/// Pairs statements that mean the same. Of several, those of one Sid go together, then in order.
fn by_meaning(
    old: &Policy,
    new: &Policy,
    key: Option<&str>,
    partners: &mut [Option<usize>],
    free: &mut [bool],
) -> Vec<bool> {
    let mut known: HashMap<Canonical, Vec<usize>> = HashMap::new();
    for statement in &old.statements {
        known.entry(canonical(statement, key)).or_default().push(statement.index);
    }
    let mut same = vec![false; new.statements.len()];
    for statement in &new.statements {
        let Some(candidates) = known.get_mut(&canonical(statement, key)) else {
            continue;
        };
        let at = candidates.iter().position(|&index| old.statements[index].sid() == statement.sid());
        if candidates.is_empty() {
            continue;
        }
        let partner = candidates.remove(at.unwrap_or(0));
        partners[statement.index] = Some(partner);
        free[partner] = false;
        same[statement.index] = true;
    }
    same
}

fn by_sid(old: &Policy, new: &Policy, partners: &mut [Option<usize>], free: &mut [bool]) {
    let mut sids: HashMap<&str, usize> = HashMap::new();
    for statement in old.statements.iter().filter(|statement| free[statement.index]) {
        if let Some(sid) = statement.sid() {
            sids.entry(sid).or_insert(statement.index);
        }
    }
    for statement in &new.statements {
        if partners[statement.index].is_some() {
            continue;
        }
        if let Some(partner) = statement.sid().and_then(|sid| sids.remove(sid)) {
            partners[statement.index] = Some(partner);
            free[partner] = false;
        }
    }
}

/// How many statements are compared each with each. Beyond, what is left over counts as added and
/// removed: no one reads a guess about hundreds of statements.
const MOST_ALIKE: usize = 200;

/// Pairs what is left with what it shares at least half of its values with.
fn by_likeness(old: &Policy, new: &Policy, partners: &mut [Option<usize>], free: &mut [bool]) {
    let left: Vec<usize> = (0..partners.len()).filter(|&index| partners[index].is_none()).collect();
    let gone: Vec<usize> = (0..free.len()).filter(|&index| free[index]).collect();
    if left.len() > MOST_ALIKE || gone.len() > MOST_ALIKE {
        return;
    }
    let old_parts: Vec<Vec<String>> = gone.iter().map(|&index| parts(&old.statements[index])).collect();
    for index in left {
        let new_parts = parts(&new.statements[index]);
        let known: HashSet<&String> = new_parts.iter().collect();
        let best = gone
            .iter()
            .zip(&old_parts)
            .filter(|(old, _)| free[**old])
            .map(|(&old, parts)| {
                let shared = parts.iter().filter(|part| known.contains(part)).count();
                (shared * 2, parts.len() + new_parts.len(), old)
            })
            .filter(|&(shared, all, _)| shared * 2 >= all)
            .max_by_key(|&(shared, all, old)| (shared * 1_000 / all.max(1), std::cmp::Reverse(old)));
        if let Some((_, _, partner)) = best {
            partners[index] = Some(partner);
            free[partner] = false;
        }
    }
}

/// Every value of a statement with the element that it stands in.
fn parts(statement: &Statement) -> Vec<String> {
    let sections = sections(statement).into_iter();
    sections
        .flat_map(|(name, values)| values.into_iter().map(move |value| format!("{name} {value}")))
        .collect()
}

/// The members of the longest run of rising numbers that can be picked in order; of several, of one with
/// the most that are marked.
fn longest_rising(numbers: &[(usize, bool)]) -> HashSet<usize> {
    // The best runs so far by the number that they end with: the higher the end, the better the run, else it
    // is not worth keeping. A run is how long it is, how many of it are marked, and the place of its end.
    let mut ends: BTreeMap<usize, (usize, usize, usize)> = BTreeMap::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    for (place, &(number, marked)) in numbers.iter().enumerate() {
        let last = ends.range(..number).next_back().map(|(_, run)| *run);
        let (length, of_them, _) = last.unwrap_or_default();
        before.push(last.map(|(_, _, place)| place));
        let run = (length + 1, of_them + usize::from(marked), place);
        let is_worse = |other: &(usize, usize, usize)| (other.0, other.1) <= (run.0, run.1);
        while let Some((&end, _)) = ends.range(number..).next().filter(|(_, other)| is_worse(other)) {
            ends.remove(&end);
        }
        ends.entry(number).or_insert(run);
    }
    let mut run = HashSet::new();
    let mut at = ends.last_key_value().map(|(_, (_, _, place))| *place);
    while let Some(place) = at {
        run.insert(numbers[place].0);
        at = before[place];
    }
    run
}

/// What differs between two statements, element by element; values are sets.
pub fn changes(old: &Statement, new: &Statement) -> Vec<Change> {
    let (old, new) = (sections(old), sections(new));
    // A statement can have thousands of tests with a section each, and thousands of values in one.
    let mut seen = HashSet::new();
    let names: Vec<&String> =
        new.iter().chain(&old).map(|(name, _)| name).filter(|name| seen.insert(*name)).collect();
    let by_name = |sections: &[(String, Vec<String>)]| {
        let mut values: HashMap<String, Vec<String>> = HashMap::new();
        for (name, more) in sections {
            values.entry(name.clone()).or_default().extend(more.iter().cloned());
        }
        values
    };
    let (before, after) = (by_name(&old), by_name(&new));
    names
        .into_iter()
        .filter_map(|name| {
            let of = |values: &HashMap<String, Vec<String>>| values.get(name).cloned().unwrap_or_default();
            let (before, after) = (of(&before), of(&after));
            let only = |these: &[String], those: &[String]| -> Vec<String> {
                let those: HashSet<&String> = those.iter().collect();
                these.iter().filter(|value| !those.contains(value)).cloned().collect()
            };
            let (removed, added) = (only(&before, &after), only(&after, &before));
            (!removed.is_empty() || !added.is_empty()).then(|| Change {
                element: name.clone(),
                removed,
                added,
            })
        })
        .collect()
}

/// The elements of a statement and their values, as a person would name them.
fn sections(statement: &Statement) -> Vec<(String, Vec<String>)> {
    let mut sections = Vec::new();
    if let Some(effect) = statement.effect {
        sections.push(("Effect".to_owned(), vec![format!("{effect:?}")]));
    }
    if let Some(element) = &statement.principal {
        let name = if element.negated { "NotPrincipal" } else { "Principal" };
        let entry = |entry: &PrincipalEntry| (format!("{name}  {}", entry.kind.name()), texts(&entry.values));
        sections.extend(element.entries.iter().map(entry));
    }
    for (element, name) in [(&statement.action, "Action"), (&statement.resource, "Resource")] {
        if let Some(element) = element {
            let name = if element.negated { format!("Not{name}") } else { name.to_owned() };
            sections.push((name, texts(&element.values)));
        }
    }
    sections.extend(
        statement
            .conditions
            .iter()
            .map(|test| (format!("Condition  {}", test_name(test)), texts(&test.values))),
    );
    sections
}

fn texts(values: &Values) -> Vec<String> {
    values.items.iter().map(|value| value.text.clone()).collect()
}

/// `ForAnyValue:StringLikeIfExists aws:PrincipalOrgPaths`
fn test_name(test: &Test) -> String {
    let set = match test.operator.set {
        None => "",
        Some(SetOperator::ForAllValues) => "ForAllValues:",
        Some(SetOperator::ForAnyValue) => "ForAnyValue:",
    };
    let exists = if test.operator.if_exists { "IfExists" } else { "" };
    format!("{set}{}{exists} {}", test.operator.kind.name(), test.key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    fn policy(statements: &[&str]) -> Policy {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        Policy::read(&parse(&text).tree, &text).0
    }

    const A: &str = r#"{"Sid":"A","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}"#;
    const B: &str = r#"{"Sid":"B","Effect":"Allow","Action":["s3:PutObject","s3:ListBucket"],"Resource":"arn:aws:s3:::b/*"}"#;
    const C: &str = r#"{"Effect":"Deny","Action":"sqs:*","Resource":"*"}"#;

    #[test]
    fn moved_respelt_changed_added_and_removed() {
        let spelt =
            r#"{"Sid":"A2","Effect":"Allow","Action":["S3:getobject"],"Resource":"arn:aws:s3:::a/*"}"#;
        let changed = B.replace("s3:PutObject", "s3:DeleteObject");
        let new = policy(&[&changed, spelt, r#"{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}"#]);
        let found = pairs(&policy(&[A, B, C]), &new, Kind::Identity, None);
        assert_eq!(
            found,
            [
                Pair::Changed { old: 1, new: 0 },
                Pair::Same { old: 0, new: 1, moved: true },
                Pair::Added { new: 2 },
                Pair::Removed { old: 2 },
            ]
        );
        let changes = changes(&policy(&[B]).statements[0], &policy(&[&changed]).statements[0]);
        assert_eq!(changes.len(), 1);
        assert_eq!(
            (&changes[0].removed[..], &changes[0].added[..]),
            (&["s3:PutObject".to_owned()][..], &["s3:DeleteObject".to_owned()][..])
        );
    }

    #[test]
    fn a_statement_without_sid_is_paired_by_likeness() {
        let old = policy(&[C, &A.replace(r#""Sid":"A","#, "")]);
        let new =
            policy(&[&A.replace(r#""Sid":"A","#, "").replace("s3:GetObject", "s3:GetObjectVersion"), C]);
        let found = pairs(&old, &new, Kind::Identity, None);
        assert_eq!(found[0], Pair::Changed { old: 1, new: 0 });
    }

    #[test]
    fn the_fewest_statements_count_as_moved() {
        let run = |numbers: &[(usize, bool)]| {
            let mut run: Vec<usize> = longest_rising(numbers).into_iter().collect();
            run.sort_unstable();
            run
        };
        let plain =
            |numbers: &[usize]| run(&numbers.iter().map(|&number| (number, false)).collect::<Vec<_>>());
        assert_eq!(plain(&[1, 2, 3, 0]), [1, 2, 3]);
        assert_eq!(plain(&[3, 0, 1, 2]), [0, 1, 2]);
        assert_eq!(plain(&[5, 1, 6, 2, 3, 0]), [1, 2, 3]);
        assert_eq!(plain(&[]), [0; 0]);
        // One of the middle two has moved; the one that changed has not only moved.
        assert_eq!(run(&[(0, false), (2, true), (1, false), (3, true)]), [0, 2, 3]);
        assert_eq!(run(&[(0, false), (2, false), (1, true), (3, true)]), [0, 1, 3]);
    }
}
