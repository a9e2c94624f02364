//! An action that there is, on a thing that it can be about, with keys that come with it. The engine takes
//! these as independent of each other; of the requests that show the same, one that somebody can make is
//! the better example.

use std::collections::BTreeSet;

use super::bits::Bits;
use super::clause::Clause;
use super::effort::Effort;
use super::glob::{Glob, Letter, Token, Word, word};
use super::region::{Patterns, Region};
use super::search::At;
use super::witness::Making;
use super::{Budget, texts};
use crate::analyze::cover::Scope;
use crate::analyze::evaluate::Asked;
use crate::analyze::exception;
use crate::analyze::public::KNOWN_ACTIONS;
use crate::analyze::request::{Caller, Request};
use crate::analyze::shapes::has_shape;
use crate::catalog::{self, ActionFacts, ArnPattern};
use crate::kind::Kind;
use crate::policy::{Arn, PARTITIONS, PrincipalType, can_call, is_account_id};

/// How many actions are tried.
const MOST_ACTIONS: usize = 48;

/// What the search for one example takes at most.
const BUDGET: Budget = Budget::small(4_000);

/// Other actions and things for a point outside of all `cover`, such that it stays outside, the better
/// ones first. None if there is nothing wrong with those that it has.
pub(super) fn fitting(request: &Request, point: &[&At], making: &Making<'_>) -> Vec<(String, Option<Word>)> {
    let scope = making.scope;
    let of_kind = |action: &ActionFacts| scope.kind.service().is_none_or(|own| own == action.service());
    let fits = |action: ActionFacts| {
        of_kind(&action) && takes(action, &request.resource) && comes_with(action, request)
    };
    let is_about = point.iter().any(|at| matches!(at, At::Resource(Some(_), _)));
    let known = catalog::action(&request.action);
    if known.is_some_and(|action| if is_about { fits(action) } else { of_kind(&action) }) {
        return Vec::new();
    }
    let (Some(action), resource) = coordinates(point) else { return Vec::new() };
    let search = Search { making, action, resource };
    let mut actions: Vec<ActionFacts> = search.actions(request).filter(of_kind).collect();
    // Those that come with the keys first, then those of the service of the resource.
    let service = request.resource.split(':').nth(2).unwrap_or_default();
    actions.sort_by_cached_key(|action| (!comes_with(*action, request), action.service() != service));
    let mut found: Vec<(String, Option<Word>)> = Vec::new();
    let is_unknown = request.unknown.is_some();
    let keeps = |action: &&ActionFacts| {
        (!is_about || takes(**action, &request.resource)) && search.stays(&name(**action), resource)
    };
    let kept = actions.iter().find(keeps);
    let best = kept.filter(|action| comes_with(**action, request));
    found.extend(best.map(|action| (action.name().to_owned(), None)));
    if best.is_none() && is_about && !is_unknown {
        let kept = kept.map(|action| (action.name().to_owned(), None));
        let mut effort = Effort::new(BUDGET);
        let on = |action: &ActionFacts| {
            Some((action.name().to_owned(), Some(search.thing(*action, &mut effort)?)))
        };
        found.extend(actions.iter().filter_map(on).take(4));
        found.extend(kept);
    }
    found
}

/// Why a request may not be one that can be made, as far as the catalog knows: its action is not known or cannot be about
/// the resource, or an ARN is of a partition that does not exist.
pub(super) fn doubt(request: &Request, scope: Scope<'_>) -> Option<String> {
    let Request { action, resource, .. } = request;
    if let Some(arn) = arns(request).find(|text| !is_in_partition(text)) {
        return Some(format!("`{arn}` is in a partition that does not exist"));
    }
    if let Some(Caller::Aws(caller)) = request.principal.as_ref().filter(|caller| !is_possible(caller)) {
        return Some(format!("`{caller}` is not a principal that can call"));
    }
    if let Some(reason) = exception::doubt(&Asked::new(request)) {
        return Some(reason.to_owned());
    }
    let Some(known) = catalog::action(action) else {
        return Some(format!("`{action}` is not an action that AWS documents"));
    };
    // Of actions of S3 on one of several types of resource, none is marked as required.
    let is_of_s3 = known.service() == "s3" && known.resources().next().is_some();
    let is_optional = !is_of_s3 && known.resources().all(|need| !need.required);
    // A policy that is attached to a resource is not asked about `*`: it is not known which resource that is.
    let is_open = resource == "*" && (is_optional || scope.kind.names_principal());
    (!is_open && !takes(known, resource)).then(|| format!("`{action}` does not apply to `{resource}`"))
}

