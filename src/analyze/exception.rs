//! What AWS decides whatever the policies say: calls that need no permission, calls that some callers cannot make,
//! resources of its own that no customer can change, and calls across partitions; and what a policy of some kind
//! cannot be about. A policy that allows or denies these says nothing about access.

mod home;
mod impossible;
mod session;

use std::sync::OnceLock;

use serde_json::{Value as Json, json};

pub(in crate::analyze) use home::of_owner;
pub use home::{OWNERS_OWN, is_owners_own};

use self::impossible::Impossible;
pub(crate) use self::impossible::{EXCLUSIVE, OF_CREDENTIALS};
pub use self::session::{absent_permission, lacks_permission};
use super::attached;
use super::cover::Scope;
use super::evaluate::{Asked, Who};
use super::oidc::{Protocol, protocol};
use super::request::Request;
use crate::catalog::{self, ActionFacts, Level};
use crate::document::{Hints, open_policy};
use crate::kind::Kind;
use crate::policy::{Arn, OIDC_PROVIDER, PARTITIONS, SetOperator, Statement, Test, TestKind, Value};
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
    /// The caller cannot make the call.
    Barred(&'static str),
    /// Only callers of the account that owns the resource can make the call.
    Away(&'static str),
}

impl Exception {
    /// The rule in one sentence.
    pub fn reason(self) -> &'static str {
        match self {
            Exception::Free(reason)
            | Exception::Managed(reason)
            | Exception::Apart(reason)
            | Exception::Barred(reason)
            | Exception::Away(reason) => reason,
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

/// Calls that callers of some types cannot make.
struct Barred {
    /// `service:action` in lower case; `service:*` for all of a service, `*` for all.
    actions: &'static [&'static str],
    /// Those that they can make all the same, written likewise.
    but: &'static [&'static str],
    /// The types, as `aws:PrincipalType` calls them.
    callers: &'static [&'static str],
    /// What it depends on, where it is not certain.
    depends_on: Option<&'static str>,
    reason: &'static str,
}

/// What someone is whom an identity provider signed in: `aws:PrincipalType` does not say it of the callers of
/// [`FEDERATED`], who have no credentials of AWS yet.
const PROVIDED: &str = "Federated";

/// A service of AWS, and an account as S3 knows it: types of principals that `aws:PrincipalType` does not name either.
const SERVICE: &str = "Service";
const CANONICAL: &str = "CanonicalUser";

/// The calls of someone whom an identity provider signed in, with what a session may carry with it. STS API
/// reference, "AssumeRoleWithSAML" and "AssumeRoleWithWebIdentity": they are made without credentials of AWS.
const FEDERATED: [&str; 2] = ["sts:assumerolewithsaml", "sts:assumerolewithwebidentity"];

const TOKENS: &str =
    "sts:AssumeRoleWithSAML and sts:AssumeRoleWithWebIdentity are called by users of an identity provider";

const BEARER_TOKEN: &str = "sts:getservicebearertoken";

/// The types of callers with credentials of AWS that are not services: those that an identity policy is about.
const SIGNED: [&str; 4] = ["Account", "AssumedRole", "FederatedUser", "User"];

