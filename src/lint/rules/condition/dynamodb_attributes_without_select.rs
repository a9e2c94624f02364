use crate::lint::facts::action_values;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Action, Statement};

rule! {
    /// `dynamodb:Attributes` limits what is read, and nothing asks that attributes be named.
    ///
    /// ## Why
    ///
    /// A query that names no attributes gets all of them, and `dynamodb:Attributes` is then empty or absent.
    /// `dynamodb:Select` with `SPECIFIC_ATTRIBUTES` makes the caller name what it reads.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "dynamodb:Query",
    ///     "Resource": "arn:aws:dynamodb:us-east-1:222222222222:table/orders",
    ///     "Condition": {
    ///       "ForAllValues:StringEquals": { "dynamodb:Attributes": [ "id", "state" ] },
    ///       "Null": { "dynamodb:Attributes": "false" }
    ///     }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "dynamodb:Query",
    ///     "Resource": "arn:aws:dynamodb:us-east-1:222222222222:table/orders",
    ///     "Condition": {
    ///       "ForAllValues:StringEquals": { "dynamodb:Attributes": [ "id", "state" ] },
    ///       "StringEqualsIfExists": { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" }
    ///     }
    ///   }
    /// }
    /// ```
    name: "dynamodb-attributes-without-select", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-50"],
    peers: ["access-analyzer:DYNAMODB_ATTRIBUTES_WITHOUT_SELECT"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let tested = |key: &str| statement.conditions.iter().find(|test| test.key.eq_ignore_ascii_case(key));
    let Some(test) = tested("dynamodb:Attributes").filter(|_| statement.allows()) else { return };
    if tested("dynamodb:Select").is_some() || statement.action.as_ref().is_none_or(|action| action.negated) {
        return;
    }
    // The two operations that have such a parameter.
    let reads = |action: &Action| action.matches("dynamodb:Query") || action.matches("dynamodb:Scan");
    let mut values = action_values(statement);
    let Some(action) = values.find(|value| reads(&Action::new(&value.text))) else { return };
    let message = format!("`{}` without a list of attributes reads all of them", action.text);
    let finding = cx.finding(test.key_span, message).label("not asked for");
    cx.report(
        finding
            .also_at(action.span, "reads")
            .help("add \"StringEqualsIfExists\": { \"dynamodb:Select\": \"SPECIFIC_ATTRIBUTES\" }"),
    );
}
