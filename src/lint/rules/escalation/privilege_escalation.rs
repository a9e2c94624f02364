use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::escalation::{self, Gain, Way, ways};
use crate::lint::grants::{Grants, Reach};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};

rule! {
    /// Permissions that together give more than they say.
    ///
    /// ## Why
    ///
    /// Some actions are keys to others. Whoever may write an inline policy for himself has every permission,
    /// whoever may create access keys for other users has theirs, and whoever may pass a role to a service
    /// and run code there has what the role has. The actions can stand in several statements, and a wildcard
    /// that was written for something else can complete the set: the finding names the entries.
    ///
    /// What a `Deny` takes back is not counted. Where ARNs or conditions limit what is gained, and where it
    /// takes something that runs with a role already, the finding is a note. Rights over
    /// the caller's own user alone, and those that demand a permissions boundary, are not reported.
    ///
    /// Where a file shows which policies a role, user or group has, these are judged together, within the
    /// permissions boundary: the actions can be in several of them.
    ///
    /// The ways are those that <https://pathfinding.cloud> collects, with those of cloudsplaining,
    /// prowler and iam-policy-validator.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": [ "iam:GetUser", "iam:Put*" ],
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*" },
    ///     { "Effect": "Allow", "Action": [ "lambda:CreateFunction", "lambda:InvokeFunction" ], "Resource": "*" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": "iam:CreateAccessKey",
    ///       "Resource": "arn:aws:iam::*:user/${aws:username}"
    ///     },
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": "iam:PassRole",
    ///       "Resource": "arn:aws:iam::111111111111:role/state-machine",
    ///       "Condition": { "StringEquals": { "iam:PassedToService": "states.amazonaws.com" } }
    ///     },
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": "lambda:CreateFunction",
    ///       "Resource": "arn:aws:lambda:us-east-1:111111111111:function:report"
    ///     }
    ///   ]
    /// }
    /// ```
    name: "privilege-escalation", group: Escalation, severity: Warning, since: "0.1.0",
    rows: [
        "ESC-14", "ESC-15", "ESC-16", "ESC-17", "ESC-18", "ESC-19", "ESC-20", "ESC-21", "ESC-22", "ESC-23", "ESC-24",
        "ESC-25", "ESC-26", "ESC-27", "ESC-29", "ESC-31", "ESC-32",
    ],
    peers: [
        "parliament:PRIVILEGE_ESCALATION", "cloudsplaining:PrivilegeEscalation", "checkov:CKV_AWS_110",
        "checkov:CKV_AWS_286", "prowler:iam_policy_allows_privilege_escalation", "terrascan:AC_AWS_0473",
        "iam-policy-validator:privilege_escalation", "iam-policy-validator:sensitive_action",
    ],
    kinds: [Identity],
    joins: true,
    gives_way_to: ["full-admin", "not-action-allow", "whole-service"],
    check: Check::Document(check),
}

/// So many ways are told of one statement.
const MOST_TOLD: usize = 5;

/// So many entries are pointed at.
const MOST_LABELS: usize = 8;

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    // The statement that gives the power is the cause, however many ways lead from it.
    let mut groups: Vec<(usize, Vec<Way<'_>>)> = Vec::new();
    let all = ways(&grants);
    let gives_all = |way: &Way<'_>| way.path.gain == Gain::Permissions && !way.limited;
    // Who has every permission by one policy gains nothing by another.
    if !cx.alone().is_empty() && all.iter().any(gives_all) {
        return;
    }
    // What one policy of a principal opens alone is found there.
    let is_known = |way: &Way<'_>| {
        let mut parts = way.grants.iter().map(|(_, grant)| cx.part_of(grant.entry.statement));
        let first = parts.next();
        let opens = |alone: &Grants<'_>| {
            escalation::way(way.path, alone).is_some_and(|known| way.limited || !known.limited)
        };
        !cx.alone().is_empty() && (parts.all(|part| Some(part) == first) || cx.alone().iter().any(opens))
    };
    for way in all.into_iter().filter(|way| !is_known(way)) {
        let Some((_, grant)) = way.grants.first() else { continue };
        let index = grant.entry.statement.index;
        match groups.iter_mut().find(|(known, _)| *known == index) {
            Some((_, group)) => group.push(way),
            None => groups.push((index, vec![way])),
        }
    }
    for (_, group) in groups {
        if let Some(finding) = told(&group, cx) {
            cx.report(finding);
        }
    }
}

/// Whether a way is worth no more than a note: its gain is limited, or depends on what is there already.
fn is_note(way: &Way<'_>) -> bool {
    way.limited || matches!(way.path.gain, Gain::Code(_) | Gain::Inside(_))
}

