use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Action, Resource, Statement};
use crate::span::Span;

rule! {
    /// A statement is about nothing: what it is not about is everything.
    ///
    /// ## Why
    ///
    /// `NotAction`, `NotResource` and `NotPrincipal` list what a statement leaves alone. With `"*"` among
    /// them nothing is left: a `Deny` denies nothing, although it looks like a lock, and an `Allow` allows
    /// nothing.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Deny", "Action": "s3:*", "NotResource": "*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::reports*" }
    /// }
    /// ```
    name: "excepts-everything", group: Redundancy, severity: Error, since: "0.1.0",
    rows: ["RED-09"],
    peers: [
        "iam-policy-validator:not_resource_deny_ineffective", "iam-policy-validator:not_action_allow_ineffective",
    ],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let action = statement.action.as_ref().filter(|element| element.negated).and_then(|element| {
        let mut values = element.values.items.iter().filter(|value| !value.is_function());
        values.find(|value| Action::new(&value.text).is_any()).map(|value| ("NotAction", value.span))
    });
    let resource = statement.resource.as_ref().filter(|element| element.negated).and_then(|element| {
        let mut values = element.values.items.iter().filter(|value| !value.is_function());
        values
            .find(|value| Resource::new(&value.text, false).is_any())
            .map(|value| ("NotResource", value.span))
    });
    let principal = statement.principal.as_ref().filter(|element| element.negated);
    let principal = principal.and_then(|element| Some(("NotPrincipal", element.any()?)));
    let found: Option<(&str, Span)> = action.or(resource).or(principal);
    let Some((element, span)) = found.filter(|_| statement.is_complete()) else { return };
    let does = if statement.denies() { "denies" } else { "allows" };
    let without = &element[3..];
    let finding = cx
        .finding(span, format!("{} {does} nothing", statement.name()))
        .label(format!("`{element}` excepts everything"))
        .help(format!("write `{without}` if it is to be about everything, or name the exceptions"));
    cx.report(finding);
}
