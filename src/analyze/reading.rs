//! What AWS's documentation leaves open, and how it is read.
//!
//! An answer that is the same however it is read is sure; one that is not names what it depends on.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::evaluate::{can_compare, is_short_arn, is_spread, is_whole_arn, may_be_moment};
use super::space::reads_all;
use crate::catalog;
use crate::kind::Kind;
use crate::pattern::Pattern;
use crate::policy::{
    Action, Arn, Element, Operator, Principal, PrincipalElement, PrincipalType, SetOperator, Statement, Test,
    TestKind, Value,
};

/// How the open questions are read. The usual reading is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// A pattern of fewer than six segments in `ArnLike` stands for all ARNs that begin so, `*` for every
    /// one; else it matches nothing.
    pub short_arns: bool,
    /// Such a pattern is one pattern over the whole ARN, whose stars do not stop at colons.
    pub whole_arns: bool,
    /// A `*` at the end of a segment of a resource goes on beyond the colon; else it stays in its segment.
    pub wide_stars: bool,
    /// A plain operator takes a list if one of its values passes, or with a negated operator all do; else it
    /// takes none.
    pub plain_lists: bool,
    /// Where the values of a list differ in whether they pass a plain operator, it is not known whether the list does.
    pub mixed_lists: bool,
    /// A Deny with `NotPrincipal` spares whoever is listed; else a role or user only with its account, a session only
    /// with its role and its account.
    pub partial_exceptions: bool,
    /// A `NotPrincipal` that lists an account without one of its users or roles takes the account otherwise: a Deny spares all
    /// of it, an Allow leaves out its root user alone.
    pub account_exceptions: bool,
    /// To `Null`, a list of nothing but empty texts is as good as none; else it is there.
    pub empty_is_null: bool,
    /// Parts of a second count in a date; else they are cut off.
    pub fractions: bool,
    /// A negated operator passes only values that are of its type; else also those that cannot be read as such.
    pub typed_values: bool,
    /// Odd letters, dates, truths, bytes and keys that differ only in case are read otherwise.
    pub other_values: bool,
    /// In the policy of a gateway endpoint an account is its root user, and no other principal but `*` is met.
    pub gateway: bool,
    /// Requests that a service makes by itself have an `aws:PrincipalAccount` and `aws:PrincipalArn`, of AWS's own.
    pub services_have_account: bool,
    /// Whose sessions of federated users are those of a user.
    pub session_users: SessionUsers,
    /// An Allow lets in users of an identity provider only by the provider's name; else also by `*`.
    pub named_providers: bool,
    /// A hole in place of a principal is none of the accounts that no policy names: not a question that AWS leaves open, but
    /// what holds of one of these whatever the hole will be, as there are more of them.
    pub strangers_apart: bool,
    /// A canonical user that is the account of the caller; else none is that of a caller with an ARN.
    pub canonical_user: Option<CanonicalUser>,
}

/// Which sessions of federated users in its account a user has made: their names are what the caller of
/// `GetFederationToken` passed, so that they do not tell. STS API reference, "GetFederationToken", under `Name`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionUsers {
    /// That of its own name.
    #[default]
    Namesake,
    /// None.
    NoOne,
    /// All.
    Everyone,
}

/// Whom the list of a `NotPrincipal` leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceptions {
    /// Every caller that is listed by any of its levels: itself, the role of a session, the account.
    ByAnyLevel,
    /// Every caller that is listed by all of its levels.
    ByAllLevels,
    /// Every caller that is listed itself, without the levels above.
    ByItself,
}

/// A canonical user, by what is left of its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CanonicalUser {
    /// Each of many.
    All,
    /// The one whose id has this hash.
    One(u64),
}

impl CanonicalUser {
    fn new(id: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        CanonicalUser::One(hasher.finish())
    }

    /// Whether it is the one with this id.
    pub fn is(self, id: &str) -> bool {
        self == CanonicalUser::All || self == CanonicalUser::new(id)
    }
}

/// How many canonical users are distinguished.
const MOST_CANONICAL_USERS: usize = 3;

impl Reading {
    /// Whom a statement with `NotPrincipal` leaves out.
    pub fn exceptions(self, statement: &Statement) -> Exceptions {
        let otherwise = self.account_exceptions && excepts_account(statement);
        match (statement.denies(), self.partial_exceptions) {
            (denies, _) if otherwise => {
                if denies {
                    Exceptions::ByAnyLevel
                } else {
                    Exceptions::ByItself
                }
            }
            (false, _) => Exceptions::ByAnyLevel,
            (true, false) => Exceptions::ByAllLevels,
            (true, true) => Exceptions::ByItself,
        }
    }

