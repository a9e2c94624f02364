use crate::catalog;
use crate::lint::facts::dated;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::marks::{Mark, marks, variable_key};
use crate::policy::{Statement, Value};

rule! {
    /// A policy variable names a condition key that AWS does not list.
    ///
    /// ## Why
    ///
    /// A variable without a value makes the statement match nothing. Mostly the name is misspelt.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::homes/${aws:usernam}/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::homes/${aws:username}/*"
    ///   }
    /// }
    /// ```
    name: "unknown-variable", group: Variable, severity: Warning, since: "0.1.0",
    rows: ["VAR-08"],
    peers: [],
    gives_way_to: ["variable-syntax", "variable-in-old-version"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let resources = statement.resource.iter().flat_map(|element| &element.values.items);
    let values = statement.conditions.iter().flat_map(|test| &test.values.items);
    for value in resources.chain(values).filter(|value| !value.is_function() && value.text.contains("${")) {
        look(value, cx);
    }
}

fn look(value: &Value, cx: &mut Context<'_>) {
    for (place, hole) in marks(&value.text) {
        let Mark::Variable(name) = hole else { continue };
        let key = variable_key(name);
        let prefix = key.split(':').next().unwrap_or("");
        // Hosts are identity providers; these two services fill in names of their own.
        let other = prefix.contains('.') || ["iot", "transfer", "saml"].contains(&prefix);
        if other || catalog::condition_key(key).is_some() {
            continue;
        }
        let written = value.text.get(place).unwrap_or("");
        let message = format!("`{written}` is no variable that AWS lists, {}", dated());
        let finding = cx.finding(value.span, message).label("has no value, so nothing matches");
        cx.report(match catalog::nearest_key(key) {
            Some(nearest) => finding.help(format!("did you mean `${{{nearest}}}`?")),
            None => finding.help("a variable is a condition key in braces, as `${aws:username}`"),
        });
    }
}
