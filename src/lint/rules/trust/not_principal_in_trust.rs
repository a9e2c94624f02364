use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A trust policy says who is not meant.
    ///
    /// ## Why
    ///
    /// IAM refuses `NotPrincipal` in a trust policy, with either effect. Whoever is to be kept out can be named
    /// in a condition of a `Deny`.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "NotPrincipal": { "AWS": "arn:aws:iam::111111111111:role/deploy" },
    ///     "Action": "sts:AssumeRole"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": { "AWS": "*" },
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": { "ArnNotEquals": { "aws:PrincipalArn": "arn:aws:iam::111111111111:role/deploy" } }
    ///   }
    /// }
    /// ```
    name: "not-principal-in-trust", group: Trust, severity: Error, since: "0.1.0",
    rows: ["TRU-02"],
    peers: ["access-analyzer:ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", "cfn-nag:F6"],
    kinds: [Trust],
    gives_way_to: ["not-principal-allow"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = statement.principal.as_ref().filter(|element| element.negated) else { return };
    let finding =
        cx.finding(element.key, "`NotPrincipal` has no place in a role trust policy").label("IAM refuses it");
    cx.report(finding.help(
        "name the principals that are meant; to keep some out, deny \"*\" with \"ArnNotEquals\" on `aws:PrincipalArn`",
    ));
}
