//! Callers enough to tell statements apart, and what their requests say of them: the condition keys
//! that follow from who calls are not independent of the caller.

use std::collections::BTreeSet;

use super::check::Check;
use super::names::Names;
use super::principals::entries;
use crate::analyze::evaluate::{Asked, Who};
use crate::analyze::request::{Caller, Request};
use crate::policy::{
    Arn, Operator, Principal, PrincipalElement, Test, TestKind, Value, Values, is_account_id,
};
use crate::span::Span;

/// An account that nobody chose.
pub(super) const STRANGER: &str = "999999999999";

/// The keys that follow from the caller, in lower case. IAM guide, "AWS global condition context keys".
pub(super) const KEYS: [&str; 4] =
    ["aws:principalaccount", "aws:principalarn", "aws:principalisawsservice", "aws:principaltype"];

/// A caller, and for whom it stands.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    pub caller: Caller,
    who: Stands,
}

/// For whom a caller stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stands {
    /// For itself: its `aws:PrincipalArn` is one of these.
    Itself(Vec<String>),
    /// For all in an account who are not named.
    Rest(String),
    /// For all in accounts that are not named.
    Stranger,
    /// For whomever: nothing follows.
    Anyone,
}

/// The callers that tell some elements apart: everyone who is named, sessions of those, others of each
/// account, and one of each type who is not named. The likely ones come first.
pub(super) struct Senders {
    pub all: Vec<Sender>,
    accounts: Vec<String>,
    /// The ARNs of root users, users and roles that are named.
    named: Vec<String>,
}

impl Senders {
    pub fn of(elements: &[&PrincipalElement]) -> Self {
        let mut all = Vec::new();
        let (mut accounts, mut named): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        for (_, entry) in elements.iter().flat_map(|element| entries(element)) {
            if let Some(account) = entry.account().map(str::to_owned)
                && !accounts.contains(&account)
            {
                accounts.push(account);
            }
            named.extend(match &entry {
                Principal::Account(account) => Some(root(account)),
                Principal::Role(arn) | Principal::User(arn) => Some(arn.clone()),
                _ => None,
            });
            all.extend(senders_of(&entry));
        }
        let role = |account: &str, name: &str| Caller::Aws(format!("arn:aws:iam::{account}:role/{name}"));
        for name in ["other", "one-more"] {
            all.extend(
                accounts.iter().map(|account| Sender {
                    caller: role(account, name),
                    who: Stands::Rest(account.clone()),
                }),
            );
        }
        let strangers = [STRANGER, "888888888888", "777777777777"];
        let stranger = strangers.into_iter().find(|account| !accounts.iter().any(|known| known == account));
        let stranger = role(stranger.unwrap_or("666666666666"), "other");
        all.push(Sender { caller: stranger, who: Stands::Stranger });
        let others = [
            (Caller::Anonymous, Stands::Anyone),
            (Caller::Service("other.amazonaws.com".to_owned()), Stands::Anyone),
            (Caller::Federated("other.example.com".to_owned()), Stands::Anyone),
            // The id of an account.
            (Caller::CanonicalUser("0".repeat(64)), Stands::Stranger),
        ];
        all.extend(others.map(|(caller, who)| Sender { caller, who }));
        let mut seen = BTreeSet::new();
        all.retain(|sender| seen.insert(sender.caller.clone()));
        Senders { all, accounts, named }
    }

    /// What a request of a caller says under a key of [`KEYS`], as tests that hold of it.
    pub fn said(&self, sender: &Sender, key: &str) -> Vec<Check> {
        let is = |values: &[&str]| vec![check(key, TestKind::StringEquals, values)];
        let absent = || vec![check(key, TestKind::Null, &["true"])];
        let one = Request { principal: Some(sender.caller.clone()), ..Request::default() };
        let asked = Asked::new(&one);
        match (key, asked.who, &sender.who) {
            // Who assumes a role by a token from elsewhere has no name in AWS yet.
            ("aws:principalarn" | "aws:principalaccount", Who::Service(_) | Who::Federated(_), _)
            | ("aws:principalarn", Who::Anonymous, _) => absent(),
            (_, Who::Service(_) | Who::Anonymous | Who::Federated(_), _) => {
                asked.follows(key).map_or_else(Vec::new, |value| is(&[value]))
            }
            (_, _, Stands::Anyone) => Vec::new(),
            ("aws:principalarn", _, stands) => self.arn(stands),
            ("aws:principalaccount", _, Stands::Stranger) => {
                let known: Vec<&str> = self.accounts.iter().map(String::as_str).collect();
                // An account has twelve digits.
                vec![
                    check(key, TestKind::StringLike, &["????????????"]),
                    check(key, TestKind::StringNotEquals, &known),
                ]
            }
            ("aws:principaltype", _, Stands::Rest(_) | Stands::Stranger) => {
                is(&["AssumedRole", "User", "Account", "FederatedUser"])
            }
            _ => asked.follows(key).map_or_else(Vec::new, |value| is(&[value])),
        }
    }

