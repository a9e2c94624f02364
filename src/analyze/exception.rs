//! What AWS decides whatever the policies say: calls that need no permission, resources of its own that no
//! customer can change, and calls across partitions; and what a policy of some kind cannot be about. A policy
//! that allows or denies these says nothing about access.

use std::sync::OnceLock;

use serde_json::{Value as Json, json};

use super::attached;
use super::cover::Scope;
use super::evaluate::{Asked, Who};
use crate::catalog::{self, ActionFacts, Level};
use crate::document::{Hints, open_policy};
use crate::kind::Kind;
use crate::policy::{PARTITIONS, Statement};
use crate::source::Source;

/// A rule of AWS that outranks the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exception {
    /// The call needs no permission, and no policy can deny it.
    Free(&'static str),
    /// The call would change a resource that only AWS changes.
    Managed(&'static str),
    /// The caller and the resource are in different partitions.
    Apart(&'static str),
}

impl Exception {
    /// The rule in one sentence.
    pub fn reason(self) -> &'static str {
        match self {
            Exception::Free(reason) | Exception::Managed(reason) | Exception::Apart(reason) => reason,
        }
    }
}

/// Who may make a call without permission.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Callers {
    All,
    /// IAM users, the root user among them.
    Users,
}

/// Calls that need no permission, in lower case. The STS API reference says so of each, under "Permissions":
/// "GetCallerIdentity" (an explicit deny does not stop it) and "GetSessionToken" ("No permissions are required
/// for users", and policies cannot control it).
const FREE: [(&str, Callers, &str); 2] = [
    (
        "sts:getcalleridentity",
        Callers::All,
        "sts:GetCallerIdentity needs no permission, and no policy can deny it",
    ),
    (
        "sts:getsessiontoken",
        Callers::Users,
        "sts:GetSessionToken needs no permission for a user, and no policy can deny it",
    ),
];

/// Resources that AWS manages for its customers.
struct Managed {
    service: &'static str,
    /// The account in the ARN; empty for any.
    account: &'static str,
    /// How the last segment of the ARN begins.
    resource: &'static str,
    /// Calls that change such a resource all the same, or only refer to it; in lower case.
    spared: &'static [&'static str],
    reason: &'static str,
}

const MANAGED: [Managed; 4] = [
    // IAM guide, "Managed policies and inline policies", under "AWS managed policies".
    Managed {
        service: "iam",
        account: "aws",
        resource: "policy/",
        spared: &[],
        reason: "no customer can change an AWS managed policy",
    },
    // IAM Identity Center guide, "Permission sets": only IAM Identity Center changes and assigns these roles.
    Managed {
        service: "iam",
        account: "",
        resource: "role/aws-reserved/",
        spared: &[],
        reason: "no customer can change or pass a role under /aws-reserved/",
    },
    // IAM guide, "Create a service-linked role", with the calls to create, describe and delete one. Some
    // services take a service-linked role that is passed to them.
    Managed {
        service: "iam",
        account: "",
        resource: "role/aws-service-role/",
        spared: &["createservicelinkedrole", "deleteservicelinkedrole", "updateroledescription", "passrole"],
        reason: "a service-linked role is changed only by iam:CreateServiceLinkedRole, \
                 iam:DeleteServiceLinkedRole and iam:UpdateRoleDescription",
    },
    // KMS API reference, "CreateAlias", under `AliasName`.
    Managed {
        service: "kms",
        account: "",
        resource: "alias/aws/",
        spared: &[],
        reason: "aliases that begin with alias/aws/ are reserved for AWS managed keys",
    },
];

/// IAM guide, "Cross account resource access in IAM": only within one partition.
const APART: &str = "the caller and the resource are in different partitions, which AWS keeps apart";

/// The exception that a request falls under, and whether that is certain: it may depend on who calls.
pub fn exception(asked: &Asked<'_>, is_service_linked: bool) -> Option<(Exception, bool)> {
    if let (Some(caller), Some(resource)) = (asked.who.arn(), asked.resource)
        && caller.partition != resource.partition
        && PARTITIONS.contains(&resource.partition)
    {
        return Some((Exception::Apart(APART), true));
    }
    let free = FREE.iter().find(|(action, ..)| *action == asked.action());
    if let Some((_, callers, reason)) = free {
        let is_certain = match (&asked.who, callers) {
            (Who::Anonymous | Who::Service(_) | Who::Federated(_) | Who::CanonicalUser(_), _) => None,
            (_, Callers::All) | (Who::User(_) | Who::Root(_), Callers::Users) => Some(true),
            (Who::Unknown, Callers::Users) => Some(false),
            (_, Callers::Users) => None,
        };
        return is_certain.map(|is_certain| (Exception::Free(reason), is_certain));
    }
    // AWS itself changes them, by a service or by the role that is linked to one.
    if matches!(asked.who, Who::Service(_)) || is_service_linked {
        return None;
    }
    let arn = asked.resource?;
    let managed = MANAGED.iter().find(|managed| {
        managed.service == asked.service()
            && managed.service == arn.service
            && (managed.account.is_empty() || managed.account == arn.account)
            && arn.resource.starts_with(managed.resource)
            && !managed.spared.contains(&asked.action_name())
    })?;
    changes(asked).then_some((Exception::Managed(managed.reason), true))
}

