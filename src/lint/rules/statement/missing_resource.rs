use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A statement does not say which resources it is about.
    ///
    /// ## Why
    ///
    /// AWS refuses the document. A trust policy has no `Resource`, and a repository policy needs none,
    /// as both are about what they are attached to; topics, queues and buckets want theirs written out.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "sqs:ReceiveMessage" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sqs:ReceiveMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    name: "missing-resource", group: Statement, severity: Error, since: "0.1.0",
    rows: ["STM-06", "ORG-09"],
    peers: [
        "access-analyzer:MISSING_RESOURCE", "parliament:MALFORMED", "iam-policy-validator:missing_resource",
        "cfn-lint:E3510", "cfn-lint:E3512",
    ],
    kinds: [Identity, Boundary, Session, S3, Sns, Sqs, Scp, Rcp, Endpoint, SecretsManager, Lambda, Iot],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if cx.has_member(statement, &["Resource", "NotResource"]) {
        return;
    }
    let kind = cx.document.kind;
    let help = match (&cx.document.resource, kind.names_principal()) {
        (Some(arn), _) => format!("write \"Resource\": \"{arn}\""),
        (None, true) => format!("write \"Resource\" with the ARN of the {}", kind.thing()),
        (None, false) => "write \"Resource\" with the ARNs that it is about".to_owned(),
    };
    let message = "the statement has no `Resource`";
    cx.report(cx.finding(cx.opening(statement), message).label("about which resources?").help(help));
}
