use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Principal, Statement};

rule! {
    /// A principal is the id of a user or role that was deleted.
    ///
    /// ## Why
    ///
    /// AWS keeps a user or role in a policy by its unique id and shows the ARN as long as that exists.
    /// An id such as `AROA…` is what is left of a role, `AIDA…` of a user. It lets nobody in, also no
    /// new role of the old name, and AWS will refuse the policy when it is put with the id in it.
    ///
    /// ## Examples
    ///
    /// ```json bad kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "AROAEXAMPLE0123456789" },
    ///     "Action": "kms:Decrypt",
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
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/ExpelAssumeRole" },
    ///     "Action": "kms:Decrypt",
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    name: "deleted-principal", group: Principal, severity: Warning, since: "0.1.0",
    rows: ["PRN-07", "PRN-08"],
    peers: ["access-analyzer:INVALID_ROLE_REFERENCE", "access-analyzer:INVALID_USER_REFERENCE", "parliament:UNKNOWN_PRINCIPAL",
        "cfn-lint:E3512"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for (principal, value) in statement.principal.iter().flat_map(|element| element.principals()) {
        let Principal::UniqueId(id) = principal else { continue };
        let what = match id.get(..4) {
            Some("AROA") => "role",
            Some("AIDA") => "user",
            _ => continue,
        };
        let finding = cx
            .finding(value.span, format!("`{id}` is a {what} that was deleted: AWS will refuse this"))
            .label("the id that is left of it")
            .help(format!("take it out, or write the ARN of the {what} that is meant now"));
        cx.report(finding);
    }
}
