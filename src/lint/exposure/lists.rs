//! Lists of actions that matter more than others, sorted, in AWS's spelling. What they do is from the API
//! references of the services; which of them matter, from what other linters look for.

/// Actions whose answer holds credentials, and that can be held to resources.
pub(crate) const CREDENTIALS: &[&str] = &[
    "airflow:CreateCliToken",
    "airflow:CreateWebLoginToken",
    "cloud9:CreateEnvironmentToken",
    "codeartifact:GetAuthorizationToken",
    "codepipeline:PollForJobs",
    "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
    "cognito-idp:GetSigningCertificate",
    "connect:GetFederationToken",
    "ec2:GetPasswordData",
    "elasticmapreduce:GetClusterSessionCredentials",
    "emr-containers:GetManagedEndpointSessionCredentials",
    "finspace-api:GetProgrammaticAccessCredentials",
    "gamelift:GetComputeAccess",
    "gamelift:GetComputeAuthToken",
    "gamelift:GetInstanceAccess",
    "gamelift:RequestUploadCredentials",
    "grafana:CreateWorkspaceApiKey",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateServiceSpecificCredential",
    "iam:ResetServiceSpecificCredential",
    "iam:UpdateAccessKey",
    "lightsail:CreateBucketAccessKey",
    "lightsail:GetInstanceAccessDetails",
    "lightsail:GetRelationalDatabaseMasterUserPassword",
    "mediapackage:RotateChannelCredentials",
    "mediapackage:RotateIngestEndpointCredentials",
    "rds-db:connect",
    "redshift-serverless:GetCredentials",
    "redshift:GetClusterCredentials",
    "redshift:GetClusterCredentialsWithIAM",
    "secretsmanager:GetSecretValue",
    "storagegateway:DescribeChapCredentials",
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:GetFederationToken",
];

/// Actions whose answer is content that users put in, or that copy it to where it can be read.
pub(crate) const CONTENT: &[&str] = &[
    "athena:GetQueryResults",
    "codecommit:GitPull",
    "dynamodb:BatchGetItem",
    "dynamodb:ExportTableToPointInTime",
    "dynamodb:GetItem",
    "dynamodb:PartiQLSelect",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ebs:GetSnapshotBlock",
    "kinesis:GetRecords",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "rds-data:ExecuteStatement",
    "rds:CopyDBSnapshot",
    "rds:CreateDBSnapshot",
    "rds:StartExportTask",
    "redshift-data:ExecuteStatement",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
    "ssm:GetParameter",
    "ssm:GetParameterHistory",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "timestream:Select",
];

/// Actions that share or make public, and are not of the level *permissions management* to AWS.
pub(crate) const SHARING: &[&str] = &[
    "cloudformation:ActivateOrganizationsAccess",
    "docdb-elastic:CopyClusterSnapshot",
    "ec2:DisableEbsEncryptionByDefault",
    "ec2:DisableImageBlockPublicAccess",
    "ec2:DisableSnapshotBlockPublicAccess",
    "ec2:ModifyFpgaImageAttribute",
    "ec2:ModifyImageAttribute",
    "es:UpdateDomainConfig",
    "lambda:CreateFunctionUrlConfig",
    "lambda:UpdateFunctionUrlConfig",
    "ram:AssociateResourceShare",
    "ram:CreateResourceShare",
    "ram:UpdateResourceShare",
    "rds:ModifyDBClusterSnapshotAttribute",
    "rds:ModifyDBSnapshotAttribute",
    "route53:AssociateVPCWithHostedZone",
    "route53:CreateVPCAssociationAuthorization",
    "s3:PutBucketWebsite",
    "s3:PutReplicationConfiguration",
    "ssm:ModifyDocumentPermission",
];

/// Actions that end a record or a watch over an account.
pub(crate) const AUDIT: &[&str] = &[
    "access-analyzer:DeleteAnalyzer",
    "cloudtrail:DeleteEventDataStore",
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StopEventDataStoreIngestion",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "config:DeleteConfigurationRecorder",
    "config:DeleteDeliveryChannel",
    "config:StopConfigurationRecorder",
    "detective:DeleteGraph",
    "ec2:DeleteFlowLogs",
    "guardduty:DeleteDetector",
    "guardduty:DeleteMembers",
    "guardduty:DeletePublishingDestination",
    "guardduty:DisassociateFromAdministratorAccount",
    "guardduty:DisassociateFromMasterAccount",
    "guardduty:UpdateDetector",
    "inspector2:Disable",
    "macie2:DisableMacie",
    "organizations:LeaveOrganization",
    "route53resolver:DeleteResolverQueryLogConfig",
    "route53resolver:DisassociateResolverQueryLogConfig",
    "securityhub:DisableSecurityHub",
    "securityhub:DisassociateFromAdministratorAccount",
    "securityhub:DisassociateFromMasterAccount",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn each_is_known_and_in_its_place() {
        for list in [CREDENTIALS, CONTENT, SHARING, AUDIT] {
            assert!(list.is_sorted(), "{list:?}");
            for action in list {
                assert_eq!(catalog::action(action).map(|facts| facts.name()), Some(*action));
            }
        }
        let can_be_held =
            |action: &&str| catalog::action(action).is_some_and(|facts| facts.resources().next().is_some());
        assert_eq!(CREDENTIALS.iter().find(|action| !can_be_held(action)), None);
    }
}
