//! Types of resource.

use super::arn::ArnPattern;
use super::table::{BORROWED, Line, RESOURCES};

/// A type of resource of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceType {
    line: Line,
}

/// The type of that name, as the service's actions name it.
pub fn resource_type(service: &str, name: &str) -> Option<ResourceType> {
    RESOURCES.line(&format!("{service}:{name}")).map(|line| ResourceType { line })
}

/// The types whose ARNs have this text in the place of the service.
pub fn types_in(arn_service: &str) -> impl Iterator<Item = ResourceType> + use<> {
    let prefix = format!("{arn_service}:");
    let skip = prefix.len();
    let borrowed =
        BORROWED.starting(&prefix).filter_map(move |line| RESOURCES.line(line.name().get(skip..)?));
    RESOURCES.starting(&prefix).chain(borrowed).map(|line| ResourceType { line })
}

impl ResourceType {
    /// The prefix of the service that lists it.
    pub fn service(self) -> &'static str {
        self.line.name().split(':').next().unwrap_or("")
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.line.name().split_once(':').map_or("", |(_, name)| name)
    }

    /// What its ARNs look like.
    pub fn arns(self) -> impl Iterator<Item = ArnPattern> + use<> {
        self.line.list(1).filter_map(ArnPattern::read)
    }

    /// The name of the set of condition keys that come with it.
    pub(super) fn key_set(self) -> &'static str {
        self.line.column(2)
    }
}
