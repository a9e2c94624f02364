//! Merging into documents that are not policies, such as the attributes of a queue: member by
//! member, by the rules that the step states.

mod answer;
mod edits;
mod same;

use serde_json::Value as Json;

pub use answer::{Answer, AnswerError};

use super::{OnConflict, operation};
use crate::edit::Edit;
use crate::pattern::Pattern;
use crate::steps::{Demand, Exclusive, How, Members, Rule};
use same::same;

/// What became of one member, or of one element of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is as demanded.
    AlreadyThere,
    /// It is otherwise and will do as well.
    AsGood,
    /// Something wider is there.
    Covered,
    /// It was not there, and is put there.
    Added,
    /// It was otherwise, and is set.
    Set,
    /// An element is put there under another name.
    Renamed,
    /// An element is put in the place of the one with its name.
    Replaced,
    /// An element is taken out.
    Removed,
    /// What is there cannot be changed, or must not be.
    Conflict,
}

impl Outcome {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::AlreadyThere => "already-there",
            Outcome::AsGood => "as-good",
            Outcome::Covered => "covered",
            Outcome::Added => "added",
            Outcome::Set => "set",
            Outcome::Renamed => "renamed",
            Outcome::Replaced => "replaced",
            Outcome::Removed => "removed",
            Outcome::Conflict => "conflict",
        }
    }

    /// Whether the document changes by it.
    pub fn changes(self) -> bool {
        use Outcome::{Added, Removed, Renamed, Replaced, Set};
        matches!(self, Added | Set | Renamed | Replaced | Removed)
    }
}

/// What was decided about one member, and why.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The step.
    pub step: String,
    /// The member.
    pub member: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What is there, or stands in the way.
    pub was: Option<Json>,
    /// What is demanded; `None` for a member that only must not have a value.
    pub wanted: Option<Json>,
    /// Why it conflicts.
    pub why: Option<String>,
}

/// A merge, ready to be made.
#[derive(Clone, Debug)]
pub struct Merge {
    /// One for each member and each element of a list.
    pub decisions: Vec<Decision>,
    /// The members as they are to be.
    pub wanted: Members,
    /// The edits of the text.
    pub edits: Vec<Edit>,
    /// The same as RFC 6902, on the settings.
    pub patch: json_patch::Patch,
}

/// Works out what is to happen to `answer`.
pub fn merge(answer: &Answer, demands: &[Demand], removals: &[Demand], on_conflict: OnConflict) -> Merge {
    let before = answer.members();
    let mut merging = Merging { members: before.clone(), on_conflict, decisions: Vec::new(), step: "" };
    for demand in removals {
        merging.step = &demand.step;
        merging.remove(demand);
    }
    for demand in demands {
        merging.step = &demand.step;
        merging.add(demand);
    }
    let Merging { members, decisions, .. } = merging;
    let edits = edits::edits(answer, &before, &members);
    Merge { patch: patch(&before, &members), decisions, edits, wanted: members }
}

struct Merging<'d> {
    members: Members,
    on_conflict: OnConflict,
    decisions: Vec<Decision>,
    step: &'d str,
}

