use std::collections::HashMap;

use crate::analyze::canonical::canonical;
use crate::edit::Edit;
use crate::kind::Kind;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;
use crate::span::Span;

rule! {
    /// A statement says the same as an earlier one.
    ///
    /// ## Why
    ///
    /// The second one changes nothing but the size. Whoever narrows one of the two later will wonder
    /// why the access is still there. Order, the case of actions, a string for a list of one and the
    /// `Sid` make no difference.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" },
    ///     { "Effect": "Allow", "Action": [ "s3:getObject" ], "Resource": [ "arn:aws:s3:::reports/*" ] }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" },
    ///     { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::Reports/*" }
    ///   ]
    /// }
    /// ```
    name: "duplicate-statement", group: Redundancy, severity: Note, since: "0.1.0",
    rows: ["RED-03"],
    peers: ["access-analyzer:REDUNDANT_STATEMENT"],
    fix: Safe,
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let key = document.resource.as_deref().filter(|_| document.kind == Kind::Kms);
    let mut first: HashMap<_, &Statement> = HashMap::new();
    for statement in &document.policy.statements {
        let Some(form) = canonical(statement, key) else { continue };
        let Some(before) = first.get(&form) else {
            first.insert(form, statement);
            continue;
        };
        let finding = cx
            .finding(
                cx.opening(statement),
                format!("{} says the same as {}", statement.name(), before.name()),
            )
            .label("again here")
            .also_at(cx.opening(before), "first here")
            .help("take one of them out");
        // In a document that is not read as it looks, an edit could hit something else.
        let span = document.is_sound().then(|| with_comma(statement, cx)).flatten();
        cx.report(match span {
            Some(span) => {
                finding.fix(format!("take {} out", statement.name()), true, vec![Edit::remove(span)])
            }
            None => finding,
        });
    }
}

/// A statement with the comma and the space in front of it.
fn with_comma(statement: &Statement, cx: &Context<'_>) -> Option<Span> {
    let list = cx.document.tree.get(cx.document.text(), "Statement")?.items();
    let index = list.partition_point(|item| item.span.start < statement.span.start);
    let before = list.get(index.checked_sub(1)?)?;
    Some(Span { start: before.span.end, end: statement.span.end })
}
