//! Checks of the field that no rule does, and why.

/// Rows of the book's table without a rule, sorted, each with the reason.
pub const UNCOVERED: &[(&str, &str)] = &[(
    "CND-12",
    "every request has the global keys that belong to it, whether or not its action lists keys of its own, so \
     this would be said of most policies and help nobody",
)];
