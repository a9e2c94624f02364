use crate::analyze::redundancy::Part;
use crate::kind::Kind;
use crate::lint::rule::rule;
use crate::lint::{Check, Context, covered};
use crate::policy::{Arn, Principal, Statement};

rule! {
    /// A principal is covered by another one of its list.
    ///
    /// ## Why
    ///
    /// `"*"` is everyone, also those who are named beside it; an account's id and the ARN of its root are the
    /// same; and in a trust policy a role stands for all its sessions. An account does not cover its roles: it
    /// lets its own policies decide, while naming a role grants to the role.
    ///
    /// ## Examples
    ///
    /// ```json bad kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": [ "111111111111", "arn:aws:iam::111111111111:root" ] },
    ///     "Action": "kms:*",
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": [ "111111111111" ] },
    ///     "Action": "kms:*",
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": [ "arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:role/Reader" ] },
    ///     "Action": "kms:*",
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    name: "redundant-principal", group: Redundancy, severity: Note, since: "0.1.0",
    rows: ["RED-08"],
    peers: ["access-analyzer:REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY"],
    fix: Safe,
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    covered::report(statement, cx, |part| matches!(part, Part::Principal(..)));
    if cx.document.kind == Kind::Trust {
        sessions(statement, cx);
    }
}

/// Sessions of a role that is named as well.
fn sessions(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = statement.principal.as_ref().filter(|element| !element.negated) else { return };
    let roles: Vec<_> = element
        .principals()
        .filter_map(|(principal, value)| match principal {
            Principal::Role(role) => Some((role, value)),
            _ => None,
        })
        .collect();
    for (principal, value) in element.principals() {
        let Principal::Session(session) = &principal else { continue };
        let Some(session) = Arn::parse(session) else { continue };
        let name = session.after("assumed-role").map(|rest| rest.split('/').next().unwrap_or(rest));
        let role = roles.iter().find(|(role, _)| {
            Arn::parse(role).is_some_and(|role| role.account == session.account && Some(role.name()) == name)
        });
        let Some((role, at)) = role else { continue };
        // No edit: who names a session exempts it from limits that hold for the role.
        let finding = cx
            .finding(value.span, format!("`{}` is a session of `{role}`, which is there too", value.text))
            .label("nothing more than …")
            .also_at(at.span, "… all sessions of this role")
            .help("take the session out, or the role if only this session was meant");
        cx.report(finding);
    }
}
