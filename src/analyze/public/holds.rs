//! Which tests hold a request to callers that somebody chose.

use std::net::IpAddr;

use crate::analyze::evaluate::is_short_arn;
use crate::analyze::oidc::OF_THE_OWNER;
use crate::analyze::space::hold_most;
use crate::catalog;
use crate::kind::Kind;
use crate::pattern::Pattern;
use crate::policy::{Arn, Operator, SetOperator, Statement, Test, TestKind, Value};

/// What a test of an Allow for everyone does to strangers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// It keeps them out.
    Fixed,
    /// It would, but a request without the key passes it.
    Absent,
    /// It does if what is not known of its values is what somebody chose.
    Unknown,
    /// It looks as if it did, but strangers have such values too.
    Open,
    /// It keeps out those it names and lets all others in.
    Negated,
    /// It asks for something else than who calls.
    Weak,
}

/// What can be fixed about a caller.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fixes {
    Account,
    Organization,
    Paths,
    Arn,
    Id,
    UserId,
    Address,
    Endpoint,
    True,
}

/// The keys that say who calls or from where, in lower case, and whether S3 counts them: S3 guide, "Blocking public
/// access", under "The meaning of public", with the keys of organizations, services and VPCs that IAM Access Analyzer
/// trusts as well (IAM guide, "AWS global condition context keys"). What S3 does not count are keys of other
/// services, and EC2's and EFS's own: IAM guide, "IAM Access Analyzer resource types", and EFS guide, "The meaning of
/// public".
const KEYS: &[(&str, Fixes, bool)] = &[
    ("aws:sourceaccount", Fixes::Account, true),
    ("aws:sourceowner", Fixes::Account, true),
    ("aws:principalaccount", Fixes::Account, true),
    ("aws:vpceaccount", Fixes::Account, true),
    ("kms:calleraccount", Fixes::Account, false),
    ("s3:dataaccesspointaccount", Fixes::Account, true),
    ("aws:principalorgid", Fixes::Organization, true),
    ("aws:sourceorgid", Fixes::Organization, true),
    ("aws:vpceorgid", Fixes::Organization, true),
    ("aws:principalorgpaths", Fixes::Paths, true),
    ("aws:sourceorgpaths", Fixes::Paths, true),
    ("aws:vpceorgpaths", Fixes::Paths, true),
    ("aws:sourcearn", Fixes::Arn, true),
    ("aws:principalarn", Fixes::Arn, true),
    ("aws:sourcevpcarn", Fixes::Arn, true),
    ("lambda:sourcefunctionarn", Fixes::Arn, false),
    ("s3:dataaccesspointarn", Fixes::Arn, true),
    ("s3:x-amz-server-side-encryption-aws-kms-key-id", Fixes::Arn, true),
    ("aws:sourcevpc", Fixes::Id, true),
    ("aws:sourcevpce", Fixes::Id, true),
    ("aws:ec2instancesourcevpc", Fixes::Id, false),
    ("aws:principalservicename", Fixes::Id, true),
    ("aws:principalservicenameslist", Fixes::Id, true),
    ("lambda:eventsourcetoken", Fixes::Id, false),
    ("identitystore:userid", Fixes::Id, false),
    ("aws:userid", Fixes::UserId, true),
    ("aws:sourceip", Fixes::Address, true),
    ("sns:endpoint", Fixes::Endpoint, false),
    ("aws:principalisawsservice", Fixes::True, true),
    ("elasticfilesystem:accessedviamounttarget", Fixes::True, false),
];

/// What a key fixes about a caller.
fn fixes(key: &str) -> Option<Fixes> {
    KEYS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(key)).map(|(_, fixes, _)| *fixes)
}

/// Whether S3 counts tests of a key.
pub(super) fn s3_counts(key: &str) -> bool {
    KEYS.iter().any(|(name, _, counts)| *counts && name.eq_ignore_ascii_case(key))
}

