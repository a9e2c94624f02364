//! Is a box within a union of boxes? Dimension by dimension, with the statements that are still in
//! play.

use std::collections::{BTreeMap, HashSet};

use super::bits::{Bits, Classes};
use super::callers::{self, Own};
use super::effort::{Effort, Exhausted, Held, keep, step};
use super::glob::Word;
use super::keys::{self, Given, Tests};
use super::principals::{self, Listed};
use super::region::Region;
use super::senders::{self, CALLER_ACCOUNT, Sender, Told, senders};
use super::texts::{self, Resources};
use super::{Notion, owners};
use crate::analyze::cover::Scope;
use crate::analyze::request::Caller;
use crate::kind::Kind;
use crate::policy::{PARTITIONS, Value};

/// A coordinate of one dimension.
#[derive(Clone, Debug)]
pub(super) enum At {
    /// Who calls, and what the request says under keys that follow from that.
    Caller(Option<Whom>, Vec<(String, Given)>),
    Action(Word),
    /// The resource, and what the request says of who owns it.
    Resource(Option<Word>, Option<(String, Given)>),
    Key(String, Given),
}

impl Held for At {
    fn held(&self) -> usize {
        match self {
            At::Caller(whom, said) => whom.held() + said.held(),
            At::Action(word) => word.held(),
            At::Resource(word, owner) => word.held() + owner.held(),
            At::Key(name, given) => name.held() + given.held(),
        }
    }
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    One(Caller),
    /// Whoever has this ARN.
    Arn(Word),
}

impl Held for Whom {
    fn held(&self) -> usize {
        match self {
            Whom::One(caller) => caller.held(),
            Whom::Arn(word) => word.held(),
        }
    }
}

impl Held for Caller {
    fn held(&self) -> usize {
        match self {
            Caller::Anonymous => 0,
            Caller::Aws(name)
            | Caller::Service(name)
            | Caller::Federated(name)
            | Caller::CanonicalUser(name) => name.held(),
        }
    }
}

/// What came of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Every request of the asked box is in one of the others.
    Covered,
    /// The judge took a point outside.
    Found,
    /// There are points outside, but the judge took none.
    Refused,
}

