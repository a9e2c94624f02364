//! Calls that only callers of the account that owns the resource can make, whatever its policy says, and calls that
//! its policy does not keep the owner's root user from.

use serde_json::{Value as Json, json};

use crate::analyze::evaluate::{Asked, Who};
use crate::kind::Kind;

/// Calls on the resources of one kind of policy.
struct AtHome {
    kind: Kind,
    service: &'static str,
    /// The names of the actions, in lower case.
    actions: &'static [&'static str],
    /// What it depends on whether a request that no one signed is refused as well, where that is not certain.
    anonymous: Option<&'static str>,
    reason: &'static str,
}

const AT_HOME: [AtHome; 3] = [
    // KMS API reference, under "Cross-account use" of each operation.
    AtHome {
        kind: Kind::Kms,
        service: "kms",
        actions: &[
            "cancelkeydeletion",
            "createalias",
            "deletealias",
            "deleteimportedkeymaterial",
            "disablekey",
            "disablekeyrotation",
            "enablekey",
            "enablekeyrotation",
            "getkeylastusage",
            "getkeypolicy",
            "getparametersforimport",
            "importkeymaterial",
            "listkeypolicies",
            "listkeyrotations",
            "listresourcetags",
            "putkeypolicy",
            "replicatekey",
            "rotatekeyondemand",
            "schedulekeydeletion",
            "tagresource",
            "untagresource",
            "updatealias",
            "updatekeydescription",
            "updateprimaryregion",
        ],
        anonymous: None,
        reason: "KMS takes this call only from the account that owns the key",
    },
    // S3 API reference, "GetBucketPolicy", "PutBucketPolicy" and "DeleteBucketPolicy", under "Permissions".
    AtHome {
        kind: Kind::S3,
        service: "s3",
        actions: &["deletebucketpolicy", "getbucketpolicy", "putbucketpolicy"],
        anonymous: None,
        reason: "S3 takes this call only from the account that owns the bucket",
    },
    // SQS API reference, each operation; SQS guide, "Limitations of Amazon SQS custom policies".
    AtHome {
        kind: Kind::Sqs,
        service: "sqs",
        actions: &[
            "addpermission",
            "cancelmessagemovetask",
            "createqueue",
            "deletequeue",
            "listmessagemovetasks",
            "listqueues",
            "listqueuetags",
            "removepermission",
            "setqueueattributes",
            "startmessagemovetask",
            "tagqueue",
            "untagqueue",
        ],
        anonymous: Some("whether SQS takes this call from a request that no one signed"),
        reason: "SQS takes this call only from the account that owns the queue",
    },
];

/// Why a call is one that only the account of its resource makes, if it is.
pub(in crate::analyze) fn of_owner(action: &str) -> Option<&'static str> {
    let action = action.to_ascii_lowercase();
    let (service, name) = action.split_once(':')?;
    let home = AT_HOME.iter().find(|home| home.service == service && home.actions.contains(&name));
    home.map(|home| home.reason)
}

/// Why a call is refused as its caller is not of the account that owns the resource, with what that depends on.
pub(super) fn away(asked: &Asked<'_>) -> Option<(&'static str, Option<&'static str>)> {
    let home = AT_HOME
        .iter()
        .find(|home| home.service == asked.service() && home.actions.contains(&asked.action_name()))?;
    match asked.who {
        Who::Anonymous => Some((home.reason, home.anonymous)),
        _ => {
            let (caller, owner) = (asked.who.account()?, asked.resource_account?);
            (caller != owner).then_some((home.reason, None))
        }
    }
}

/// The rest of a Deny statement for the calls that are refused to all who are not of the account that owns what a policy
/// of this kind is attached to. Where it is not certain that this goes for a request that no one signed, it is spared.
pub(super) fn as_deny(kind: Kind) -> Option<Json> {
    let home = AT_HOME.iter().find(|home| home.kind == kind)?;
    let actions: Vec<String> =
        home.actions.iter().map(|action| format!("{}:{action}", home.service)).collect();
    Some(match home.anonymous {
        None => json!({"Action": actions}),
        Some(_) => json!({
            "Action": actions,
            "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "anonymous"}},
        }),
    })
}

/// The rule of [`is_owners_own`] in one sentence.
pub const OWNERS_OWN: &str =
    "it does not keep the root user of the bucket's account from getting, putting and deleting it";

/// Whether a bucket's policy has no say in a request. S3 API reference, "GetBucketPolicy", "PutBucketPolicy" and
/// "DeleteBucketPolicy": what the policy denies does not keep the owner's root user from these.
pub fn is_owners_own(asked: &Asked<'_>, kind: Kind) -> bool {
    let of_bucket = AT_HOME.iter().find(|home| home.kind == Kind::S3 && kind == Kind::S3);
    matches!(asked.who, Who::Root(_))
        && asked.who.account() == asked.resource_account
        && of_bucket.is_some_and(|home| {
            home.service == asked.service() && home.actions.contains(&asked.action_name())
        })
}
