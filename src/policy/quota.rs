//! How large a policy may be: one table for every kind, read from AWS's pages in November 2026.

use crate::kind::{Inline, Kind};
use crate::parse::dense;
use crate::policy::Policy;

/// When the numbers were read.
pub const DATE: &str = "2026-11";

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of the document.
    Bytes,
    /// Characters, white space between tokens not counted.
    DenseCharacters,
    /// Characters.
    Characters,
}

impl Unit {
    /// The word behind a number.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Bytes => "bytes",
            Unit::DenseCharacters => "characters, white space not counted",
            Unit::Characters => "characters",
        }
    }

    /// How much of it a text has.
    pub fn of(self, text: &str) -> usize {
        match self {
            Unit::Bytes => text.len(),
            Unit::Characters => text.chars().count(),
            Unit::DenseCharacters => dense(text).count(),
        }
    }
}

/// The limit on the size of one kind of policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// What every account has.
    pub limit: usize,
    /// What the limit is in the best case: for another owner of the same kind of document, or after
    /// a request for more. Equal to `limit` where it cannot be raised.
    pub most: usize,
    /// What is counted.
    pub unit: Unit,
    /// Where the numbers come from.
    pub source: &'static str,
}

/// The limit for a kind; `None` where it differs from service to service.
pub fn quota(kind: Kind) -> Option<Quota> {
    let quota = |limit, most, unit, source| Some(Quota { limit, most, unit, source });
    match kind {
        Kind::Identity => {
            // A managed policy has 6,144; the inline policies of a role have 10,240 together.
            quota(6_144, 10_240, Unit::DenseCharacters, "IAM guide, IAM and AWS STS quotas")
        }
        Kind::Boundary => quota(6_144, 6_144, Unit::DenseCharacters, "IAM guide, IAM and AWS STS quotas"),
        Kind::Session => quota(2_048, 2_048, Unit::Characters, "IAM guide, IAM and AWS STS quotas"),
        Kind::Trust => quota(2_048, 8_192, Unit::Characters, "IAM guide, IAM and AWS STS quotas"),
        Kind::Scp => quota(5_120, 10_240, Unit::Characters, "Organizations guide, quotas"),
        Kind::Rcp => quota(5_120, 5_120, Unit::Characters, "Organizations guide, quotas"),
        Kind::Kms => quota(32_768, 32_768, Unit::Bytes, "KMS guide, resource quotas"),
        Kind::S3 => quota(20_480, 20_480, Unit::Bytes, "S3 guide, bucket policies"),
        Kind::Sns => quota(30_720, 30_720, Unit::Bytes, "SNS guide, API permissions reference"),
        Kind::Sqs => quota(8_192, 8_192, Unit::Bytes, "SQS guide, policy quotas"),
        Kind::SecretsManager => quota(20_480, 20_480, Unit::Bytes, "Secrets Manager API, PutResourcePolicy"),
        Kind::Ecr => quota(10_240, 10_240, Unit::Bytes, "ECR API, SetRepositoryPolicy"),
        Kind::Lambda => quota(20_480, 20_480, Unit::Bytes, "Lambda guide, quotas"),
        Kind::Endpoint => quota(20_480, 20_480, Unit::Characters, "VPC guide, quotas"),
        Kind::Iot => quota(2_048, 2_048, Unit::DenseCharacters, "IoT Core endpoints and quotas"),
        Kind::Resource => None,
    }
}

/// The limit on the inline policies of a user, group or role, all of one identity together.
pub fn inline(of: Inline) -> Quota {
    let limit = match of {
        Inline::User => 2_048,
        Inline::Group => 5_120,
        Inline::Role => 10_240,
    };
    Quota { limit, most: limit, unit: Unit::DenseCharacters, source: "IAM guide, IAM and AWS STS quotas" }
}

/// A limit on the number of things of one sort in a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// What is counted.
    pub what: &'static str,
    /// How many there are.
    pub used: usize,
    /// How many there may be.
    pub limit: usize,
}

/// What is counted by number rather than by size: SNS and SQS have such limits. What a template decides does not count.
pub fn counts(kind: Kind, policy: &Policy) -> Vec<Count> {
    let principals = || {
        let all = policy.statements.iter().flat_map(|statement| &statement.principal);
        let known = all.flat_map(|element| &element.entries).flat_map(|entry| &entry.values.items);
        known.filter(|value| !value.is_function()).count()
    };
    let statements = policy.statements.iter().filter(|statement| !statement.is_hole()).count();
    let count = |what, used, limit| Count { what, used, limit };
    match kind {
        Kind::Sns => {
            vec![count("statements", statements, 100), count("principals", principals(), 200)]
        }
        Kind::Sqs => {
            let conditions = policy.statements.iter().map(|statement| statement.conditions.len()).sum();
            let actions = policy
                .statements
                .iter()
                .flat_map(|statement| &statement.action)
                .map(|element| element.values.items.iter().filter(|value| !value.is_function()).count());
            vec![
                count("statements", statements, 20),
                count("principals", principals(), 50),
                count("conditions", conditions, 10),
                count("actions in one statement", actions.max().unwrap_or(0), most_actions(kind)),
            ]
        }
        _ => Vec::new(),
    }
}

/// How many actions one statement may list.
pub fn most_actions(kind: Kind) -> usize {
    if kind == Kind::Sqs { 7 } else { usize::MAX }
}

/// `12,345`
pub fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_between_tokens_is_not_counted() {
        assert_eq!(dense("{ \"a b\" : \"\\\" \" ,\n 1 }").collect::<String>(), "{\"a b\":\"\\\" \",1}");
        assert_eq!(with_commas(1_428), "1,428");
        assert_eq!(with_commas(999), "999");
    }
}
