//! Identity providers that speak OpenID Connect: which one a principal is, which claim tells its
//! customers apart, and how open the pattern of a subject is.

use std::borrow::Cow;

use crate::policy::marks::{Mark, marks, variable_key};
use crate::policy::{
    self, OIDC_PROVIDER, PrincipalType, SAML_PROVIDER, SetOperator, Statement, Test, TestKind, Value,
    provider_after, provider_has,
};

/// A provider in a statement that lets its users in.
pub(crate) struct Provider<'s> {
    /// The principal.
    pub(crate) value: &'s Value,
    /// Host and path, as the keys of its claims begin.
    pub(crate) host: &'s str,
    /// What is known of it.
    pub(crate) issuer: Option<&'static Issuer>,
}

/// What is known of an issuer of tokens.
pub(crate) struct Issuer {
    host: &'static str,
    /// What people call it.
    pub(crate) name: &'static str,
    /// Who gets in where nothing says whose token it must be.
    pub(crate) others: &'static str,
    /// The claim that says whose token it is.
    pub(crate) claim: &'static str,
    /// Other claims that say so as well.
    pub(crate) instead: &'static [&'static str],
    /// Whether all customers share the issuer, so that whoever has an account there gets in.
    pub(crate) shared: bool,
    /// How its subjects are written.
    form: &'static [Part],
}

/// A part of a subject.
pub(crate) struct Part {
    before: &'static str,
    /// What it names.
    pub(crate) name: &'static str,
    /// Whether it must be fixed.
    ask: Ask,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    /// Names the customer: another one could register a name that a wildcard matches.
    Customer,
    /// Ought to be named.
    Narrow,
    /// Need not be.
    Free,
}

const fn part(before: &'static str, name: &'static str, ask: Ask) -> Part {
    Part { before, name, ask }
}

const GITHUB: &[Part] = &[
    part("repo:", "organization", Ask::Customer),
    part("/", "repository", Ask::Narrow),
    part(":", "branch or environment", Ask::Narrow),
];

const GITLAB: &[Part] = &[
    part("project_path:", "group", Ask::Customer),
    part("/", "project", Ask::Narrow),
    part(":", "branch or tag", Ask::Narrow),
];

const TERRAFORM: &[Part] = &[
    part("organization:", "organization", Ask::Customer),
    part(":project:", "project", Ask::Narrow),
    part(":workspace:", "workspace", Ask::Narrow),
    part(":run_phase:", "phase", Ask::Free),
];

const BUILDKITE: &[Part] = &[
    part("organization:", "organization", Ask::Customer),
    part(":pipeline:", "pipeline", Ask::Narrow),
    part(":ref:", "branch", Ask::Narrow),
    part(":commit:", "commit", Ask::Free),
];

const CIRCLECI: &[Part] = &[
    part("org/", "organization", Ask::Narrow),
    part("/project/", "project", Ask::Narrow),
    part("/user/", "user", Ask::Free),
];

const EKS: &[Part] =
    &[part("system:serviceaccount:", "namespace", Ask::Narrow), part(":", "service account", Ask::Narrow)];

const BITBUCKET: &[Part] = &[part("", "repository", Ask::Narrow), part(":", "step", Ask::Free)];

const VERCEL: &[Part] = &[
    part("owner:", "team", Ask::Customer),
    part(":project:", "project", Ask::Narrow),
    part(":environment:", "environment", Ask::Narrow),
];

const GITHUB_INSTEAD: &[&str] = &[
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "enterprise_id",
    "job_workflow_ref",
];

/// The claim of GitHub that says which reusable workflow runs: anyone can call that of a public repository. GitHub docs,
/// "Using OpenID Connect with reusable workflows".
pub(crate) const CALLED: &str = "job_workflow_ref";