    /// What [`plain_lists`](Self::plain_lists) is about, in words.
    pub const PLAIN_LISTS: &'static str =
        "whether an operator without `ForAllValues` or `ForAnyValue` takes several values of a key";

    /// What [`session_users`](Self::session_users) is about, in words.
    pub const SESSION_USERS: &'static str =
        "which user made the session of a federated user: its name does not tell";

    /// The readings of that.
    pub fn of_session_users() -> impl Iterator<Item = (Reading, &'static str)> {
        [SessionUsers::NoOne, SessionUsers::Everyone]
            .into_iter()
            .map(|users| (Reading { session_users: users, ..Reading::default() }, Reading::SESSION_USERS))
    }

    /// What [`fractions`](Self::fractions) is about, in words.
    pub const FRACTIONS: &'static str = "whether fractions of a second count in a date";

    /// What is open in some statements, in words; none for most policies.
    pub fn open<'s>(
        statements: impl Iterator<Item = &'s Statement> + Clone,
        kind: Kind,
    ) -> Vec<(Reading, &'static str)> {
        let tests = statements.clone().flat_map(|statement| &statement.conditions);
        let mut open = Vec::new();
        let short = "what a pattern of fewer than six segments matches in `ArnLike`";
        if tests.clone().any(|test| has_arn(test, is_short_arn)) {
            open.push((Reading { short_arns: true, ..Reading::default() }, short));
        }
        if tests.clone().any(|test| has_arn(test, is_whole_arn)) {
            open.push((Reading { whole_arns: true, ..Reading::default() }, short));
        }
        if tests.clone().any(|test| test.operator.kind.is_negated() && !reads_all(test)) {
            open.push((
                Reading { typed_values: true, ..Reading::default() },
                "whether a negated operator passes a value that is not of the operator's type",
            ));
        }
        let in_one = |statement: &'s Statement| {
            let twins = twins(statement);
            statement.conditions.iter().find_map(|test| leaves_open(test, &twins))
        };
        if let Some(what) = statements.clone().find_map(in_one) {
            open.push((Reading { other_values: true, ..Reading::default() }, what));
        }
        if statements.clone().any(has_partial_exception) {
            open.push((
                Reading { partial_exceptions: true, ..Reading::default() },
                "whether a Deny with `NotPrincipal` spares a principal whose account or role it does not list",
            ));
        }
        if statements.clone().any(excepts_account) {
            open.push((
                Reading { account_exceptions: true, ..Reading::default() },
                "whether `NotPrincipal` with an account is about its users and roles",
            ));
        }
        if statements.clone().any(|statement| names_at_gateway(statement, kind)) {
            open.push((
                Reading { gateway: true, ..Reading::default() },
                "whom the policy of a gateway endpoint means by a principal other than `*`",
            ));
        }
        let may_lack = |statement: &'s Statement| statement.conditions.iter().any(passes_without_account);
        if statements.clone().any(names_services) && statements.clone().any(may_lack) {
            open.push((
                Reading { services_have_account: true, ..Reading::default() },
                "whether requests that a service makes by itself have an `aws:PrincipalAccount` and `aws:PrincipalArn`",
            ));
        }
        let principals = statements.clone().filter_map(|statement| statement.principal.as_ref());
        let users =
            principals.flat_map(|element| element.principals()).filter_map(
                |(principal, _)| match principal {
                    Principal::CanonicalUser(id) => Some(CanonicalUser::new(&id)),
                    _ => None,
                },
            );
        let mut users: BTreeSet<CanonicalUser> = users.collect();
        if users.len() > MOST_CANONICAL_USERS {
            users = BTreeSet::from([CanonicalUser::All]);
        }
        open.extend(users.into_iter().map(|user| {
            let reading = Reading { canonical_user: Some(user), ..Reading::default() };
            (reading, "whether a canonical user is the account of the caller")
        }));
        if statements.clone().any(names_user) && statements.clone().any(names_federated_user) {
            open.extend(Reading::of_session_users());
        }
        if statements.clone().any(trusts_everyone) {
            // STS API reference, "AssumeRoleWithSAML" and "AssumeRoleWithWebIdentity": the trust policy of the role must
            // specify the provider.
            open.push((
                Reading { named_providers: true, ..Reading::default() },
                "whether `*` in a trust policy lets in users of identity providers",
            ));
        }
        let resources = statements.filter_map(|statement| statement.resource.as_ref());
        let mut texts = resources.flat_map(|element| &element.values.items).filter(|value| !value.is_hole());
        if texts.any(|value| is_spread(&value.text)) {
            open.push((
                Reading { wide_stars: true, ..Reading::default() },
                "whether a `*` at the end of a segment of a resource goes on beyond the colon",
            ));
        }
        let keys = |takes: fn(&Test) -> bool| -> BTreeSet<&'s str> {
            tests.clone().filter(|test| takes(test)).map(|test| test.key.as_str()).collect()
        };
        let with_sets = keys(has_set);
        let is_set = |key: &&&str| with_sets.iter().any(|other| other.eq_ignore_ascii_case(key));
        if keys(is_plain).iter().any(|key| is_set(&key) && !is_single(key) || is_list(key)) {
            open.push((Reading { plain_lists: true, ..Reading::default() }, Reading::PLAIN_LISTS));
        }
        if !with_sets.is_empty() && keys(is_null).iter().any(|key| is_set(&key) && !is_single(key)) {
            open.push((
                Reading { empty_is_null: true, ..Reading::default() },
                "whether a list of empty texts is there to `Null`",
            ));
        }
        open
    }

    /// Each way to read some statements, the usual one first, and what is read otherwise in it.
    pub fn all<'s>(
        statements: impl Iterator<Item = &'s Statement> + Clone,
        kind: Kind,
    ) -> Vec<(Reading, Vec<&'static str>)> {
        let open = Reading::open(statements, kind);
        let some = |some: usize| {
            let chosen = open.iter().enumerate().filter(move |(at, _)| some & (1 << at) != 0);
            let start = (Reading::default(), Vec::new());
            chosen.fold(start, |(reading, mut what), (_, (one, name))| {
                what.push(*name);
                (reading.or(*one), what)
            })
        };
        let of = |is: fn(&Reading) -> bool| {
            let those = open.iter().enumerate().filter(|(_, (reading, _))| is(reading));
            those.fold(0, |those, (at, _)| those | 1 << at)
        };
        // A caller has one account, and a session is read in one way.
        let users = of(|reading| reading.canonical_user.is_some());
        let sessions = of(|reading| reading.session_users != SessionUsers::default());
        let has_one = |some: &usize| [users, sessions].iter().all(|of| (some & of).count_ones() <= 1);
        (0..1_usize << open.len()).filter(has_one).map(some).collect()
    }

    /// What either of two readings has unlike the usual one.
    pub fn or(self, other: Reading) -> Reading {
        Reading {
            short_arns: self.short_arns || other.short_arns,
            whole_arns: self.whole_arns || other.whole_arns,
            wide_stars: self.wide_stars || other.wide_stars,
            partial_exceptions: self.partial_exceptions || other.partial_exceptions,
            account_exceptions: self.account_exceptions || other.account_exceptions,
            plain_lists: self.plain_lists || other.plain_lists,
            mixed_lists: self.mixed_lists || other.mixed_lists,
            empty_is_null: self.empty_is_null || other.empty_is_null,
            fractions: self.fractions || other.fractions,
            typed_values: self.typed_values || other.typed_values,
            other_values: self.other_values || other.other_values,
            gateway: self.gateway || other.gateway,
            services_have_account: self.services_have_account || other.services_have_account,
            named_providers: self.named_providers || other.named_providers,
            strangers_apart: self.strangers_apart || other.strangers_apart,
            session_users: match self.session_users {
                SessionUsers::Namesake => other.session_users,
                users => users,
            },
            canonical_user: self.canonical_user.or(other.canonical_user),
        }
    }
}

