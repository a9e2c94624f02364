//! The access that a change gives and takes, and what takes some of it back.

use super::Facts;
use super::decided::grant_of;
use super::explained;
use crate::analyze::canonical::canonical;
use crate::analyze::compare::CaseComparison;
use crate::analyze::cover::Scope;
use crate::analyze::replay;
use crate::analyze::request::Request;
use crate::analyze::space::Change;
use crate::apply::{Applied, Lost, Proof, Verdict};
use crate::document::Document;
use crate::merge::{Decision, Outcome};
use crate::policy::Statement;
use crate::report::access;
use crate::report::comparison::{Side, in_words};
use crate::report::edited::named;
use crate::report::style::{Role, Style};
use crate::report::wrap::hanging;
use crate::steps::Packs;

pub(super) fn access_part(applied: &Applied, facts: &Facts<'_>, style: Style) -> String {
    let decisions = applied.merge.decisions.iter();
    let changing: Vec<&Decision> = decisions.filter(|decision| decision.outcome.changes()).collect();
    if changing.is_empty() || applied.verdict == Verdict::Conflict {
        return cuts(applied, style);
    }
    let mut access = Access {
        applied,
        style,
        added: came(&applied.outlook.change).collect(),
        removed: gone(&applied.outlook.change).collect(),
        out: format!("\n{}\n", style.paint(Role::Strong, "Access")),
    };
    for decision in &changing {
        if decision.outcome.puts_in() {
            access.put_in(decision, facts);
        }
        if matches!(decision.outcome, Outcome::Removed | Outcome::Replaced) {
            decision.by.iter().for_each(|index| access.taken_out(*index));
        }
    }
    access.rest();
    access.out.push_str(&cuts(applied, style));
    access.proof();
    access.out
}

/// The section as it is written: each request of the comparison stands with the statement that explains it.
struct Access<'a> {
    applied: &'a Applied,
    style: Style,
    added: Vec<&'a Request>,
    removed: Vec<&'a Request>,
    out: String,
}

impl Access<'_> {
    fn put_in(&mut self, decision: &Decision, facts: &Facts<'_>) {
        let new = &decision.new.statement;
        let after = &self.applied.after;
        // What a statement said that is replaced, and this one says again, is no access that comes or goes.
        let form = canonical(new, None);
        if self.applied.before.policy.statements.iter().any(|old| canonical(old, None) == form) {
            return;
        }
        let sentence = grant_of(after, new);
        if new.denies() {
            let when = self.when(&self.applied.before, new, gone);
            self.line("  - ", &format!("{when}{sentence}"), Role::Bad);
            let taken = matching(&mut self.removed, after, new);
            self.example(taken, &self.applied.before);
            return;
        }
        let when = self.when(after, new, came);
        self.line("  + ", &format!("{when}{sentence}"), Role::Careful);
        // Who was reached by the account alone is named now.
        let given = matching(&mut self.added, after, new)
            .or_else(|| matching(&mut directly(&self.applied.outlook.change, true), after, new));
        self.example(given, after);
        if let Some(needed) = also_needed(facts.packs, decision, after) {
            self.out.push_str(&explained("also needed", &[needed], self.style));
        }
    }

    fn taken_out(&mut self, index: usize) {
        let before = &self.applied.before;
        let Some(old) = before.policy.statements.get(index) else { return };
        let sentence = grant_of(before, old);
        let (sign, role, request, document) = match old.denies() {
            true => ("+", Role::Careful, matching(&mut self.added, before, old), &self.applied.after),
            false => ("-", Role::Bad, matching(&mut self.removed, before, old), before),
        };
        if request.is_none()
            && let Some(request) = matching(&mut directly(&self.applied.outlook.change, false), before, old)
        {
            self.line(
                "  - ",
                &format!("no longer by itself, only through the account: {sentence}"),
                Role::Bad,
            );
            self.example(Some(request), before);
            return;
        }
        // What other statements say as well does not go with it.
        if request.is_none() && self.applied.outlook.change.unproved.is_empty() {
            let text = format!("without effect on access: that {sentence}");
            self.line("  ~ ", &text, Role::Dim);
            return;
        }
        let when = match old.denies() {
            true => self.when(document, old, came),
            false => self.when(document, old, gone),
        };
        let lead = match request {
            Some(_) => "no longer",
            // What is not known may say it as well.
            None => "no longer, as far as is known",
        };
        self.line(&format!("  {sign} "), &format!("{lead}: {when}{sentence}"), role);
        self.example(request, document);
    }

    /// In which cases of the template a statement makes a difference, as `if IsProd is true, `; nothing for all of them.
    fn when<'r, R: Iterator<Item = &'r Request>>(
        &'r self,
        document: &Document,
        statement: &Statement,
        requests: impl Fn(&'r Change) -> R,
    ) -> String {
        let cases = &self.applied.outlook.cases;
        let differs = |case: &&'r CaseComparison| {
            matching(&mut requests(&case.change).collect(), document, statement).is_some()
        };
        let those: Vec<&CaseComparison> = cases.iter().filter(differs).collect();
        let clauses: Vec<&str> = those.iter().filter_map(|case| case.clause.as_deref()).collect();
        match clauses.is_empty() || those.len() == cases.len() {
            true => String::new(),
            false => format!("{}, ", clauses.join(" or ")),
        }
    }

    /// Requests that no statement of the change explains by itself.
    fn rest(&mut self) {
        let Applied { before, after, .. } = self.applied;
        let (old, new) = (Side::of(before), Side::of(after));
        for request in std::mem::take(&mut self.added) {
            let sentence = new.granting(request).map(|granting| grant_of(after, granting));
            self.line(
                "  + ",
                &sentence.unwrap_or_else(|| "a request that was denied".to_owned()),
                Role::Careful,
            );
            self.example(Some(request), after);
        }
        for request in std::mem::take(&mut self.removed) {
            let sentence = old.granting(request).map(|granting| grant_of(before, granting));
            let sentence = sentence.unwrap_or_else(|| "a request that was allowed".to_owned());
            self.line("  - ", &format!("no longer, in part: {sentence}"), Role::Bad);
            self.example(Some(request), before);
        }
        for why in &self.applied.outlook.change.unproved {
            self.line("  ? ", &format!("not known: {why}"), Role::Careful);
        }
        for lost in &self.applied.outlook.lost {
            if let Lost::Direct(request) = lost {
                self.line("  - ", "left to the account's own policies", Role::Bad);
                self.example(Some(request), before);
            }
        }
    }

    fn proof(&mut self) {
        let change = &self.applied.outlook.change;
        let removes = !change.removed.is_empty()
            || !self.applied.outlook.lost.is_empty()
            || self.applied.merge.decisions.iter().any(|decision| {
                matches!(decision.outcome, Outcome::Removed | Outcome::Replaced)
                    || decision.outcome.puts_in() && decision.new.statement.denies()
            });
        let rest = match removes {
            false => "nothing is removed, and nothing else is added",
            true => "nothing else is removed or added",
        };
        match &self.applied.outlook.proof {
            Proof::Proved => {
                let proved = self.style.paint(Role::Good, "proved");
                self.out.push_str(&format!("  - {rest} ({proved})\n"));
            }
            Proof::Unread(what) => {
                self.line("  ? ", &format!("not proved {what}; {rest}"), Role::Bad);
            }
            Proof::NotProved(why) => {
                self.line("  ? ", &format!("not proved that {rest}: {why}"), Role::Bad);
            }
        }
    }

    fn line(&mut self, lead: &str, text: &str, role: Role) {
        self.out.push_str(&hanging(lead, lead.len(), text, self.style, Some(role)));
    }

    fn example(&mut self, request: Option<&Request>, document: &Document) {
        if let Some(request) = request {
            self.out.push_str(&explained("for example", &in_words(request, document), self.style));
        }
    }
}

