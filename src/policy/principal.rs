//! Who a statement of a resource policy is about.

use super::element::{Place, Value, Values, is_function_name};
use super::hole::Part;
use super::{Arn, Reader, arn, marks};
use crate::diagnostic::Diagnostic;
use crate::parse::{Node, Value as Json};
use crate::span::Span;

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalElement {
    /// The element's name.
    pub key: Span,
    /// Whether it is `NotPrincipal`.
    pub negated: bool,
    /// The whole value.
    pub span: Span,
    /// What it lists, by type. A bare `"*"` is an entry of type `AWS`.
    pub entries: Vec<PrincipalEntry>,
}

/// The principals of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalEntry {
    /// `AWS`, `Service`, …
    pub kind: PrincipalType,
    /// The type's name; `None` for a bare `"*"`.
    pub key: Option<Span>,
    /// Who.
    pub values: Values,
}

/// The types of principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalType {
    /// Accounts, users, roles and their sessions.
    Aws,
    /// Services, as `s3.amazonaws.com`.
    Service,
    /// Identity providers.
    Federated,
    /// Accounts as S3 knew them.
    CanonicalUser,
}

impl PrincipalType {
    /// The name in a policy.
    pub fn name(self) -> &'static str {
        match self {
            PrincipalType::Aws => "AWS",
            PrincipalType::Service => "Service",
            PrincipalType::Federated => "Federated",
            PrincipalType::CanonicalUser => "CanonicalUser",
        }
    }
}

/// One principal, with the spellings that mean the same made one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// `*`: everyone, also without credentials.
    Any,
    /// A whole account: its id, or the ARN of its root.
    Account(String),
    /// A role.
    Role(String),
    /// An IAM user.
    User(String),
    /// A session of a role or of a federated user.
    Session(String),
    /// A unique id such as `AROA…`: what AWS shows for a user or role that was deleted.
    UniqueId(String),
    /// A service.
    Service(String),
    /// An identity provider.
    Federated(String),
    /// An account as S3 knew it.
    CanonicalUser(String),
    /// Anything else, which AWS may or may not accept.
    Other(String),
    /// One or more that are not known, of a type or of any: see [`Hole::name`](super::Hole::name).
    Hole(Option<PrincipalType>, Box<str>),
}

impl Principal {
    /// Reads a value of a type.
    pub fn new(kind: PrincipalType, text: &str) -> Self {
        let text = text.to_owned();
        match kind {
            _ if text == "*" => Principal::Any,
            PrincipalType::Service => Principal::Service(text),
            PrincipalType::Federated => Principal::Federated(text),
            PrincipalType::CanonicalUser => Principal::CanonicalUser(text),
            PrincipalType::Aws => Principal::aws(text),
        }
    }

    /// Reads a value of an entry, which may be a hole.
    pub fn of(entry: &PrincipalEntry, value: &Value) -> Self {
        match &value.hole {
            // What stands in the place of all principals may be of any type.
            Some(hole) => Principal::Hole(entry.key.map(|_| entry.kind), hole.name.clone()),
            None => Principal::new(entry.kind, &value.text),
        }
    }

    fn aws(text: String) -> Self {
        if arn::is_account_id(&text) {
            return Principal::Account(text);
        }
        if is_unique_id(&text) {
            return Principal::UniqueId(text);
        }
        let Some(arn) = Arn::parse(&text) else { return Principal::Other(text) };
        match (arn.service, arn.resource.split(['/', ':']).next().unwrap_or("")) {
            ("iam", "root") if arn::is_account_id(arn.account) => Principal::Account(arn.account.to_owned()),
            ("iam", "role") => Principal::Role(text),
            ("iam", "user") if arn::is_account_id(arn.account) => Principal::User(text),
            ("sts", "assumed-role" | "federated-user") => Principal::Session(text),
            _ => Principal::Other(text),
        }
    }

    /// The account it belongs to, where the text tells.
    pub fn account(&self) -> Option<&str> {
        match self {
            Principal::Account(account) => Some(account),
            Principal::Role(text)
            | Principal::User(text)
            | Principal::Session(text)
            | Principal::Other(text) => {
                Arn::parse(text).map(|arn| arn.account).filter(|account| arn::is_account_id(account))
            }
            _ => None,
        }
    }

