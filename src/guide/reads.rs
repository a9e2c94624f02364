//! What is read of the accounts, and by which commands. All of them only read.

/// In which accounts something is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    /// In the management account.
    Management,
    /// In Log Archive.
    LogArchive,
    /// In every account.
    Every,
}

/// One thing that is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read {
    /// The file that the answer is kept in, without `.json`.
    pub(super) name: &'static str,
    /// In which accounts.
    pub(super) place: Where,
    /// The command, with tokens.
    pub(super) command: &'static str,
    /// Errors that say that the thing is not there.
    pub(super) absent: &'static [&'static str],
    /// Whether no answer at all means that nothing is there.
    pub(super) may_be_empty: bool,
    /// What is read of each element of the answer.
    pub(super) each: Option<Each>,
    /// The steps it is for.
    pub(super) steps: &'static [&'static str],
}

/// What is read of each element of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Each {
    /// The elements in the answer, for `--query`.
    pub(super) query: &'static str,
    /// The list in the answer.
    pub(super) list: &'static str,
    /// What must be known of an element first: a command that prints `$version`.
    pub(super) version: Option<&'static str>,
    /// The command, with `$EACH` for the element.
    pub(super) command: &'static str,
    /// Elements that there is nothing to read of.
    pub(super) but: &'static [&'static str],
}

const fn read(
    name: &'static str,
    place: Where,
    command: &'static str,
    absent: &'static [&'static str],
    steps: &'static [&'static str],
) -> Read {
    Read { name, place, command, absent, may_be_empty: false, each: None, steps }
}

/// The trails of the management account.
pub(super) const TRAILS: &str = "trails";
/// Whether StackSets may work in the accounts of the organization.
pub(super) const STACK_SETS: &str = "stack-sets";
/// The accounts in which the StackSet for the role has a stack.
pub(super) const INSTANCES: &str = "stack-instances";

/// Everything that is read, in order.
pub(super) const READS: [Read; 15] = [
    read("organization", Where::Management, "aws organizations list-accounts", &[], &["step1"]),
    read(STACK_SETS, Where::Management, "aws cloudformation describe-organizations-access", &[], &["step1"]),
    read(
        INSTANCES,
        Where::Management,
        "aws cloudformation list-stack-instances --stack-set-name ExpelIAMStackSet",
        &["StackSetNotFoundException"],
        &["step1"],
    ),
    read(
        "role",
        Where::Every,
        "aws iam get-role --role-name YOUR_EXPEL_ROLE_NAME",
        &["NoSuchEntity"],
        &["step1", "step9"],
    ),
    Read {
        each: Some(Each {
            query: "PolicyNames[]",
            list: "PolicyNames",
            version: None,
            command: "aws iam get-role-policy --role-name YOUR_EXPEL_ROLE_NAME --policy-name $EACH",
            but: &[],
        }),
        ..read(
            "role-inline",
            Where::Every,
            "aws iam list-role-policies --role-name YOUR_EXPEL_ROLE_NAME",
            &["NoSuchEntity"],
            &["step1", "step9"],
        )
    },
    Read {
        each: Some(Each {
            query: "AttachedPolicies[].PolicyArn",
            list: "AttachedPolicies",
            version: Some(
                "aws iam get-policy --policy-arn $EACH --query Policy.DefaultVersionId --output text",
            ),
            command: "aws iam get-policy-version --policy-arn $EACH --version-id $VERSION",
            but: &[],
        }),
        ..read(
            "role-attached",
            Where::Every,
            "aws iam list-attached-role-policies --role-name YOUR_EXPEL_ROLE_NAME",
            &["NoSuchEntity"],
            &["step1", "step9"],
        )
    },
    read(TRAILS, Where::Management, "aws cloudtrail describe-trails", &[], &["step2"]),
    read(
        "trail-key",
        Where::Management,
        "aws kms get-key-policy --key-id YOUR_CLOUDTRAIL_KEY_ARN --policy-name default",
        &["NotFoundException"],
        &["step2"],
    ),
    read(
        "bucket-ownership",
        Where::LogArchive,
        "aws s3api get-bucket-ownership-controls --bucket YOUR_S3_BUCKET",
        &["OwnershipControlsNotFoundError"],
        &["step3"],
    ),
    read(
        "bucket-location",
        Where::LogArchive,
        "aws s3api get-bucket-location --bucket YOUR_S3_BUCKET",
        &[],
        &["step8"],
    ),
    read(
        "topic",
        Where::LogArchive,
        "aws sns get-topic-attributes --topic-arn YOUR_TOPIC_ARN",
        &["NotFound"],
        &["step4", "step7"],
    ),
    read(
        "queue",
        Where::LogArchive,
        "aws sqs get-queue-attributes --queue-url YOUR_SQS_QUEUE_URL --attribute-names All",
        &["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"],
        &["step5", "step7"],
    ),
    Read {
        each: Some(Each {
            query: "Subscriptions[].SubscriptionArn",
            list: "Subscriptions",
            version: None,
            command: "aws sns get-subscription-attributes --subscription-arn $EACH",
            but: &["PendingConfirmation", "Deleted"],
        }),
        ..read(
            "subscriptions",
            Where::LogArchive,
            "aws sns list-subscriptions-by-topic --topic-arn YOUR_TOPIC_ARN",
            &["NotFound"],
            &["step6"],
        )
    },
    read(
        "notification-key",
        Where::LogArchive,
        "aws kms get-key-policy --key-id YOUR_NOTIFICATION_KEY_ARN --policy-name default",
        &["NotFoundException"],
        &["step7"],
    ),
    Read {
        may_be_empty: true,
        ..read(
            "bucket-notification",
            Where::LogArchive,
            "aws s3api get-bucket-notification-configuration --bucket YOUR_S3_BUCKET",
            &[],
            &["step8"],
        )
    },
];

/// The read of that name.
pub(super) fn named(name: &str) -> Option<&'static Read> {
    READS.iter().find(|read| read.name == name)
}

/// Where the document of a step is read: the read, and what it is called to a person.
pub(super) fn of(step: &str, kind: &str) -> Option<(&'static Read, &'static str)> {
    let (name, thing) = match (step, kind) {
        ("step1", "trust") => ("role", "role"),
        ("step2", _) => ("trail-key", "key"),
        ("step3", _) => ("bucket-ownership", "bucket"),
        ("step4", "sns") | ("step7", "sns-attributes") => ("topic", "topic"),
        ("step5", _) | ("step7", "sqs-attributes") => ("queue", "queue"),
        ("step7", "kms") => ("notification-key", "key"),
        ("step8", _) => ("bucket-notification", "bucket"),
        _ => return None,
    };
    Some((named(name)?, thing))
}