/// Claims of GitHub that say whose workflow it is. GitHub docs, "OpenID Connect reference", as for the next two.
const GITHUB_OWNED: [&str; 9] = [
    "repo",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "enterprise",
    "enterprise_id",
    "job_workflow_ref",
    "workflow_ref",
];

/// Those of them that begin with the name of an owner.
const GITHUB_PATHS: [&str; 4] = ["repo", "repository", "job_workflow_ref", "workflow_ref"];

/// Claims of GitHub that any workflow can have. A property of repositories can have any name.
const GITHUB_OPEN: [&str; 23] = [
    "workflow",
    "environment",
    "ref",
    "context",
    "head_ref",
    "base_ref",
    "event_name",
    "actor",
    "actor_id",
    "check_run_id",
    "environment_node_id",
    "issuer_scope",
    "job_workflow_sha",
    "ref_protected",
    "ref_type",
    "repo_property_",
    "repository_visibility",
    "run_attempt",
    "run_id",
    "run_number",
    "runner_environment",
    "sha",
    "workflow_sha",
];

/// Claims that not all tokens have, or that AWS does not list among its condition keys.
const MAY_BE_ABSENT: [&str; 4] = ["azp", "enterprise_id", "oaud", "repository_owner"];

const fn shared(
    host: &'static str,
    name: &'static str,
    others: &'static str,
    claim: &'static str,
    instead: &'static [&'static str],
    form: &'static [Part],
) -> Issuer {
    Issuer { host, name, others, claim, instead, shared: true, form }
}

const fn own(host: &'static str, name: &'static str, others: &'static str, form: &'static [Part]) -> Issuer {
    Issuer { host, name, others, claim: "sub", instead: &[], shared: false, form }
}

/// The issuers, and for those that all customers share the claim that IAM wants to see tested: IAM
/// guide, "Identity-provider controls for shared OIDC providers". The forms of the subjects are from
/// the issuers' own pages. A `*` in a host stands for what differs from one customer to the next.
static ISSUERS: &[Issuer] = &[
    shared(
        "token.actions.githubusercontent.com",
        "GitHub Actions",
        "workflows of any repository on GitHub",
        "sub",
        GITHUB_INSTEAD,
        GITHUB,
    ),
    own("token.actions.*.ghe.com", "GitHub Actions", "workflows of any repository of the enterprise", GITHUB),
    own("*/_services/token", "GitHub Actions", "workflows of any repository on the server", GITHUB),
    shared(
        "gitlab.com",
        "GitLab",
        "jobs of any project on gitlab.com",
        "sub",
        &["namespace_id", "project_id"],
        GITLAB,
    ),
    shared("app.terraform.io", "HCP Terraform", "workspaces of any organization", "sub", &[], TERRAFORM),
    shared(
        "agent.buildkite.com",
        "Buildkite",
        "pipelines of any organization",
        "sub",
        &["organization_id", "organization_slug", "pipeline_id", "cluster_id"],
        BUILDKITE,
    ),
    shared("oidc.codefresh.io", "Codefresh", "pipelines of any account", "sub", &[], &[]),
    shared("scalr.io", "Scalr", "workspaces of any account", "sub", &[], &[]),
    shared("tokens.cloud.shisho.dev", "Shisho Cloud", "jobs of any organization", "sub", &[], &[]),
    shared("proidc.upbound.io", "Upbound", "control planes of any account", "sub", &[], &[]),
    shared("oidc.vercel.com", "Vercel", "deployments of any team", "aud", &["sub"], VERCEL),
    shared("api.pulumi.com/oidc", "Pulumi Cloud", "deployments of any organization", "aud", &["sub"], &[]),
    shared(
        "cognito-identity.amazonaws.com",
        "Amazon Cognito",
        "users of any identity pool",
        "aud",
        &["sub"],
        &[],
    ),
    shared("accounts.google.com", "Google", "users of any application", "aud", &["sub", "oaud"], &[]),
    shared("graph.facebook.com", "Facebook", "users of any application", "app_id", &["id"], &[]),
    shared("www.amazon.com", "Login with Amazon", "users of any application", "app_id", &["user_id"], &[]),
    own("oidc.eks.*", "the cluster", "pods of the cluster under any service account", EKS),
    own("oidc.circleci.com/org/*", "CircleCI", "jobs of any project of the organization", CIRCLECI),
    own(
        "api.bitbucket.org/2.0/workspaces/*",
        "Bitbucket Pipelines",
        "pipelines of any repository of the workspace",
        BITBUCKET,
    ),
    own("oidc.vercel.com/*", "Vercel", "deployments of any project of the team", VERCEL),
];

