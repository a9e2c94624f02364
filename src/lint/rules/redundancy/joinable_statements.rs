use std::collections::HashSet;

use crate::analyze::redundancy::{STAGES, joinable};
use crate::lint::covered::scope;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};

rule! {
    /// Statements differ in one element only, and could be one.
    ///
    /// ## Why
    ///
    /// What is said once is read once, and changed once. Every kind of policy is limited in size, and each
    /// statement repeats what it has in common with others. Statements with a `Sid` are not meant: their
    /// author gave each a name.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" },
    ///     { "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::reports/*" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" },
    ///     { "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::uploads/*" }
    ///   ]
    /// }
    /// ```
    name: "joinable-statements", group: Redundancy, severity: Note, since: "0.1.0",
    rows: ["RED-11"],
    peers: [],
    gives_way_to: ["duplicate-statement", "shadowed-statement", "dead-allow"],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let statements = &document.policy.statements;
    if statements.len() < 2 {
        return;
    }
    // What a comment suppresses for one must not become suppressed for another.
    let is_kept = document.statements_with_orders();
    let mut told = HashSet::new();
    for stage in STAGES {
        for mut group in joinable(statements, scope(document), stage) {
            group.retain(|(at, _)| !is_kept[*at]);
            let [(first, differing), others @ ..] = group.as_slice() else { continue };
            // Of two ways to join a statement, the first is told.
            if group.iter().any(|(at, _)| told.contains(at)) {
                continue;
            }
            let Some((second, _)) = others.first() else { continue };
            told.extend(group.iter().map(|(at, _)| *at));
            let (first, second) = (&statements[*first], &statements[*second]);
            let element = differing.name(first);
            let message = match others.len() {
                1 => format!("{} and {} differ in `{element}` only", first.name(), second.name()),
                more => format!("{} and {more} others differ in `{element}` only", first.name()),
            };
            let finding = cx
                .finding(cx.opening(second), message)
                .label("could be one statement …")
                .also_at(cx.opening(first), "… with this one")
                .help("`polmerge compact` joins them, and proves that the access stays the same");
            cx.report(finding);
        }
    }
}