/// Whether S3 takes a value of a key that it counts for a fixed one: without wildcards, but for those that leave
/// the owner fixed, and without policy variables.
pub(super) fn s3_takes_for_fixed(key: &str, value: &Value, variables: bool) -> bool {
    let text = value.text.as_str();
    // `${Name}` and `${AWS::AccountId}` are no policy variables: a template fills them in.
    let of_template = |name: &str| !name.contains(':') || name.contains("::");
    if variables && text.contains("${") {
        return variable_names(text).all(|name| of_template(&name));
    }
    match fixes(key) {
        Some(Fixes::Address) => is_narrow(text) && !has_wildcard(text),
        Some(Fixes::True) => text.eq_ignore_ascii_case("true"),
        Some(Fixes::Paths) => names_an_organization(text),
        Some(Fixes::UserId) => !has_wildcard(text) || names_an_id(text),
        // The name of an access point may be open, if its account is not.
        Some(Fixes::Arn) if key.eq_ignore_ascii_case("s3:DataAccessPointArn") => {
            !has_wildcard(text) || Arn::parse(text).is_some_and(|arn| is_plain(arn.account))
        }
        _ => !has_wildcard(text),
    }
}

/// What requests without credentials say under `aws:PrincipalAccount` and `aws:userid`.
pub const ANONYMOUS: &str = "anonymous";

/// Keys that every request with credentials carries.
const OF_EVERY_PRINCIPAL: [&str; 4] =
    ["aws:principalarn", "aws:principalaccount", "aws:userid", "kms:calleraccount"];

/// What a test, one of those of `statement`, does to strangers.
pub fn hold(test: &Test, statement: &Statement, kind: Kind) -> Hold {
    let key = test.key.to_ascii_lowercase();
    let Some(fixes) = fixes(&key) else { return Hold::Weak };
    match test.operator.kind {
        // That the key is there, or is not, says nothing of its value.
        TestKind::Null => return Hold::Weak,
        kind if kind.is_negated() => return Hold::Negated,
        _ => {}
    }
    let fixed = |value: &Value| {
        is_fixed(fixes, test.operator.kind, value, statement.variables) || is_access_point_of_one(&key, value)
    };
    let is_wide = fixes == Fixes::Address && !are_narrow(&test.values.items);
    if is_wide || !test.values.items.iter().all(|value| value.is_hole() || fixed(value)) {
        return Hold::Open;
    }
    if !test.values.items.iter().all(fixed) {
        return Hold::Unknown;
    }
    let absent_passes = test.operator.if_exists || test.operator.set == Some(SetOperator::ForAllValues);
    let always_there = OF_EVERY_PRINCIPAL.contains(&key.as_str()) && !takes_anonymous(kind);
    match absent_passes && !always_there && !is_demanded(&key, statement) {
        true => Hold::Absent,
        false => Hold::Fixed,
    }
}

/// The test that holds of the values of `test` that belong to one owner, and of nothing else; `None`
/// where there are none. What a Deny spares is chosen as much as what an Allow asks for.
pub(super) fn chosen(test: &Test, statement: &Statement) -> Option<Test> {
    let fixes = fixes(&test.key)?;
    let is_access_point = |value: &Value| is_access_point_of_one(&test.key, value);
    // Of what such a pattern matches, the ARNs of its owner.
    let kind = match (fixes, positive(test.operator.kind)?) {
        (Fixes::Arn, TestKind::StringLike) if !test.values.items.iter().all(is_access_point) => {
            TestKind::ArnLike
        }
        (_, kind) => kind,
    };
    let mut chosen = test.clone();
    let fixed = |value: &Value| is_fixed(fixes, kind, value, statement.variables) || is_access_point(value);
    match (fixes, chosen.values.items.first()) {
        // Whoever is no service is not chosen by that.
        (Fixes::True, Some(first)) => {
            chosen.values.items = vec![Value { text: "true".to_owned(), hole: None, ..first.clone() }];
        }
        (Fixes::Address, _) if !are_narrow(&chosen.values.items) => return None,
        _ => chosen.values.items.retain(fixed),
    }
    let set = test.operator.set.map(|_| SetOperator::ForAnyValue);
    chosen.operator = Operator { set, kind, if_exists: false };
    (!chosen.values.items.is_empty()).then_some(chosen)
}

