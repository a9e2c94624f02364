use crate::lint::facts::{arns, dated, is_pattern};
use crate::lint::forms::fits_part;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// An ARN has an account where its type has none, or lacks it where its type has one.
    ///
    /// ## Why
    ///
    /// Such an ARN names nothing. Buckets have no account in their ARNs, nearly all else has.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3::222222222222:reports/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" }
    /// }
    /// ```
    name: "arn-account", group: Resource, severity: Warning, since: "0.1.0",
    rows: ["RES-07", "RES-08"],
    peers: ["access-analyzer:ARN_ACCOUNT_NOT_ALLOWED", "access-analyzer:MISSING_ARN_ACCOUNT"],
    gives_way_to: ["invalid-arn"],
    check: Check::Statement(check),
}

/// Services whose resources all belong to somebody. Others have some of AWS's own, which lack the account:
/// `arn:aws:ssm:us-east-1::document/AWS-RunShellScript`.
const OWNED: &[&str] = &[
    "cloudformation",
    "cloudtrail",
    "dynamodb",
    "ecr",
    "ecs",
    "events",
    "firehose",
    "iam",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "secretsmanager",
    "sns",
    "sqs",
    "states",
    "sts",
];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let known = cx.forms();
    for (value, arn) in arns(statement).filter(|(_, arn)| !is_pattern(arn.service)) {
        let forms = known.of(&arn);
        let Some(form) = forms.first() else { continue };
        if forms.iter().any(|form| fits_part(form.account, arn.account)) {
            continue;
        }
        if arn.account.is_empty() && !OWNED.contains(&arn.service) {
            continue;
        }
        let message = match arn.account {
            "" => format!("ARNs of this type have an account, {}", dated()),
            account => format!("ARNs of this type have no account `{account}`, {}", dated()),
        };
        let finding = cx.finding(value.span, message).label("names nothing");
        cx.report(finding.help(format!("its form is `{}`", form.text())));
    }
}