/// Whether there can be such a caller.
fn is_possible(caller: &Caller) -> bool {
    match caller {
        Caller::Aws(text) => can_call(text) && is_in_partition(text),
        _ => true,
    }
}

/// Whether AWS refuses a text as a principal of a type. IAM guide, "AWS JSON policy elements: Principal"; of canonical
/// users S3 alone knows.
pub(super) fn is_refused(kind: PrincipalType, text: &str) -> bool {
    match kind {
        PrincipalType::Aws => text != "*" && !(can_call(text) && is_in_partition(text)),
        PrincipalType::Service => !has_shape(text),
        PrincipalType::Federated => text == "*",
        PrincipalType::CanonicalUser => false,
    }
}

/// What is said of such a request.
pub(super) fn told(doubt: &str) -> String {
    format!("a request that is shown may not be possible: {doubt}")
}

/// Whether a text is not an ARN, or is one of a partition that exists.
pub(super) fn is_in_partition(text: &str) -> bool {
    Arn::parse(text).is_none_or(|arn| PARTITIONS.contains(&arn.partition))
}

/// The texts of a request that are ARNs if any are: its resource, and the values of its keys.
pub(super) fn arns(request: &Request) -> impl Iterator<Item = &str> {
    let values = request.context.iter().flat_map(|(_, value)| value.values()).map(String::as_str);
    std::iter::once(request.resource.as_str()).chain(values)
}

/// The action and the thing of a point.
fn coordinates<'p>(point: &[&'p At]) -> (Option<&'p [Letter]>, Option<&'p [Letter]>) {
    let action = point.iter().find_map(|at| match at {
        At::Action(word) => Some(word.as_slice()),
        _ => None,
    });
    let resource = point.iter().find_map(|at| match at {
        At::Resource(word, _) => word.as_deref(),
        _ => None,
    });
    (action, resource)
}

/// Whether an action can be about a thing; one that is about none is asked about `*`.
fn takes(action: ActionFacts, resource: &str) -> bool {
    let mut forms = forms(action).peekable();
    if forms.peek().is_none() {
        return resource == "*";
    }
    Arn::parse(resource)
        .filter(|arn| !arn.resource.contains(['*', '?']))
        .is_some_and(|arn| forms.any(|form| has_head_of(&arn, form) && form.fits_resource(arn.resource)))
}

/// Whether all but the last segment of an ARN are of a form.
fn has_head_of(arn: &Arn<'_>, form: ArnPattern) -> bool {
    form.fits_service(arn.service)
        && form.region.is_empty() == arn.region.is_empty()
        && PARTITIONS.contains(&arn.partition)
        && match form.account.starts_with("${") {
            true => is_account_id(arn.account),
            false => form.account == "*" || form.account == arn.account,
        }
}

/// Whether a text is not an ARN, or may be one by all but its last segment, as far as the catalog has ARNs of its service.
pub(super) fn may_exist(text: &str) -> bool {
    let Some(arn) = Arn::parse(text).filter(|_| !can_call(text)) else { return true };
    let mut forms = catalog::types_in(arn.service).flat_map(|of| of.arns()).peekable();
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    match forms.peek() {
        Some(_) => forms.any(|form| has_head_of(&arn, form)),
        None => is_account_id(arn.account) || is_word(arn.account),
    }
}

