//! The answer to "may this principal do this?", for people and for programs.

use serde::Serialize;
use serde_json::value::RawValue;

use super::style::{Role, Style};
use super::wrap::hanging;
use crate::analyze::decide::{By, Decision, Exception, Lack, Layer, Verdict, no_say};
use crate::analyze::evaluate::Asked;
use crate::analyze::request::{Caller, Request};
use crate::document::Document;
use crate::policy::{Arn, Effect, Principal, PrincipalType, is_account_id};

/// What there is to tell.
pub struct Told<'a> {
    /// What was asked.
    pub request: &'a Request,
    /// The answer.
    pub decision: &'a Decision<'a>,
    /// The policies, each layer in order.
    pub policies: &'a [Given],
    /// What makes the request look like a slip.
    pub warnings: &'a [String],
}

/// A policy that has a say.
#[derive(Clone, Debug)]
pub struct Given {
    /// What it is attached to.
    pub layer: Layer,
    /// The policy.
    pub document: Document,
    /// What it is called in the details of an account, if it was taken from there.
    pub name: Option<String>,
    /// Whether those have it; else nothing is known of it.
    pub is_held: bool,
}

impl Given {
    /// How to name it to a person.
    fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.document.source().name())
    }
}

impl<'a> Told<'a> {
    /// The policies of a layer.
    fn of(&self, layer: Layer) -> impl Iterator<Item = &'a Given> + use<'a> {
        self.policies.iter().filter(move |given| given.layer == layer)
    }

