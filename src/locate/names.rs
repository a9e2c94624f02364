//! What members are called that are policies, where the type of what has them is not in our tables.

/// How members are called, in lower case and without `_`, that are policies of a resource.
const OF: [&str; 18] = [
    "accesspolicies",
    "accesspolicy",
    "assumerolepolicy",
    "authpolicy",
    "bucketpolicy",
    "containerpolicy",
    "destinationpolicy",
    "endpointpolicy",
    "filesystempolicy",
    "grouppolicy",
    "iampolicy",
    "inlinepolicy",
    "keypolicy",
    "permissionspolicy",
    "repositorypolicy",
    "resourcepolicy",
    "sessionpolicy",
    "trustpolicy",
];

/// What a member ends with whose policy is a document, whatever it is for.
const DOCUMENTS: [&str; 4] = ["policydocument", "policyjson", "policytemplate", "policytext"];

/// Types, and members, whose policies are in languages of their own: the rules of ECR's images, Cedar, Guard, the data
/// protection of logs, core networks, ….
const OTHERS: [&str; 13] = [
    "accessentry",
    "accountpolicy",
    "configrule",
    "corenetwork",
    "custompolicy",
    "dataprotection",
    "indexpolicy",
    "lifecycle",
    "opensearchserverless",
    "resiliency",
    "scaling",
    "verifiedaccess",
    "verifiedpermissions",
];

/// Whether a member of a type, as `aws_glue_resource_policy` or `AWS::Logs::Destination`, is a policy by its name.
pub(super) fn is_policy(owner: &str, member: &str) -> bool {
    let (owner, member) = (plain(owner), plain(member));
    let ends = |ends: &[&str]| ends.iter().any(|end| member.ends_with(end));
    let is_other = || OTHERS.iter().any(|other| owner.contains(other) || member.contains(other));
    (member == "policy" || ends(&OF) || ends(&DOCUMENTS)) && !is_other()
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|char| char.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::is_policy;

    #[test]
    fn what_is_a_policy_by_its_name() {
        for (owner, member) in [
            ("aws_glue_resource_policy", "policy"),
            ("aws_s3tables_table_policy", "resource_policy"),
            ("aws_ses_identity_policy", "policy"),
            ("aws_cloudwatch_log_delivery_destination_policy", "delivery_destination_policy"),
            ("aws_sagemaker_model_package_group_policy", "resource_policy"),
            ("awscc_iam_role", "assume_role_policy_document"),
            ("awscc_kms_key", "key_policy"),
            ("AWS::Logs::Destination", "DestinationPolicy"),
            ("AWS::AIOps::InvestigationGroup", "InvestigationGroupPolicy"),
            ("AWS::RAM::Permission", "PolicyTemplate"),
            ("Custom::Foo", "PolicyDocument"),
        ] {
            assert!(is_policy(owner, member), "{owner} {member}");
        }
        for (owner, member) in [
            ("aws_ecr_lifecycle_policy", "policy"),
            ("aws_sqs_queue", "redrive_policy"),
            ("aws_sns_topic", "delivery_policy"),
            ("aws_sns_topic_data_protection_policy", "policy"),
            ("aws_cloudwatch_log_account_policy", "policy_document"),
            ("aws_opensearchserverless_access_policy", "policy"),
            ("aws_config_config_rule", "policy_text"),
            ("aws_networkmanager_core_network_policy_attachment", "policy_document"),
            ("aws_verifiedaccess_group", "policy_document"),
            ("awscc_ecr_repository", "lifecycle_policy_text"),
            ("aws_lb_listener", "ssl_policy"),
            ("aws_iam_role_policy_attachment", "policy_arn"),
            ("AWS::ApiGateway::DomainName", "SecurityPolicy"),
            ("AWS::AutoScaling::ScalingPolicy", "PolicyType"),
        ] {
            assert!(!is_policy(owner, member), "{owner} {member}");
        }
    }
}
