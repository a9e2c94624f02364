//! A request, looked at once: what statements are compared with.

use super::{Who, service_of};
use crate::analyze::request::{ContextValue, Request};
use crate::policy::{Arn, is_account_id};

/// A request in the form that statements are compared with.
#[derive(Clone, Debug)]
pub struct Asked<'r> {
    request: &'r Request,
    /// Who asks.
    pub who: Who<'r>,
    /// The action in lower case.
    pub(super) action: String,
    /// The thing; `None` for `*`, as of an action that names none, and for what is no ARN.
    pub resource: Option<Arn<'r>>,
    /// The account that owns the thing.
    pub resource_account: Option<&'r str>,
    /// `aws:PrincipalArn`, where that is not the caller's ARN as it was given.
    role_arn: Option<String>,
    /// `aws:userid` of a federated user.
    user_id: Option<String>,
    /// Whether keys that follow from caller and thing are filled in.
    fills_in: bool,
    /// Whether the caller has a permissions boundary.
    pub(super) has_boundary: bool,
}

/// The value of a condition key. A list of none is as good as no key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Given<'a> {
    One(&'a str),
    Many(&'a [String]),
}

impl<'a> Given<'a> {
    pub(super) fn values(self) -> impl Iterator<Item = &'a str> {
        let (one, many) = match self {
            Given::One(value) => (Some(value), &[][..]),
            Given::Many(values) => (None, values),
        };
        one.into_iter().chain(many.iter().map(String::as_str))
    }
}

impl<'r> Asked<'r> {
    /// Looks at a request.
    pub fn new(request: &'r Request) -> Self {
        let who = Who::of(request);
        let resource = match request.wildcard_only_action {
            Some(true) => None,
            _ => Arn::parse(&request.resource),
        };
        let own = resource.map(|arn| arn.account).filter(|account| is_account_id(account));
        // Whose it is is not known.
        let own = own.filter(|_| request.unknown.is_none());
        let role_arn = match who {
            // The session does not show the role's path: who needs it gives the key.
            Who::RoleSession(arn, role) => {
                Some(format!("arn:{}:iam::{}:role/{role}", arn.partition, arn.account))
            }
            _ => None,
        };
        let user_id = match who {
            Who::FederatedUser(arn, name) => Some(format!("{}:{name}", arn.account)),
            _ => None,
        };
        Asked {
            request,
            who,
            user_id,
            action: request.action.to_ascii_lowercase(),
            resource,
            resource_account: request.resource_account.as_deref().or(own).or(who.account()),
            role_arn,
            fills_in: true,
            has_boundary: false,
        }
    }

    /// The same request, by a caller that has a permissions boundary or has none.
    pub fn with_boundary(self, has_boundary: bool) -> Self {
        Asked { has_boundary, ..self }
    }

    /// Looks at a request that says everything: what it does not say is not there.
    pub(in crate::analyze) fn bare(request: &'r Request) -> Self {
        Asked { fills_in: false, ..Asked::new(request) }
    }

    /// Whether what the request does not say is not there.
    pub(in crate::analyze) fn is_bare(&self) -> bool {
        !self.fills_in
    }

    /// The request.
    pub(in crate::analyze) fn request(&self) -> &'r Request {
        self.request
    }

    /// The action in lower case.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// Whether a key has several values.
    pub(super) fn has_lists(&self) -> bool {
        self.request.context.iter().any(|(_, value)| value.values().len() > 1)
    }

    /// The service prefix of the action, in lower case.
    pub fn service(&self) -> &str {
        self.action.split(':').next().unwrap_or("")
    }

    /// The name of the action, in lower case.
    pub fn action_name(&self) -> &str {
        self.action.split_once(':').map_or("", |(_, name)| name)
    }

    /// The value of a condition key, given in lower case: the request's, or else what follows from
    /// caller and thing.
    pub(super) fn value(&self, key: &str) -> Option<Given<'_>> {
        match self.request.context.get_folded(key) {
            Some(ContextValue::One(value)) => Some(Given::One(value)),
            Some(ContextValue::Many(values)) if values.is_empty() => None,
            Some(ContextValue::Many(values)) => Some(Given::Many(values)),
            None if self.fills_in => self.follows(key).map(Given::One),
            None => None,
        }
    }

    /// Whether a key, in lower case, has a value, whatever its case.
    pub(in crate::analyze) fn says(&self, key: &str, wanted: &str) -> bool {
        matches!(self.value(key), Some(Given::One(value)) if value.eq_ignore_ascii_case(wanted))
    }

    /// `aws:PrincipalArn`: the caller; of a session, its role.
    pub fn principal_arn(&self) -> Option<&str> {
        match self.value("aws:principalarn") {
            Some(Given::One(arn)) => Some(arn),
            _ => None,
        }
    }

    /// The role of a session, if the request says under `aws:PrincipalArn` which one it is.
    pub(super) fn given_role(&self) -> Option<&str> {
        let Who::RoleSession(session, role) = self.who else { return None };
        let ContextValue::One(text) = self.request.context.get_folded("aws:principalarn")? else {
            return None;
        };
        let arn = Arn::parse(text)?;
        let fits = arn.account == session.account && arn.after("role").is_some() && arn.name() == role;
        fits.then_some(text)
    }

    /// Keys that every such request carries. IAM guide, "AWS global condition context keys", under
    /// Availability; "IAM policy elements: Variables and tags" has the types of principal.
    pub(in crate::analyze) fn follows(&self, key: &str) -> Option<&str> {
        match key {
            "aws:principalarn" => match &self.role_arn {
                Some(arn) => Some(arn),
                None => self.who.arn().and_then(|_| self.caller_text()),
            },
            "aws:principalaccount" | "aws:userid" if self.who == Who::Anonymous => Some("anonymous"),
            "aws:principalaccount" => self.who.account(),
            "aws:principaltype" => match self.who {
                Who::Anonymous => Some("Anonymous"),
                Who::Root(_) => Some("Account"),
                Who::User(_) => Some("User"),
                Who::Role(_) | Who::RoleSession(..) => Some("AssumedRole"),
                Who::FederatedUser(..) => Some("FederatedUser"),
                _ => None,
            },
            "aws:principalisawsservice" => match self.who {
                Who::Unknown | Who::Anonymous => None,
                Who::Service(_) => Some("true"),
                _ => Some("false"),
            },
            // IAM guide: of a service that calls by itself. One that has several names calls by one of them.
            "aws:principalservicename" => match self.who {
                Who::Service(name) if name == format!("{}.amazonaws.com", service_of(name)) => Some(name),
                _ => None,
            },
            "aws:username" => match self.who {
                Who::User(arn) => Some(arn.name()),
                _ => None,
            },
            "aws:userid" => match (self.who, &self.user_id) {
                (Who::Root(arn), _) => Some(arn.account),
                (_, id) => id.as_deref(),
            },
            "aws:resourceaccount" => self.resource_account,
            "s3:resourceaccount" if self.service() == "s3" => self.resource_account,
            "kms:calleraccount" if self.service() == "kms" => self.who.account(),
            _ => None,
        }
    }

    /// The caller as the request writes it.
    pub(super) fn caller_text(&self) -> Option<&'r str> {
        match &self.request.principal {
            Some(crate::analyze::request::Caller::Aws(text)) => Some(text),
            _ => None,
        }
    }
}
