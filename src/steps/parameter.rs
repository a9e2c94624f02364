//! The values that statements take: what they are, what they look like, where to find them.

use serde::{Deserialize, Serialize};

use super::discover::Discover;
use crate::policy::Arn;

/// A value that a person gives.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Other tokens for the same value.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What it must look like.
    #[serde(rename = "type")]
    pub kind: ValueType,
    /// What it is.
    pub description: String,
    /// Whether the steps can be done without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// The name of the answers about it that the guide collects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// How the guide creates the thing where no value is given: a KMS key alone, whose ARN nobody can choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create: Option<CreateKey>,
    /// How to find it.
    pub find: Find,
    /// How the guide finds it in the accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discover: Option<Discover>,
    /// What it follows from, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub derive: Vec<Derivation>,
}

/// A KMS key that the guide creates.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CreateKey {
    /// The name of its alias, without `alias/`, by which it is found again.
    pub alias: String,
    /// Its description.
    pub description: String,
}

/// How to find a value.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Find {
    /// In which account or program.
    #[serde(rename = "where")]
    pub place: String,
    /// A read-only command that prints it.
    #[serde(default)]
    pub command: Option<String>,
}

/// How a value follows from the ARN that is the value of another parameter.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Derivation {
    /// The account in it.
    AccountOf(String),
    /// The Region in it.
    RegionOf(String),
    /// The last part of what it names.
    NameOf(String),
    /// The path of the role that it names: `/`, or one that begins and ends with it.
    PathOf(String),
    /// The URL under which the queue of that ARN is reached.
    QueueUrlOf(String),
}

impl Derivation {
    /// The parameter that has the ARN.
    pub fn from(&self) -> &str {
        match self {
            Derivation::AccountOf(from)
            | Derivation::RegionOf(from)
            | Derivation::NameOf(from)
            | Derivation::PathOf(from)
            | Derivation::QueueUrlOf(from) => from,
        }
    }

    /// What is taken of it: `account`.
    pub fn part(&self) -> &'static str {
        match self {
            Derivation::AccountOf(_) => "account",
            Derivation::RegionOf(_) => "Region",
            Derivation::NameOf(_) => "name",
            Derivation::PathOf(_) => "path",
            Derivation::QueueUrlOf(_) => "URL",
        }
    }

    /// The value that follows from an ARN; `None` where it has no such part.
    pub fn of(&self, arn: &str) -> Option<String> {
        let arn = Arn::parse(arn)?;
        let value = match self {
            Derivation::AccountOf(_) => arn.account.to_owned(),
            Derivation::RegionOf(_) => arn.region.to_owned(),
            Derivation::NameOf(_) => arn.name().to_owned(),
            Derivation::PathOf(_) => path(&arn)?.to_owned(),
            // SQS guide, "Queue and message identifiers"; the domain is that of the partition.
            Derivation::QueueUrlOf(_) => {
                let domain = match arn.partition {
                    "aws-cn" => "amazonaws.com.cn",
                    "aws" | "aws-us-gov" => "amazonaws.com",
                    _ => return None,
                };
                format!("https://sqs.{}.{domain}/{}/{}", arn.region, arn.account, arn.resource)
            }
        };
        (!value.is_empty()).then_some(value)
    }
}

/// The path of a role: what is between `role` and its name.
fn path<'a>(arn: &Arn<'a>) -> Option<&'a str> {
    let rest = arn.resource.strip_prefix("role").filter(|rest| rest.starts_with('/'))?;
    rest.get(..=rest.rfind('/')?)
}

/// What must be true of several values together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// The parameters, all ARNs.
    pub parameters: Vec<String>,
    /// The parts that must be equal.
    pub parts: Vec<Part>,
    /// What it means if they are not.
    pub level: AgreementLevel,
    /// Steps for which it does not matter.
    #[serde(default)]
    pub except: Vec<String>,
    /// Why it matters.
    pub reason: String,
}

/// A part of an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The account.
    Account,
    /// The Region.
    Region,
}

/// How bad a disagreement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgreementLevel {
    /// It cannot work.
    Error,
    /// It may not be what was meant.
    Warning,
}

impl Part {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Part::Account => "account",
            Part::Region => "Region",
        }
    }

    /// The part of an ARN.
    pub fn of(self, arn: &str) -> Option<&str> {
        let arn = Arn::parse(arn)?;
        Some(match self {
            Part::Account => arn.account,
            Part::Region => arn.region,
        })
    }
}

/// What a value must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueType {
    /// Twelve digits.
    AccountId,
    /// The ARN of a role.
    IamRoleArn,
    /// The ARN of a role or user.
    IamPrincipalArn,
    /// The ARN of a topic.
    SnsTopicArn,
    /// The ARN of a bucket, not of objects in it.
    S3BucketArn,
    /// The ARN of a queue.
    SqsQueueArn,
    /// The ARN of a key, not of an alias.
    KmsKeyArn,
    /// What a third party sends to prove for whom it acts.
    ExternalId,
    /// The URL of a queue.
    SqsQueueUrl,
    /// What the keys of objects in a bucket begin with.
    #[serde(rename = "s3-key-prefix")]
    S3KeyPrefix,
    /// Any ARN.
    Arn,
    /// Anything.
    Text,
}

impl ValueType {
    /// With its article, as in "an SNS topic ARN".
    pub fn title(self) -> &'static str {
        match self {
            ValueType::AccountId => "an account id",
            ValueType::IamRoleArn => "an IAM role ARN",
            ValueType::IamPrincipalArn => "an IAM role or user ARN",
            ValueType::SnsTopicArn => "an SNS topic ARN",
            ValueType::S3BucketArn => "an S3 bucket ARN",
            ValueType::SqsQueueArn => "an SQS queue ARN",
            ValueType::KmsKeyArn => "a KMS key ARN",
            ValueType::ExternalId => "an external id",
            ValueType::SqsQueueUrl => "an SQS queue URL",
            ValueType::S3KeyPrefix => "a prefix of S3 keys",
            ValueType::Arn => "an ARN",
            ValueType::Text => "a text",
        }
    }

    /// What it looks like.
    pub fn form(self) -> &'static str {
        match self {
            ValueType::AccountId => "<12 digits>",
            ValueType::IamRoleArn => "arn:aws:iam::<12 digits>:role/<name>",
            ValueType::IamPrincipalArn => "arn:aws:iam::<12 digits>:role/<name> or …:user/<name>",
            ValueType::SnsTopicArn => "arn:aws:sns:<region>:<12 digits>:<name>",
            ValueType::S3BucketArn => "arn:aws:s3:::<bucket>",
            ValueType::SqsQueueArn => "arn:aws:sqs:<region>:<12 digits>:<name>",
            ValueType::KmsKeyArn => "arn:aws:kms:<region>:<12 digits>:key/<id>",
            ValueType::ExternalId => "2 to 1224 letters, digits and +=,.@:/-",
            ValueType::SqsQueueUrl => "https://sqs.<region>.amazonaws.com/<12 digits>/<name>",
            ValueType::S3KeyPrefix => "the beginning of the keys, such as AWSLogs/",
            ValueType::Arn => "arn:<partition>:<service>:<region>:<account>:<resource>",
            ValueType::Text => "any text",
        }
    }
}
