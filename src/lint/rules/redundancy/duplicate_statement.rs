use std::collections::HashMap;

use crate::analyze::canonical::canonical;
use crate::kind::Kind;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

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
    gives_way_to: ["duplicate-sid"],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let key = document.resource.as_deref().filter(|_| document.kind == Kind::Kms);
    let mut first: HashMap<_, &Statement> = HashMap::new();
    for statement in &document.policy.statements {
        let form = canonical(statement, key);
        let Some(before) = first.get(&form) else {
            first.insert(form, statement);
            continue;
        };
        // At the `Sid`, which is where two statements that also share it are found.
        let place = |statement: &Statement| match (&statement.sid, statement.sid()) {
            (Some(value), Some(_)) => value.span,
            _ => cx.opening(statement),
        };
        let message = format!("{} says the same as {}", statement.name(), before.name());
        let finding = cx.finding(place(statement), message).help("take one of them out");
        // An alias of YAML is written elsewhere than what it stands for.
        let finding = match document.in_file(statement.span) == document.in_file(before.span) {
            true => finding.label("an alias of it is listed as well"),
            false => finding.label("again here").also_at(place(before), "first here"),
        };
        cx.report(match cx.removal(statement) {
            Some(edit) => finding.fix(format!("take {} out", statement.name()), true, vec![edit]),
            None => finding,
        });
    }
}