    /// How a person would say it: `role ExpelAssumeRole of account 222222222222`.
    pub fn describe(&self) -> String {
        let named = |what: &str, text: &str| match Arn::parse(text) {
            Some(arn) => format!("{what} {} of account {}", arn.name(), arn.account),
            None => format!("{what} {text}"),
        };
        match self {
            Principal::Any => "everyone".to_owned(),
            Principal::Account(account) => format!("every principal of account {account}"),
            Principal::Role(text) => named("role", text),
            Principal::User(text) => named("user", text),
            Principal::Session(text) => named("session", text),
            Principal::UniqueId(id) => format!("the deleted principal {id}"),
            Principal::Service(service) => service.clone(),
            Principal::Federated(provider) => format!("users of {provider}"),
            Principal::CanonicalUser(id) => format!("canonical user {id}"),
            Principal::Other(text) => text.clone(),
            Principal::Hole(..) => "a principal that is not known".to_owned(),
        }
    }
}

/// Whether a text can be a principal of type `AWS` that calls: an account, a unique id, or the ARN of a root user, user,
/// role or session. IAM guide, "AWS JSON policy elements: Principal"; origin access identities are users of CloudFront.
pub fn can_call(text: &str) -> bool {
    if arn::is_account_id(text) || is_unique_id(text) {
        return true;
    }
    let Some(arn) =
        Arn::parse(text).filter(|arn| arn.region.is_empty() && !arn.resource.contains(['*', '?']))
    else {
        return false;
    };
    let has_account = arn::is_account_id(arn.account);
    let of = |word: &str| arn.resource.strip_prefix(word)?.strip_prefix('/');
    match arn.service {
        "iam" if arn.account == "cloudfront" => of("user").is_some_and(|name| !name.is_empty()),
        "iam" => {
            has_account && (arn.resource == "root" || of("user").or(of("role")).is_some_and(is_path_and_name))
        }
        "sts" => {
            let session = of("assumed-role").and_then(|rest| rest.split_once('/'));
            let is_session = session.is_some_and(|(role, session)| is_name(role) && is_name(session));
            has_account && (is_session || of("federated-user").is_some_and(is_name))
        }
        _ => false,
    }
}

/// Whether a text can be the name of a user, role or session. IAM guide, "IAM and AWS STS quotas", under "IAM name
/// requirements"; STS API reference, "AssumeRole", under `RoleSessionName`.
fn is_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_allowed)
}

/// Whether a text can be the path and name of a user or role, without the first slash. IAM API reference, "CreateRole",
/// under `Path`.
fn is_path_and_name(text: &str) -> bool {
    match text.rsplit_once('/') {
        Some((path, name)) => {
            !path.is_empty() && path.bytes().all(|byte| byte.is_ascii_graphic()) && is_name(name)
        }
        None => is_name(text),
    }
}

/// The words in the ARN of an identity provider that speaks OpenID Connect, before its host.
pub(crate) const OIDC_PROVIDER: &str = ":oidc-provider/";

/// The word in the ARN of an identity provider that speaks SAML, before its name.
pub(crate) const SAML_PROVIDER: &str = ":saml-provider/";

/// Whether an identity provider's ARN has a word in it, as far as the ARN is known.
pub(crate) fn provider_has(value: &Value, word: &str) -> bool {
    let is_known = |part: &Part| matches!(part, Part::Literal(text) if text.contains(word));
    match &value.hole {
        Some(hole) if hole.is_function => hole.parts.iter().any(is_known),
        _ => value.text.contains(word),
    }
}

/// What follows a word in the ARN of an identity provider, if that is known: what is in front of it, as the account, need
/// not be.
pub(crate) fn provider_after<'v>(value: &'v Value, word: &str) -> Option<&'v str> {
    let after = |text: &'v str| text.split_once(word).map(|(_, after)| after);
    match value.hole.as_deref() {
        None => after(&value.text),
        Some(hole) if hole.is_function => match hole.parts.as_slice() {
            [.., Part::Literal(end)] => after(end),
            _ => None,
        },
        Some(_) => after(&value.text)
            .filter(|text| marks::placeholder(text).is_none() && marks::unread_variable(text).is_none()),
    }
}