/// Earlier ones first.
const BARRED: [Barred; 12] = [
    Barred { actions: &FEDERATED, but: &[], callers: &["Anonymous"], depends_on: None, reason: TOKENS },
    // KMS API reference, "Welcome", under "Signing Requests"; IAM API reference, "Welcome"; STS API reference, "Welcome"
    // and the pages on the calls that need no credentials.
    Barred {
        actions: &["iam:*", "kms:*", "sts:*"],
        but: &FEDERATED,
        callers: &["Anonymous"],
        depends_on: None,
        reason: "a request to this action must be signed",
    },
    // The IAM guide has anonymous callers of S3, SNS and SQS ("IAM policy elements: Variables and tags"); the guides of
    // API Gateway ("Control access to a REST API with API Gateway resource policies"), Lambda ("Control access to
    // Lambda function URLs"), MediaPackage v2 ("Principals"), MediaStore ("Container policies"), OpenSearch Service
    // ("Identity and Access Management", of the HTTP methods only) and VPC Lattice ("Control access to VPC Lattice
    // services using auth policies") have them of what is called without the API of AWS.
    Barred {
        actions: &["*"],
        but: &[
            "s3:*",
            "sns:*",
            "sqs:*",
            "sts:*",
            "execute-api:invoke",
            "lambda:invokefunction",
            "lambda:invokefunctionurl",
            "mediapackagev2:getobject",
            "mediapackagev2:getheadobject",
            "mediastore:*",
            "es:eshttp*",
            "vpc-lattice-svcs:*",
        ],
        callers: &["Anonymous"],
        depends_on: Some("whether the service takes a request that no one signed"),
        reason: "the service does not take a request that no one signed",
    },
    // IAM guide, "Compare AWS STS credentials", with STS API reference, "AssumeRoleWithSAML" and
    // "AssumeRoleWithWebIdentity".
    Barred {
        actions: &["sts:*"],
        but: &[FEDERATED[0], FEDERATED[1], "sts:tagsession", "sts:setsourceidentity", "sts:setcontext"],
        callers: &[PROVIDED],
        depends_on: None,
        reason: "a user of an identity provider calls only sts:AssumeRoleWithSAML and sts:AssumeRoleWithWebIdentity",
    },
    Barred {
        actions: &["*"],
        but: &["sts:*"],
        callers: &[PROVIDED],
        depends_on: Some("whether the service takes a request of an identity provider's user without a role"),
        reason: "a user of an identity provider calls only sts:AssumeRoleWithSAML and sts:AssumeRoleWithWebIdentity",
    },
    Barred { actions: &FEDERATED, but: &[], callers: &SIGNED, depends_on: None, reason: TOKENS },
    Barred { actions: &FEDERATED, but: &[], callers: &[SERVICE], depends_on: None, reason: TOKENS },
    // IAM guide, "AWS JSON policy elements: Principal", and S3 guide, "Principals for bucket policies".
    Barred {
        actions: &["*"],
        but: &["s3:*"],
        callers: &[CANONICAL],
        depends_on: None,
        reason: "only S3 knows callers by their canonical user id",
    },
    // IAM guide, "Compare AWS STS credentials".
    Barred {
        actions: &["sts:getfederationtoken", "sts:getsessiontoken"],
        but: &[],
        callers: &["AssumedRole"],
        depends_on: None,
        reason: "sts:GetFederationToken and sts:GetSessionToken are called only by IAM users and the root user",
    },
    // The same page. A bearer token is not called for, but a service gets it for the caller (IAM guide, "Service bearer
    // tokens"), and nothing is said of that.
    Barred {
        actions: &["sts:*"],
        but: &["sts:getcalleridentity", BEARER_TOKEN],
        callers: &["FederatedUser"],
        depends_on: None,
        reason: "of AWS STS, a federated user can call only sts:GetCallerIdentity",
    },
    Barred {
        actions: &[BEARER_TOKEN],
        but: &[],
        callers: &["FederatedUser"],
        depends_on: Some("whether a service gets a bearer token for a federated user"),
        reason: "of AWS STS, a federated user can call only sts:GetCallerIdentity",
    },
    // The same page, and STS API reference, "AssumeRole".
    Barred {
        actions: &["sts:assumerole"],
        but: &[],
        callers: &["Account"],
        depends_on: None,
        reason: "the root user cannot call sts:AssumeRole",
    },
];

/// IAM guide, "Compare AWS STS credentials": the limit is on the CLI and the API, not on sessions of the console.
const CONSOLE: Barred = Barred {
    actions: &["iam:*"],
    but: &[],
    callers: &["FederatedUser"],
    depends_on: Some("whether the federated user's session is one of the console, as no other can call IAM"),
    reason: "a federated user can call IAM only in a session of the console",
};

