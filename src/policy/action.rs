//! Patterns of actions, `service:Name`, which ignore case.

use super::Value;
use crate::pattern::Pattern;

/// A pattern of actions such as `s3:Get*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Action {
    /// As it was written.
    pub text: String,
    pattern: Pattern,
}

impl Action {
    /// Reads a pattern. Case is folded: IAM ignores it in service prefix and name.
    pub fn new(text: &str) -> Self {
        Action { text: text.to_owned(), pattern: Pattern::new(&text.to_ascii_lowercase()) }
    }

    /// Whether it matches every action.
    pub fn is_any(&self) -> bool {
        matches!(self.text.as_str(), "*" | "*:*")
    }

    /// Reads a value, which may be a hole.
    pub fn of(value: &Value) -> Self {
        match &value.hole {
            Some(hole) => Action { text: value.text.clone(), pattern: Pattern::unknown(&hole.name) },
            None => Action::new(&value.text),
        }
    }

    /// The service prefix, in lower case, if there is a colon.
    pub fn service(&self) -> Option<String> {
        self.text.split_once(':').map(|(service, _)| service.to_ascii_lowercase())
    }

    /// Whether it matches all that `inner` matches.
    pub fn contains(&self, inner: &Action) -> bool {
        self.is_any() || self.pattern.contains(&inner.pattern)
    }

    /// Whether some action is matched by both.
    pub fn intersects(&self, other: &Action) -> bool {
        self.is_any() || other.is_any() || self.pattern.intersects(&other.pattern)
    }

    /// Whether it matches this action.
    pub fn matches(&self, action: &str) -> bool {
        self.is_any() || self.pattern.matches(&action.to_ascii_lowercase())
    }
}