    /// The policy of a statement; `None` for a statement that nobody wrote, of a policy that is not there to be read.
    fn policy(&self, by: &By<'_>) -> Option<&'a Given> {
        self.of(by.layer).nth(by.index).filter(|given| given.is_held)
    }

    /// The policies that the details of an account have, or those that they name and do not have.
    fn of_details(&self, is_held: bool) -> impl Iterator<Item = &'a str> + use<'a> {
        let of = self.policies.iter().filter(move |given| given.is_held == is_held);
        of.filter_map(|given| given.name.as_deref())
    }
}

/// The statements that match, what is missing, and the verdict in one line.
pub fn human(told: &Told<'_>, style: Style) -> String {
    let decision = told.decision;
    let mut out = String::new();
    let mut line = |role: Role, word: &str, text: &str| {
        // Padded by hand: escape sequences have no width.
        let width = (word.len() + 1).max(10);
        let lead = format!("{}{}", style.paint(role, word), " ".repeat(width - word.len()));
        out.push_str(&hanging(&lead, width, text, style, None));
    };
    for name in told.of_details(true) {
        line(Role::Dim, "taken", name);
    }
    // What the answer depends on is named below.
    let is_below = |name: &&str| decision.depends_on.iter().any(|on| on.contains(*name));
    for name in told.of_details(false).filter(|name| !is_below(name)) {
        line(Role::Careful, "absent", name);
    }
    let is_written = |by: &&By<'_>| told.policy(by).is_some();
    let denies = decision.by.iter().filter(|by| by.effect == Effect::Deny);
    for by in denies.filter(is_written) {
        line(Role::Bad, "denies", &place(told, by));
    }
    let decides = matches!(decision.verdict, Verdict::Allowed | Verdict::Undecided);
    let allows = if decides && decision.exception.is_none() { &decision.by } else { &decision.allows };
    for by in allows.iter().filter(is_written) {
        line(Role::Good, if by.is_sure { "allows" } else { "may allow" }, &place(told, by));
    }
    for lack in &decision.lacks {
        line(Role::Careful, "needed", &needed(told, *lack));
    }
    for missing in &decision.missing_context {
        let effect = if missing.by.effect == Effect::Deny { "Deny" } else { "Allow" };
        let key = missing.key;
        let text = format!("{key}, tested by the {effect} at {}", place(told, &missing.by));
        line(Role::Careful, "missing", &text);
    }
    if let Some(exception) = decision.exception {
        line(Role::Careful, "always", exception.reason());
    }
    for name in &decision.depends_on {
        line(Role::Careful, "depends on", name);
    }
    if let Some(assume) = assumable(told) {
        line(Role::Dim, "settle it", &format!("with --assume {assume}"));
    }
    for layer in &decision.not_asked {
        for given in told.of(*layer) {
            let why = why_not(told, *layer, &given.document);
            line(Role::Careful, "not asked", &format!("{}: {why}", given.shown()));
        }
    }
    // A rule of AWS does not depend on whose the resource is.
    if let Some(account) = assumed_account(told.request).filter(|_| decision.exception.is_none()) {
        let text =
            format!("the resource is of account {account}, as the caller; else say --resource-account");
        line(Role::Careful, "assumed", &text);
    }
    if let Some(role) = decision.assumed_role.as_ref().filter(|_| decision.exception.is_none()) {
        let text =
            format!("the caller's role is {role}, without a path; else give --context aws:PrincipalArn=ARN");
        line(Role::Careful, "assumed", &text);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    let (role, word) = match decision.verdict {
        Verdict::Allowed => (Role::Good, "allowed"),
        Verdict::ImplicitlyDenied | Verdict::ExplicitlyDenied => (Role::Bad, "denied"),
        Verdict::Undecided => (Role::StrongBad, "undecided"),
    };
    let lead = format!("{}{} ", style.paint(role, word), style.paint(Role::Strong, ":"));
    out.push_str(&hanging(&lead, word.len() + 2, &verdict(told), style, Some(Role::Strong)));
    out
}

/// `key-policy.json:12 · statement 2 "Allow Expel" (KMS key policy)`
fn place(told: &Told<'_>, by: &By<'_>) -> String {
    let Some(Given { document, name, .. }) = told.policy(by) else { return String::new() };
    let Some(statement) = document.policy.statements.get(by.statement) else { return String::new() };
    let start = document.in_file(statement.span).start as usize;
    let line = document.source().position(start).line;
    let of = match name {
        Some(name) => format!("of {name}"),
        None => format!("({})", title(by.layer, document)),
    };
    format!("{}:{line} · {} {of}", document.source().name(), statement.name())
}

fn title(layer: Layer, document: &Document) -> &'static str {
    layer.kind().unwrap_or(document.kind).title()
}

/// What has to allow and does not.
fn needed(told: &Told<'_>, lack: Lack) -> String {
    let who = who(told.request);
    let resource = match told.of(Layer::Resource).next() {
        Some(given) => given.document.kind.title(),
        None => "policy of the resource",
    };
    let (text, layers) = match lack {
        Lack::Scp(level) => {
            let text = format!("an Allow in a service control policy of level {}", level + 1);
            return format!("{text} (those given do not)");
        }
        Lack::Endpoint => ("an Allow in the VPC endpoint policy".to_owned(), &[Layer::Endpoint][..]),
        Lack::Resource => (format!("an Allow in the {resource} for {who}"), &[Layer::Resource][..]),
        Lack::Identity => (format!("an Allow in an identity policy of {who}"), &[Layer::Identity][..]),
        Lack::IdentityOrResource => (
            format!("an Allow in an identity policy of {who}, or naming it in the {resource}"),
            &[Layer::Identity, Layer::Resource][..],
        ),
        Lack::Boundary => ("an Allow in the permissions boundary".to_owned(), &[Layer::Boundary][..]),
        Lack::Session => ("an Allow in a session policy".to_owned(), &[Layer::Session][..]),
    };
    let given = layers.iter().flat_map(|layer| told.of(*layer));
    let names: Vec<&str> = given.filter(|given| given.is_held).map(Given::shown).collect();
    let is_any = layers.iter().any(|layer| told.of(*layer).next().is_some());
    match names.as_slice() {
        [] if is_any => text,
        [] => format!("{text} (none was given)"),
        [one] => format!("{text} ({one} has none)"),
        [one, two] => format!("{text} ({one} and {two} have none)"),
        [one, two, three] => format!("{text} ({one}, {two} and {three} have none)"),
        [one, two, three, more @ ..] => {
            format!("{text} ({one}, {two}, {three} and {} more have none)", more.len())
        }
    }
}

/// Why policies of a layer have no say.
fn why_not(told: &Told<'_>, layer: Layer, document: &Document) -> String {
    match (layer, &told.request.principal) {
        (Layer::Resource, _) => {
            let is_sure = document.sure_kind() == document.kind;
            no_say(document.kind, is_sure, &Asked::new(told.request)).unwrap_or_default()
        }
        (Layer::Rcp, _) if !crate::analyze::decide::rcp_covers(&told.request.action) => {
            format!("resource control policies do not apply to {}", told.request.action)
        }
        (Layer::Rcp | Layer::Scp, Some(Caller::Aws(_))) => {
            "control policies do not hold for service-linked roles".to_owned()
        }
        (_, Some(Caller::Aws(_))) => "it does not hold for the root user".to_owned(),
        _ => "it holds for users and roles alone".to_owned(),
    }
}

/// The account that the resource is taken to be of, if nothing but the caller tells.
fn assumed_account(request: &Request) -> Option<&str> {
    let arn = Arn::parse(&request.resource)?;
    if request.resource_account.is_some() || is_account_id(arn.account) {
        return None;
    }
    match &request.principal {
        Some(Caller::Aws(text)) => {
            Arn::parse(text).map(|arn| arn.account).filter(|account| is_account_id(account))
        }
        _ => None,
    }
}

/// `role Reader of account 111111111111`
fn who(request: &Request) -> String {
    let principal = |kind, text: &str| match Principal::new(kind, text) {
        Principal::Account(account) => format!("the root user of account {account}"),
        Principal::Session(text) => match Arn::parse(&text) {
            // Role and session, as the ARN has them.
            Some(arn) => format!(
                "session {} of account {}",
                arn.resource.split_once('/').map_or(arn.resource, |(_, name)| name),
                arn.account
            ),
            None => text,
        },
        principal => principal.describe(),
    };
    match &request.principal {
        None => "the caller".to_owned(),
        Some(Caller::Anonymous) => "everyone without credentials".to_owned(),
        Some(Caller::Aws(text)) => principal(PrincipalType::Aws, text),
        Some(Caller::Service(text)) => principal(PrincipalType::Service, text),
        Some(Caller::Federated(text)) => principal(PrincipalType::Federated, text),
        Some(Caller::CanonicalUser(text)) => principal(PrincipalType::CanonicalUser, text),
    }
}

/// What `--assume` could settle of an undecided request: a condition or a parameter of a template.
fn assumable(told: &Told<'_>) -> Option<String> {
    let named = |text: &str| {
        let name = text.split('`').nth(1)?;
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_condition = text.starts_with("whether `")
            && [" is true", " is false"].iter().any(|is| text.contains(is))
            || text.contains("the condition `");
        (is_name && is_condition).then(|| format!("{name}=true or --assume {name}=false"))
    };
    let parameter = |text: &str| {
        let (name, rest) = text.strip_prefix("whether `")?.split_once("` is `")?;
        Some(format!("{name}={}", rest.split('`').next()?))
    };
    let unknown = |text: &str| {
        let name = name_to_assume(text.strip_prefix('`')?.strip_suffix('`')?)?;
        Some(format!("{name}=VALUE"))
    };
    let names = &told.decision.depends_on;
    let of_case = names.iter().find_map(|text| named(text).or_else(|| parameter(text)));
    of_case.or_else(|| names.iter().find_map(|text| unknown(text)))
}

/// The name that `--assume` takes for what a function of a template gives, by its label: `Queue.Arn` of
/// `Fn::GetAtt Queue.Arn`.
pub fn name_to_assume(label: &str) -> Option<&str> {
    let (function, argument) = label.split_once(' ')?;
    let name = match function {
        "Ref" | "Fn::GetAtt" => argument,
        "Fn::Sub" => argument.split_once("${")?.1.split_once('}')?.0,
        _ => return None,
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':');
    (!name.is_empty() && name.bytes().all(is_name)).then_some(name)
}

/// What follows `allowed` or `denied`.
fn verdict(told: &Told<'_>) -> String {
    let decision = told.decision;
    let request = told.request;
    let on = match request.resource.as_str() {
        "*" => String::new(),
        resource => format!(" on {resource}"),
    };
    let what = format!("{} {}{on}", who(request), request.action);
    match (decision.verdict, decision.exception) {
        (Verdict::Undecided, _) => {
            return format!(
                "whether {} can call {}{on} depends on what is not known",
                who(request),
                request.action
            );
        }
        (_, Some(exception)) => return exception.reason().to_owned(),
        _ => {}
    }
    match (decision.verdict, decision.by.first().and_then(|by| Some((by, told.policy(by)?)))) {
        (Verdict::ExplicitlyDenied, Some((by, given))) => {
            let name = given.document.policy.statements.get(by.statement).map(|statement| statement.name());
            let more = match decision.by.len() {
                1 => String::new(),
                count => format!(", as do {} more", count - 1),
            };
            let name = name.unwrap_or_default();
            format!("{name} of {} denies {what}{more}", given.shown())
        }
        (Verdict::Allowed, _) => format!("the policies given let {what}"),
        _ if told.policies.is_empty() => format!("no policy was given that lets {what}"),
        _ => format!("the policies given do not let {what}"),
    }
}

/// What `can --format json` prints.
#[derive(Debug, Serialize)]
pub struct Answer<'a> {
    version: u32,
    decision: &'static str,
    depends_on: &'a [String],
    by: Vec<PlacedStatement<'a>>,
    needs: Vec<Need>,
    not_asked: Vec<&'static str>,
    missing_context: Vec<&'a str>,
    notes: Vec<&'static str>,
    taken: Vec<&'a str>,
    warnings: &'a [String],
    request: serde_json::Value,
}