/// A SAML provider's user with a token, or the reverse.
const OTHER_PROTOCOL: &str = "users of a SAML provider call sts:AssumeRoleWithSAML, those of an OpenID Connect provider \
                              sts:AssumeRoleWithWebIdentity";

/// The token of one provider with a key of another. IAM guide, "Available keys for AWS web identity federation" and
/// "Available keys for SAML-based AWS STS federation": the keys of a token begin with the name of its provider.
const OTHER_TOKEN: &str = "the token of an identity provider has no keys of another one";

/// Whether a request has a key that the tokens of a provider do not have.
fn has_key_of_another(request: &Request, provider: &str) -> bool {
    let mut given = request.context.iter().filter(|(_, value)| !value.values().is_empty());
    given.any(|(key, _)| is_key_of_another(key, provider))
}

/// Whether a key is one of the tokens of another provider.
pub(crate) fn is_key_of_another(key: &str, provider: &str) -> bool {
    let Some((name, _)) = key.rsplit_once(':') else { return false };
    let is_saml = name.eq_ignore_ascii_case("saml");
    match protocol(provider) {
        Some(Protocol::Saml) => name.contains('.'),
        Some(Protocol::Web) => {
            let host = provider.split_once(OIDC_PROVIDER).map_or(provider, |(_, host)| host);
            let is_own = name.trim_end_matches('/').eq_ignore_ascii_case(host.trim_end_matches('/'));
            is_saml || name.contains('.') && !is_own
        }
        None => false,
    }
}

impl Barred {
    /// The type of principal that policies name such callers by, where it is their own.
    fn principal_type(&self) -> Option<&'static str> {
        match self.callers {
            [only @ (PROVIDED | SERVICE | CANONICAL)] => Some(only),
            _ => None,
        }
    }

    fn is_about(&self, action: &str) -> bool {
        let is_in = |list: &[&str]| {
            list.iter().any(|listed| match listed.strip_suffix('*') {
                Some(service) => action.starts_with(service),
                None => *listed == action,
            })
        };
        is_in(self.actions) && !is_in(self.but)
    }

    /// What it says of a caller, if anything.
    fn of(asked: &Asked<'_>) -> Option<(Exception, Option<&'static str>)> {
        let caller = match asked.who {
            Who::Federated(provider) => {
                let other = match protocol(provider) {
                    Some(Protocol::Saml) => FEDERATED[1],
                    Some(Protocol::Web) => FEDERATED[0],
                    None => "",
                };
                if asked.action() == other {
                    return Some((Exception::Barred(OTHER_PROTOCOL), None));
                }
                if has_key_of_another(asked.request(), provider) {
                    return Some((Exception::Barred(OTHER_TOKEN), None));
                }
                PROVIDED
            }
            Who::Unknown => "",
            Who::Service(_) => SERVICE,
            Who::CanonicalUser(_) => CANONICAL,
            _ => asked.follows("aws:principaltype")?,
        };
        let has_caller = |rule: &Barred| match asked.who {
            Who::Unknown => rule.callers == SIGNED,
            _ => rule.callers.contains(&caller),
        };
        let mut rules = BARRED.iter().chain([&CONSOLE]);
        let rule = rules.find(|rule| has_caller(rule) && rule.is_about(asked.action()))?;
        Some((Exception::Barred(rule.reason), rule.depends_on))
    }
}

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
        resource: LINKED_ROLES,
        spared: &[
            "createservicelinkedrole",
            "deleteservicelinkedrole",
            "updateroledescription",
            // Its description, too; whether tags can be set later is not documented.
            "updaterole",
            "tagrole",
            "untagrole",
            "passrole",
        ],
        reason: "of a service-linked role, no customer changes more than its description",
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

