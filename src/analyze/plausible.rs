//! A witness with the thing that the policy hangs on for a resource, where that makes no difference.

use super::cover::Scope;
use super::replay::policy_allows;
use super::request::Request;
use crate::kind::Kind;
use crate::policy::{Principal, Statement};

/// The account of examples whose own account nobody knows.
const ACCOUNT: &str = "111111111111";

/// `request`, which `left` allows and `right` does not (or, as `both` says, does as well), on a thing of
/// the policy's own kind if that is so there too: a key policy is asked about keys, whatever else its
/// `*` would match.
pub fn on_own_thing(
    request: Request,
    left: &[Statement],
    right: &[Statement],
    both: bool,
    scope: Scope<'_>,
) -> Request {
    let Some(resource) = thing(left, right, scope) else { return request };
    if request.resource == resource || request.resource.split(':').nth(2) == scope.kind.service() {
        return request;
    }
    let moved = Request { resource, ..request.clone() };
    let allows = |statements: &[Statement]| policy_allows(statements, &moved, scope);
    if allows(left) == Some(true) && allows(right) == Some(both) { moved } else { request }
}

/// A thing of the policy's kind: its own ARN, or a made-up one of the account that the policy names.
fn thing(left: &[Statement], right: &[Statement], scope: Scope<'_>) -> Option<String> {
    if let Some(own) = scope.resource.filter(|_| scope.kind != Kind::S3) {
        return Some(own.to_owned());
    }
    let principals = left.iter().chain(right).filter_map(|statement| statement.principal.as_ref());
    let account =
        principals.flat_map(|element| element.principals()).find_map(|(principal, _)| match principal {
            Principal::Account(account) => Some(account),
            _ => None,
        });
    let account = account.as_deref().unwrap_or(ACCOUNT);
    Some(match scope.kind {
        Kind::Kms => format!("arn:aws:kms:us-east-1:{account}:key/11111111-2222-3333-4444-555555555555"),
        Kind::Sns => format!("arn:aws:sns:us-east-1:{account}:topic"),
        Kind::Sqs => format!("arn:aws:sqs:us-east-1:{account}:queue"),
        _ => return None,
    })
}