/// Whether a call changes the resource that it names: it is about resources of this type, and does not only
/// read them.
fn changes(asked: &Asked<'_>) -> bool {
    let Some(action) = catalog::action(asked.action()) else { return false };
    let Some(arn) = asked.resource else { return false };
    is_change_of(action, arn.service, arn.resource)
}

fn is_change_of(action: ActionFacts, service: &str, resource: &str) -> bool {
    let is_about = |kind: catalog::ResourceType| {
        kind.arns().any(|form| form.service == service && form.fits_resource(resource))
    };
    !matches!(action.level(), Level::List | Level::Read)
        && action
            .resources()
            .filter_map(|need| catalog::resource_type(action.service(), need.name))
            .any(is_about)
}

/// Why no policy of this scope decides on a request, if that is so or may be so.
pub fn undecided(asked: &Asked<'_>, scope: Scope<'_>) -> Option<String> {
    let exception = exception(asked, false).map(|(exception, _)| exception.reason().to_owned());
    exception.or_else(|| attached::foreign(asked, scope))
}

/// All on which no policy of a kind decides, as statements that deny it. Two policies that have these in common differ
/// in access only.
pub fn as_denies(kind: Kind) -> &'static [Statement] {
    static DENIES: [OnceLock<Vec<Statement>>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];
    DENIES.get(kind as usize).map_or(&[], |denies| denies.get_or_init(|| denies_of(kind)))
}