/// The action with which users of a provider take on a role.
pub(crate) const SIGN_IN: &str = "sts:AssumeRoleWithWebIdentity";

/// The claims that name the audience of a token, or its subject.
const AUDIENCE_OR_SUBJECT: [&str; 7] = ["aud", "azp", "oaud", "app_id", "sub", "id", "user_id"];

/// Whether a test holds a statement to tokens that somebody chose, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fixes {
    /// Tokens of others pass, too.
    No,
    /// It depends on what is not known.
    Maybe,
    /// It does.
    Yes,
}

/// Whether a test holds to tokens that somebody chose: it fixes a claim that tells the customers of an issuer apart.
pub(crate) fn fixes_token(test: &Test, variables: bool) -> Fixes {
    let Some((host, claim)) = test.key.rsplit_once(':').filter(|(host, _)| host.contains('.')) else {
        return Fixes::No;
    };
    let (host, claim) = (host.to_ascii_lowercase(), claim.to_ascii_lowercase());
    let issuer = Issuer::of_host(&host).filter(|issuer| issuer.shared);
    let says_who = match issuer {
        Some(issuer) => issuer.claim == claim || issuer.instead.contains(&claim.as_str()),
        None => AUDIENCE_OR_SUBJECT.contains(&claim.as_str()),
    };
    if !says_who || !narrows(test) {
        return Fixes::No;
    }
    let absent_passes = test.operator.if_exists || test.operator.set == Some(SetOperator::ForAllValues);
    let most = match absent_passes && MAY_BE_ABSENT.contains(&claim.as_str()) {
        true => Fixes::Maybe,
        false => Fixes::Yes,
    };
    let of = |value| fixed_by(issuer, &claim, value, is_like(test), variables);
    test.values.items.iter().map(of).min().map_or(most, |worst| worst.min(most))
}

/// Whether all tokens that have this value of a claim are those of one customer.
fn fixed_by(issuer: Option<&Issuer>, claim: &str, value: &Value, is_like: bool, variables: bool) -> Fixes {
    let text = match &value.hole {
        None => Cow::Borrowed(value.text.as_str()),
        // An operator without wildcards asks for one value, whichever it is.
        Some(hole) if !is_like => Cow::Owned(hole.by_wildcards().replace('*', "x")),
        Some(hole) => Cow::Owned(hole.by_wildcards()),
    };
    let opened = if variables { open_variables(&text) } else { Cow::Borrowed(&*text) };
    let fixes = fixed_by_text(issuer, claim, &opened, is_like || matches!(opened, Cow::Owned(_)));
    if value.is_hole() { fixes.max(Fixes::Maybe) } else { fixes }
}

fn fixed_by_text(issuer: Option<&Issuer>, claim: &str, text: &str, is_pattern: bool) -> Fixes {
    let has_wildcard = |text: &str| text.contains(['*', '?']);
    let is_open = match (issuer, claim) {
        // Only subjects have a form.
        (Some(issuer), "sub") if issuer.is_github() => return github_subject(text, is_pattern),
        _ if !is_pattern => false,
        (None, _) => is_wild(text),
        (Some(issuer), "sub") => issuer.open(text).is_some_and(|open| open.much == Much::Customers),
        // The name of a repository begins with that of its owner.
        (Some(_), "repository" | CALLED) => {
            has_wildcard(text.split_once('/').map_or(text, |(owner, _)| owner))
        }
        (Some(_), _) => has_wildcard(text),
    };
    match is_open {
        true => Fixes::No,
        false if claim == CALLED && issuer.is_some() => Fixes::Maybe,
        false => Fixes::Yes,
    }
}

