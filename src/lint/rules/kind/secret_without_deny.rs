use crate::lint::rule::rule;
use crate::lint::trust::names;
use crate::lint::{Check, Context};
use crate::policy::Statement;
use crate::span::Span;

rule! {
    /// The policy of a secret denies it to nobody.
    ///
    /// ## Why
    ///
    /// In the secret's own account every policy that allows `secretsmanager:*` opens it, whatever the secret's
    /// policy says. Only a `Deny` in it, for all but those who need it, keeps the others out.
    ///
    /// ## Examples
    ///
    /// ```json bad secretsmanager
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///       "Action": "secretsmanager:GetSecretValue",
    ///       "Resource": "*"
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good secretsmanager
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///       "Action": "secretsmanager:GetSecretValue",
    ///       "Resource": "*"
    ///     },
    ///     {
    ///       "Effect": "Deny",
    ///       "Principal": "*",
    ///       "Action": "secretsmanager:GetSecretValue",
    ///       "Resource": "*",
    ///       "Condition": { "ArnNotEquals": { "aws:PrincipalArn": "arn:aws:iam::222222222222:role/reader" } }
    ///     }
    ///   ]
    /// }
    /// ```
    name: "secret-without-deny", group: Kind, severity: Note, since: "0.1.0",
    rows: ["SEC-01"],
    peers: ["prowler:secretsmanager_has_restrictive_resource_policy"],
    kinds: [SecretsManager],
    opt_in: true,
    absence: true,
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let statements = &cx.document.policy.statements;
    let denies = |statement: &Statement| {
        let everyone =
            statement.principal.as_ref().is_some_and(|element| element.negated || element.any().is_some());
        statement.denies() && everyone && names(statement, "secretsmanager:GetSecretValue")
    };
    if statements.is_empty()
        || statements.iter().any(|statement| !statement.is_complete() || denies(statement))
    {
        return;
    }
    let start = cx.document.tree.span.start as usize;
    let finding =
        cx.finding(Span::new(start, start + 1), "nothing keeps the other principals of the account out");
    cx.report(finding.help(
        "add a Deny of \"secretsmanager:GetSecretValue\" for \"*\" with \"ArnNotEquals\" on `aws:PrincipalArn`",
    ));
}
