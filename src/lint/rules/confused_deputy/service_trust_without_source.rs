use crate::analyze::public::{Hold, hold};
use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::{PrincipalType, Statement, Test, Value};

rule! {
    /// A service takes on the role whichever of its resources asks for that.
    ///
    /// ## Why
    ///
    /// Services that work on behalf of a resource, such as a pipeline or a schedule, can be held to it:
    /// `aws:SourceArn` and `aws:SourceAccount` in the role's trust policy say for which one the service may take the
    /// role on. The services' own guides advise it, and name the ARN to write.
    ///
    /// Only the account's own resources can be given the role, as that takes `iam:PassRole`, so this is
    /// advice. Services that hand the role to machines or functions (EC2, Lambda, EKS Pod Identity and others
    /// that are not in the list) send no such keys when they take it on, or do not say that they do: a condition
    /// would lock them out, and nothing is said of them here.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "scheduler.amazonaws.com" },
    ///     "Action": "sts:AssumeRole"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "scheduler.amazonaws.com" },
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": { "StringEquals": { "aws:SourceAccount": "111111111111" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "ec2.amazonaws.com" },
    ///     "Action": "sts:AssumeRole"
    ///   }
    /// }
    /// ```
    name: "service-trust-without-source", group: ConfusedDeputy, severity: Note, since: "0.1.0",
    rows: ["CDP-06", "TRU-22"],
    peers: [
        "prowler:iam_role_cross_service_confused_deputy_prevention", "iam-policy-validator:confused_deputy_risk",
    ],
    kinds: [Trust],
    check: Check::Statement(check),
}

/// Services whose guides show a trust policy with `aws:SourceArn` or `aws:SourceAccount`, under
/// "Cross-service confused deputy prevention" or the like. Sorted.
const WITH_SOURCE: [&str; 37] = [
    "amplify",
    "apidestinations.events",
    "appflow",
    "apprunner",
    "appsync",
    "backup",
    "batch",
    "bedrock",
    "bedrock-agentcore",
    "chatbot",
    "cloudformation",
    "cloudtrail",
    "codebuild",
    "codepipeline",
    "cognito-idp",
    "comprehend",
    "datasync",
    "delivery.logs",
    "dms",
    "ecs-tasks",
    "firehose",
    "fis",
    "forecast",
    "grafana",
    "kendra",
    "logs",
    "monitoring.rds",
    "personalize",
    "pinpoint",
    "pipes",
    "rolesanywhere",
    "scheduler",
    "ssm",
    "states",
    "transcribe",
    "transfer",
    "vpc-flow-logs",
];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !trust::allows(statement, "sts:AssumeRole") {
        return;
    }
    let services: Vec<_> = trust::principals(statement, PrincipalType::Service).collect();
    let sends = |service: &&Value| {
        let name = service.text.strip_suffix(".amazonaws.com");
        name.is_some_and(|name| WITH_SOURCE.binary_search(&name).is_ok())
    };
    // With another service beside it, the condition would have to be written apart.
    let (true, Some(service)) = (services.iter().all(sends), services.first()) else { return };
    if statement.conditions.iter().any(|test| names_source(test, statement, cx)) {
        return;
    }
    let message = format!("`{}` may take on the role for any of its resources", service.text);
    let help = "add \"StringEquals\": { \"aws:SourceAccount\": \"<account>\" }, or `aws:SourceArn` with the resource";
    // A test that holds only partly is a cause of its own, and its rule says what is wrong with it.
    let partly = statement.conditions.iter().find(|test| is_source(test) && test.operator.if_exists);
    match partly {
        Some(test) => {
            let finding = cx.finding(test.operator_span, message).label("does not hold it");
            cx.report_after(finding.also_at(service.span, "the service").help(help), &["if-exists-allow"]);
        }
        None => cx.report(cx.finding(service.span, message).label("no condition says for which").help(help)),
    }
}

fn is_source(test: &Test) -> bool {
    let keys = ["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"];
    keys.iter().any(|key| key.eq_ignore_ascii_case(&test.key))
}

fn names_source(test: &Test, statement: &Statement, cx: &Context<'_>) -> bool {
    (is_source(test) && matches!(hold(test, statement, cx.document.kind), Hold::Fixed | Hold::Unknown))
        || test.key.eq_ignore_ascii_case("sts:ExternalId")
}