impl Merging<'_> {
    fn add(&mut self, demand: &Demand) {
        let default = Rule::default();
        for (name, rule) in &demand.settings.rules {
            let value =
                self.members.get(name).filter(|value| rule.refuse.iter().any(|other| same(value, other)));
            if let Some(value) = value.cloned() {
                self.conflict(name, Some(value), None, rule.why.clone());
            }
        }
        for (name, wanted) in &demand.members {
            let rule = demand.settings.rules.get(name).unwrap_or(&default);
            match (demand.settings.how(name), wanted) {
                (How::Add, Json::Array(items)) => {
                    items.iter().for_each(|item| self.add_element(name, item, rule))
                }
                _ => self.set(name, wanted, rule),
            }
        }
    }

    fn set(&mut self, name: &str, wanted: &Json, rule: &Rule) {
        let was = self.members.get(name).cloned();
        let is = |value: &Json| was.as_ref().is_some_and(|was| same(was, value));
        let may_go = was.is_none() || rule.over.as_ref().is_none_or(|over| over.iter().any(is));
        if is(wanted) {
            self.decide(name, Outcome::AlreadyThere, was, wanted);
        } else if rule.also.iter().any(is) {
            self.decide(name, Outcome::AsGood, was, wanted);
        } else if rule.merge == How::Fixed || (!may_go && self.on_conflict != OnConflict::Replace) {
            self.conflict(name, was, Some(wanted.clone()), rule.why.clone());
        } else {
            let outcome = if was.is_some() { Outcome::Set } else { Outcome::Added };
            self.members.insert(name.to_owned(), wanted.clone());
            self.decide(name, outcome, was, wanted);
        }
    }

    fn add_element(&mut self, name: &str, wanted: &Json, rule: &Rule) {
        let there = elements(&self.members, name);
        let meaning = |element: &Json| {
            let element = without(element, rule.name.as_deref());
            rule.exclusive.as_ref().map_or_else(|| element.clone(), |rule| plain(&element, rule))
        };
        if let Some(is) = there.iter().find(|is| same(&meaning(is), &meaning(wanted))) {
            return self.decide(name, Outcome::AlreadyThere, Some(is.clone()), wanted);
        }
        let exclusive = rule.exclusive.as_ref();
        // Several elements may do together what the step's does.
        if let Some(exclusive) = exclusive
            && let Some(is) = together(&there, wanted, rule, exclusive)
        {
            return self.decide(name, Outcome::AlreadyThere, Some(is), wanted);
        }
        if let Some(exclusive) = exclusive
            && let Some(is) = there.iter().find(|is| covers(&meaning(is), &meaning(wanted), exclusive))
        {
            return self.decide(name, Outcome::Covered, Some(is.clone()), wanted);
        }
        let label = |element: &Json| rule.name.as_ref().and_then(|name| element.get(name).cloned());
        let has_name = |is: &Json| label(wanted).is_some() && label(is) == label(wanted);
        let holder = there.iter().position(has_name);
        let replaced = holder.filter(|_| self.on_conflict == OnConflict::Replace);
        // Names are unique over all lists.
        let others = exclusive.iter().flat_map(|rule| &rule.lists).filter(|list| *list != name);
        let others: Vec<Json> = others.flat_map(|list| elements(&self.members, list)).collect();
        let elsewhere = others.iter().find(|is| has_name(is));
        if let Some(exclusive) = exclusive {
            for list in &exclusive.lists {
                let in_way = elements(&self.members, list).into_iter().enumerate().find(|(index, is)| {
                    (list != name || Some(*index) != replaced) && overlap(is, wanted, exclusive)
                });
                if let Some((index, is)) = in_way {
                    let reason = rule.why.as_deref().unwrap_or("it overlaps");
                    let why =
                        format!("it is at /{list}/{index} and overlaps with what the step adds: {reason}");
                    return self.conflict(name, Some(is), Some(wanted.clone()), Some(why));
                }
            }
        }
        let mut items = there.clone();
        match (holder, replaced, self.on_conflict) {
            (None, ..) | (Some(_), Some(_), _)
                if elsewhere.is_some() && self.on_conflict != OnConflict::Rename =>
            {
                let why = "an element of another list already has this name".to_owned();
                self.conflict(name, elsewhere.cloned(), Some(wanted.clone()), Some(why));
            }
            (Some(_), Some(index), _) => {
                items[index] = wanted.clone();
                self.members.insert(name.to_owned(), items.into());
                self.decide(name, Outcome::Replaced, there.get(index).cloned(), wanted);
            }
            (_, _, OnConflict::Rename) if holder.is_some() || elsewhere.is_some() => {
                let renamed = renamed(wanted, rule, &[there.as_slice(), &others].concat());
                items.push(renamed.clone());
                self.members.insert(name.to_owned(), items.into());
                self.decide(name, Outcome::Renamed, None, &renamed);
            }
            (Some(index), ..) => {
                let why = "an element of this name is there and means something else".to_owned();
                self.conflict(name, there.get(index).cloned(), Some(wanted.clone()), Some(why));
            }
            (None, ..) => {
                items.push(wanted.clone());
                self.members.insert(name.to_owned(), items.into());
                self.decide(name, Outcome::Added, None, wanted);
            }
        }
    }

    /// Takes out each element that means the same as one of the step's. A value that was set stays:
    /// nobody knows what was there before.
    fn remove(&mut self, demand: &Demand) {
        for (name, wanted) in &demand.members {
            let Some(rule) = demand.settings.rules.get(name).filter(|rule| rule.merge == How::Add) else {
                let was = self.members.get(name).cloned();
                if was.as_ref().is_some_and(|was| same(was, wanted)) {
                    let why = "a value that is set cannot be taken out: what was there before is not known";
                    self.conflict(name, was, Some(wanted.clone()), Some(why.to_owned()));
                }
                continue;
            };
            for wanted in wanted.as_array().into_iter().flatten() {
                let meaning = |element: &Json| without(element, rule.name.as_deref());
                let (gone, kept): (Vec<Json>, Vec<Json>) = elements(&self.members, name)
                    .into_iter()
                    .partition(|is| same(&meaning(is), &meaning(wanted)));
                let Some(was) = gone.into_iter().next() else { continue };
                match kept.is_empty() {
                    true => self.members.shift_remove(name),
                    false => self.members.insert(name.clone(), kept.into()),
                };
                self.decide(name, Outcome::Removed, Some(was), wanted);
            }
        }
    }

    fn decide(&mut self, member: &str, outcome: Outcome, was: Option<Json>, wanted: &Json) {
        self.decisions.push(Decision {
            step: self.step.to_owned(),
            member: member.to_owned(),
            outcome,
            was,
            wanted: Some(wanted.clone()),
            why: None,
        });
    }

    fn conflict(&mut self, member: &str, was: Option<Json>, wanted: Option<Json>, why: Option<String>) {
        let (step, member) = (self.step.to_owned(), member.to_owned());
        self.decisions.push(Decision { step, member, outcome: Outcome::Conflict, was, wanted, why });
    }
}

