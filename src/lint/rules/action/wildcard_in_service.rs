use crate::lint::facts::{action_values, arns};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A wildcard stands in the service prefix of an action, or in the service of an ARN.
    ///
    /// ## Why
    ///
    /// It takes in whichever services have such a prefix, today and later; few readers can say which.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3*:Get*", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s*:::reports/*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": [ "s3:Get*", "s3-outposts:Get*" ], "Resource": "*" }
    /// }
    /// ```
    name: "wildcard-in-service", group: Action, severity: Note, since: "0.1.0",
    rows: ["ACT-08", "RES-21"],
    peers: ["access-analyzer:WILDCARD_IN_SERVICE_NAME"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for value in action_values(statement) {
        let Some((service, name)) = value.text.split_once(':') else { continue };
        // `*:*` is a way to write `*`.
        if !service.contains(['*', '?']) || (service == "*" && name == "*") {
            continue;
        }
        let message = format!("`{}` takes in every service with such a prefix", value.text);
        let finding = cx.finding(value.span, message).label("a wildcard before the colon");
        cx.report(finding.help("name the services, one pattern each, as \"s3:Get*\""));
    }
    for (value, arn) in arns(statement).filter(|(_, arn)| arn.service.contains(['*', '?'])) {
        // With nothing else fixed it is a way to write `*`.
        if [arn.service, arn.account, arn.resource].iter().all(|part| *part == "*") {
            continue;
        }
        let message = format!("`{}` takes in every service with such a name", arn.service);
        let finding = cx.finding(value.span, message).label("a wildcard for the service");
        cx.report(finding.help("name the services, one ARN each"));
    }
}
