//! Values that cannot belong to one set-up, and what Control Tower's own guardrails forbid.

use serde_json::Value as Json;

use super::accounts::Accounts;
use super::{Place, Setup};
use crate::pattern::Pattern;
use crate::policy::Arn;

/// What is wrong with the values together.
#[derive(Debug, Default)]
pub(super) struct Problems {
    pub(super) errors: Vec<String>,
    pub(super) warnings: Vec<String>,
}

/// Names that the mandatory controls of Control Tower keep for itself: parameter, pattern of the
/// name, control, what it denies. Control Tower guide, "Mandatory controls".
const RESERVED: [(&str, &str, &str, &str); 5] = [
    ("YOUR_TOPIC_ARN", "aws-controltower-*", "GRSNSTOPICPOLICY", "changes of the topic"),
    (
        "YOUR_TOPIC_ARN",
        "aws-controltower-SecurityNotifications",
        "GRSNSSUBSCRIPTIONPOLICY",
        "subscriptions to the topic",
    ),
    ("YOUR_EXPEL_ROLE_ARN", "aws-controltower-*", "GRIAMROLEPOLICY", "changes of the role"),
    ("YOUR_EXPEL_ROLE_ARN", "*AWSControlTower*", "GRIAMROLEPOLICY", "changes of the role"),
    ("YOUR_EXPEL_ROLE_ARN", "stacksets-exec-*", "GRIAMROLEPOLICY", "changes of the role"),
];

/// The ARNs of the set-up, with what they are.
const ARNS: [(&str, &str); 6] = [
    ("YOUR_EXPEL_ROLE_ARN", "role"),
    ("YOUR_S3_ARN", "bucket"),
    ("YOUR_CLOUDTRAIL_KEY_ARN", "key of the trail"),
    ("YOUR_TOPIC_ARN", "topic"),
    ("YOUR_SQS_QUEUE_ARN", "queue"),
    ("YOUR_NOTIFICATION_KEY_ARN", "notification key"),
];

pub(super) fn find(setup: &Setup<'_>) -> Problems {
    let mut found = Problems::default();
    accounts(setup, &mut found);
    partitions(setup, &mut found);
    bucket(setup, &mut found);
    for (parameter, pattern, control, what) in RESERVED {
        let name = setup.value(parameter).and_then(Arn::parse).map(|arn| arn.name());
        if let Some(name) = name.filter(|name| Pattern::new(pattern).matches(name)) {
            found.errors.push(format!(
                "{parameter} names `{name}`: Control Tower ({control}) denies {what} to all but \
                 AWSControlTowerExecution; take another name"
            ));
        }
    }
    found
}

/// What is wrong with the values beside what the accounts hold: the bucket's own Region, which its ARN does not tell.
pub(super) fn in_answers(setup: &Setup<'_>, accounts: &Accounts) -> Option<String> {
    let answer = accounts.json(setup.account(Place::LogArchive)?, "bucket-location")?;
    // S3 API, GetBucketLocation: null is us-east-1, EU is eu-west-1.
    let region = match answer.get("LocationConstraint")? {
        Json::Null => "us-east-1",
        Json::String(region) if region == "EU" => "eu-west-1",
        region => region.as_str()?,
    };
    let (bucket, topic) = (setup.value("YOUR_S3_BUCKET")?, setup.region(Place::LogArchive)?);
    (region != topic).then(|| {
        format!(
            "the bucket `{bucket}` is in {region}, and YOUR_TOPIC_ARN in {topic}: S3 takes a topic in its own Region, and \
             queue and notification key are in the topic's"
        )
    })
}

fn accounts(setup: &Setup<'_>, found: &mut Problems) {
    let (management, archive) = (setup.account(Place::Management), setup.account(Place::LogArchive));
    if let (Some(management), Some(archive)) = (management, archive)
        && management == archive
    {
        found.errors.push(format!(
            "`{management}` is the management account and Log Archive at once: the key of the trail belongs to \
             the first, all else to the second"
        ));
    }
    let role = setup.value("YOUR_EXPEL_ROLE_ARN").and_then(Arn::parse);
    if let (Some(role), Some(archive)) = (role, setup.value("YOUR_LOG_ARCHIVE_ACCOUNT_ID"))
        && role.account != archive
    {
        found.errors.push(format!(
            "YOUR_EXPEL_ROLE_ARN is a role of account {}, and Workbench takes the one in Log Archive, {archive}",
            role.account
        ));
    }
    // The queue's URL may be given by itself.
    let url = setup.value("YOUR_SQS_QUEUE_URL").and_then(|url| url.split('/').nth(3));
    if let (Some(url), Some(archive)) = (url, archive)
        && url != archive
    {
        found
            .errors
            .push(format!("YOUR_SQS_QUEUE_URL is a queue of account {url}, not of Log Archive, {archive}"));
    }
}

fn partitions(setup: &Setup<'_>, found: &mut Problems) {
    let arns: Vec<(&str, &str)> = ARNS
        .iter()
        .filter_map(|(parameter, what)| Some((*what, Arn::parse(setup.value(parameter)?)?.partition)))
        .collect();
    if let Some((first, partition)) = arns.first()
        && let Some((other, elsewhere)) = arns.iter().find(|(_, other)| other != partition)
    {
        found.errors.push(format!(
            "{first} and {other} are in the partitions `{partition}` and `{elsewhere}`: nothing crosses that border"
        ));
    }
    let role = setup.value("YOUR_EXPEL_ROLE_ARN").and_then(Arn::parse);
    if let Some(role) = role.filter(|role| role.partition != "aws") {
        found.errors.push(format!(
            "step1: a role in the partition `{}` cannot trust Expel's principal, which is in `aws`: ask Expel",
            role.partition
        ));
    }
}

/// Bucket, topic, queue and keys are in one Region; the name of a Control Tower bucket tells its own.
fn bucket(setup: &Setup<'_>, found: &mut Problems) {
    let region = |parameter: &str| setup.value(parameter).and_then(Arn::parse).map(|arn| arn.region);
    if let (Some(trail), Some(topic)) = (region("YOUR_CLOUDTRAIL_KEY_ARN"), region("YOUR_TOPIC_ARN"))
        && trail != topic
    {
        found.warnings.push(format!(
            "the key of the trail is in {trail} and the topic in {topic}: CloudTrail takes a key in the Region of \
             the bucket, and S3 a topic there"
        ));
    }
    let Some(name) = setup.value("YOUR_S3_ARN").and_then(Arn::parse).map(|arn| arn.resource) else { return };
    let Some(rest) = name.strip_prefix("aws-controltower-logs-") else { return };
    let Some((account, bucket)) = rest.split_once('-') else { return };
    if let Some(topic) = region("YOUR_TOPIC_ARN").filter(|topic| *topic != bucket) {
        found.errors.push(format!(
            "the bucket `{name}` is in {bucket} by its name, and the topic in {topic}: S3 takes a topic in its own Region"
        ));
    }
    if let Some(archive) = setup.account(Place::LogArchive).filter(|archive| *archive != account) {
        found
            .errors
            .push(format!("the bucket `{name}` is of account {account} by its name, not of {archive}"));
    }
}
