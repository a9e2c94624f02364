use crate::analyze::evaluate::has_early_variable;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::marks::{Mark, marks};
use crate::policy::{Statement, TestKind, Value};

rule! {
    /// A policy variable stands where AWS does not fill it in.
    ///
    /// ## Why
    ///
    /// Variables are filled in in the last part of a resource and in the values of `String…` and `Arn…`
    /// tests. Anywhere else AWS refuses them or takes them as they stand.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/${aws:PrincipalTag/team}" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:${aws:PrincipalAccount}:orders"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/red" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/${aws:PrincipalTag/team}/*"
    ///   }
    /// }
    /// ```
    name: "variable-outside", group: Variable, severity: Error, since: "0.1.0",
    rows: ["VAR-05", "VAR-07"],
    peers: [
        "access-analyzer:VARIABLE_UNSUPPORTED_IN_ELEMENT", "access-analyzer:INVALID_VARIABLE_FOR_OPERATOR",
    ],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let action = statement.action.iter().flat_map(|element| &element.values.items);
    let entries = statement.principal.iter().flat_map(|element| &element.entries);
    let principal = entries.flat_map(|entry| &entry.values.items);
    let places = statement.sid.iter().map(|sid| ("a `Sid`", sid));
    let places = places.chain(action.map(|value| ("an action", value)));
    for (place, value) in places.chain(principal.map(|value| ("a principal", value))) {
        if let Some(name) = variable(value) {
            let finding = cx.finding(value.span, format!("{place} cannot have the variable `{name}`"));
            cx.report(finding.label("not filled in here").help("write it out, or test it in a `Condition`"));
        }
    }
    // In the older language `${` is plain text.
    let resources = statement.resource.iter().filter(|_| statement.variables);
    for value in resources.flat_map(|element| &element.values.items) {
        if let Some(name) = variable(value).filter(|_| has_early_variable(&value.text)) {
            let message = format!("a resource cannot have the variable `{name}` before its fifth colon");
            let finding = cx.finding(value.span, message).label("not filled in here");
            cx.report(finding.help("write that part of the ARN out, or a `*` for it"));
        }
    }
    for test in &statement.conditions {
        let name = test.operator.kind.name();
        if name.starts_with("String")
            || name.starts_with("Arn")
            || test.operator.kind == TestKind::BinaryEquals
        {
            continue;
        }
        for value in &test.values.items {
            if let Some(variable) = variable(value) {
                let message = format!("`{name}` cannot compare with the variable `{variable}`");
                let finding = cx.finding(value.span, message).label("not filled in here");
                cx.report(finding.help("only `String…` and `Arn…` operators take variables"));
            }
        }
    }
}

/// The first variable of a value, as written.
fn variable(value: &Value) -> Option<&str> {
    if value.is_function() || !value.text.contains("${") {
        return None;
    }
    let found = marks(&value.text).into_iter().find(|(_, hole)| matches!(hole, Mark::Variable(_)));
    found.and_then(|(place, _)| value.text.get(place))
}