/// Whether a subject of GitHub says whose workflow it is: it is made of claims, `claim:value` and so on, that its
/// organization chose. GitHub docs, "OpenID Connect reference", under "Customizing the token claims".
pub(crate) fn github_subject(text: &str, is_pattern: bool) -> Fixes {
    let end = text.find(['*', '?']).filter(|_| is_pattern);
    let (known, rest) = text.split_at(end.unwrap_or(text.len()));
    let parts: Vec<&str> = known.split(':').collect();
    // In front of a wildcard, the last part is only begun.
    let is_whole = |at: usize| end.is_none() || at + 1 < parts.len();
    let names_owner = |claim: &str, value: &str, is_whole: bool| {
        let is_path = GITHUB_PATHS.contains(&claim);
        // `octo@1/app@2` has the numbers of both.
        GITHUB_OWNED.contains(&claim)
            && !value.is_empty()
            && (is_whole || is_path && value.contains(['/', '@']))
    };
    let pairs = || parts.iter().zip(parts.iter().skip(1)).enumerate();
    let mut owners = pairs().filter(|(at, (claim, value))| names_owner(claim, value, is_whole(at + 1)));
    let mut only_called = false;
    if owners.any(|(_, (claim, _))| {
        only_called |= *claim == CALLED;
        *claim != CALLED
    }) {
        return Fixes::Yes;
    }
    if only_called {
        return Fixes::Maybe;
    }
    let first = parts.first().copied().unwrap_or_default();
    if !first.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        // No claim has such a name.
        return Fixes::Yes;
    }
    let mut claims = GITHUB_OWNED.iter().chain(&GITHUB_OPEN);
    let is_known = match is_whole(0) {
        true => claims.any(|claim| *claim == first) || first.starts_with("repo_property_"),
        false => claims.any(|claim| claim.starts_with(first)) || first.starts_with("repo_property_"),
    };
    // Behind a wildcard, the name of an owner may be a part of another claim.
    let names_one = GITHUB_OWNED.iter().any(|claim| rest.contains(&format!("{claim}:")));
    if is_known && !names_one { Fixes::No } else { Fixes::Maybe }
}

/// The providers of a statement that lets users of OpenID Connect in.
pub(crate) fn providers(statement: &Statement) -> Vec<Provider<'_>> {
    let element = statement.principal.as_ref().filter(|element| !element.negated);
    let entries = element.into_iter().flat_map(|element| &element.entries);
    if !statement.allows() || !statement.is_complete() || !signs_in(statement) {
        return Vec::new();
    }
    entries
        .filter(|entry| entry.kind == PrincipalType::Federated)
        .flat_map(|entry| &entry.values.items)
        .filter_map(|value| {
            let host = host_of(value)?;
            Some(Provider { value, host, issuer: Issuer::of_host(host) })
        })
        .collect()
}

/// Host and path of the provider that a principal names, if it speaks OpenID Connect. A template may fill in what is in
/// front of it, as the account.
pub(crate) fn host_of(value: &Value) -> Option<&str> {
    let by_name = || value.known().filter(|text| KNOWN_BY_NAME.contains(text));
    provider_after(value, OIDC_PROVIDER).or_else(by_name).filter(|host| is_plain(host))
}

