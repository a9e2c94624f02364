use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A service control policy denies everything to everyone.
    ///
    /// ## Why
    ///
    /// It also holds for the role that has to look after the account: nothing in it can be read, repaired or
    /// closed until the policy is taken off. For an account that is to be shut, spare at least the role that
    /// does it, with `aws:PrincipalArn`. The management account is not bound by it.
    ///
    /// ## Examples
    ///
    /// ```json bad scp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Deny", "Action": "*", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good scp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Action": "*",
    ///     "Resource": "*",
    ///     "Condition": { "ArnNotLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/AWSControlTowerExecution" } }
    ///   }
    /// }
    /// ```
    name: "scp-denies-all", group: Organization, severity: Warning, since: "0.1.0",
    rows: ["ORG-16"],
    peers: [],
    kinds: [Scp],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let any_action = statement.action.as_ref().is_some_and(|element| !element.negated)
        && statement.actions().iter().any(|action| action.is_any());
    let any_resource = statement.resource.as_ref().is_some_and(|element| !element.negated)
        && statement.resources().iter().any(|resource| resource.is_any());
    let all = any_action && any_resource && statement.is_unconditional();
    let Some(span) = statement.effect_span.filter(|_| statement.denies() && statement.is_complete() && all)
    else {
        return;
    };
    let finding = cx.finding(span, "everything is denied to everyone, also to who looks after the account");
    cx.report(finding.label("on no condition").help(
        "spare the role that does: \"ArnNotLike\": { \"aws:PrincipalArn\": \"arn:aws:iam::*:role/<role>\" }",
    ));
}
