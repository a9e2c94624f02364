//! The dimension of principals: no wildcards, so finitely many callers tell all statements apart.

use super::Notion;
use super::bits::{Bits, Classes};
use super::region::Region;
use crate::analyze::request::Caller;
use crate::policy::{Arn, Principal, PrincipalElement, PrincipalType, is_account_id};

/// An account that nobody chose.
pub(super) const STRANGER: &str = "999999999999";

/// What the caller is when an entry for it is looked for.
#[derive(Clone, Debug)]
struct Atom {
    caller: Caller,
    how: How,
}

/// How the asked statement reaches a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
enum How {
    /// As one of everyone.
    Everyone,
    /// As one of the account that it names: the account's own policies decide.
    Account(String),
    /// By this entry.
    Named(PrincipalType, Principal),
}

/// Who a statement names, with the effect that decides how closely it is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'s> {
    pub element: Option<&'s PrincipalElement>,
    pub denies: bool,
}

impl<'s> Named<'s> {
    pub fn new(region: &Region<'s>) -> Self {
        Named { element: region.principal, denies: region.statement.denies() }
    }

    /// Whether a caller is one of those of the statement; everyone is, where it names nobody.
    fn takes(&self, caller: &Caller) -> bool {
        self.element.is_none_or(|element| match element.negated && self.denies {
            true => !spares(element, caller),
            false => accepts(element, caller),
        })
    }
}

/// The sets of covering statements that callers of the asked statements are in. `None` stands for a
/// caller of whom nothing is said.
pub(super) fn classes(focus: &[Named<'_>], cover: &[Named<'_>], notion: Notion) -> Classes<Option<Caller>> {
    let mut found = Classes::smallest();
    if focus.iter().chain(cover).all(|named| named.element.is_none()) {
        found.add(Bits::all(cover.len()), || None);
        return found;
    }
    for atom in atoms(focus, cover, notion) {
        if !focus.iter().all(|named| named.takes(&atom.caller)) {
            continue;
        }
        let mut bits = Bits::none(cover.len());
        for (at, named) in cover.iter().enumerate() {
            let covers = match named.element {
                Some(element) if notion == Notion::Direct && !named.denies => grants(element, &atom),
                _ => named.takes(&atom.caller),
            };
            if covers {
                bits.insert(at);
            }
        }
        found.add(bits, || Some(atom.caller.clone()));
    }
    found
}

/// Whether a caller is one of those of an element.
fn accepts(element: &PrincipalElement, caller: &Caller) -> bool {
    entries(element).any(|(kind, principal)| matches(kind, &principal, caller)) != element.negated
}

