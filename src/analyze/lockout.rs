//! Can anybody still change a policy once it is put? What only its own service could undo is looked for
//! before it is put there.
//!
//! KMS guide, "Default key policy" and the API's `PutKeyPolicy`, which only principals of the key's own
//! account may call; S3 API reference, `PutBucketPolicy` and `DeleteBucketPolicy`: a bucket's policy need not
//! allow, but its Deny binds all but the root user of the account.

use serde_json::{Value as Json, json};

use super::cover::{Cut, Scope};
use super::request::Request;
use super::space::{Answer, Engine, Notion};
use crate::catalog;
use crate::document::{Hints, open_policy};
use crate::kind::Kind;
use crate::policy::{
    Arn, Effect, Element, Principal, PrincipalElement, PrincipalType, Statement, Test, TestKind, Value,
    Values, is_account_id,
};
use crate::source::Source;

/// Whether somebody can still change a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lockout {
    /// Somebody can, with this request; of a bucket or a queue, if an identity policy allows it.
    Open(Box<Request>),
    /// Somebody can, but each statement that says so asks for something else as well: the first of them,
    /// by its index.
    Conditional(usize),
    /// Nobody can: no statement allows it to anyone of the account that owns the thing.
    Never,
    /// Nobody can: these Deny statements, by their indexes, take it from all; of a bucket or a queue, from all but the root
    /// user.
    Denied(Vec<usize>),
    /// No one but the root user can change a bucket's policy, others only delete it as a whole: these Deny
    /// statements.
    DeleteOnly(Vec<usize>),
    /// It is not known, and why.
    NotProved(String),
}

/// Asks it of the statements of the policy of a key, a bucket or a queue; `None` for other kinds.
pub fn lockout(statements: &[Statement], scope: Scope<'_>) -> Option<Lockout> {
    match scope.kind {
        Kind::Kms => Some(of_key(statements, scope)),
        Kind::S3 => Some(of_denies(statements, scope, &BUCKET)),
        Kind::Sqs => Some(of_denies(statements, scope, &QUEUE)),
        _ => None,
    }
}

/// What says which service makes a call for its caller.
const VIA_SERVICE: &str = "kms:ViaService";

/// The call that changes a key policy.
const PUT_KEY: &str = "kms:PutKeyPolicy";

fn of_key(statements: &[Statement], scope: Scope<'_>) -> Lockout {
    if let Some(unread) = statements.iter().find(|statement| !statement.is_complete()) {
        return Lockout::NotProved(format!("not all of {} could be read", unread.name()));
    }
    let owner = scope.resource.and_then(Arn::parse).map(|arn| arn.account).filter(|id| is_account_id(id));
    let candidates: Vec<Statement> =
        statements.iter().filter_map(|statement| putting_a_key_policy(statement, owner)).collect();
    if candidates.is_empty() {
        return Lockout::Never;
    }
    let denies: Vec<&Statement> = statements.iter().filter(|statement| statement.denies()).collect();
    let engine = Engine { shows: false, ..Engine::new(scope) };
    let caller = probe(PUT_KEY, "*", scope.kind, statements).map_or(Vec::new(), |probe| probe.conditions);
    let by_caller = |candidate: &Statement| {
        let conditions = candidate.conditions.iter().chain(&caller).cloned().collect();
        Statement { conditions, ..candidate.clone() }
    };
    let allows = |candidate: &Statement| {
        let denies = denies.iter().copied().cloned();
        let left: Vec<Statement> = std::iter::once(by_caller(candidate)).chain(denies).collect();
        engine.compare(&left, &[], Notion::Access).answer
    };
    // No service puts the policy of a key for someone.
    let has_via = |test: &Test| test.key.eq_ignore_ascii_case(VIA_SERVICE);
    let via = denies.iter().find(|deny| deny.conditions.iter().any(has_via)).map(|deny| deny.index);
    let is_direct = |candidate: &Statement| {
        let mut direct = candidate.clone();
        direct.conditions.push(Test::of(TestKind::Null, VIA_SERVICE, &["true"], candidate.span));
        allows(&direct) != Answer::Covered
    };
    let (mut unknown, mut through_service) = (None, None);
    let (free, bound): (Vec<&Statement>, Vec<&Statement>) =
        candidates.iter().partition(|candidate| candidate.is_unconditional());
    for candidate in free.into_iter().chain(bound) {
        match allows(candidate) {
            Answer::Witness(_) if !candidate.is_unconditional() => {
                return Lockout::Conditional(candidate.index);
            }
            Answer::Witness(request) => match via.filter(|_| !is_direct(candidate)) {
                Some(deny) => through_service = Some(deny),
                None => return Lockout::Open(request),
            },
            Answer::NotProved(why) => unknown = unknown.or(Some(why)),
            Answer::Covered => {}
        }
    }
    match (through_service, unknown) {
        (Some(deny), _) => Lockout::Conditional(deny),
        (None, Some(why)) => Lockout::NotProved(why),
        (None, None) => {
            let cuts = candidates.iter().flat_map(|candidate| engine.cut(&denies, &by_caller(candidate)).by);
            let mut by: Vec<usize> = cuts.map(|(at, _)| denies[at].index).collect();
            by.sort_unstable();
            by.dedup();
            // Without any, the statements have no effect.
            if by.is_empty() { Lockout::Never } else { Lockout::Denied(by) }
        }
    }
}

