//! Does a policy already grant what a statement grants? Does a Deny take it back?
//!
//! Answers here are sure but not complete: they compare statement with statement, element with
//! element. A `true` is a proof; a `false` may only mean that it takes several statements together
//! or a closer look to see it.

use crate::kind::Kind;
use crate::pattern::Pattern;
use crate::policy::{
    Action, Effect, Element, Principal, PrincipalElement, Resource, Statement, Test, TestKind,
};

/// What is known of the policy that the statements belong to.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// Its kind.
    pub kind: Kind,
    /// The ARN of what it hangs on.
    pub resource: Option<&'a str>,
}

/// How one statement stands to those that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// Nothing there covers it.
    None,
    /// The statement at this index would, but it names the account: it lets that account's own
    /// policies decide, and grants nothing to the principal itself.
    Delegated(usize),
    /// The statement at this index is wider.
    Wider(usize),
    /// The statement at this index means the same.
    Same(usize),
}

/// Whether `statement` is covered by one of `by`.
pub fn cover<'s>(
    statement: &Statement,
    by: impl IntoIterator<Item = &'s Statement>,
    scope: Scope<'_>,
) -> Cover {
    let mut best = Cover::None;
    for other in by {
        match includes(other, statement, scope) {
            Some(Grant::Direct) if same(other, statement, scope) => return Cover::Same(other.index),
            Some(Grant::Direct) if !matches!(best, Cover::Wider(_)) => best = Cover::Wider(other.index),
            Some(Grant::Delegated) if best == Cover::None => best = Cover::Delegated(other.index),
            _ => {}
        }
    }
    best
}

/// Whether two statements mean the same, Sid aside.
pub fn same(a: &Statement, b: &Statement, scope: Scope<'_>) -> bool {
    includes(a, b, scope) == Some(Grant::Direct) && includes(b, a, scope) == Some(Grant::Direct)
}

/// How a grant reaches a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Grant {
    /// By way of the account, whose own policies decide.
    Delegated,
    /// By naming it.
    Direct,
}

/// Whether every request of `inner` is one of `outer`, which has the same effect.
fn includes(outer: &Statement, inner: &Statement, scope: Scope<'_>) -> Option<Grant> {
    if !outer.complete || !inner.complete || outer.effect != inner.effect {
        return None;
    }
    let grant = includes_principal(outer, inner)?;
    let actions = includes_element(
        elements(&outer.action, Action::new),
        elements(&inner.action, Action::new),
        Action::contains,
        Action::intersects,
        Action::is_any,
    );
    let resources = includes_element(
        resources(outer, scope),
        resources(inner, scope),
        Resource::contains,
        Resource::intersects,
        Resource::is_any,
    );
    let conditions = outer.conditions.iter().all(|test| is_implied(test, outer, inner));
    (actions && resources && conditions).then_some(grant)
}

/// The patterns of an element and whether it excludes them.
type Patterns<T> = Option<(bool, Vec<T>)>;

fn elements<T>(element: &Option<Element>, new: impl Fn(&str) -> T) -> Patterns<T> {
    element
        .as_ref()
        .map(|element| (element.negated, element.values.items.iter().map(|value| new(&value.text)).collect()))
}

/// The resources of a statement; in the policy of a key, topic or queue, the thing's own ARN is `*`.
fn resources(statement: &Statement, scope: Scope<'_>) -> Patterns<Resource> {
    let own = scope.resource.filter(|_| matches!(scope.kind, Kind::Kms | Kind::Sns | Kind::Sqs));
    let element = statement.resource.as_ref()?;
    let patterns = element.values.items.iter().map(|value| match own {
        Some(own) if value.text == own => Resource::new("*", false),
        _ => Resource::new(&value.text, statement.variables),
    });
    Some((element.negated, patterns.collect()))
}

fn includes_element<T>(
    outer: Patterns<T>,
    inner: Patterns<T>,
    contains: impl Fn(&T, &T) -> bool,
    intersects: impl Fn(&T, &T) -> bool,
    is_any: impl Fn(&T) -> bool,
) -> bool {
    let (Some((outer_negated, outer)), Some((inner_negated, inner))) = (&outer, &inner) else {
        return outer.is_none() && inner.is_none();
    };
    match (outer_negated, inner_negated) {
        (false, false) => inner.iter().all(|inner| outer.iter().any(|outer| contains(outer, inner))),
        (true, false) => inner.iter().all(|inner| !outer.iter().any(|outer| intersects(outer, inner))),
        (true, true) => outer.iter().all(|outer| inner.iter().any(|inner| contains(inner, outer))),
        (false, true) => outer.iter().any(is_any),
    }
}

