//! The ways in which permissions are known to give more than they say: facts, collected by others.
//!
//! The ids are those of <https://pathfinding.cloud/paths/>; where it has none, `tool:name` of a linter
//! that looks for the way. A set that contains another one has its id beside that of the smaller: who
//! has the larger has the smaller.

use super::{Gain, Path};

/// Changes of policies. AWS's API reference for IAM and IAM Identity Center.
const fn permissions(ids: &'static str, power: &'static [&'static str]) -> Path {
    Path { ids, power, with: &[], gain: Gain::Permissions }
}

/// Sign-in as a user.
const fn user(ids: &'static str, action: &'static [&'static str]) -> Path {
    Path { ids, power: action, with: &[], gain: Gain::User }
}

/// Code that runs with a role that is handed to a service for it.
const fn pass(ids: &'static str, services: &'static [&'static str], with: &'static [&'static str]) -> Path {
    Path { ids, power: &["iam:PassRole"], with, gain: Gain::Passed(services) }
}

/// Code of one's own in something that has a role: the first action says in what.
const fn code(ids: &'static str, power: &'static [&'static str], what: &'static str) -> Path {
    Path { ids, power, with: &[], gain: Gain::Code(what) }
}

/// A way into something that runs with a role.
const fn inside(
    ids: &'static str,
    power: &'static [&'static str],
    with: &'static [&'static str],
    what: &'static str,
) -> Path {
    Path { ids, power, with, gain: Gain::Inside(what) }
}

/// A boundary that is taken off or put in another's place.
const fn boundary(ids: &'static str, power: &'static [&'static str]) -> Path {
    Path { ids, power, with: &[], gain: Gain::Boundary }
}

const AGENT_CORE: &[&str] = &["bedrock-agentcore.amazonaws.com"];
const APP_RUNNER: &[&str] = &["tasks.apprunner.amazonaws.com", "build.apprunner.amazonaws.com"];
const BUILD: &[&str] = &["codebuild.amazonaws.com"];
const CLUSTER: &[&str] = &["elasticmapreduce.amazonaws.com", "ec2.amazonaws.com"];
const EC2: &[&str] = &["ec2.amazonaws.com", "ec2.amazonaws.com.cn"];
const FUNCTION: &[&str] = &["lambda.amazonaws.com"];
const GLUE: &[&str] = &["glue.amazonaws.com"];
const PIPELINE: &[&str] =
    &["datapipeline.amazonaws.com", "elasticmapreduce.amazonaws.com", "ec2.amazonaws.com"];
const SAGE_MAKER: &[&str] = &["sagemaker.amazonaws.com"];
const STACK: &[&str] = &["cloudformation.amazonaws.com"];
const SYSTEMS_MANAGER: &[&str] = &["ssm.amazonaws.com"];
const TASK: &[&str] = &["ecs-tasks.amazonaws.com"];

/// Every way, those that give most first.
pub(crate) const PATHS: &[Path] = &[
    permissions("iam-007, iam-018", &["iam:PutUserPolicy"]),
    permissions("iam-005, iam-017, iam-021", &["iam:PutRolePolicy"]),
    permissions("iam-011", &["iam:PutGroupPolicy"]),
    permissions(
        "iam-008, iam-015, iam-policy-validator:CreateUser+AttachUserPolicy",
        &["iam:AttachUserPolicy"],
    ),
    permissions(
        "iam-009, iam-014, iam-019, iam-policy-validator:CreateRole+AttachRolePolicy",
        &["iam:AttachRolePolicy"],
    ),
    permissions("iam-010", &["iam:AttachGroupPolicy"]),
    permissions("iam-001, iam-016, iam-020", &["iam:CreatePolicyVersion"]),
    permissions("cloudsplaining:SetExistingDefaultPolicyVersion", &["iam:SetDefaultPolicyVersion"]),
    permissions("sso-001, sso-002", &["sso:AttachManagedPolicyToPermissionSet"]),
    permissions("sso-003", &["sso:PutInlinePolicyToPermissionSet"]),
    permissions("iam-013", &["iam:AddUserToGroup"]),
    Path {
        ids: "iam-012, prowler:AssumeRole+UpdateAssumeRolePolicy",
        power: &["iam:UpdateAssumeRolePolicy"],
        with: &[],
        gain: Gain::Role,
    },
    user("iam-002, iam-003", &["iam:CreateAccessKey"]),
    user("iam-004", &["iam:CreateLoginProfile"]),
    user("iam-006", &["iam:UpdateLoginProfile"]),
    boundary("iam-022", &["iam:DeleteUserPermissionsBoundary"]),
    boundary("iam-023", &["iam:DeleteRolePermissionsBoundary"]),
    boundary("iam-policy-validator:sensitive_action", &["iam:PutUserPermissionsBoundary"]),
    boundary("iam-policy-validator:sensitive_action", &["iam:PutRolePermissionsBoundary"]),
    pass("ec2-001", EC2, &["ec2:RunInstances"]),
    pass("ec2-003", EC2, &["ec2:RequestSpotInstances"]),
    pass(
        "prowler:PassRole+CreateAutoScaling",
        EC2,
        &["autoscaling:CreateLaunchConfiguration", "autoscaling:CreateAutoScalingGroup"],
    ),
    pass(
        "prowler:PassRole+UpdateAutoScaling",
        EC2,
        &["autoscaling:CreateLaunchConfiguration", "autoscaling:UpdateAutoScalingGroup"],
    ),
    pass("lambda-001", FUNCTION, &["lambda:CreateFunction", "lambda:InvokeFunction"]),
    pass("lambda-002", FUNCTION, &["lambda:CreateFunction", "lambda:CreateEventSourceMapping"]),
    pass("lambda-006", FUNCTION, &["lambda:CreateFunction", "lambda:AddPermission"]),
    pass("ecs-001, ecs-003", TASK, &["ecs:RegisterTaskDefinition", "ecs:CreateService"]),
    // A task can be started with another role than its definition names.
    pass("ecs-002, ecs-004, ecs-008", TASK, &["ecs:RunTask"]),
    pass("ecs-005, ecs-009, prowler:PassRole+ECS+StartTask", TASK, &["ecs:StartTask"]),
    pass("cloudformation-001", STACK, &["cloudformation:CreateStack"]),
    pass(
        "cloudformation-003",
        STACK,
        &["cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"],
    ),
    pass("cloudformation-004", STACK, &["cloudformation:UpdateStackSet"]),
    pass("glue-001", GLUE, &["glue:CreateDevEndpoint"]),
    pass("glue-003", GLUE, &["glue:CreateJob", "glue:StartJobRun"]),
    pass("glue-004", GLUE, &["glue:CreateJob", "glue:CreateTrigger"]),
    pass("glue-005", GLUE, &["glue:UpdateJob", "glue:StartJobRun"]),
    pass("glue-006", GLUE, &["glue:UpdateJob", "glue:CreateTrigger"]),
    pass("codebuild-001", BUILD, &["codebuild:CreateProject", "codebuild:StartBuild"]),
    pass("codebuild-004", BUILD, &["codebuild:CreateProject", "codebuild:StartBuildBatch"]),
    pass("prowler:PassRole+CodeStar", &["codestar.amazonaws.com"], &["codestar:CreateProject"]),
    pass(
        "datapipeline-001",
        PIPELINE,
        &[
            "datapipeline:CreatePipeline",
            "datapipeline:PutPipelineDefinition",
            "datapipeline:ActivatePipeline",
        ],
    ),
    pass("sagemaker-001", SAGE_MAKER, &["sagemaker:CreateNotebookInstance"]),
    pass("sagemaker-002", SAGE_MAKER, &["sagemaker:CreateTrainingJob"]),
    pass("sagemaker-003", SAGE_MAKER, &["sagemaker:CreateProcessingJob"]),
    pass("apprunner-001", APP_RUNNER, &["apprunner:CreateService"]),
    pass(
        "bedrock-001",
        AGENT_CORE,
        &["bedrock-agentcore:CreateCodeInterpreter", "bedrock-agentcore:InvokeCodeInterpreter"],
    ),
    pass(
        "bedrock-003",
        AGENT_CORE,
        &["bedrock-agentcore:CreateAgentRuntime", "bedrock-agentcore:InvokeAgentRuntimeCommand"],
    ),
    pass(
        "ssm-003, iam-policy-validator:privilege_escalation",
        SYSTEMS_MANAGER,
        &["ssm:StartAutomationExecution"],
    ),
    pass(
        "prowler:PassRole+AgentCoreCreateBrowser+ConnectBrowser",
        AGENT_CORE,
        &[
            "bedrock-agentcore:CreateBrowser",
            "bedrock-agentcore:StartBrowserSession",
            "bedrock-agentcore:ConnectBrowserAutomationStream",
        ],
    ),
    pass("ec2-005", EC2, &["ec2:CreateLaunchTemplate", "autoscaling:CreateAutoScalingGroup"]),
    pass("batch-001", TASK, &["batch:RegisterJobDefinition", "batch:SubmitJob"]),
    pass("braket-001", &["braket.amazonaws.com"], &["braket:CreateJob"]),
    pass(
        "cognitoidentity-001",
        &["cognito-identity.amazonaws.com"],
        &["cognito-identity:SetIdentityPoolRoles"],
    ),
    pass("emr-001", CLUSTER, &["elasticmapreduce:RunJobFlow"]),
    pass(
        "emrserverless-001",
        &["emr-serverless.amazonaws.com"],
        &["emr-serverless:CreateApplication", "emr-serverless:StartJobRun"],
    ),
    pass("gamelift-001", &["gamelift.amazonaws.com"], &["gamelift:CreateBuild", "gamelift:CreateFleet"]),
    pass("glue-007", GLUE, &["glue:CreateSession", "glue:RunStatement"]),
    pass(
        "imagebuilder-001",
        EC2,
        &[
            "imagebuilder:CreateComponent",
            "imagebuilder:CreateImageRecipe",
            "imagebuilder:CreateInfrastructureConfiguration",
            "imagebuilder:CreateImage",
        ],
    ),
    pass(
        "kinesisanalytics-001",
        &["kinesisanalytics.amazonaws.com"],
        &["kinesisanalytics:CreateApplication", "kinesisanalytics:StartApplication"],
    ),
    pass("omics-001", &["omics.amazonaws.com"], &["omics:CreateWorkflow", "omics:StartRun"]),
    pass("scheduler-001", &["scheduler.amazonaws.com"], &["scheduler:CreateSchedule"]),
    pass(
        "stepfunctions-001",
        &["states.amazonaws.com"],
        &["states:CreateStateMachine", "states:StartExecution"],
    ),
    code("lambda-003, lambda-004, lambda-005", &["lambda:UpdateFunctionCode"], "a Lambda function"),
    code(
        "prowler:lambda:UpdateFunctionConfiguration",
        &["lambda:UpdateFunctionConfiguration"],
        "a Lambda function",
    ),
    code("glue-002", &["glue:UpdateDevEndpoint"], "a Glue development endpoint"),
    code("cloudformation-002", &["cloudformation:UpdateStack"], "a CloudFormation stack"),
    code(
        "cloudformation-005",
        &["cloudformation:ExecuteChangeSet", "cloudformation:CreateChangeSet"],
        "a CloudFormation stack",
    ),
    code(
        "ec2-002",
        &["ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"],
        "an EC2 instance",
    ),
    code("ec2-004", &["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"], "a launch template"),
    code("apprunner-002", &["apprunner:UpdateService"], "an App Runner service"),
    code(
        "sagemaker-005",
        &[
            "sagemaker:UpdateNotebookInstance",
            "sagemaker:CreateNotebookInstanceLifecycleConfig",
            "sagemaker:StopNotebookInstance",
            "sagemaker:StartNotebookInstance",
        ],
        "a SageMaker notebook",
    ),
    code("stepfunctions-002", &["states:UpdateStateMachine", "states:StartExecution"], "a state machine"),
    inside("batch-002", &["batch:SubmitJob"], &[], "a Batch job definition"),
    inside(
        "codedeploy-001",
        &["codedeploy:CreateDeployment"],
        &["codedeploy:RegisterApplicationRevision", "codedeploy:GetDeploymentConfig"],
        "an instance that CodeDeploy deploys to",
    ),
    inside(
        "prowler:AgentCoreInvokeRuntimeCommand",
        &["bedrock-agentcore:InvokeAgentRuntimeCommand"],
        &[],
        "a Bedrock agent",
    ),
    inside(
        "prowler:AgentCoreBrowserSessionConnect",
        &["bedrock-agentcore:StartBrowserSession"],
        &["bedrock-agentcore:ConnectBrowserAutomationStream"],
        "a Bedrock browser",
    ),
    inside("sagemaker-004", &["sagemaker:CreatePresignedNotebookInstanceUrl"], &[], "a SageMaker notebook"),
    inside("codebuild-002", &["codebuild:StartBuild"], &[], "a CodeBuild project"),
    inside("codebuild-003", &["codebuild:StartBuildBatch"], &[], "a CodeBuild project"),
    inside("ssm-001", &["ssm:StartSession"], &[], "an EC2 instance"),
    inside("ssm-002", &["ssm:SendCommand"], &[], "an EC2 instance"),
    inside(
        "ec2instanceconnect-003",
        &["ec2-instance-connect:SendSSHPublicKey"],
        &["ec2:DescribeInstances"],
        "an EC2 instance",
    ),
    inside("ecs-006", &["ecs:ExecuteCommand"], &["ecs:DescribeTasks"], "an ECS task"),
    inside(
        "bedrock-002",
        &["bedrock-agentcore:InvokeCodeInterpreter"],
        &["bedrock-agentcore:StartCodeInterpreterSession"],
        "a Bedrock code interpreter",
    ),
];
