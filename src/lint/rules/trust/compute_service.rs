use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::{PrincipalType, Statement};

rule! {
    /// Machines, containers or functions run with the role.
    ///
    /// ## Why
    ///
    /// Whoever can run code where the role is used has what the role has: by way of the metadata service, the
    /// environment, or an update of the code. This is not wrong; a list of such roles says where their policies
    /// are worth a second look.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "ec2.amazonaws.com" },
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
    ///     "Principal": { "Service": "config.amazonaws.com" },
    ///     "Action": "sts:AssumeRole"
    ///   }
    /// }
    /// ```
    name: "compute-service", group: Trust, severity: Note, since: "0.1.0",
    rows: ["TRU-18"],
    peers: ["cloudsplaining:AssumableByComputeService"],
    kinds: [Trust],
    opt_in: true,
    check: Check::Statement(check),
}

const COMPUTE: [&str; 11] = [
    "bedrock-agentcore.amazonaws.com",
    "build.apprunner.amazonaws.com",
    "codebuild.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "edgelambda.amazonaws.com",
    "eks.amazonaws.com",
    "lambda.amazonaws.com",
    "pods.eks.amazonaws.com",
    "sagemaker.amazonaws.com",
    "tasks.apprunner.amazonaws.com",
];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !trust::allows(statement, "sts:AssumeRole") {
        return;
    }
    for service in trust::principals(statement, PrincipalType::Service) {
        // In China the names end otherwise.
        if COMPUTE.contains(&service.text.trim_end_matches(".cn")) {
            let message = format!("what runs in `{}` has the role", service.text);
            let finding = cx.finding(service.span, message);
            cx.report(
                finding.help("give the role no more than that code needs, and guard who can change the code"),
            );
        }
    }
}