/// Whether a text is the unique id of a role or a user, which can stand for it: a prefix, and 12 or more letters and
/// digits. IAM guide, "IAM identifiers".
fn is_unique_id(text: &str) -> bool {
    let prefix = ["AROA", "AIDA"].iter().any(|prefix| text.starts_with(prefix));
    prefix && text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

impl PrincipalElement {
    /// `"Principal": "*"`, at a place where nothing is written.
    pub fn everyone(span: Span) -> Self {
        let any = Value { text: "*".to_owned(), span, hole: None };
        let values = Values { items: vec![any], list: false, span };
        let entry = PrincipalEntry { kind: PrincipalType::Aws, key: None, values };
        PrincipalElement { key: span, negated: false, span, entries: vec![entry] }
    }

    /// Each principal with the value that names it.
    pub fn principals(&self) -> impl Iterator<Item = (Principal, &Value)> {
        self.entries
            .iter()
            .flat_map(|entry| entry.values.items.iter().map(|value| (Principal::of(entry, value), value)))
    }

    /// Whether `*` is among them, and where.
    pub fn any(&self) -> Option<Span> {
        self.principals().find(|(principal, _)| *principal == Principal::Any).map(|(_, value)| value.span)
    }
}

impl Reader<'_> {
    pub(super) fn principal(&mut self, negated: bool, key: Span, node: &Node) -> Option<PrincipalElement> {
        let name = if negated { "`NotPrincipal`" } else { "`Principal`" };
        let entries = match &node.value {
            Json::String { .. } => vec![self.bare_principal(name, node)?],
            Json::Object(members)
                if members.iter().any(|member| is_function_name(&member.key.text(self.text))) =>
            {
                vec![self.unknown_principal(node)]
            }
            Json::Object(members) => {
                // `AWS::NoValue` takes a member away.
                if members.iter().all(|member| self.settled(&member.value).is_none()) {
                    let problem = Diagnostic::new("empty-list", node.span, format!("{name} names nobody"));
                    self.report(problem.help("name a principal or take the statement out"));
                }
                let entries = members.iter().filter_map(|member| {
                    let value = self.settled(&member.value)?;
                    let kind = self.principal_type(member.key.span, &member.key.text(self.text))?;
                    let what = format!("{name} of type {}", kind.name());
                    Some(PrincipalEntry {
                        kind,
                        key: Some(member.key.span),
                        values: self.values(&what, value, Place::Name),
                    })
                });
                entries.collect()
            }
            _ => {
                self.wrong_type(name, "an object such as {\"AWS\": \"…\"} or \"*\"", node);
                return None;
            }
        };
        Some(PrincipalElement { key, negated, span: node.span, entries })
    }

    /// A template function in the place of all principals: they may be of any type.
    fn unknown_principal(&mut self, node: &Node) -> PrincipalEntry {
        let value = self.unknown(node);
        let values = Values { span: value.span, items: vec![value], list: false };
        PrincipalEntry { kind: PrincipalType::Aws, key: None, values }
    }

    /// `"*"` is the only string that may stand here alone.
    fn bare_principal(&mut self, name: &str, node: &Node) -> Option<PrincipalEntry> {
        let value = self.string(name, node, Place::Name)?;
        if value.text != "*" && !value.is_hole() {
            let problem = Diagnostic::new(
                "unknown-principal-type",
                node.span,
                format!("{name} does not say what type `{}` is of", value.text),
            );
            self.report(
                problem.help(
                    r#"write {"AWS": "…"} for an account, user or role, {"Service": "…"} for a service"#,
                ),
            );
        }
        let values = Values { span: value.span, items: vec![value], list: false };
        Some(PrincipalEntry { kind: PrincipalType::Aws, key: None, values })
    }

    fn principal_type(&mut self, span: Span, name: &str) -> Option<PrincipalType> {
        let types = [
            PrincipalType::Aws,
            PrincipalType::Service,
            PrincipalType::Federated,
            PrincipalType::CanonicalUser,
        ];
        // Old documents have {"*": "*"} for "*".
        if name == "*" {
            return Some(PrincipalType::Aws);
        }
        let known = types.into_iter().find(|kind| kind.name() == name);
        if known.is_none() {
            let message = format!("`{name}` is no type of principal");
            let spelled = types.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name));
            let help = match spelled {
                Some(kind) => format!("names are case-sensitive: write \"{}\"", kind.name()),
                None => "the types are AWS, Service, Federated, CanonicalUser".to_owned(),
            };
            self.report(Diagnostic::new("unknown-principal-type", span, message).help(help));
        }
        known
    }
}