/// The operator that asks for what this one asks for, or spares what this one does.
pub(super) fn positive(kind: TestKind) -> Option<TestKind> {
    Some(match kind {
        TestKind::Null => return None,
        TestKind::StringNotEquals => TestKind::StringEquals,
        TestKind::StringNotEqualsIgnoreCase => TestKind::StringEqualsIgnoreCase,
        TestKind::StringNotLike => TestKind::StringLike,
        TestKind::ArnNotEquals | TestKind::ArnNotLike => TestKind::ArnEquals,
        TestKind::NotIpAddress => TestKind::IpAddress,
        TestKind::NumericNotEquals | TestKind::DateNotEquals => return None,
        kind => kind,
    })
}

/// Whether requests without credentials get as far as the policy.
pub(super) fn takes_anonymous(kind: Kind) -> bool {
    matches!(kind, Kind::S3 | Kind::Sqs | Kind::Sns | Kind::Lambda | Kind::Resource)
}

/// Whether the statement also asks that the key be there.
fn is_demanded(key: &str, statement: &Statement) -> bool {
    statement.conditions.iter().any(|test| {
        test.operator.kind == TestKind::Null
            && test.operator.set.is_none()
            && test.key.eq_ignore_ascii_case(key)
            && test.values.items.iter().all(|value| value.text.eq_ignore_ascii_case("false"))
    })
}

/// Whether a pattern is for access points of one account: neither a Region nor the name of one has a colon, so that no star
/// runs across the account.
fn is_access_point_of_one(key: &str, value: &Value) -> bool {
    let is_plain = |text: &str| is_plain(text) && !text.contains('$');
    let arn = value.known().and_then(Arn::parse);
    key.eq_ignore_ascii_case("s3:DataAccessPointArn")
        && arn.is_some_and(|arn| is_plain(arn.account) && !arn.resource.contains(':'))
}

fn is_fixed(fixes: Fixes, operator: TestKind, value: &Value, variables: bool) -> bool {
    let text = match &value.hole {
        None => value.text.as_str(),
        // It may be any range, or false.
        Some(_) if matches!(fixes, Fixes::Address | Fixes::True) => return false,
        Some(hole) => &hole.by_wildcards(),
    };
    if variables && text.contains("${") {
        return is_of_the_resource(text);
    }
    if fixes == Fixes::Address && operator == TestKind::IpAddress {
        return is_narrow(text);
    }
    // Nearly everyone has a number that is more, or a date that is later.
    if operator.is_order() {
        return false;
    }
    if fixes == Fixes::True {
        return text.eq_ignore_ascii_case("true");
    }
    if matches!(fixes, Fixes::Account | Fixes::UserId)
        && !value.is_hole()
        && takes_anonymous_value(operator, text)
    {
        return false;
    }
    let pattern = matches!(operator, TestKind::StringLike | TestKind::ArnEquals | TestKind::ArnLike);
    // A pattern of less than an ARN may stand for all that begin so.
    let is_short = operator.canonical() == TestKind::ArnEquals && is_short_arn(text);
    // Without wildcards it is one value. Where they are no wildcards but plain characters, no one
    // has such a value.
    if !pattern || !(has_wildcard(text) || is_short) {
        return true;
    }
    match fixes {
        Fixes::Account | Fixes::Organization | Fixes::Id | Fixes::Address => false,
        Fixes::Paths => names_an_organization(text),
        Fixes::Arn => names_the_owner(operator, text),
        Fixes::UserId => names_an_id(text),
        Fixes::Endpoint => is_fixed_endpoint(operator, text),
        Fixes::True => true,
    }
}

/// Whether a value takes what requests without credentials say under `aws:PrincipalAccount` and `aws:userid`. IAM guide,
/// "AWS global condition context keys", and "IAM policy elements: Variables and tags", under "Principal key values".
fn takes_anonymous_value(operator: TestKind, text: &str) -> bool {
    let folds = operator == TestKind::StringEqualsIgnoreCase;
    let text = if folds { text.to_ascii_lowercase() } else { text.to_owned() };
    Pattern::new(&text).matches(ANONYMOUS)
}

fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && !has_wildcard(text)
}

/// Whether a path through an organization names it.
fn names_an_organization(text: &str) -> bool {
    text.split_once('/').is_some_and(|(organization, _)| is_plain(organization))
}

