//! Types of resources of which it is known what they give: a change of any other is not passed over.

use crate::locate;

/// Types of CloudFormation whose policies are read, and whose other properties that count are known. Sorted.
const READ: [&str; 55] = [
    "AWS::ApiGateway::DomainNameV2",
    "AWS::ApiGateway::RestApi",
    "AWS::Backup::BackupVault",
    "AWS::Backup::LogicallyAirGappedBackupVault",
    "AWS::CodeArtifact::Domain",
    "AWS::CodeArtifact::Repository",
    "AWS::DSQL::Cluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::VPCEndpoint",
    "AWS::ECR::PublicRepository",
    "AWS::ECR::RegistryPolicy",
    "AWS::ECR::Repository",
    "AWS::EFS::FileSystem",
    "AWS::Events::EventBus",
    "AWS::IAM::Group",
    "AWS::IAM::GroupPolicy",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::OIDCProvider",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::User",
    "AWS::IAM::UserPolicy",
    "AWS::IoT::Policy",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::Kinesis::ResourcePolicy",
    "AWS::Lambda::Function",
    "AWS::Lambda::ResourcePolicy",
    "AWS::Logs::LogGroup",
    "AWS::Logs::ResourcePolicy",
    "AWS::Organizations::Policy",
    "AWS::Organizations::ResourcePolicy",
    "AWS::S3::AccessPoint",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::S3::MultiRegionAccessPointPolicy",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicInlinePolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueueInlinePolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SSO::PermissionSet",
    "AWS::SecretsManager::ResourcePolicy",
    "AWS::SecretsManager::Secret",
    "AWS::Serverless::Api",
    "AWS::Serverless::Function",
    "AWS::Serverless::LayerVersion",
    "AWS::Serverless::SimpleTable",
    "AWS::Serverless::StateMachine",
    "AWS::VpcLattice::AuthPolicy",
];

/// Types of CloudFormation that give no access to an action and name no role, whatever their properties: networks and their balancers,
/// alarms and logs, names and certificates, scaling policies, and what only waits. Sorted.
const QUIET: [&str; 59] = [
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::GatewayResponse",
    "AWS::ApiGateway::Model",
    "AWS::ApiGateway::RequestValidator",
    "AWS::ApiGateway::Resource",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::AutoScaling::ScalingPolicy",
    "AWS::AutoScaling::ScheduledAction",
    "AWS::Budgets::Budget",
    "AWS::CDK::Metadata",
    "AWS::CertificateManager::Certificate",
    "AWS::CloudFormation::WaitCondition",
    "AWS::CloudFormation::WaitConditionHandle",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::AnomalyDetector",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::CloudWatch::InsightRule",
    "AWS::EC2::DHCPOptions",
    "AWS::EC2::EIP",
    "AWS::EC2::EIPAssociation",
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::KeyPair",
    "AWS::EC2::NatGateway",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::NetworkInterface",
    "AWS::EC2::PlacementGroup",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCCidrBlock",
    "AWS::EC2::VPCDHCPOptionsAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::Volume",
    "AWS::EC2::VolumeAttachment",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerCertificate",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Version",
    "AWS::Logs::LogStream",
    "AWS::Logs::MetricFilter",
    "AWS::Logs::QueryDefinition",
    "AWS::Route53::HealthCheck",
    "AWS::Route53::HostedZone",
    "AWS::Route53::RecordSet",
];

/// Whether it is known what of a resource of that type gives access.
pub(super) fn is_known(kind: &str) -> bool {
    READ.binary_search(&kind).is_ok() || QUIET.binary_search(&kind).is_ok()
}

/// Whether a property gives nothing, of whatever type it is. Where a policy tests tags, these count by themselves.
pub(super) fn is_neutral(property: &str) -> bool {
    ["Comment", "Description", "Tags"].contains(&property)
}

/// The members of Terraform's types that decide what is given beside policies; no other member does. Sorted.
const MEMBERS_IN_TERRAFORM: [(&str, &[&str]); 12] = [
    ("aws_api_gateway_rest_api", &["endpoint_configuration"]),
    ("aws_elasticsearch_domain", &["advanced_security_options", "vpc_options"]),
    ("aws_instance", &["iam_instance_profile"]),
    ("aws_kms_external_key", &["enabled"]),
    ("aws_kms_key", &["is_enabled"]),
    ("aws_kms_replica_external_key", &["enabled"]),
    ("aws_kms_replica_key", &["enabled"]),
    ("aws_lambda_function", &["role"]),
    ("aws_launch_template", &["iam_instance_profile"]),
    ("aws_opensearch_domain", &["advanced_security_options", "vpc_options"]),
    ("aws_s3_access_point", &["public_access_block_configuration", "vpc_configuration"]),
    ("aws_s3_bucket", &["acl", "grant"]),
];

