use crate::catalog;
use crate::diagnostic::Severity;
use crate::lint::facts::{action_values, is_pattern};
use crate::lint::grants::{Reach, is_star, narrows, reach};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Value};

rule! {
    /// Every action of a service.
    ///
    /// ## Why
    ///
    /// `s3:*` reads as "work with S3" and is more: it deletes buckets and makes them public. What AWS adds to
    /// the service is allowed as well. For most services the finding is a note. It is a warning where the
    /// service is what others are guarded by, on all its resources: `iam:*` gives its holder every permission,
    /// `kms:*` every key, `cloudtrail:*` the end of the record.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "iam:*", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::reports/*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::reports/*" }
    /// }
    /// ```
    name: "whole-service", group: Overbroad, severity: Warning, since: "0.1.0",
    rows: ["OVR-03", "OVR-12", "OVR-13", "OVR-15"],
    peers: [
        "cloudsplaining:ServiceWildcard", "iam-policy-validator:service_wildcard", "trivy:AWS-0345",
        "security-hub:IAM.21", "checkov:CKV2_AWS_40", "checkov:CKV2_AWS_56", "prowler:OverPermissiveIAM",
        "prowler:iam_policy_no_full_access_to_kms", "prowler:iam_policy_no_full_access_to_cloudtrail",
    ],
    kinds: [Identity],
    gives_way_to: ["full-admin"],
    check: Check::Statement(check),
}

/// The services that guard others, one of their actions that tells whether all their resources are
/// meant, and what all of the service is.
const GUARDS: [(&str, &str, &str); 6] = [
    ("iam", "iam:AttachRolePolicy", "gives every permission"),
    ("kms", "kms:Decrypt", "opens every key"),
    ("cloudtrail", "cloudtrail:DeleteTrail", "ends the record of what is done"),
    ("sts", "sts:AssumeRole", "takes every role that lets it"),
    ("organizations", "organizations:DetachPolicy", "takes the organization's limits off"),
    ("sso", "sso:PutInlinePolicyToPermissionSet", "gives every permission"),
];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let negated = statement.action.as_ref().is_none_or(|element| element.negated);
    let names_nothing = statement.resource.as_ref().is_some_and(|element| element.values.items.is_empty());
    if !statement.allows() || negated || names_nothing {
        return;
    }
    let narrow = statement.conditions.iter().any(narrows);
    for value in action_values(statement) {
        let Some((service, name)) = value.text.split_once(':') else { continue };
        if is_star(name) && !is_pattern(service) && catalog::service(service).is_some() {
            report(statement, value, service, narrow, cx);
        }
    }
}

fn report(statement: &Statement, value: &Value, service: &str, narrow: bool, cx: &mut Context<'_>) {
    let guard = GUARDS.iter().find(|(guard, ..)| guard.eq_ignore_ascii_case(service));
    let is_all = |action: &str| {
        // IAM's users and roles are two types; all of one is enough.
        let actions = [action, "iam:PutUserPolicy"];
        let actions = if action.starts_with("iam:") { &actions[..] } else { &actions[..1] };
        let reaches = actions
            .iter()
            .filter_map(|action| catalog::action(action))
            .map(|action| reach(statement, action));
        reaches.flatten().any(|reach| reach == Reach::All)
    };
    let all = guard.filter(|(_, action, _)| *action == "iam:AttachRolePolicy" || is_all(action));
    let names = catalog::service(service).map_or(service, |service| service.name());
    let mut finding = cx
        .finding(value.span, format!("every action of {names} is allowed"))
        .label(all.map_or("also what AWS will add", |(.., what)| what))
        .help(format!("name the actions that are needed, or groups of them such as `{service}:List*`"));
    if let Some(resource) = &statement.resource {
        finding = finding.also_at(resource.values.span, "on these");
    }
    if all.is_none() || narrow {
        finding.severity = finding.severity.min(Severity::Note);
    }
    cx.report(finding);
}