/// What AWS leaves open of the values of a test, in words; `None` for most.
pub(super) fn leaves_open(test: &Test, twins: &HashSet<(Operator, String)>) -> Option<&'static str> {
    let name = test.operator.kind.name();
    let any = |is: fn(&str) -> bool| test.values.items.iter().filter_map(Value::known).any(is);
    let is_short = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if name.ends_with("IgnoreCase") && any(|text| !text.is_ascii()) {
        return Some("whether the case of letters beyond ASCII counts under an operator that ignores case");
    }
    if name.starts_with("Date") && any(is_short) {
        return Some("whether a date of four digits is a year or a number of seconds");
    }
    if name.starts_with("Date") && any(|text| text.contains('.')) {
        return Some(Reading::FRACTIONS);
    }
    if name.starts_with("Date") && any(may_be_moment) {
        return Some(
            "whether a date is one that is not written as the W3C's note has it, such as one without a time zone",
        );
    }
    if let Some(what) = no_value(test) {
        return Some(what);
    }
    let is_twin = twins.contains(&(test.operator, test.key.to_ascii_lowercase()));
    is_twin.then_some(TWINS)
}

/// What a test asks for that its operator has no meaning for, in words: whether it holds then is not documented, whatever
/// the request says. IAM guide, "IAM JSON policy elements: Condition operators".
pub(super) fn no_value(test: &Test) -> Option<&'static str> {
    let what = match test.operator.kind.name() {
        "Bool" | "Null" => "what a value that is neither `true` nor `false` means under `Bool` or `Null`",
        "BinaryEquals" => "what a value that is no base64 means under `BinaryEquals`",
        name if name.starts_with("Numeric") => "what a value that is not a number means under `Numeric…`",
        name if name.starts_with("Date") => "what a value that is not a date means under `Date…`",
        name if name.ends_with("IpAddress") => {
            "what a value that is not an address or a range means under `IpAddress` or `NotIpAddress`"
        }
        _ => return None,
    };
    let is_none = |value: &Value| {
        !value.is_hole() && !value.may_have_variable() && !can_compare(test.operator.kind, &value.text)
    };
    test.values.items.iter().any(is_none).then_some(what)
}

