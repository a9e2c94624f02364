//! Statements that can match no request, and why.
//!
//! Such a statement grants nothing and denies nothing. Every other statement covers it and it is equal to
//! every statement of its kind, so it must be told apart before statements are compared by meaning.

use std::fmt;

use super::attached::{foreign_action, foreign_resource, other_resource};
use super::cover::Scope;
use super::evaluate::can_compare;
use super::shapes::{Shape, never_has};
use super::space::Engine;
use crate::kind::Kind;
use crate::policy::{Element, Principal, PrincipalElement, SetOperator, Statement, Test, TestKind, Value};

/// Why a statement can match no request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Void {
    /// No entry of `Action` has the form `service:Name`; this is the first.
    Action(String),
    /// No entry of `Action` is an action on what a policy of this kind is attached to; this is the first.
    Unrelated {
        /// The entry.
        named: String,
        /// The kind of the policy.
        kind: Kind,
    },
    /// No entry of `Resource` is an ARN; this is the first.
    Resource(String),
    /// `Resource` does not include the resource that the policy is attached to.
    Elsewhere {
        /// The first entry of `Resource`.
        named: String,
        /// What the policy is attached to.
        attached: String,
    },
    /// No entry of `Resource` is one that a policy of this kind can be attached to; this is the first.
    Foreign {
        /// The entry.
        named: String,
        /// The kind of the policy.
        kind: Kind,
    },
    /// `Resource` does not include the one resource that the existing statements name. The policy may be that of
    /// another resource than was meant.
    Other {
        /// The first entry of `Resource`.
        named: String,
        /// What the existing statements name.
        existing: String,
    },
    /// The operator of a condition can compare with none of its values; this is the first.
    Value {
        /// The operator.
        operator: &'static str,
        /// The value.
        value: String,
    },
    /// A condition asks for values that its key never has; this is the first.
    Never {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// What to write.
        help: &'static str,
    },
    /// Its conditions ask for a resource of another account than that of the policy's.
    Account(String),
    /// No request meets all conditions.
    Conditions,
    /// Its elements leave nothing together.
    Nothing,
}

impl fmt::Display for Void {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Void::Action(action) => write!(f, "`{action}` is not of the form `service:Name`"),
            Void::Unrelated { named, kind } => {
                write!(f, "`{named}` is not an action on a {}", kind.thing())
            }
            Void::Resource(resource) => write!(f, "`{resource}` is not an ARN"),
            Void::Elsewhere { named, attached } => {
                write!(f, "`{named}` is not the resource that the policy is attached to (`{attached}`)")
            }
            Void::Foreign { named, kind } => {
                write!(f, "`{named}` cannot be the resource of {}", kind.with_article())
            }
            Void::Other { named, existing } => write!(
                f,
                "it names `{named}`, but the existing statements name `{existing}`: is this the right file?"
            ),
            Void::Value { operator, value } => write!(f, "`{operator}` cannot compare with `{value}`"),
            Void::Never { key, value, .. } => write!(f, "`{key}` is never `{value}`"),
            Void::Account(own) => {
                write!(f, "`aws:ResourceAccount` is always `{own}` where this policy is attached")
            }
            Void::Conditions => f.write_str("its conditions contradict each other"),
            Void::Nothing => f.write_str("its elements exclude every request"),
        }
    }
}

impl Void {
    /// What to do about it, in the imperative.
    pub fn help(&self) -> String {
        match self {
            Void::Action(_) => "write each action as `service:Name`".to_owned(),
            Void::Unrelated { .. } => {
                "allow it in an identity policy, or write an action of the service that the policy belongs to"
                    .to_owned()
            }
            Void::Resource(_) => "write the ARN of the resource that the policy is attached to".to_owned(),
            Void::Elsewhere { attached, .. } => format!("write `{attached}` as its `Resource`"),
            Void::Foreign { kind: Kind::Kms, .. } => {
                "write `\"Resource\": \"*\"`, which is this key in a key policy".to_owned()
            }
            Void::Foreign { kind, .. } => format!("write the ARN of the {} as its `Resource`", kind.thing()),
            Void::Other { .. } => "if it is, set `--resource` to the ARN that it is attached to".to_owned(),
            Void::Value { .. } => "write a value of the type that the operator compares".to_owned(),
            Void::Never { help, .. } => (*help).to_owned(),
            Void::Account(own) => format!("write `{own}`, or leave the condition out"),
            Void::Conditions => "remove or change one of its conditions".to_owned(),
            Void::Nothing => "change the elements that exclude each other".to_owned(),
        }
    }
}

