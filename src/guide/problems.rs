//! Values that cannot belong to one set-up, and what Control Tower's own guardrails forbid.

use serde_json::Value as Json;

use super::accounts::Accounts;
use super::reads::What;
use super::things::{ThingKind, account_of};
use super::{Setup, documents};
use crate::pattern::Pattern;
use crate::policy::Arn;
use crate::steps::guide::Account;

/// What is wrong with the values together.
#[derive(Debug, Default)]
pub(super) struct Problems {
    pub(super) errors: Vec<String>,
    pub(super) warnings: Vec<String>,
}

/// Names that the mandatory controls of Control Tower keep for itself: thing, pattern of the
/// name, control, what it denies. Control Tower guide, "Mandatory controls".
const RESERVED: [(ThingKind, &str, &str, &str); 5] = [
    (ThingKind::Topic, "aws-controltower-*", "GRSNSTOPICPOLICY", "changes of the topic"),
    (
        ThingKind::Topic,
        "aws-controltower-SecurityNotifications",
        "GRSNSSUBSCRIPTIONPOLICY",
        "subscriptions to the topic",
    ),
    (ThingKind::Role, "aws-controltower-*", "GRIAMROLEPOLICY", "changes of the role"),
    (ThingKind::Role, "*AWSControlTower*", "GRIAMROLEPOLICY", "changes of the role"),
    (ThingKind::Role, "stacksets-exec-*", "GRIAMROLEPOLICY", "changes of the role"),
];

pub(super) fn find(setup: &Setup<'_>) -> Problems {
    let mut found = Problems::default();
    accounts(setup, &mut found);
    partitions(setup, &mut found);
    regions(setup, &mut found);
    if setup.guide.control_tower {
        control_tower(setup, &mut found);
    }
    found
}

/// The parameters that name a thing of some kind, with their values.
fn things<'s>(setup: &'s Setup<'_>) -> impl Iterator<Item = (&'s str, ThingKind, Arn<'s>)> {
    setup.pack.parameters.keys().filter_map(|name| {
        let kind = setup.kind_of(name)?;
        Some((name.as_str(), kind, Arn::parse(setup.value(name)?)?))
    })
}

/// The account whose notifications or settings a bucket is under.
fn owner_of<'p>(setup: &Setup<'p>, bucket: &str) -> Option<&'p Account> {
    let steps = setup.steps().map(|(_, step)| step);
    let mut of_bucket =
        steps.filter(|step| documents(step).any(|document| document.resource.as_deref() == Some(bucket)));
    of_bucket.find_map(|step| setup.place_of_step(step))
}

/// What is wrong with the values beside what the accounts hold.
pub(super) fn in_answers(setup: &Setup<'_>, accounts: &Accounts) -> Vec<String> {
    let prefix = super::look::wrong_prefix(setup, accounts);
    other_region(setup, accounts).into_iter().chain(prefix).collect()
}

/// The bucket's own Region, which its ARN does not tell, where it is another one than the values have.
fn other_region(setup: &Setup<'_>, accounts: &Accounts) -> Option<String> {
    let read = setup.reads().iter().find(|read| read.what == What::Location)?;
    let place = owner_of(setup, read.parameter)?;
    let answer = accounts.json(setup.id(place)?, Some(read))?;
    // S3 API, GetBucketLocation: null is us-east-1, EU is eu-west-1.
    let region = match answer.get("LocationConstraint")? {
        Json::Null => "us-east-1",
        Json::String(region) if region == "EU" => "eu-west-1",
        region => region.as_str()?,
    };
    let (bucket, wanted) = (setup.name_of(read.parameter)?, setup.region(place)?);
    let parameter = place.region_of.iter().find(|name| setup.value(name).is_some())?;
    (region != wanted).then(|| {
        format!(
            "the bucket `{bucket}` is in {region}, and {parameter} in {wanted}: S3 notifies topics and queues in its \
             own Region, and their key is in theirs"
        )
    })
}

