//! Callers enough to tell statements apart, and what their requests say of them: the condition keys
//! that follow from who calls are not independent of the caller.

use std::collections::{BTreeSet, HashMap};

use super::effort::step;
use super::glob::{Glob, Token};
use crate::analyze::evaluate::{Asked, Who};
use crate::analyze::reading::OF_AWS;
use crate::analyze::request::{Caller, Request};
use crate::policy::{Arn, PARTITIONS, Principal, PrincipalType, can_call, is_account_id};

/// An account that no one chose.
pub(in crate::analyze) const STRANGER: &str = "999999999999";

/// The keys that follow from the caller, in lower case. IAM guide, "AWS global condition context keys";
/// KMS guide, "AWS KMS condition keys".
pub(super) const KEYS: [&str; 7] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principaltype",
    "aws:userid",
    CALLER_ACCOUNT,
];

/// Whether a key, in lower case, follows from who calls.
pub fn follows_from_caller(key: &str) -> bool {
    KEYS.contains(&key)
}

/// The steps of working out whom one entry names.
const AN_ENTRY: usize = 100;

/// Any service that no one names.
const OTHER_SERVICE: &str = "other.amazonaws.com";

/// What only requests to KMS say.
pub(super) const CALLER_ACCOUNT: &str = "kms:calleraccount";

/// What `aws:PrincipalType` says of callers that are not services. IAM guide, "IAM policy elements: Variables and tags".
pub(in crate::analyze) const TYPES: [&str; 5] =
    ["Account", "User", "FederatedUser", "AssumedRole", "Anonymous"];

/// A caller, or one of many alike.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    pub caller: Caller,
    pub arns: Arns,
}

/// What `aws:PrincipalArn` may be.
#[derive(Clone, Debug)]
pub(super) enum Arns {
    /// Who calls has no name in AWS, or none yet.
    None,
    /// Nothing is known of it.
    Unknown,
    /// It is one of AWS's own, which no policy names.
    OfAws,
    /// One of `all`, and none of `but`.
    Among {
        all: Vec<Glob>,
        but: Vec<Glob>,
        /// Whether the caller stands for all that have these ARNs.
        is_one_of_many: bool,
    },
}

/// How callers are told apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    /// By their types as well.
    pub by_type: bool,
    /// By their ARNs, or parts of these, as well: only then are those in [`Arns::Among`] worked out.
    pub by_arn: bool,
}

impl Told {
    /// By what some of [`KEYS`] say.
    pub fn by<'k>(keys: impl Iterator<Item = &'k str>) -> Self {
        let mut told = Told { by_type: false, by_arn: false };
        keys.for_each(|key| match key {
            "aws:principaltype" => told.by_type = true,
            "aws:userid" => told = Told { by_type: true, by_arn: true },
            "aws:principalarn" | "aws:principalaccount" | CALLER_ACCOUNT => told.by_arn = true,
            _ => {}
        });
        told
    }
}

/// What a request says under a key of [`KEYS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said<'s> {
    Nothing,
    This(&'static str),
    /// A name of the service that calls: this one, or one of a Region or partition.
    Service(&'s str),
    /// The ARN.
    Arn,
    /// The account in the ARN.
    Account,
    /// None of [`TYPES`], or nothing.
    OtherType,
    /// A text of a form.
    Like(Form),
    /// Nobody knows.
    Anything,
}

/// The forms of `aws:userid`. IAM guide, "IAM policy elements: Variables and tags", under "Principal key values".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The id of a user.
    User,
    /// The id of a role, and the name of the session.
    Session,
    /// The account, and the name of the federated user.
    FederatedUser,
}