/// Why `statement` can match no request; `None` if it may match one, or if that is not known.
pub fn void(statement: &Statement, scope: Scope<'_>) -> Option<Void> {
    if let Some(action) = malformed_action(statement) {
        return Some(Void::Action(action));
    }
    if let Some(named) = foreign_action(statement, scope.kind) {
        let is_negated = statement.action.as_ref().is_some_and(|element| element.negated);
        return Some(match is_negated {
            true => Void::Nothing,
            false => Void::Unrelated { named: named.to_owned(), kind: scope.kind },
        });
    }
    if let Some(named) = foreign_resource(statement, scope.kind) {
        return Some(Void::Foreign { named: named.to_owned(), kind: scope.kind });
    }
    if let Some((test, value)) =
        statement.conditions.iter().find_map(|test| Some((test, incomparable(test)?)))
    {
        let operator = test.operator.kind.name();
        return Some(Void::Value { operator, value: value.text.clone() });
    }
    if let Some(never) = statement.conditions.iter().find_map(never).or_else(|| name_of_a_role(statement)) {
        return Some(never);
    }
    let elsewhere = |attached: &str| {
        let named = other_resource(statement, scope.kind, attached)?.to_owned();
        Some(Void::Elsewhere { named, attached: attached.to_owned() })
    };
    if let Some(elsewhere) = scope.resource.and_then(elsewhere) {
        return Some(elsewhere);
    }
    let engine = Engine::new(scope);
    let is_empty = |statement: &Statement| engine.matches_nothing(statement);
    if depends_on_values(statement) {
        return None;
    }
    if !is_empty(statement) {
        return None;
    }
    if let Some(own) = scope.owner() {
        let mut anywhere = statement.clone();
        anywhere.conditions.retain(|test| !test.key.eq_ignore_ascii_case("aws:ResourceAccount"));
        if !is_empty(&anywhere) {
            return Some(Void::Account(own.to_owned()));
        }
    }
    let mut wider = statement.clone();
    wider.conditions.clear();
    if !is_empty(&wider) {
        return Some(Void::Conditions);
    }
    let mut everywhere = wider.clone();
    let named = statement.resource.as_ref().filter(|element| !element.negated);
    let first = named.and_then(|element| element.values.items.first());
    if let (Some(first), Some(element)) = (first, everywhere.resource.as_mut()) {
        element.values.items = vec![Value { text: "*".to_owned(), ..first.clone() }];
        if !is_empty(&everywhere) {
            let named = first.text.clone();
            // Without a resource of its own, the policy is about every ARN.
            let free = Engine::new(Scope { resource: None, ..scope });
            return Some(match scope.resource {
                Some(attached) if !free.matches_nothing(&wider) => {
                    Void::Elsewhere { named, attached: attached.to_owned() }
                }
                _ => Void::Resource(named),
            });
        }
    }
    Some(Void::Nothing)
}

/// The first entry of `Action`, if none of them can be an action's name.
fn malformed_action(statement: &Statement) -> Option<String> {
    let element = statement.action.as_ref().filter(|element| !element.negated)?;
    let items = &element.values.items;
    let is_malformed = |value: &Value| !value.is_hole() && !is_action(&value.text);
    items.first().filter(|_| items.iter().all(is_malformed)).map(|first| first.text.clone())
}

