//! From the coordinates of a point to a request that a person can read.

use std::cell::OnceCell;

use super::check::plain;
use super::fitting::{arns, doubt, fitting, is_in_partition, may_exist};
use super::glob::{Glob, Letter, Word};
use super::keys::{Given, likely};
use super::names::{Names, Unknown};
use super::possible::{added_key, completed, contradiction, decisive, variants, via_region};
use super::region::Region;
use super::search::{At, Whom};
use super::senders::{STRANGER, is_hole};
use crate::analyze::cover::Scope;
use crate::analyze::evaluate::Asked;
use crate::analyze::exception;
use crate::analyze::request::{Caller, ContextValue, Request, UnknownResource};
use crate::analyze::shapes::shape_of;
use crate::kind::Kind;
use crate::policy::{Arn, PARTITIONS, Part, Principal, Statement, Test, Value, is_account_id};

/// What the requests of one question are made with.
pub(super) struct Making<'m> {
    pub names: &'m Names,
    pub scope: Scope<'m>,
    /// The statements that are asked about.
    pub statements: Vec<&'m Statement>,
    /// All statements of both sides.
    pub all: &'m All<'m>,
    /// Those that are asked about as boxes, and those that a request is to be outside of.
    pub focus: &'m [&'m Region<'m>],
    pub cover: &'m [&'m Region<'m>],
    /// Whether a likelier request is looked for once one is found.
    pub fits: bool,
    /// Values that variables may have, besides the likely one.
    pub values: &'m [String],
}

/// The statements of both sides, and what is asked of them all for one request after the other.
pub(super) struct All<'s> {
    pub statements: Vec<&'s Statement>,
    asks_of_resource: OnceCell<bool>,
    account: OnceCell<Option<String>>,
}

impl<'s> All<'s> {
    pub fn new(statements: Vec<&'s Statement>) -> Self {
        All { statements, asks_of_resource: OnceCell::new(), account: OnceCell::new() }
    }

    /// Whether a statement asks for something that follows from the ARN of the resource: its owner, its Region.
    fn asks_of_resource(&self) -> bool {
        const KEYS: [&str; 5] =
            ["aws:resource", "s3:resourceaccount", "aws:requestedregion", "ec2:region", "kms:viaservice"];
        let is_of_resource = |test: &Test| {
            let key = test.key.to_ascii_lowercase();
            let has = |value: &Value| {
                let text = value.text.to_ascii_lowercase();
                KEYS.iter().any(|start| text.contains(&format!("{{{start}")))
            };
            KEYS.iter().any(|start| key.starts_with(start)) || test.values.items.iter().any(has)
        };
        *self.asks_of_resource.get_or_init(|| {
            let mut tests = self.statements.iter().flat_map(|statement| &statement.conditions);
            tests.any(is_of_resource)
        })
    }

    /// The first account that is named as a whole.
    pub fn account(&self) -> Option<&str> {
        let account = self.account.get_or_init(|| {
            let named = self.statements.iter().filter_map(|statement| statement.principal.as_ref());
            named.flat_map(|element| element.principals()).find_map(|(principal, _)| match principal {
                Principal::Account(account) => Some(account),
                _ => None,
            })
        });
        account.as_deref()
    }
}

