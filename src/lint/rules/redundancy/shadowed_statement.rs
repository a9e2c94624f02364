use crate::analyze::canonical::canonical;
use crate::kind::Kind;
use crate::lint::rule::rule;
use crate::lint::shadows::{names, spare};
use crate::lint::{Check, Context};

rule! {
    /// A statement adds nothing: broader statements of the same policy cover it.
    ///
    /// ## Why
    ///
    /// Whoever narrows it, or takes it out, changes nothing, and will wonder why. Often the broader statement
    /// came later, for a test, and was meant to go again. That an account is named does not cover its roles
    /// and users in a key, bucket or trust policy: naming the account lets its own policies decide, naming
    /// the role grants to the role.
    ///
    /// Where two statements cover each other, the later one is named, or the one without a `Sid`.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::reports*" },
    ///     { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/2024/*" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::reports*" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "arn:aws:iam::111111111111:root" },
    ///       "Action": "kms:*",
    ///       "Resource": "*"
    ///     },
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "arn:aws:iam::111111111111:role/Reader" },
    ///       "Action": "kms:Decrypt",
    ///       "Resource": "*"
    ///     }
    ///   ]
    /// }
    /// ```
    name: "shadowed-statement", group: Redundancy, severity: Note, since: "0.1.0",
    rows: ["RED-04"],
    peers: [],
    fix: Safe,
    gives_way_to: ["duplicate-statement"],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let statements = &document.policy.statements;
    if statements.len() < 2 {
        return;
    }
    let key = document.resource.as_deref().filter(|_| document.kind == Kind::Kms);
    for spare in spare(document) {
        let statement = &statements[spare.statement];
        // What a Deny alone takes back, and what is repeated, are findings of their own.
        let same = |at: &usize| canonical(&statements[*at], key) == canonical(statement, key);
        if !spare.by.iter().any(|at| statements[*at].effect == statement.effect) || spare.by.iter().any(same)
        {
            continue;
        }
        let place = statement.sid.as_ref().map_or_else(|| cx.opening(statement), |sid| sid.span);
        let adds = if statement.allows() { "allows" } else { "denies" };
        let does = if spare.by.len() == 1 { "does" } else { "do" };
        let message =
            format!("{} {adds} nothing that {} {does} not", statement.name(), names(document, &spare.by));
        let mut finding = cx
            .finding(place, message)
            .label("covered …")
            .help("take it out, or narrow the broader one if that is what was meant");
        for at in spare.by.iter().take(2) {
            let by = &statements[*at];
            let place = by.sid.as_ref().map_or_else(|| cx.opening(by), |sid| sid.span);
            finding = finding.also_at(place, "… by this one");
        }
        cx.report(match cx.removal(statement) {
            Some(edit) => finding.fix(format!("take {} out", statement.name()), true, vec![edit]),
            None => finding,
        });
    }
}