/// The ARN of a provider in one of the accounts that a template may fill in, if that is all that is not known of it.
pub(crate) fn in_an_account(value: &Value) -> Option<String> {
    host_of(value)?;
    let part = |part: &policy::Part| match part {
        policy::Part::Literal(text) => Some(text.clone()),
        policy::Part::Segment(name) => match &**name {
            "AWS::AccountId" => Some("111111111111".to_owned()),
            "AWS::Partition" => Some("aws".to_owned()),
            _ => None,
        },
        policy::Part::Attribute(_) | policy::Part::Unknown(_) => None,
    };
    value.hole.as_ref()?.parts.iter().map(part).collect()
}

/// Whether a statement is about the action with which users of such a provider take on a role.
fn signs_in(statement: &Statement) -> bool {
    let Some(element) = &statement.action else { return false };
    statement.actions().iter().any(|pattern| pattern.matches(SIGN_IN)) != element.negated
}

/// What an identity provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// `sts:AssumeRoleWithSAML`
    Saml,
    /// `sts:AssumeRoleWithWebIdentity`
    Web,
}

/// The providers that have no ARN.
const KNOWN_BY_NAME: [&str; 4] =
    ["cognito-identity.amazonaws.com", "accounts.google.com", "graph.facebook.com", "www.amazon.com"];

/// What a provider speaks, by its ARN or name.
pub(crate) fn protocol(provider: &str) -> Option<Protocol> {
    let is_web = provider.contains(OIDC_PROVIDER) || KNOWN_BY_NAME.contains(&provider);
    if provider.contains(SAML_PROVIDER) { Some(Protocol::Saml) } else { is_web.then_some(Protocol::Web) }
}

/// What the provider that a principal names speaks, as far as it is known.
pub(crate) fn protocol_of(value: &Value) -> Option<Protocol> {
    match value.known() {
        Some(provider) => protocol(provider),
        None if provider_has(value, SAML_PROVIDER) => Some(Protocol::Saml),
        None => provider_has(value, OIDC_PROVIDER).then_some(Protocol::Web),
    }
}

/// Whether a text is what it will be: a template has nothing to fill in.
fn is_plain(text: &str) -> bool {
    !text.contains("${") && !text.contains("{{") && !text.contains(['<', '['])
}

/// A provider of a statement whose users no one chose, or may have: no condition holds the statement to some of them.
/// IAM guide, "Create a role for OpenID Connect federation": without a condition on audience or subject, whoever the
/// provider signs in gets the role; of a provider that all customers share, the claim that tells these apart must be
/// tested.
pub(crate) fn open_provider(statement: &Statement) -> Option<(&Value, Fixes)> {
    let providers = providers(statement);
    // A test of one provider's claim keeps out the tokens of all others.
    let fixes = providers.iter().map(|provider| provider.fixes(statement)).max()?;
    let open = providers.first().filter(|_| fixes != Fixes::Yes)?;
    Some((open.value, fixes))
}

/// The value by which a statement for users of GitHub names a reusable workflow and nothing of who calls it.
pub(crate) fn names_called_workflow(statement: &Statement) -> Option<&Value> {
    let providers = providers(statement);
    let of_github = |provider: &&Provider<'_>| provider.issuer.is_some_and(Issuer::is_github);
    let provider = providers.iter().find(of_github)?;
    if provider.fixes(statement) != Fixes::Maybe {
        return None;
    }
    let tests = ["sub", CALLED].map(|claim| provider.tests(statement, claim).map(move |test| (claim, test)));
    let mut values =
        tests.into_iter().flatten().filter(|(_, test)| narrows(test)).flat_map(|(claim, test)| {
            test.values.items.iter().filter(|value| !value.is_hole()).map(move |value| (claim, value))
        });
    values
        .find(|(claim, value)| *claim == CALLED || value.text.split(':').any(|part| part == CALLED))
        .map(|(_, value)| value)
}