const TWINS: &str = "what keys of one operator that differ only in case ask for together";

/// Keys, in lower case, that a statement has in several cases under one operator.
pub(super) fn twins(statement: &Statement) -> HashSet<(Operator, String)> {
    let mut first: HashMap<(Operator, String), &str> = HashMap::new();
    let mut twins = HashSet::new();
    for test in &statement.conditions {
        let folded = (test.operator, test.key.to_ascii_lowercase());
        if *first.entry(folded.clone()).or_insert(&test.key) != test.key {
            twins.insert(folded);
        }
    }
    twins
}

/// Whether a value that ARNs are compared with is such a pattern.
fn has_arn(test: &Test, is: fn(&str) -> bool) -> bool {
    test.operator.kind.name().starts_with("Arn")
        && test.values.items.iter().any(|value| !value.is_hole() && is(&value.text))
}

/// Whether a `NotPrincipal` lists an account without one of its users and roles: IAM guide, "AWS JSON policy elements:
/// NotPrincipal", has it beside the user or role that a Deny is to spare, and only there.
pub(super) fn excepts_account(statement: &Statement) -> bool {
    let Some(element) = statement.principal.as_ref().filter(|element| element.negated) else { return false };
    let listed: Vec<Principal> = element.principals().map(|(principal, _)| principal).collect();
    let is_account = |one: &Principal| matches!(one, Principal::Account(_));
    let is_alone = |account: &Principal| {
        !listed.iter().any(|one| !is_account(one) && one.account() == account.account())
    };
    !listed.contains(&Principal::Any) && listed.iter().any(|one| is_account(one) && is_alone(one))
}

