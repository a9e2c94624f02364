use crate::analyze::oidc::{Protocol, protocol_of};
use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::{Principal, Statement, Value};

rule! {
    /// A principal cannot use the action by which it is to take on the role.
    ///
    /// ## Why
    ///
    /// Accounts, users, roles and services use `sts:AssumeRole`, users of a SAML provider
    /// `sts:AssumeRoleWithSAML`, those of an OpenID Connect provider `sts:AssumeRoleWithWebIdentity`. With
    /// another one the statement lets nobody in.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:saml-provider/corp" },
    ///     "Action": "sts:AssumeRole"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:saml-provider/corp" },
    ///     "Action": "sts:AssumeRoleWithSAML",
    ///     "Condition": { "StringEquals": { "SAML:aud": "https://signin.aws.amazon.com/saml" } }
    ///   }
    /// }
    /// ```
    name: "action-of-other-principal", group: Trust, severity: Error, since: "0.1.0",
    rows: ["TRU-06"],
    peers: [
        "access-analyzer:MISMATCHED_ACTION_FOR_PRINCIPAL",
        "iam-policy-validator:invalid_principal_type_for_assume_action",
    ],
    kinds: [Trust],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = statement.principal.as_ref().filter(|element| !element.negated) else { return };
    if !statement.allows() || !statement.is_complete() {
        return;
    }
    // What is to be filled in may be the action that is missing.
    if statement.action.iter().any(|element| element.values.items.iter().any(Value::is_hole)) {
        return;
    }
    let takes: Vec<&str> =
        trust::ASSUME.into_iter().filter(|action| trust::names(statement, action)).collect();
    if takes.is_empty() {
        return;
    }
    let mut used = Vec::new();
    let mut all_known = true;
    for (principal, value) in element.principals() {
        let Some(action) = trust::action_of(&principal, value) else {
            all_known = false;
            continue;
        };
        used.push(action);
        if !takes.contains(&action) {
            let message =
                format!("{} cannot take on the role with `{}`", who(&principal, value), takes.join("` or `"));
            let finding = cx.finding(value.span, message).label("this statement does not let it in");
            cx.report(finding.help(format!("write \"{action}\"")));
        }
    }
    // An action beside those that the principals use.
    for action in statement.action.iter().flat_map(|element| &element.values.items) {
        let Some(known) = trust::ASSUME.into_iter().find(|known| action.text.eq_ignore_ascii_case(known))
        else {
            continue;
        };
        if all_known && !used.contains(&known) && used.iter().any(|used| takes.contains(used)) {
            let message = format!("none of the principals can use `{known}`");
            cx.report(cx.finding(action.span, message).label("of no effect here").help("take it out"));
        }
    }
}

fn who(principal: &Principal, value: &Value) -> String {
    match (protocol_of(value), principal) {
        (Some(Protocol::Saml), _) => "users of a SAML provider".to_owned(),
        (Some(Protocol::Web), _) => "users of an OpenID Connect provider".to_owned(),
        (None, Principal::Service(service)) => format!("`{service}`"),
        (None, other) => other.describe(),
    }
}