fn includes_principal(outer: &Statement, inner: &Statement) -> Option<Grant> {
    let (outer_element, inner_element) = match (&outer.principal, &inner.principal) {
        (None, None) => return Some(Grant::Direct),
        (Some(outer), Some(inner)) => (outer, inner),
        _ => return None,
    };
    let (outers, inners) = (principals(outer_element), principals(inner_element));
    match (outer_element.negated, inner_element.negated) {
        (false, false) => {
            let deny = outer.effect == Some(Effect::Deny);
            inners
                .iter()
                .map(|inner| outers.iter().filter_map(|outer| names(outer, inner, deny)).max())
                .min()
                .flatten()
        }
        // Everybody but few is in everybody but fewer.
        (true, true) => outers.iter().all(|outer| inners.contains(outer)).then_some(Grant::Direct),
        (false, true) => outers.contains(&Principal::Any).then_some(Grant::Direct),
        (true, false) => None,
    }
}

fn principals(element: &PrincipalElement) -> Vec<Principal> {
    element.principals().map(|(principal, _)| principal).collect()
}

/// Whether an entry takes in a principal, and how.
fn names(entry: &Principal, principal: &Principal, deny: bool) -> Option<Grant> {
    if entry == principal {
        return Some(Grant::Direct);
    }
    match (entry, principal) {
        // A request that a service makes is matched by `*` as well, but AWS does not say so in
        // words: good enough to see what a Deny may hit, not to leave a grant out.
        (Principal::Any, Principal::Service(_) | Principal::Federated(_) | Principal::CanonicalUser(_)) => {
            deny.then_some(Grant::Direct)
        }
        (Principal::Any, Principal::Other(_) | Principal::UniqueId(_)) => deny.then_some(Grant::Direct),
        (Principal::Any, _) => Some(Grant::Direct),
        (Principal::Account(account), _) if principal.account() == Some(account) => {
            Some(if deny { Grant::Direct } else { Grant::Delegated })
        }
        _ => None,
    }
}

/// Whether each request that passes the tests of `inner` passes `wanted`, a test of `outer`.
fn is_implied(wanted: &Test, outer: &Statement, inner: &Statement) -> bool {
    inner.conditions.iter().any(|given| {
        given.key.eq_ignore_ascii_case(&wanted.key)
            && given.operator.set == wanted.operator.set
            && (wanted.operator.if_exists || !given.operator.if_exists)
            && implies(given, wanted, inner.variables, outer.variables)
    })
}

fn implies(given: &Test, wanted: &Test, given_variables: bool, wanted_variables: bool) -> bool {
    let (kind, wanted_kind) = (given.operator.kind.canonical(), wanted.operator.kind.canonical());
    let within = |value: &str, outer: &str| {
        value_within((kind, value, given_variables), (wanted_kind, outer, wanted_variables))
    };
    let (values, outers) = (&given.values.items, &wanted.values.items);
    if kind.is_negated() || wanted_kind.is_negated() {
        // None of more is none of fewer; only like with like.
        return kind == wanted_kind
            && outers.iter().all(|outer| values.iter().any(|value| within(&outer.text, &value.text)));
    }
    values.iter().all(|value| outers.iter().any(|outer| within(&value.text, &outer.text)))
}

/// Whether what a value of one test matches lies within what a value of the other matches.
fn value_within(
    (kind, value, variables): (TestKind, &str, bool),
    (outer_kind, outer, outer_variables): (TestKind, &str, bool),
) -> bool {
    use TestKind::{
        ArnEquals, ArnNotEquals, Bool, Null, StringEquals, StringEqualsIgnoreCase, StringLike,
        StringNotEqualsIgnoreCase, StringNotLike,
    };
    let pattern = |text: &str, variables| match variables {
        true => Pattern::with_variables(text),
        false => Pattern::new(text),
    };
    let has_wildcard = |text: &str| text.contains(['*', '?']) || text.contains("${");
    match (kind, outer_kind) {
        (StringLike, StringLike) | (StringNotLike, StringNotLike) => {
            pattern(outer, outer_variables).contains(&pattern(value, variables))
        }
        (StringEquals, StringLike) if !value.contains("${") => pattern(outer, outer_variables).matches(value),
        (StringLike, StringEquals) => value == outer && !has_wildcard(value),
        (ArnEquals, ArnEquals) | (ArnNotEquals, ArnNotEquals) => {
            value == outer || Resource::new(outer, outer_variables).contains(&Resource::new(value, variables))
        }
        // One whole ARN is one text.
        (StringEquals, ArnEquals) if !has_wildcard(value) => {
            crate::policy::Arn::parse(value).is_some()
                && Resource::new(outer, outer_variables).contains(&Resource::new(value, false))
        }
        (ArnEquals, StringEquals) => value == outer && !has_wildcard(value),
        (StringEqualsIgnoreCase, StringEqualsIgnoreCase)
        | (StringNotEqualsIgnoreCase, StringNotEqualsIgnoreCase)
        | (StringEquals, StringEqualsIgnoreCase)
        | (Bool, Bool)
        | (Null, Null) => value.eq_ignore_ascii_case(outer),
        _ => kind == outer_kind && value == outer,
    }
}

