//! The dimension of principals: no wildcards, so finitely many callers tell all statements apart.

use super::Notion;
use super::bits::{Bits, Classes};
use super::region::Region;
use super::senders::{Sender, hole, is_hole};
use crate::analyze::request::Caller;
use crate::policy::{Arn, Principal, PrincipalElement, PrincipalType, is_account_id};

/// What the caller is when an entry for it is looked for.
#[derive(Clone, Debug)]
struct Atom<'s> {
    sender: &'s Sender,
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

    /// Whether a caller is one of those of the statement; everyone is, where it names nobody. Where that depends on
    /// what a hole will be, it is not, or with `perhaps` it is.
    fn takes(&self, caller: &Caller, perhaps: bool) -> bool {
        self.element.is_none_or(|element| match element.negated {
            true if perhaps && is_hole(caller) => true,
            true if !perhaps && (is_hole(caller) || has_hole(element)) => false,
            false if perhaps && is_hole(caller) => true,
            true if self.denies => !spares(element, caller),
            _ => accepts(element, caller),
        })
    }
}

/// Those who are named anywhere.
pub(super) fn elements<'s>(focus: &[Named<'s>], cover: &[Named<'s>]) -> Vec<&'s PrincipalElement> {
    focus.iter().chain(cover).filter_map(|named| named.element).collect()
}

/// Adds the sets of covering statements that callers of the asked statements are in.
pub(super) fn classes(
    focus: &[Named<'_>],
    cover: &[Named<'_>],
    notion: Notion,
    senders: &[Sender],
    mut found: Classes<Caller>,
) -> Classes<Caller> {
    for (bits, sender) in each(focus, cover, notion, senders) {
        found.add(bits, || sender.caller.clone());
    }
    found
}

/// Of each caller of the asked statements, the covering statements that it is in.
pub(super) fn each<'s>(
    focus: &[Named<'_>],
    cover: &[Named<'_>],
    notion: Notion,
    senders: &'s [Sender],
) -> Vec<(Bits, &'s Sender)> {
    let mut found = Vec::new();
    for atom in atoms(focus, notion, senders) {
        let caller = &atom.sender.caller;
        if !focus.iter().all(|named| named.takes(caller, true)) {
            continue;
        }
        let mut bits = Bits::none(cover.len());
        for (at, named) in cover.iter().enumerate() {
            let covers = match named.element {
                Some(element) if notion == Notion::Direct && !named.denies => grants(element, &atom),
                _ => named.takes(caller, false),
            };
            if covers {
                bits.insert(at);
            }
        }
        found.push((bits, atom.sender));
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

pub(super) fn entries(element: &PrincipalElement) -> impl Iterator<Item = (PrincipalType, Principal)> {
    element.entries.iter().flat_map(|entry| {
        let values = entry.values.items.iter();
        values.map(move |value| (entry.kind, Principal::of(entry.kind, value)))
    })
}

fn has_hole(element: &PrincipalElement) -> bool {
    entries(element).any(|(_, entry)| matches!(entry, Principal::Hole(_)))
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
        (Principal::Hole(name), caller) => *caller == hole(name),
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
fn grants(element: &PrincipalElement, atom: &Atom<'_>) -> bool {
    if element.negated {
        return !is_hole(&atom.sender.caller) && !has_hole(element) && accepts(element, &atom.sender.caller);
    }
    entries(element).any(|(kind, entry)| match &atom.how {
        // A star is not limited by the implicit deny of a boundary or session policy, and outlives the
        // principal: a name does not grant as much, whoever the conditions leave.
        How::Everyone => entry == Principal::Any && matches(kind, &entry, &atom.sender.caller),
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
            named && matches!(atom.sender.caller, Caller::Aws(_))
        }
        How::Named(of, Principal::Any) => entry == Principal::Any && kind == *of,
        How::Named(_, name) => {
            entry == *name || (entry == Principal::Any && matches(kind, &entry, &atom.sender.caller))
        }
    })
}

fn atoms<'s>(focus: &[Named<'_>], notion: Notion, senders: &'s [Sender]) -> Vec<Atom<'s>> {
    let everyone = || senders.iter().map(|sender| Atom { sender, how: How::Everyone }).collect::<Vec<_>>();
    // Only a single Allow is asked about how directly it grants.
    let [Named { element: Some(element), denies: false }] = focus else { return everyone() };
    if notion == Notion::Access || element.negated {
        return everyone();
    }
    let mut atoms = Vec::new();
    for (kind, entry) in entries(element) {
        let how = match &entry {
            Principal::Any if kind == PrincipalType::Aws => How::Everyone,
            Principal::Account(account) => How::Account(account.clone()),
            _ => How::Named(kind, entry.clone()),
        };
        let taken = senders.iter().filter(|sender| matches(kind, &entry, &sender.caller));
        atoms.extend(taken.map(|sender| Atom { sender, how: how.clone() }));
    }
    atoms
}