/// Whether a host with its path is of the form; without a `*`, a path may follow.
fn is_host(form: &str, host: &str) -> bool {
    match form.split_once('*') {
        Some((before, after)) => {
            host.len() > before.len() + after.len() && host.starts_with(before) && host.ends_with(after)
        }
        // Vercel has an issuer for all teams, and below it one for each.
        None => {
            host == form
                || (form.starts_with("token.")
                    && host.strip_prefix(form).is_some_and(|path| path.starts_with('/')))
        }
    }
}

impl Provider<'_> {
    /// The tests of a claim.
    pub(crate) fn tests<'s>(&self, statement: &'s Statement, claim: &str) -> impl Iterator<Item = &'s Test> {
        let key = format!("{}:{claim}", self.host);
        statement.conditions.iter().filter(move |test| test.key.eq_ignore_ascii_case(&key))
    }

    /// Whether a test holds the tokens to some values of one of these claims.
    pub(crate) fn holds(&self, statement: &Statement, claims: &[&str]) -> bool {
        claims.iter().any(|claim| self.tests(statement, claim).any(narrows))
    }

    /// Whether a condition holds the statement to users that somebody chose.
    pub(crate) fn fixes(&self, statement: &Statement) -> Fixes {
        let own = statement.conditions.iter().filter(|test| self.is_own(test));
        own.map(|test| fixes_token(test, statement.variables)).max().unwrap_or(Fixes::No)
    }

    /// Whether a condition does so, or does if what a template fills in is what somebody chose.
    pub(crate) fn is_held(&self, statement: &Statement) -> bool {
        let mut own = statement.conditions.iter().filter(|test| self.is_own(test));
        own.any(|test| match fixes_token(test, statement.variables) {
            Fixes::Yes => true,
            Fixes::Maybe => test.values.items.iter().any(Value::is_hole),
            Fixes::No => false,
        })
    }

    /// Whether a test is of a claim of this provider.
    pub(crate) fn is_own(&self, test: &Test) -> bool {
        let key = test.key.to_ascii_lowercase();
        key.strip_prefix(&self.host.to_ascii_lowercase()).is_some_and(|rest| rest.starts_with(':'))
    }
}

/// Whether wildcards mean something to a test.
pub(crate) fn is_like(test: &Test) -> bool {
    matches!(test.operator.kind, TestKind::StringLike | TestKind::ArnLike | TestKind::ArnEquals)
}

/// Whether a test says what a claim must be. Tokens have their subject and audience, so `IfExists` makes
/// no difference.
pub(crate) fn narrows(test: &Test) -> bool {
    let kind = test.operator.kind;
    kind != TestKind::Null && !kind.is_negated() && !kind.is_order()
}

/// What a pattern of a subject leaves open.
pub(crate) struct Open {
    /// The first part that is open.
    pub(crate) part: &'static str,
    /// How much of it.
    pub(crate) much: Much,
}

/// How much a pattern leaves open, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Much {
    /// It matches subjects of other customers.
    Customers,
    /// It matches all that one's own have.
    Whole,
    /// It matches a part of that.
    Some,
}

