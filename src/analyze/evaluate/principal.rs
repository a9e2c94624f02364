//! Whether a statement's principals take in a caller, and by what right.
//!
//! IAM guide, "AWS JSON policy elements: Principal" and "… NotPrincipal".

use super::{Asked, Who};
use crate::analyze::reading::{CanonicalUser, Exceptions, Reading, SessionUsers, names_at_gateway};
use crate::analyze::request::ContextValue;
use crate::analyze::space::STRANGER;
use crate::kind::Kind;
use crate::policy::{self, Arn, Effect, Principal, PrincipalEntry, PrincipalType, TextHole, is_account_id};

/// By what right a statement takes a caller for one of its principals. The order is that of
/// strength: a caller named in several ways has the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grip {
    /// Its account is named, which leaves the decision to the policies of that account.
    Account,
    /// Its role, or the user whose federated session it is.
    Role,
    /// `*`, or everyone but some.
    Everyone,
    /// `*`, with a condition that its `aws:PrincipalArn` passes.
    ByArn,
    /// It is named itself; or the policy names no one and is attached to the caller.
    Itself,
}

/// The principals of a statement.
#[derive(Clone, Debug)]
pub(super) enum Principals {
    /// The policy applies to whoever it is attached to.
    Attached,
    /// The policy would have to name someone and does not.
    Nobody,
    /// `Principal`
    These(Vec<Listed>),
    /// `NotPrincipal`, and whom it leaves out.
    AllBut(Vec<Listed>, Exceptions),
}

/// A principal that is named, ready for comparison.
#[derive(Clone, Debug)]
pub(super) enum Listed {
    /// `*`: everyone, or everyone of a type.
    Every(PrincipalType),
    /// `*`: everyone but users of identity providers.
    EveryOther,
    /// A whole account.
    Account(String, Option<CanonicalUser>),
    /// The root user of an account, and no one else of it.
    Root(String),
    /// A role, by ARN; its account and name, which are all that a session shows of it.
    Role {
        arn: String,
        account: String,
        name: String,
    },
    /// A user, by ARN; its account and name.
    User {
        arn: String,
        account: String,
        name: String,
        sessions: SessionUsers,
    },
    /// A session, or whatever else has an ARN or id.
    Aws(String),
    /// A user or role, by the id that AWS gave it.
    UniqueId(String),
    Service(String),
    Federated(String),
    /// An account as S3 knew it, and whether that is the caller's.
    CanonicalUser(String, bool),
    /// One or more that are not known, and whom they may be.
    Hole(Unfilled),
}

/// Whom a hole may be.
#[derive(Clone, Debug)]
pub(super) struct Unfilled {
    /// `None` where it may be of any type.
    kind: Option<PrincipalType>,
    /// Whether it may be `*`.
    may_be_any: bool,
    /// The account, where its ARN has that.
    account: Option<String>,
    /// Whether no one of an account that the policies do not name is meant.
    strangers_apart: bool,
}

impl Unfilled {
    fn new(entry: &PrincipalEntry, hole: &TextHole, reading: Reading) -> Self {
        let segments = hole.by_wildcards();
        let account = Arn::parse(&segments).filter(|_| hole.is_arn_by_segments());
        let account = account.map(|arn| arn.account).filter(|account| is_account_id(account));
        Unfilled {
            kind: entry.key.map(|_| entry.kind),
            may_be_any: hole.may_be_any(),
            account: account.map(str::to_owned),
            strangers_apart: reading.strangers_apart,
        }
    }

    /// Whether a caller may be one of them. A service is none of the principals of accounts, and which account a text
    /// without a wildcard names makes no difference to those that no policy names.
    fn may_be(&self, asked: &Asked<'_>) -> bool {
        match (self.kind, &asked.who) {
            (None, _) | (_, Who::Unknown) => true,
            (Some(PrincipalType::Service), who) => matches!(who, Who::Service(_)),
            (Some(PrincipalType::Federated), who) => matches!(who, Who::Federated(_)),
            (Some(PrincipalType::CanonicalUser), who) => {
                matches!(who, Who::CanonicalUser(_)) || who.account().is_some()
            }
            (Some(PrincipalType::Aws), _) if self.may_be_any => true,
            (Some(PrincipalType::Aws), who) => match who.account() {
                Some(account) => {
                    self.account.as_deref().is_none_or(|own| own == account)
                        && !(self.strangers_apart && account == STRANGER)
                }
                None => matches!(who, Who::CanonicalUser(_) | Who::Other(_)),
            },
        }
    }
}

/// By what right a statement takes the caller for one of its principals: surely, and at most, if some of its
/// principals are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gripping {
    pub surely: Option<Grip>,
    pub perhaps: Grip,
}

