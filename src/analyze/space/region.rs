//! A statement as a box: one predicate for each dimension, ready to be compared.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::check::{Body, Check};
use super::clause::Clause;
use super::effort::{Effort, keep, step};
use super::glob::{Glob, Token};
use super::names::{Compared, Names};
use super::principals::Listed;
use crate::analyze::canonical::{Canonical, canonical};
use crate::analyze::cover::Scope;
use crate::analyze::evaluate::{api_path, has_early_variable, is_like_api, is_padded, is_spread, padded};
use crate::analyze::reading::{
    CanonicalUser, Exceptions, Reading, SessionUsers, leaves_open, names_at_gateway, no_value, twins,
};
use crate::analyze::replay::{Replay, is_readable, is_void};
use crate::kind::Kind;
use crate::policy::{Arn, Element, PrincipalElement, Statement, Test, TestKind, Value};

/// A statement as a box.
#[derive(Clone, Debug)]
pub(super) struct Region<'s> {
    pub statement: &'s Statement,
    pub principal: Option<&'s PrincipalElement>,
    /// The same, worked out when it is first asked for.
    listed: OnceCell<Option<Listed>>,
    pub action: Option<Patterns>,
    /// `None` where the statement is about whatever the policy is attached to.
    pub resource: Option<Patterns>,
    pub checks: Vec<Check>,
    /// The places of the checks by key.
    by_key: HashMap<String, Vec<usize>>,
    /// Whether it accepts nothing at all.
    pub void: bool,
    /// Whether it could be read.
    pub readable: bool,
    /// Whether there may be more tests than those in `checks`, so that it may take less.
    pub narrower: bool,
    /// Whether a star of its resources may go on beyond a colon.
    pub spread: bool,
    /// Whether it is about paths of the API that its policy is attached to.
    pub of_api: bool,
    /// Whom a `NotPrincipal` of it leaves out.
    pub exceptions: Exceptions,
    /// Whether an account is its root user alone, and no other AWS principal but `*` is met.
    pub gateway: bool,
    /// Whether services that call by themselves have an account of AWS's own.
    pub services_have_account: bool,
    /// The canonical user that is the caller's account, if one is.
    pub canonical_user: Option<CanonicalUser>,
    /// Whether an Allow lets in users of an identity provider only by the provider's name.
    pub named_providers: bool,
    /// Whose sessions of federated users are those of a user.
    pub session_users: SessionUsers,
    /// The statement as the evaluator sees it.
    pub replay: Replay<'s>,
    /// `None` if it was left out for want of budget.
    canonical: Option<Canonical>,
}

/// The patterns of `Action`, `Resource` or their negated forms.
#[derive(Clone, Debug)]
pub(super) struct Patterns {
    pub negated: bool,
    pub globs: Vec<Glob>,
    /// What was written, in order and once each: two elements with the same form mean the same.
    form: BTreeSet<(bool, String)>,
    variables: bool,
}

impl Patterns {
    pub fn is_same(&self, other: &Patterns) -> bool {
        self.negated == other.negated && self.form == other.form && self.variables == other.variables
    }

    pub fn clause(&self) -> Clause<'_> {
        Clause { negated: self.negated, globs: self.globs.iter().collect() }
    }

    /// Whether it is `*`.
    pub fn is_all(&self) -> bool {
        !self.negated && self.globs.iter().any(Glob::is_any)
    }
}

