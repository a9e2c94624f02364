//! `aws iam get-account-authorization-details`: every policy of an account.

use super::path::{Place, places};
use super::{Form, Found, Inlined, policy_form};
use crate::kind::{Inline, Kind};
use crate::parse::{Node, Value};

/// Where it keeps them. The trust policies of instance profiles are copies and left out.
const PLACES: [(&str, Kind, Option<Inline>); 4] = [
    ("UserDetailList[].UserPolicyList[].PolicyDocument", Kind::Identity, Some(Inline::User)),
    ("GroupDetailList[].GroupPolicyList[].PolicyDocument", Kind::Identity, Some(Inline::Group)),
    ("RoleDetailList[].AssumeRolePolicyDocument", Kind::Trust, None),
    ("RoleDetailList[].RolePolicyList[].PolicyDocument", Kind::Identity, Some(Inline::Role)),
];

const ENVELOPE: &str = "the answer of `iam get-account-authorization-details`";

/// The policies of the answer, if the tree is one.
pub(super) fn locate(tree: &Node, text: &str) -> Vec<Found> {
    let lists = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];
    if lists.iter().filter(|list| tree.get(text, list).is_some()).count() < 2 {
        return Vec::new();
    }
    let found = |place: Place<'_>, kind, of: Option<Inline>| {
        let form: Form = policy_form(place.node, text)?;
        // `/RoleDetailList/3`
        let end = place.pointer.match_indices('/').nth(2).map_or(place.pointer.len(), |(at, _)| at);
        let identity = place.pointer.get(..end).unwrap_or_default().to_owned();
        Some(Found {
            pointer: place.pointer,
            inline: of.map(|of| Inlined { of, identity }),
            kind: Some(kind),
            resource: None,
            envelope: Some(ENVELOPE),
            form,
        })
    };
    let mut all: Vec<Found> = Vec::new();
    for (path, kind, of) in PLACES {
        all.extend(
            places(Place::root(tree), text, path).into_iter().filter_map(|place| found(place, kind, of)),
        );
    }
    for version in places(Place::root(tree), text, "Policies[].PolicyVersionList[]") {
        // Older versions are kept for going back to, and grant nothing.
        let default = version.node.get(text, "IsDefaultVersion");
        if default.is_none_or(|node| node.value == Value::Bool(true)) {
            all.extend(
                places(version, text, "Document")
                    .into_iter()
                    .filter_map(|place| found(place, Kind::Identity, None)),
            );
        }
    }
    all
}
