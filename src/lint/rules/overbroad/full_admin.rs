use crate::diagnostic::Severity;
use crate::lint::grants::is_star;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Value};

rule! {
    /// Every action on every resource: an administrator.
    ///
    /// ## Why
    ///
    /// `"*"` on `"*"` is all that the account can do, now and with every service that AWS will ever add. If
    /// that is meant, AWS's own policy `AdministratorAccess` says so by its name, and is seen by those who
    /// look for administrators.
    ///
    /// A condition makes the finding a note.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports" },
    ///     { "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": { "Bool": { "aws:SecureTransport": "false" } } }
    ///   ]
    /// }
    /// ```
    name: "full-admin", group: Overbroad, severity: Warning, since: "0.1.0",
    rows: ["OVR-01"],
    peers: [
        "checkov:CKV_AWS_1", "checkov:CKV_AWS_62", "prowler:iam_no_administrative_privileges", "cfn-nag:F3", "cfn-nag:F4",
        "cfn-nag:F5", "terrascan:AC_AWS_0474", "iam-policy-validator:full_wildcard",
        "scoutsuite:iam-managed-policy-allows-full-privileges", "trivy:AWS-0057", "security-hub:IAM.1",
        "cloudsplaining:ServiceWildcard",
    ],
    kinds: [Identity],
    check: Check::Statement(check),
}

/// The value that stands for every action.
pub(super) fn every_action(statement: &Statement) -> Option<&Value> {
    let element = statement.action.as_ref().filter(|element| !element.negated)?;
    element
        .values
        .items
        .iter()
        .find(|value| matches!(value.text.as_str(), "*" | "*:*") || is_star(&value.text))
}

/// Whether the policy's own Deny statements take back what an Allow of everything gives, as far as two
/// actions tell that administrators use and that name very different things.
pub(super) fn is_taken_back(statement: &Statement, cx: &Context<'_>) -> bool {
    let grants = cx.grants();
    let is_left =
        |action: &str| grants.of(action).iter().any(|grant| grant.entry.statement.index == statement.index);
    !is_left("iam:PassRole") && !is_left("s3:GetObject")
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let (Some(action), Some(resource)) = (every_action(statement), &statement.resource) else { return };
    let every = |value: &Value| {
        is_star(&value.text) || value.text == "arn:aws:*:*:*:*" || value.text == "arn:*:*:*:*:*"
    };
    if !statement.allows() || resource.negated || !resource.values.items.iter().any(every) {
        return;
    }
    // Where a Deny leaves nothing of it, it is something else that is wrong.
    if is_taken_back(statement, cx) {
        return;
    }
    let mut finding = cx
        .finding(action.span, "every action is allowed on every resource")
        .label("all that there is …")
        .also_at(resource.values.span, "… on everything")
        .help(match cx.document.owner() {
            Some("policy `AdministratorAccess`") => "attach it to administrators alone",
            _ => {
                "name the services and resources that are needed; for administrators there is AWS's own AdministratorAccess"
            }
        });
    if !statement.is_unconditional() {
        finding.severity = finding.severity.min(Severity::Note);
    }
    cx.report(finding);
}
