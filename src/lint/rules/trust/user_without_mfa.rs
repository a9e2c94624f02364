use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::{Principal, PrincipalType, Statement};

rule! {
    /// A user may take on the role without a second factor.
    ///
    /// ## Why
    ///
    /// Users of IAM have keys that do not expire. Who finds one has the role, too, unless the trust policy
    /// asks for a second factor. A user that is a machine cannot give one: a role in its place, or an external id, is
    /// what such a statement can ask for.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::111111111111:user/ann" },
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::111111111111:user/ann" },
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "true" } }
    ///   }
    /// }
    /// ```
    name: "user-without-mfa", group: Trust, severity: Note, since: "0.1.0",
    rows: ["TRU-21"],
    peers: ["scoutsuite:iam-assume-role-no-mfa"],
    kinds: [Trust],
    gives_way_to: ["missing-external-id"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let asks = statement
        .conditions
        .iter()
        .any(|test| trust::asks_for_mfa(test) || test.key.eq_ignore_ascii_case("sts:ExternalId"));
    if asks || !trust::allows(statement, "sts:AssumeRole") {
        return;
    }
    for value in trust::principals(statement, PrincipalType::Aws) {
        let principal = Principal::new(PrincipalType::Aws, &value.text);
        if matches!(principal, Principal::User(_)) {
            let message = format!("{} may take on the role without a second factor", principal.describe());
            let finding = cx.finding(value.span, message).label("a key of this user is enough");
            cx.report(finding.help("add \"Bool\": { \"aws:MultiFactorAuthPresent\": \"true\" }"));
        }
    }
}