/// Whether a Deny with `NotPrincipal` spares a caller: only if each of its levels is listed, a session
/// with its role and its account, a user with the account.
fn spares(element: &PrincipalElement, caller: &Caller) -> bool {
    let listed = |wanted: fn(&Principal) -> bool| {
        entries(element).any(|(kind, entry)| wanted(&entry) && matches(kind, &entry, caller))
    };
    if listed(|entry| *entry == Principal::Any) {
        return true;
    }
    let account = || listed(|entry| matches!(entry, Principal::Account(_)));
    let owner = || listed(|entry| matches!(entry, Principal::Role(_) | Principal::User(_)));
    let session = || listed(|entry| matches!(entry, Principal::Session(_)));
    match caller {
        Caller::Aws(text) if member_of(text).is_some() => match Principal::new(PrincipalType::Aws, text) {
            Principal::Account(_) => account(),
            Principal::Role(_) | Principal::User(_) => account() && owner(),
            _ => account() && owner() && session(),
        },
        _ => listed(|_| true),
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
        values.map(move |value| (entry.kind, Principal::new(entry.kind, &value.text)))
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

/// Whether an element grants to a caller at least as directly as the asked statement does.
fn grants(element: &PrincipalElement, atom: &Atom) -> bool {
    if element.negated {
        return accepts(element, &atom.caller);
    }
    entries(element).any(|(kind, entry)| match &atom.how {
        How::Everyone => match entry {
            Principal::Account(_) => false,
            entry => matches(kind, &entry, &atom.caller),
        },
        How::Account(account) => match entry {
            Principal::Any => kind == PrincipalType::Aws,
            Principal::Account(entry) => entry == *account,
            _ => false,
        },
        How::Named(..) if entry == Principal::Any && kind == PrincipalType::Aws => {
            // That a star stands for a service, too, is not written: good enough to see what a Deny
            // hits, not to leave a grant out.
            let named = matches!(
                &atom.how,
                How::Named(_, Principal::Role(_) | Principal::User(_) | Principal::Session(_))
            );
            named && matches!(atom.caller, Caller::Aws(_))
        }
        How::Named(of, Principal::Any) => entry == Principal::Any && kind == *of,
        How::Named(_, name) => {
            entry == *name || (entry == Principal::Any && matches(kind, &entry, &atom.caller))
        }
    })
}

fn atoms(focus: &[Named<'_>], cover: &[Named<'_>], notion: Notion) -> Vec<Atom> {
    let elements: Vec<&PrincipalElement> =
        focus.iter().chain(cover).filter_map(|named| named.element).collect();
    let callers = callers(&elements);
    let everyone = |callers: Vec<Caller>| {
        callers.into_iter().map(|caller| Atom { caller, how: How::Everyone }).collect::<Vec<_>>()
    };
    // Only a single Allow is asked about how directly it grants.
    let [Named { element: Some(element), denies: false }] = focus else { return everyone(callers) };
    if notion == Notion::Access || element.negated {
        return everyone(callers);
    }
    let mut atoms = Vec::new();
    for (kind, entry) in entries(element) {
        let how = match &entry {
            Principal::Any if kind == PrincipalType::Aws => How::Everyone,
            Principal::Account(account) => How::Account(account.clone()),
            _ => How::Named(kind, entry.clone()),
        };
        let taken = callers.iter().filter(|caller| matches(kind, &entry, caller));
        atoms.extend(taken.map(|caller| Atom { caller: caller.clone(), how: how.clone() }));
    }
    atoms
}

/// Callers enough to tell the elements apart: everyone who is named, sessions of those, others of
/// each account, and one of each type who is not named. The likely ones come first.
fn callers(elements: &[&PrincipalElement]) -> Vec<Caller> {
    let mut named = Vec::new();
    let mut accounts = Vec::new();
    for (_, entry) in elements.iter().flat_map(|element| entries(element)) {
        if let Some(account) = entry.account().map(str::to_owned)
            && !accounts.contains(&account)
        {
            accounts.push(account);
        }
        named.extend(callers_of(&entry));
    }
    let other = |account: &str| Caller::Aws(format!("arn:aws:iam::{account}:role/other"));
    named.extend(accounts.iter().map(|account| other(account)));
    named.extend(accounts.iter().map(|account| Caller::Aws(format!("arn:aws:iam::{account}:role/one-more"))));
    let strangers = [STRANGER, "888888888888", "777777777777"];
    let stranger = strangers.into_iter().find(|account| !accounts.iter().any(|known| known == account));
    named.push(other(stranger.unwrap_or("666666666666")));
    named.push(Caller::Anonymous);
    named.push(Caller::Service("other.amazonaws.com".to_owned()));
    named.push(Caller::Federated("other.example.com".to_owned()));
    named.push(Caller::CanonicalUser("0".repeat(64)));
    let mut seen = std::collections::BTreeSet::new();
    named.retain(|caller| seen.insert(caller.clone()));
    named
}

/// Those whom one entry names.
fn callers_of(entry: &Principal) -> Vec<Caller> {
    let session = |text: &str, word: &str, end: &str| {
        let arn = Arn::parse(text)?;
        Some(Caller::Aws(format!("arn:{}:sts::{}:{word}/{}{end}", arn.partition, arn.account, arn.name())))
    };
    match entry {
        Principal::Any => Vec::new(),
        Principal::Account(account) => vec![Caller::Aws(format!("arn:aws:iam::{account}:root"))],
        Principal::Role(role) => {
            let session = session(role, "assumed-role", "/other");
            [Caller::Aws(role.clone())].into_iter().chain(session).collect()
        }
        Principal::User(user) => {
            [Caller::Aws(user.clone())].into_iter().chain(session(user, "federated-user", "")).collect()
        }
        Principal::Service(name) => vec![Caller::Service(name.clone())],
        Principal::Federated(name) => vec![Caller::Federated(name.clone())],
        Principal::CanonicalUser(name) => vec![Caller::CanonicalUser(name.clone())],
        Principal::Session(name) | Principal::UniqueId(name) | Principal::Other(name) => {
            vec![Caller::Aws(name.clone())]
        }
    }
}
