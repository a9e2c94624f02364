use crate::diagnostic::Severity;
use crate::lint::facts::is_plain;
use crate::lint::grants::{Reach, is_star};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Arn, Statement, Test, Value};

rule! {
    /// `sts:AssumeRole` for any role that lets it.
    ///
    /// ## Why
    ///
    /// With `"*"` the trust policies of all roles decide alone, in this account and in every other: one that
    /// names the whole account, as many do, lets the holder in. Roles of a certain name in any account are a
    /// note: others can make a role of this name and wait for who comes.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sts:AssumeRole",
    ///     "Resource": "arn:aws:iam::222222222222:role/deploy"
    ///   }
    /// }
    /// ```
    name: "assume-any-role", group: Overbroad, severity: Warning, since: "0.1.0",
    rows: ["OVR-17"],
    peers: [
        "prowler:iam_no_custom_policy_permissive_role_assumption", "scoutsuite:iam-assume-role-policy", "trivy:AWS-0057",
    ],
    kinds: [Identity],
    gives_way_to: ["full-admin", "not-action-allow", "not-resource-allow", "whole-service"],
    check: Check::Document(check),
}

const ACTION: &str = "sts:AssumeRole";

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    let mut seen = Vec::new();
    for grant in grants.of(ACTION).iter() {
        let statement = grant.entry.statement;
        let any_account =
            statement.resource.iter().flat_map(|element| &element.values.items).any(is_of_any_account);
        if seen.contains(&statement.index)
            || !(grant.reach == Reach::All || any_account)
            || statement.conditions.iter().any(names_roles)
        {
            continue;
        }
        seen.push(statement.index);
        let how = grant.entry.names(ACTION);
        let is = if grant.entry.is_wide() { ", which is allowed" } else { " is allowed" };
        let roles = match (grant.reach, is_any(statement)) {
            (Reach::Part, _) => "roles of this name in any account",
            (Reach::All, true) => "every role of every account that lets it",
            (Reach::All, false) => "every role of an account",
        };
        let mut finding = cx
            .finding(grant.entry.span, format!("{how}{is} for {roles}"))
            .label("takes the role")
            .help("name the account and the role: \"arn:aws:iam::<account>:role/<name>\"");
        if let Some(resource) = &statement.resource {
            finding = finding.also_at(resource.values.span, "these roles");
        }
        if grant.reach == Reach::Part || grant.held || !statement.is_unconditional() {
            finding.severity = finding.severity.min(Severity::Note);
        }
        cx.report(finding);
    }
}

/// Whether a condition holds it to roles, or to accounts, that somebody chose.
fn names_roles(test: &Test) -> bool {
    let key = test.key.to_ascii_lowercase();
    key.starts_with("aws:resourceorg")
        || key == "aws:resourceaccount"
        || key.starts_with("iam:resourcetag/")
        || key.starts_with("aws:resourcetag/")
}

fn is_any(statement: &Statement) -> bool {
    let element = statement.resource.as_ref();
    element.is_none_or(|element| element.negated)
        || element.is_some_and(|element| {
            element.values.items.iter().any(|value| is_star(&value.text) || is_of_any_account(value))
        })
}

fn is_of_any_account(value: &Value) -> bool {
    let arn = Arn::parse(&value.text).filter(|_| is_plain(value));
    arn.is_some_and(|arn| {
        arn.service == "iam" && is_star(arn.account) && !arn.resource.contains("aws-service-role/")
    })
}