impl Sender {
    /// What a request of the caller says under a key; `kms` is whether it is one to KMS.
    pub fn says(&self, key: &str, kms: bool) -> Said<'_> {
        let one = Request { principal: Some(self.caller.clone()), ..Request::default() };
        let asked = Asked::new(&one);
        match (key, &self.arns) {
            (CALLER_ACCOUNT, _) if !kms => Said::Nothing,
            // Only S3 knows callers by their canonical user ids.
            (CALLER_ACCOUNT, _) if matches!(self.caller, Caller::CanonicalUser(_)) => Said::Nothing,
            ("aws:principalaccount" | "aws:userid", Arns::None) if asked.who == Who::Anonymous => {
                Said::This("anonymous")
            }
            ("aws:principalarn" | "aws:principalaccount" | CALLER_ACCOUNT, Arns::None)
            | (CALLER_ACCOUNT, Arns::OfAws) => Said::Nothing,
            ("aws:principalarn" | "aws:principalaccount" | CALLER_ACCOUNT, Arns::Unknown) => Said::Anything,
            ("aws:principalarn" | "aws:principalaccount", Arns::OfAws) => Said::This(OF_AWS),
            ("aws:userid", arns) => match (asked.who, arns) {
                (Who::Root(_), Arns::Among { .. }) => Said::Account,
                (Who::User(_), _) => Said::Like(Form::User),
                (Who::Role(_) | Who::RoleSession(..), _) => Said::Like(Form::Session),
                (Who::FederatedUser(..), _) => Said::Like(Form::FederatedUser),
                _ => Said::Anything,
            },
            ("aws:principalarn", Arns::Among { .. }) => Said::Arn,
            ("aws:principalaccount" | CALLER_ACCOUNT, Arns::Among { .. }) => Said::Account,
            // It tells of who signs a request.
            ("aws:principalisawsservice", _) if asked.who == Who::Anonymous => Said::Nothing,
            ("aws:principalisawsservice", _) if matches!(asked.who, Who::Service(_)) => Said::This("true"),
            ("aws:principalisawsservice", _) if is_hole(&self.caller) => Said::Anything,
            ("aws:principalisawsservice", _) => Said::This("false"),
            ("aws:principalservicename", _) => match &self.caller {
                // One that stands for all others.
                Caller::Service(name) if name == OTHER_SERVICE => Said::Anything,
                Caller::Service(name) => Said::Service(name),
                caller if is_hole(caller) => Said::Anything,
                _ => Said::Nothing,
            },
            ("aws:principaltype", _) => match asked.who {
                Who::Service(_) => Said::OtherType,
                Who::Anonymous => Said::This("Anonymous"),
                Who::Root(_) => Said::This("Account"),
                Who::User(_) => Said::This("User"),
                Who::Role(_) | Who::RoleSession(..) => Said::This("AssumedRole"),
                Who::FederatedUser(..) => Said::This("FederatedUser"),
                _ => Said::Anything,
            },
            _ => Said::Anything,
        }
    }
}