/// Whether requests for an action come with all keys of this one, as far as the catalogue knows them.
fn comes_with(action: ActionFacts, request: &Request) -> bool {
    let known = request.context.iter().filter_map(|(key, _)| catalog::condition_key(key));
    known.into_iter().all(|key| catalog::takes_key(action, key))
}

/// The forms of the ARNs of what an action can be about.
fn forms(action: ActionFacts) -> impl Iterator<Item = ArnPattern> {
    let types =
        action.resources().filter_map(move |need| catalog::resource_type(action.service(), need.name));
    types.flat_map(|of| of.arns())
}

/// As the engine spells it.
fn name(action: ActionFacts) -> Word {
    word(&action.name().to_ascii_lowercase())
}

struct Search<'s, 'm> {
    making: &'s Making<'m>,
    /// Where the point is.
    action: &'s [Letter],
    resource: Option<&'s [Letter]>,
}

impl Search<'_, '_> {
    /// The actions that all asked statements take: those that they name, well-known ones, those on such a
    /// thing, others.
    fn actions(&self, request: &Request) -> impl Iterator<Item = ActionFacts> {
        let elements = self.making.focus.iter().filter_map(|region| region.statement.action.as_ref());
        let written: Vec<&str> = elements
            .filter(|element| !element.negated)
            .flat_map(|element| element.values.items.iter().map(|value| value.text.as_str()))
            .collect();
        let named = written.iter().filter_map(|text| catalog::action(text));
        let well_known = KNOWN_ACTIONS.iter().filter_map(|text| catalog::action(text));
        let service = request.resource.split(':').nth(2).unwrap_or("");
        let on_such = catalog::types_in(service).map(|of| of.service()).collect::<BTreeSet<_>>();
        let on_such =
            on_such.into_iter().flat_map(|service| catalog::actions_matching(&format!("{service}:*")));
        let is_taken = |action: &ActionFacts| {
            let word = name(*action);
            let mut asked = self.making.focus.iter().filter_map(|region| region.action.as_ref());
            asked.all(|patterns| patterns.clause().surely_holds(&word))
        };
        // Those on another thing of the service last.
        let mut on_such: Vec<ActionFacts> = on_such.filter(is_taken).collect();
        on_such.sort_by_cached_key(|action| !takes(*action, &request.resource));
        let others = written.iter().flat_map(|text| catalog::actions_matching(text));
        let mut seen = BTreeSet::new();
        let all = named.chain(well_known).filter(is_taken).chain(on_such).chain(others.filter(is_taken));
        let taken: Vec<ActionFacts> =
            all.filter(|action| seen.insert(action.name())).take(MOST_ACTIONS).collect();
        taken.into_iter()
    }

