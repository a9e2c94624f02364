//! Which statements of a policy may match a request, or one that another statement matches: found by how their resources
//! begin and by whom they name, as of thousands few can.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::evaluate::{Asked, Who, api_path, is_like_api};
use super::reading::{Reading, SessionUsers};
use super::replay::is_readable;
use crate::kind::Kind;
use crate::policy::{Principal, Statement};

/// How much of a resource is looked at: two that begin alike so far may be the same.
const HEAD: usize = 256;

/// Statements by what their resources have before the first wildcard or variable, and by their principals.
#[derive(Clone, Debug, Default)]
pub(super) struct Near {
    size: usize,
    by_head: BTreeMap<String, Vec<usize>>,
    /// How long these beginnings are.
    lengths: BTreeSet<usize>,
    /// The places of those that may take any resource.
    always: Vec<usize>,
    callers: Option<Callers>,
}

impl Near {
    /// Of the statements of a policy of a kind, in whichever of some readings.
    pub fn new<'s>(
        statements: impl IntoIterator<Item = &'s Statement>,
        kind: Kind,
        readings: &[Reading],
    ) -> Self {
        let mut near = Near { callers: Callers::new(kind, readings), ..Near::default() };
        for (at, statement) in statements.into_iter().enumerate() {
            near.size += 1;
            if let Some(callers) = &mut near.callers {
                callers.add(at, statement, kind);
            }
            let Some(heads) = heads(statement, kind) else {
                near.always.push(at);
                continue;
            };
            near.lengths.extend(heads.iter().map(String::len));
            heads.into_iter().for_each(|head| near.by_head.entry(head).or_default().push(at));
        }
        near
    }

    /// The places of all that may match a request, in order.
    pub fn to_request(&self, asked: &Asked<'_>) -> Vec<usize> {
        let by_caller = self.callers.as_ref().and_then(|callers| callers.to_request(asked));
        // What a hole stands for is not told by how it begins.
        if asked.request().unknown.is_some() {
            return by_caller.map_or_else(|| (0..self.size).collect(), in_order);
        }
        // Without an ARN, only what takes everything.
        let resource = asked.resource.and(Some(&asked.request().resource));
        let text = resource.map_or(String::new(), |text| text.to_ascii_lowercase());
        let ends = self.lengths.iter().filter_map(|length| text.get(..*length));
        self.fewest(by_caller, ends.filter_map(|head| self.by_head.get(head)).collect())
    }

    /// The places of all that may have a request in common with a statement, in order.
    pub fn to_statement(&self, statement: &Statement, kind: Kind) -> Vec<usize> {
        let by_caller = self.callers.as_ref().and_then(|callers| callers.to_statement(statement, kind));
        let Some(heads) = heads(statement, kind) else {
            return by_caller.map_or_else(|| (0..self.size).collect(), in_order);
        };
        // One head must begin with the other.
        let longer = |head: &String| {
            let head = head.clone();
            let from = self.by_head.range(head.clone()..);
            from.take_while(move |(known, _)| known.starts_with(&head)).map(|(_, places)| places)
        };
        let shorter = |head: &String| {
            let head = head.clone();
            let lengths = self.lengths.range(..head.len());
            lengths.filter_map(move |length| self.by_head.get(head.get(..*length)?))
        };
        self.fewest(by_caller, heads.iter().flat_map(|head| longer(head).chain(shorter(head))).collect())
    }

    /// Those found by the caller or those found by the resource: each has all that may match.
    fn fewest<'n>(
        &'n self,
        by_caller: Option<Vec<&'n Vec<usize>>>,
        mut found: Vec<&'n Vec<usize>>,
    ) -> Vec<usize> {
        found.push(&self.always);
        let number = |found: &[&Vec<usize>]| found.iter().map(|places| places.len()).sum::<usize>();
        in_order(match by_caller {
            Some(callers) if number(&callers) < number(&found) => callers,
            _ => found,
        })
    }
}

