//! Ways to more permissions than a policy shows: which of the known ones it opens, and by which entries.

mod paths;

use super::facts::{is_pattern, is_plain};
use super::grants::{Grant, Grants, is_star};
use crate::catalog;
use crate::pattern::Pattern;
use crate::policy::{Arn, Statement, TestKind, Value};

pub(crate) use paths::PATHS;

/// One known way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    /// What others call it, after commas.
    pub ids: &'static str,
    /// Actions on what is gained: where they are limited, so is the gain.
    pub power: &'static [&'static str],
    /// Actions that are needed besides, on whatever resource.
    pub with: &'static [&'static str],
    /// What is gained.
    pub gain: Gain,
}

/// What somebody gains who goes a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gain {
    /// Any permission, by a policy of one's own writing or choice.
    Permissions,
    /// What other users have.
    User,
    /// What roles have.
    Role,
    /// What a permissions boundary kept back.
    Boundary,
    /// What roles have that may be passed to one of these services.
    Passed(&'static [&'static str]),
    /// What something has that one's own code runs in.
    Code(&'static str),
    /// The same where one only gets into what runs: common, and mostly meant.
    Inside(&'static str),
}

/// A way that a policy opens.
#[derive(Debug)]
pub(crate) struct Way<'d> {
    pub path: &'static Path,
    /// For each action of the path, in order, the plainest grant.
    pub grants: Vec<(&'static str, Grant<'d>)>,
    /// Whether ARNs or conditions limit what is gained.
    pub limited: bool,
}

/// The ways that a policy opens, those that give most first.
pub(crate) fn ways<'d>(grants: &Grants<'d>) -> Vec<Way<'d>> {
    PATHS.iter().filter_map(|path| way(path, grants)).collect()
}

/// A way, if a policy opens it.
pub(crate) fn way<'d>(path: &'static Path, grants: &Grants<'d>) -> Option<Way<'d>> {
    let mut limited = false;
    let mut found = Vec::new();
    for action in path.power.iter().chain(path.with) {
        let all = grants.of(action);
        let mut all = all.iter().copied().filter(|grant| opens(path, action, grant));
        // Of the role that is passed it counts for what and to whom, not how much else there is.
        let grant = match path.gain {
            Gain::Passed(services) if *action == "iam:PassRole" => {
                let all: Vec<_> = all.collect();
                let open = all.iter().find(|grant| passing(grant.entry.statement) == Passing::Open);
                let narrow = || all.iter().find(|grant| passes_to(grant.entry.statement, services));
                let grant = *open.or_else(narrow)?;
                limited |= passing(grant.entry.statement) != Passing::Open || grant.held;
                grant
            }
            _ => {
                let grant = all.next()?;
                limited |= path.power.contains(action) && !grant.is_unlimited();
                grant
            }
        };
        found.push((*action, grant));
    }
    let is_only_inside = matches!(path.gain, Gain::Inside(_)) && limited;
    (!is_only_inside).then_some(Way { path, grants: found, limited })
}

/// Whether a grant is of any use to somebody on this way.
fn opens(path: &Path, action: &str, grant: &Grant<'_>) -> bool {
    let statement = grant.entry.statement;
    match path.gain {
        Gain::User => !is_for_oneself(statement),
        // Policies that may only be given to what has a boundary give no more than the boundary.
        Gain::Permissions | Gain::Boundary | Gain::Role => !demands(statement, "iam:permissionsboundary"),
        Gain::Passed(services) if action == "iam:PassRole" => {
            passing(statement) != Passing::Pinned && passes_to(statement, services)
        }
        _ => true,
    }
}

/// Whether the statement is about the caller's own user alone.
fn is_for_oneself(statement: &Statement) -> bool {
    let Some(element) = statement.resource.as_ref().filter(|element| !element.negated) else { return false };
    let own = |value: &Value| {
        let text = value.text.to_ascii_lowercase();
        text.contains("${aws:username}")
            || text.contains("${aws:userid}")
            || text.contains("${aws:principaltag/")
    };
    statement.variables && element.values.items.iter().all(own)
}