fn elements(members: &Members, name: &str) -> Vec<Json> {
    members.get(name).and_then(Json::as_array).cloned().unwrap_or_default()
}

/// An element without its name.
fn without(element: &Json, name: Option<&str>) -> Json {
    let mut element = element.clone();
    if let (Json::Object(members), Some(name)) = (&mut element, name) {
        members.shift_remove(name);
    }
    element
}

/// Everything that `s3:ObjectCreated:*` stands for (S3 API, Event).
const CREATED: (&str, [&str; 4]) = (
    "s3:ObjectCreated:*",
    [
        "s3:ObjectCreated:Put",
        "s3:ObjectCreated:Post",
        "s3:ObjectCreated:Copy",
        "s3:ObjectCreated:CompleteMultipartUpload",
    ],
);

/// An element in which a pattern stands for what is all of it together.
pub(crate) fn joined(element: &Json, patterns: &str) -> Json {
    let (pattern, all) = CREATED;
    let mut element = element.clone();
    if let Some(list) = element.get_mut(patterns).and_then(Json::as_array_mut)
        && all.iter().all(|each| list.iter().any(|is| is == each))
    {
        list.retain(|is| is.as_str().is_none_or(|is| is != pattern && !all.contains(&is)));
        list.insert(0, pattern.into());
    }
    element
}

/// An element in its plain form: joined, and without a filter that lets everything through.
fn plain(element: &Json, exclusive: &Exclusive) -> Json {
    let element = joined(element, &exclusive.patterns);
    let rules =
        element.get(&exclusive.filter).and_then(|filter| filter.pointer("/Key/FilterRules")?.as_array());
    let is_empty = |rule: &Json| rule.get("Value") == Some(&"".into());
    match rules.is_some_and(|rules| rules.iter().all(is_empty)) {
        true => without(&element, Some(&exclusive.filter)),
        false => element,
    }
}

/// The patterns of an element: none where it has no such list.
fn patterns(element: &Json, exclusive: &Exclusive) -> Vec<Pattern> {
    let list = element.get(&exclusive.patterns).and_then(Json::as_array);
    list.into_iter().flatten().filter_map(Json::as_str).map(Pattern::new).collect()
}

/// Whether an element has all of another's patterns, lets through all that the other's filter does, and is the same
/// in everything else.
fn covers(is: &Json, wanted: &Json, exclusive: &Exclusive) -> bool {
    let rest =
        |element: &Json| without(&without(element, Some(&exclusive.patterns)), Some(&exclusive.filter));
    let there = patterns(is, exclusive);
    same(&rest(is), &rest(wanted))
        && filter_covers(is.get(&exclusive.filter), wanted.get(&exclusive.filter))
        && patterns(wanted, exclusive).iter().all(|wanted| there.iter().any(|there| there.contains(wanted)))
}

/// What several elements come to that differ from the wanted one in their patterns alone, where that is all of it.
fn together(there: &[Json], wanted: &Json, rule: &Rule, exclusive: &Exclusive) -> Option<Json> {
    let bare = |element: &Json| without(&plain(element, exclusive), rule.name.as_deref());
    let rest = |element: &Json| without(&bare(element), Some(&exclusive.patterns));
    let alike = there.iter().filter(|is| same(&rest(is), &rest(wanted)));
    let lists = alike.filter_map(|is| is.get(&exclusive.patterns)?.as_array());
    let all: Vec<Json> = lists.flatten().cloned().collect();
    let mut sum = wanted.clone();
    sum.as_object_mut()?.insert(exclusive.patterns.clone(), all.into());
    same(&bare(&sum), &bare(wanted)).then_some(sum)
}