    /// Whether a covering statement keeps out of this point by its action or its thing alone.
    fn parts_here<'a>(&self, other: &'a Region<'_>) -> bool {
        let surely = |patterns: Option<&'a Patterns>, word: &[Letter]| {
            patterns.is_none_or(|patterns| patterns.clause().surely_holds(word))
        };
        let resource = self.resource.is_none_or(|word| surely(other.resource.as_ref(), word));
        !(surely(other.action.as_ref(), self.action) && resource)
    }

    /// The covering statements that an action must not meet on the same thing.
    fn in_the_way(&self, action: &[Letter]) -> impl Iterator<Item = &Region<'_>> {
        let may = |patterns: &Patterns| patterns.clause().may_hold(action);
        let others = self.making.cover.iter().copied().filter(|other| self.parts_here(other));
        others.filter(move |other| other.action.as_ref().is_none_or(may))
    }

    /// Whether the point stays outside with another action.
    fn stays(&self, action: &[Letter], resource: Option<&[Letter]>) -> bool {
        self.in_the_way(action).all(|other| match (resource, &other.resource) {
            (Some(word), Some(patterns)) => !patterns.clause().may_hold(word),
            _ => false,
        })
    }

    /// A thing of the policy's kind, where it is not known which: of the account that the policy names.
    fn own(&self) -> Option<String> {
        if self.making.scope.resource.is_some() {
            return None;
        }
        let account = self.making.all.account().unwrap_or("111111111111");
        Some(match self.making.scope.kind {
            Kind::Kms => format!("arn:aws:kms:us-east-1:{account}:key/11111111-2222-3333-4444-555555555555"),
            Kind::Sns => format!("arn:aws:sns:us-east-1:{account}:topic"),
            Kind::Sqs => format!("arn:aws:sqs:us-east-1:{account}:queue"),
            _ => return None,
        })
    }

    /// A thing that an action can be about, such that the point stays outside.
    fn thing(&self, action: ActionFacts, effort: &mut Effort) -> Option<Word> {
        let action_word = name(action);
        let others: Vec<&Region<'_>> = self.in_the_way(&action_word).collect();
        let of_api = texts::are_of_api(self.making.focus.iter().chain(self.making.cover));
        let universe = texts::universe(self.making.scope, false, of_api);
        let cover: Vec<Vec<Clause<'_>>> =
            others.iter().map(|other| other.resource.iter().map(Patterns::clause).collect()).collect();
        // The plainest first: a bucket's objects before those of its access points.
        let mut plainest: Vec<ArnPattern> = forms(action).collect();
        plainest.sort_by_key(|form| !form.region.is_empty());
        let in_partition = |partition: &&'static str| plainest.iter().map(|form| glob(*form, partition));
        let mut forms: Vec<Glob> = PARTITIONS.iter().flat_map(in_partition).collect();
        if forms.is_empty() {
            forms.push(Glob::literal("*", None));
        }
        forms.iter().find_map(|form| {
            effort.check().ok()?;
            let mut asked: Vec<Clause<'_>> = self
                .making
                .focus
                .iter()
                .filter_map(|region| region.resource.as_ref())
                .map(Patterns::clause)
                .collect();
            let own = self.own();
            let mut seeds: Vec<Word> = own.iter().map(|text| word(text)).collect();
            seeds.extend(texts::filled(&asked, &universe));
            seeds.extend(texts::filled(&[Clause { negated: false, globs: vec![form] }], &[]));
            asked.push(Clause { negated: false, globs: universe.iter().collect() });
            asked.push(Clause { negated: false, globs: vec![form] });
            let found = texts::classes(&asked, cover.clone(), &seeds, effort).ok()?;
            found.items.into_iter().find(|(bits, _): &(Bits, _)| bits.is_empty()).map(|(_, word)| word)
        })
    }
}

/// The form of some ARNs as a pattern.
fn glob(form: ArnPattern, partition: &str) -> Glob {
    let mut tokens: Vec<Token> = format!("arn:{partition}").chars().map(Token::Char).collect();
    for (segment, is_last) in
        [(form.service, false), (form.region, false), (form.account, false), (form.resource, true)]
    {
        tokens.push(Token::Char(':'));
        let mut rest = segment;
        while let Some((before, variable)) = rest.split_once("${") {
            tokens.extend(before.chars().map(Token::Char));
            match (is_last, variable.starts_with("Account}")) {
                // As the ids of APIs are.
                (true, _) if variable.starts_with("ApiId}") => tokens.extend([Token::Any; 10]),
                (true, _) => tokens.extend([Token::Any, Token::Star]),
                (false, true) => tokens.extend([Token::Digit; 12]),
                (false, false) => tokens.extend([Token::Inner, Token::InnerStar]),
            }
            rest = variable.split_once('}').map_or("", |(_, after)| after);
        }
        for character in rest.chars() {
            match character {
                // Some are listed with a star for a part that has no name.
                '*' => tokens.extend([Token::Any, Token::Star]),
                character => tokens.push(Token::Char(character)),
            }
        }
    }
    Glob { tokens }
}
