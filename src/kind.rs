//! The kinds of policy, which decide what a document may say and what it means.

use std::fmt;
use std::str::FromStr;

/// Whose inline policy a policy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inline {
    /// That of a user.
    User,
    /// That of a group.
    Group,
    /// That of a role.
    Role,
}

impl Inline {
    /// As in "the inline policies of the role".
    pub fn owner(self) -> &'static str {
        match self {
            Inline::User => "user",
            Inline::Group => "group",
            Inline::Role => "role",
        }
    }
}

/// What a policy is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A managed or inline policy of a user, group or role.
    Identity,
    /// A permissions boundary.
    Boundary,
    /// A session policy.
    Session,
    /// A role trust policy.
    Trust,
    /// A KMS key policy.
    Kms,
    /// An S3 bucket or access point policy.
    S3,
    /// An SNS topic policy.
    Sns,
    /// An SQS queue policy.
    Sqs,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// A VPC endpoint policy.
    Endpoint,
    /// An ECR repository policy.
    Ecr,
    /// A Secrets Manager secret policy.
    SecretsManager,
    /// A Lambda function policy.
    Lambda,
    /// An IoT policy.
    Iot,
    /// Any other resource policy.
    Resource,
}

impl Kind {
    /// Every kind, in the order in which they are listed to a person.
    pub const ALL: [Kind; 16] = [
        Kind::Identity,
        Kind::Boundary,
        Kind::Session,
        Kind::Trust,
        Kind::Kms,
        Kind::S3,
        Kind::Sns,
        Kind::Sqs,
        Kind::Scp,
        Kind::Rcp,
        Kind::Endpoint,
        Kind::Ecr,
        Kind::SecretsManager,
        Kind::Lambda,
        Kind::Iot,
        Kind::Resource,
    ];

    /// The name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Identity => "identity",
            Kind::Boundary => "boundary",
            Kind::Session => "session",
            Kind::Trust => "trust",
            Kind::Kms => "kms",
            Kind::S3 => "s3",
            Kind::Sns => "sns",
            Kind::Sqs => "sqs",
            Kind::Scp => "scp",
            Kind::Rcp => "rcp",
            Kind::Endpoint => "endpoint",
            Kind::Ecr => "ecr",
            Kind::SecretsManager => "secretsmanager",
            Kind::Lambda => "lambda",
            Kind::Iot => "iot",
            Kind::Resource => "resource",
        }
    }

    /// What AWS's documentation calls a document of this kind.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Identity => "identity policy",
            Kind::Boundary => "permissions boundary",
            Kind::Session => "session policy",
            Kind::Trust => "role trust policy",
            Kind::Kms => "KMS key policy",
            Kind::S3 => "S3 bucket policy",
            Kind::Sns => "SNS topic policy",
            Kind::Sqs => "SQS queue policy",
            Kind::Scp => "service control policy",
            Kind::Rcp => "resource control policy",
            Kind::Endpoint => "VPC endpoint policy",
            Kind::Ecr => "ECR repository policy",
            Kind::SecretsManager => "secret policy",
            Kind::Lambda => "Lambda function policy",
            Kind::Iot => "IoT policy",
            Kind::Resource => "resource policy",
        }
    }

    /// The title with its article: `an identity policy`.
    pub fn with_article(self) -> String {
        let article = match self {
            Kind::Identity | Kind::S3 | Kind::Sns | Kind::Sqs | Kind::Ecr | Kind::Iot => "an",
            _ => "a",
        };
        format!("{article} {}", self.title())
    }

    /// The thing a policy of this kind is attached to, as in "this key lets …".
    pub fn thing(self) -> &'static str {
        match self {
            Kind::Trust => "role",
            Kind::Kms => "key",
            Kind::S3 => "bucket",
            Kind::Sns => "topic",
            Kind::Sqs => "queue",
            Kind::Endpoint => "endpoint",
            Kind::Ecr => "repository",
            Kind::SecretsManager => "secret",
            Kind::Lambda => "function",
            Kind::Resource => "resource",
            _ => "policy",
        }
    }

    /// Whether a statement of this kind names its principal: a resource policy of any sort. The
    /// others apply to whoever they are attached to and must not name one.
    pub fn names_principal(self) -> bool {
        !matches!(self, Kind::Identity | Kind::Boundary | Kind::Session | Kind::Scp | Kind::Iot)
    }

    /// Whether an Allow in a policy of this kind gives access by itself. Boundaries, session, control
    /// and endpoint policies only limit what others give.
    pub fn grants(self) -> bool {
        !matches!(self, Kind::Boundary | Kind::Session | Kind::Scp | Kind::Rcp | Kind::Endpoint)
    }

    /// Whether the policy is stored by IAM or Organizations, which allow letters and digits alone in a `Sid`.
    pub fn is_iam_owned(self) -> bool {
        matches!(self, Kind::Identity | Kind::Boundary | Kind::Session | Kind::Trust | Kind::Scp | Kind::Rcp)
    }

    /// The service prefix of the actions that a policy of this kind is about, where there is one.
    pub fn service(self) -> Option<&'static str> {
        match self {
            Kind::Trust => Some("sts"),
            Kind::Kms => Some("kms"),
            Kind::S3 => Some("s3"),
            Kind::Sns => Some("sns"),
            Kind::Sqs => Some("sqs"),
            Kind::Ecr => Some("ecr"),
            Kind::SecretsManager => Some("secretsmanager"),
            Kind::Lambda => Some("lambda"),
            Kind::Iot => Some("iot"),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A kind that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of policy; the kinds are {list}", list = names())]
pub struct UnknownKind(pub String);

fn names() -> String {
    Kind::ALL.map(Kind::name).join(", ")
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| UnknownKind(name.to_owned()))
    }
}