/// The finding about the ways that one statement opens, told by the widest of them.
fn told(group: &[Way<'_>], cx: &Context<'_>) -> Option<Diagnostic> {
    let first = group.iter().find(|way| !is_note(way)).or(group.first())?;
    let (action, grant) = first.grants.first()?;
    let mut message = match grant.entry.is_wide() {
        true => format!("{}, which", grant.entry.names(action)),
        false => grant.entry.names(action),
    };
    if !first.others().is_empty() {
        let others: Vec<String> = first.others().iter().map(|(action, _)| format!("`{action}`")).collect();
        message = format!("{message} with {}", others.join(", "));
    }
    message = format!("{message} lets its holder {}", gain(first));
    let mut finding = cx.finding(grant.entry.span, message);
    finding = match (group.len(), first.others().is_empty()) {
        (1, true) => finding.label("by itself"),
        (1, false) => finding.label("this …"),
        (2, _) => finding.label("this, and there is one more way"),
        (ways, _) => finding.label(format!("this, and there are {} more ways", ways - 1)),
    };
    // What completes the set, then where the other ways begin.
    let completing = first
        .others()
        .iter()
        .map(|(action, other)| (other.entry, format!("… and {}", other.entry.names(action))));
    let beginning = group.iter().filter_map(|way| way.grants.first());
    let beginning =
        beginning.map(|(action, other)| (other.entry, format!("another way: {}", other.entry.names(action))));
    let mut places = vec![grant.entry.span];
    for (entry, text) in completing.chain(beginning) {
        if places.len() <= MOST_LABELS && !places.contains(&entry.span) {
            places.push(entry.span);
            finding = finding.also_at(entry.span, text);
        }
    }
    if let Some(resource) = grant.entry.statement.resource.as_ref().filter(|_| grant.reach == Reach::All) {
        finding = finding.also_at(resource.values.span, "on all of them");
    }
    let last = if group.len() > MOST_TOLD { MOST_TOLD - 1 } else { group.len() };
    for way in group.iter().take(last) {
        let actions: Vec<&str> = way.grants.iter().map(|(action, _)| *action).collect();
        finding = finding.example(format!("{} ({})", actions.join(" + "), way.path.ids));
    }
    if group.len() > last {
        finding = finding.example(format!("and {} more", group.len() - last));
    }
    if is_note(first) {
        finding.severity = finding.severity.min(Severity::Note);
    }
    Some(finding.help(help(first)))
}

fn gain(way: &Way<'_>) -> String {
    match (way.path.gain, way.limited) {
        (Gain::Permissions, false) => "give itself any permission".to_owned(),
        (Gain::Permissions, true) => "give more permissions to some, perhaps itself".to_owned(),
        (Gain::User, false) => "act as any user".to_owned(),
        (Gain::User, true) => "act as some other users".to_owned(),
        (Gain::Role, false) => "act as any role".to_owned(),
        (Gain::Role, true) => "act as some roles".to_owned(),
        (Gain::Boundary, _) => "lift permissions boundaries".to_owned(),
        (Gain::Passed(services), false) => {
            format!("act as any role that {} may take", services.first().unwrap_or(&""))
        }
        (Gain::Passed(services), true) => {
            format!("act as some roles that {} may take", services.first().unwrap_or(&""))
        }
        (Gain::Code(what), _) => format!("run code with the role of {what}"),
        (Gain::Inside(what), _) => format!("act with the role of {what}"),
    }
}

fn help(way: &Way<'_>) -> String {
    let wide = match way.has_wide_entry() {
        true => "write out the actions that are meant, and ",
        false => "",
    };
    let rest = match way.path.gain {
        Gain::Permissions => {
            "name the users, groups, roles or policies that may be changed, or demand a boundary: \"StringEquals\": \
             { \"iam:PermissionsBoundary\": \"<policy>\" }"
        }
        Gain::User => "name the users, or the caller's own with \"arn:aws:iam::*:user/${aws:username}\"",
        Gain::Role => "name the roles whose trust policies may be changed",
        Gain::Boundary => {
            "leave this to administrators, or allow one boundary alone: \"StringEquals\": { \
             \"iam:PermissionsBoundary\": \"<policy>\" }"
        }
        Gain::Passed(services) => {
            let service = services.first().unwrap_or(&"");
            return format!(
                "{wide}name the roles that may be passed, with \"StringEquals\": {{ \"iam:PassedToService\": \
                 \"{service}\" }}"
            );
        }
        Gain::Code(_) | Gain::Inside(_) => "name the resources whose roles may be used",
    };
    format!("{wide}{rest}")
}
