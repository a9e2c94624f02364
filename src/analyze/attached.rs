//! Which resource a resource-based policy is attached to, as far as its kind and its statements tell.

use super::cover::Scope;
use super::evaluate::Asked;
use crate::catalog::{self, ActionFacts};
use crate::document::Document;
use crate::kind::Kind;
use crate::pattern::Pattern;
use crate::placeholder;
use crate::policy::{Arn, Resource, Statement, Value};

/// Whether an ARN, or a pattern of ARNs, may include a resource that a policy of this kind can be attached to, or
/// what is in that resource. For kinds that are attached to resources of several services it always may.
pub fn may_include(kind: Kind, arn: &Arn<'_>) -> bool {
    let fits = |part: &str, wanted: &str| Pattern::new(wanted).intersects(&Pattern::with_variables(part));
    own_resources(kind).is_none_or(|(service, resource)| {
        fits(arn.service, service) && (resource == "*" || fits(arn.resource, resource))
    })
}

/// The service and the last segment of the ARNs of what a policy of this kind can be attached to, as patterns; `None`
/// for kinds that are attached to resources of several services, or whose statements name no resource.
pub(super) fn own_resources(kind: Kind) -> Option<(&'static str, &'static str)> {
    match kind {
        Kind::Kms => Some(("kms", "key/*")),
        Kind::S3 => Some((own_service(kind)?, "*")),
        Kind::Sns | Kind::Sqs | Kind::SecretsManager | Kind::Lambda => Some((kind.service()?, "*")),
        _ => None,
    }
}

/// The service prefix of the actions on what a policy of this kind can be attached to, as a pattern.
fn own_service(kind: Kind) -> Option<&'static str> {
    let service = kind.service().filter(|_| kind.names_principal())?;
    // Access points and the like are services of their own: `s3-object-lambda`, `s3express`.
    Some(if kind == Kind::S3 { "s3*" } else { service })
}

/// What the policies of one kind can be about, where that is a part of all.
pub(super) struct Own {
    /// The service prefix of the actions, as a pattern.
    pub service: &'static str,
    /// Actions of the service that are on something else, or on nothing.
    pub foreign_actions: Vec<&'static str>,
    /// The resources, as a pattern, where statements name any.
    pub resource: Option<String>,
}

impl Own {
    pub fn of(kind: Kind) -> Option<Own> {
        let service = own_service(kind)?;
        let known = catalog::actions_matching(&format!("{service}:*"));
        let foreign_actions =
            known.filter(|action| !takes_attached(*action, kind)).map(|action| action.name()).collect();
        let resource =
            own_resources(kind).map(|(service, resource)| format!("arn:*:{service}:*:*:{resource}"));
        Some(Own { service, foreign_actions, resource })
    }
}

/// Why a request is not one that a policy of this kind decides on: it is no action on what the policy is attached to, or
/// about something else. An action that the catalog does not know may be new.
pub(super) fn foreign(asked: &Asked<'_>, scope: Scope<'_>) -> Option<String> {
    let Scope { kind, resource } = scope;
    let own = own_service(kind)?;
    // Where it is attached to something that no such policy is, that is another matter.
    if resource.and_then(Arn::parse).is_some_and(|arn| !may_include(kind, &arn)) {
        return None;
    }
    let request = asked.request();
    if is_foreign_to(kind, own, &request.action) {
        return Some(format!("`{}` is not an action on a {}", request.action, kind.thing()));
    }
    let arn = asked.resource.filter(|arn| !may_include(kind, arn));
    arn.map(|_| format!("`{}` cannot be the resource of {}", request.resource, kind.with_article()))
}

/// Whether an action is of another service than `own`, or known to be on something else.
fn is_foreign_to(kind: Kind, own: &str, action: &str) -> bool {
    let prefix = action.split(':').next().unwrap_or_default();
    !Pattern::new(&prefix.to_ascii_lowercase()).intersects(&Pattern::new(own))
        || catalog::action(action).is_some_and(|action| !takes_attached(action, kind))
}

/// Whether a resource is what a policy is attached to, or in it, as far as that is known.
pub fn is_about(resource: &str, scope: Scope<'_>) -> bool {
    let Some(own) = scope.resource.filter(|own| own.starts_with("arn:")) else { return true };
    match scope.kind {
        Kind::Kms | Kind::Sns | Kind::Sqs => resource == own,
        Kind::S3 => resource.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        _ => true,
    }
}

/// The first entry of `Resource`, if no entry may include a resource that a policy of this kind can be attached to.
pub fn foreign_resource(statement: &Statement, kind: Kind) -> Option<&str> {
    let element = statement.resource.as_ref().filter(|element| !element.negated)?;
    let items = &element.values.items;
    let is_foreign =
        |value: &Value| value.known().and_then(Arn::parse).is_some_and(|arn| !may_include(kind, &arn));
    items.first().filter(|_| items.iter().all(is_foreign)).map(|first| first.text.as_str())
}