impl Principals {
    pub(super) fn new(statement: &policy::Statement, kind: Kind, reading: Reading) -> Self {
        let Some(element) = &statement.principal else {
            let must = kind.names_principal() && !matches!(kind, Kind::Rcp | Kind::Endpoint);
            return if must { Principals::Nobody } else { Principals::Attached };
        };
        let entries = element.entries.iter();
        let listed = entries
            .flat_map(|entry| entry.values.items.iter().map(move |value| (entry, value)))
            .map(|(entry, value)| match &value.hole {
                Some(hole) => Listed::Hole(Unfilled::new(entry, hole, reading)),
                None => Listed::new(entry.kind, Principal::of(entry, value), reading),
            })
            .map(|listed| match listed {
                Listed::Every(PrincipalType::Aws) if reading.named_providers && statement.allows() => {
                    Listed::EveryOther
                }
                listed => listed,
            });
        let listed = match reading.gateway && names_at_gateway(statement, kind) {
            true => listed.map(Listed::at_gateway).collect(),
            false => listed.collect(),
        };
        match element.negated {
            true => Principals::AllBut(listed, reading.exceptions(statement)),
            false => Principals::These(listed),
        }
    }

    /// By what right the statement is about the caller; `None` if it is not.
    pub(super) fn grip(&self, asked: &Asked<'_>, effect: Effect) -> Option<Gripping> {
        let surely = |grip| Some(Gripping { surely: Some(grip), perhaps: grip });
        match self {
            Principals::Attached => surely(Grip::Itself),
            Principals::Nobody => None,
            Principals::These(listed) => {
                let best = listed.iter().filter_map(|listed| listed.grip(asked)).max();
                match best {
                    _ if may_be_hole(listed, asked) => Some(Gripping { surely: best, perhaps: Grip::Itself }),
                    best => best.and_then(surely),
                }
            }
            // "… always denies any IAM principal that has a permissions boundary policy attached, regardless of
            // the values", as the page on NotPrincipal warns.
            Principals::AllBut(..) if effect == Effect::Deny && asked.has_boundary => surely(Grip::Everyone),
            Principals::AllBut(listed, exceptions) => {
                let spared = match exceptions {
                    Exceptions::ByAnyLevel => listed.iter().any(|listed| listed.grip(asked).is_some()),
                    Exceptions::ByAllLevels => is_spared(listed, asked, false),
                    Exceptions::ByItself => is_spared(listed, asked, true),
                };
                match spared {
                    true => None,
                    // The caller may be spared by what is not known.
                    false if may_be_hole(listed, asked) => {
                        Some(Gripping { surely: None, perhaps: Grip::Everyone })
                    }
                    false => surely(Grip::Everyone),
                }
            }
        }
    }
}

/// Whether the caller may be one of those that are not known.
fn may_be_hole(listed: &[Listed], asked: &Asked<'_>) -> bool {
    listed.iter().any(|listed| matches!(listed, Listed::Hole(unfilled) if unfilled.may_be(asked)))
}

/// Whether a Deny for all but some spares the caller. It is asked once for each level of the caller:
/// who wants to spare a session has to list the session, its role and its account; for a user, the
/// user and the account. "NotPrincipal", under "Specifying NotPrincipal in the same statement as
/// Deny". With `partial`, whoever is listed is spared without the levels above.
fn is_spared(listed: &[Listed], asked: &Asked<'_>, partial: bool) -> bool {
    let best = listed.iter().filter_map(|listed| listed.grip(asked));
    let (mut account, mut role, mut itself) = (false, false, false);
    for grip in best {
        match grip {
            Grip::Account => account = true,
            Grip::Role => role = true,
            Grip::Itself => itself = true,
            // Every level of the caller is one of everyone.
            Grip::Everyone | Grip::ByArn => return true,
        }
    }
    match asked.who {
        Who::Root(_) => account,
        Who::User(_) => itself && (account || partial),
        // The session is not known, so its level cannot be asked for.
        Who::Role(_) => role && (account || partial),
        Who::RoleSession(..) | Who::FederatedUser(..) if partial => itself || role,
        Who::RoleSession(..) | Who::FederatedUser(..) => itself && role && account,
        _ => itself,
    }
}

