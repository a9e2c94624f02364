//! Whether a value is what its parameter asks for.

use crate::policy::Arn;
use crate::steps::ValueType;

/// Whether a value is of a type; if not, what it is instead.
pub(super) fn check(kind: ValueType, value: &str) -> Result<(), String> {
    let expected = || format!("expected {}, {}", kind.title(), describe(kind, value));
    let fits = match (kind, Arn::parse(value)) {
        _ if value.chars().any(char::is_control) || value.trim() != value => false,
        (ValueType::Text, _) => true,
        (ValueType::S3KeyPrefix, _) => is_key_prefix(value),
        (ValueType::AccountId, _) => crate::policy::is_account_id(value),
        (ValueType::ExternalId, _) => is_external_id(value),
        (ValueType::SqsQueueUrl, _) => is_queue_url(value),
        (_, None) => false,
        (_, Some(arn)) if arn.partition.is_empty() || value.contains(['*', '?']) => false,
        (kind, Some(arn)) => type_of(&arn).contains(&kind),
    };
    if fits { Ok(()) } else { Err(expected()) }
}

/// STS API, AssumeRole, parameter ExternalId.
fn is_external_id(value: &str) -> bool {
    (2..=1224).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte))
}

/// What the keys of objects that AWS writes can begin with: no URL, and nothing that would match several prefixes.
fn is_key_prefix(value: &str) -> bool {
    value.len() <= 1024 && !value.starts_with('/') && !value.contains(['*', '?']) && !value.contains("://")
}

/// A URL whose path is account and queue, as SQS gives it out.
fn is_queue_url(value: &str) -> bool {
    let parts: Vec<&str> = value.split('/').collect();
    matches!(parts.as_slice(), ["https:" | "http:", "", host, account, queue]
        if !host.is_empty() && !queue.is_empty() && crate::policy::is_account_id(account))
}

/// IAM API, CreateRole, parameter RoleName.
fn is_iam_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

/// The types that an ARN is of; empty for one that is whole but of no kind we know.
fn type_of(arn: &Arn<'_>) -> Vec<ValueType> {
    let owned = crate::policy::is_account_id(arn.account);
    let regional = owned && !arn.region.is_empty();
    let named = |word: &str| arn.after(word).is_some_and(|name| !name.is_empty());
    let plain = !arn.resource.is_empty() && !arn.resource.contains(['/', ':']);
    let own = match arn.service {
        "iam" if owned && arn.region.is_empty() && named("role") && is_iam_name(arn.name()) => {
            Some(ValueType::IamRoleArn)
        }
        "iam" if owned && arn.region.is_empty() && named("user") => Some(ValueType::IamPrincipalArn),
        "sns" if regional && plain => Some(ValueType::SnsTopicArn),
        "sqs" if regional && plain => Some(ValueType::SqsQueueArn),
        "kms" if regional && arn.after("key").is_some_and(|id| !id.is_empty() && !id.contains('/')) => {
            Some(ValueType::KmsKeyArn)
        }
        "s3" if arn.account.is_empty() && arn.region.is_empty() && plain => Some(ValueType::S3BucketArn),
        _ => None,
    };
    let mut types = vec![ValueType::Arn];
    types.extend(own);
    if own == Some(ValueType::IamRoleArn) {
        types.push(ValueType::IamPrincipalArn);
    }
    types
}