/// What a Deny takes of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Surely nothing.
    None,
    /// Some of it, or so it seems.
    Part,
    /// All of it.
    All,
}

/// What the Deny statement takes of what the Allow statement grants.
pub fn cut(deny: &Statement, allow: &Statement, scope: Scope<'_>) -> Cut {
    if !deny.denies() || !allow.allows() || !allow.complete {
        return Cut::None;
    }
    if !deny.complete {
        return Cut::Part;
    }
    let as_deny = Statement { effect: Some(Effect::Deny), ..allow.clone() };
    if includes(deny, &as_deny, scope).is_some() {
        return Cut::All;
    }
    let actions = meets(
        elements(&deny.action, Action::new),
        elements(&allow.action, Action::new),
        Action::contains,
        Action::intersects,
    );
    let resources =
        meets(resources(deny, scope), resources(allow, scope), Resource::contains, Resource::intersects);
    let apart = deny.conditions.iter().any(|deny| allow.conditions.iter().any(|allow| excludes(deny, allow)));
    match actions && resources && meets_principal(deny, allow) && !apart {
        true => Cut::Part,
        false => Cut::None,
    }
}

/// Whether two elements may have something in common.
fn meets<T>(
    a: Patterns<T>,
    b: Patterns<T>,
    contains: impl Fn(&T, &T) -> bool,
    intersects: impl Fn(&T, &T) -> bool,
) -> bool {
    let (Some((a_negated, a)), Some((b_negated, b))) = (a, b) else { return true };
    match (a_negated, b_negated) {
        (false, false) => a.iter().any(|a| b.iter().any(|b| intersects(a, b))),
        (true, false) => b.iter().any(|b| !a.iter().any(|a| contains(a, b))),
        (false, true) => a.iter().any(|a| !b.iter().any(|b| contains(b, a))),
        (true, true) => true,
    }
}

fn meets_principal(deny: &Statement, allow: &Statement) -> bool {
    let (Some(deny), Some(allow)) = (&deny.principal, &allow.principal) else { return true };
    if deny.negated || allow.negated {
        return true;
    }
    let denied = principals(deny);
    principals(allow).iter().any(|allowed| {
        denied.iter().any(|denied| {
            names(denied, allowed, true).is_some()
                || names(allowed, denied, true).is_some()
                // A session of a role, or a role of a session.
                || (denied.account().is_some() && denied.account() == allowed.account() && is_session(denied, allowed))
        })
    })
}

fn is_session(a: &Principal, b: &Principal) -> bool {
    matches!(a, Principal::Session(_)) || matches!(b, Principal::Session(_))
}

/// Whether no request passes both tests, for tests of one key by whole texts.
fn excludes(deny: &Test, allow: &Test) -> bool {
    let plain = |test: &Test| test.operator.set.is_none() && !test.operator.if_exists;
    if !deny.key.eq_ignore_ascii_case(&allow.key) || deny.operator.set.is_some() || !plain(allow) {
        return false;
    }
    let exact = |kind| matches!(kind, TestKind::StringEquals | TestKind::Bool | TestKind::ArnEquals);
    let (denied, allowed) = (deny.operator.kind.canonical(), allow.operator.kind.canonical());
    let texts = |test: &Test| test.values.items.iter().map(|value| value.text.clone()).collect::<Vec<_>>();
    let (deny_values, allow_values) = (texts(deny), texts(allow));
    let opaque = |text: &String| text.contains(['*', '?', '$']);
    if deny_values.iter().chain(&allow_values).any(opaque) || !exact(allowed) {
        return false;
    }
    match denied {
        _ if exact(denied) => {
            !allow_values.iter().any(|allow| deny_values.iter().any(|deny| deny.eq_ignore_ascii_case(allow)))
        }
        TestKind::StringNotEquals | TestKind::ArnNotEquals => {
            allow_values.iter().all(|allow| deny_values.contains(allow))
        }
        _ => false,
    }
}
