//! The dimension of principals: no wildcards, so finitely many callers tell all statements apart.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Notion;
use super::bits::{Bits, Classes};
use super::effort::{Effort, Exhausted, Held, keep, step};
use super::region::Region;
use super::senders::{self, Sender, hole, is_hole};
use crate::analyze::direct::star_is_enough;
use crate::analyze::evaluate::is_held_by_arn;
use crate::analyze::reading::{CanonicalUser, Exceptions, SessionUsers};
use crate::analyze::request::Caller;
use crate::policy::{Arn, Principal, PrincipalElement, PrincipalType, is_account_id};

/// The steps of asking whether a statement names a caller.
const LOOKED_UP: usize = 5;

/// What the caller is when an entry for it is looked for.
#[derive(Clone, Debug)]
struct Atom<'s> {
    sender: &'s Sender,
    how: How,
}

/// How the asked statement reaches a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
enum How {
    /// As one of everyone, or of everyone with one of some `aws:PrincipalArn`s.
    Everyone { by_arn: bool },
    /// As one of the account that it names: the account's own policies decide.
    Account(String),
    /// By this entry.
    Named(PrincipalType, Principal),
}

impl How {
    /// The keys of the entries that grant as directly.
    fn keys(&self) -> Vec<Key> {
        match self {
            How::Everyone { .. } => Vec::new(),
            How::Account(account) => vec![Key::Account(account.clone())],
            How::Named(_, name) => keys_of_entry(name),
        }
    }
}

/// Who a statement names, found by what is in the entries: of a list of thousands, few can take in any one caller, and
/// each list is asked about each caller.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    negated: bool,
    /// The effect decides how closely it is looked at.
    denies: bool,
    /// Whom it leaves out where it is for all but some.
    exceptions: Exceptions,
    /// Whether an account is its root user alone, and no other AWS principal but `*` is met.
    gateway: bool,
    /// The canonical user that is the caller's account, if one is.
    user: Option<CanonicalUser>,
    /// Whose sessions of federated users are those of a user.
    sessions: SessionUsers,
    /// Whether `*` leaves out users of identity providers.
    named_providers: bool,
    /// Whether it is for everyone with one of some `aws:PrincipalArn`s.
    by_arn: bool,
    has_hole: bool,
    /// Once each.
    entries: Vec<(PrincipalType, Principal)>,
    /// The places of the entries by [`keys_of_entry`].
    places: HashMap<Key, Vec<usize>>,
    /// All, with the partitions that are written.
    named: Vec<(Principal, Option<String>)>,
    /// The places of those by the keys of the callers that they name, too.
    links: HashMap<Key, Vec<usize>>,
}

/// What an entry and a caller that it takes in have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    /// Everyone.
    Any,
    /// The same text.
    Name(String),
    /// The same account.
    Account(String),
    /// An owner of sessions: the word for them, account and name.
    Owner(&'static str, String, String),
}

impl Listed {
    /// Of a statement that names somebody.
    pub fn new(element: &PrincipalElement, region: &Region<'_>) -> Self {
        let (denies, user, sessions) =
            (region.statement.denies(), region.canonical_user, region.session_users);
        let mut seen = HashSet::new();
        let entries: Vec<_> = entries(element).filter(|entry| seen.insert(entry.clone())).collect();
        let mut places: HashMap<Key, Vec<usize>> = HashMap::new();
        for (at, (_, entry)) in entries.iter().enumerate() {
            keys_of_entry(entry).into_iter().for_each(|key| places.entry(key).or_default().push(at));
            // Such an entry takes callers that have nothing else in common with it.
            let is_wide = match entry {
                Principal::CanonicalUser(_) | Principal::Account(_) => user.is_some(),
                Principal::User(_) => sessions == SessionUsers::Everyone,
                _ => false,
            };
            if is_wide {
                places.entry(Key::Any).or_default().push(at);
            }
        }
        let has_hole = entries.iter().any(|(_, entry)| matches!(entry, Principal::Hole(..)));
        let partition = |text: &str| Arn::parse(text).map(|arn| arn.partition.to_owned());
        let named: Vec<(Principal, Option<String>)> =
            element.principals().map(|(entry, value)| (entry, partition(&value.text))).collect();
        let mut links: HashMap<Key, Vec<usize>> = HashMap::new();
        for (at, (entry, _)) in named.iter().enumerate() {
            keys_of_named(entry).into_iter().for_each(|key| links.entry(key).or_default().push(at));
        }
        Listed {
            negated: element.negated,
            denies,
            exceptions: region.exceptions,
            gateway: region.gateway,
            user,
            sessions,
            named_providers: region.named_providers && !denies,
            by_arn: is_held_by_arn(region.statement),
            has_hole,
            entries,
            places,
            named,
            links,
        }
    }

