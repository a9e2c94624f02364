//! The questions that commands ask, each put as one of whether boxes cover a box.

use std::collections::HashSet;

use super::effort::step;
use super::{Answer, Comparison, Engine, Notion, Side, Space, not_read, senders};
use crate::analyze::cover::Cut;
use crate::analyze::direct::{self, Direct};
use crate::analyze::evaluate::Asked;
use crate::analyze::request::Request;
use crate::kind::Kind;
use crate::policy::{Effect, Statement};

/// The steps of making a statement ready to decide on one request.
const A_DECISION: usize = 400;

/// How the access of a policy stands to that of its old version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Relation {
    /// Both allow the same.
    Equivalent,
    /// The new one allows all that the old one did, and more.
    Broader,
    /// The old one allowed all that the new one does, and more.
    Narrower,
    /// Each allows something that the other does not.
    Incomparable,
    /// It is not known.
    #[default]
    Unproved,
}

impl Relation {
    /// Of a new policy that allows more than the old one, or does not, and an old one of the same: `None` for what is
    /// not known.
    pub fn of(new_is_more: Option<bool>, old_is_more: Option<bool>) -> Relation {
        match (new_is_more, old_is_more) {
            (Some(true), Some(true)) => Relation::Incomparable,
            (Some(true), Some(false)) => Relation::Broader,
            (Some(false), Some(true)) => Relation::Narrower,
            (Some(false), Some(false)) => Relation::Equivalent,
            _ => Relation::Unproved,
        }
    }

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Relation::Equivalent => "equivalent",
            Relation::Broader => "broader",
            Relation::Narrower => "narrower",
            Relation::Incomparable => "incomparable",
            Relation::Unproved => "unproved",
        }
    }
}

/// What a change of a policy does to access.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Of the new policy to the old one.
    pub relation: Relation,
    /// Whether the relation is sure.
    pub exact: bool,
    /// Whether the new policy allows more; `None` if that is not known.
    pub new_is_more: Option<bool>,
    /// Whether the old policy allowed more; `None` if that is not known.
    pub old_is_more: Option<bool>,
    /// Requests that only the new policy allows, one for each of its statements that grants such.
    pub added: Vec<Request>,
    /// Requests that only the old policy allowed, one for each of its statements that granted such.
    pub removed: Vec<Request>,
    /// Requests that the old policy denied and the new one does not, one for each Deny of which `added` has none:
    /// another policy may grant them.
    pub undenied: Vec<Request>,
    /// Requests that the new policy denies and the old one did not, one for each Deny of which `removed` has none:
    /// another policy may grant them.
    pub denied: Vec<Request>,
    /// Requests that one of the policies grants more directly: it names the callers, and the other their account alone.
    pub direct: Vec<Direct>,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
    /// Why something could not be proved.
    pub unproved: Vec<String>,
    /// States of automata that were looked at.
    pub states: usize,
    /// Nodes of the search that were looked at.
    pub nodes: usize,
}

impl Change {
    /// Whether the new policy grants by itself what the old one left to the policies of the callers; `None` if that is
    /// not known.
    pub fn grants_more_by_itself(&self) -> Option<bool> {
        let mut new = self.direct.iter().filter(|direct| direct.by_new).map(|direct| direct.by_itself);
        match new.clone().any(|by_itself| by_itself == Some(true)) {
            true => Some(true),
            false if new.all(|by_itself| by_itself == Some(false)) => Some(false),
            false => None,
        }
    }

    /// Whether one of the policies grants something more directly than the other; `None` if AWS leaves that open.
    pub fn is_otherwise_direct(&self) -> Option<bool> {
        match self.direct.iter().any(|direct| direct.reading.is_none()) {
            true => Some(true),
            false if self.direct.is_empty() => Some(false),
            false => None,
        }
    }

