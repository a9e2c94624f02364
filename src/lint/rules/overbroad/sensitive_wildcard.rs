use crate::lint::facts::{dated, is_pattern};
use crate::lint::grants::{changes_permissions, is_star};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};

rule! {
    /// A wildcard takes in actions that change who may do what.
    ///
    /// ## Why
    ///
    /// `s3:Put*` was written for `s3:PutObject` and allows `s3:PutBucketPolicy` as well. Permissions to change
    /// permissions should be written out, so that a reader sees them.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:Put*", "Resource": "arn:aws:s3:::reports*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:GetObject*", "Resource": "arn:aws:s3:::reports/*" }
    /// }
    /// ```
    name: "sensitive-wildcard", group: Overbroad, severity: Note, since: "0.1.0",
    rows: ["OVR-19"],
    peers: ["prowler:IAMPut", "iam-policy-validator:sensitive_action"],
    kinds: [Identity],
    gives_way_to: [
        "full-admin", "privilege-escalation", "pass-any-role", "decrypt-any-key", "whole-service", "resource-exposure",
        "bucket-policy-escalation",
    ],
    check: Check::Document(check),
}

/// Whether an action by its name can give something to somebody; those that delete rather take.
fn gives(action: &str) -> bool {
    let takes = [":Delete", ":Remove", ":Detach", ":Disable", ":Reset"];
    !takes.iter().any(|verb| action.contains(verb))
}

/// So many actions of one pattern are asked after.
const MOST_ASKED: usize = 10;

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    for one in grants.expanded() {
        let Some(value) = one.entry.value.filter(|value| is_pattern(&value.text)) else { continue };
        if value.text.split_once(':').is_none_or(|(_, name)| is_star(name)) {
            continue;
        }
        let statement = one.entry.statement.index;
        // What the resources of the statement leave of it.
        let kept: Vec<&str> = one
            .actions
            .iter()
            .filter(|action| changes_permissions(**action) && gives(action.name()))
            .take(MOST_ASKED)
            .map(|action| action.name())
            .filter(|name| {
                grants.of(name).iter().any(|grant| grant.entry.statement.index == statement && !grant.held)
            })
            .collect();
        let Some(first) = kept.first() else { continue };
        let more = match kept.len() {
            1 => String::new(),
            2 => " and one more action that change".to_owned(),
            more => format!(" and {} more actions that change", more - 1),
        };
        let more = if more.is_empty() { ", which changes".to_owned() } else { more };
        let finding = cx
            .finding(
                one.entry.span,
                format!("`{}` takes in `{first}`{more} who may do what, {}", value.text, dated()),
            )
            .label("more than it seems")
            .help(format!("write out the actions that are meant; `{first}` too, if it is one of them"));
        cx.report(finding);
    }
}