    /// The keys that each caller who is one of those named has one of; `None` if others may be, too.
    fn keys(&self) -> Option<HashSet<Key>> {
        let is_open = self.negated || self.user.is_some() || self.places.contains_key(&Key::Any);
        let keys = self.named.iter().flat_map(|(entry, _)| match entry {
            Principal::Account(_) => keys_of_entry(entry),
            // That one of an account is named says nothing of the others.
            _ => {
                let mut keys = keys_of_named(entry);
                keys.retain(|key| !matches!(key, Key::Account(_)));
                keys
            }
        });
        (!is_open).then(|| keys.collect())
    }

    /// The entries that name somebody who has one of these keys, or nobody knows whom.
    fn linked(&self, keys: &HashSet<Key>) -> impl Iterator<Item = &(Principal, Option<String>)> {
        let holes =
            self.named.iter().enumerate().filter(|(_, (entry, _))| matches!(entry, Principal::Hole(..)));
        let holes = holes.filter(|_| self.has_hole).map(|(at, _)| at);
        let found: BTreeSet<usize> =
            keys.iter().filter_map(|key| self.links.get(key)).flatten().copied().chain(holes).collect();
        found.into_iter().map(|at| &self.named[at])
    }

    /// The entries that have one of these keys: all others take in none who has no other key.
    fn with<'a>(&'a self, keys: &[Key]) -> impl Iterator<Item = &'a (PrincipalType, Principal)> + use<'a> {
        let found: BTreeSet<usize> =
            keys.iter().filter_map(|key| self.places.get(key)).flatten().copied().collect();
        found.into_iter().map(|at| &self.entries[at])
    }

    /// Whether a caller is one of those of the statement. Where that depends on what a hole will be, it is not, or
    /// with `perhaps` it is.
    fn takes(&self, caller: &Called<'_>, perhaps: bool) -> bool {
        match self.negated {
            true if perhaps && is_hole(caller.caller) => true,
            true if !perhaps && (is_hole(caller.caller) || self.has_hole) => false,
            false if perhaps && is_hole(caller.caller) => true,
            true if self.exceptions != Exceptions::ByAnyLevel => !self.spares(caller),
            _ => self.accepts(caller),
        }
    }
}

/// The covering statements by the keys of their entries: of thousands, few can take in any one caller.
struct Near<'c> {
    by_key: HashMap<&'c Key, Vec<usize>>,
    /// Those that may take in a caller that has no key in common with an entry.
    always: Vec<usize>,
}

/// How many covering statements are looked at one by one.
const FEW: usize = 8;

impl<'c> Near<'c> {
    fn new(cover: &[Option<&'c Listed>]) -> Self {
        let mut near = Near { by_key: HashMap::new(), always: Vec::new() };
        for (at, listed) in cover.iter().enumerate() {
            match listed {
                Some(listed) if !listed.negated && cover.len() > FEW => {
                    step(listed.places.len());
                    listed.places.keys().for_each(|key| near.by_key.entry(key).or_default().push(at));
                }
                _ => near.always.push(at),
            }
        }
        near
    }

    /// The places of those that may take in a caller who is looked for by these keys.
    fn with(&self, keys: &[Key]) -> Vec<usize> {
        let found = keys.iter().filter_map(|key| self.by_key.get(key)).flatten();
        found.chain(&self.always).copied().collect()
    }
}

/// A caller with its keys.
struct Called<'c> {
    caller: &'c Caller,
    keys: Vec<Key>,
}

impl<'c> Called<'c> {
    fn new(caller: &'c Caller) -> Self {
        Called { caller, keys: keys_of_caller(caller) }
    }
}

/// The keys by which an entry is found.
fn keys_of_entry(entry: &Principal) -> Vec<Key> {
    let owner = |text: &str, word| {
        let session =
            Arn::parse(text).map(|arn| Key::Owner(word, arn.account.to_owned(), arn.name().to_owned()));
        [Key::Name(text.to_owned())].into_iter().chain(session).collect()
    };
    match entry {
        Principal::Any => vec![Key::Any],
        Principal::Hole(kind, name) => {
            keys_of_caller(&hole(*kind, name)).into_iter().filter(|key| *key != Key::Any).collect()
        }
        Principal::Account(account) => vec![Key::Account(account.clone())],
        Principal::Role(text) => owner(text, "assumed-role"),
        Principal::User(text) => owner(text, "federated-user"),
        Principal::Service(name)
        | Principal::Federated(name)
        | Principal::CanonicalUser(name)
        | Principal::Session(name)
        | Principal::UniqueId(name)
        | Principal::Other(name) => vec![Key::Name(name.clone())],
    }
}