    /// How many of the requests one of the policies may grant by itself, and the other may not.
    pub fn counted_by_itself(&self, by_new: bool) -> usize {
        let direct = self.direct.iter().filter(|direct| direct.by_new == by_new);
        direct.filter(|direct| direct.by_itself != Some(false)).count()
    }

    /// Whether both are the same to a reader.
    pub fn is_same(&self, other: &Change) -> bool {
        let of = |change: &Change| (change.relation, change.new_is_more, change.old_is_more);
        of(self) == of(other)
            && (&self.added, &self.removed, &self.direct, &self.unproved)
                == (&other.added, &other.removed, &other.direct, &other.unproved)
            && (&self.undenied, &self.denied) == (&other.undenied, &other.denied)
    }
}

/// Whether statements cover one, and which of them it takes.
#[derive(Clone, Debug)]
pub struct Covering {
    /// Whether they do.
    pub comparison: Comparison,
    /// Places in the list of statements, none of which can be spared.
    pub by: Vec<usize>,
}

/// Requests of a sort, and what is not known of them.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    /// One for each statement that grants such.
    pub requests: Vec<Request>,
    /// Why there are some, where no request shows it.
    pub reasons: Vec<String>,
    /// Why there may be more.
    pub unproved: Vec<String>,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
}

/// What Deny statements take of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cutting {
    /// How much they take together.
    pub cut: Cut,
    /// Which of them take something, by their places in the list, with a request that the one denies; or
    /// why it is not known.
    pub by: Vec<(usize, Result<Request, String>)>,
}

/// Statements that a policy could do without.
#[derive(Clone, Debug, Default)]
pub struct Redundancy {
    /// Places in the list. Each alone is redundant; two of them may need each other.
    pub statements: Vec<usize>,
    /// Places of those of which it is not known.
    pub unproved: Vec<usize>,
}