/// Whether an `aws:userid` names the role, or the account of a federated user: `AROAEXAMPLE:*`.
fn names_an_id(text: &str) -> bool {
    text.split_once(':').is_some_and(|(id, _)| is_plain(id))
}

/// Variables for what the owner of the resource has: its account, its organization. Any other
/// policy variable is filled in from the caller's side. `${Name}` and `${AWS::AccountId}` are no
/// policy variables: a template fills them in before AWS sees them.
fn is_of_the_resource(text: &str) -> bool {
    variable_names(text).all(|name| {
        let of_template = !name.contains(':') || name.contains("::");
        of_template || OF_THE_OWNER.contains(&name.as_str())
    })
}

/// The names in `${…}`, in lower case.
fn variable_names(text: &str) -> impl Iterator<Item = String> {
    text.split("${")
        .skip(1)
        .map(|rest| rest.split(['}', ',']).next().unwrap_or("").trim().to_ascii_lowercase())
}

/// Whether all ARNs that a pattern matches belong to one owner. To `StringLike` an ARN is a text in which a `*` runs across
/// colons, so that the owner has to be in front of it: the path of a role and other names may hold anything.
fn names_the_owner(operator: TestKind, text: &str) -> bool {
    let before = text.split(['*', '?']).next().unwrap_or("");
    names_an_owner(text) && (operator != TestKind::StringLike || names_an_owner(before))
}

/// Whether an ARN with wildcards belongs to one owner: an account, or, as names of buckets are given
/// once in the world, a bucket of that name.
pub(crate) fn names_an_owner(text: &str) -> bool {
    let Some(arn) = Arn::parse(text) else { return false };
    if is_plain(arn.account) {
        return true;
    }
    let name = arn.resource.split('/').next().unwrap_or("");
    arn.service == "s3" && is_plain(name) && is_bucket(&arn)
}

/// Whether an ARN of S3 is that of a bucket or of what is in it: these have neither Region nor account. Where both
/// may be there and may be missing, it must fit no other type, as `accesspoint/x` does.
fn is_bucket(arn: &Arn<'_>) -> bool {
    let may_be_empty = |part: &str| part.chars().all(|character| character == '*');
    let others = || {
        let forms = catalog::types_in("s3").flat_map(catalog::ResourceType::arns);
        forms.filter(|form| form.service == "s3" && !form.account.is_empty())
    };
    match (
        arn.region.is_empty() && arn.account.is_empty(),
        may_be_empty(arn.region) && may_be_empty(arn.account),
    ) {
        (true, _) => true,
        (false, true) => !others().any(|form| form.fits_resource(arn.resource)),
        (false, false) => false,
    }
}

/// No wider than S3 lets a bucket policy be before it calls it public.
pub(super) fn is_narrow(text: &str) -> bool {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, prefix.parse::<u8>().ok()),
        None => (text, Some(128)),
    };
    match (address.parse::<IpAddr>(), prefix) {
        (Ok(IpAddr::V4(_)), Some(prefix)) => prefix >= 8,
        (Ok(IpAddr::V6(_)), Some(prefix)) => prefix >= 32,
        // What is no range matches no address.
        _ => true,
    }
}

/// Whether some ranges together hold less than half of all addresses: many that are narrow may let in everyone.
fn are_narrow(values: &[Value]) -> bool {
    !hold_most(values.iter().filter_map(Value::known))
}

/// Mail domains in which anyone can have an address.
const MAIL_FOR_EVERYONE: [&str; 14] = [
    "aol.com",
    "fastmail.com",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "yahoo.com",
];

/// A subscription's endpoint that belongs to somebody: a mail domain, a host, an account.
fn is_fixed_endpoint(operator: TestKind, text: &str) -> bool {
    if let Some((mailbox, domain)) = text.rsplit_once('@') {
        let is_of_everyone = MAIL_FOR_EVERYONE.iter().any(|known| known.eq_ignore_ascii_case(domain));
        return is_plain(domain) && (!is_of_everyone || is_plain(mailbox));
    }
    if let Some((_, rest)) = text.split_once("://") {
        return rest.split_once('/').is_some_and(|(host, _)| is_plain(host));
    }
    names_the_owner(operator, text)
}
