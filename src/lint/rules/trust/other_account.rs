use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::{Principal, PrincipalType};

rule! {
    /// The role can be taken on from an account that is not on your list.
    ///
    /// ## Why
    ///
    /// Who is let in from outside is worth a list of its own, however well the statement is written. Accounts
    /// that you name in `polmerge.toml` are yours, as is the role's own where that is known.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/vendor" },
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": { "StringEquals": { "sts:ExternalId": "f3b1c7a2-5e0d" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "config.amazonaws.com" },
    ///     "Action": "sts:AssumeRole"
    ///   }
    /// }
    /// ```
    name: "other-account", group: Trust, severity: Note, since: "0.1.0",
    rows: ["TRU-19"],
    peers: ["cloudsplaining:AssumableByCrossAccountPrincipal"],
    kinds: [Trust],
    opt_in: true,
    gives_way_to: ["missing-external-id"],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let owner = cx.owner();
    for statement in
        cx.document.policy.statements.iter().filter(|statement| trust::allows(statement, "sts:AssumeRole"))
    {
        for value in trust::principals(statement, PrincipalType::Aws) {
            let principal = Principal::new(PrincipalType::Aws, &value.text);
            let Some(account) = principal.account() else { continue };
            if owner.as_deref() == Some(account) || cx.settings.accounts.contains(account) {
                continue;
            }
            let finding = cx.finding(value.span, format!("account {account} can take on the role"));
            cx.report(finding.help(format!(
                "if the account is your own, list it in polmerge.toml: accounts = [\"{account}\"]"
            )));
        }
    }
}