impl Engine<'_> {
    /// How the access of `new` stands to that of `old`.
    pub fn relation(&self, old: &[Statement], new: &[Statement]) -> Change {
        let (old, new): (Vec<&Statement>, Vec<&Statement>) = (old.iter().collect(), new.iter().collect());
        let mut forth = self.gains(&new, &old, true);
        let mut back = self.gains(&old, &new, true);
        self.undenied(&new, &old, &mut forth);
        self.undenied(&old, &new, &mut back);
        let (new_is_more, old_is_more) = (forth.is_more(), back.is_more());
        let relation = Relation::of(new_is_more, old_is_more);
        let of_new =
            |found: Vec<Direct>, by_new| found.into_iter().map(move |direct| Direct { by_new, ..direct });
        let mut assumptions = forth.assumptions;
        assumptions.extend(back.assumptions);
        assumptions.sort_unstable();
        assumptions.dedup();
        Change {
            relation,
            exact: relation != Relation::Unproved,
            new_is_more,
            old_is_more,
            added: forth.requests,
            removed: back.requests,
            undenied: forth.undenied,
            denied: back.undenied,
            direct: of_new(forth.direct, true).chain(of_new(back.direct, false)).collect(),
            assumptions,
            unproved: forth.unproved.into_iter().chain(back.unproved).collect(),
            states: forth.states + back.states,
            nodes: forth.nodes + back.nodes,
        }
    }

    /// What `left` allows and `right` does not.
    pub fn beyond(&self, left: &[Statement], right: &[Statement]) -> Requests {
        let (left, right): (Vec<&Statement>, Vec<&Statement>) =
            (left.iter().collect(), right.iter().collect());
        let Gains { requests, unproved, assumptions, .. } = self.gains(&left, &right, false);
        Requests { requests, unproved, assumptions, ..Requests::default() }
    }

    /// What `left` grants more directly than `right`, which allows it as well.
    pub fn beyond_directly(&self, left: &[Statement], right: &[Statement]) -> Vec<Direct> {
        let (left, right): (Vec<&Statement>, Vec<&Statement>) =
            (left.iter().collect(), right.iter().collect());
        self.gains(&left, &right, true).direct
    }

    /// What `old` denies and `new` does not, whatever they allow.
    pub fn lifted(&self, old: &[Statement], new: &[Statement]) -> Requests {
        let (old, new): (Vec<&Statement>, Vec<&Statement>) = (old.iter().collect(), new.iter().collect());
        let mut gains = Gains::default();
        self.undenied(&new, &old, &mut gains);
        let Gains { undenied, unproved, assumptions, .. } = gains;
        Requests { requests: undenied, unproved, assumptions, ..Requests::default() }
    }

    /// What both `left` and `right` allow, as two policies.
    pub fn common(&self, left: &[Statement], right: &[Statement]) -> Requests {
        let (left, right): (Vec<&Statement>, Vec<&Statement>) =
            (left.iter().collect(), right.iter().collect());
        let mut space = Space::new(self, &left, &right);
        let mut found = Requests::default();
        for at in (0..left.len()).filter(|at| !left[*at].denies()) {
            match space.shared_with_right(at) {
                Answer::Witness(request) => found.requests.push(*request),
                Answer::NotProved(why) => found.unproved.push(why),
                Answer::Covered => {}
            }
        }
        found.assumptions = space.effort.assumptions.into_iter().collect();
        found
    }

    /// What `left` allows and `right` does not, statement by statement; also what it allows more
    /// directly, if that is asked.
    fn gains(&self, left: &[&Statement], right: &[&Statement], direct: bool) -> Gains {
        let mut space = Space::new(self, left, right);
        let mut gains = Gains::default();
        let (mut states, mut nodes) = (0, 0);
        for (at, statement) in left.iter().enumerate() {
            // Each statement has the whole budget.
            states += space.effort.states;
            nodes += space.effort.nodes;
            space.effort.renew();
            match space.granted(at, Notion::Access) {
                Answer::Witness(request) => gains.requests.push(*request),
                Answer::NotProved(why) => gains.unproved.push(why),
                // What an endpoint lets pass, it never grants.
                Answer::Covered
                    if direct && statement.principal.is_some() && self.scope.kind != Kind::Endpoint =>
                {
                    match space.granted(at, Notion::Direct) {
                        Answer::Witness(request) => {
                            gains.direct.push(self.directly(*request, &space, (left, right), at))
                        }
                        Answer::NotProved(why) => gains.unproved.push(why),
                        Answer::Covered => {}
                    }
                }
                Answer::Covered => {}
            }
        }
        gains.states = states + space.effort.states;
        gains.nodes = nodes + space.effort.nodes;
        gains.assumptions = space.effort.assumptions.into_iter().collect();
        gains
    }

    /// What is known of a request that statement `at` of `left` grants more directly than `right` does. Of a caller of
    /// another account than the resource's, and of a root user, that makes no difference: others are looked for.
    fn directly(
        &self,
        request: Request,
        space: &Space<'_, '_>,
        (left, right): (&[&Statement], &[&Statement]),
        at: usize,
    ) -> Direct {
        let owner = direct::owner(left[at], self.scope, left.iter().chain(right).copied());
        let owner = owner.as_deref();
        let begins = |request: &Request| {
            let asked = Asked::new(request);
            let left: Vec<&Statement> = space.left_for(&asked).into_iter().map(|at| left[at]).collect();
            let right: Vec<&Statement> = space.right_for(&asked).into_iter().map(|at| right[at]).collect();
            step((left.len() + right.len()) * A_DECISION);
            direct::begins(request, &right, &left, owner, self.scope)
        };
        if direct::is_within(&request, owner) {
            let (by_itself, reading) = begins(&request);
            return Direct { request, by_new: true, by_itself, reading };
        }
        let within = direct::within(left[at], owner);
        // Those that have no request in common with it make no difference.
        let places = space.left_near(left[at]);
        let Some(place) = places.iter().position(|place| *place == at) else {
            return Direct { request, by_new: true, by_itself: None, reading: None };
        };
        let mut left: Vec<&Statement> = places.into_iter().map(|at| left[at]).collect();
        left[place] = &within;
        let right: Vec<&Statement> = space.right_near(&within).into_iter().map(|at| right[at]).collect();
        let mut narrowed = Space::new(self, &left, &right);
        let (request, (by_itself, reading)) = match narrowed.granted(place, Notion::Direct) {
            Answer::Covered => (request, (Some(false), None)),
            Answer::Witness(found) => {
                let begins = begins(&found);
                (*found, begins)
            }
            Answer::NotProved(_) => (request, (None, None)),
        };
        Direct { request, by_new: true, by_itself, reading }
    }

    /// What a Deny of `right` takes of other policies and none of `left` does, Deny by Deny, but for those of which a gain
    /// tells already.
    fn undenied(&self, left: &[&Statement], right: &[&Statement], gains: &mut Gains) {
        // What has an effect that is not known may be a Deny.
        let denies = |at: &usize| !right[*at].allows();
        if !(0..right.len()).any(|at| denies(&at)) {
            return;
        }
        let mut space = Space::new(self, left, right);
        let told = |request: &Request| {
            let asked = Asked::new(request);
            let accepts = |at: &usize| space.right[*at].replay.accepts(&asked) == Some(true);
            space.right_for(&asked).into_iter().filter(denies).filter(accepts).collect::<Vec<_>>()
        };
        let told: HashSet<usize> = gains.requests.iter().flat_map(told).collect();
        for at in (0..right.len()).filter(denies) {
            if space.shared.1[at] || told.contains(&at) {
                continue;
            }
            space.effort.renew();
            match space.escapes(at) {
                Answer::Witness(request) => gains.undenied.push(*request),
                Answer::NotProved(why) => gains.unproved.push(why),
                Answer::Covered => {}
            }
            gains.states += space.effort.states;
            gains.nodes += space.effort.nodes;
        }
        gains.assumptions.extend(space.effort.assumptions);
    }

    /// Whether statements of the same effect cover `statement`, so that it adds nothing to them. Those
    /// that take back are left out of account. In the notion `Direct`, an Allow must be granted as
    /// directly as by itself. All counts that the statement matches, also what no policy decides.
    pub fn covered(&self, statement: &Statement, by: &[&Statement], notion: Notion) -> Covering {
        let engine = Engine { decided: None, ..*self };
        let mut space = Space::new(&engine, &[statement], by);
        let mut sides: Vec<usize> = (0..by.len()).filter(|at| by[*at].effect == statement.effect).collect();
        let answer = space.covers(0, &sides, notion);
        let comparison = space.comparison(answer);
        if comparison.answer != Answer::Covered {
            return Covering { comparison, by: Vec::new() };
        }
        let mut covers = |sides: &[usize]| {
            space.effort.renew();
            space.covers(0, sides, notion) == Answer::Covered
        };
        if let Some(one) = sides.iter().copied().find(|at| covers(&[*at])) {
            return Covering { comparison, by: vec![one] };
        }
        // Leave out one after the other, later ones first, as long as the rest is enough.
        for at in (0..by.len()).rev() {
            let rest: Vec<usize> = sides.iter().copied().filter(|side| *side != at).collect();
            if rest.len() < sides.len() && covers(&rest) {
                sides = rest;
            }
        }
        Covering { comparison, by: sides }
    }

    /// Why no policy decides on anything that a statement matches, if that is proved.
    pub fn undecided(&self, statement: &Statement) -> Option<String> {
        let engine = Engine { shows: false, ..*self };
        let mut space = Space::new(&engine, &[statement], &[]);
        let is_proved = space.covers(0, &[], Notion::Access) == Answer::Covered;
        space.undecided_by.filter(|_| is_proved)
    }

    /// Whether it is proved that no request matches a statement.
    pub fn matches_nothing(&self, statement: &Statement) -> bool {
        let engine = Engine { shows: false, ..*self };
        engine.covered(statement, &[], Notion::Access).comparison.answer == Answer::Covered
    }

    /// What the Deny statements take of what `allow` grants.
    pub fn cut(&self, denies: &[&Statement], allow: &Statement) -> Cutting {
        let mut space = Space::new(self, &[allow], denies);
        let mut cutting = Cutting { cut: Cut::None, by: Vec::new() };
        if !allow.allows() {
            return cutting;
        }
        let sides: Vec<usize> = (0..denies.len()).filter(|at| denies[*at].denies()).collect();
        for at in &sides {
            let side = Side::Right(*at);
            let common = match space.region(side).readable {
                true => space.search(&[Side::Left(0), side], &[], Notion::Access, |space, asked| {
                    both(space.left[0].replay.accepts(asked), space.region(side).replay.accepts(asked))
                }),
                false => not_read(space.region(side)),
            };
            match common {
                Answer::Covered => {}
                Answer::Witness(request) => cutting.by.push((*at, Ok(*request))),
                Answer::NotProved(why) => cutting.by.push((*at, Err(why))),
            }
        }
        if cutting.by.is_empty() {
            return cutting;
        }
        let cover: Vec<Side> = sides.into_iter().map(Side::Right).collect();
        cutting.cut = match space.spared(&cover) {
            answer if space.whatever_roles_there_are(answer.clone()) == Answer::Covered => Cut::All,
            _ => Cut::Part,
        };
        cutting
    }

    /// Whether the Deny statements take all of what `allow` grants, or it grants nothing.
    pub fn leaves_nothing(&self, denies: &[&Statement], allow: &Statement) -> bool {
        let mut space = Space::new(self, &[allow], denies);
        let sides = (0..denies.len()).filter(|at| denies[*at].denies());
        let cover: Vec<Side> = sides.map(Side::Right).collect();
        let answer = if allow.allows() { space.spared(&cover) } else { return false };
        space.whatever_roles_there_are(answer) == Answer::Covered
    }

    /// The statements without which the policy allows and denies the same.
    pub fn redundant(&self, policy: &[Statement]) -> Redundancy {
        let mut redundancy = Redundancy::default();
        for (at, statement) in policy.iter().enumerate() {
            let others = policy.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| other);
            // What is denied anyway need not be allowed either.
            let others: Vec<&Statement> = match statement.allows() {
                true => others.collect(),
                false => others.filter(|other| other.denies()).collect(),
            };
            let mut space = Space::new(self, &[statement], &others);
            let all: Vec<usize> = (0..others.len()).collect();
            match space.covers(0, &all, Notion::Direct) {
                Answer::Covered => redundancy.statements.push(at),
                Answer::Witness(_) => {}
                Answer::NotProved(_) => redundancy.unproved.push(at),
            }
        }
        redundancy
    }
}

