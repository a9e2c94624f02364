use crate::catalog;
use crate::diagnostic::Severity;
use crate::lint::facts::{action_values, dated, is_pattern};
use crate::lint::presence::needs_the_key;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Value};

rule! {
    /// A tag of the resource is tested with actions of services that do not tell it.
    ///
    /// ## Why
    ///
    /// `aws:ResourceTag` is absent from the requests of services whose resources have no tags, or do not tell
    /// them. There a Deny denies nothing, and an Allow allows nothing. `NotAction` takes in all services, with
    /// and without tags.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "NotAction": "iam:*",
    ///     "Resource": "*",
    ///     "Condition": { "StringEquals": { "aws:ResourceTag/locked": "true" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Action": "route53:DeleteHostedZone",
    ///     "Resource": "arn:aws:route53:::hostedzone/*",
    ///     "Condition": { "StringEquals": { "aws:ResourceTag/locked": "true" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Action": "ec2:TerminateInstances",
    ///     "Resource": "*",
    ///     "Condition": { "StringEquals": { "aws:ResourceTag/locked": "true" } }
    ///   }
    /// }
    /// ```
    name: "resource-tag-unsupported", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-14", "CND-15", "CND-16", "CND-17"],
    peers: [
        "access-analyzer:DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        "access-analyzer:DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        "access-analyzer:ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        "access-analyzer:ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
    ],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(action) = statement.action.as_ref().filter(|_| statement.effect.is_some()) else { return };
    for test in statement.conditions.iter().filter(|test| is_resource_tag(&test.key) && needs_the_key(test)) {
        let (message, place, label) = match action.negated {
            true => (
                format!("`NotAction` also takes in services that never tell `{}`", test.key),
                action.key,
                "all but these",
            ),
            false => {
                let without = without_tags(statement);
                let Some(first) = without.first() else { continue };
                let service = service_of(first);
                let more = match without.len() {
                    1 => String::new(),
                    more => format!(" and {} more actions", more - 1),
                };
                let message =
                    format!("`{service}` never tells `{}`, {}: `{}`{more}", test.key, dated(), first.text);
                (message, first.span, "without tags")
            }
        };
        let (outcome, severity) = match statement.denies() {
            true => ("not denied there", Severity::Warning),
            false => ("not allowed there", Severity::Note),
        };
        let finding = cx.finding(test.key_span, message).label(outcome).also_at(place, label);
        let severity = finding.severity.min(severity);
        cx.report(finding.severity(severity).help(match action.negated {
            true => "name the actions whose resources have the tag",
            false => "name these actions' resources by ARN, in a statement of their own",
        }));
    }
}

fn is_resource_tag(key: &str) -> bool {
    key.get(..16).is_some_and(|family| family.eq_ignore_ascii_case("aws:ResourceTag/"))
}

fn service_of(value: &Value) -> &str {
    value.text.split(':').next().unwrap_or("")
}

/// The actions of services of which no action and no type of resource is listed with the key.
fn without_tags(statement: &Statement) -> Vec<&Value> {
    let Some(key) = catalog::condition_key("aws:ResourceTag/x") else { return Vec::new() };
    let mut known: Vec<(&str, bool)> = Vec::new();
    let mut lacks = |service: &'_ Value| -> bool {
        let name = service_of(service);
        if is_pattern(name) || catalog::service(name).is_none() {
            return false;
        }
        // A policy names few services, and each of them often.
        let folded = catalog::service(name).map_or("", |service| service.prefix());
        if let Some((_, lacks)) = known.iter().find(|(known, _)| *known == folded) {
            return *lacks;
        }
        let lacks = !catalog::is_listed_with(folded, key);
        known.push((folded, lacks));
        lacks
    };
    action_values(statement).filter(|value| lacks(value)).collect()
}