fn in_order(found: Vec<&Vec<usize>>) -> Vec<usize> {
    let mut places: Vec<usize> = found.into_iter().flatten().copied().collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// Statements by their principals.
#[derive(Clone, Debug, Default)]
struct Callers {
    by_key: HashMap<Key, Vec<usize>>,
    /// The places of those that may take any caller.
    always: Vec<usize>,
}

/// What tells whom a principal takes from whom others do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// Everyone of an account.
    Account(String),
    /// A principal of an account, or all sessions of it: the word for its sort, account and name.
    Named(&'static str, String, String),
    /// A service or an identity provider.
    Other(&'static str, String),
    /// Not a principal: whatever names an account or one of its principals.
    Within(String),
}

impl Key {
    fn of(who: &Who<'_>) -> Option<Key> {
        match who {
            Who::Service(name) => Some(Key::Other("service", (*name).to_owned())),
            Who::Federated(name) => Some(Key::Other("provider", (*name).to_owned())),
            Who::Root(arn) => Some(Key::Account(arn.account.to_owned())),
            Who::User(arn) | Who::FederatedUser(arn, _) => {
                Some(Key::Named("user", arn.account.to_owned(), arn.name().to_owned()))
            }
            Who::Role(arn) => Some(Key::Named("role", arn.account.to_owned(), arn.name().to_owned())),
            Who::RoleSession(arn, role) => {
                Some(Key::Named("role", arn.account.to_owned(), (*role).to_owned()))
            }
            Who::Unknown | Who::Anonymous | Who::CanonicalUser(_) | Who::Other(_) => None,
        }
    }

    fn of_principal(principal: &Principal) -> Option<Key> {
        match principal {
            Principal::Account(account) => Some(Key::Account(account.clone())),
            Principal::Role(text) | Principal::User(text) | Principal::Session(text) => {
                Key::of(&Who::aws(text))
            }
            Principal::Service(name) => Key::of(&Who::Service(name)),
            Principal::Federated(name) => Key::of(&Who::Federated(name)),
            Principal::Any
            | Principal::UniqueId(_)
            | Principal::CanonicalUser(_)
            | Principal::Other(_)
            | Principal::Hole(..) => None,
        }
    }

    /// Where those are found that take in whom this takes.
    fn wider(&self) -> Vec<Key> {
        match self {
            Key::Named(_, account, _) => vec![self.clone(), Key::Account(account.clone())],
            _ => vec![self.clone()],
        }
    }

    fn account(&self) -> Option<&String> {
        match self {
            Key::Account(account) | Key::Named(_, account, _) => Some(account),
            Key::Other(..) | Key::Within(_) => None,
        }
    }
}

impl Callers {
    /// `None` where the principals do not tell: none are named, or it is open which sessions are a user's and whose
    /// account a canonical user is.
    fn new(kind: Kind, readings: &[Reading]) -> Option<Self> {
        let is_usual = |reading: &Reading| {
            reading.session_users == SessionUsers::default() && reading.canonical_user.is_none()
        };
        (kind.names_principal() && readings.iter().all(is_usual)).then(Callers::default)
    }

    fn add(&mut self, at: usize, statement: &Statement, kind: Kind) {
        let Some(keys) = keys(statement, kind) else {
            self.always.push(at);
            return;
        };
        for key in keys {
            if let Some(account) = key.account() {
                self.by_key.entry(Key::Within(account.clone())).or_default().push(at);
            }
            self.by_key.entry(key).or_default().push(at);
        }
    }

    fn to_request(&self, asked: &Asked<'_>) -> Option<Vec<&Vec<usize>>> {
        Some(self.with(&Key::of(&asked.who)?.wider()))
    }

    fn to_statement(&self, statement: &Statement, kind: Kind) -> Option<Vec<&Vec<usize>>> {
        let mut wanted = Vec::new();
        for key in keys(statement, kind)? {
            match key {
                Key::Account(account) => wanted.push(Key::Within(account)),
                key => wanted.extend(key.wider()),
            }
        }
        Some(self.with(&wanted))
    }

    fn with(&self, keys: &[Key]) -> Vec<&Vec<usize>> {
        keys.iter().filter_map(|key| self.by_key.get(key)).chain([&self.always]).collect()
    }
}

/// Whom a statement names; `None` if that says nothing of whom it matches.
fn keys(statement: &Statement, kind: Kind) -> Option<Vec<Key>> {
    if statement.effect.is_none() || !is_readable(statement, kind) {
        return None;
    }
    let element = statement.principal.as_ref().filter(|element| !element.negated)?;
    element.principals().map(|(principal, _)| Key::of_principal(&principal)).collect()
}

/// How the resources of a statement begin, in lower case; `None` if that says nothing of what it matches.
fn heads(statement: &Statement, kind: Kind) -> Option<BTreeSet<String>> {
    if statement.effect.is_none() || !is_readable(statement, kind) {
        return None;
    }
    let element = statement.resource.as_ref().filter(|element| !element.negated)?;
    element.values.items.iter().map(|value| head(value.known()?, kind)).collect()
}

fn head(text: &str, kind: Kind) -> Option<String> {
    if api_path(text, kind).is_some() || is_like_api(text, kind) {
        return None;
    }
    let is_fixed = |character: &char| character.is_ascii() && !['*', '?', '$'].contains(character);
    Some(text.chars().take_while(is_fixed).take(HEAD).collect::<String>().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::cover::Scope;
    use crate::analyze::replay::{Replay, accepts};
    use crate::analyze::request::{Caller, Request};
    use crate::parse::parse;
    use crate::policy::Policy;

    /// Whatever a statement matches, it is near to: by the evaluator, over all pairs of resources of all sorts.
    #[test]
    fn what_is_not_near_does_not_match() {
        let resources = [
            r#""Resource":"*""#,
            r#""Resource":"**""#,
            r#""Resource":"arn:aws:s3:::b""#,
            r#""Resource":"arn:aws:s3:::b/*""#,
            r#""Resource":"arn:aws:s3:::B/*""#,
            r#""Resource":["arn:aws:s3:::b?","arn:aws:s3:::c/x"]"#,
            r#""Resource":"arn:aws:s3:::${aws:username}/x""#,
            r#""Resource":"arn:aws:s3:::b/${aws:username}""#,
            r#""Resource":"arn:aws:s3""#,
            r#""Resource":"arn:*:s3:::c/*""#,
            r#""Resource":"arn:aws:s3*""#,
            r#""Resource":"*:c/x""#,
            r#""Resource":"a*""#,
            r#""Resource":{"Ref":"X"}"#,
            r#""Resource":["arn:aws:s3:::c/x",{"Ref":"X"}]"#,
            r#""NotResource":"arn:aws:s3:::b/*""#,
            r#""Resource":[]"#,
            r#""Resource":"arn:aws:s3:::\u00e9/*""#,
        ];
        let texts =
            ["*", "arn:aws:s3:::b", "arn:aws:s3:::b/x", "arn:aws:s3:::c/x", "arn:aws:s3:::\u{e9}/x", "x"];
        for kind in [Kind::Identity, Kind::Scp, Kind::S3, Kind::Endpoint] {
            let principal = if kind.names_principal() { r#""Principal":"*","# } else { "" };
            let statement =
                |resource: &&str| format!(r#"{{"Effect":"Allow",{principal}"Action":"s3:*",{resource}}}"#);
            let all: Vec<String> = resources.iter().map(statement).collect();
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, all.join(","));
            let policy = Policy::read(&parse(&text).tree, &text).0;
            let near = Near::new(&policy.statements, kind, &[]);
            let scope = Scope { kind, resource: None };
            let mut left_out = 0;
            for resource in texts {
                let request = Request {
                    action: "s3:GetObject".to_owned(),
                    resource: resource.to_owned(),
                    ..Request::default()
                };
                let places = near.to_request(&Asked::new(&request));
                let matching: Vec<usize> = (0..policy.statements.len())
                    .filter(|at| accepts(&policy.statements[*at], &request, scope) != Some(false))
                    .collect();
                assert!(matching.iter().all(|at| places.contains(at)), "{kind:?} {resource}: {places:?}");
                left_out += policy.statements.len() - places.len();
                // And each of them is near to all others that match the same.
                for at in &matching {
                    let others = near.to_statement(&policy.statements[*at], kind);
                    assert!(matching.iter().all(|other| others.contains(other)), "{kind:?} {resource} {at}");
                }
            }
            assert!(left_out > 20, "{kind:?}: {left_out}");
        }
    }

    /// The same of callers, in each reading that the statements leave open.
    #[test]
    fn whom_it_does_not_name_does_not_match() {
        let role = "arn:aws:iam::111111111111:role";
        let user = "arn:aws:iam::111111111111:user";
        let session = "arn:aws:sts::111111111111:assumed-role";
        let federated = "arn:aws:sts::111111111111:federated-user";
        let plain = [
            r#""Principal":"*""#.to_owned(),
            r#""Principal":{"AWS":"111111111111"}"#.to_owned(),
            r#""Principal":{"AWS":["222222222222","arn:aws:iam::333333333333:root"]}"#.to_owned(),
            format!(r#""Principal":{{"AWS":"{role}/a"}}"#),
            format!(r#""Principal":{{"AWS":"{role}/path/a"}}"#),
            format!(r#""Principal":{{"AWS":["{role}/b","{user}/b"]}}"#),
            format!(r#""Principal":{{"AWS":"{role}/*"}}"#),
            format!(r#""Principal":{{"AWS":"{user}/a"}}"#),
            format!(r#""Principal":{{"AWS":"{session}/a/s"}}"#),
            r#""Principal":{"AWS":"arn:aws:iam::222222222222:role/a"}"#.to_owned(),
            r#""Principal":{"AWS":"AIDACKCEVSQ6C2EXAMPLE"}"#.to_owned(),
            r#""Principal":{"Service":"sns.amazonaws.com"}"#.to_owned(),
            r#""Principal":{"Service":"*","Federated":"cognito-identity.amazonaws.com"}"#.to_owned(),
            r#""Principal":{"Service":"cognito-identity.amazonaws.com"}"#.to_owned(),
            format!(r#""NotPrincipal":{{"AWS":"{role}/a"}}"#),
            r#""Principal":{"AWS":{"Ref":"X"}}"#.to_owned(),
            format!(r#""Principal":{{"AWS":["{role}/b",{{"Ref":"X"}}]}}"#),
            r#""Principal":{}"#.to_owned(),
        ];
        let open = [
            format!(r#""Principal":{{"AWS":"{federated}/a"}}"#),
            r#""Principal":{"CanonicalUser":"79a5"}"#.to_owned(),
        ];
        let callers = [
            Caller::Aws("arn:aws:iam::111111111111:root".to_owned()),
            Caller::Aws(format!("{role}/a")),
            Caller::Aws(format!("{role}/path/a")),
            Caller::Aws(format!("{role}/b")),
            Caller::Aws(format!("{role}/*")),
            Caller::Aws(format!("{user}/a")),
            Caller::Aws(format!("{session}/a/s")),
            Caller::Aws(format!("{session}/c/s")),
            Caller::Aws(format!("{federated}/a")),
            Caller::Aws(format!("{federated}/c")),
            Caller::Aws("arn:aws:iam::222222222222:role/a".to_owned()),
            Caller::Aws("AIDACKCEVSQ6C2EXAMPLE".to_owned()),
            Caller::Service("sns.amazonaws.com".to_owned()),
            Caller::Service("cognito-identity.amazonaws.com".to_owned()),
            Caller::Federated("cognito-identity.amazonaws.com".to_owned()),
            Caller::CanonicalUser("79a5".to_owned()),
            Caller::Anonymous,
        ];
        let mut left_out = 0;
        for (effect, more, kind) in [
            ("Allow", 0, Kind::S3),
            ("Deny", 0, Kind::S3),
            ("Allow", 2, Kind::S3),
            ("Deny", 2, Kind::Kms),
            ("Allow", 0, Kind::Endpoint),
            ("Allow", 0, Kind::Rcp),
        ] {
            let statement = |principal: &String| {
                format!(r#"{{"Effect":"{effect}",{principal},"Action":"s3:*","Resource":"*"}}"#)
            };
            let all: Vec<String> = plain.iter().chain(&open[..more]).map(statement).collect();
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, all.join(","));
            let statements = Policy::read(&parse(&text).tree, &text).0.statements;
            let readings: Vec<Reading> =
                Reading::all(statements.iter(), kind).into_iter().map(|(reading, _)| reading).collect();
            let near = Near::new(&statements, kind, &readings);
            let scope = Scope { kind, resource: None };
            for (reading, caller) in
                readings.iter().flat_map(|reading| callers.iter().map(move |one| (reading, one)))
            {
                let request = Request {
                    principal: Some(caller.clone()),
                    action: "s3:GetObject".to_owned(),
                    resource: "arn:aws:s3:::b/x".to_owned(),
                    ..Request::default()
                };
                let asked = Asked::new(&request);
                let places = near.to_request(&asked);
                let matching: Vec<usize> = (0..statements.len())
                    .filter(|at| {
                        Replay::read(&statements[*at], scope, *reading).accepts(&asked) != Some(false)
                    })
                    .collect();
                assert!(matching.iter().all(|at| places.contains(at)), "{kind:?} {caller:?}: {places:?}");
                left_out += statements.len() - places.len();
                for at in &matching {
                    let others = near.to_statement(&statements[*at], kind);
                    assert!(matching.iter().all(|other| others.contains(other)), "{kind:?} {caller:?} {at}");
                    left_out += statements.len() - others.len();
                }
            }
        }
        assert!(left_out > 500, "{left_out}");
    }
}