/// The requests that may be allowed since a change, by this policy or another one.
fn came(change: &Change) -> impl Iterator<Item = &Request> {
    change.added.iter().chain(&change.undenied)
}

/// The requests that one of the policies grants more directly than the other.
fn directly(change: &Change, by_new: bool) -> Vec<&Request> {
    change.direct.iter().filter(|direct| direct.by_new == by_new).map(|direct| &direct.request).collect()
}

/// The requests that are no longer allowed since a change, or can no longer be by another policy.
fn gone(change: &Change) -> impl Iterator<Item = &Request> {
    change.removed.iter().chain(&change.denied)
}

/// Takes out the requests that a statement matches, and gives back the first.
fn matching<'r>(
    requests: &mut Vec<&'r Request>,
    document: &Document,
    statement: &Statement,
) -> Option<&'r Request> {
    let scope = Scope { kind: document.kind, resource: document.resource.as_deref() };
    let matches = |request: &&Request| replay::accepts(statement, request, scope) == Some(true);
    let (own, rest): (Vec<&Request>, Vec<&Request>) = requests.iter().partition(|request| matches(request));
    *requests = rest;
    own.into_iter().next()
}

/// Deny statements that take back part of what a step grants.
fn cuts(applied: &Applied, style: Style) -> String {
    let mut out = String::new();
    let mut said = std::collections::HashSet::new();
    for decision in &applied.merge.decisions {
        for by in &decision.cut_by {
            let deny = &by.statement;
            if !said.insert((by.index, by.clause.clone(), decision.step.clone())) {
                continue;
            }
            let lead = by.clause.as_ref().map_or(String::new(), |clause| format!("{clause}, "));
            if let (None, Err(why)) = (deny.effect, &by.example) {
                let name = named(&applied.before, deny);
                let text = format!("{lead}{name} may deny this: {why}; look at what it becomes");
                out.push_str(&hanging("  ! ", 4, &text, style, Some(Role::Careful)));
                continue;
            }
            let what = match &by.example {
                Err(why) => format!("may deny some or all of this ({why})"),
                Ok(_) if by.takes_all => "denies all of this".to_owned(),
                Ok(_) => "denies part of this".to_owned(),
            };
            let when = match access::conditions(deny) {
                conditions if conditions.is_empty() => grant_of(&applied.before, deny),
                conditions => format!("if {}", conditions.join(" and ")),
            };
            let text = format!("{lead}{} {what}: {when}", deny.name());
            out.push_str(&hanging("  ! ", 4, &text, style, Some(Role::Careful)));
            if let Ok(request) = &by.example {
                out.push_str(&explained("for example", &in_words(request, &applied.before), style));
            }
        }
    }
    out
}

/// What the other account must grant, for a principal that is of another account than the policy.
fn also_needed(packs: &Packs, decision: &Decision, document: &Document) -> Option<String> {
    let (_, step) = packs.step(&decision.step).ok()?;
    let needed = step.document(Some(document.kind)).ok()?.also_needed.as_ref()?;
    let accounts: Vec<String> = decision
        .new
        .statement
        .principal
        .iter()
        .flat_map(|element| element.principals())
        .filter_map(|(principal, _)| principal.account().map(str::to_owned))
        .collect();
    let own = access::own_account(document);
    let elsewhere = accounts.iter().any(|account| own.as_ref().is_none_or(|own| own != account));
    elsewhere.then(|| format!("{} ({})", needed.why, needed.step))
}