/// What one list of statements allows beyond another.
#[derive(Default)]
struct Gains {
    requests: Vec<Request>,
    undenied: Vec<Request>,
    direct: Vec<Direct>,
    unproved: Vec<String>,
    assumptions: Vec<String>,
    states: usize,
    nodes: usize,
}

impl Gains {
    fn is_more(&self) -> Option<bool> {
        match (self.requests.is_empty() && self.undenied.is_empty(), self.unproved.is_empty()) {
            (false, _) => Some(true),
            (true, true) => Some(false),
            (true, false) => None,
        }
    }
}

impl Space<'_, '_> {
    /// A request that statement `at` of the left grants, and an Allow of the right as well, and no Deny of
    /// either takes back. `Covered` says that there is none.
    fn shared_with_right(&mut self, at: usize) -> Answer {
        let near = (self.left_near(self.left[at].statement), self.right_near(self.left[at].statement));
        let right: Vec<Side> = near.1.into_iter().map(Side::Right).collect();
        let all = || near.0.iter().copied().map(Side::Left).chain(right.iter().copied());
        if let Some(side) = all().find(|side| self.region(*side).statement.effect.is_none()) {
            return not_read(self.region(side));
        }
        let denies: Vec<Side> = all().filter(|side| self.region(*side).statement.denies()).collect();
        let mut answer = Answer::Covered;
        // Each of ours with each of theirs, under one budget: most pairs part at principals or actions.
        self.effort.renew();
        for side in right.iter().copied() {
            if !self.region(side).statement.allows() {
                continue;
            }
            let focus = [Side::Left(at), side];
            let found = match focus.iter().find(|side| !self.region(**side).readable) {
                Some(unread) => not_read(self.region(*unread)),
                None => self.search(&focus, &denies, Notion::Access, |space, asked| {
                    both(space.left_allows(asked), space.right_allows(asked))
                }),
            };
            match found {
                Answer::Witness(_) => return found,
                Answer::NotProved(_) => answer = found,
                Answer::Covered => {}
            }
        }
        answer
    }