/// `` `arn:aws:sqs:…` is an SQS queue ARN ``
fn describe(kind: ValueType, value: &str) -> String {
    if value.chars().any(char::is_control) {
        return format!("`{value}` has a line break or another control character");
    }
    if value.trim() != value {
        return format!("`{value}` begins or ends with a space");
    }
    let Some(arn) = Arn::parse(value) else {
        return match value {
            "" => "got nothing".to_owned(),
            _ if crate::policy::is_account_id(value) => format!("`{value}` is an account id"),
            _ if value.starts_with("alias/aws/") => format!(
                "`{value}` is the alias of a key of AWS's own, whose policy nobody can change: S3 and SNS cannot be let in"
            ),
            _ => match kind {
                ValueType::AccountId => format!("`{value}` does not have 12 digits"),
                ValueType::ExternalId => {
                    format!("`{value}` does not have 2 to 1,224 letters, digits and _+=,.@:/-")
                }
                ValueType::S3KeyPrefix => format!(
                    "`{value}` begins with `/`, is a URL or has a wildcard: the keys of objects begin without these"
                ),
                ValueType::SqsQueueUrl => format!("`{value}` is not a URL with an account id and a queue"),
                _ => format!("`{value}` is not an ARN"),
            },
        };
    };
    if value.contains(['*', '?']) {
        return format!("`{value}` has a wildcard");
    }
    if !arn.account.is_empty() && !crate::policy::is_account_id(arn.account) {
        return format!("`{value}` has no 12-digit account id");
    }
    match type_of(&arn).get(1) {
        Some(kind) => format!("`{value}` is {}", kind.title()),
        None if arn.service == "s3" && arn.resource.contains('/') => {
            format!("`{value}` names objects in a bucket: leave out the `/` and what is behind it")
        }
        None if arn.service == "kms" && arn.after("alias").is_some() => {
            format!("`{value}` is the ARN of an alias, and a policy takes the key's own")
        }
        None if arn.service == "sns" && arn.resource.contains(':') => {
            format!("`{value}` is the ARN of a subscription")
        }
        None if arn.service == "iam" && arn.after("role").is_some() => {
            format!("`{value}` does not end with 1 to 64 letters, digits and _+=,.@-, the name of a role")
        }
        None if arn.after("assumed-role").is_some() => {
            format!("`{value}` is the ARN of an assumed role: give the ARN of the role itself")
        }
        None if arn.resource.is_empty() => format!("`{value}` names nothing behind the last colon"),
        None => format!(
            "`{value}` is an ARN of {}",
            if arn.service.is_empty() { "no service" } else { arn.service }
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(kind: ValueType, value: &str) -> String {
        check(kind, value).unwrap_err()
    }

    #[test]
    fn types_are_checked_in_every_partition() {
        for partition in ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b"] {
            for (kind, rest) in [
                (ValueType::IamRoleArn, "iam::222222222222:role/path/to/Expel"),
                (ValueType::SnsTopicArn, "sns:cn-north-1:222222222222:expel-topic"),
                (ValueType::SqsQueueArn, "sqs:us-gov-west-1:222222222222:q.fifo"),
                (ValueType::KmsKeyArn, "kms:us-east-1:111111111111:key/mrk-1"),
                (ValueType::S3BucketArn, "s3:::bucket.name"),
            ] {
                assert_eq!(check(kind, &format!("arn:{partition}:{rest}")), Ok(()), "{partition} {rest}");
            }
        }
        assert_eq!(check(ValueType::AccountId, "012345678901"), Ok(()));
        assert_eq!(check(ValueType::ExternalId, "00000000-0000-0000-0000-000000000000"), Ok(()));
    }

    #[test]
    fn a_prefix_of_keys_is_no_url_and_no_pattern() {
        for good in ["AWSLogs/", "corp/AWSLogs/o-a1b2c3d4e5/", "a"] {
            assert_eq!(check(ValueType::S3KeyPrefix, good), Ok(()), "{good}");
        }
        for bad in ["/AWSLogs/", "AWSLogs/*", "s3://bucket/AWSLogs/"] {
            assert!(refused(ValueType::S3KeyPrefix, bad).contains("keys of objects"), "{bad}");
        }
        let session = "arn:aws:iam::222222222222:assumed-role/Expel/me";
        assert!(refused(ValueType::IamRoleArn, session).contains("assumed role"));
    }

    #[test]
    fn a_wrong_type_is_named() {
        assert_eq!(
            refused(ValueType::SnsTopicArn, "arn:aws:sqs:us-east-1:222222222222:q"),
            "expected an SNS topic ARN, `arn:aws:sqs:us-east-1:222222222222:q` is an SQS queue ARN"
        );
        assert!(refused(ValueType::S3BucketArn, "arn:aws:s3:::b/*").contains("wildcard"));
        assert!(refused(ValueType::S3BucketArn, "arn:aws:s3:::b/x").contains("objects"));
        assert!(
            refused(ValueType::KmsKeyArn, "arn:aws:kms:us-east-1:111111111111:alias/aws/sns")
                .contains("alias")
        );
        assert!(refused(ValueType::IamRoleArn, "arn:aws:iam::1111:role/x").contains("12-digit"));
        assert_eq!(
            refused(ValueType::AccountId, "1234"),
            "expected an account id, `1234` does not have 12 digits"
        );
        let name =
            |name: &str| check(ValueType::IamRoleArn, &format!("arn:aws:iam::222222222222:role/a$!/{name}"));
        assert_eq!(name("x_+=,.@-1"), Ok(()));
        assert_eq!(name(&"x".repeat(64)), Ok(()));
        for wrong in ["b${x}", "", "ä", &"x".repeat(65)] {
            assert!(name(wrong).unwrap_err().contains("the name of a role"), "{wrong}");
        }
        assert!(refused(ValueType::ExternalId, "a${x}\"").contains("letters, digits and _+=,.@:/-"));
        assert!(refused(ValueType::Text, "a\nb").contains("line break"));
        assert!(check(ValueType::KmsKeyArn, "arn:aws:kms:us-east-1:222222222222:key/alias/logs").is_err());
        for spaced in ["arn:aws:sns:us-east-1:222222222222:t ", " arn:aws:sns:us-east-1:222222222222:t"] {
            assert!(refused(ValueType::SnsTopicArn, spaced).contains("begins or ends with a space"));
        }
        assert!(refused(ValueType::SqsQueueUrl, "queue").contains("is not a URL"));
        assert!(refused(ValueType::S3BucketArn, "bucket").contains("is not an ARN"));
        assert!(
            refused(ValueType::SnsTopicArn, "arn:aws:sns:us-east-1:222222222222:t:uuid")
                .contains("subscription")
        );
    }
}