/// The exception that a request falls under, and what that depends on, if it is not certain.
pub fn exception(asked: &Asked<'_>, is_service_linked: bool) -> Option<(Exception, Option<&'static str>)> {
    if let (Some(caller), Some(resource)) = (asked.who.arn(), asked.resource)
        && caller.partition != resource.partition
        && PARTITIONS.contains(&resource.partition)
    {
        return Some((Exception::Apart(APART), None));
    }
    let free = FREE.iter().find(|(action, ..)| *action == asked.action());
    if let Some((_, callers, reason)) = free {
        let free = Exception::Free(reason);
        match (&asked.who, callers) {
            (Who::Anonymous | Who::Service(_) | Who::Federated(_) | Who::CanonicalUser(_), _) => {}
            (_, Callers::All) | (Who::User(_) | Who::Root(_), Callers::Users) => return Some((free, None)),
            (Who::Unknown, Callers::Users) => return Some((free, Some("whether the caller is a user"))),
            (_, Callers::Users) => {}
        }
    }
    let managed = managed(asked, is_service_linked).map(|managed| (managed, None));
    let away = home::away(asked).map(|(reason, depends_on)| (Exception::Away(reason), depends_on));
    let found = [Barred::of(asked), managed, away];
    // What is certain comes first.
    let certain = found.iter().flatten().find(|(_, depends_on)| depends_on.is_none());
    certain.or(found.iter().flatten().next()).copied()
}