/// Whether a request without certain values of a key does not pass.
fn demands(statement: &Statement, key: &str) -> bool {
    statement.conditions.iter().any(|test| {
        test.key.eq_ignore_ascii_case(key)
            && !test.operator.kind.is_negated()
            // A request to pass a role always says to which service.
            && (!test.operator.if_exists || key == "iam:passedtoservice")
            && test.operator.kind != TestKind::Null
            && !test.values.items.iter().any(|value| is_star(&value.text))
    })
}

/// Which roles an Allow of `iam:PassRole` lets somebody pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passing {
    /// A pattern of them, to any service.
    Open,
    /// A pattern of them, to services that are named.
    ToServices,
    /// Those that are named, or of the service that their name names, to any service.
    Named,
    /// The same, to services that are named: as it should be.
    Pinned,
}

/// Which roles an Allow of `iam:PassRole` lets somebody pass.
pub(crate) fn passing(statement: &Statement) -> Passing {
    let to_services = demands(statement, "iam:passedtoservice");
    let Some(element) = &statement.resource else { return Passing::Open };
    match (element.negated || element.values.items.iter().any(is_many_roles), to_services) {
        (true, false) => Passing::Open,
        (false, false) => Passing::Named,
        (true, true) => Passing::ToServices,
        (false, true) => Passing::Pinned,
    }
}

/// Whether a resource stands for roles of any purpose. AWS names roles for a service after it; a pattern
/// with such a name stands for roles of that service (IAM Access Analyzer lets these through as well).
fn is_many_roles(value: &Value) -> bool {
    if is_star(&value.text) {
        return true;
    }
    if !is_plain(value) {
        return false;
    }
    let Some(arn) = Arn::parse(&value.text) else { return false };
    let Some(fixed) = arn.resource.find(['*', '?']) else { return false };
    if !Pattern::with_variables(arn.resource).intersects(&Pattern::new("role/*")) {
        return false;
    }
    let name = arn.resource.get(..fixed).unwrap_or_default().trim_start_matches("role/");
    !names_a_service(&name.to_ascii_lowercase())
}

/// Whether a text, in lower case, has the name of a service in it.
fn names_a_service(name: &str) -> bool {
    let words = || name.split(|character: char| !character.is_ascii_alphanumeric());
    name.contains("service")
        || words().any(|word| word.len() > 1 && catalog::service(word).is_some())
        || [
            "lambda",
            "ec2",
            "ecs",
            "eks",
            "glue",
            "sagemaker",
            "emr",
            "batch",
            "codebuild",
            "cloudformation",
            "rds",
        ]
        .iter()
        .any(|service| name.contains(service))
}

/// Whether roles may be passed to one of these services.
fn passes_to(statement: &Statement, services: &[&str]) -> bool {
    statement.conditions.iter().filter(|test| test.key.eq_ignore_ascii_case("iam:PassedToService")).all(
        |test| {
            let named = |value: &Value| {
                let pattern = Pattern::new(&value.text.to_ascii_lowercase());
                !is_plain(value) || services.iter().any(|service| pattern.matches(service))
            };
            // Who is kept out is another matter than who is let in.
            test.operator.kind.is_negated()
                || test.operator.kind == TestKind::Null
                || test.values.items.iter().any(named)
        },
    )
}