impl Issuer {
    /// What is known of the issuer of a host.
    fn of_host(host: &str) -> Option<&'static Issuer> {
        ISSUERS.iter().find(|issuer| is_host(issuer.host, host))
    }

    /// What the pattern of a subject leaves open; `None` if nothing, or if it is of another form.
    pub(crate) fn open(&self, pattern: &str) -> Option<Open> {
        if is_wild(pattern) {
            let part = self.form.first().map_or("subject", |part| part.name);
            let much = if self.shared { Much::Customers } else { Much::Whole };
            return Some(Open { part, much });
        }
        if self.is_github() && !pattern.starts_with("repo:") {
            let much = if self.shared { Much::Customers } else { Much::Whole };
            let is_open = github_subject(pattern, true) != Fixes::Yes;
            return is_open.then_some(Open { part: "organization", much });
        }
        let mut rest = pattern;
        for (index, part) in self.form.iter().enumerate() {
            let Some(inner) = rest.strip_prefix(part.before) else {
                // A wildcard that takes in the words before the part takes in the part.
                let shared = rest.bytes().zip(part.before.bytes()).take_while(|(a, b)| a == b).count();
                let swallows = rest.get(shared..).is_some_and(|rest| rest.starts_with(['*', '?']));
                return swallows.then(|| self.of(part, "*")).flatten();
            };
            let next = self.form.get(index + 1).map(|next| next.before);
            let end = next.and_then(|next| inner.find(next).or_else(|| swallowed(inner, next)));
            let text = end.map_or(inner, |end| inner.get(..end).unwrap_or(inner));
            // Behind its `@` an owner's name is whole.
            let name = text.split_once('@').map(|(name, _)| name).filter(|_| self.is_github());
            let is_named = part.ask == Ask::Customer
                && name.is_some_and(|name| !name.is_empty() && !name.contains(['*', '?']));
            if text.contains(['*', '?']) && part.ask != Ask::Free && !is_named {
                return self.of(part, text);
            }
            rest = inner.get(text.len()..).unwrap_or("");
            if rest.is_empty() {
                return None;
            }
        }
        None
    }

    fn of(&self, part: &'static Part, text: &str) -> Option<Open> {
        let any_branch = ["ref:*", "ref:refs/*", "ref:refs/heads/*"].contains(&text);
        let much = match part.ask {
            Ask::Free => return None,
            Ask::Customer if self.shared => Much::Customers,
            _ if is_wild(text) || any_branch => Much::Whole,
            _ => Much::Some,
        };
        Some(Open { part: part.name, much })
    }

    /// Whether its subjects are those of GitHub.
    pub(crate) fn is_github(&self) -> bool {
        self.name == "GitHub Actions"
    }

    /// How a subject is written, for a help.
    pub(crate) fn example(&self) -> String {
        self.form.iter().map(|part| format!("{}<{}>", part.before, part.name)).collect()
    }
}

/// Where a word begins that a wildcard takes the rest of: `:project:` in `acme:*`.
fn swallowed(text: &str, word: &str) -> Option<usize> {
    text.match_indices(['*', '?']).find_map(|(at, _)| {
        let before = text.get(..at)?;
        let taken = (1..word.len()).rev().find(|&length| before.ends_with(&word[..length]))?;
        Some(at - taken)
    })
}

fn is_wild(text: &str) -> bool {
    !text.is_empty() && text.trim_matches(['*', '?']).is_empty()
}

/// The values of a test that are patterns, and the patterns: policy variables are wildcards in them, as the caller or
/// the token fills these in.
pub(crate) fn patterns(test: &Test, variables: bool) -> impl Iterator<Item = (&Value, Cow<'_, str>)> {
    let like = is_like(test);
    test.values.items.iter().filter(|value| !value.is_hole()).filter_map(move |value| {
        let text = if variables { open_variables(&value.text) } else { Cow::Borrowed(value.text.as_str()) };
        let is_pattern = like || matches!(text, Cow::Owned(_));
        (is_pattern && is_plain(&text)).then_some((value, text))
    })
}

/// Policy variables, in lower case, for what the owner of the resource has. Any other is filled in by the caller.
pub(super) const OF_THE_OWNER: [&str; 3] =
    ["aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"];