/// The account whose principals, and no others, some statements allow to put the policy of a key.
pub(super) fn account_of_key<'s>(statements: impl Iterator<Item = &'s Statement>) -> Option<String> {
    let mut owner: Option<String> = None;
    for statement in statements.filter_map(|statement| putting_a_key_policy(statement, None)) {
        let principals = statement.principal.iter().filter(|element| !element.negated);
        let mut accounts = principals.flat_map(|element| element.principals()).peekable();
        accounts.peek()?;
        for (principal, _) in accounts {
            let account = principal.account()?;
            if owner.get_or_insert_with(|| account.to_owned()) != account {
                return None;
            }
        }
    }
    owner
}

/// The part of an Allow that lets somebody of the key's account put the key policy; `None` if there is
/// none. Where the owner is not known, any account may be it.
fn putting_a_key_policy(statement: &Statement, owner: Option<&str>) -> Option<Statement> {
    let action = statement.action.as_ref().filter(|_| statement.allows())?;
    let listed = statement.actions().iter().any(|pattern| pattern.matches(PUT_KEY));
    if listed == action.negated {
        return None;
    }
    let value = Value { text: PUT_KEY.to_owned(), span: action.key, hole: None };
    let action = Element {
        key: action.key,
        negated: false,
        values: Values { items: vec![value], list: false, span: action.key },
    };
    let principal = statement.principal.as_ref()?;
    let mut own = PrincipalElement { entries: Vec::new(), ..principal.clone() };
    for entry in &principal.entries {
        let mut kept = entry.clone();
        kept.values.items.retain(|value| match Principal::of(entry, value) {
            _ if principal.negated => true,
            // It may be anyone.
            Principal::Hole(..) => true,
            Principal::Any => entry.kind == PrincipalType::Aws,
            principal @ (Principal::Account(_)
            | Principal::Role(_)
            | Principal::User(_)
            | Principal::Session(_)) => owner.is_none_or(|owner| principal.account() == Some(owner)),
            _ => false,
        });
        if !kept.values.items.is_empty() {
            own.entries.push(kept);
        }
    }
    (!own.entries.is_empty()).then(|| Statement {
        action: Some(action),
        principal: Some(own),
        ..statement.clone()
    })
}

/// The policy of a bucket or a queue: it need not allow, but what it denies is denied to all but the root user.
struct Denying {
    /// The calls that change it; one that is left to someone is enough.
    change: &'static [&'static str],
    /// The call that only deletes it.
    delete: Option<&'static str>,
    /// A resource that it may be attached to.
    any: &'static str,
}

const BUCKET: Denying = Denying {
    change: &["s3:PutBucketPolicy"],
    delete: Some("s3:DeleteBucketPolicy"),
    any: "arn:aws:s3:::this-bucket",
};

