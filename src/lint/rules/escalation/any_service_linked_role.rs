use crate::lint::facts::is_plain;
use crate::lint::grants::is_star;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Arn, Statement, TestKind, Value};

rule! {
    /// `iam:CreateServiceLinkedRole` for any service.
    ///
    /// ## Why
    ///
    /// A service-linked role lets a service act in the account, with permissions that AWS chose and the
    /// account cannot narrow. Which services do so should be somebody's decision: an ARN with the service's
    /// name, or `iam:AWSServiceName`.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "iam:CreateServiceLinkedRole",
    ///     "Resource": "arn:aws:iam::*:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS",
    ///     "Condition": { "StringLike": { "iam:AWSServiceName": "rds.amazonaws.com" } }
    ///   }
    /// }
    /// ```
    name: "any-service-linked-role", group: Escalation, severity: Warning, since: "0.1.0",
    rows: ["ESC-08", "ESC-09", "ESC-10", "ESC-11", "ESC-12", "ESC-13"],
    peers: [
        "access-analyzer:CREATE_SLR_WITH_STAR_IN_RESOURCE",
        "access-analyzer:CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE",
        "access-analyzer:CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
        "access-analyzer:CREATE_SLR_WITH_NOT_RESOURCE",
        "access-analyzer:CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
        "access-analyzer:CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE",
    ],
    kinds: [Identity],
    gives_way_to: ["full-admin", "not-action-allow", "not-resource-allow", "whole-service", "privilege-escalation"],
    check: Check::Document(check),
}

const ACTION: &str = "iam:CreateServiceLinkedRole";

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    let mut seen = Vec::new();
    for grant in grants.of(ACTION).iter() {
        let statement = grant.entry.statement;
        if seen.contains(&statement.index) || names_service(statement) {
            continue;
        }
        seen.push(statement.index);
        let how = grant.entry.names(ACTION);
        let lets = if grant.entry.is_wide() { ", which lets" } else { " lets" };
        let mut finding = cx
            .finding(grant.entry.span, format!("{how}{lets} its holder have any service act in the account"))
            .label("for any service")
            .help(
                "name the service: \"StringEquals\": { \"iam:AWSServiceName\": \"<service>.amazonaws.com\" }",
            );
        if let Some(resource) = &statement.resource {
            finding = finding.also_at(resource.values.span, "no service is named here");
        }
        cx.report(finding);
    }
}

/// Whether condition or ARNs say for which services.
fn names_service(statement: &Statement) -> bool {
    let tested = statement.conditions.iter().any(|test| {
        test.key.eq_ignore_ascii_case("iam:AWSServiceName")
            && test.operator.kind != TestKind::Null
            && !test.values.items.iter().any(|value| is_star(&value.text))
    });
    let Some(element) = &statement.resource else { return tested };
    tested || (!element.negated && element.values.items.iter().all(is_of_service))
}

/// Whether an ARN is of the roles of a service, as `role/aws-service-role/rds.amazonaws.com/*`, or names
/// a role.
fn is_of_service(value: &Value) -> bool {
    if !is_plain(value) {
        return !is_star(&value.text);
    }
    let Some(arn) = Arn::parse(&value.text) else { return false };
    let fixed = arn.resource.split(['*', '?']).next().unwrap_or_default();
    fixed.len() == arn.resource.len()
        || fixed.split_once("aws-service-role/").is_some_and(|(_, name)| !name.is_empty())
        || fixed.contains("AWSServiceRoleFor")
        || arn.resource.contains(".amazonaws.com")
        || !(fixed.is_empty() || "role/aws-service-role/".starts_with(fixed))
}
