use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Action, Statement, Value};

rule! {
    /// A device may do everything, or do it to everything.
    ///
    /// ## Why
    ///
    /// An IoT policy is attached to the certificate of a device, often on those of all devices. With `iot:*`, or with
    /// `"*"` for a resource, one stolen device can pose as any other and read and write all topics. Variables
    /// such as `${iot:Connection.Thing.ThingName}` hold each device to its own.
    ///
    /// ## Examples
    ///
    /// ```json bad iot
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "iot:Publish", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good iot
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "iot:Connect", "Resource": "arn:aws:iot:eu-west-1:111111111111:client/${iot:Connection.Thing.ThingName}" }
    /// }
    /// ```
    name: "iot-too-wide", group: Kind, severity: Warning, since: "0.1.0",
    rows: ["IOT-01"],
    peers: ["cfn-nag:W38", "cfn-nag:W39"],
    kinds: [Iot],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.allows() || !statement.is_complete() {
        return;
    }
    let Some(action) = statement.action.as_ref().filter(|element| !element.negated) else { return };
    let whole = |value: &&Value| Action::new(&value.text).contains(&Action::new("iot:*"));
    if let Some(value) = action.values.items.iter().find(whole) {
        let finding = cx.finding(value.span, format!("`{}` lets a device do everything", value.text));
        cx.report(
            finding.help(
                "name what it does: \"iot:Connect\", \"iot:Publish\", \"iot:Subscribe\", \"iot:Receive\"",
            ),
        );
    }
    let star = statement
        .resource
        .iter()
        .filter(|element| !element.negated)
        .flat_map(|element| &element.values.items);
    if let Some(value) = star.into_iter().find(|value| value.text == "*") {
        let finding = cx
            .finding(value.span, "a device may use every client id and topic")
            .label("also those of the others");
        cx.report(
            finding.help("name the topics, and the client as \"…:client/${iot:Connection.Thing.ThingName}\""),
        );
    }
}