/// Why a list of what no one may do holds less than it says, if it does: an entry of `Action` that is none or that no
/// policy decides on, a statement that can match no request, or no statement at all that allows something.
pub fn void_list(statements: &[Statement], scope: Scope<'_>) -> Option<String> {
    let is_malformed = |value: &&Value| value.known().is_some_and(|text| !is_action(text));
    let malformed = |statement: &Statement| {
        let element = statement.action.as_ref()?;
        Some(Void::Action(element.values.items.iter().find(is_malformed)?.text.clone()))
    };
    let mut allows = statements.iter().filter(|statement| !statement.denies()).peekable();
    if allows.peek().is_none() {
        return Some("no statement of it allows anything".to_owned());
    }
    let why = |one: &Statement, scope: Scope<'_>| {
        let void = malformed(one).or_else(|| void(one, scope)).map(|void| void.to_string());
        void.or_else(|| undecided_entry(one, scope))
    };
    allows.find_map(|one| {
        let found = why(one, scope)?;
        // It is about services and callers without credentials, too, of whom no identity policy is.
        let of_others = one.principal.is_none() && {
            let of_everyone =
                Statement { principal: Some(PrincipalElement::everyone(one.span)), ..one.clone() };
            why(&of_everyone, Scope { kind: Kind::Resource, resource: None }).is_none()
        };
        (!of_others).then(|| format!("{}: {found}", one.name()))
    })
}

/// Why no policy decides on one of the actions that a statement names, if that is so of any.
fn undecided_entry(statement: &Statement, scope: Scope<'_>) -> Option<String> {
    let element = statement.action.as_ref().filter(|element| !element.negated)?;
    element.values.items.iter().filter(|value| value.known().is_some()).find_map(|value| {
        let mut alone = statement.clone();
        alone.action.as_mut()?.values.items = vec![value.clone()];
        Engine::new(scope).undecided(&alone)
    })
}

/// Whether a text has the form of an action: `*`, or a service and a name.
fn is_action(text: &str) -> bool {
    let all_stars = !text.is_empty() && text.bytes().all(|byte| byte == b'*');
    let is_pair = |(service, name): (&str, &str)| !service.is_empty() && !name.is_empty();
    all_stars || text.split_once(':').is_some_and(is_pair)
}

/// Whether a test may hold although the key has none of its values.
fn holds_without(test: &Test) -> bool {
    test.unknown_key
        || test.operator.if_exists
        || test.operator.kind.is_negated()
        || test.operator.set == Some(SetOperator::ForAllValues)
}

/// Why a test holds of no request: the key never has one of its values.
fn never(test: &Test) -> Option<Void> {
    let items = test.values.items.iter().filter(|_| !holds_without(test));
    let shapes: Vec<Option<Shape>> =
        items.map(|value| value.known().and_then(|_| never_has(test, value))).collect();
    let (first, shape) = (test.values.items.first()?, shapes.first().copied()??);
    shapes.iter().all(Option::is_some).then(|| Void::Never {
        key: test.key.clone(),
        value: first.text.clone(),
        help: shape.help(),
    })
}

/// Why a statement matches nothing that asks roles for the name that only users have (IAM guide, `aws:username`).
fn name_of_a_role(statement: &Statement) -> Option<Void> {
    let element = statement.principal.as_ref().filter(|element| !element.negated)?;
    let is_role = |one: Principal| matches!(one, Principal::Role(_) | Principal::Session(_));
    if element.principals().next().is_none() || !element.principals().all(|(one, _)| is_role(one)) {
        return None;
    }
    let is_name = |test: &&Test| {
        let asks = test.key.eq_ignore_ascii_case("aws:username") && test.operator.kind != TestKind::Null;
        asks && !holds_without(test)
    };
    let test = statement.conditions.iter().find(is_name)?;
    let value = test.values.items.first()?.text.clone();
    let help = "name a user as principal, or leave the condition out: roles have no `aws:username`";
    Some(Void::Never { key: test.key.clone(), value, help })
}

/// The first value of a test that holds of no request because its operator can compare with none of its values.
fn incomparable(test: &Test) -> Option<&Value> {
    let items = &test.values.items;
    let never = |value: &Value| {
        let text = value.known().filter(|text| !text.contains("${"));
        text.is_some_and(|text| !can_compare(test.operator.kind, text))
    };
    items.first().filter(|_| !holds_without(test) && items.iter().all(never))
}

