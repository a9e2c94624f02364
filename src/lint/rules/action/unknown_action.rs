use crate::catalog;
use crate::lint::facts::{action_values, dated, does_nothing, is_pattern};
use crate::lint::meant;
use crate::lint::renamed::renamed;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// An action or pattern of actions matches nothing that the service has.
    ///
    /// ## Why
    ///
    /// AWS takes such a policy without a word, and the statement has no effect for that action. Mostly it
    /// is a slip; it can also be an action that is gone, or one newer than the facts of this program.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:GetObjects", "Resource": "arn:aws:s3:::reports/*" }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Deny", "Action": "guardduty:Remove*", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" }
    /// }
    /// ```
    name: "unknown-action", group: Action, severity: Warning, since: "0.1.0",
    rows: ["ACT-06", "ACT-07"],
    peers: [
        "access-analyzer:INVALID_ACTION", "parliament:UNKNOWN_ACTION", "cfn-lint:W3037",
        "iam-policy-validator:invalid_action",
    ],
    gives_way_to: ["invalid-action"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let negated = statement.action.as_ref().is_some_and(|element| element.negated);
    for value in action_values(statement) {
        let Some((prefix, name)) = value.text.split_once(':') else { continue };
        let Some(service) = catalog::service(prefix) else { continue };
        let said_elsewhere = renamed(&value.text).is_some() || meant::is_unlisted(&value.text);
        if name.is_empty() || said_elsewhere || catalog::has_match(&value.text) {
            continue;
        }
        let (service, dated) = (service.prefix(), dated());
        let likely = meant::action(&value.text, service, name);
        // Where only the message is shown, it still has to say which action is likely.
        let instead = likely.as_ref().map_or(String::new(), |action| format!(" (there is `{action}`)"));
        let message = match is_pattern(name) {
            true => format!("`{}` matches no action of `{service}`{instead}, {dated}", value.text),
            false => format!("`{service}` has no action `{name}`{instead}, {dated}"),
        };
        let finding = cx.finding(value.span, message).label(does_nothing(statement, negated));
        cx.report(match likely {
            Some(action) => finding.help(format!("did you mean `{action}`?")),
            None => finding.help("it may be gone, or newer than these facts"),
        });
    }
}
