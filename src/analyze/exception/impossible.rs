//! Requests that no one can make, as keys of them exclude each other, or are not of such a caller.

use serde_json::{Value as Json, json};

use crate::analyze::cover::Scope;
use crate::analyze::evaluate::Asked;
use crate::analyze::replay::Replay;
use crate::kind::Kind;
use crate::policy::Statement;

/// Keys that no request has together, with a value of the first where only that excludes the second. IAM guide, "AWS
/// global condition context keys", under "Availability" of each.
pub const EXCLUSIVE: [(&str, Option<&str>, &str, &str); 9] = [
    ("aws:SourceIp", None, "aws:SourceVpc", VPC_ENDPOINT),
    ("aws:SourceIp", None, "aws:SourceVpce", VPC_ENDPOINT),
    ("aws:SourceIp", None, "aws:VpcSourceIp", VPC_ENDPOINT),
    ("aws:SourceIp", None, "aws:SourceVpcArn", VPC_ENDPOINT),
    ("aws:SourceIp", None, "aws:VpceAccount", VPC_ENDPOINT),
    ("aws:SourceIp", None, "aws:VpceOrgID", VPC_ENDPOINT),
    ("aws:SourceIp", None, "aws:VpceOrgPaths", VPC_ENDPOINT),
    (
        "aws:ViaAWSService",
        Some("false"),
        "aws:CalledVia",
        "a request has `aws:CalledVia` only if a service makes it for the caller, and then `aws:ViaAWSService` is true",
    ),
    (
        "aws:MultiFactorAuthPresent",
        Some("false"),
        "aws:MultiFactorAuthAge",
        "a request has `aws:MultiFactorAuthAge` only if the caller has used multi-factor authentication",
    ),
];

const VPC_ENDPOINT: &str = "a request has `aws:SourceIp` only if it does not come through a VPC endpoint";

/// Keys that come with credentials of users and roles: services that call by themselves, and anonymous callers, have
/// none of these. The same page.
pub const OF_CREDENTIALS: [&str; 7] = [
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceIdentity",
    "aws:TokenIssueTime",
];

/// What the reason says of a key of [`OF_CREDENTIALS`].
const NO_CREDENTIALS: &str = "requests that a service makes by itself, or no one signed, have no such key";

/// A key that requests of some callers do not have, or not with a value.
struct Lacking {
    key: &'static str,
    value: Option<&'static str>,
    /// Whether a service that calls by itself is one of them.
    services: bool,
    /// The others, as `aws:PrincipalType` calls them.
    callers: &'static [&'static str],
    reason: &'static str,
}

impl Lacking {
    const fn of_role(key: &'static str) -> Self {
        let callers = &["Anonymous", "User", "Account", "FederatedUser"];
        Lacking {
            key,
            value: None,
            services: true,
            callers,
            reason: "only sessions of roles have such a key",
        }
    }

    const fn of_call_for_another(key: &'static str, value: Option<&'static str>) -> Self {
        let reason = "a request has it only if a service makes it for a user or role";
        Lacking { key, value, services: true, callers: &["Anonymous"], reason }
    }
}

/// The same page, under "Availability" of each; of the id also IAM guide, "IAM policy elements: Variables and tags", under
/// "Principal key values".
const LACKING: [Lacking; 14] = [
    Lacking::of_role("aws:FederatedProvider"),
    Lacking::of_role("aws:SourceIdentity"),
    Lacking::of_role("aws:Ec2InstanceSourcePrivateIPv4"),
    Lacking::of_role("aws:Ec2InstanceSourceVpc"),
    Lacking::of_role("ec2:RoleDelivery"),
    Lacking::of_role("ec2:SourceInstanceARN"),
    Lacking::of_role("lambda:SourceFunctionArn"),
    Lacking::of_call_for_another("aws:CalledVia", None),
    Lacking::of_call_for_another("aws:CalledViaFirst", None),
    Lacking::of_call_for_another("aws:CalledViaLast", None),
    Lacking::of_call_for_another("aws:ViaAWSService", Some("true")),
    Lacking {
        key: "aws:userid",
        value: None,
        services: true,
        callers: &[],
        reason: "requests that a service makes by itself have no such key",
    },
    Lacking {
        key: "aws:PrincipalServiceNamesList",
        value: None,
        services: false,
        callers: &["Anonymous", "User", "Account", "FederatedUser", "AssumedRole"],
        reason: "only requests that a service makes by itself have such a key",
    },
    Lacking {
        key: "aws:AssumedRoot",
        value: Some("true"),
        services: true,
        callers: &["Anonymous", "User", "FederatedUser", "AssumedRole"],
        reason: "it is true only of a session of the root user for one task",
    },
];

/// The parts of Deny statements for such requests, in a policy of this kind, each with the keys that a request of it has
/// and the reason.
pub(super) fn rows(kind: Kind) -> Vec<(Json, Vec<&'static str>, String)> {
    let mut rows: Vec<(Json, Vec<&'static str>, String)> = Vec::new();
    for (first, value, second, reason) in EXCLUSIVE {
        let condition = match value {
            None => json!({"Null": {first: "false", second: "false"}}),
            Some(value) => json!({"Bool": {first: value}, "Null": {second: "false"}}),
        };
        rows.push((json!({"Action": "*", "Condition": condition}), vec![first, second], reason.to_owned()));
    }
    for lacking in &LACKING {
        let given = || match lacking.value {
            None => json!({"Null": {lacking.key: "false"}}),
            Some(value) => json!({"Bool": {lacking.key: value}}),
        };
        let reason = format!("`{}`: {}", lacking.key, lacking.reason);
        if lacking.services && kind.names_principal() {
            let service = json!({"Action": "*", "Principal": {"Service": "*"}, "Condition": given()});
            rows.push((service, vec![lacking.key], reason.clone()));
        }
        if lacking.callers.is_empty() {
            continue;
        }
        let mut of_type = given();
        of_type["StringEquals"] = json!({"aws:PrincipalType": lacking.callers});
        rows.push((json!({"Action": "*", "Condition": of_type}), vec![lacking.key], reason));
    }
    if kind.names_principal() {
        for key in OF_CREDENTIALS {
            let present = json!({"Null": {key: "false"}});
            let anonymous =
                json!({"Null": {key: "false"}, "StringEquals": {"aws:PrincipalType": "Anonymous"}});
            let reason = format!("`{key}`: {NO_CREDENTIALS}");
            let service = json!({"Action": "*", "Principal": {"Service": "*"}, "Condition": present});
            rows.push((service, vec![key], reason.clone()));
            rows.push((json!({"Action": "*", "Condition": anonymous}), vec![key], reason));
        }
    }
    rows
}

/// A statement for each of [`rows`], with the keys and the reason.
pub(super) struct Impossible {
    pub statement: Statement,
    pub keys: Vec<&'static str>,
    pub reason: String,
}

/// Why a request cannot be made, if it is one of these.
pub(super) fn why<'i>(all: &'i [Impossible], asked: &Asked<'_>, kind: Kind) -> Option<&'i str> {
    let context = &asked.request().context;
    let has = |row: &&Impossible| row.keys.iter().all(|key| context.get(key).is_some());
    let scope = Scope { kind, resource: None };
    let denied = |row: &&Impossible| Replay::new(&row.statement, scope).accepts(asked) == Some(true);
    all.iter().filter(has).find(denied).map(|row| row.reason.as_str())
}
