use crate::catalog;
use crate::lint::facts::{action_values, arns, dated, does_nothing, is_pattern};
use crate::lint::meant;
use crate::lint::renamed::renamed;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// An action or ARN names a service that AWS does not list.
    ///
    /// ## Why
    ///
    /// No request has such an action, so an Allow allows nothing and a Deny denies nothing. Mostly it is a
    /// slip; it can also be a service that has ended, or one newer than the facts of this program.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "secretmanager:GetSecretValue", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*" }
    /// }
    /// ```
    name: "unknown-service", group: Action, severity: Warning, since: "0.1.0",
    rows: ["ACT-05", "RES-05"],
    peers: [
        "access-analyzer:INVALID_SERVICE_IN_ACTION", "access-analyzer:INVALID_SERVICE",
        "parliament:UNKNOWN_PREFIX", "cfn-lint:W3037", "iam-policy-validator:invalid_action",
    ],
    gives_way_to: ["invalid-action"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let negated = statement.action.as_ref().is_some_and(|element| element.negated);
    // One finding for each service, at the first action of it.
    let mut seen: Vec<&str> = Vec::new();
    for value in action_values(statement) {
        let Some((service, name)) = value.text.split_once(':') else { continue };
        if service.is_empty()
            || is_pattern(service)
            || seen.contains(&service)
            || renamed(&value.text).is_some()
        {
            continue;
        }
        // `Update:Replace` and the like are of CloudFormation's stack policies, which are not IAM's.
        if catalog::service(service).is_some() || service == "Update" {
            continue;
        }
        seen.push(service);
        let message = format!("`{service}` is no service that AWS lists, {}", dated());
        let finding = cx.finding(value.span, message).label(does_nothing(statement, negated));
        cx.report(finding.help(match meant::of_service(service, name) {
            Some(action) => format!("did you mean `{action}`?"),
            None => {
                "a service that has ended has no actions left; a new one may not be listed yet".to_owned()
            }
        }));
    }
    let negated = statement.resource.as_ref().is_some_and(|element| element.negated);
    for (value, arn) in arns(statement) {
        let service = arn.service;
        // Capitals are another rule's.
        let skip = service.is_empty() || is_pattern(service) || seen.contains(&service);
        if skip || catalog::is_arn_service(&service.to_ascii_lowercase()) {
            continue;
        }
        seen.push(service);
        let message = format!("no service has `{service}` in its ARNs, {}", dated());
        let finding = cx.finding(value.span, message).label(does_nothing(statement, negated));
        cx.report(match catalog::nearest_service(service) {
            Some(nearest) => finding.help(format!("did you mean `{nearest}`?")),
            None => finding.help("the service stands behind the second colon: arn:aws:<service>:…"),
        });
    }
}