/// Whether a policy variable or a template's function could make it match.
fn depends_on_values(statement: &Statement) -> bool {
    let elements = [&statement.action, &statement.resource].into_iter().flatten();
    let entries = statement.principal.iter().flat_map(|element| &element.entries);
    let values = elements
        .flat_map(|element: &Element| &element.values.items)
        .chain(entries.flat_map(|entry| &entry.values.items))
        .chain(statement.conditions.iter().flat_map(|test| &test.values.items));
    values.into_iter().any(|value| value.is_hole() || statement.variables && value.text.contains("${"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use crate::parse::parse;
    use crate::policy::Policy;

    const QUEUE: &str = "arn:aws:sqs:us-east-1:111111111111:q";

    fn why(kind: Kind, resource: Option<&str>, rest: &str) -> Option<Void> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{rest}}}}}"#);
        let (policy, problems) = Policy::read(&parse(&text).tree, &text);
        assert!(problems.is_empty(), "{problems:?}");
        let statement = policy.statements.first().expect("a statement");
        void(statement, Scope { kind, resource })
    }

    fn queue(rest: &str) -> Option<Void> {
        why(
            Kind::Sqs,
            Some(QUEUE),
            &format!(r#""Principal":{{"AWS":"arn:aws:iam::222222222222:role/r"}},{rest}"#),
        )
    }

    #[test]
    fn what_matches_no_request_has_its_reason() {
        let elsewhere =
            |named: &str| Some(Void::Elsewhere { named: named.to_owned(), attached: QUEUE.to_owned() });
        let own = format!(r#""Resource":"{QUEUE}""#);
        assert_eq!(
            queue(&format!(r#""Action":"SendMessage",{own}"#)),
            Some(Void::Action("SendMessage".to_owned()))
        );
        assert_eq!(
            queue(&format!(r#""Action":["sqs:",":Send"],{own}"#)),
            Some(Void::Action("sqs:".to_owned()))
        );
        assert_eq!(queue(r#""Action":"sqs:*","Resource":"q""#), Some(Void::Resource("q".to_owned())));
        let other = "arn:aws:sqs:us-east-1:111111111111:qq";
        assert_eq!(queue(&format!(r#""Action":"sqs:*","Resource":"{other}""#)), elsewhere(other));
        assert_eq!(queue(&format!(r#""Action":"sqs:*","Resource":["{other}","*:x"]"#)), elsewhere(other));
        for condition in [
            r#"{"StringEquals":{"aws:PrincipalTag/t":"x"},"StringNotEquals":{"aws:PrincipalTag/t":"x"}}"#,
            r#"{"StringEquals":{"aws:PrincipalAccount":"333333333333"}}"#,
            r#"{"NumericLessThan":{"a:b":"1"},"NumericGreaterThan":{"a:b":"2"}}"#,
            r#"{"Null":{"a:b":"true"},"StringEquals":{"a:b":"x"}}"#,
        ] {
            let rest = format!(r#""Action":"sqs:*",{own},"Condition":{condition}"#);
            assert_eq!(queue(&rest), Some(Void::Conditions), "{condition}");
        }
        assert_eq!(queue(&format!(r#""NotAction":"*",{own}"#)), Some(Void::Nothing));
    }

    #[test]
    fn keys_have_values_of_one_form() {
        let of = |condition: &str| {
            queue(&format!(r#""Action":"sqs:*","Resource":"{QUEUE}","Condition":{{{condition}}}"#))
        };
        for (key, condition) in [
            ("aws:SourceAccount", r#""StringEquals":{"aws:SourceAccount":"account-ID"}"#),
            ("aws:PrincipalOrgID", r#""StringEquals":{"aws:PrincipalOrgID":["r-abcd","x"]}"#),
            ("aws:SourceVpc", r#""StringLike":{"aws:SourceVpc":"subnet-*"}"#),
            ("aws:SecureTransport", r#""StringEquals":{"aws:SecureTransport":"TRUE"}"#),
            ("aws:SourceVpce", r#""ForAnyValue:StringEquals":{"aws:SourceVpce":"vpc-1"}"#),
            ("aws:username", r#""StringEquals":{"aws:username":"bob"}"#),
        ] {
            let found = of(condition);
            assert!(
                matches!(&found, Some(Void::Never { key: of, .. }) if of == key),
                "{condition}: {found:?}"
            );
        }
        for condition in [
            r#""StringEquals":{"aws:SourceAccount":["account-ID","111111111111"]}"#,
            r#""StringNotEquals":{"aws:SourceAccount":"account-ID"}"#,
            r#""StringEqualsIfExists":{"aws:SourceAccount":"account-ID"}"#,
            r#""ForAllValues:StringEquals":{"aws:SourceAccount":"account-ID"}"#,
            r#""StringEquals":{"aws:SourceAccount":"${aws:PrincipalAccount}"}"#,
            r#""StringLike":{"aws:SourceAccount":"1111*"}"#,
            r#""StringEqualsIgnoreCase":{"aws:SecureTransport":"TRUE"}"#,
            r#""StringEquals":{"aws:PrincipalTag/x":"account-ID"}"#,
            r#""StringEqualsIfExists":{"aws:username":"bob"}"#,
            r#""StringNotEquals":{"aws:username":"bob"}"#,
        ] {
            assert_eq!(of(condition), None, "{condition}");
        }
    }

    #[test]
    fn another_resource_of_the_same_type_is_not_the_attached_one() {
        let about = |kind: Kind, attached: &str, named: &str| {
            let rest = format!(r#""Principal":{{"AWS":"222222222222"}},"Action":"*:*","Resource":{named}"#);
            why(kind, Some(attached), &rest)
        };
        let bus = "arn:aws:events:us-east-1:111111111111:event-bus/bus";
        let secret = "arn:aws:secretsmanager:us-east-1:111111111111:secret:s-AbCdEf";
        for (kind, attached, named) in [
            (Kind::Resource, bus, r#""arn:aws:events:us-east-1:111111111111:event-bus/other""#),
            (Kind::Resource, bus, r#""arn:aws:events:us-east-1:333333333333:event-bus/bus""#),
            (
                Kind::Resource,
                "arn:aws:es:us-east-1:111111111111:domain/d",
                r#""arn:aws:es:*:*:domain/other/*""#,
            ),
            (
                Kind::Resource,
                "arn:aws:backup:us-east-1:111111111111:backup-vault:v",
                r#"["arn:aws:backup:us-east-1:111111111111:backup-vault:o"]"#,
            ),
            (
                Kind::Ecr,
                "arn:*:ecr:*:*:repository/r",
                r#""arn:aws:ecr:us-east-1:111111111111:repository/other""#,
            ),
            (Kind::Resource, "arn:*:execute-api:*:*:abc", r#""arn:aws:execute-api:us-east-1:1:zzz/*""#),
            (
                Kind::SecretsManager,
                secret,
                r#""arn:aws:secretsmanager:us-east-1:111111111111:secret:other-AbCdEf""#,
            ),
        ] {
            let found = about(kind, attached, named);
            assert!(matches!(found, Some(Void::Elsewhere { .. })), "{named}: {found:?}");
        }
        for (kind, attached, named) in [
            (Kind::Resource, bus, r#""*""#),
            (Kind::Resource, bus, r#""arn:aws:events:us-east-1:111111111111:event-bus/*""#),
            (Kind::Resource, bus, r#""arn:aws:events:us-east-1:111111111111:rule/bus/*""#),
            (
                Kind::Resource,
                bus,
                r#"["arn:aws:events:us-east-1:111111111111:event-bus/other","arn:aws:events:us-east-1:111111111111:event-bus/bus"]"#,
            ),
            (Kind::Resource, "arn:aws:es:us-east-1:111111111111:domain/d", r#""arn:aws:es:*:*:domain/d/*""#),
            (Kind::Ecr, "arn:*:ecr:*:*:repository/r", r#""arn:aws:ecr:us-east-1:111111111111:repository/r""#),
            (Kind::Resource, "arn:*:execute-api:*:*:abc", r#""execute-api:/*""#),
            (Kind::Resource, "arn:*:execute-api:*:*:abc", r#""arn:aws:execute-api:us-east-1:1:abc/*/GET/*""#),
            (Kind::SecretsManager, secret, r#""arn:aws:secretsmanager:us-east-1:111111111111:secret:s-*""#),
            // Which roles another role may take on is not about itself.
            (Kind::Identity, "arn:aws:iam::111111111111:role/r", r#""arn:aws:iam::111111111111:role/s""#),
        ] {
            let found = about(kind, attached, named);
            assert!(!matches!(found, Some(Void::Elsewhere { .. })), "{named}: {found:?}");
        }
    }

    #[test]
    fn a_resource_of_another_service_is_never_the_one_of_the_policy() {
        let principal = r#""Principal":{"AWS":"arn:aws:iam::222222222222:role/r"}"#;
        let of = |kind, resource: &str| {
            why(kind, None, &format!(r#"{principal},"Action":"{kind}:*","Resource":{resource}"#))
        };
        let (bucket, topic) = ("arn:aws:s3:::b", "arn:aws:sns:us-east-1:111111111111:t");
        for (kind, named) in [
            (Kind::Kms, bucket),
            (Kind::Kms, "arn:aws:kms:us-east-1:111111111111:alias/a"),
            (Kind::Sns, bucket),
            (Kind::Sqs, topic),
            (Kind::S3, topic),
            (Kind::S3, "arn:aws:sn*:*:*:*"),
            (Kind::Lambda, topic),
            (Kind::SecretsManager, bucket),
        ] {
            let foreign = Some(Void::Foreign { named: named.to_owned(), kind });
            assert_eq!(of(kind, &format!(r#""{named}""#)), foreign);
            assert_eq!(of(kind, &format!(r#"["{named}","{named}/x"]"#)), foreign);
            assert_eq!(of(kind, &format!(r#"["{named}","*"]"#)), None);
        }
        for (kind, resource) in [
            (Kind::Kms, r#""arn:aws:kms:us-east-1:111111111111:key/*""#),
            (Kind::Kms, r#""arn:aws:k*:*:*:*""#),
            (Kind::S3, r#""arn:aws:s3-object-lambda:us-east-1:111111111111:accesspoint/p""#),
            (Kind::S3, r#""arn:aws:*:::b""#),
            (Kind::S3, r#"{"Fn::GetAtt":["Topic","Arn"]}"#),
            (Kind::Resource, r#""arn:aws:s3:::b""#),
        ] {
            assert_eq!(of(kind, resource), None, "{resource}");
        }
        // Every other resource is meant.
        let rest = format!(r#"{principal},"Action":"kms:*","NotResource":"{bucket}""#);
        assert_eq!(why(Kind::Kms, None, &rest), None);
    }

    #[test]
    fn an_action_that_is_not_on_the_thing_of_the_policy() {
        let of = |kind, actions: &str| {
            let principal = r#""Principal":{"AWS":"arn:aws:iam::222222222222:role/r"}"#;
            let resource = if kind == Kind::Trust { "" } else { r#","Resource":"*""# };
            why(kind, None, &format!("{principal},{actions}{resource}"))
        };
        for (kind, named) in [
            (Kind::Kms, "kms:ListKeys"),
            (Kind::Kms, "kms:CreateKey"),
            (Kind::Kms, "KMS:listkeys"),
            (Kind::Kms, "s3:GetObject"),
            (Kind::Kms, "s3:*"),
            (Kind::S3, "s3:ListAllMyBuckets"),
            (Kind::S3, "sqs:SendMessage"),
            (Kind::Sns, "sns:ListTopics"),
            (Kind::Sns, "sqs:*"),
            (Kind::Sqs, "sqs:ListQueues"),
            (Kind::Sqs, "sns:Publish"),
            (Kind::SecretsManager, "secretsmanager:ListSecrets"),
            (Kind::SecretsManager, "kms:Decrypt"),
            (Kind::Lambda, "lambda:ListFunctions"),
            (Kind::Lambda, "s3:GetObject"),
            (Kind::Ecr, "ecr:GetAuthorizationToken"),
            (Kind::Ecr, "s3:GetObject"),
            (Kind::Trust, "sts:GetCallerIdentity"),
            (Kind::Trust, "iam:PassRole"),
        ] {
            let unrelated = Some(Void::Unrelated { named: named.to_owned(), kind });
            assert_eq!(of(kind, &format!(r#""Action":"{named}""#)), unrelated, "{kind} {named}");
            let own = format!(r#""Action":["{named}","{}:*"]"#, kind.service().unwrap());
            assert_eq!(of(kind, &own), None, "{kind} {named}");
        }
        for (kind, not) in [
            (Kind::Kms, "kms:*"),
            (Kind::Kms, "k*:*"),
            (Kind::Sqs, "SQS:*"),
            (Kind::S3, "s3*"),
            (Kind::Trust, "*"),
        ] {
            assert_eq!(
                of(kind, &format!(r#""NotAction":["a:b","{not}"]"#)),
                Some(Void::Nothing),
                "{kind} {not}"
            );
        }
        for (kind, actions) in [
            (Kind::Kms, r#""Action":"kms:NotYetKnown""#),
            (Kind::Kms, r#""Action":"kms:List*""#),
            (Kind::Kms, r#""Action":"*""#),
            (Kind::Kms, r#""Action":"kms:CreateAlias""#),
            (Kind::Kms, r#""Action":{"Ref":"A"}"#),
            (Kind::Kms, r#""NotAction":"kms:Decrypt""#),
            (Kind::Kms, r#""NotAction":"s3:*""#),
            (Kind::S3, r#""Action":"s3express:CreateSession""#),
            (Kind::S3, r#""NotAction":"s3:*""#),
            (Kind::Trust, r#""Action":["sts:AssumeRole","sts:TagSession"]"#),
            (Kind::Trust, r#""Action":"sts:AssumeRoleWithWebIdentity""#),
            (Kind::Ecr, r#""Action":"ecr:BatchGetImage""#),
            (Kind::Lambda, r#""Action":"lambda:InvokeFunctionUrl""#),
            (Kind::Endpoint, r#""Action":"s3:GetObject""#),
            (Kind::Resource, r#""Action":"es:ESHttpGet""#),
        ] {
            assert_eq!(of(kind, actions), None, "{kind} {actions}");
        }
        assert_eq!(why(Kind::Iot, None, r#""Action":"s3:GetObject","Resource":"*""#), None);
    }

    #[test]
    fn a_list_that_forbids_nothing() {
        let list = |statements: &str| {
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
            let (policy, _) = Policy::read(&parse(&text).tree, &text);
            void_list(&policy.statements, Scope { kind: Kind::Identity, resource: None })
        };
        let of = |effect: &str, rest: &str| format!(r#"{{"Effect":"{effect}",{rest},"Resource":"*"}}"#);
        let all = of("Allow", r#""Action":"s3:DeleteObject""#);
        let deny = of("Deny", r#""Action":"s3:DeleteObject""#);
        assert_eq!(list(&all), None);
        assert_eq!(list(&format!("{all},{deny}")), None);
        let nothing = Some("no statement of it allows anything".to_owned());
        assert_eq!((list(""), list(&deny)), (nothing.clone(), nothing));
        for action in [r#""Action":"DeleteObject""#, r#""Action":["s3:GetObject","DeleteObject"]"#] {
            let why = list(&format!("{all},{}", of("Allow", action)));
            assert_eq!(
                why.as_deref(),
                Some("statement 2: `DeleteObject` is not of the form `service:Name`"),
                "{action}"
            );
        }
        assert!(list(&of("Allow", r#""NotAction":"*""#)).is_some());
        // Of services and of callers without credentials, which no identity policy is about.
        let with = |action: &str, condition: &str| {
            list(&of("Allow", &format!(r#""Action":"{action}","Condition":{{{condition}}}"#)))
        };
        for condition in [
            r#""Bool":{"aws:PrincipalIsAWSService":"true"}"#,
            r#""Null":{"aws:PrincipalServiceName":"false"}"#,
            r#""StringEquals":{"aws:PrincipalType":"Anonymous"}"#,
            r#""Null":{"aws:PrincipalArn":"true"}"#,
            r#""Null":{"aws:username":"false"}"#,
        ] {
            assert_eq!(with("sqs:*", condition), None, "{condition}");
        }
        let contradiction = Some("statement 1: its conditions contradict each other");
        for (action, condition) in [
            (
                "sqs:*",
                r#""Bool":{"aws:PrincipalIsAWSService":"true"},"StringEquals":{"aws:PrincipalType":"User"}"#,
            ),
            ("sqs:*", r#""Null":{"aws:PrincipalTag/t":"true"},"StringEquals":{"aws:PrincipalTag/t":"x"}"#),
        ] {
            assert_eq!(with(action, condition).as_deref(), contradiction, "{condition}");
        }
    }

    #[test]
    fn another_account_than_that_of_the_resource() {
        let with = |condition: &str| {
            queue(&format!(r#""Action":"sqs:*","Resource":"*","Condition":{{{condition}}}"#))
        };
        let account = Some(Void::Account("111111111111".to_owned()));
        for (condition, expected) in [
            (r#""StringEquals":{"aws:ResourceAccount":"333333333333"}"#, &account),
            (r#""StringEquals":{"aws:resourceaccount":["333333333333","444444444444"]}"#, &account),
            (r#""StringNotEquals":{"aws:ResourceAccount":"111111111111"}"#, &account),
            (r#""StringLike":{"aws:ResourceAccount":"2*"}"#, &account),
            (r#""StringEqualsIfExists":{"aws:ResourceAccount":"333333333333"}"#, &account),
            (r#""Null":{"aws:ResourceAccount":"true"}"#, &account),
            (r#""StringEquals":{"aws:ResourceAccount":["333333333333","111111111111"]}"#, &None),
            (r#""StringLike":{"aws:ResourceAccount":"1*"}"#, &None),
            (r#""StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}"#, &None),
            (r#""StringEquals":{"aws:SourceAccount":"333333333333"}"#, &None),
        ] {
            assert_eq!(&with(condition), expected, "{condition}");
        }
        // It is not known whose the queue is.
        let open = r#""Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceAccount":"333333333333"}}"#;
        assert_eq!(why(Kind::Sqs, None, open), None);
    }

    #[test]
    fn a_value_that_its_operator_cannot_compare_with() {
        let with = |condition: &str| {
            queue(&format!(r#""Action":"sqs:*","Resource":"*","Condition":{{{condition}}}"#))
        };
        for (operator, value) in [
            ("NumericLessThan", "abc"),
            ("NumericEquals", "1h"),
            ("DateGreaterThan", "soon"),
            ("IpAddress", "10.0.0"),
            ("Bool", "yes"),
        ] {
            let of = |operator: &str, values: &str| with(&format!(r#""{operator}":{{"a:b":{values}}}"#));
            let reason = match with(&format!(r#""{operator}":{{"a:b":"{value}"}}"#)) {
                Some(Void::Value { operator, value }) => (operator, value),
                other => panic!("{operator} {value}: {other:?}"),
            };
            assert_eq!(reason, (operator, value.to_owned()));
            let one = format!(r#""{value}""#);
            assert_eq!(of(&format!("{operator}IfExists"), &one), None);
            assert_eq!(of(&format!("ForAllValues:{operator}"), &one), None);
            assert_eq!(of(operator, r#""${aws:PrincipalTag/limit}""#), None);
            assert_eq!(of(operator, r#"{"Ref":"Limit"}"#), None);
        }
        for condition in [
            r#""NumericLessThan":{"a:b":["abc","5"]}"#,
            r#""NumericNotEquals":{"a:b":"abc"}"#,
            r#""NotIpAddress":{"a:b":"10.0.0"}"#,
            r#""DateLessThan":{"a:b":"2030-01-01"}"#,
        ] {
            assert_eq!(with(condition), None, "{condition}");
        }
    }

    #[test]
    fn what_may_match_is_left_alone() {
        for rest in [
            r#""Action":"sqs:SendMessage","Resource":"*""#.to_owned(),
            r#""Action":"sqs:NotYetKnown","Resource":"arn:aws:sqs:*:*:q*""#.to_owned(),
            format!(r#""Action":["SendMessage","sqs:SendMessage"],"Resource":["x","{QUEUE}"]"#),
            // A value of the request or of a template may be the queue.
            r#""Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:111111111111:${aws:PrincipalTag/q}""#.to_owned(),
            r#""Action":"sqs:*","Resource":{"Ref":"Queue"}"#.to_owned(),
            r#""Action":"sqs:*","Resource":"*","Condition":{"StringEquals":{"a:b":["x","${c:d}"]},"StringNotEquals":{"a:b":"x"}}"#.to_owned(),
        ] {
            assert_eq!(queue(&rest), None, "{rest}");
        }
        // Of a policy that may be attached to any queue, nothing is known.
        let other = r#""Principal":"*","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1:111111111111:qq""#;
        assert_eq!(why(Kind::Sqs, None, other), None);
        assert_eq!(why(Kind::Identity, None, r#""Action":"a:b","Resource":"*""#), None);
    }
}