    /// A request that Deny `at` of the right matches and no Deny of the left. `Covered` says that there is none.
    fn escapes(&mut self, at: usize) -> Answer {
        let side = Side::Right(at);
        if !self.region(side).readable || self.region(side).statement.effect.is_none() {
            return not_read(self.region(side));
        }
        let near = self.left_near(self.right[at].statement).into_iter();
        let cover: Vec<Side> = near.filter(|at| self.left[*at].statement.denies()).map(Side::Left).collect();
        self.search(&[side], &cover, Notion::Access, |space, asked| {
            let near = space.left_for(asked).into_iter().map(|at| &space.left[at]);
            near.fold(space.right[at].replay.accepts(asked), |all, region| {
                match (region.statement.effect, region.replay.accepts(asked)) {
                    (Some(Effect::Allow), _) | (_, Some(false)) => all,
                    (Some(Effect::Deny), accepts) => both(all, accepts.map(|accepts| !accepts)),
                    // It may be a Deny.
                    (None, _) => both(all, None),
                }
            })
        })
    }

    /// What the Deny statements on the right leave of what the one on the left grants.
    fn spared(&mut self, denies: &[Side]) -> Answer {
        self.search(&[Side::Left(0)], denies, Notion::Access, |space, asked| {
            let denied = space.right.iter().filter(|region| region.statement.denies());
            denied.fold(space.left[0].replay.accepts(asked), |all, region| {
                both(all, region.replay.accepts(asked).map(|denies| !denies))
            })
        })
    }