/// Looks for points that all of `focus` have and none of `cover`; `judge` says whether one will do.
pub(super) fn uncovered(
    focus: &[&Region<'_>],
    cover: &[&Region<'_>],
    scope: Scope<'_>,
    notion: Notion,
    effort: &mut Effort,
    judge: &mut dyn FnMut(&[&At]) -> bool,
) -> Result<Outcome, Exhausted> {
    if focus.iter().any(|region| region.void) {
        return Ok(Outcome::Covered);
    }
    effort.check()?;
    let may_cover = |region: &Region<'_>| !region.void && region.readable && !region.narrower;
    let mut refused = false;
    for to_kms in requests_to(focus, cover, scope).iter().copied() {
        let mut space = Space { focus, cover, to_kms, active: Vec::new(), dimensions: Vec::new() };
        space.active = (0..cover.len()).filter(|at| may_cover(cover[*at])).collect();
        if space.dimensions(scope, notion, effort)? {
            match space.search(effort, judge)? {
                Outcome::Found => return Ok(Outcome::Found),
                Outcome::Refused => refused = true,
                Outcome::Covered => {}
            }
        }
    }
    // What was left out for want of budget is no proof.
    effort.check()?;
    Ok(if refused { Outcome::Refused } else { Outcome::Covered })
}

/// Requests to KMS say of their caller what others do not: where that is asked for, each sort is looked at by
/// itself.
fn requests_to(focus: &[&Region<'_>], cover: &[&Region<'_>], scope: Scope<'_>) -> &'static [Option<bool>] {
    let mut all = focus.iter().chain(cover);
    let has_caller = |region: &Region<'_>| region.principal.is_some() || !scope.kind.names_principal();
    match all.any(|region| has_caller(region) && region.on(CALLER_ACCOUNT).next().is_some()) {
        false => &[None],
        true if scope.kind == Kind::Kms => &[Some(true)],
        true => &[Some(true), Some(false)],
    }
}

/// The partitions of which a caller may be: that of the thing, as no one calls across partitions.
fn partitions(focus: &[&Region<'_>], scope: Scope<'_>) -> Vec<&'static str> {
    if let Some(known) = scope.resource.and_then(|resource| named(std::iter::once(Some(resource)))) {
        return known;
    }
    let elements = focus.iter().filter_map(|region| region.statement.resource.as_ref());
    let elements = elements.filter(|element| !element.negated);
    let known = elements.filter_map(|element| named(element.values.items.iter().map(Value::known)));
    known.fold(PARTITIONS.to_vec(), |mut left, known| {
        left.retain(|partition| known.contains(partition));
        left
    })
}

/// The partitions of some ARNs; `None` if one of them may be of any.
fn named<'t>(texts: impl Iterator<Item = Option<&'t str>>) -> Option<Vec<&'static str>> {
    let mut named = Vec::new();
    for text in texts {
        let partition = text?.strip_prefix("arn:")?.split(':').next()?;
        let partition = PARTITIONS.into_iter().find(|known| *known == partition)?;
        if !named.contains(&partition) {
            named.push(partition);
        }
    }
    Some(named)
}

/// How many points the judge is asked about before it is given up.
const TRIES: usize = 16;

/// One dimension, with the covering statements that its sets number.
struct Dimension {
    active: Vec<usize>,
    classes: Classes<At>,
}

struct Space<'f, 's> {
    focus: &'f [&'f Region<'s>],
    cover: &'f [&'f Region<'s>],
    /// Whether the request is one to KMS, where that makes a difference.
    to_kms: Option<bool>,
    /// The covering statements that may have something in common with the asked ones.
    active: Vec<usize>,
    dimensions: Vec<Dimension>,
}

impl<'f, 's> Space<'f, 's> {
    /// Works out the dimensions, callers first, then cheap ones first; `false` if the asked box is empty.
    fn dimensions(
        &mut self,
        scope: Scope<'_>,
        notion: Notion,
        effort: &mut Effort,
    ) -> Result<bool, Exhausted> {
        let (focus, cover) = self.named();
        let has_principals = focus.iter().chain(&cover).flatten().next().is_some();
        // What a request says of its caller makes one dimension with the caller.
        let has_callers = has_principals || !scope.kind.names_principal();
        let mut keys = self.keys();
        // What a request says of the resource makes one with that.
        let owner = keys.remove(owners::KEY);
        let (own, keys): (BTreeMap<_, _>, BTreeMap<_, _>) =
            keys.into_iter().partition(|(key, _)| has_callers && senders::KEYS.contains(&key.as_str()));
        let partitions = partitions(self.focus, scope);
        let told = Told::by(own.keys().map(String::as_str));
        let named = principals::named(&focus, &cover);
        if senders::name_role_of_session(&named) {
            effort.note(senders::ONE_ROLE.to_owned());
        }
        let senders = match (has_principals, own.is_empty()) {
            (true, _) => Some(senders(&named, &partitions, told)),
            // Whoever the policy is attached to.
            (false, false) => Some(senders::attached(&partitions, told)),
            (false, true) => None,
        };
        let have_account = |region: &Region<'_>| region.services_have_account;
        let senders = match self.focus.iter().copied().any(have_account) {
            true => senders.map(senders::with_account),
            false => senders,
        };
        let callers = match &senders {
            Some(senders) => {
                // What requests say of the callers that the fewest statements take may rule those out.
                let start = if own.is_empty() { Classes::smallest() } else { Classes::every() };
                principals::classes(&focus, &cover, notion, senders, start, effort)?
            }
            None => Classes::smallest(),
        };
        let is_asked = match &senders {
            Some(_) => self.add(callers, |caller| At::Caller(Some(Whom::One(caller)), Vec::new())),
            None => self.add(Classes::one(Bits::all(cover.len()), ()), |()| At::Caller(None, Vec::new())),
        };
        if !is_asked {
            return Ok(false);
        }
        let actions = texts::actions(self.focus, &self.cover(), self.to_kms, effort)?;
        if !self.add(actions, At::Action) {
            return Ok(false);
        }
        if let Some(senders) = senders.as_ref().filter(|_| !own.is_empty())
            && !self.add_callers_with(&own, senders, notion, effort)?
        {
            return Ok(false);
        }
        for (key, name) in &keys {
            if !self.add_key(key, name, effort)? {
                return Ok(false);
            }
        }
        if let Some(name) = owner.filter(|_| self.is_asked(owners::KEY)) {
            let owned = owners::classes(&self.tests(owners::KEY), self.focus, &self.cover(), scope, effort)?;
            match owned {
                Some(owned) => {
                    return Ok(
                        self.add(owned, |(word, given)| At::Resource(word, Some((name.clone(), given))))
                    );
                }
                None if !self.add_key(owners::KEY, &name, effort)? => return Ok(false),
                None => {}
            }
        }
        let resources = match Resources::new(self.focus, &self.cover(), scope) {
            Some(resources) => Some(resources.classes(Vec::new(), &[], Vec::new(), effort)?),
            None => None,
        };
        match resources {
            Some(resources) => Ok(self.add(resources, |word| At::Resource(Some(word), None))),
            None => {
                let mut one = Classes::smallest();
                one.add(Bits::all(self.active.len()), || At::Resource(None, None));
                Ok(self.add(one, |at| at))
            }
        }
    }

    /// Whether a statement that is still in play asks for a key.
    fn is_asked(&self, key: &str) -> bool {
        let of = |region: &Region<'_>| region.on(key).next().is_some();
        step(self.focus.len() + self.active.len());
        self.focus.iter().any(|region| of(region)) || self.active.iter().any(|at| of(self.cover[*at]))
    }

    /// Adds the dimension of a key; `false` if the asked statements have nothing in it.
    fn add_key(&mut self, key: &str, name: &str, effort: &mut Effort) -> Result<bool, Exhausted> {
        effort.check()?;
        if !self.is_asked(key) {
            return Ok(true);
        }
        let values = keys::classes(self.tests(key), effort)?;
        Ok(self.add(values, |given| At::Key(name.to_owned(), given)))
    }

    /// Callers together with the keys that follow from them, in place of the callers alone.
    fn add_callers_with(
        &mut self,
        keys: &BTreeMap<String, String>,
        senders: &[Sender],
        notion: Notion,
        effort: &mut Effort,
    ) -> Result<bool, Exhausted> {
        let (focus, cover) = self.named();
        let keys: Vec<Own<'_>> = keys
            .iter()
            .map(|(key, name)| Own { tests: self.tests(key).without_given(), name: name.clone() })
            .collect();
        let mut found = Classes::smallest();
        for (bits, sender) in principals::each(&focus, &cover, notion, senders, effort)? {
            for (bits, (whom, said)) in
                callers::points(sender, bits, &keys, self.to_kms == Some(true), effort)?.items
            {
                effort.node()?;
                found.add(bits, || At::Caller(Some(whom), said));
            }
        }
        drop(keys);
        self.dimensions.remove(0);
        Ok(self.add(found, |at| at))
    }

    fn tests<'t>(&'t self, key: &'t str) -> Tests<'t> {
        step(self.active.len() + self.focus.len());
        Tests {
            focus: self.focus.iter().flat_map(|region| region.on(key)).collect(),
            cover: self.active.iter().map(|at| self.cover[*at].on(key).collect()).collect(),
            key: key.to_owned(),
        }
    }

    /// Whom the statements name.
    fn named(&self) -> (Vec<Option<&'f Listed>>, Vec<Option<&'f Listed>>) {
        let focus = self.focus.iter().map(|region| region.listed()).collect();
        (focus, self.cover().into_iter().map(Region::listed).collect())
    }

    fn cover(&self) -> Vec<&'f Region<'s>> {
        self.active.iter().map(|at| self.cover[*at]).collect()
    }

    /// The condition keys, in lower case, and as they were written first.
    fn keys(&self) -> BTreeMap<String, String> {
        let mut keys = BTreeMap::new();
        for check in self.focus.iter().copied().chain(self.cover()).flat_map(|region| &region.checks) {
            keys.entry(check.key.clone()).or_insert_with(|| check.name.clone());
        }
        keys
    }

    /// Adds a dimension and drops the statements that it keeps apart from the asked ones; `false` if
    /// the asked ones have nothing in it.
    fn add<T>(&mut self, found: Classes<T>, at: impl Fn(T) -> At) -> bool {
        let mut classes = Classes::smallest();
        let mut possible = Bits::none(self.active.len());
        for (bits, coordinate) in found.items {
            possible = possible.or(&bits);
            classes.items.push((bits, at(coordinate)));
        }
        let active = self.active.clone();
        self.active =
            active.iter().enumerate().filter(|(at, _)| possible.contains(*at)).map(|(_, at)| *at).collect();
        let empty = classes.items.is_empty();
        self.dimensions.push(Dimension { active, classes });
        !empty
    }

    /// Brings all dimensions to the statements that are left, and goes through them.
    fn search(
        &self,
        effort: &mut Effort,
        judge: &mut dyn FnMut(&[&At]) -> bool,
    ) -> Result<Outcome, Exhausted> {
        let size = self.active.len();
        let mut dimensions: Vec<Classes<&At>> = Vec::new();
        for dimension in &self.dimensions {
            // Both are in order.
            let place = |at: &usize| dimension.active.binary_search(at).ok();
            let places: Vec<Option<usize>> = self.active.iter().map(place).collect();
            let mut classes = Classes::smallest();
            for (bits, at) in &dimension.classes.items {
                step(size);
                effort.check()?;
                let mut kept = Bits::none(size);
                for (number, place) in places.iter().enumerate() {
                    if place.is_some_and(|place| bits.contains(place)) {
                        kept.insert(number);
                    }
                }
                classes.add(kept, || at);
            }
            dimensions.push(classes);
        }
        // What stays the same for a request's reader comes first; the rest by the number of choices.
        dimensions.sort_by_key(|classes| classes.items.len());
        let mut always = vec![Bits::all(size)];
        for classes in dimensions.iter().rev() {
            let last = always.last().cloned().unwrap_or_default();
            always.push(classes.items.iter().fold(last, |all, (bits, _)| all.and(bits)));
        }
        always.reverse();
        let mut walk = Walk { dimensions, always, hopeless: HashSet::new(), path: Vec::new(), tries: 0 };
        let found = walk.down(0, &Bits::all(size), effort, judge)?;
        Ok(match (found, walk.tries) {
            (true, _) => Outcome::Found,
            (false, 0) => Outcome::Covered,
            (false, _) => Outcome::Refused,
        })
    }
}

struct Walk<'d> {
    dimensions: Vec<Classes<&'d At>>,
    /// From each dimension on, the statements that accept whatever is chosen.
    always: Vec<Bits>,
    /// From which dimension, with which statements in play, there is nothing.
    hopeless: HashSet<(usize, Bits)>,
    path: Vec<&'d At>,
    tries: usize,
}

impl Walk<'_> {
    /// Whether the judge took a point that goes on from here, with `live` the statements that have
    /// accepted every coordinate so far.
    fn down(
        &mut self,
        depth: usize,
        live: &Bits,
        effort: &mut Effort,
        judge: &mut dyn FnMut(&[&At]) -> bool,
    ) -> Result<bool, Exhausted> {
        effort.node()?;
        if live.meets(&self.always[depth]) || self.hopeless.contains(&(depth, live.clone())) {
            return Ok(false);
        }
        if depth == self.dimensions.len() {
            self.tries += 1;
            return Ok(live.is_empty() && judge(&self.path));
        }
        let tries = self.tries;
        for at in 0..self.dimensions[depth].items.len() {
            let (bits, coordinate) = &self.dimensions[depth].items[at];
            let next = live.and(bits);
            step(1 + next.held() / size_of::<u64>());
            self.path.push(coordinate);
            let found = self.down(depth + 1, &next, effort, judge)?;
            self.path.pop();
            if found || self.tries >= TRIES {
                return Ok(found);
            }
        }
        if tries == self.tries {
            keep(size_of::<(usize, Bits)>() + live.held());
            self.hopeless.insert((depth, live.clone()));
        }
        Ok(false)
    }
}