/// The first entry of `Resource`, if all entries name other resources of the type that the policy is attached to one of.
/// What that is may be known by its id alone: `arn:*:ecr:*:*:repository/r`.
pub fn other_resource<'s>(statement: &'s Statement, kind: Kind, attached: &str) -> Option<&'s str> {
    if !kind.names_principal() || !kind.grants() || kind == Kind::Trust {
        return None;
    }
    let own = Arn::parse(attached)?;
    // The engine knows of queues, topics and buckets, whose ARNs name no type.
    let of_type = own.resource.find(['/', ':']).and_then(|end| own.resource.get(..=end));
    let of_type = match own.service {
        GATEWAY => "",
        _ => of_type.filter(|of_type| *of_type != "/")?,
    };
    let included = [attached.to_owned(), format!("{attached}/*"), format!("{attached}:*")];
    let included = included.map(|text| Resource::new(&text, true));
    let is_other = |value: &Value| {
        let arn = value.known().filter(|text| !text.contains("${")).and_then(Arn::parse);
        arn.is_some_and(|arn| {
            let named = Resource::new(&value.text, true);
            let same_type = arn.service == own.service && arn.resource.starts_with(of_type);
            same_type && !included.iter().any(|included| included.intersects(&named))
        })
    };
    let items = &statement.resource.as_ref().filter(|element| !element.negated)?.values.items;
    items.first().filter(|_| items.iter().all(is_other)).map(|first| first.text.as_str())
}

/// The service of the calls of API Gateway's APIs, whose ARNs begin with the id of the API.
const GATEWAY: &str = "execute-api";

/// The first entry of `Action`, if no entry may be an action on a resource that a policy of this kind can be attached
/// to: one of another service, or one that takes no such resource. An action that the catalog does not know may be new.
pub fn foreign_action(statement: &Statement, kind: Kind) -> Option<&str> {
    let own = own_service(kind)?;
    let element = statement.action.as_ref()?;
    let items = &element.values.items;
    let first = || items.first().map(|first| first.text.as_str());
    if element.negated {
        let all = Pattern::new(&format!("{own}:*"));
        let covers = |text: &str| Pattern::new(&text.to_ascii_lowercase()).contains(&all);
        return first().filter(|_| items.iter().filter_map(Value::known).any(covers));
    }
    let is_foreign = |value: &Value| {
        value.known().is_some_and(|text| text.contains(':') && is_foreign_to(kind, own, text))
    };
    first().filter(|_| items.iter().all(is_foreign))
}

/// The statement without the entries of `Action` and `Resource` that a policy of this kind cannot be about, and the
/// entries of each that are left out.
pub fn without_foreign(statement: &Statement, kind: Kind) -> (Statement, [Vec<String>; 2]) {
    let (mut rest, mut left_out) = (statement.clone(), [Vec::new(), Vec::new()]);
    let Some(own) = own_service(kind) else { return (rest, left_out) };
    let is_foreign = |text: &str, is_action: bool| match is_action {
        true => text.contains(':') && is_foreign_to(kind, own, text),
        false => Arn::parse(text).is_some_and(|arn| !may_include(kind, &arn)),
    };
    for (at, element) in [&mut rest.action, &mut rest.resource].into_iter().enumerate() {
        let Some(element) = element.as_mut().filter(|element| !element.negated) else { continue };
        element.values.items.retain(|value| {
            let is_left_out = value.known().is_some_and(|text| is_foreign(text, at == 0));
            if is_left_out {
                left_out[at].push(value.shown());
            }
            !is_left_out
        });
    }
    (rest, left_out)
}

/// Whether an action can be about a resource that a policy of this kind can be attached to.
fn takes_attached(action: ActionFacts, kind: Kind) -> bool {
    if makes_its_resource(action.name()) {
        return false;
    }
    let types = action.resources().filter_map(|need| catalog::resource_type(action.service(), need.name));
    types.flat_map(|of| of.arns()).any(|form| {
        let text = form.text();
        Arn::parse(&text).is_some_and(|arn| may_include(kind, &arn))
    })
}

/// Calls that make the resource that they name, which has no policy yet. S3 guide, "How Amazon S3 authorizes a request for
/// a bucket operation", says so of buckets.
const MAKERS: [&str; 9] = [
    "backup:CreateBackupVault",
    "dynamodb:CreateTable",
    "events:CreateEventBus",
    "kinesis:CreateStream",
    "lambda:CreateFunction",
    "s3:CreateBucket",
    "secretsmanager:CreateSecret",
    "sns:CreateTopic",
    "sqs:CreateQueue",
];

fn makes_its_resource(action: &str) -> bool {
    MAKERS.iter().any(|maker| maker.eq_ignore_ascii_case(action))
}

/// Why a call asks the policy of no resource: it names none, or one that is not there yet. An action that the catalog does
/// not know may be new.
pub(super) fn without_resource(asked: &Asked<'_>) -> Option<String> {
    let action = &asked.request().action;
    let facts = catalog::action(action)?;
    if makes_its_resource(action) {
        return Some(format!("`{action}` makes its resource, which has no policy yet"));
    }
    let names_none = asked.request().resource == "*" && facts.resources().next().is_none();
    names_none.then(|| format!("`{action}` names no resource whose policy could be asked"))
}

