use crate::lint::facts::is_plain;
use crate::lint::presence::demands_the_key;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A role may only be assumed with tags or a source identity, and nobody may give any.
    ///
    /// ## Why
    ///
    /// Who passes session tags needs `sts:TagSession`, who sets a source identity `sts:SetSourceIdentity`,
    /// besides the action that assumes the role. Without it every request that has the key is refused, and
    /// every request that lacks it fails the condition.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/deploy" },
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": {
    ///       "StringEquals": { "aws:RequestTag/team": "red", "sts:ExternalId": "0a1b2c3d" }
    ///     }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/deploy" },
    ///     "Action": [ "sts:AssumeRole", "sts:TagSession" ],
    ///     "Condition": {
    ///       "StringEquals": { "aws:RequestTag/team": "red", "sts:ExternalId": "0a1b2c3d" }
    ///     }
    ///   }
    /// }
    /// ```
    name: "key-without-its-action", group: Condition, severity: Error, since: "0.1.0",
    rows: ["CND-11"],
    peers: ["access-analyzer:MISSING_ACTION_FOR_CONDITION_KEY"],
    kinds: [Trust],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let statements = &cx.document.policy.statements;
    let allows = |action: &str| {
        let gives = |statement: &&Statement| {
            statement.allows()
                && statement.action.as_ref().is_some_and(|element| {
                    let named = statement.actions().iter().any(|pattern| pattern.matches(action));
                    let opaque = element.values.items.iter().any(|value| !is_plain(value));
                    named != element.negated || opaque
                })
        };
        statements.iter().any(|statement| gives(&statement))
    };
    let tags = allows("sts:TagSession");
    let identity = allows("sts:SetSourceIdentity");
    for statement in statements.iter().filter(|statement| statement.allows() && statement.is_complete()) {
        for test in statement.conditions.iter().filter(|test| demands_the_key(test)) {
            let action = match test.key.to_ascii_lowercase().as_str() {
                "sts:sourceidentity" if !identity => "sts:SetSourceIdentity",
                "aws:tagkeys" | "sts:transitivetagkeys" if !tags => "sts:TagSession",
                key if key.starts_with("aws:requesttag/") && !tags => "sts:TagSession",
                _ => continue,
            };
            let message = format!("`{}` can only be there for who may `{action}`", test.key);
            let finding = cx.finding(test.key_span, message).label("asked for …");
            let span = statement.action.as_ref().map_or(statement.span, |element| element.values.span);
            cx.report(
                finding
                    .also_at(span, "… and not allowed here")
                    .help(format!("add \"{action}\" to the actions")),
            );
        }
    }
}
