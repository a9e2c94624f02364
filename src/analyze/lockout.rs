//! Can anybody still change a policy once it is put? What only its own service could undo is looked for
//! before it is put there.
//!
//! KMS guide, "Default key policy" and the API's `PutKeyPolicy`, which only principals of the key's own
//! account may call; S3 guide, "Bucket policies": a bucket's policy need not allow, but its Deny binds
//! all but the root user of the account.

use super::cover::{Cut, Scope};
use super::request::Request;
use super::space::{Answer, Engine, Notion};
use crate::document::{Hints, open_policy};
use crate::kind::Kind;
use crate::policy::{
    Arn, Effect, Element, Principal, PrincipalElement, PrincipalType, Statement, Value, Values, is_account_id,
};
use crate::source::Source;

/// Whether somebody can still change a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lockout {
    /// Somebody can, with this request; of a bucket, if an identity policy allows it.
    Open(Box<Request>),
    /// Somebody can, but each statement that says so asks for something else as well: the first of them,
    /// by its index.
    Conditional(usize),
    /// Nobody can: no statement allows it to anyone of the account that owns the thing.
    Never,
    /// Nobody can: these Deny statements, by their indexes, take it from all.
    Denied(Vec<usize>),
    /// Nobody can change a bucket's policy, only take it away as a whole: these Deny statements.
    DeleteOnly(Vec<usize>),
    /// It is not known, and why.
    NotProved(String),
}

/// Asks it of the statements of a key policy or a bucket policy; `None` for other kinds.
pub fn lockout(statements: &[Statement], scope: Scope<'_>) -> Option<Lockout> {
    match scope.kind {
        Kind::Kms => Some(of_key(statements, scope)),
        Kind::S3 => Some(of_bucket(statements, scope)),
        _ => None,
    }
}

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
    let engine = Engine::new(scope);
    let allows = |candidate: &Statement| {
        let left: Vec<Statement> =
            std::iter::once(candidate).chain(denies.iter().copied()).cloned().collect();
        engine.compare(&left, &[], Notion::Access).answer
    };
    let mut unknown = None;
    let (free, bound): (Vec<&Statement>, Vec<&Statement>) =
        candidates.iter().partition(|candidate| candidate.is_unconditional());
    for candidate in free.into_iter().chain(bound) {
        match allows(candidate) {
            Answer::Witness(_) if !candidate.is_unconditional() => {
                return Lockout::Conditional(candidate.index);
            }
            Answer::Witness(request) => return Lockout::Open(request),
            Answer::NotProved(why) => unknown = unknown.or(Some(why)),
            Answer::Covered => {}
        }
    }
    match unknown {
        Some(why) => Lockout::NotProved(why),
        None => {
            let cuts = candidates.iter().flat_map(|candidate| engine.cut(&denies, candidate).by);
            let mut by: Vec<usize> = cuts.map(|(at, _)| denies[at].index).collect();
            by.sort_unstable();
            by.dedup();
            // Without any, the statements have no effect.
            if by.is_empty() { Lockout::Never } else { Lockout::Denied(by) }
        }
    }
}

/// The part of an Allow that lets somebody of the key's account put the key policy; `None` if there is
/// none. Where the owner is not known, any account may be it.
fn putting_a_key_policy(statement: &Statement, owner: Option<&str>) -> Option<Statement> {
    const ACTION: &str = "kms:PutKeyPolicy";
    let action = statement.action.as_ref().filter(|_| statement.allows())?;
    let listed = statement.actions().iter().any(|pattern| pattern.matches(ACTION));
    if listed == action.negated {
        return None;
    }
    let value = Value { text: ACTION.to_owned(), span: action.key, hole: None };
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

fn of_bucket(statements: &[Statement], scope: Scope<'_>) -> Lockout {
    let denies: Vec<&Statement> = statements.iter().filter(|statement| statement.denies()).collect();
    let bucket = scope.resource.filter(|text| text.starts_with("arn:")).map(str::to_owned);
    let bucket = bucket.or_else(|| named_bucket(statements)).unwrap_or("arn:aws:s3:::this-bucket".to_owned());
    let engine = Engine::new(scope);
    let cut = |action: &str| {
        let probe = if denies.is_empty() { None } else { probe(action, &bucket) }?;
        let cutting = engine.cut(&denies, &probe);
        (cutting.cut == Cut::All)
            .then(|| cutting.by.iter().map(|(at, _)| denies[*at].index).collect::<Vec<usize>>())
    };
    match (cut("s3:PutBucketPolicy"), cut("s3:DeleteBucketPolicy")) {
        (Some(mut by), Some(more)) => {
            by.extend(more);
            by.sort_unstable();
            by.dedup();
            Lockout::Denied(by)
        }
        (Some(by), None) => Lockout::DeleteOnly(by),
        (None, _) => Lockout::Open(Box::new(Request {
            action: "s3:PutBucketPolicy".to_owned(),
            resource: bucket.clone(),
            ..Request::default()
        })),
    }
}

/// The first bucket that a policy names.
fn named_bucket(statements: &[Statement]) -> Option<String> {
    let values = statements.iter().filter_map(|statement| statement.resource.as_ref());
    let mut arns =
        values.flat_map(|element| &element.values.items).filter_map(|value| Arn::parse(&value.text));
    arns.find_map(|arn| {
        let name = arn.resource.split('/').next().unwrap_or("");
        let is_bucket = arn.service == "s3" && !name.is_empty() && !name.contains(['*', '?', '$']);
        is_bucket.then(|| format!("arn:{}:s3:::{name}", arn.partition))
    })
}

/// Everything that anybody may ask of an action on a bucket.
fn probe(action: &str, bucket: &str) -> Option<Statement> {
    let text = serde_json::json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": action, "Resource": bucket},
    ]})
    .to_string();
    let probe = open_policy(Source::new("", text), &Hints::default());
    let statement = probe.policy.statements.into_iter().next()?;
    (statement.is_complete() && statement.effect == Some(Effect::Allow)).then_some(statement)
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
    fn a_condition_makes_it_weaker() {
        let via = ACCOUNT.replace(
            "\"Resource\":\"*\"",
            "\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:MultiFactorAuthPresent\":\"true\"}}",
        );
        assert_eq!(key(&[&via]), Lockout::Conditional(0));
        assert!(matches!(key(&[&via, ACCOUNT]), Lockout::Open(_)));
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
        let but = r#"{"Effect":"Deny","NotPrincipal":{"AWS":["111111111111","arn:aws:iam::111111111111:role/admin"]},"Action":"s3:*","Resource":"*"}"#;
        assert!(matches!(ask(Kind::S3, None, &[but]), Lockout::Open(_)));
    }
}
