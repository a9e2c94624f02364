use crate::diagnostic::Severity;
use crate::lint::escalation::{Passing, passing};
use crate::lint::grants::is_star;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// `iam:PassRole` for roles of any purpose, to any service.
    ///
    /// ## Why
    ///
    /// Whoever passes a role to a service has the service act with the role's permissions, mostly in ways
    /// that the caller decides. With `"*"` or a pattern of roles that is every role that a service may take,
    /// the administrators' among them. Two things hold it: the ARNs of the roles that are meant, and
    /// `iam:PassedToService` with the service.
    ///
    /// A pattern with the name of a service in it, as AWS names the roles that it makes for a service, is no
    /// finding. Roles that are all named, to any service, are a note.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "iam:Pass*",
    ///     "Resource": "arn:aws:iam::111111111111:role/team/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "iam:PassRole",
    ///     "Resource": "arn:aws:iam::111111111111:role/report",
    ///     "Condition": { "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } }
    ///   }
    /// }
    /// ```
    name: "pass-any-role", group: Escalation, severity: Warning, since: "0.1.0",
    rows: ["ESC-01", "ESC-02", "ESC-03", "ESC-04", "ESC-05", "ESC-06", "ESC-07"],
    peers: [
        "access-analyzer:PASS_ROLE_WITH_STAR_IN_RESOURCE",
        "access-analyzer:PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE",
        "access-analyzer:PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
        "access-analyzer:PASS_ROLE_WITH_NOT_RESOURCE", "access-analyzer:PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
        "access-analyzer:PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE", "cfn-nag:F38", "cfn-nag:F39", "cfn-nag:F40",
        "scoutsuite:iam-policy-for-role", "iam-policy-validator:missing_required_condition", "trivy:AWS-0342",
    ],
    kinds: [Identity],
    gives_way_to: ["full-admin", "not-action-allow", "not-resource-allow", "whole-service", "privilege-escalation"],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    let mut seen = Vec::new();
    for grant in grants.of("iam:PassRole").iter() {
        let statement = grant.entry.statement;
        // One statement that passes roles is one cause, however often it says so.
        if seen.contains(&statement.index) {
            continue;
        }
        seen.push(statement.index);
        let passing = passing(statement);
        let (roles, severity) = match passing {
            Passing::ToServices | Passing::Pinned => continue,
            Passing::Open => (roles(statement), Severity::Error),
            // A role that is named can be passed to no service that it does not trust.
            Passing::Named => ("these roles", Severity::Note),
        };
        let how = grant.entry.names("iam:PassRole");
        let lets = if grant.entry.is_wide() { ", which lets" } else { " lets" };
        let mut finding = cx
            .finding(grant.entry.span, format!("{how}{lets} its holder pass {roles} to any service"))
            .label("to any service")
            .help("name the roles, and the service: \"StringEquals\": { \"iam:PassedToService\": \"<service>.amazonaws.com\" }");
        if let Some(resource) = &statement.resource {
            finding = finding.also_at(resource.values.span, "these roles");
        }
        finding.severity = finding.severity.min(if grant.held { Severity::Note } else { severity });
        cx.report(finding);
    }
}

fn roles(statement: &Statement) -> &'static str {
    let Some(element) = &statement.resource else { return "any role" };
    match (element.negated, element.values.items.iter().any(|value| is_star(&value.text))) {
        (true, _) => "any role but a few",
        (false, true) => "any role",
        (false, false) => "a pattern of roles",
    }
}