/// IAM guide, "Perform a privileged task on an AWS Organizations member account": only the root user can delete the policy
/// of a queue that denies all principals. `RemovePermission` removes a statement by its `Sid`.
const QUEUE: Denying = Denying {
    change: &["sqs:SetQueueAttributes", "sqs:RemovePermission"],
    delete: None,
    any: "arn:aws:sqs:us-east-1:111111111111:this-queue",
};

fn of_denies(statements: &[Statement], scope: Scope<'_>, policy: &Denying) -> Lockout {
    let denies: Vec<&Statement> = statements.iter().filter(|statement| statement.denies()).collect();
    let resource = scope.resource.filter(|text| text.starts_with("arn:")).map(str::to_owned);
    let resource = resource.or_else(|| named(statements, scope.kind)).unwrap_or(policy.any.to_owned());
    let engine = Engine { shows: false, ..Engine::new(scope) };
    let cut = |action: &str| {
        let probe = if denies.is_empty() { None } else { probe(action, &resource, scope.kind, statements) }?;
        // Most leave something, which one question shows.
        if !engine.leaves_nothing(&denies, &probe) {
            return None;
        }
        let cutting = engine.cut(&denies, &probe);
        (cutting.cut == Cut::All)
            .then(|| cutting.by.iter().map(|(at, _)| denies[*at].index).collect::<Vec<usize>>())
    };
    let merged = |cuts: Vec<Vec<usize>>| {
        let mut by = cuts.concat();
        by.sort_unstable();
        by.dedup();
        by
    };
    let mut changes = Vec::new();
    for action in policy.change {
        let Some(by) = cut(action) else {
            return Lockout::Open(Box::new(Request {
                action: (*action).to_owned(),
                resource,
                ..Request::default()
            }));
        };
        changes.push(by);
    }
    match policy.delete.map(cut) {
        Some(None) => Lockout::DeleteOnly(merged(changes)),
        delete => Lockout::Denied(merged(changes.into_iter().chain(delete.flatten()).collect())),
    }
}

/// The first bucket or queue that a policy names.
fn named(statements: &[Statement], kind: Kind) -> Option<String> {
    let values = statements.iter().filter_map(|statement| statement.resource.as_ref());
    let mut arns =
        values.flat_map(|element| &element.values.items).filter_map(|value| Arn::parse(&value.text));
    arns.find_map(|arn| {
        let is_plain = |text: &str| !text.is_empty() && !text.contains(['*', '?', '$']);
        match (kind, arn.service) {
            (Kind::S3, "s3") => {
                let name = arn.resource.split('/').next().unwrap_or("");
                is_plain(name).then(|| format!("arn:{}:s3:::{name}", arn.partition))
            }
            (Kind::Sqs, "sqs") if [arn.region, arn.account, arn.resource].into_iter().all(is_plain) => {
                Some(format!("arn:{}:sqs:{}:{}:{}", arn.partition, arn.region, arn.account, arn.resource))
            }
            _ => None,
        }
    })
}

/// Keys that no user, role or root user has in a request: only a service that calls by itself says for what. IAM guide,
/// "AWS global condition context keys", under "Availability" of each.
const OF_SERVICES: [&str; 6] = [
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
];

/// Keys that every request of theirs has. The same page, and "IAM policy elements: Variables and tags", under
/// "Principal key values".
const ALWAYS: [&str; 9] = [
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalType",
    "aws:RequestedRegion",
    "aws:SecureTransport",
    "aws:userid",
];