/// What a witness is to show, asked of the evaluator; `None` if it does not know.
pub(super) type Claim<'c> = &'c dyn Fn(&Asked<'_>) -> Option<bool>;

/// What came of making a request of a point.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Made {
    /// A request that can be made and shows what it is to show.
    Request(Request),
    /// Requests show it, but what they say under this key does not go with their caller or thing.
    Impossible(&'static str),
    /// The evaluator says that this one does not show it.
    Refuted(Request),
    /// There is a part in it that is not known.
    Unknown,
}

impl Making<'_> {
    /// The first request at a point that will do, over the values that variables may have.
    pub fn find(&self, point: &[&At], claim: Claim<'_>) -> Made {
        let Some(first) = request(point, self, None) else { return Made::Unknown };
        let mut worst = match self.weigh(first.clone(), claim) {
            Made::Request(request) if !self.has_impossible_value(&request) => {
                return self.made(request, point, claim);
            }
            worst => worst,
        };
        if !self.names.has_variable() {
            return worst;
        }
        if let Made::Request(_) = worst {
            worst = Made::Unknown;
        }
        // What the request says elsewhere is what a variable is most likely compared with.
        let said: Vec<String> = first.context.iter().flat_map(|(_, value)| value.values().to_vec()).collect();
        for value in said.iter().chain(self.values) {
            let Some(filled) = request(point, self, Some(value)) else { continue };
            for request in [self.bind(&filled, value), filled] {
                match self.weigh(request, claim) {
                    Made::Request(request) if !self.has_impossible_value(&request) => {
                        return self.made(request, point, claim);
                    }
                    impossible @ Made::Impossible(_) => worst = impossible,
                    Made::Request(_) | Made::Refuted(_) | Made::Unknown => {}
                }
            }
        }
        worst
    }

    /// Has the evaluator look at a request: first as the engine does, that takes keys as independent
    /// of the rest, then as one that can be made.
    fn weigh(&self, request: Request, claim: Claim<'_>) -> Made {
        match claim(&Asked::bare(&request)) {
            Some(true) => {}
            Some(false) => return Made::Refuted(request),
            None => return Made::Unknown,
        }
        let mut possible = variants(request.clone(), self.scope.kind.names_principal())
            .filter(|request| contradiction(request).is_none());
        let mut lacking = None;
        let is_shown = |request: &Request| {
            if claim(&Asked::new(request)) != Some(true) {
                return false;
            }
            // What comes along with its keys may decide.
            let why = match completed(request) {
                Ok(whole) if whole == *request || claim(&Asked::new(&whole)) == Some(true) => return true,
                Ok(whole) => added_key(request, &whole),
                Err(key) => key,
            };
            lacking = Some(why);
            false
        };
        match possible.find(is_shown) {
            Some(request) => Made::Request(request),
            None => Made::Impossible(lacking.unwrap_or_else(|| decisive(&request, claim))),
        }
    }

    /// A resource of which only the hole that takes it is known, where there is one whatever the hole is filled in with: an
    /// ARN that looks like it, and the hole.
    fn unknown(&self, word: &[Letter]) -> Option<(String, UnknownResource)> {
        // Other policies of resources are written in what they are about, which they cannot refer to.
        let is_apart = matches!(self.scope.kind, Kind::Sns | Kind::Sqs | Kind::S3);
        if self.scope.kind.names_principal() && !is_apart
            || !word.iter().any(|letter| self.is_of_hole(*letter))
        {
            return None;
        }
        let statements = self.statements.iter().chain(&self.all.statements);
        let elements = statements.filter_map(|statement| Some((statement, statement.resource.as_ref()?)));
        let mut holes = elements.flat_map(|(statement, element)| {
            let holes = element.values.items.iter().filter_map(|value| value.hole.as_ref());
            holes.map(|hole| (hole, statement.variables))
        });
        let mut names = self.names.clone();
        let (hole, _) =
            holes.find(|(hole, variables)| Glob::hole(hole, *variables, &mut names).takes(word))?;
        let like = match hole.parts.as_slice() {
            // An attribute of what the policy is attached to, or of something in it.
            [Part::Attribute(_), rest @ ..] => {
                let rest = match rest {
                    [] => "",
                    [Part::Literal(rest)] => rest,
                    _ => return None,
                };
                format!("{}{}", self.attached()?, rest.replace(['*', '?'], "other"))
            }
            parts if parts.iter().any(|part| matches!(part, Part::Unknown(_))) => return None,
            _ => word.iter().map(|letter| self.like(*letter)).collect::<Option<String>>()?,
        };
        let is_of_service = |own: &str| Arn::parse(&like).is_some_and(|arn| arn.service == own);
        if !self.scope.kind.service().is_none_or(is_of_service) {
            return None;
        }
        Some((like, UnknownResource { name: hole.name.clone(), label: hole.label.clone() }))
    }

    fn is_of_hole(&self, letter: Letter) -> bool {
        let (Letter::Variable(number) | Letter::Segment(number)) = letter else { return false };
        matches!(self.names.get(number), Some(Unknown::Hole { .. } | Unknown::Segment(_)))
    }

    /// A text like what a letter of a resource stands for; `None` for policy variables.
    fn like(&self, letter: Letter) -> Option<String> {
        let number = match letter {
            Letter::Char(character) => return Some(character.to_string()),
            Letter::Variable(number) | Letter::Segment(number) => number,
        };
        Some(match self.names.get(number)? {
            Unknown::Variable(..) => return None,
            Unknown::Hole { .. } => "other".to_owned(),
            Unknown::Segment(name) => match name.as_str() {
                "AWS::Partition" => PARTITIONS[0],
                "AWS::Region" => "us-east-1",
                "AWS::AccountId" => STRANGER,
                _ => "other",
            }
            .to_owned(),
        })
    }

    /// An ARN like that of what the policy is attached to.
    fn attached(&self) -> Option<String> {
        Some(match self.scope.kind {
            Kind::Sns | Kind::Sqs | Kind::S3 if let Some(own) = self.scope.resource => own.to_owned(),
            Kind::Sns => format!("arn:aws:sns:us-east-1:{STRANGER}:topic"),
            Kind::Sqs => format!("arn:aws:sqs:us-east-1:{STRANGER}:queue"),
            Kind::S3 => "arn:aws:s3:::bucket".to_owned(),
            _ => return None,
        })
    }

    /// Whether a policy variable has a value in a request that its key never has, or an ARN is none that can be.
    fn has_impossible_value(&self, request: &Request) -> bool {
        let mut keys = self.names.keys();
        let values = |key: &str| request.context.get(key).map(|value| value.values().to_vec());
        keys.any(|key| {
            let shape = shape_of(key);
            let is_odd = |value: &String| shape.is_some_and(|shape| !shape.fits(value, false));
            values(key).is_some_and(|values| values.iter().any(is_odd))
        }) || self.names.has_variable() && arns(request).any(|text| !may_exist(text))
    }

    /// The likeliest request that shows what this one shows. On a resource that is not known it shows nothing if the call is
    /// not about such a thing.
    fn made(&self, found: Request, point: &[&At], claim: Claim<'_>) -> Made {
        let request = self.fitted(found, point, claim);
        match request.unknown.is_some() && doubt(&request, self.scope).is_some() {
            true => Made::Unknown,
            false => Made::Request(request),
        }
    }

    /// The request, or a likelier one that shows the same.
    fn fitted(&self, found: Request, point: &[&At], claim: Claim<'_>) -> Request {
        if !self.fits {
            return found;
        }
        let is_shown =
            |request: &Request| contradiction(request).is_none() && claim(&Asked::new(request)) == Some(true);
        let found = in_a_partition(&found).into_iter().find(is_shown).unwrap_or(found);
        for (action, thing) in fitting(&found, point, self) {
            let mut request = Request { action: as_written(&action, &self.statements), ..found.clone() };
            if let Some(word) = thing {
                let Some(resource) = text(&word, self.names, &mut request, None) else { continue };
                request.resource = of_owner(&request, resource);
            }
            if is_shown(&request) {
                return request;
            }
        }
        found
    }

    /// The request with a value for every variable of which it says nothing.
    fn bind(&self, request: &Request, value: &str) -> Request {
        let mut bound = request.clone();
        for key in self.names.keys().filter(|key| request.context.get(key).is_none()) {
            bound.context.insert(key, ContextValue::One(value.to_owned()));
        }
        bound
    }
}