impl<'s> Region<'s> {
    /// A statement that is too large for the budget takes everything, and covers nothing.
    pub fn new(
        statement: &'s Statement,
        scope: Scope<'_>,
        reading: Reading,
        names: &mut Names,
        effort: &Effort,
    ) -> Self {
        let size = size(statement);
        keep(size);
        if effort.check().is_err() {
            return Region {
                statement,
                principal: None,
                listed: OnceCell::new(),
                action: None,
                resource: None,
                checks: Vec::new(),
                by_key: HashMap::new(),
                void: false,
                readable: false,
                narrower: true,
                spread: false,
                of_api: false,
                exceptions: reading.exceptions(statement),
                gateway: false,
                services_have_account: reading.services_have_account,
                canonical_user: reading.canonical_user,
                session_users: reading.session_users,
                named_providers: reading.named_providers,
                replay: Replay::read(statement, scope, reading),
                canonical: None,
            };
        }
        step(size / BYTES_A_STEP);
        let action = statement.action.as_ref().map(|element| actions(element, names));
        let resource =
            statement.resource.as_ref().map(|element| resources(element, statement, scope, reading, names));
        let variables = statement.variables;
        let twins = if reading.other_values { twins(statement) } else { HashSet::new() };
        let check = |test: &Test| {
            let mut check = Check::new(test, variables, reading, names);
            if reading.other_values && leaves_open(test, &twins).is_some() {
                check.body = Body::Unknown;
            }
            check
        };
        let is_open = |test: &Test| is_open(test) || reading.other_values && no_value(test).is_some();
        let checks: Vec<Check> =
            statement.conditions.iter().filter(|test| !is_open(test)).map(check).collect();
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, check) in checks.iter().enumerate() {
            by_key.entry(check.key.clone()).or_default().push(at);
        }
        Region {
            statement,
            principal: statement.principal.as_ref(),
            listed: OnceCell::new(),
            action,
            resource,
            checks,
            by_key,
            spread: statement
                .resource
                .iter()
                .flat_map(|element| &element.values.items)
                .any(|value| value.known().is_some_and(is_spread)),
            of_api: statement
                .resource
                .iter()
                .flat_map(|element| &element.values.items)
                .any(|value| value.known().is_some_and(|text| api_path(text, scope.kind).is_some())),
            void: is_void(statement, scope.kind),
            readable: is_readable(statement, scope.kind),
            narrower: statement.has_unknown_condition() || statement.conditions.iter().any(is_open),
            exceptions: reading.exceptions(statement),
            gateway: reading.gateway && names_at_gateway(statement, scope.kind),
            services_have_account: reading.services_have_account,
            canonical_user: reading.canonical_user,
            session_users: reading.session_users,
            named_providers: reading.named_providers,
            replay: Replay::read(statement, scope, reading),
            canonical: Some(canonical(statement, scope.resource.filter(|_| scope.kind == Kind::Kms))),
        }
    }

    /// Whom it names; `None` if it names no one.
    pub fn listed(&self) -> Option<&Listed> {
        self.listed.get_or_init(|| self.principal.map(|element| Listed::new(element, self))).as_ref()
    }

    /// What it accepts: regions with equal forms surely accept the same requests.
    pub fn form(&self) -> Option<&Canonical> {
        self.canonical.as_ref()
    }

    /// Whether it was too large for the budget.
    pub fn is_left_out(&self) -> bool {
        self.canonical.is_none()
    }

    /// Whether both surely accept the same requests.
    pub fn is_same(&self, other: &Region<'_>) -> bool {
        self.canonical.is_some() && self.canonical == other.canonical
    }

    /// Whether a test asks for something that is not known, or cannot be read.
    pub fn is_coarse(&self) -> bool {
        self.narrower || self.checks.iter().any(Check::is_unknown)
    }

    /// The checks on a key, which is in lower case.
    pub fn on(&self, key: &str) -> impl Iterator<Item = &Check> {
        self.by_key.get(key).into_iter().flatten().map(|at| &self.checks[*at])
    }
}

/// How much of a box is made in the time of a step.
const BYTES_A_STEP: usize = 4;