/// A statement that decides, with its place in its file.
#[derive(Debug, Serialize)]
struct PlacedStatement<'a> {
    #[serde(flatten)]
    statement: DecidingStatement<'a>,
    path: Option<&'a str>,
    document: Option<&'a str>,
    kind: Option<&'static str>,
    start: Option<crate::source::Position>,
}

/// A statement that decides.
#[derive(Debug, Serialize)]
struct DecidingStatement<'a> {
    policy: &'static str,
    index: usize,
    statement: usize,
    sid: Option<&'a str>,
    effect: &'static str,
}

/// An Allow that is needed and not there, in one of some layers.
#[derive(Debug, Serialize)]
struct Need {
    any_of: Vec<&'static str>,
    level: Option<usize>,
}

impl<'a> DecidingStatement<'a> {
    fn new(by: &By<'a>) -> Self {
        let effect = if by.effect == Effect::Allow { "Allow" } else { "Deny" };
        let policy = by.layer.name();
        DecidingStatement { policy, index: by.index, statement: by.statement, sid: by.sid, effect }
    }
}

impl<'a> Answer<'a> {
    /// The answer as data.
    pub fn new(told: &Told<'a>) -> Self {
        let decision = told.decision;
        let placed = |by: &By<'a>| {
            let document = told.policy(by).map(|given| &given.document);
            let start = document.and_then(|document| {
                let statement = document.policy.statements.get(by.statement)?;
                Some(document.source().position(document.in_file(statement.span).start as usize))
            });
            PlacedStatement {
                statement: DecidingStatement::new(by),
                path: document.map(|document| document.source().name()),
                document: document.map(Document::pointer),
                kind: document.map(|document| by.layer.kind().unwrap_or(document.kind).name()),
                start,
            }
        };
        Answer {
            version: 1,
            decision: decision.verdict.name(),
            depends_on: &decision.depends_on,
            by: decision.by.iter().filter(|by| told.policy(by).is_some()).map(placed).collect(),
            needs: decision.lacks.iter().map(Need::new).collect(),
            not_asked: decision.not_asked.iter().map(|layer| layer.name()).collect(),
            missing_context: decision.missing_context.iter().map(|missing| missing.key).collect(),
            notes: notes(decision),
            taken: told.of_details(true).collect(),
            warnings: told.warnings,
            request: told.request.to_json(),
        }
    }
}