/// The keys of an entry and of the callers that it names, but for everyone's.
fn keys_of_named(entry: &Principal) -> Vec<Key> {
    let mut keys = keys_of_entry(entry);
    keys.extend(senders::named(entry).iter().flat_map(|sender| keys_of_caller(&sender.caller)));
    keys.retain(|key| *key != Key::Any);
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The keys of the entries that may take in a caller.
fn keys_of_caller(caller: &Caller) -> Vec<Key> {
    let mut keys = vec![Key::Any];
    match caller {
        Caller::Anonymous => {}
        Caller::Service(name) | Caller::Federated(name) | Caller::CanonicalUser(name) => {
            keys.push(Key::Name(name.clone()));
        }
        Caller::Aws(text) => {
            keys.push(Key::Name(text.clone()));
            keys.extend(member_of(text).map(|account| Key::Account(account.to_owned())));
            for word in ["assumed-role", "federated-user"] {
                let session = Arn::parse(text).filter(|arn| arn.service == "sts");
                let owner = session.and_then(|arn| {
                    let name = arn.after(word).map(|rest| rest.split('/').next().unwrap_or(rest))?;
                    Some(Key::Owner(word, arn.account.to_owned(), name.to_owned()))
                });
                keys.extend(owner);
            }
        }
    }
    keys
}

/// Those who are named anywhere, with the partitions that are written, as far as they tell callers of the asked statements
/// apart: of thousands that a statement lists, few are named by another one.
pub(super) fn named<'f>(
    focus: &[Option<&'f Listed>],
    cover: &[Option<&'f Listed>],
) -> Vec<&'f (Principal, Option<String>)> {
    let keys = focus.iter().flatten().find_map(|listed| listed.keys());
    let all = focus.iter().chain(cover).flatten();
    match keys {
        Some(keys) => all.flat_map(|listed| listed.linked(&keys)).collect(),
        None => all.flat_map(|listed| &listed.named).collect(),
    }
}

/// Adds the sets of covering statements that callers of the asked statements are in.
pub(super) fn classes(
    focus: &[Option<&Listed>],
    cover: &[Option<&Listed>],
    notion: Notion,
    senders: &[Sender],
    mut found: Classes<Caller>,
    effort: &Effort,
) -> Result<Classes<Caller>, Exhausted> {
    for (bits, sender) in each(focus, cover, notion, senders, effort)? {
        effort.check()?;
        found.add(bits, || sender.caller.clone());
    }
    Ok(found)
}

/// Of each caller of the asked statements, the covering statements that it is in.
pub(super) fn each<'s>(
    focus: &[Option<&Listed>],
    cover: &[Option<&Listed>],
    notion: Notion,
    senders: &'s [Sender],
    effort: &Effort,
) -> Result<Vec<(Bits, &'s Sender)>, Exhausted> {
    let mut found = Vec::new();
    let near = Near::new(cover);
    for atom in atoms(focus, notion, senders) {
        let caller = Called::new(&atom.sender.caller);
        step(1);
        effort.check()?;
        if !focus.iter().flatten().all(|listed| listed.takes(&caller, true)) {
            continue;
        }
        let mut bits = Bits::none(cover.len());
        let mut keys = caller.keys.clone();
        keys.extend(atom.how.keys());
        let near = near.with(&keys);
        step(near.len() * LOOKED_UP + cover.len() / 64);
        keep(size_of::<(Bits, &Sender)>() + bits.held());
        effort.check()?;
        for at in near {
            let covers = match cover[at] {
                // Everyone is one of those of a statement that names no one.
                None => true,
                Some(listed) if notion == Notion::Direct && !listed.denies => listed.grants(&atom, &caller),
                Some(listed) => listed.takes(&caller, false),
            };
            if covers {
                bits.insert(at);
            }
        }
        found.push((bits, atom.sender));
    }
    Ok(found)
}

impl Listed {
    /// Whether a caller is one of those of the element.
    fn accepts(&self, caller: &Called<'_>) -> bool {
        self.with(&caller.keys).any(|(kind, entry)| self.matches(*kind, entry, caller.caller)) != self.negated
    }