/// Whether a Deny excepts somebody without a level above: the account of a role or user, the role of a session.
fn has_partial_exception(statement: &Statement) -> bool {
    let Some(element) = statement.principal.as_ref().filter(|element| element.negated && statement.denies())
    else {
        return false;
    };
    let listed: Vec<Principal> = element.principals().map(|(principal, _)| principal).collect();
    let has_account = |one: &Principal| {
        let is_own =
            |other: &&Principal| matches!(other, Principal::Account(id) if one.account() == Some(id));
        listed.iter().any(|other| is_own(&other))
    };
    let has_role = |session: &str| {
        let name = |text| Arn::parse(text).map(|arn: Arn<'_>| (arn.account, session_owner(arn)));
        listed.iter().any(|other| match other {
            Principal::Role(owner) | Principal::User(owner) => {
                Arn::parse(owner).map(|arn| (arn.account, arn.name())) == name(session)
            }
            _ => false,
        })
    };
    listed.iter().any(|one| match one {
        Principal::Role(_) | Principal::User(_) => !has_account(one),
        Principal::Session(session) => !has_account(one) || !has_role(session),
        _ => false,
    })
}

/// Whether a statement names AWS principals in what may be the policy of a gateway endpoint. VPC guide, "Gateway endpoints",
/// under "Endpoint policies": an account there is its root user alone, and all others are left to `aws:PrincipalArn`.
pub(super) fn names_at_gateway(statement: &Statement, kind: Kind) -> bool {
    let mut entries = statement.principal.iter().flat_map(|element| &element.entries);
    let names = |value: &Value| value.known().is_some_and(|text| text != "*");
    kind == Kind::Endpoint
        && entries.any(|entry| entry.kind == PrincipalType::Aws && entry.values.items.iter().any(names))
        && (services(statement).is_empty() || services(statement).iter().any(|name| has_gateway(name)))
}

/// What stands for an account of AWS's own.
pub(super) const OF_AWS: &str = "an account of AWS";

/// Whether a key of requests follows from the account of the caller, which a service may have or not: IAM guide, "AWS
/// global condition context keys", has `aws:PrincipalAccount` in "all requests", and the pages on services have none.
pub(super) fn is_of_account(key: &str) -> bool {
    ["aws:principalaccount", "aws:principalarn"].iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// Whether a test takes requests without a key of an account, and not all with one.
fn passes_without_account(test: &Test) -> bool {
    let Operator { set, kind, if_exists } = test.operator;
    let is_loose = if_exists || set == Some(SetOperator::ForAllValues);
    is_of_account(&test.key) && (kind == TestKind::Null || is_loose && !kind.is_negated())
}

fn names_services(statement: &Statement) -> bool {
    let mut entries = statement.principal.iter().flat_map(|element| &element.entries);
    entries.any(|entry| entry.kind == PrincipalType::Service)
}

/// The services that a statement names, in its actions and its resources.
pub fn services(statement: &Statement) -> Vec<String> {
    fn values(element: &Option<Element>) -> impl Iterator<Item = &Value> {
        element.iter().flat_map(|element| &element.values.items)
    }
    let actions = values(&statement.action).filter_map(|value| Action::new(&value.text).service());
    let arns = values(&statement.resource).filter_map(|value| Arn::parse(&value.text));
    actions.chain(arns.map(|arn| arn.service.to_owned())).collect()
}

/// Whether the service has gateway endpoints.
pub fn has_gateway(service: &str) -> bool {
    ["s3", "dynamodb", "s3express"].iter().any(|name| Pattern::new(service).matches(name))
}

/// The role or user whose session an ARN is.
fn session_owner(arn: Arn<'_>) -> &str {
    arn.resource.split('/').nth(1).unwrap_or_default()
}

/// Whether a statement of a trust policy lets everyone call what users of identity providers call.
fn trusts_everyone(statement: &Statement) -> bool {
    let elements = statement.principal.iter().filter(|element| !element.negated);
    let mut entries = elements.flat_map(|element| &element.entries);
    let names_everyone = entries.any(|entry| {
        let is_any = |value: &Value| Principal::of(entry, value) == Principal::Any;
        entry.kind == PrincipalType::Aws && entry.values.items.iter().any(is_any)
    });
    let is_sign_in = |pattern: &crate::policy::Action| {
        ["sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
            .iter()
            .any(|action| pattern.matches(action))
    };
    let is_negated = || statement.action.as_ref().is_some_and(|element| element.negated);
    statement.resource.is_none()
        && statement.allows()
        && names_everyone
        && (is_negated() || statement.actions().iter().any(is_sign_in))
}

/// Whether a statement names a user.
pub(super) fn names_user(statement: &Statement) -> bool {
    let elements = statement.principal.iter();
    elements
        .flat_map(PrincipalElement::principals)
        .any(|(principal, _)| matches!(principal, Principal::User(_)))
}

/// Whether a statement says something about sessions of federated users.
fn names_federated_user(statement: &Statement) -> bool {
    let principals =
        statement.principal.iter().flat_map(PrincipalElement::principals).map(|(_, value)| value);
    let values = statement.conditions.iter().flat_map(|test| &test.values.items);
    principals.chain(values).any(|value| {
        let text = value.text.to_ascii_lowercase();
        text.contains(":federated-user/") || text == "federateduser"
    })
}

fn is_null(test: &Test) -> bool {
    test.operator.kind == TestKind::Null
}

fn has_set(test: &Test) -> bool {
    test.operator.set.is_some() && !is_null(test)
}

fn is_plain(test: &Test) -> bool {
    test.operator.set.is_none() && !is_null(test)
}

/// Whether a key has one value in each request that has it.
pub fn is_single(key: &str) -> bool {
    catalog::condition_key(key).is_some_and(|key| key.is_list() == Some(false))
}

/// Whether a key has several values in some requests.
pub fn is_list(key: &str) -> bool {
    catalog::condition_key(key).is_some_and(|key| key.is_list() == Some(true))
}