    /// Whether some statements on the right cover one on the left, whatever their effects.
    pub(super) fn covers(&mut self, left: usize, right: &[usize], notion: Notion) -> Answer {
        let asked = &self.left[left];
        if right.iter().any(|at| self.right[*at].is_same(asked)) {
            return Answer::Covered;
        }
        if !asked.readable {
            return not_read(asked);
        }
        let sides: Vec<Side> = right.iter().copied().map(Side::Right).collect();
        // A Deny takes in whomever it names, however it does.
        let direct = notion == Notion::Direct && asked.statement.allows();
        let notion = if direct { Notion::Direct } else { Notion::Access };
        let is_noted = self.effort.assumptions.remove(senders::ONE_ROLE);
        let answer = self.search(&[Side::Left(left)], &sides, notion, |space, asked| {
            right.iter().map(|at| &space.right[*at]).fold(
                space.left[left].replay.accepts(asked),
                |all, other| {
                    // How directly something is granted is not to be read off the request.
                    match direct && other.statement.allows() && other.statement.principal.is_some() {
                        true => all,
                        false => both(all, other.replay.accepts(asked).map(|accepts| !accepts)),
                    }
                },
            )
        });
        let answer = self.whatever_roles_there_are(answer);
        if is_noted {
            self.effort.note(senders::ONE_ROLE.to_owned());
        }
        answer
    }
}

/// Whether both hold; one that does not is enough for no.
fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}