/// All that those who may change the policy can ask of an action: users and roles of the account, and of a key its
/// root user, whom no policy of a bucket or a queue can keep out; from the day of the catalog on.
fn probe(action: &str, resource: &str, kind: Kind, statements: &[Statement]) -> Option<Statement> {
    let mut types = vec!["AssumedRole", "FederatedUser", "User"];
    if kind == Kind::Kms {
        types.push("Account");
    }
    let mut present = serde_json::Map::from_iter([("aws:PrincipalArn".to_owned(), Json::from("false"))]);
    for test in statements.iter().flat_map(|statement| &statement.conditions) {
        if let Some(is_there) = is_there(test, action) {
            present.insert(test.key.clone(), Json::from(if is_there { "false" } else { "true" }));
        }
    }
    let day = format!("{}T00:00:00Z", catalog::DATE.trim());
    let text = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": action,
        "Resource": resource,
        "Condition": {
            "StringEquals": {"aws:PrincipalType": types},
            "DateGreaterThanEquals": {"aws:CurrentTime": day, "aws:EpochTime": day},
            "Null": present,
        },
    }]})
    .to_string();
    let probe = open_policy(Source::new("", text), &Hints::default());
    let statement = probe.policy.statements.into_iter().next()?;
    (statement.is_complete() && statement.effect == Some(Effect::Allow)).then_some(statement)
}