/// Types of Terraform that give no access to an action by what is in none of their policies, and name no role. Sorted.
const QUIET_IN_TERRAFORM: [&str; 118] = [
    "aws_acm_certificate",
    "aws_acm_certificate_validation",
    "aws_alb",
    "aws_alb_listener",
    "aws_alb_listener_certificate",
    "aws_alb_listener_rule",
    "aws_alb_target_group",
    "aws_alb_target_group_attachment",
    "aws_api_gateway_deployment",
    "aws_api_gateway_gateway_response",
    "aws_api_gateway_model",
    "aws_api_gateway_request_validator",
    "aws_api_gateway_resource",
    "aws_appautoscaling_policy",
    "aws_appautoscaling_scheduled_action",
    "aws_autoscaling_attachment",
    "aws_autoscaling_policy",
    "aws_autoscaling_schedule",
    "aws_backup_vault",
    "aws_budgets_budget",
    "aws_cloudwatch_composite_alarm",
    "aws_cloudwatch_dashboard",
    "aws_cloudwatch_event_bus",
    "aws_cloudwatch_log_group",
    "aws_cloudwatch_log_metric_filter",
    "aws_cloudwatch_log_stream",
    "aws_cloudwatch_metric_alarm",
    "aws_cloudwatch_query_definition",
    "aws_codeartifact_domain",
    "aws_codeartifact_repository",
    "aws_db_subnet_group",
    "aws_default_network_acl",
    "aws_default_route_table",
    "aws_default_security_group",
    "aws_default_subnet",
    "aws_default_vpc",
    "aws_default_vpc_dhcp_options",
    "aws_dynamodb_table",
    "aws_ebs_volume",
    "aws_ecr_lifecycle_policy",
    "aws_ecr_repository",
    "aws_efs_file_system",
    "aws_efs_mount_target",
    "aws_egress_only_internet_gateway",
    "aws_eip",
    "aws_eip_association",
    "aws_elasticache_subnet_group",
    "aws_elb",
    "aws_elb_attachment",
    "aws_iam_group",
    "aws_iam_user",
    "aws_internet_gateway",
    "aws_internet_gateway_attachment",
    "aws_key_pair",
    "aws_kinesis_stream",
    "aws_lambda_event_source_mapping",
    "aws_lambda_function_event_invoke_config",
    "aws_lambda_layer_version",
    "aws_lb",
    "aws_lb_listener",
    "aws_lb_listener_certificate",
    "aws_lb_listener_rule",
    "aws_lb_target_group",
    "aws_lb_target_group_attachment",
    "aws_main_route_table_association",
    "aws_nat_gateway",
    "aws_network_acl",
    "aws_network_acl_association",
    "aws_network_acl_rule",
    "aws_network_interface",
    "aws_network_interface_sg_attachment",
    "aws_placement_group",
    "aws_route",
    "aws_route53_health_check",
    "aws_route53_record",
    "aws_route53_zone",
    "aws_route_table",
    "aws_route_table_association",
    "aws_s3_bucket_accelerate_configuration",
    "aws_s3_bucket_analytics_configuration",
    "aws_s3_bucket_cors_configuration",
    "aws_s3_bucket_intelligent_tiering_configuration",
    "aws_s3_bucket_inventory",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_logging",
    "aws_s3_bucket_metric",
    "aws_s3_bucket_object_lock_configuration",
    "aws_s3_bucket_request_payment_configuration",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_s3_bucket_website_configuration",
    "aws_secretsmanager_secret_version",
    "aws_security_group",
    "aws_security_group_rule",
    "aws_sqs_queue_redrive_allow_policy",
    "aws_sqs_queue_redrive_policy",
    "aws_ssoadmin_permission_set",
    "aws_subnet",
    "aws_volume_attachment",
    "aws_vpc",
    "aws_vpc_dhcp_options",
    "aws_vpc_dhcp_options_association",
    "aws_vpc_ipv4_cidr_block_association",
    "aws_vpc_ipv6_cidr_block_association",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
    "pulumi:pulumi:Stack",
    "random_id",
    "random_integer",
    "random_password",
    "random_pet",
    "random_shuffle",
    "random_string",
    "random_uuid",
    "time_offset",
    "time_rotating",
    "time_sleep",
    "time_static",
];

/// What of a resource may give access that is in none of its policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counts {
    /// Nothing.
    Nothing,
    /// These members.
    Members(&'static [&'static str]),
    /// All that it says: it is not known what it gives.
    All,
}

/// What counts of a resource of a type of Terraform's.
pub(super) fn of_terraform(kind: &str) -> Counts {
    if let Ok(at) = MEMBERS_IN_TERRAFORM.binary_search_by_key(&kind, |(known, _)| known) {
        return Counts::Members(MEMBERS_IN_TERRAFORM[at].1);
    }
    let is_known = QUIET_IN_TERRAFORM.binary_search(&kind).is_ok() || locate::has_policies_in_terraform(kind);
    if is_known { Counts::Nothing } else { Counts::All }
}

/// Whether an attribute of a resource of Terraform or Pulumi gives nothing, of whatever type that is. Where a policy tests
/// tags, these count by themselves.
pub(super) fn is_neutral_in_terraform(attribute: &str) -> bool {
    let plain = attribute.replace('_', "").to_ascii_lowercase();
    ["arn", "comment", "defaults", "description", "id", "tags", "tagsall", "timeouts"].contains(&&*plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_have_nothing_in_common() {
        assert!(READ.is_sorted() && QUIET.is_sorted());
        assert!(READ.iter().all(|kind| !QUIET.contains(kind)));
        assert!(QUIET_IN_TERRAFORM.is_sorted() && MEMBERS_IN_TERRAFORM.is_sorted());
        assert!(MEMBERS_IN_TERRAFORM.iter().all(|(kind, _)| !QUIET_IN_TERRAFORM.contains(kind)));
    }
}
