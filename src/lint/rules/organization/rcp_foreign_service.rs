use crate::catalog;
use crate::lint::facts::{action_values, dated};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A resource control policy is about a service that does not heed it.
    ///
    /// ## Why
    ///
    /// Resource control policies hold for the resources of some services only. Organizations refuses the
    /// actions of others. The list grows, so the finding says of when it is.
    ///
    /// ## Examples
    ///
    /// ```json bad rcp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": [ "s3:*", "ec2:*" ],
    ///     "Resource": "*",
    ///     "Condition": { "BoolIfExists": { "aws:SecureTransport": "false" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good rcp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": [ "s3:*", "sqs:*" ],
    ///     "Resource": "*",
    ///     "Condition": { "BoolIfExists": { "aws:SecureTransport": "false" } }
    ///   }
    /// }
    /// ```
    name: "rcp-foreign-service", group: Organization, severity: Warning, since: "0.1.0",
    rows: ["ORG-07"],
    peers: ["access-analyzer:RCP_SYNTAX_ERROR_ACTION", "iam-policy-validator:unsupported_rcp_service"],
    kinds: [Rcp],
    gives_way_to: ["unknown-service", "invalid-action"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for value in action_values(statement) {
        let Some((prefix, _)) = value.text.split_once(':') else { continue };
        let service = catalog::service(prefix).filter(|service| !service.takes_rcps());
        let Some(service) = service else { continue };
        let message =
            format!("resource control policies do not hold for `{}`, {}", service.prefix(), dated());
        let finding = cx.finding(value.span, message).label(service.name());
        cx.report(
            finding.help("take it out; a service control policy can limit who of the organization uses it"),
        );
    }
}