/// Whether some event is meant by both.
fn overlap(is: &Json, wanted: &Json, exclusive: &Exclusive) -> bool {
    let (there, new) = (patterns(is, exclusive), patterns(wanted, exclusive));
    there.iter().any(|there| new.iter().any(|new| new.intersects(there)))
        && filters_meet(is.get(&exclusive.filter), wanted.get(&exclusive.filter))
}

/// Whether every key that passes the second filter passes the first.
fn filter_covers(is: Option<&Json>, wanted: Option<&Json>) -> bool {
    if is == wanted {
        return true;
    }
    // What is not known of a filter may narrow it.
    let known = |filter: Option<&Json>| {
        let Some(filter) = filter else { return true };
        let only = |value: &Json, name: &str| {
            value.as_object().is_some_and(|members| members.keys().all(|member| member == name))
        };
        let rules = filter.pointer("/Key/FilterRules").and_then(Json::as_array);
        let named = |rule: &Json, name: &str| {
            rule.get("Name").and_then(Json::as_str).is_some_and(|given| given.eq_ignore_ascii_case(name))
        };
        let count = |rules: &[Json], name: &str| rules.iter().filter(|rule| named(rule, name)).count();
        only(filter, "Key")
            && filter.get("Key").is_none_or(|key| only(key, "FilterRules"))
            && rules.is_none_or(|rules| {
                let (prefixes, suffixes) = (count(rules, "prefix"), count(rules, "suffix"));
                prefixes <= 1 && suffixes <= 1 && prefixes + suffixes == rules.len()
            })
    };
    known(is)
        && filter_part(wanted, "prefix").starts_with(&filter_part(is, "prefix"))
        && filter_part(wanted, "suffix").ends_with(&filter_part(is, "suffix"))
}

/// The prefix or suffix of a filter; empty where it has none.
fn filter_part(filter: Option<&Json>, name: &str) -> String {
    let rules = filter.and_then(|filter| filter.pointer("/Key/FilterRules")).and_then(Json::as_array);
    let rule = rules.into_iter().flatten().find(|rule| {
        rule.get("Name").and_then(Json::as_str).is_some_and(|given| given.eq_ignore_ascii_case(name))
    });
    rule.and_then(|rule| rule.get("Value")?.as_str()).unwrap_or("").to_owned()
}

/// Whether some key passes both filters: one prefix starts with the other, and one suffix ends with
/// the other. S3 guide, "Configuring event notifications using object key name filtering".
fn filters_meet(a: Option<&Json>, b: Option<&Json>) -> bool {
    let part = filter_part;
    let (prefixes, suffixes) =
        ((part(a, "prefix"), part(b, "prefix")), (part(a, "suffix"), part(b, "suffix")));
    (prefixes.0.starts_with(&prefixes.1) || prefixes.1.starts_with(&prefixes.0))
        && (suffixes.0.ends_with(&suffixes.1) || suffixes.1.ends_with(&suffixes.0))
}

/// The element under the first number behind its own name that is free.
fn renamed(wanted: &Json, rule: &Rule, there: &[Json]) -> Json {
    let mut element = wanted.clone();
    if let (Json::Object(members), Some(name)) = (&mut element, &rule.name) {
        let own = members.get(name).and_then(Json::as_str).unwrap_or("").to_owned();
        let taken =
            |label: &String| there.iter().any(|is| is.get(name).and_then(Json::as_str) == Some(label));
        if let Some(free) = (2..).map(|number: usize| format!("{own}{number}")).find(|label| !taken(label)) {
            members.insert(name.clone(), free.into());
        }
    }
    element
}

fn patch(before: &Members, after: &Members) -> json_patch::Patch {
    let path = |name: &str| format!("/{}", name.replace('~', "~0").replace('/', "~1"));
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let mut operations: Vec<_> = gone.map(|name| operation::remove(&path(name))).collect();
    for (name, value) in after {
        match (before.get(name), value) {
            (Some(was), value) if was == value => {}
            (Some(Json::Array(was)), Json::Array(now)) if now.starts_with(was) => {
                let end = format!("{}/-", path(name));
                operations.extend(now.iter().skip(was.len()).map(|item| operation::add(&end, item.clone())));
            }
            (Some(_), value) => operations.push(operation::replace(&path(name), value.clone())),
            (None, value) => operations.push(operation::add(&path(name), value.clone())),
        }
    }
    json_patch::Patch(operations)
}

#[cfg(test)]
mod tests;
