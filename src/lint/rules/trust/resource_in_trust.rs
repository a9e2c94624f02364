use crate::kind::Kind;
use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::{PrincipalType, Statement};

rule! {
    /// A trust policy names resources.
    ///
    /// ## Why
    ///
    /// The role that the policy is attached to is what it is about. IAM refuses a trust policy with a `Resource`
    /// or `NotResource`.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "ec2.amazonaws.com" },
    ///     "Action": "sts:AssumeRole",
    ///     "Resource": "arn:aws:iam::111111111111:role/web"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "ec2.amazonaws.com" },
    ///     "Action": "sts:AssumeRole"
    ///   }
    /// }
    /// ```
    name: "resource-in-trust", group: Trust, severity: Error, since: "0.1.0",
    rows: ["TRU-01"],
    peers: [
        "access-analyzer:ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", "cfn-lint:E3530",
        "iam-policy-validator:unexpected_resource",
    ],
    kinds: [Trust, Resource],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = &statement.resource else { return };
    let is_trust = cx.document.kind == Kind::Trust;
    if !is_trust && !can_be_nothing_else(statement) {
        return;
    }
    let name = if element.negated { "NotResource" } else { "Resource" };
    let message = format!("`{name}` has no place in a role trust policy");
    cx.report(
        cx.finding(element.key, message)
            .label("IAM refuses it")
            .help(format!("remove `{name}`: the policy is about the role that it is attached to")),
    );
}

/// A statement that takes on roles for a service or an identity provider stands in a trust policy, whatever
/// the rest looks like.
fn can_be_nothing_else(statement: &Statement) -> bool {
    let named = [PrincipalType::Service, PrincipalType::Federated];
    let actions = statement.actions();
    named.into_iter().any(|kind| trust::principals(statement, kind).next().is_some())
        && !actions.is_empty()
        && actions
            .iter()
            .all(|action| trust::ASSUME.iter().any(|known| action.text.eq_ignore_ascii_case(known)))
}