/// The same resource of the account that a request says is the owner, and of the Region that it says is called, if its ARN
/// has these.
fn of_owner(request: &Request, resource: String) -> String {
    let given = |key: &str| match request.context.get(key).map(ContextValue::values) {
        Some([given]) => Some(given.as_str()),
        _ => None,
    };
    let Some(Arn { partition, service, region, account, resource: last }) = Arn::parse(&resource) else {
        return resource;
    };
    let account = given("aws:ResourceAccount").filter(|_| is_account_id(account)).unwrap_or(account);
    let called = given("aws:RequestedRegion").or(via_region(request));
    let region = called.filter(|_| !region.is_empty()).unwrap_or(region);
    format!("arn:{partition}:{service}:{region}:{account}:{last}")
}

/// The request with a partition that exists in place of those that do not: with each of them.
fn in_a_partition(request: &Request) -> Vec<Request> {
    if arns(request).all(is_in_partition) {
        return Vec::new();
    }
    let moved = |text: &str, partition: &str| match Arn::parse(text).filter(|_| !is_in_partition(text)) {
        Some(Arn { service, region, account, resource, .. }) => {
            format!("arn:{partition}:{service}:{region}:{account}:{resource}")
        }
        None => text.to_owned(),
    };
    let of = |partition: &str| {
        let mut request = Request { resource: moved(&request.resource, partition), ..request.clone() };
        let keys: Vec<(String, ContextValue)> =
            request.context.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
        for (key, value) in keys {
            let value = match value {
                ContextValue::One(text) => ContextValue::One(moved(&text, partition)),
                ContextValue::Many(texts) => {
                    ContextValue::Many(texts.iter().map(|text| moved(text, partition)).collect())
                }
            };
            request.context.insert(key, value);
        }
        request
    };
    PARTITIONS.into_iter().map(of).collect()
}

