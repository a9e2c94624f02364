//! Services, by the prefix of their actions.

use super::table::{BORROWED, Line, SERVICES};

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    line: Line,
}

/// The service with that prefix, as `kms`.
pub fn service(prefix: &str) -> Option<Service> {
    SERVICES.line(prefix).map(|line| Service { line })
}

impl Service {
    /// The prefix of its actions.
    pub fn prefix(self) -> &'static str {
        self.line.name()
    }

    /// What AWS calls it.
    pub fn name(self) -> &'static str {
        self.line.column(1)
    }

    /// Whether resource control policies apply to it.
    pub fn takes_rcps(self) -> bool {
        self.line.column(2) == "rcp"
    }
}

/// Whether ARNs have this text in the place of the service.
pub fn is_arn_service(name: &str) -> bool {
    // Case counts here, other than in the prefix of an action.
    let prefix = format!("{name}:");
    service(name).is_some_and(|service| service.prefix() == name)
        || BORROWED.starting(&prefix).any(|line| line.name().starts_with(&prefix))
}