fn denies_of(kind: Kind) -> Vec<Statement> {
    let own = attached::Own::of(kind);
    let is_customer = json!({"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}});
    let deny = |mut rest: Json| {
        // Whoever a policy without principals is attached to is no service.
        if !kind.names_principal() && rest["Condition"] == is_customer {
            rest.as_object_mut().map(|members| members.remove("Condition"));
        }
        let mut deny = json!({"Effect": "Deny"});
        if kind.names_principal() {
            deny["Principal"] = "*".into();
        }
        if own.as_ref().is_none_or(|own| own.resource.is_some()) {
            deny["Resource"] = "*".into();
        }
        for (name, value) in rest.as_object().into_iter().flatten() {
            deny[name] = value.clone();
        }
        deny
    };
    let is_user = json!({"StringEquals": {"aws:PrincipalType": ["User", "Account"]}});
    let free = FREE.iter().map(|(action, callers, _)| {
        let condition = if *callers == Callers::Users { &is_user } else { &is_customer };
        deny(json!({"Action": action, "Condition": condition}))
    });
    let managed = MANAGED.iter().map(|managed| {
        let actions = catalog::actions_matching(&format!("{}:*", managed.service));
        let is_meant = |action: &ActionFacts| {
            let name = action.name().to_ascii_lowercase();
            let is_spared = managed.spared.iter().any(|spared| name.split(':').nth(1) == Some(*spared));
            !is_spared && is_change_of(*action, managed.service, &format!("{}x", managed.resource))
        };
        let actions: Vec<&str> = actions.filter(is_meant).map(|action| action.name()).collect();
        let account = if managed.account.is_empty() { "*" } else { managed.account };
        let resource = format!("arn:*:{}:*:{account}:{}*", managed.service, managed.resource);
        deny(json!({"Action": actions, "Resource": resource, "Condition": is_customer}))
    });
    let apart = PARTITIONS.iter().map(|partition| {
        let elsewhere = json!({
            "StringNotLike": {"aws:PrincipalArn": format!("arn:{partition}:*")},
            "Null": {"aws:PrincipalArn": "false"},
        });
        deny(json!({"Action": "*", "Resource": format!("arn:{partition}:*:*:*:*"), "Condition": elsewhere}))
    });
    let mut denies: Vec<Json> = free.chain(managed).chain(apart).collect();
    if let Some(own) = &own {
        denies.push(deny(json!({"NotAction": format!("{}:*", own.service)})));
        if !own.foreign_actions.is_empty() {
            denies.push(deny(json!({"Action": own.foreign_actions})));
        }
        if let Some(resource) = &own.resource {
            let mut elsewhere = deny(json!({"Action": "*", "NotResource": resource}));
            elsewhere.as_object_mut().map(|members| members.remove("Resource"));
            denies.push(elsewhere);
        }
    }
    let policy = json!({"Version": "2012-10-17", "Statement": denies});
    let hints = Hints { kind: Some(kind), ..Hints::default() };
    open_policy(Source::new("exceptions", policy.to_string()), &hints).policy.statements
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::cover::Scope;
    use crate::analyze::replay;
    use crate::analyze::request::{Caller, Request};

    #[test]
    fn the_statements_deny_what_the_table_says_of_a_caller() {
        let callers = [
            "arn:aws:iam::111111111111:role/r",
            "arn:aws:iam::111111111111:user/u",
            "arn:aws:iam::111111111111:root",
            "arn:aws:sts::111111111111:assumed-role/r/s",
            "arn:aws-cn:iam::111111111111:role/r",
            "s3.amazonaws.com",
        ];
        let requests = [
            ("sts:GetCallerIdentity", "*"),
            ("sts:GetSessionToken", "*"),
            ("sts:GetAccessKeyInfo", "*"),
            ("iam:DeletePolicy", "arn:aws:iam::aws:policy/p"),
            ("kms:Decrypt", "arn:aws:kms:us-east-1:111111111111:key/k"),
            ("kms:ListKeys", "*"),
            ("kms:Decrypt", "arn:aws:s3:::b"),
            ("s3:GetObject", "arn:aws:s3:::b/k"),
            ("s3:ListAllMyBuckets", "*"),
            ("sqs:SendMessage", "arn:aws:sqs:us-east-1:111111111111:q"),
            ("sns:Publish", "arn:aws:sns:us-east-1:111111111111:t"),
            ("ecr:BatchGetImage", "arn:aws:ecr:us-east-1:111111111111:repository/r"),
            ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:111111111111:secret:s"),
            ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111111111111:function:f"),
            ("sts:AssumeRole", "arn:aws:iam::111111111111:role/r"),
        ];
        for kind in Kind::ALL {
            let scope = Scope { kind, resource: None };
            let mut denied = 0;
            for (caller, (action, resource)) in
                callers.iter().flat_map(|caller| requests.map(|request| (caller, request)))
            {
                let request = Request {
                    principal: Some(Caller::parse(caller)),
                    action: action.to_owned(),
                    resource: resource.to_owned(),
                    ..Request::default()
                };
                let by_table = undecided(&Asked::new(&request), scope).is_some();
                let by_statements =
                    as_denies(kind).iter().any(|deny| replay::accepts(deny, &request, scope) == Some(true));
                // An identity policy is not attached to a service.
                let is_attached = kind.names_principal() || caller.starts_with("arn:");
                assert!(by_table == by_statements || !is_attached, "{kind} {caller} {action} {resource}");
                denied += usize::from(by_table);
            }
            assert!((1..callers.len() * requests.len()).contains(&denied), "{kind} {denied}");
        }
    }

    #[test]
    fn the_statements_deny_what_the_table_says() {
        let scope = Scope { kind: Kind::Identity, resource: None };
        let resources = [
            "*",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:iam::aws:policy/job-function/Billing",
            "arn:aws-cn:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:iam::111111111111:policy/p",
            "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/R",
            "arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/R",
            "arn:aws:iam::111111111111:role/r",
            "arn:aws:kms:us-east-1:111111111111:alias/aws/s3",
            "arn:aws:kms:us-east-1:111111111111:alias/mine",
        ];
        let services = ["iam:*", "kms:*", "sts:*"];
        let mut denied = 0;
        for action in services.iter().flat_map(|pattern| catalog::actions_matching(pattern)) {
            for resource in resources {
                let request = Request {
                    action: action.name().to_owned(),
                    resource: resource.to_owned(),
                    ..Request::default()
                };
                let by_table = matches!(exception(&Asked::new(&request), false), Some((_, true)));
                let by_statements = as_denies(Kind::Identity)
                    .iter()
                    .any(|deny| replay::accepts(deny, &request, scope) == Some(true));
                assert_eq!(by_table, by_statements, "{} {resource}", action.name());
                denied += usize::from(by_table);
            }
        }
        assert!(denied > 40, "{denied}");
    }
}