impl Way<'_> {
    /// The actions after the first with the grants that add them, where these are another entry: what
    /// completes the set.
    pub(crate) fn others(&self) -> &[(&'static str, Grant<'_>)] {
        self.grants.get(1..).unwrap_or_default()
    }

    /// Whether an entry is there that was hardly written for this: a pattern, or `NotAction`.
    pub(crate) fn has_wide_entry(&self) -> bool {
        self.grants.iter().any(|(_, grant)| grant.entry.value.is_none_or(|value| is_pattern(&value.text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Hints, open_policy};
    use crate::kind::Kind;
    use crate::source::Source;

    /// The ids of the ways that a policy opens, with a `~` where they are limited.
    fn open(statements: &str) -> Vec<String> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let hints = Hints { kind: Some(Kind::Identity), ..Hints::default() };
        let document = open_policy(Source::new("test.json", text), &hints);
        let grants = Grants::new(&document);
        let id = |way: &Way<'_>| {
            format!("{}{}", if way.limited { "~" } else { "" }, way.path.ids.split(',').next().unwrap_or(""))
        };
        ways(&grants).iter().map(id).collect()
    }

    #[test]
    fn every_action_is_known_and_no_set_contains_another() {
        for path in PATHS {
            for action in path.power.iter().chain(path.with) {
                let known = catalog::action(action).map(|facts| facts.name());
                assert_eq!(known, Some(*action), "{}", path.ids);
            }
            let actions = |path: &Path| path.power.iter().chain(path.with).copied().collect::<Vec<_>>();
            let own = actions(path);
            let smaller = PATHS.iter().find(|other| {
                other.ids != path.ids
                    && other.gain == path.gain
                    && actions(other).iter().all(|action| own.contains(action))
            });
            assert!(smaller.is_none(), "{} contains {:?}", path.ids, smaller.map(|path| path.ids));
        }
    }

    #[test]
    fn a_way_needs_all_its_actions() {
        let pass = r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}"#;
        assert_eq!(open(pass), [""; 0]);
        let create = r#"{"Effect":"Allow","Action":"lambda:CreateFunction","Resource":"arn:aws:lambda:*:*:function:a"}"#;
        assert_eq!(open(&format!("{pass},{create}")), [""; 0]);
        let invoke = r#"{"Effect":"Allow","Action":"lambda:Invoke*","Resource":"*"}"#;
        // What the function is called makes no difference to what its role can do.
        assert_eq!(open(&format!("{pass},{create},{invoke}")), ["lambda-001"]);
        let deny = r#"{"Effect":"Deny","Action":"lambda:InvokeFunction","Resource":"*"}"#;
        assert_eq!(open(&format!("{pass},{create},{invoke},{deny}")), [""; 0]);
    }

    #[test]
    fn a_role_goes_to_the_services_that_are_named() {
        let passed = |resource: &str, service: &str| {
            open(&format!(
                r#"{{"Effect":"Allow","Action":"iam:PassRole","Resource":"{resource}","Condition":{{"StringEquals":{{"iam:PassedToService":"{service}"}}}}}},
                   {{"Effect":"Allow","Action":["glue:CreateDevEndpoint","ec2:RunInstances"],"Resource":"*"}}"#
            ))
        };
        assert_eq!(passed("*", "ec2.amazonaws.com"), ["~ec2-001"]);
        assert_eq!(passed("arn:aws:iam::*:role/app", "ec2.amazonaws.com"), [""; 0]);
        assert_eq!(passed("*", "s3.amazonaws.com"), [""; 0]);
        assert_eq!(passed("arn:aws:iam::*:user/*", "ec2.amazonaws.com"), [""; 0]);
    }

    #[test]
    fn limits_make_less_of_it() {
        let allow = |action: &str, resource: &str, condition: &str| {
            open(&format!(
                r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}","Condition":{{{condition}}}}}"#
            ))
        };
        assert_eq!(allow("iam:CreateAccessKey", "arn:aws:iam::*:user/*", ""), ["iam-002"]);
        assert_eq!(allow("iam:CreateAccessKey", "arn:aws:iam::*:user/bots/*", ""), ["~iam-002"]);
        assert_eq!(allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}", ""), [""; 0]);
        assert_eq!(allow("iam:PutUserPolicy", "arn:aws:iam::*:user/${aws:username}", ""), ["~iam-007"]);
        let mfa = r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#;
        assert_eq!(allow("iam:AttachRolePolicy", "*", mfa), ["~iam-009"]);
        let bound = r#""StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111111111111:policy/b"}"#;
        assert_eq!(allow("iam:AttachRolePolicy", "*", bound), [""; 0]);
        assert_eq!(allow("ssm:StartSession", "*", ""), ["ssm-001"]);
        assert_eq!(allow("ssm:StartSession", "arn:aws:ec2:*:*:instance/i-1", ""), [""; 0]);
    }
}
