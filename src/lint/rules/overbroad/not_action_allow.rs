use crate::diagnostic::Severity;
use crate::lint::grants::is_star;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// An `Allow` with `NotAction` allows everything but a few.
    ///
    /// ## Why
    ///
    /// What is not named is allowed, of every service that there is and will be. The list shrinks what is
    /// allowed by as much as its author thought of. What is meant is mostly a `Deny` with `NotAction`, or an
    /// `Allow` that names the actions.
    ///
    /// On resources that are named the finding is a note: there it is the actions of their service alone.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "NotAction": "iam:*", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "NotAction": "iam:*",
    ///     "Resource": "*",
    ///     "Condition": { "StringNotEquals": { "aws:RequestedRegion": "eu-central-1" } }
    ///   }
    /// }
    /// ```
    name: "not-action-allow", group: Overbroad, severity: Warning, since: "0.1.0",
    rows: ["OVR-06", "OVR-08"],
    peers: [
        "cfn-nag:W14", "cfn-nag:W15", "cfn-nag:W16", "cfn-nag:W17", "cfn-nag:W18", "cfn-nag:W19", "cfn-nag:W20",
        "iam-policy-validator:not_action_allow", "iam-policy-validator:not_action_allow_no_condition",
        "iam-policy-validator:combined_not_action_not_resource", "scoutsuite:iam-policy-allows-NotActions",
        "cloudsplaining:NotAction",
    ],
    kinds: [Identity, Trust, Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda, Resource],
    gives_way_to: ["principal-any", "public-access", "action-and-not-action", "trust-action"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(action) = statement.action.as_ref().filter(|element| element.negated) else { return };
    // What excepts everything allows nothing.
    if !statement.allows() || statement.actions().iter().any(|spared| spared.is_any()) {
        return;
    }
    let resource = statement.resource.as_ref();
    let everywhere = resource.is_some_and(|element| {
        element.negated || element.values.items.iter().any(|value| is_star(&value.text))
    });
    let message = match resource {
        Some(element) if element.negated => {
            "everything but a few actions is allowed, on everything but a few resources"
        }
        _ => "everything but a few actions is allowed",
    };
    let mut finding = cx
        .finding(action.key, message)
        .label("all that is not named")
        .help("name with `Action` what is allowed, or make it a `Deny`");
    if let Some(element) = resource {
        finding = finding.also_at(element.key.to(element.values.span), "on these");
    }
    // The policy of a thing reaches no further than the thing.
    if !everywhere || cx.document.kind.names_principal() || !statement.is_unconditional() {
        finding.severity = finding.severity.min(Severity::Note);
    }
    cx.report(finding);
}