/// The rule about a resource that only AWS changes, if the call would change one.
fn managed(asked: &Asked<'_>, is_service_linked: bool) -> Option<Exception> {
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
    changes(asked).then_some(Exception::Managed(managed.reason))
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

/// Why no policy of this scope decides on a request, if that is so; of a call that needs no permission, if it may be so.
pub fn undecided(asked: &Asked<'_>, scope: Scope<'_>) -> Option<String> {
    let exception = exception(asked, false).filter(|exception| !may_be_barred(exception));
    let exception = exception.map(|(exception, _)| exception.reason().to_owned());
    let beyond = || beyond(asked, scope.kind).or_else(|| impossible(asked, scope.kind)).map(str::to_owned);
    exception.or_else(beyond).or_else(|| attached::foreign(asked, scope))
}

/// Why no one can make a request, if its keys exclude each other, or are not of such a caller.
pub fn impossible(asked: &Asked<'_>, kind: Kind) -> Option<&'static str> {
    // Without keys there is nothing that excludes anything.
    asked.request().context.iter().next()?;
    impossible::why(impossibles(kind), asked, kind)
}

fn impossibles(kind: Kind) -> &'static [Impossible] {
    static ROWS: [OnceLock<Vec<Impossible>>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];
    let make = || {
        let own = attached::Own::of(kind);
        let (rests, others): (Vec<Json>, Vec<_>) =
            impossible::rows(kind).into_iter().map(|(rest, keys, reason)| (rest, (keys, reason))).unzip();
        let denies = rests.into_iter().map(|rest| deny(kind, own.as_ref(), rest)).collect();
        let all = statements(kind, denies).into_iter().zip(others);
        all.map(|(statement, (keys, reason))| Impossible { statement, keys, reason }).collect()
    };
    ROWS.get(kind as usize).map_or(&[], |rows| rows.get_or_init(make))
}

/// Roles that are linked to a service.
const LINKED_ROLES: &str = "role/aws-service-role/";

/// The one action of KMS that no resource control policy touches, in lower case.
const RETIRE_GRANT: &str = "kms:retiregrant";

/// Why a control policy does not hold for such a caller, or for such a call. Organizations guide, "Service control
/// policies (SCPs)", under "Tasks and entities not restricted by SCPs", and "Resource control policies (RCPs)", under
/// "Resources and entities not restricted by RCPs". Which services RCPs cover changes, so that it rules nothing out here.
/// That identity policies are not attached to the root user rules nothing out either: an SCP looks like one.
fn beyond(asked: &Asked<'_>, kind: Kind) -> Option<&'static str> {
    let caller = asked.principal_arn().and_then(Arn::parse);
    match kind {
        Kind::Scp | Kind::Rcp if caller.is_some_and(|arn| arn.resource.starts_with(LINKED_ROLES)) => {
            Some("control policies do not hold for service-linked roles")
        }
        Kind::Rcp if asked.action() == RETIRE_GRANT => {
            Some("resource control policies do not apply to kms:RetireGrant")
        }
        _ => None,
    }
}

/// Why a request may be one that its caller cannot make.
pub fn doubt(asked: &Asked<'_>) -> Option<&'static str> {
    exception(asked, false).filter(may_be_barred).map(|(exception, _)| exception.reason())
}

/// Why a call is refused as its caller is not of the account that owns the resource.
pub fn away(asked: &Asked<'_>) -> Option<&'static str> {
    home::away(asked).map(|(reason, _)| reason)
}

/// A key that a statement asks for and that comes with none of its actions, as the catalog has it, in words. The catalog may
/// lack what is new.
pub fn absent_key(statement: &Statement) -> Option<String> {
    let element = statement.action.as_ref().filter(|element| !element.negated)?;
    let mut tests = statement.conditions.iter().filter(|test| demands_key(test));
    let (test, first) = tests.find_map(|test| {
        let key = catalog::condition_key(&test.key).filter(|key| key.group().is_none())?;
        let never = |value: &Value| {
            // Calls to STS have keys of each other.
            let known = value.known().filter(|text| !text.to_ascii_lowercase().starts_with("sts:"));
            let is_of_one = |text: &&str| !text.split(':').next().unwrap_or("").contains(['*', '?', '$']);
            known.filter(is_of_one).is_some_and(|text| {
                catalog::has_match(text) && !catalog::any_takes_key(catalog::actions_matching(text), key)
            })
        };
        element.values.items.iter().all(never).then_some((test, element.values.items.first()?))
    })?;
    Some(format!("`{}` is not a key that comes with `{}`", test.key, first.text))
}

/// Whether only requests that have its key pass a test.
fn demands_key(test: &Test) -> bool {
    let is_false = |value: &Value| value.known().is_some_and(|text| text.eq_ignore_ascii_case("false"));
    match test.operator.kind {
        TestKind::Null => test.operator.set.is_none() && test.values.items.iter().all(is_false),
        kind => {
            let passes_absence =
                test.operator.if_exists || test.operator.set == Some(SetOperator::ForAllValues);
            !kind.is_negated() && !passes_absence && !test.unknown_key
        }
    }
}

/// Which account owns what a policy is attached to is seldom known.
fn may_be_barred((exception, depends_on): &(Exception, Option<&'static str>)) -> bool {
    match exception {
        Exception::Away(_) => true,
        Exception::Barred(_) => depends_on.is_some(),
        _ => false,
    }
}

/// On what no policy of a kind decides, whatever it is attached to, as statements that deny it. Two policies that have
/// these in common differ in access only.
pub fn as_denies(kind: Kind) -> &'static [Statement] {
    static DENIES: [OnceLock<Vec<Statement>>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];
    DENIES.get(kind as usize).map_or(&[], |denies| denies.get_or_init(|| denies_of(kind)))
}

/// The calls that are refused to all who are not of the account that owns what a policy of this kind is attached to, as
/// a statement that denies them to everyone.
pub fn away_as_deny(kind: Kind) -> &'static [Statement] {
    static DENIES: [OnceLock<Vec<Statement>>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];
    let make = || {
        let denies = home::as_deny(kind).map(|rest| deny(kind, attached::Own::of(kind).as_ref(), rest));
        denies.map_or_else(Vec::new, |denies| statements(kind, vec![denies]))
    };
    DENIES.get(kind as usize).map_or(&[], |denies| denies.get_or_init(make))
}

/// Callers that are not services.
fn is_customer() -> Json {
    json!({"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}})
}

/// A Deny of everything to everyone but for what `rest` says.
fn deny(kind: Kind, own: Option<&attached::Own>, mut rest: Json) -> Json {
    // A policy without principals is not attached to a service.
    if !kind.names_principal() && rest["Condition"] == is_customer() {
        rest.as_object_mut().map(|members| members.remove("Condition"));
    }
    let mut deny = json!({"Effect": "Deny"});
    if kind.names_principal() {
        deny["Principal"] = "*".into();
    }
    if own.is_none_or(|own| own.resource.is_some()) {
        deny["Resource"] = "*".into();
    }
    for (name, value) in rest.as_object().into_iter().flatten() {
        deny[name] = value.clone();
    }
    deny
}

fn statements(kind: Kind, denies: Vec<Json>) -> Vec<Statement> {
    let policy = json!({"Version": "2012-10-17", "Statement": denies});
    let hints = Hints { kind: Some(kind), ..Hints::default() };
    open_policy(Source::new("exceptions", policy.to_string()), &hints).policy.statements
}

fn denies_of(kind: Kind) -> Vec<Statement> {
    let own = attached::Own::of(kind);
    let is_customer = is_customer();
    let deny = |rest: Json| deny(kind, own.as_ref(), rest);
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
    let barred = BARRED.iter().filter(|rule| rule.depends_on.is_none());
    let barred =
        barred.filter(|rule| kind.names_principal() || rule.principal_type().is_none()).map(|rule| {
            if let (["*"], Some(name)) = (rule.actions, rule.principal_type()) {
                return deny(json!({"NotAction": rule.but, "Principal": {name: "*"}}));
            }
            let of = |pattern: &&str| catalog::actions_matching(pattern).collect::<Vec<_>>();
            let actions = rule.actions.iter().flat_map(of);
            let actions = actions.filter(|action| rule.is_about(&action.name().to_ascii_lowercase()));
            let actions: Vec<&str> = actions.map(|action| action.name()).collect();
            match rule.principal_type() {
                Some(name) => deny(json!({"Action": actions, "Principal": {name: "*"}})),
                None if !kind.names_principal() && rule.callers == SIGNED => deny(json!({"Action": actions})),
                None => {
                    let callers = json!({"StringEquals": {"aws:PrincipalType": rule.callers}});
                    deny(json!({"Action": actions, "Condition": callers}))
                }
            }
        });
    let mut denies: Vec<Json> = free.chain(barred).chain(managed).chain(apart).collect();
    if matches!(kind, Kind::Scp | Kind::Rcp) {
        let linked = json!({"ArnLike": {"aws:PrincipalArn": format!("arn:*:iam::*:{LINKED_ROLES}*")}});
        denies.push(deny(json!({"Action": "*", "Condition": linked})));
    }
    if kind == Kind::Rcp {
        denies.push(deny(json!({"Action": RETIRE_GRANT})));
    }
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
    let mut all = statements(kind, denies);
    all.extend(impossibles(kind).iter().map(|row| row.statement.clone()));
    all
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
            "arn:aws:sts::111111111111:federated-user/f",
            "arn:aws:iam::111111111111:saml-provider/p",
            "anonymous",
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
            ("sts:AssumeRoleWithSAML", "arn:aws:iam::111111111111:role/r"),
            ("sts:TagSession", "arn:aws:iam::111111111111:role/r"),
            ("sts:GetFederationToken", "arn:aws:sts::111111111111:federated-user/x"),
            ("iam:ListUsers", "*"),
        ];
        let caller_of = |text: &str| match text {
            "anonymous" => Caller::Anonymous,
            text => Caller::parse(text),
        };
        for kind in Kind::ALL {
            let scope = Scope { kind, resource: None };
            let mut denied = 0;
            for (caller, (action, resource)) in
                callers.iter().flat_map(|caller| requests.map(|request| (caller, request)))
            {
                let request = Request {
                    principal: Some(caller_of(caller)),
                    action: action.to_owned(),
                    resource: resource.to_owned(),
                    ..Request::default()
                };
                let by_table = undecided(&Asked::new(&request), scope).is_some();
                let by_statements =
                    as_denies(kind).iter().any(|deny| replay::accepts(deny, &request, scope) == Some(true));
                // An identity policy is attached to users and roles alone.
                let is_attached = kind.names_principal() || matches!(caller_of(caller), Caller::Aws(_));
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
                let by_table = matches!(exception(&Asked::new(&request), false), Some((_, None)));
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