/// Whether all of these requests have the key of a test, or none; `None` if some have it.
fn is_there(test: &Test, action: &str) -> Option<bool> {
    let is_in = |keys: &[&str]| keys.iter().any(|key| key.eq_ignore_ascii_case(&test.key));
    if is_in(&ALWAYS) {
        return Some(true);
    }
    let key = catalog::condition_key(&test.key)?;
    let action = catalog::action(action)?;
    (is_in(&OF_SERVICES) || !catalog::takes_key(action, key)).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;
    use crate::policy::Policy;

    const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/k";

    fn ask(kind: Kind, resource: Option<&str>, statements: &[&str]) -> Lockout {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        let (policy, _) = Policy::read(&parse(&text).tree, &text);
        lockout(&policy.statements, Scope { kind, resource }).unwrap()
    }

    fn key(statements: &[&str]) -> Lockout {
        ask(Kind::Kms, Some(KEY), statements)
    }

    const ACCOUNT: &str =
        r#"{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"kms:*","Resource":"*"}"#;

    fn deny(rest: &str) -> String {
        format!(r#"{{"Effect":"Deny","Action":"kms:Put*","Resource":"*",{rest}}}"#)
    }

    #[test]
    fn a_key_whose_policy_somebody_may_put() {
        for statement in [
            ACCOUNT.to_owned(),
            ACCOUNT.replace("111111111111", "arn:aws:iam::111111111111:role/admin"),
            ACCOUNT.replace("\"kms:*\"", "[\"kms:Decrypt\",\"KMS:putkeypolicy\"]"),
            ACCOUNT.replace("\"Action\":\"kms:*\"", "\"NotAction\":\"kms:Decrypt\""),
            ACCOUNT.replace("{\"AWS\":\"111111111111\"}", "\"*\""),
        ] {
            assert!(matches!(key(&[&statement]), Lockout::Open(_)), "{statement}");
        }
        // A Deny that spares somebody.
        let but_admin = deny(
            r#""Principal":"*","Condition":{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/admin"}}"#,
        );
        let Lockout::Open(request) = key(&[ACCOUNT, &but_admin]) else { panic!("the admin may") };
        assert_eq!(request.action, "kms:PutKeyPolicy");
        let no_mfa =
            deny(r#""Principal":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#);
        assert!(matches!(key(&[ACCOUNT, &no_mfa]), Lockout::Open(_)));
    }

    #[test]
    fn a_key_whose_policy_nobody_may_put() {
        for statement in [
            ACCOUNT.replace("kms:*", "kms:Decrypt"),
            ACCOUNT.replace("111111111111", "222222222222"),
            ACCOUNT.replace("111111111111", "AROAEXAMPLE000000000"),
            ACCOUNT.replace("\"AWS\":\"111111111111\"", "\"Service\":\"s3.amazonaws.com\""),
            ACCOUNT.replace(",\"Resource\":\"*\"", ""),
        ] {
            assert_eq!(key(&[&statement]), Lockout::Never, "{statement}");
        }
        assert_eq!(key(&[]), Lockout::Never);
        assert_eq!(key(&[ACCOUNT, &deny(r#""Principal":"*""#)]), Lockout::Denied(vec![1]));
        let mfa =
            deny(r#""Principal":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#);
        let others = deny(r#""Principal":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#);
        assert_eq!(key(&[&mfa, ACCOUNT, &others]), Lockout::Denied(vec![0, 2]), "one or the other");
    }

    #[test]
    fn a_key_whose_denies_spare_no_one_by_their_conditions() {
        let but = |condition: &str| deny(&format!(r#""Principal":"*","Condition":{{{condition}}}"#));
        for sparing_none in [
            r#""StringNotEquals":{"aws:SourceAccount":"111111111111"}"#,
            r#""StringNotEquals":{"aws:PrincipalServiceName":"s3.amazonaws.com"}"#,
            r#""StringNotEquals":{"kms:EncryptionContext:a":"b"}"#,
            r#""DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}"#,
        ] {
            assert_eq!(key(&[ACCOUNT, &but(sparing_none)]), Lockout::Denied(vec![1]), "{sparing_none}");
        }
        for sparing_some in [
            r#""StringNotEquals":{"kms:KeySpec":"RSA_4096"}"#,
            // The root user of a bucket's account is never kept out, that of a key's is.
            r#""ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:root"}"#,
        ] {
            assert!(matches!(key(&[ACCOUNT, &but(sparing_some)]), Lockout::Open(_)), "{sparing_some}");
        }
        // An Allow on a condition that none of them meets allows none of them.
        let source = r#""Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"111111111111"}}"#;
        assert_eq!(key(&[&ACCOUNT.replace(r#""Resource":"*""#, source)]), Lockout::Never);
    }

    #[test]
    fn queues() {
        let queue = |rest: &str| {
            let deny = format!(r#"{{"Effect":"Deny","Principal":"*",{rest}}}"#);
            ask(Kind::Sqs, None, &[&deny])
        };
        let on = r#""Resource":"arn:aws:sqs:us-east-1:111111111111:q""#;
        for all in [
            r#""Action":"sqs:*""#,
            r#""NotAction":"sqs:SendMessage""#,
            r#""Action":["sqs:Set*","sqs:Remove*"]"#,
        ] {
            assert_eq!(queue(&format!("{all},{on}")), Lockout::Denied(vec![0]), "{all}");
        }
        for some in [
            r#""Action":"sqs:SendMessage""#,
            r#""Action":"sqs:SetQueueAttributes""#,
            r#""Action":"sqs:*","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#,
            r#""Action":"sqs:*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"111111111111"}}"#,
        ] {
            assert!(matches!(queue(&format!("{some},{on}")), Lockout::Open(_)), "{some}");
        }
        let statement = format!(
            r#"{{"Effect":"Deny","Principal":"*","Action":"sqs:*",{on},"Condition":{{"StringNotEquals":{{"aws:SourceAccount":"111111111111"}}}}}}"#
        );
        assert_eq!(ask(Kind::Sqs, None, &[&statement]), Lockout::Denied(vec![0]));
    }

    #[test]
    fn a_condition_makes_it_weaker() {
        let via = ACCOUNT.replace(
            "\"Resource\":\"*\"",
            "\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:MultiFactorAuthPresent\":\"true\"}}",
        );
        assert_eq!(key(&[&via]), Lockout::Conditional(0));
        assert!(matches!(key(&[&via, ACCOUNT]), Lockout::Open(_)));
        // Who is let in through a service alone cannot call by himself.
        let through = |operator: &str| {
            let condition = format!(r#"{{"{operator}":{{"kms:ViaService":"s3.us-east-1.amazonaws.com"}}}}"#);
            deny(&format!(r#""Principal":"*","Condition":{condition}"#))
        };
        assert_eq!(key(&[ACCOUNT, &through("StringNotEquals")]), Lockout::Conditional(1));
        assert!(matches!(key(&[ACCOUNT, &through("StringEquals")]), Lockout::Open(_)));
        assert!(matches!(key(&[ACCOUNT, &through("StringNotEqualsIfExists")]), Lockout::Conditional(1)));
        let spared = deny(
            r#""Principal":"*","Condition":{"StringNotEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"},"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/admin"}}"#,
        );
        assert!(matches!(key(&[ACCOUNT, &spared]), Lockout::Open(_)));
    }

    #[test]
    fn what_cannot_be_read_is_not_proved() {
        let odd = r#"{"Effect":"Deny","Principal":"*","Action":5,"Resource":"*"}"#;
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{ACCOUNT},{odd}]}}"#);
        let (policy, _) = Policy::read(&parse(&text).tree, &text);
        let lockout = lockout(&policy.statements, Scope { kind: Kind::Kms, resource: None });
        assert!(matches!(lockout, Some(Lockout::NotProved(_))), "{lockout:?}");
    }

    #[test]
    fn buckets() {
        let bucket = |rest: &str| {
            let deny = format!(r#"{{"Effect":"Deny","Principal":"*",{rest}}}"#);
            ask(Kind::S3, None, &[&deny])
        };
        let all = |action: &str| bucket(&format!(r#""Action":"{action}","Resource":"arn:aws:s3:::b""#));
        assert_eq!(all("s3:*"), Lockout::Denied(vec![0]));
        assert_eq!(all("s3:*BucketPolicy"), Lockout::Denied(vec![0]));
        assert_eq!(all("s3:PutBucketPolicy"), Lockout::DeleteOnly(vec![0]));
        assert!(matches!(all("s3:GetObject"), Lockout::Open(_)));
        for spared in [
            r#""Action":"s3:*","Resource":"arn:aws:s3:::b/*""#,
            r#""Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#,
            r#""Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#,
        ] {
            assert!(matches!(bucket(spared), Lockout::Open(_)), "{spared}");
        }
        // Keys of which none, or all, who may put the policy have a value.
        for sparing_none in [
            r#""StringNotEquals":{"aws:SourceAccount":"111111111111"}"#,
            r#""ArnNotEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:111111111111:t"}"#,
            r#""StringNotEquals":{"aws:PrincipalServiceName":"s3.amazonaws.com"}"#,
            r#""BoolIfExists":{"aws:PrincipalIsAWSService":"false"}"#,
            r#""StringNotEquals":{"aws:PrincipalType":"Anonymous"}"#,
            r#""StringNotEquals":{"s3:prefix":"x"}"#,
            r#""Null":{"aws:PrincipalArn":"false"}"#,
            r#""Null":{"aws:SecureTransport":"false"}"#,
            r#""DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}"#,
            r#""DateGreaterThan":{"aws:EpochTime":"1577836800"}"#,
        ] {
            let rest = format!(r#""Action":"s3:*","Resource":"*","Condition":{{{sparing_none}}}"#);
            assert_eq!(bucket(&rest), Lockout::Denied(vec![0]), "{sparing_none}");
        }
        for sparing_some in [
            r#""StringNotEqualsIfExists":{"aws:SourceAccount":"111111111111"},"Bool":{"aws:PrincipalIsAWSService":"true"}"#,
            r#""StringEquals":{"aws:SourceAccount":"111111111111"}"#,
            r#""StringNotEquals":{"aws:PrincipalType":"User"}"#,
            r#""StringNotEquals":{"aws:PrincipalAccount":"111111111111"}"#,
            r#""StringNotEquals":{"s3:authType":"REST-HEADER"}"#,
            r#""StringNotEquals":{"aws:ResourceTag/team":"red"}"#,
            r#""DateGreaterThan":{"aws:CurrentTime":"2099-01-01T00:00:00Z"}"#,
            r#""DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}"#,
            r#""ForAnyValue:StringNotEquals":{"aws:CalledVia":"cloudformation.amazonaws.com"}"#,
        ] {
            let rest = format!(r#""Action":"s3:*","Resource":"*","Condition":{{{sparing_some}}}"#);
            assert!(matches!(bucket(&rest), Lockout::Open(_)), "{sparing_some}");
        }
        let but = r#"{"Effect":"Deny","NotPrincipal":{"AWS":["111111111111","arn:aws:iam::111111111111:role/admin"]},"Action":"s3:*","Resource":"*"}"#;
        assert!(matches!(ask(Kind::S3, None, &[but]), Lockout::Open(_)));
    }
}
