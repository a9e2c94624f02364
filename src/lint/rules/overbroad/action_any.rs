use super::full_admin::{every_action, is_taken_back};
use crate::kind::Kind;
use crate::lint::grants::is_star;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// Every action on some resources.
    ///
    /// ## Why
    ///
    /// `"Action": "*"` on one bucket is every action of S3 that names the bucket: reading, deleting, and
    /// changing who else may. With an ARN that holds wildcards it is easily more than one service.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::reports/*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" }
    /// }
    /// ```
    name: "action-any", group: Overbroad, severity: Note, since: "0.1.0",
    rows: ["OVR-02"],
    peers: ["checkov:CKV_AWS_49", "checkov:CKV_AWS_63", "iam-policy-validator:wildcard_action"],
    kinds: [Identity, Ecr, SecretsManager, Resource],
    gives_way_to: ["full-admin", "not-resource-allow", "principal-any", "public-access"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(action) = every_action(statement).filter(|_| statement.allows()) else { return };
    let on_all =
        statement.resource.iter().flat_map(|element| &element.values.items).any(|value| is_star(&value.text));
    if cx.document.kind == Kind::Identity && on_all && is_taken_back(statement, cx) {
        return;
    }
    let mut finding = cx
        .finding(action.span, "every action is allowed, whatever it does")
        .label("also those that change who may do what")
        .help("name the actions that are needed");
    if let Some(resource) = &statement.resource {
        finding = finding.also_at(resource.values.span, "on these");
    }
    cx.report(finding);
}
