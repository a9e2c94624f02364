use crate::analyze::public::{Hold, hold, names_an_owner};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{PrincipalType, Statement, Test};

rule! {
    /// A service is let in whichever account it acts for.
    ///
    /// ## Why
    ///
    /// Anybody can set the service up in his own account and point it at this resource; the service
    /// then comes with its own name, as it does for the owner. `aws:SourceArn`, `aws:SourceAccount` or
    /// `aws:SourceOrgID` say for whom it must act.
    ///
    /// Trust policies are left out: there the service takes the role on for the role's own account.
    ///
    /// ## Examples
    ///
    /// ```json bad kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "config.amazonaws.com" },
    ///     "Action": [ "kms:Decrypt", "kms:GenerateDataKey" ],
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "config.amazonaws.com" },
    ///     "Action": [ "kms:Decrypt", "kms:GenerateDataKey" ],
    ///     "Resource": "*",
    ///     "Condition": { "StringEquals": { "aws:SourceOrgID": "o-a1b2c3d4e5" } }
    ///   }
    /// }
    /// ```
    name: "confused-deputy", group: ConfusedDeputy, severity: Warning, since: "0.1.0",
    rows: ["CDP-01", "CDP-04", "LMB-01"],
    peers: [
        "access-analyzer:RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", "iam-policy-validator:confused_deputy_risk",
        "checkov:CKV_AWS_364", "trivy:AWS-0067",
    ],
    kinds: [Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda, Resource],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = statement.principal.as_ref().filter(|element| !element.negated) else { return };
    if !statement.allows() || !statement.is_complete() {
        return;
    }
    let kind = cx.document.kind;
    let mut services = element
        .entries
        .iter()
        .filter(|entry| entry.kind == PrincipalType::Service)
        .flat_map(|entry| &entry.values.items)
        .filter(|value| !value.is_function() && value.text != "*");
    let Some(service) = services.next() else { return };
    if statement.conditions.iter().any(|test| says_for_whom(test, statement, cx)) {
        return;
    }
    let thing = kind.thing();
    let others = services.count();
    let who = match others {
        0 => format!("`{}` may", service.text),
        1 => format!("`{}` and one more service may", service.text),
        more => format!("`{}` and {more} more services may", service.text),
    };
    let mut finding = cx
        .finding(service.span, format!("{who} use this {thing} whichever account it acts for"))
        .label("acts for whoever asks it")
        .help(
            "add \"StringEquals\": { \"aws:SourceAccount\": \"<account>\" }; `aws:SourceOrgID` and \
             `aws:SourceArn` do as well",
        );
    // A test that was meant to say it and does not.
    let meant = statement.conditions.iter().find(|test| is_source(&test.key));
    if let Some(test) = meant {
        let why = match hold(test, statement, kind) {
            Hold::Absent => "… also if it does not say for whom",
            Hold::Open => "… as this is true of every account",
            _ => "… and this does not say for whom",
        };
        finding = finding.also_at(test.values.span, why);
    }
    cx.report(finding);
}

fn is_source(key: &str) -> bool {
    let keys =
        ["aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner"];
    keys.contains(&key.to_ascii_lowercase().as_str())
}

/// Whether a test holds a service to somebody's account, organization or resource.
fn says_for_whom(test: &Test, statement: &Statement, cx: &Context<'_>) -> bool {
    let key = test.key.to_ascii_lowercase();
    if is_source(&key) || key == "kms:calleraccount" || key == "lambda:sourceaccount" {
        return match hold(test, statement, cx.document.kind) {
            Hold::Fixed | Hold::Unknown => true,
            // A `*` that runs across the account is `string-operator-on-arn`'s matter.
            Hold::Open => test.values.items.iter().all(|value| names_an_owner(&value.text)),
            _ => false,
        };
    }
    // What a service encrypts carries the ARN of the owner's resource with it.
    key.starts_with("kms:encryptioncontext:")
        && !test.operator.kind.is_negated()
        && !test.operator.if_exists
        && test.values.items.iter().all(|value| value.is_function() || names_an_owner(&value.text))
}
