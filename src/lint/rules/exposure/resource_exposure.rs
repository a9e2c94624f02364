use crate::lint::exposure::{SHARING, add, exposed};
use crate::lint::grants::changes_permissions;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};

rule! {
    /// Who may do what can be changed for every resource.
    ///
    /// ## Why
    ///
    /// Actions that write resource policies, ACLs and grants, and those that share snapshots and images or
    /// take a block of public access off, decide who else gets in. Allowed on every resource, one such action
    /// makes a bucket, a key or a disk public that nobody had in mind.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:PutBucketPolicy", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "rds:ModifyDBSnapshotAttribute", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:PutBucketPolicy", "Resource": "arn:aws:s3:::reports" }
    /// }
    /// ```
    name: "resource-exposure", group: Exposure, severity: Note, since: "0.1.0",
    rows: ["EXP-03", "EXP-07"],
    peers: [
        "cloudsplaining:ResourceExposure", "parliament:PERMISSIONS_MANAGEMENT_ACTIONS", "checkov:CKV_AWS_109",
        "checkov:CKV_AWS_289", "iam-policy-validator:sensitive_action",
    ],
    kinds: [Identity],
    gives_way_to: [
        "full-admin", "not-action-allow", "not-resource-allow", "whole-service", "privilege-escalation",
        "credentials-exposure",
    ],
    check: Check::Document(check),
}

/// So many of a statement's actions are put to its Deny statements; if none is left of these, none is said to be.
const MOST_ASKED: usize = 20;

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    let mut all = exposed(&grants, SHARING);
    for one in grants.unlimited() {
        let statement = one.entry.statement;
        let still = |action: &&'static str| {
            let left = grants.of(action);
            left.iter().any(|grant| grant.entry.statement.index == statement.index && !grant.held)
        };
        let changing =
            one.actions.iter().filter(|action| changes_permissions(**action)).map(|action| action.name());
        let denied = changing.clone().any(|action| grants.denies(action));
        let kept: Vec<&'static str> = match denied {
            true => changing.take(MOST_ASKED).filter(still).collect(),
            false => changing.collect(),
        };
        for action in kept {
            add(&mut all, statement, action, one.entry);
        }
    }
    all.sort_by_key(|exposed| exposed.statement.index);
    for one in all {
        if let Some(finding) = one.finding("who may do what can be changed", cx) {
            cx.report(finding.help("name the resources whose policies may be changed"));
        }
    }
}