/// The callers that tell some entries apart, the likely ones first: everyone who is named, sessions of
/// those, others of each account, and of each type one who is not named. Others are told apart by what
/// they are (root, user, role, federated user) only as far as it makes a difference: a session has the
/// keys of its role. Who is not named is of one of some partitions.
pub(super) fn senders(
    entries: &[&(Principal, Option<String>)],
    partitions: &[&'static str],
    Told { by_type, by_arn }: Told,
) -> Vec<Sender> {
    let mut all = Vec::new();
    let mut accounts: Vec<(String, BTreeSet<String>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut roles: HashMap<(String, String), BTreeSet<String>> = HashMap::new();
    for (entry, partition) in entries {
        step(AN_ENTRY);
        if let Some(account) = entry.account() {
            let place = *places.entry(account.to_owned()).or_insert(accounts.len());
            if place == accounts.len() {
                accounts.push((account.to_owned(), BTreeSet::new()));
            }
            accounts[place].1.extend(partition.clone());
        }
        if let Principal::Role(text) = entry
            && let Some(arn) = Arn::parse(text)
        {
            let role = (arn.account.to_owned(), arn.name().to_owned());
            roles.entry(role).or_default().insert(text.clone());
        }
        all.extend(named(entry));
    }
    // There is one role of a name, whatever its path.
    for sender in &mut all {
        let one = Request { principal: Some(sender.caller.clone()), ..Request::default() };
        let Who::RoleSession(session, role) = Who::of(&one) else { continue };
        let known = roles.get(&(session.account.to_owned(), role.to_owned()));
        if let (Some(known), Arns::Among { all, .. }) = (known, &mut sender.arns) {
            *all = known.iter().map(|arn| Glob::literal(arn, None)).collect();
        }
    }
    let callers: BTreeSet<Caller> = all.iter().map(|sender: &Sender| sender.caller.clone()).collect();
    let words: &[&[Word]] = match by_type {
        true => &[&[Word::Role], &[Word::User], &[Word::Federated], &[Word::Root]],
        // How a root user is spared by a Deny is another matter than how the others are.
        false => &[&[Word::Role, Word::User, Word::Federated], &[Word::Root]],
    };
    // Those of each account who are not its others.
    let mut listed: HashMap<&str, Vec<Glob>> = HashMap::new();
    for caller in callers.iter().filter(|_| by_arn) {
        if let Caller::Aws(text) = caller
            && let Some(arn) = Arn::parse(text).filter(|_| !text.ends_with(":root"))
        {
            listed.entry(arn.account).or_default().push(Glob::literal(text, None));
        }
    }
    // Many ARNs, which few questions need.
    let among = |account: &str, partitions: &[&str], words: &[Word], but: &Vec<Glob>| Arns::Among {
        all: if by_arn { arns(account, partitions, words) } else { Vec::new() },
        but: but.clone(),
        is_one_of_many: true,
    };
    // An account is in one partition.
    for (account, own) in &accounts {
        let but = listed.remove(account.as_str()).unwrap_or_default();
        let own: Vec<&str> = match own.is_empty() {
            true => partitions.to_vec(),
            false => PARTITIONS.into_iter().filter(|name| own.contains(*name)).collect(),
        };
        for words in words {
            all.extend(others(account, &own, words, among(account, &own, words, &but), &callers));
        }
    }
    let but: Vec<Glob> = accounts
        .iter()
        .filter(|_| by_arn)
        .filter_map(|(account, _)| Glob::arn_value(&format!("arn:*:*:*:{account}:*"), None))
        .collect();
    let stranger = (0..=accounts.len())
        .map(|at| (999_999_999_999 - at).to_string())
        .find(|account| !places.contains_key(account))
        .unwrap_or_default();
    for words in words {
        all.extend(others(&stranger, partitions, words, among("", partitions, words, &but), &callers));
    }
    all.extend([
        Sender { caller: Caller::Anonymous, arns: Arns::None },
        Sender { caller: Caller::Service(OTHER_SERVICE.to_owned()), arns: Arns::None },
        Sender { caller: Caller::Federated("other.example.com".to_owned()), arns: Arns::None },
        // The id of an account.
        Sender {
            caller: Caller::CanonicalUser("0".repeat(64)),
            arns: match among("", partitions, &[Word::Root], &but) {
                Arns::Among { all, but, .. } => Arns::Among { all, but, is_one_of_many: false },
                arns => arns,
            },
        },
    ]);
    let mut seen = BTreeSet::new();
    all.retain(|sender| seen.insert(sender.caller.clone()));
    // Those that cannot be are the last to be examples.
    all.sort_by_key(|sender| matches!(&sender.caller, Caller::Aws(text) if !can_call(text)));
    all
}

/// What the name of a caller begins with that stands for whomever a hole in the place of a principal will be. No
/// request has such a caller.
const HOLE: &str = "hole:";

/// The caller that stands for whomever a hole of a type will be: another one where the type is another.
pub(super) fn hole(kind: Option<PrincipalType>, name: &str) -> Caller {
    Caller::Aws(format!("{HOLE}{}:{name}", kind.map_or("", PrincipalType::name)))
}

/// Whether a caller stands for whomever a hole will be.
pub(super) fn is_hole(caller: &Caller) -> bool {
    matches!(caller, Caller::Aws(text) if text.starts_with(HOLE))
}

/// The same callers, where services have an account of AWS's own.
pub(super) fn with_account(senders: Vec<Sender>) -> Vec<Sender> {
    let with = |sender: Sender| match sender.caller {
        Caller::Service(_) => Sender { arns: Arns::OfAws, ..sender },
        _ => sender,
    };
    senders.into_iter().map(with).collect()
}

/// The callers that a policy without principals may be attached to: users and roles of any account.
pub(super) fn attached(partitions: &[&'static str], told: Told) -> Vec<Sender> {
    let mut all = senders(&[], partitions, told);
    all.retain(|sender| matches!(sender.caller, Caller::Aws(_)));
    all
}

/// The types of principal that an account has. A session has the ARN of its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Role,
    User,
    Federated,
    Root,
}

impl Word {
    /// The ARNs of an account's principals of this type, or of one of them.
    fn arn(self, partition: &str, account: &str, name: &str) -> String {
        match self {
            Word::Role => format!("arn:{partition}:iam::{account}:role/{name}"),
            Word::User => format!("arn:{partition}:iam::{account}:user/{name}"),
            Word::Federated => format!("arn:{partition}:sts::{account}:federated-user/{name}"),
            Word::Root => format!("arn:{partition}:iam::{account}:root"),
        }
    }
}

/// Somebody of an account whom no one names; `None` if there is no one left.
fn others(
    account: &str,
    partitions: &[&str],
    words: &[Word],
    arns: Arns,
    named: &BTreeSet<Caller>,
) -> Option<Sender> {
    let (word, partition) = (words.first()?, partitions.first()?);
    let names = ["other", "one-more", "yet-another"].into_iter();
    let mut callers = names.map(|name| Caller::Aws(word.arn(partition, account, name)));
    let caller = match word {
        Word::Root => callers.next(),
        _ => callers.find(|caller| !named.contains(caller)),
    };
    Some(Sender { caller: caller?, arns })
}

/// The patterns of the ARNs of some types; without an account, of all accounts: twelve digits.
fn arns(account: &str, partitions: &[&str], words: &[Word]) -> Vec<Glob> {
    let patterns = words
        .iter()
        .flat_map(|word| partitions.iter().map(move |partition| word.arn(partition, account, "?*")));
    let with_account = |pattern: String| {
        let mut glob = Glob::arn_value(&pattern, None)?;
        if account.is_empty() {
            let colons = glob.tokens.iter().enumerate().filter(|(_, token)| **token == Token::Char(':'));
            let at = colons.map(|(at, _)| at + 1).nth(3)?;
            glob.tokens.splice(at..at, [Token::Digit; 12]);
        }
        Some(glob)
    };
    patterns.filter_map(with_account).collect()
}

/// Whether one of some entries is a session of a role that another one is: there is one role of a name, whatever its path.
pub(super) fn name_role_of_session(entries: &[&(Principal, Option<String>)]) -> bool {
    let of = |text: &str, word: &str| {
        let arn = Arn::parse(text)?;
        let name = arn.after(word)?;
        let name = if word == "role" { name.rsplit('/').next()? } else { name.split('/').next()? };
        Some((arn.account.to_owned(), name.to_owned()))
    };
    let sessions = entries.iter().filter_map(|(entry, _)| match entry {
        Principal::Session(text) => of(text, "assumed-role"),
        _ => None,
    });
    let sessions: BTreeSet<(String, String)> = sessions.collect();
    let is_of_one = |entry: &Principal| match entry {
        Principal::Role(text) => of(text, "role").is_some_and(|role| sessions.contains(&role)),
        _ => false,
    };
    !sessions.is_empty() && entries.iter().any(|(entry, _)| is_of_one(entry))
}

/// What [`name_role_of_session`] assumes.
pub(super) const ONE_ROLE: &str =
    "a role that is named as a principal exists, and is the only one of its name in its account";

/// Those whom one entry names.
pub(super) fn named(entry: &Principal) -> Vec<Sender> {
    let session = |text: &str, word: &str, end: &str| {
        let arn = Arn::parse(text)?;
        Some(format!("arn:{}:sts::{}:{word}/{}{end}", arn.partition, arn.account, arn.name()))
    };
    let among = |all: Vec<Glob>| Arns::Among { all, but: Vec::new(), is_one_of_many: false };
    let with = |caller: &str, arn: &str| Sender {
        caller: Caller::Aws(caller.to_owned()),
        arns: among(vec![Glob::literal(arn, None)]),
    };
    let unknown = |caller: Caller| vec![Sender { caller, arns: Arns::Unknown }];
    match entry {
        // The root user is one of the others of each account.
        Principal::Any | Principal::Account(_) => Vec::new(),
        Principal::Role(role) => {
            let session = session(role, "assumed-role", "/other");
            [with(role, role)].into_iter().chain(session.map(|session| with(&session, role))).collect()
        }
        Principal::User(user) => {
            let session = session(user, "federated-user", "");
            [with(user, user)].into_iter().chain(session.map(|name| with(&name, &name))).collect()
        }
        Principal::Service(name) => {
            vec![Sender { caller: Caller::Service(name.clone()), arns: Arns::None }]
        }
        Principal::Federated(name) => {
            vec![Sender { caller: Caller::Federated(name.clone()), arns: Arns::None }]
        }
        Principal::Hole(kind, name) => unknown(hole(*kind, name)),
        Principal::CanonicalUser(name) => unknown(Caller::CanonicalUser(name.clone())),
        Principal::Session(name) | Principal::UniqueId(name) | Principal::Other(name) => {
            let caller = Caller::Aws(name.clone());
            let one = Request { principal: Some(caller.clone()), ..Request::default() };
            match Who::of(&one) {
                // It does not show the path of its role.
                Who::RoleSession(arn, role) if is_account_id(arn.account) => {
                    let role = |path: &str| {
                        Glob::arn_value(
                            &format!("arn:{}:iam::{}:role/{path}{role}", arn.partition, arn.account),
                            None,
                        )
                    };
                    let all = [role(""), role("*/")].into_iter().flatten().collect();
                    vec![Sender { caller, arns: among(all) }]
                }
                Who::FederatedUser(..) => vec![with(name, name)],
                _ => unknown(caller),
            }
        }
    }
}
