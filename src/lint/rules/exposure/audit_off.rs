use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::span::Span;

rule! {
    /// The record, or the watch, can be switched off.
    ///
    /// ## Why
    ///
    /// Who breaks in first stops the trail, deletes the detector or leaves the organization. These actions are
    /// needed once in years; a service control policy that denies them to all but one role costs nobody
    /// anything.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": [ "cloudtrail:StopLogging", "guardduty:DeleteDetector" ],
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "cloudtrail:LookupEvents", "Resource": "*" }
    /// }
    /// ```
    name: "audit-off", group: Exposure, severity: Note, since: "0.1.0",
    rows: ["EXP-11"], peers: [],
    kinds: [Identity],
    gives_way_to: ["full-admin", "not-action-allow", "whole-service"],
    check: Check::Document(check),
}

/// What ends a record or a watch over an account. AWS's API references.
const ACTIONS: &[&str] = &[
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "cloudtrail:UpdateTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:DeleteEventDataStore",
    "cloudtrail:StopEventDataStoreIngestion",
    "config:StopConfigurationRecorder",
    "config:DeleteConfigurationRecorder",
    "config:DeleteDeliveryChannel",
    "guardduty:DeleteDetector",
    "guardduty:UpdateDetector",
    "guardduty:DisassociateFromMasterAccount",
    "guardduty:DisassociateFromAdministratorAccount",
    "guardduty:DeleteMembers",
    "guardduty:DeletePublishingDestination",
    "securityhub:DisableSecurityHub",
    "securityhub:DisassociateFromMasterAccount",
    "securityhub:DisassociateFromAdministratorAccount",
    "access-analyzer:DeleteAnalyzer",
    "detective:DeleteGraph",
    "inspector2:Disable",
    "macie2:DisableMacie",
    "organizations:LeaveOrganization",
    "ec2:DeleteFlowLogs",
    "route53resolver:DeleteResolverQueryLogConfig",
    "route53resolver:DisassociateResolverQueryLogConfig",
];

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    let mut places: Vec<(Span, Vec<&str>, String)> = Vec::new();
    for action in ACTIONS {
        for grant in grants.of(action).into_iter().filter(|grant| !grant.held) {
            let span = grant.entry.span;
            match places.iter_mut().find(|(known, ..)| *known == span) {
                Some((_, actions, _)) => actions.push(action),
                None => places.push((span, vec![action], grant.entry.names(action))),
            }
        }
    }
    for (span, actions, how) in places {
        let more = match actions.len() {
            1 => String::new(),
            2 => " and one more action".to_owned(),
            more => format!(" and {} more actions", more - 1),
        };
        let finding = cx
            .finding(span, format!("{how}{more}: what is done can go unseen"))
            .label("ends a record or a watch")
            .help("take it out, or deny it to all but a few with a service control policy");
        cx.report(finding);
    }
}