impl Need {
    fn new(lack: &Lack) -> Self {
        let (any_of, level) = match lack {
            Lack::Scp(level) => (vec![Layer::Scp], Some(*level)),
            Lack::Endpoint => (vec![Layer::Endpoint], None),
            Lack::Resource => (vec![Layer::Resource], None),
            Lack::Identity => (vec![Layer::Identity], None),
            Lack::IdentityOrResource => (vec![Layer::Identity, Layer::Resource], None),
            Lack::Boundary => (vec![Layer::Boundary], None),
            Lack::Session => (vec![Layer::Session], None),
        };
        Need { any_of: any_of.into_iter().map(Layer::name).collect(), level }
    }
}

/// What `can --ndjson` prints for one scenario.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    id: Option<&'a RawValue>,
    decision: &'static str,
    depends_on: &'a [String],
    by: Vec<DecidingStatement<'a>>,
    missing_context: Vec<&'a str>,
    notes: Vec<&'static str>,
    warnings: Vec<String>,
}

/// The rule of AWS that outranks the policies, as a list.
fn notes(decision: &Decision<'_>) -> Vec<&'static str> {
    decision.exception.into_iter().map(Exception::reason).collect()
}

impl<'a> Line<'a> {
    /// The answer to the scenario called `id`, with what makes its request look like a slip.
    pub fn new(id: Option<&'a RawValue>, decision: &'a Decision<'a>, warnings: Vec<String>) -> Self {
        Line {
            id,
            decision: decision.verdict.name(),
            depends_on: &decision.depends_on,
            by: decision.by.iter().map(DecidingStatement::new).collect(),
            missing_context: decision.missing_context.iter().map(|missing| missing.key).collect(),
            notes: notes(decision),
            warnings,
        }
    }
}
