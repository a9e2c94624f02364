use crate::catalog::{ActionFacts, Level};
use crate::lint::exposure::CONTENT;
use crate::lint::facts::dated;
use crate::lint::grants::Expanded;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};

rule! {
    /// Every resource, for actions that can be held to some.
    ///
    /// ## Why
    ///
    /// `"*"` allows an action on all that there is and will be. Most actions can be held to resources by their
    /// ARNs. ARNs that are all of a type, as `arn:aws:s3:::*`, say no less than `"*"`.
    ///
    /// Actions that work with `"*"` only are no finding, nor are those that only look at what there is and how it is
    /// set up, nor a statement with a condition that narrows its resources.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": [ "sqs:SendMessage", "sqs:ListQueues" ], "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" },
    ///     { "Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "arn:aws:logs:*:*:log-group:/aws/lambda/report:*" },
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": "ec2:StartInstances",
    ///       "Resource": "*",
    ///       "Condition": { "StringEquals": { "aws:ResourceTag/team": "reports" } }
    ///     }
    ///   ]
    /// }
    /// ```
    name: "resource-any", group: Overbroad, severity: Note, since: "0.1.0",
    rows: ["OVR-04", "OVR-05", "OVR-18", "EXP-04", "EXP-05"],
    peers: [
        "parliament:RESOURCE_STAR", "parliament:RESOURCE_EFFECTIVELY_STAR", "checkov:CKV_AWS_355", "checkov:CKV_AWS_356",
        "checkov:CKV_AWS_111", "checkov:CKV_AWS_290", "cfn-nag:W11", "cfn-nag:W12", "cfn-nag:W13",
        "iam-policy-validator:wildcard_resource", "trivy:AWS-0057", "trivy:AWS-0346",
        "cloudsplaining:InfrastructureModification",
    ],
    kinds: [Identity],
    gives_way_to: [
        "full-admin", "action-any", "privilege-escalation", "pass-any-role", "assume-any-role", "decrypt-any-key",
        "whole-service", "credentials-exposure", "resource-exposure", "data-exposure", "any-service-linked-role",
    ],
    check: Check::Document(check),
}

/// So many actions of a statement are put to its Deny statements; if none is left of these, none is said to be.
const MOST_ASKED: usize = 5;

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    let unlimited = grants.unlimited();
    for entries in unlimited.chunk_by(|a, b| a.entry.statement.index == b.entry.statement.index) {
        report(entries, cx);
    }
}

/// Whether an action changes something.
fn changes(action: ActionFacts) -> bool {
    !matches!(action.level(), Level::Read | Level::List)
}

/// Whether an action is worth holding to some resources: it changes something, or reads content. AWS's
/// levels do not tell reading content from looking how something is set up.
fn is_worth_it(action: ActionFacts) -> bool {
    changes(action) || CONTENT.binary_search(&action.name()).is_ok()
}

fn report(entries: &[Expanded<'_>], cx: &mut Context<'_>) {
    let grants = cx.grants();
    let Some(statement) = entries.first().map(|one| one.entry.statement) else { return };
    let Some(resource) = &statement.resource else { return };
    let actions = || {
        let all = entries.iter().flat_map(|one| one.actions.iter().map(move |action| (one, *action)));
        all.filter(|(_, action)| is_worth_it(*action))
    };
    // What changes most is named first.
    let by_weight = || {
        let changing = actions().filter(|(_, action)| changes(*action));
        changing.chain(actions().filter(|(_, action)| !changes(*action)))
    };
    let first = by_weight().take(MOST_ASKED).find(|(_, action)| {
        let kept =
            |name: &str| grants.of(name).iter().any(|grant| grant.entry.statement.index == statement.index);
        !grants.denies(action.name()) || kept(action.name())
    });
    let Some((one, first)) = first else { return };
    let more = actions().count().saturating_sub(1);
    let names = match more {
        0 => format!("`{}`", first.name()),
        1 => format!("`{}` and one more action", first.name()),
        more => format!("`{}` and {more} more actions", first.name()),
    };
    let (is, does) = if more == 0 { ("is", "it") } else { ("are", "they") };
    let changing = actions().filter(|(_, action)| changes(*action)).count();
    let finding = cx
        .finding(
            resource.values.span,
            format!("{names} {is} allowed on every resource and could be held to some, {}", dated()),
        )
        .label(match (changing, more + 1) {
            (0, _) => "every one there is, to read".to_owned(),
            (changing, all) if changing == all => "every one there is, to change".to_owned(),
            (changing, _) => format!("every one there is; {changing} of the actions change something"),
        })
        .also_at(one.entry.span, one.entry.label(first.name()))
        .help(format!("name the resources that {does} {is} needed for"));
    cx.report(finding);
}