/// Values that variables may have: parts of what the statements say, and a few besides.
pub(super) fn values<'s>(statements: impl Iterator<Item = &'s Statement> + Clone) -> Vec<String> {
    let resources =
        statements.clone().filter_map(|statement| statement.resource.as_ref()).map(|element| &element.values);
    let tests = statements.flat_map(|statement| &statement.conditions).map(|test| &test.values);
    let texts = resources.chain(tests).flat_map(|values| &values.items).map(|value| value.text.as_str());
    let parts = texts.flat_map(|text| {
        let rests = text.match_indices(['/', ':']).filter_map(|(at, _)| text.get(at + 1..));
        std::iter::once(text).chain(text.split(['/', ':'])).chain(rests)
    });
    let mut values = vec!["someone".to_owned(), likely("aws:principalarn").to_owned()];
    // An ARN, and what is behind each of its colons.
    let arn = likely("aws:sourcearn");
    values.push(arn.to_owned());
    values.extend(arn.match_indices(':').filter_map(|(at, _)| arn.get(at + 1..)).map(str::to_owned));
    for part in parts.filter(|part| !part.is_empty() && !part.contains(['$', '*', '?'])) {
        if values.len() >= MOST_VALUES {
            break;
        }
        if !values.iter().any(|value| value == part) {
            values.push(part.to_owned());
        }
    }
    values.push(String::new());
    values
}

/// How many values of variables are tried.
const MOST_VALUES: usize = 32;

/// The request at a point; `None` if it has a part that only a template knows. Variables of which
/// nothing is said get `variable`, or a likely value.
fn request(point: &[&At], making: &Making<'_>, variable: Option<&str>) -> Option<Request> {
    let (names, scope, statements) = (making.names, making.scope, making.statements.as_slice());
    let text = |word: &[Letter], request: &mut Request| text(word, names, request, variable);
    let mut request = Request::default();
    let mut keys: Vec<(&String, &Given)> = Vec::new();
    let mut arns = None;
    for at in point {
        match at {
            At::Caller(whom, said) => {
                match whom {
                    Some(Whom::One(caller)) if is_hole(caller) => return None,
                    Some(Whom::One(caller)) => request.principal = Some(caller.clone()),
                    Some(Whom::Arn(arn)) => arns = Some(arn),
                    None => {}
                }
                keys.extend(said.iter().map(|(name, given)| (name, given)));
            }
            At::Key(name, given) => keys.push((name, given)),
            At::Resource(_, owner) => keys.extend(owner.iter().map(|(name, given)| (name, given))),
            At::Action(_) => {}
        }
    }
    keys.sort();
    // Plain values first: variables take theirs from them.
    for (name, given) in &keys {
        if let Some(value) = value(given, |word| plain(word)) {
            request.context.insert(name.as_str(), value);
        }
    }
    for (name, given) in &keys {
        if request.context.get(name).is_none()
            && let Some(value) = value(given, |word| text(word, &mut request))
        {
            request.context.insert(name.as_str(), value);
        }
        if **given != Given::Nothing && request.context.get(name).is_none() {
            return None;
        }
    }
    if let Some(arn) = arns {
        request.principal = Some(Caller::Aws(text(arn, &mut request)?));
    }
    for at in point {
        match at {
            At::Action(word) => request.action = as_written(&text(word, &mut request)?, statements),
            At::Resource(Some(word), _) => match making.unknown(word) {
                Some((resource, unknown)) => {
                    (request.resource, request.unknown) = (resource, Some(unknown));
                    // On some calls, only the account of the resource decides.
                    if making.all.asks_of_resource() || exception::of_owner(&request.action).is_some() {
                        return None;
                    }
                }
                None => request.resource = text(word, &mut request)?,
            },
            At::Resource(None, _) => request.resource = own(scope),
            At::Caller(..) | At::Key(..) => {}
        }
    }
    Some(request)
}

