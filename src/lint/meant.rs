//! What somebody may have meant by an action or service that AWS does not list.

use super::facts::is_pattern;
use crate::catalog;

/// Names that AWS does not list and uses: SNS puts the first into the policy of a new topic, and devices
/// with a certificate need the second for a role.
const UNLISTED: [&str; 2] = ["sns:Receive", "iot:AssumeRoleWithCertificate"];

/// Whether AWS uses an action that it does not list.
pub(crate) fn is_unlisted(action: &str) -> bool {
    UNLISTED.iter().any(|name| name.eq_ignore_ascii_case(action))
}

/// An action of the service with a name like this; else one of this name in a service like this.
pub(crate) fn action(action: &str, service: &str, name: &str) -> Option<String> {
    // What a pattern was to match nobody can tell.
    if is_pattern(name) {
        return None;
    }
    if let Some(nearest) = catalog::nearest_action(action) {
        return Some(nearest.to_owned());
    }
    match catalog::services_with(name, 2).as_slice() {
        // Names such as `CreateBudget` stand for other things elsewhere; `iotjobsdata` for `iot` is meant.
        [only] if only.starts_with(service) => Some(format!("{only}:{name}")),
        _ => None,
    }
}

/// The action of this name in a service with a prefix like this, else of the only service that has one.
pub(crate) fn of_service(prefix: &str, name: &str) -> Option<String> {
    if let Some(nearest) = catalog::nearest_service_with(prefix, name) {
        return Some(format!("{nearest}:{name}"));
    }
    match catalog::services_with(name, 2).as_slice() {
        [only] => Some(format!("{only}:{name}")),
        _ => None,
    }
}