    /// Whether a `NotPrincipal` that is asked for each level of a caller leaves it out: only if each of its levels is listed, a session
    /// with its role and its account, a user with the account; or, in another reading, if it is listed.
    fn spares(&self, caller: &Called<'_>) -> bool {
        let listed = |wanted: fn(&Principal) -> bool| {
            let mut found = self.with(&caller.keys);
            found.any(|(kind, entry)| wanted(entry) && self.matches(*kind, entry, caller.caller))
        };
        if listed(|entry| *entry == Principal::Any) {
            return true;
        }
        let account = || listed(|entry| matches!(entry, Principal::Account(_) | Principal::CanonicalUser(_)));
        let owner = || listed(|entry| matches!(entry, Principal::Role(_) | Principal::User(_)));
        let session = || listed(|entry| matches!(entry, Principal::Session(_)));
        match caller.caller {
            Caller::Aws(text) if member_of(text).is_some() => {
                match Principal::new(PrincipalType::Aws, text) {
                    Principal::Account(_) => account(),
                    _ if self.exceptions == Exceptions::ByItself => owner() || session(),
                    Principal::Role(_) | Principal::User(_) => account() && owner(),
                    _ => account() && owner() && session(),
                }
            }
            _ => listed(|_| true),
        }
    }

    /// Whether an entry takes in a caller; also, where it is known which canonical user is the caller's account, by that, and
    /// a session of a federated user as it is read.
    fn matches(&self, kind: PrincipalType, entry: &Principal, caller: &Caller) -> bool {
        let is_met = match entry {
            Principal::Any | Principal::Hole(..) => true,
            Principal::Account(_) => matches!(caller, Caller::Aws(arn) if arn.ends_with(":root")),
            _ => false,
        };
        if self.gateway && kind == PrincipalType::Aws && !is_met {
            return false;
        }
        let is_user = |id: &str| self.user.is_some_and(|user| user.is(id));
        if let (Principal::User(user), Caller::Aws(session)) = (entry, caller)
            && let (Some(user), Some(session)) = (Arn::parse(user), Arn::parse(session))
            && session.service == "sts"
            && session.after("federated-user").is_some()
        {
            return session.account == user.account
                && match self.sessions {
                    SessionUsers::Namesake => session.name() == user.name(),
                    SessionUsers::NoOne => false,
                    SessionUsers::Everyone => true,
                };
        }
        if let (Principal::Any, PrincipalType::Aws, Caller::Federated(_)) = (entry, kind, caller) {
            return !self.named_providers;
        }
        matches(kind, entry, caller)
            || match (entry, caller) {
                (Principal::CanonicalUser(id), Caller::Aws(caller)) => {
                    is_user(id) && member_of(caller).is_some()
                }
                (Principal::Account(_), Caller::CanonicalUser(id)) => is_user(id),
                _ => false,
            }
    }

    /// Whether the element grants to a caller at least as directly as the asked statement does.
    fn grants(&self, atom: &Atom<'_>, caller: &Called<'_>) -> bool {
        // What `*` grants, whether or not a boundary or session policy limits it.
        let by_star = match &atom.how {
            How::Everyone { by_arn } => self.by_arn || !by_arn,
            How::Account(_) => true,
            How::Named(_, name) => star_is_enough(name, self.by_arn),
        };
        if self.negated {
            let is_other = matches!(&atom.how, How::Named(kind, _) if *kind != PrincipalType::Aws);
            let is_known = !is_hole(caller.caller) && !self.has_hole;
            return (by_star || is_other) && is_known && self.takes(caller, false);
        }
        let mut keys = caller.keys.clone();
        keys.extend(atom.how.keys());
        self.with(&keys).any(|(kind, entry)| match &atom.how {
            // A star is not limited by the implicit deny of a boundary or session policy, and outlives the
            // principal: a name does not grant as much, whoever the conditions leave.
            How::Everyone { .. } => {
                by_star && *entry == Principal::Any && matches(*kind, entry, caller.caller)
            }
            How::Account(account) => match entry {
                Principal::Any => *kind == PrincipalType::Aws,
                Principal::Account(entry) => entry == account,
                _ => false,
            },
            How::Named(..) if *entry == Principal::Any && *kind == PrincipalType::Aws => {
                // That a star stands for a service, too, is not written: good enough to see what a Deny
                // hits, not to leave a grant out.
                by_star && matches!(caller.caller, Caller::Aws(_))
            }
            How::Named(of, Principal::Any) => *entry == Principal::Any && kind == of,
            How::Named(_, name) => {
                entry == name || (*entry == Principal::Any && matches(*kind, entry, caller.caller))
            }
        })
    }
}