fn value(given: &Given, mut text: impl FnMut(&Word) -> Option<String>) -> Option<ContextValue> {
    match given {
        Given::Nothing => None,
        Given::One(word) => text(word).map(ContextValue::One),
        Given::Many(words) => words.iter().map(text).collect::<Option<_>>().map(ContextValue::Many),
    }
}

/// A word with its variables filled in: from the request, or with a likely value that it then has.
fn text(word: &[Letter], names: &Names, request: &mut Request, variable: Option<&str>) -> Option<String> {
    let mut text = String::new();
    for letter in word {
        match letter {
            Letter::Char(character) => text.push(*character),
            Letter::Variable(number) | Letter::Segment(number) => {
                // What a hole is filled in with is not known.
                let unknown = names.get(*number)?;
                let key = unknown.key()?;
                let known = request.context.get(key).map(|value| value.values().to_vec());
                match known.as_deref() {
                    Some([value]) => text.push_str(value),
                    Some(_) => return None,
                    None if let Some(default) = unknown.default().filter(|_| variable.is_none()) => {
                        text.push_str(default);
                    }
                    None => {
                        let likely = || match likely_variable(key, request.principal.as_ref()) {
                            // An ARN is not a part of another text.
                            arn if word.len() > 1 && Arn::parse(&arn).is_some() => "other".to_owned(),
                            likely => likely,
                        };
                        let value = variable.map_or_else(likely, str::to_owned);
                        text.push_str(&value);
                        request.context.insert(key, ContextValue::One(value));
                    }
                }
            }
        }
    }
    Some(text)
}

fn likely_variable(key: &str, caller: Option<&Caller>) -> String {
    let arn = match caller {
        Some(Caller::Aws(arn)) => arn,
        _ => "",
    };
    match (key, Arn::parse(arn)) {
        ("aws:principalaccount", Some(arn)) => arn.account.to_owned(),
        ("aws:username", Some(user)) if user.after("user").is_some() => user.name().to_owned(),
        _ => likely(key).to_owned(),
    }
}

/// An action as a policy spells it, if one does.
fn as_written(action: &str, statements: &[&Statement]) -> String {
    let known = crate::analyze::public::KNOWN_ACTIONS.iter().copied();
    let written = statements
        .iter()
        .filter_map(|statement| statement.action.as_ref())
        .flat_map(|element| &element.values.items)
        .map(|value| value.text.as_str());
    written.chain(known).find(|text| text.eq_ignore_ascii_case(action)).unwrap_or(action).to_owned()
}

/// What a policy is attached to whose statements do not say.
fn own(scope: Scope<'_>) -> String {
    match (scope.resource, scope.kind) {
        (Some(resource), _) => resource.to_owned(),
        (None, Kind::Trust) => format!("arn:aws:iam::{STRANGER}:role/this"),
        (None, Kind::Ecr) => format!("arn:aws:ecr:us-east-1:{STRANGER}:repository/this"),
        (None, _) => "*".to_owned(),
    }
}
