use crate::lint::exposure::AUDIT;
use crate::lint::grants::Entry;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};

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

/// So many entries are pointed at.
const MOST_LABELS: usize = 4;

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    // One statement is one cause.
    let mut found: Vec<(usize, Vec<(&str, Entry<'_>)>)> = Vec::new();
    for action in AUDIT {
        for grant in grants.of(action).iter().filter(|grant| !grant.held) {
            let index = grant.entry.statement.index;
            match found.iter_mut().find(|(known, _)| *known == index) {
                Some((_, entries)) => entries.push((action, grant.entry)),
                None => found.push((index, vec![(action, grant.entry)])),
            }
        }
    }
    for (_, mut entries) in found {
        let count = entries.len();
        entries.dedup_by_key(|(_, entry)| entry.span);
        let Some(((action, first), others)) = entries.split_first() else { continue };
        let more = match count {
            1 => String::new(),
            2 => " and one more action".to_owned(),
            more => format!(" and {} more actions", more - 1),
        };
        let mut finding = cx
            .finding(first.span, format!("{}{more}: actions may go unrecorded", first.names(action)))
            .label("turns off a log or an alarm")
            .help("take it out, or deny it to all but a few with a service control policy");
        for (_, entry) in others.iter().take(MOST_LABELS) {
            finding = finding.also_at(entry.span, "and this");
        }
        cx.report(finding);
    }
}