/// The account that a user, role, session or root user belongs to.
fn member_of(caller: &str) -> Option<&str> {
    let arn = Arn::parse(caller).filter(|arn| is_account_id(arn.account))?;
    let word = arn.resource.split('/').next().unwrap_or("");
    let is_member = match arn.service {
        "iam" => ["root", "user", "role"].contains(&word),
        "sts" => ["assumed-role", "federated-user"].contains(&word),
        _ => false,
    };
    is_member.then_some(arn.account)
}

fn entries(element: &PrincipalElement) -> impl Iterator<Item = (PrincipalType, Principal)> {
    element.entries.iter().flat_map(|entry| {
        let values = entry.values.items.iter();
        values.map(move |value| (entry.kind, Principal::of(entry, value)))
    })
}

/// Whether an entry takes in a caller.
fn matches(kind: PrincipalType, entry: &Principal, caller: &Caller) -> bool {
    match (entry, caller) {
        (Principal::Any, Caller::Service(_)) => matches!(kind, PrincipalType::Service | PrincipalType::Aws),
        (Principal::Any, Caller::Federated(_)) => {
            matches!(kind, PrincipalType::Federated | PrincipalType::Aws)
        }
        (Principal::Any, Caller::CanonicalUser(_)) => {
            matches!(kind, PrincipalType::CanonicalUser | PrincipalType::Aws)
        }
        (Principal::Any, Caller::Aws(_) | Caller::Anonymous) => kind == PrincipalType::Aws,
        (Principal::Hole(kind, name), caller) => *caller == hole(*kind, name),
        (Principal::Service(name), Caller::Service(caller)) => name == caller,
        (Principal::Federated(name), Caller::Federated(caller)) => name == caller,
        (Principal::CanonicalUser(name), Caller::CanonicalUser(caller)) => name == caller,
        (Principal::Account(account), Caller::Aws(caller)) => member_of(caller) == Some(account),
        (Principal::Role(role), Caller::Aws(caller)) => {
            role == caller || is_session_of(caller, role, "assumed-role")
        }
        (Principal::User(user), Caller::Aws(caller)) => {
            user == caller || is_session_of(caller, user, "federated-user")
        }
        (
            Principal::Session(name) | Principal::UniqueId(name) | Principal::Other(name),
            Caller::Aws(caller),
        ) => name == caller,
        _ => false,
    }
}

/// Whether `caller` is a session of a role, or of a user under whose name it was federated.
fn is_session_of(caller: &str, owner: &str, word: &str) -> bool {
    let (Some(session), Some(owner)) = (Arn::parse(caller), Arn::parse(owner)) else { return false };
    let name = session.after(word).map(|rest| rest.split('/').next().unwrap_or(rest));
    session.service == "sts" && session.account == owner.account && name == Some(owner.name())
}

fn atoms<'s>(focus: &[Option<&Listed>], notion: Notion, senders: &'s [Sender]) -> Vec<Atom<'s>> {
    let everyone = || {
        let atom = |sender| Atom { sender, how: How::Everyone { by_arn: false } };
        senders.iter().map(atom).collect::<Vec<_>>()
    };
    // Only a single Allow is asked about how directly it grants.
    let [Some(listed)] = focus else { return everyone() };
    if notion == Notion::Access || listed.negated || listed.denies {
        return everyone();
    }
    let mut by_key: HashMap<Key, Vec<usize>> = HashMap::new();
    for (at, sender) in senders.iter().enumerate() {
        keys_of_caller(&sender.caller).into_iter().for_each(|key| by_key.entry(key).or_default().push(at));
    }
    let mut atoms = Vec::new();
    for (kind, entry) in &listed.entries {
        let how = match entry {
            Principal::Any if *kind == PrincipalType::Aws => How::Everyone { by_arn: listed.by_arn },
            Principal::Account(account) => How::Account(account.clone()),
            _ => How::Named(*kind, entry.clone()),
        };
        let keys = keys_of_entry(entry);
        let near: BTreeSet<usize> =
            keys.iter().filter_map(|key| by_key.get(key)).flatten().copied().collect();
        let taken = near.into_iter().map(|at| &senders[at]);
        let taken = taken.filter(|sender| matches(*kind, entry, &sender.caller));
        atoms.extend(taken.map(|sender| Atom { sender, how: how.clone() }));
    }
    atoms
}