/// What a statement takes of memory as a box, about: each of its characters is a token of a pattern, and stands in a
/// few forms of it besides.
fn size(statement: &Statement) -> usize {
    const VALUE: usize = 256;
    const CHARACTER: usize = size_of::<Token>() + 8;
    let values =
        |values: &[Value]| -> usize { values.iter().map(|value| VALUE + CHARACTER * value.text.len()).sum() };
    let elements = statement.action.iter().chain(&statement.resource);
    let principals = statement.principal.iter().flat_map(|element| &element.entries);
    let tests = statement.conditions.iter();
    elements.map(|element| values(&element.values.items)).sum::<usize>()
        + principals.map(|entry| values(&entry.values.items)).sum::<usize>()
        + tests.map(|test| VALUE + CHARACTER * test.key.len() + values(&test.values.items)).sum::<usize>()
        + size_of::<Region<'_>>()
}

fn actions(element: &Element, names: &mut Names) -> Patterns {
    let glob = |value: &Value| match &value.hole {
        Some(hole) => Glob::unknown(names.text_hole(hole, Compared::Like, false)),
        None => Glob::action(&value.text),
    };
    let globs = element.values.items.iter().map(glob).collect();
    patterns(element, globs, false, |text| text.to_ascii_lowercase())
}

fn resources(
    element: &Element,
    statement: &Statement,
    scope: Scope<'_>,
    reading: Reading,
    names: &mut Names,
) -> Patterns {
    let mut variables = false;
    let globs = element.values.items.iter().filter_map(|value| {
        let glob = match &value.hole {
            Some(hole) => Glob::hole(hole, statement.variables, names),
            None => resource(&value.text, statement.variables, scope, reading, names)?,
        };
        variables |= statement.variables && value.may_have_variable();
        Some(glob)
    });
    let globs = globs.collect();
    patterns(element, globs, variables, str::to_owned)
}

/// The ARN of the API that a policy is attached to, as a pattern.
pub(super) fn own_api(scope: Scope<'_>) -> String {
    match scope.resource.and_then(Arn::parse).filter(|own| own.service == "execute-api") {
        Some(Arn { partition, service, region, account, resource }) => {
            let id = resource.split('/').next().unwrap_or_default();
            format!("arn:{partition}:{service}:{region}:{account}:{id}")
        }
        // An id has ten characters, which tells it from a path with more slashes.
        None => "arn:*:execute-api:*:*:??????????".to_owned(),
    }
}

/// A pattern of resources. With fewer than six segments it is filled up with stars, or matches nothing, as with a policy
/// variable before the last one.
fn resource(
    text: &str,
    variables: bool,
    scope: Scope<'_>,
    reading: Reading,
    names: &mut Names,
) -> Option<Glob> {
    if !text.is_empty() && text.bytes().all(|byte| byte == b'*') {
        return Some(Glob::any());
    }
    if let Some(path) = api_path(text, scope.kind) {
        return Glob::arn(&format!("{}/{path}", own_api(scope)), variables.then_some(names));
    }
    if is_like_api(text, scope.kind) {
        return Some(Glob::unknown(names.hole(text, Compared::Like, false)));
    }
    if variables && has_early_variable(text) {
        return None;
    }
    if reading.wide_stars && is_spread(text) {
        return Some(Glob::like(text, variables.then_some(names)));
    }
    if text.split(':').count() >= 6 {
        return Glob::arn(text, variables.then_some(names));
    }
    if !is_padded(text, scope.kind) {
        return None;
    }
    Glob::arn(&padded(text), None)
}

fn patterns(
    element: &Element,
    mut globs: Vec<Glob>,
    variables: bool,
    fold: impl Fn(&str) -> String,
) -> Patterns {
    let text = |value: &Value| match &value.hole {
        Some(hole) => (true, hole.name.clone().into()),
        None => (false, fold(&value.text)),
    };
    if let Some(any) = globs.iter().position(Glob::is_any) {
        globs = vec![globs.swap_remove(any)];
    }
    let form = element.values.items.iter().map(text).collect();
    Patterns { negated: element.negated, globs, form, variables }
}

/// Whether it is not even known what a test says of a request without the key, or which key it is.
fn is_open(test: &Test) -> bool {
    test.unknown_key || test.operator.kind == TestKind::Null && test.values.items.iter().any(Value::is_hole)
}
