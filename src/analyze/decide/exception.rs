//! What AWS decides whatever the policies say: calls that need no permission, and resources of its own that
//! no customer can change.

use crate::analyze::evaluate::{Asked, Who};
use crate::catalog::{self, Level};

/// A rule of AWS that outranks the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exception {
    /// The call needs no permission, and no policy can deny it.
    Free(&'static str),
    /// The call would change a resource that only AWS changes.
    Managed(&'static str),
}

impl Exception {
    /// The rule in one sentence.
    pub fn reason(self) -> &'static str {
        match self {
            Exception::Free(reason) | Exception::Managed(reason) => reason,
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

/// The exception that a request falls under, and whether that is certain: it may depend on who calls.
pub(super) fn exception(asked: &Asked<'_>, is_service_linked: bool) -> Option<(Exception, bool)> {
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
    let is_about = |kind: catalog::ResourceType| {
        kind.arns().any(|form| form.service == arn.service && form.fits_resource(arn.resource))
    };
    !matches!(action.level(), Level::List | Level::Read)
        && action
            .resources()
            .filter_map(|need| catalog::resource_type(action.service(), need.name))
            .any(is_about)
}
