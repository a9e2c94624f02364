use crate::kind::Kind;
use crate::lint::facts::{action_values, is_pattern};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A key about the owner of a VPC endpoint is used with a service that does not send it.
    ///
    /// ## Why
    ///
    /// `aws:VpceAccount`, `aws:VpceOrgID` and `aws:VpceOrgPaths` are filled by some services only. With others
    /// the key is always absent: an Allow allows nothing, a Deny of all other endpoints denies everything.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sns:Publish",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:expel-topic",
    ///     "Condition": { "StringEquals": { "aws:VpceOrgID": "o-a1b2c3d4e5" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "StringEquals": { "aws:VpceOrgID": "o-a1b2c3d4e5" } }
    ///   }
    /// }
    /// ```
    name: "vpce-key-unsupported", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-43"],
    peers: ["access-analyzer:USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES"],
    check: Check::Statement(check),
}

/// The services that send the keys, after AWS's examples of policies for a data perimeter (2026).
const SERVICES: &[&str] = &[
    "acm-pca",
    "applicationinsights",
    "apprunner",
    "athena",
    "b2bi",
    "cassandra",
    "cloudformation",
    "cognito-identity",
    "comprehendmedical",
    "compute-optimizer",
    "datasync",
    "discovery",
    "dms",
    "ds-data",
    "ebs",
    "ecr",
    "ecs",
    "firehose",
    "healthlake",
    "identitystore",
    "iotfleetwise",
    "iottwinmaker",
    "iotwireless",
    "kinesisanalytics",
    "kms",
    "lambda",
    "medical-imaging",
    "network-firewall",
    "omics",
    "payment-cryptography",
    "polly",
    "pricing",
    "rbin",
    "rekognition",
    "route53",
    "s3",
    "scheduler",
    "servicediscovery",
    "servicequotas",
    "ses",
    "sms-voice",
    "sqs",
    "ssm-contacts",
    "storagegateway",
    "textract",
    "transcribe",
    "transfer",
    "workmail",
];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    // What an endpoint lets through has passed it; there the key is not what decides.
    if cx.document.kind == Kind::Endpoint || statement.action.as_ref().is_none_or(|action| action.negated) {
        return;
    }
    let keys = ["aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"];
    let is_one = |key: &str| keys.contains(&key.to_ascii_lowercase().as_str());
    for test in statement.conditions.iter().filter(|test| is_one(&test.key)) {
        let service = |text: &str| text.split(':').next().unwrap_or(text).to_ascii_lowercase();
        let lacks = |service: &str| !is_pattern(service) && SERVICES.binary_search(&service).is_err();
        let Some(action) = action_values(statement).find(|value| lacks(&service(&value.text))) else {
            continue;
        };
        let message = format!(
            "`{}` is not sent by `{}`, as far as AWS's examples say",
            test.key,
            service(&action.text)
        );
        let finding =
            cx.finding(test.key_span, message).label("absent …").also_at(action.span, "… with this");
        cx.report(finding.help("test `aws:SourceVpce` or `aws:SourceVpc`, which all services send"));
    }
}
