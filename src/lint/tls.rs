//! Tests of whether a request came over TLS.

use crate::policy::{Statement, Test, TestKind};

/// The test of a statement that asks for `aws:SecureTransport` to be this.
pub(super) fn asks<'s>(statement: &'s Statement, wanted: &str) -> Option<&'s Test> {
    statement.conditions.iter().find(|test| {
        let compares =
            matches!(test.operator.kind, TestKind::Bool | TestKind::StringEquals | TestKind::StringLike);
        test.key.eq_ignore_ascii_case("aws:SecureTransport")
            && compares
            && test
                .values
                .items
                .iter()
                .all(|value| value.is_function() || value.text.eq_ignore_ascii_case(wanted))
    })
}
