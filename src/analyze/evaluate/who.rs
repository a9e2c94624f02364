//! Who a caller is, taken apart.

use crate::analyze::request::{Caller, Request};
use crate::policy::{Arn, is_account_id};

/// The caller of a request. IAM guide, "AWS JSON policy elements: Principal".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who<'r> {
    /// The request does not say.
    Unknown,
    /// Nobody in particular: the request is not signed.
    Anonymous,
    /// A service, calling for itself.
    Service(&'r str),
    /// Someone signed in by an identity provider, who has no session of AWS yet.
    Federated(&'r str),
    /// An account as S3 knew it.
    CanonicalUser(&'r str),
    /// The root user of an account.
    Root(Arn<'r>),
    /// An IAM user.
    User(Arn<'r>),
    /// A role; some session of it.
    Role(Arn<'r>),
    /// A session of a role, with the role's name.
    RoleSession(Arn<'r>, &'r str),
    /// A session of a federated user, with the user's name.
    FederatedUser(Arn<'r>, &'r str),
    /// Something else that AWS has an ARN or id for, as an origin access identity.
    Other(&'r str),
}

/// What all names of one service begin with: `logs` of `logs.amazonaws.com` and `logs.us-east-1.amazonaws.com`.
pub(in crate::analyze) fn service_of(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

impl<'r> Who<'r> {
    /// The caller of a request.
    pub fn of(request: &'r Request) -> Self {
        match &request.principal {
            None => Who::Unknown,
            Some(Caller::Anonymous) => Who::Anonymous,
            Some(Caller::Service(name)) => Who::Service(name),
            Some(Caller::Federated(name)) => Who::Federated(name),
            Some(Caller::CanonicalUser(id)) => Who::CanonicalUser(id),
            Some(Caller::Aws(text)) => Who::aws(text),
        }
    }

    /// Who has an ARN or id.
    pub fn aws(text: &'r str) -> Self {
        let Some(arn) = Arn::parse(text).filter(|arn| is_account_id(arn.account)) else {
            return Who::Other(text);
        };
        // `assumed-role/NAME/SESSION`: neither part holds a slash.
        let (word, rest) = arn.resource.split_once('/').unwrap_or((arn.resource, ""));
        match (arn.service, word) {
            ("iam", "root") => Who::Root(arn),
            ("iam", "user") => Who::User(arn),
            ("iam", "role") => Who::Role(arn),
            ("sts", "assumed-role") => Who::RoleSession(arn, rest.split('/').next().unwrap_or(rest)),
            ("sts", "federated-user") => Who::FederatedUser(arn, rest),
            _ => Who::Other(text),
        }
    }

    /// The parts of its ARN, where it belongs to an account.
    pub fn arn(&self) -> Option<Arn<'r>> {
        match *self {
            Who::Root(arn)
            | Who::User(arn)
            | Who::Role(arn)
            | Who::RoleSession(arn, _)
            | Who::FederatedUser(arn, _) => Some(arn),
            _ => None,
        }
    }

    /// The account it belongs to. Identity policies, boundaries and service control policies are
    /// about such callers alone.
    pub fn account(&self) -> Option<&'r str> {
        self.arn().map(|arn| arn.account)
    }
}