fn accounts(setup: &Setup<'_>, found: &mut Problems) {
    let places = &setup.guide.accounts;
    for (index, place) in places.iter().enumerate() {
        let Some(id) = setup.id(place) else { continue };
        for other in places.iter().take(index).filter(|other| setup.id(other) == Some(id)) {
            found.errors.push(format!(
                "`{id}` is both the {} account and the {} account: they must be two accounts",
                other.title, place.title
            ));
        }
        for parameter in &place.owns {
            let own = setup.value(parameter).and_then(account_of);
            if let Some(own) = own.filter(|own| *own != id) {
                found.errors.push(format!(
                    "{parameter} is in account {own}; it must be in the {} account, {id}",
                    place.title
                ));
            }
        }
    }
}

fn partitions(setup: &Setup<'_>, found: &mut Problems) {
    let mut arns = things(setup);
    if let Some((first, _, arn)) = arns.next()
        && let Some((other, _, elsewhere)) = arns.find(|(_, _, other)| other.partition != arn.partition)
    {
        found.errors.push(format!(
            "{first} and {other} are in the partitions `{}` and `{}`: nothing crosses that border",
            arn.partition, elsewhere.partition
        ));
    }
    let steps = setup.steps().map(|(_, step)| step);
    found
        .errors
        .extend(steps.filter_map(|step| setup.pack.other_partition(setup.packs, step, &setup.values)));
}

/// A trail's key is in the Region of its bucket, and so is what the bucket notifies.
fn regions(setup: &Setup<'_>, found: &mut Problems) {
    let Some(trail) = &setup.guide.trail else { return };
    let key = setup.value(&trail.key).and_then(Arn::parse).map(|arn| arn.region);
    let Some(place) = owner_of(setup, &trail.bucket) else { return };
    let parameter = place.region_of.iter().find(|name| setup.value(name).is_some());
    if let (Some(key), Some(other), Some(parameter)) = (key, setup.region(place), parameter)
        && key != other
    {
        found.warnings.push(format!(
            "{} is in {key} and {parameter} in {other}: CloudTrail takes a key in the Region of the bucket, and S3 \
             notifies topics and queues there",
            trail.key
        ));
    }
}

/// The account and the Region in the name of a log bucket of Control Tower.
fn named_by_control_tower(bucket: &str) -> Option<(&str, &str)> {
    bucket.strip_prefix("aws-controltower-logs-")?.split_once('-')
}

/// The account in the name of a log bucket of Control Tower, by its ARN.
pub(super) fn account_in_name(arn: &str) -> Option<&str> {
    Some(named_by_control_tower(Arn::parse(arn)?.resource)?.0)
}

/// What Control Tower keeps for itself, and what the name of one of its buckets tells.
fn control_tower(setup: &Setup<'_>, found: &mut Problems) {
    for (kind, pattern, control, what) in RESERVED {
        for (parameter, _, arn) in things(setup).filter(|(_, own, _)| *own == kind) {
            if Pattern::new(pattern).matches(arn.name()) {
                found.errors.push(format!(
                    "{parameter} names `{}`: Control Tower ({control}) denies {what} to all but \
                     AWSControlTowerExecution; take another name",
                    arn.name()
                ));
            }
        }
    }
    for (parameter, _, arn) in things(setup).filter(|(_, kind, _)| *kind == ThingKind::Bucket) {
        let name = arn.resource;
        let Some(place) = owner_of(setup, parameter) else { continue };
        let Some((account, bucket)) = named_by_control_tower(name) else { continue };
        if let Some(region) = setup.region(place).filter(|region| *region != bucket) {
            found.errors.push(format!(
                "the bucket `{name}` is in {bucket} by its name, and what it notifies in {region}: S3 notifies topics \
                 and queues in its own Region"
            ));
        }
        if let Some(id) = setup.id(place).filter(|id| *id != account) {
            found.errors.push(format!(
                "the bucket `{name}` is of account {account} by its name, not of {id}: sign in to {account} and discover the {} \
                 account again, or give values of that account",
                place.title
            ));
        }
    }
}
