//! Whether one value of a list takes in all that another one does. A yes is sure; a no may mean that it takes
//! a closer look.

use crate::analyze::cover::Scope;
use crate::analyze::direct::star_is_enough;
use crate::analyze::evaluate::{is_held_by_arn, is_short_arn, is_spread, is_whole_arn, padded};
use crate::analyze::space::value_includes;
use crate::kind::Kind;
use crate::pattern::Pattern;
use crate::policy::{Principal, Resource, Statement, Test, TestKind, Value};

/// A pattern of resources; in the policy of a key, topic or queue, the thing's own ARN is `*`.
pub(super) fn resource(text: &str, variables: bool, scope: Scope<'_>) -> Resource {
    let own = scope.resource.filter(|_| matches!(scope.kind, Kind::Kms | Kind::Sns | Kind::Sqs));
    match own {
        Some(own) if text == own => Resource::new("*", false),
        _ => Resource::new(text, variables),
    }
}

/// Whether an entry takes in a principal as directly as an entry of its own does; in a Deny that makes no
/// difference.
pub(super) fn takes_in(entry: &Principal, principal: &Principal, statement: &Statement) -> bool {
    let deny = statement.denies();
    match (entry, principal) {
        _ if entry == principal => true,
        // A request that a service makes is matched by `*` as well, but AWS does not say so in words.
        (Principal::Any, _) => deny || star_is_enough(principal, is_held_by_arn(statement)),
        (Principal::Account(account), _) => deny && principal.account() == Some(account),
        _ => false,
    }
}

/// Whether a resource takes in another one also where a `*` at the end of a segment goes on beyond the colon, which AWS
/// leaves open. Both are asked about whom the usual reading says yes.
pub(super) fn contains_if_spread(outer: &Value, inner: &Value, variables: bool) -> bool {
    let is_open = |value: &Value| value.known().is_some_and(is_spread);
    match (is_open(outer), is_open(inner)) {
        (false, false) => true,
        (false, true) => Resource::of(outer, variables).is_any(),
        (true, _) => pattern(&outer.text, variables).contains(&pattern(&inner.text, variables)),
    }
}

/// Whether what matches `inner`, a value of a test, matches `outer` as well, another value of the test.
pub(super) fn value_contains(test: &Test, outer: &str, inner: &str, variables: bool) -> bool {
    if outer == inner {
        return true;
    }
    let pattern = |text: &str| pattern(text, variables);
    let kind = test.operator.kind;
    match kind.canonical() {
        TestKind::StringLike | TestKind::StringNotLike => pattern(outer).contains(&pattern(inner)),
        TestKind::ArnEquals | TestKind::ArnNotEquals => {
            // A short pattern matches nothing, or all ARNs that begin so: AWS leaves that open.
            let longer = |text: &str| if is_short_arn(text) { padded(text) } else { text.to_owned() };
            let as_whole = || Pattern::new(outer).contains(&Pattern::new(inner));
            (!is_short_arn(outer) || is_short_arn(inner))
                && (!is_whole_arn(outer) && !is_whole_arn(inner) || as_whole())
                && Resource::new(&longer(outer), variables)
                    .contains(&Resource::new(&longer(inner), variables))
        }
        TestKind::StringEqualsIgnoreCase
        | TestKind::StringNotEqualsIgnoreCase
        | TestKind::Bool
        | TestKind::Null => inner.eq_ignore_ascii_case(outer),
        _ => value_includes(kind, outer, inner) == Some(true),
    }
}

fn pattern(text: &str, variables: bool) -> Pattern {
    match variables {
        true => Pattern::with_variables(text),
        false => Pattern::new(text),
    }
}