    /// The tests that hold of `aws:PrincipalArn`.
    fn arn(&self, stands: &Stands) -> Vec<Check> {
        let like = |patterns: &[String]| check("aws:principalarn", TestKind::ArnLike, patterns);
        let unlike = |patterns: &[String]| check("aws:principalarn", TestKind::ArnNotLike, patterns);
        match stands {
            Stands::Itself(arns) => vec![like(arns)],
            Stands::Rest(account) => {
                let own = |arn: &&String| Arn::parse(arn).is_some_and(|arn| arn.account == account);
                let named: Vec<String> = self.named.iter().filter(own).cloned().collect();
                let mut checks = vec![like(&arns_of(account))];
                checks.extend((!named.is_empty()).then(|| unlike(&named)));
                checks
            }
            Stands::Stranger => {
                let known: Vec<String> =
                    self.accounts.iter().map(|account| format!("arn:*:*:*:{account}:*")).collect();
                vec![like(&arns_of("*")), unlike(&known)]
            }
            Stands::Anyone => Vec::new(),
        }
    }
}

/// What `aws:PrincipalArn` may be of those of an account: of a session it is the role.
fn arns_of(account: &str) -> [String; 4] {
    [
        format!("arn:aws*:iam::{account}:role/?*"),
        format!("arn:aws*:iam::{account}:user/?*"),
        format!("arn:aws*:iam::{account}:root"),
        format!("arn:aws*:sts::{account}:federated-user/?*"),
    ]
}

/// What the name of a caller begins with that stands for whomever a hole in the place of a principal will be. No
/// request has such a caller.
const HOLE: &str = "hole:";

/// The caller that stands for whomever a hole will be.
pub(super) fn hole(name: &str) -> Caller {
    Caller::Aws(format!("{HOLE}{name}"))
}

/// Whether a caller stands for whomever a hole will be.
pub(super) fn is_hole(caller: &Caller) -> bool {
    matches!(caller, Caller::Aws(text) if text.starts_with(HOLE))
}

fn root(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

/// Those whom one entry names.
fn senders_of(entry: &Principal) -> Vec<Sender> {
    let session = |text: &str, word: &str, end: &str| {
        let arn = Arn::parse(text)?;
        Some(format!("arn:{}:sts::{}:{word}/{}{end}", arn.partition, arn.account, arn.name()))
    };
    let itself = |caller: &str, arn: &str| Sender {
        caller: Caller::Aws(caller.to_owned()),
        who: Stands::Itself(vec![arn.to_owned()]),
    };
    let anyone = |caller: Caller| vec![Sender { caller, who: Stands::Anyone }];
    match entry {
        Principal::Any => Vec::new(),
        Principal::Account(account) => {
            let root = root(account);
            vec![itself(&root, &root)]
        }
        Principal::Role(role) => {
            let session = session(role, "assumed-role", "/other");
            [itself(role, role)].into_iter().chain(session.map(|session| itself(&session, role))).collect()
        }
        Principal::User(user) => {
            let session = session(user, "federated-user", "");
            [itself(user, user)].into_iter().chain(session.map(|name| itself(&name, &name))).collect()
        }
        Principal::Service(name) => anyone(Caller::Service(name.clone())),
        Principal::Federated(name) => anyone(Caller::Federated(name.clone())),
        Principal::CanonicalUser(name) => anyone(Caller::CanonicalUser(name.clone())),
        Principal::Hole(name) => anyone(hole(name)),
        Principal::Session(name) | Principal::UniqueId(name) | Principal::Other(name) => {
            let caller = Caller::Aws(name.clone());
            let one = Request { principal: Some(caller.clone()), ..Request::default() };
            match Who::of(&one) {
                // It does not show the path of its role.
                Who::RoleSession(arn, role) if is_account_id(arn.account) => {
                    let role =
                        |path: &str| format!("arn:{}:iam::{}:role/{path}{role}", arn.partition, arn.account);
                    vec![Sender { caller, who: Stands::Itself(vec![role(""), role("*/")]) }]
                }
                _ => anyone(caller),
            }
        }
    }
}

fn check<T: AsRef<str>>(key: &str, kind: TestKind, values: &[T]) -> Check {
    let value = |text: &T| Value::literal(text.as_ref(), Span::default());
    let test = Test {
        operator: Operator { set: None, kind, if_exists: false },
        operator_span: Span::default(),
        key: key.to_owned(),
        key_span: Span::default(),
        values: Values { items: values.iter().map(value).collect(), list: true, span: Span::default() },
    };
    Check::new(&test, false, &mut Names::default())
}
