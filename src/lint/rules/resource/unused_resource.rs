use std::collections::HashSet;

use crate::catalog;
use crate::lint::facts::{actions, dated, is_pattern, is_plain};
use crate::lint::forms::fits;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Arn, Statement};

rule! {
    /// An ARN of an Allow is about nothing that its actions are about.
    ///
    /// ## Why
    ///
    /// No action of the statement can be used with such a resource, so the entry is idle. Perhaps an action is
    /// missing, perhaps the entry was left behind.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": [
    ///       "arn:aws:sqs:us-east-1:222222222222:expel-queue",
    ///       "arn:aws:sns:us-east-1:222222222222:expel-topic"
    ///     ]
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": [ "sqs:SendMessage", "sns:Publish" ],
    ///     "Resource": [
    ///       "arn:aws:sqs:us-east-1:222222222222:expel-queue",
    ///       "arn:aws:sns:us-east-1:222222222222:expel-topic"
    ///     ]
    ///   }
    /// }
    /// ```
    name: "unused-resource", group: Resource, severity: Note, since: "0.1.0",
    rows: ["RES-16"],
    peers: [],
    gives_way_to: ["foreign-resource"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let (Some(action), Some(resource)) = (&statement.action, &statement.resource) else { return };
    if action.negated || resource.negated || !statement.allows() || !statement.is_complete() {
        return;
    }
    let Some(used) = types_used(statement) else { return };
    let mut idle = Vec::new();
    for value in &resource.values.items {
        let Some(arn) = Arn::parse(&value.text).filter(|arn| is_plain(value) && !is_pattern(arn.service))
        else {
            continue;
        };
        let mut types =
            catalog::types_in(arn.service).filter(|kind| kind.arns().any(|form| fits(form, &arn))).peekable();
        // Of an ARN of no known type nothing is known; a bare star is no choice of one.
        if types.peek().is_none() || arn.resource == "*" {
            continue;
        }
        if !types.any(|kind| used.contains(&(kind.service(), kind.name()))) {
            idle.push(value);
        }
    }
    let Some(first) = idle.first() else { return };
    // That nothing fits is another rule's finding.
    if idle.len() == resource.values.items.len() {
        return;
    }
    let more = match idle.len() {
        1 => String::new(),
        more => format!(", nor about {} more", more - 1),
    };
    let message = format!("no action of the statement is about `{}`{more}, {}", first.text, dated());
    let finding = cx.finding(first.span, message).label("not used");
    cx.report(finding.help("take it out, or add the action that is meant"));
}

/// The types of resource that the actions are about; `None` where not all of that is known.
fn types_used(statement: &Statement) -> Option<HashSet<(&'static str, &'static str)>> {
    let mut used = HashSet::new();
    for value in statement.action.iter().flat_map(|element| &element.values.items) {
        let service = value.text.split(':').next().unwrap_or("");
        if !is_plain(value) || is_pattern(service) || !catalog::has_match(&value.text) {
            return None;
        }
        for action in actions(value) {
            let mut types = action.resources().peekable();
            // AWS writes ARNs of the service for some actions that it lists without a type.
            if types.peek().is_none() && action.service() != "s3" {
                return None;
            }
            used.extend(types.map(|need| (action.service(), need.name)));
        }
    }
    Some(used)
}
