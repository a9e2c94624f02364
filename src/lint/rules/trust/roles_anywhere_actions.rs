use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::{PrincipalType, Statement};

rule! {
    /// IAM Roles Anywhere is not allowed all that it does when it takes on a role.
    ///
    /// ## Why
    ///
    /// The service puts what the certificate says into session tags and the source identity. It needs
    /// `sts:TagSession` and `sts:SetSourceIdentity` beside `sts:AssumeRole`, and fails without them.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "rolesanywhere.amazonaws.com" },
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": {
    ///       "ArnEquals": { "aws:SourceArn": "arn:aws:rolesanywhere:eu-west-1:111111111111:trust-anchor/a" }
    ///     }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "rolesanywhere.amazonaws.com" },
    ///     "Action": [ "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity" ],
    ///     "Condition": {
    ///       "ArnEquals": { "aws:SourceArn": "arn:aws:rolesanywhere:eu-west-1:111111111111:trust-anchor/a" }
    ///     }
    ///   }
    /// }
    /// ```
    name: "roles-anywhere-actions", group: Trust, severity: Error, since: "0.1.0",
    rows: ["TRU-07"],
    peers: ["access-analyzer:MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY"],
    kinds: [Trust],
    check: Check::Document(check),
}

const NEEDED: [&str; 3] = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];

fn check(cx: &mut Context<'_>) {
    let roles_anywhere = |statement: &&Statement| {
        statement.allows()
            && statement.is_complete()
            && trust::principals(statement, PrincipalType::Service)
                .any(|service| service.text == "rolesanywhere.amazonaws.com")
    };
    // The three may stand in several statements.
    let statements: Vec<&Statement> = cx.document.policy.statements.iter().filter(roles_anywhere).collect();
    let Some(element) = statements.first().and_then(|statement| statement.action.as_ref()) else { return };
    let missing: Vec<String> = NEEDED
        .iter()
        .filter(|action| !statements.iter().any(|statement| trust::names(statement, action)))
        .map(|action| format!("`{action}`"))
        .collect();
    if missing.is_empty() {
        return;
    }
    let message = format!("`rolesanywhere.amazonaws.com` also needs {}", missing.join(" and "));
    let finding =
        cx.finding(element.values.span, message).label("it cannot take on the role with this alone");
    cx.report(
        finding.help("write \"Action\": [\"sts:AssumeRole\", \"sts:TagSession\", \"sts:SetSourceIdentity\"]"),
    );
}