/// The text with `*` in place of each policy variable that the caller or the token fills in, and a letter in place of
/// each character that is none of a pattern.
fn open_variables(text: &str) -> Cow<'_, str> {
    let is_open = |name: &str| !OF_THE_OWNER.contains(&variable_key(name).to_ascii_lowercase().as_str());
    let mut open = Cow::Borrowed(text);
    for (range, mark) in marks(text).into_iter().rev() {
        match mark {
            Mark::Variable(name) if is_open(name) => open.to_mut().replace_range(range, "*"),
            Mark::Escape => open.to_mut().replace_range(range, "x"),
            _ => {}
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(host: &str) -> &'static Issuer {
        ISSUERS.iter().find(|issuer| is_host(issuer.host, host)).unwrap()
    }

    fn open(host: &str, pattern: &str) -> Option<(&'static str, Much)> {
        issuer(host).open(pattern).map(|open| (open.part, open.much))
    }

    #[test]
    fn hosts() {
        assert_eq!(issuer("token.actions.githubusercontent.com/octo").name, "GitHub Actions");
        assert_eq!(
            issuer("git.example.com/_services/token").others,
            "workflows of any repository on the server"
        );
        assert!(issuer("oidc.vercel.com").shared && !issuer("oidc.vercel.com/team").shared);
        assert_eq!(issuer("oidc.eks.eu-west-1.amazonaws.com/id/ABC").name, "the cluster");
        assert!(!ISSUERS.iter().any(|issuer| is_host(issuer.host, "login.example.com")));
    }

    #[test]
    fn subjects_of_github() {
        let open = |pattern| open("token.actions.githubusercontent.com", pattern);
        assert_eq!(open("repo:octo/app:ref:refs/heads/main"), None);
        assert_eq!(open("repo:octo/app:environment:prod"), None);
        assert_eq!(open("*"), Some(("organization", Much::Customers)));
        assert_eq!(open("repo:*"), Some(("organization", Much::Customers)));
        assert_eq!(open("re*"), Some(("organization", Much::Customers)));
        assert_eq!(open("repo:octo*/app:ref:refs/heads/main"), Some(("organization", Much::Customers)));
        assert_eq!(open("repo:octo*"), Some(("organization", Much::Customers)));
        assert_eq!(open("repo:octo/*"), Some(("repository", Much::Whole)));
        assert_eq!(open("repo:octo/app*"), Some(("repository", Much::Some)));
        assert_eq!(open("repo:octo/app:*"), Some(("branch or environment", Much::Whole)));
        assert_eq!(open("repo:octo/app:ref:refs/heads/*"), Some(("branch or environment", Much::Whole)));
        assert_eq!(open("repo:octo/app:ref:refs/tags/v*"), Some(("branch or environment", Much::Some)));
        assert_eq!(open("repository_owner_id:1:*"), None, "a form that somebody chose");
    }

    #[test]
    fn subjects_of_others() {
        let terraform = |pattern| open("app.terraform.io", pattern);
        assert_eq!(terraform("organization:acme:project:a:workspace:b:run_phase:*"), None);
        assert_eq!(
            terraform("organization:acme:project:*:workspace:b:run_phase:*"),
            Some(("project", Much::Whole))
        );
        assert_eq!(terraform("organization:acme:*"), Some(("project", Much::Whole)));
        assert_eq!(terraform("organization:*:project:a"), Some(("organization", Much::Customers)));
        let eks = |pattern| open("oidc.eks.eu-west-1.amazonaws.com/id/ABC", pattern);
        assert_eq!(eks("system:serviceaccount:kube-system:aws-node"), None);
        assert_eq!(eks("system:serviceaccount:kube-system:efs-csi-*"), Some(("service account", Much::Some)));
        assert_eq!(eks("system:serviceaccount:*:default"), Some(("namespace", Much::Whole)));
        assert_eq!(eks("*"), Some(("namespace", Much::Whole)));
        assert_eq!(
            open("gitlab.com", "project_path:acme/*:ref_type:branch:ref:main"),
            Some(("project", Much::Whole))
        );
        assert_eq!(
            open("gitlab.com", "project_path:acme/app:ref_type:branch:ref:*"),
            Some(("branch or tag", Much::Some))
        );
        assert_eq!(open("oidc.circleci.com/org/1", "org/1/project/2/user/*"), None);
        assert_eq!(open("api.bitbucket.org/2.0/workspaces/w/x", "{a}:*"), None);
        assert_eq!(open("scalr.io", "*"), Some(("subject", Much::Customers)));
    }
}