impl Listed {
    fn new(kind: PrincipalType, principal: Principal, reading: Reading) -> Self {
        let parts = |arn: &str| {
            Arn::parse(arn)
                .map(|parts| (parts.account.to_owned(), parts.name().to_owned()))
                .unwrap_or_default()
        };
        match principal {
            Principal::Any => Listed::Every(kind),
            Principal::Account(account) => Listed::Account(account, reading.canonical_user),
            Principal::Role(arn) => {
                let (account, name) = parts(&arn);
                Listed::Role { arn, account, name }
            }
            Principal::User(arn) => {
                let (account, name) = parts(&arn);
                Listed::User { arn, account, name, sessions: reading.session_users }
            }
            Principal::Session(text) | Principal::Other(text) => Listed::Aws(text),
            Principal::UniqueId(text) => Listed::UniqueId(text),
            Principal::Service(name) => Listed::Service(name),
            Principal::Federated(name) => Listed::Federated(name),
            Principal::CanonicalUser(id) => {
                let is_callers = reading.canonical_user.is_some_and(|user| user.is(&id));
                Listed::CanonicalUser(id, is_callers)
            }
            // Its value says more.
            Principal::Hole(kind, _) => {
                Listed::Hole(Unfilled { kind, may_be_any: true, account: None, strangers_apart: false })
            }
        }
    }

    /// What it is in the policy of a gateway endpoint, in the reading that AWS's page suggests.
    fn at_gateway(self) -> Self {
        match self {
            Listed::Account(account, _) => Listed::Root(account),
            Listed::Role { .. } | Listed::User { .. } | Listed::Aws(_) | Listed::UniqueId(_) => {
                Listed::Root(String::new())
            }
            other => other,
        }
    }

    /// By what right this is the caller.
    fn grip(&self, asked: &Asked<'_>) -> Option<Grip> {
        let when = |holds: bool, grip: Grip| holds.then_some(grip);
        match (self, &asked.who) {
            // Also services, and requests that no one signed.
            (Listed::Every(PrincipalType::Aws), _) => Some(Grip::Everyone),
            (Listed::EveryOther, who) => when(!matches!(who, Who::Federated(_)), Grip::Everyone),
            (Listed::Every(PrincipalType::Service), Who::Service(_))
            | (Listed::Every(PrincipalType::Federated), Who::Federated(_))
            | (Listed::Every(PrincipalType::CanonicalUser), Who::CanonicalUser(_)) => Some(Grip::Everyone),
            (Listed::Account(_, user), Who::CanonicalUser(id)) => {
                when(user.is_some_and(|user| user.is(id)), Grip::Account)
            }
            (Listed::Root(account), Who::Root(root)) => when(root.account == account, Grip::Account),
            (Listed::Account(account, _), who) => when(who.account() == Some(account), Grip::Account),
            (Listed::Role { arn, .. }, Who::Role(role)) => when(is(role, arn), Grip::Role),
            (Listed::Role { arn, account, name }, Who::RoleSession(session, role)) => {
                // There is one role of a name, whatever its path, and the request may say which path it is.
                let is_other = asked.given_role().is_some_and(|role| role != arn);
                when(session.account == account && role == name && !is_other, Grip::Role)
            }
            (Listed::User { arn, .. }, Who::User(user)) => when(is(user, arn), Grip::Itself),
            (Listed::User { account, name, sessions, .. }, Who::FederatedUser(session, user)) => {
                let is_own = match sessions {
                    SessionUsers::Namesake => user == name,
                    SessionUsers::NoOne => false,
                    SessionUsers::Everyone => true,
                };
                when(session.account == account && is_own, Grip::Role)
            }
            (Listed::Aws(arn), Who::RoleSession(session, _) | Who::FederatedUser(session, _)) => {
                when(is(session, arn), Grip::Itself)
            }
            // Policies show the id of who was deleted, or of whom the request says that it is his.
            (Listed::UniqueId(id), Who::Other(other)) => when(id == other, Grip::Itself),
            (Listed::UniqueId(id), Who::User(_) | Who::Role(_) | Who::RoleSession(..)) => {
                let given = asked.request().context.get("aws:userid").map(ContextValue::values);
                let of_caller = |value: &String| value.split(':').next() == Some(id);
                let grip = if matches!(asked.who, Who::User(_)) { Grip::Itself } else { Grip::Role };
                when(given.is_some_and(|values| values.iter().any(of_caller)), grip)
            }
            // What is no one's ARN, as one with a wildcard, which AWS refuses, is itself and no one else.
            (Listed::Aws(text), Who::Other(other))
            | (Listed::Role { arn: text, .. } | Listed::User { arn: text, .. }, Who::Other(other)) => {
                when(text == other, Grip::Itself)
            }
            (Listed::Service(name), Who::Service(service)) => when(name == service, Grip::Itself),
            (Listed::Federated(name), Who::Federated(provider)) => when(name == provider, Grip::Itself),
            (Listed::CanonicalUser(id, _), Who::CanonicalUser(user)) => when(id == user, Grip::Itself),
            (Listed::CanonicalUser(_, true), who) => when(who.account().is_some(), Grip::Account),
            _ => None,
        }
    }
}

/// Whether a text is this ARN.
fn is(arn: &Arn<'_>, text: &str) -> bool {
    Arn::parse(text).as_ref() == Some(arn)
}
