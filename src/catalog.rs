//! What AWS's services have: their actions, resource types and condition keys, as of a date.
//!
//! The facts are text tables in the binary, sorted, and searched as they stand: nothing is read at
//! start-up, and a look-up takes about a microsecond. `tools/catalog.py` makes the tables. AWS adds
//! actions every week, so what is not here may be new, and whoever says that something does not exist
//! must say of when the facts are: [`DATE`].

mod action;
mod arn;
mod key;
mod nearest;
mod resource;
mod service;
mod table;

pub use action::{ActionFacts, Level, Need, action, actions_matching, has_match};
pub use arn::{ArnPattern, fits_words};
pub use key::{
    ConditionKey, KeyGroup, ValueType, any_takes_key, condition_key, is_action_listed_with, is_key_service,
    is_listed_with, keys_of, takes_key,
};
pub use nearest::{nearest_action, nearest_key, nearest_service, nearest_service_with, services_with};
pub use resource::{ResourceType, resource_type, types_in};
pub use service::{Service, is_arn_service, service};

/// The day of the facts.
pub const DATE: &str = include_str!("catalog/data/date.txt");

/// The licences of the packages that the facts are from.
pub const NOTICE: &str = include_str!("catalog/NOTICE.txt");

#[cfg(test)]
mod tests;