/// The ARN of the one resource that the statements of a policy name; `None` if they name none or several, or if a
/// template decides which. A pattern that includes the resource does not tell which it is.
pub fn named_by_statements(document: &Document) -> Option<String> {
    let elements = document.policy.statements.iter().filter_map(|statement| statement.resource.as_ref());
    let values = elements.filter(|element| !element.negated).flat_map(|element| &element.values.items);
    let (mut named, mut patterns): (Option<String>, Vec<&str>) = (None, Vec::new());
    for value in values {
        let text = value.known()?;
        match attached_resource(document.kind, text) {
            Some(resource) if named.as_ref().is_some_and(|named| *named != resource) => return None,
            Some(resource) => named = Some(resource),
            None => patterns.push(text),
        }
    }
    let resource = named?;
    let includes = |text: &&str| {
        let pattern = Resource::new(text, true);
        [resource.clone(), format!("{resource}/x"), format!("{resource}:x")]
            .iter()
            .any(|one| pattern.intersects(&Resource::new(one, false)))
    };
    patterns.iter().all(includes).then_some(resource)
}

/// The ARN of the resource that the policy is attached to, given one of its entries of `Resource`: the bucket of its
/// objects, the function of its versions. `None` if the entry does not tell.
fn attached_resource(kind: Kind, text: &str) -> Option<String> {
    let arn = Arn::parse(text).filter(|arn| may_include(kind, arn))?;
    let end = |parts: &[&str]| parts.iter().map(|part| part.len()).sum::<usize>() + parts.len();
    let inner = match kind {
        Kind::Sns | Kind::Sqs | Kind::SecretsManager => arn.resource,
        Kind::Lambda => {
            let name = arn.after("function")?.split(':').next()?;
            arn.resource.get(..end(&["function"]) + name.len())?
        }
        Kind::S3 => {
            let mut parts = arn.resource.split('/');
            let first = parts.next()?;
            match first {
                "accesspoint" => arn.resource.get(..end(&[first]) + parts.next()?.len())?,
                bucket => bucket,
            }
        }
        _ => return None,
    };
    let whole = text.get(..text.len() - arn.resource.len() + inner.len())?;
    let is_open = inner.is_empty()
        || whole.contains(['*', '?', '$'])
        || !placeholder::tokens(whole).is_empty()
        || placeholder::unfilled(whole).iter().any(|found| !found.is_example());
    (!is_open).then(|| whole.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Hints, open_policy};
    use crate::source::Source;

    fn named(kind: Kind, resources: &[&str]) -> Option<String> {
        let statement =
            |resource: &&str| format!(r#"{{"Effect":"Allow","Action":"a:b","Resource":{resource}}}"#);
        let statements: Vec<String> = resources.iter().map(statement).collect();
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        named_by_statements(&open_policy(
            Source::new("test", text),
            &Hints { kind: Some(kind), ..Hints::default() },
        ))
    }

    #[test]
    fn one_resource_is_named() {
        let s3 = |resources: &[&str]| named(Kind::S3, resources);
        let bucket = Some("arn:aws:s3:::b".to_owned());
        assert_eq!(s3(&[r#""arn:aws:s3:::b""#, r#"["arn:aws:s3:::b/*","arn:aws:s3:::b/x/y"]"#]), bucket);
        assert_eq!(s3(&[r#""arn:aws:s3:::b/*""#, r#""*""#, r#""arn:aws:s3:::*/x""#]), bucket);
        let point = "arn:aws:s3:us-east-1:111111111111:accesspoint/p";
        assert_eq!(s3(&[&format!(r#""{point}/object/*""#)]), Some(point.to_owned()));
        let topic = "arn:aws:sns:us-east-1:111111111111:t";
        assert_eq!(
            named(Kind::Sns, &[&format!(r#""{topic}""#), r#""arn:aws:sns:*:*:*""#]),
            Some(topic.to_owned())
        );
        let function = "arn:aws:lambda:us-east-1:111111111111:function:f";
        assert_eq!(named(Kind::Lambda, &[&format!(r#""{function}:live""#)]), Some(function.to_owned()));
    }

    #[test]
    fn none_or_several_are_named() {
        for resources in [
            &[r#""*""#][..],
            &[],
            &[r#""arn:aws:s3:::a""#, r#""arn:aws:s3:::b""#],
            &[r#""arn:aws:s3:::b*""#],
            &[r#""arn:aws:s3:::b""#, r#""arn:aws:s3:::c*""#],
            &[r#""arn:aws:s3:::b""#, r#"{"Ref":"Bucket"}"#],
            &[r#""arn:aws:s3:::YOUR_BUCKET/*""#],
            &[r#""arn:aws:s3:::<bucket>/*""#],
            &[r#""arn:aws:s3:::${Bucket}/*""#],
            &[r#""arn:aws:sns:us-east-1:111111111111:t""#],
            &[r#""b""#],
        ] {
            assert_eq!(named(Kind::S3, resources), None, "{resources:?}");
        }
        assert_eq!(named(Kind::Identity, &[r#""arn:aws:s3:::b""#]), None);
    }
}
