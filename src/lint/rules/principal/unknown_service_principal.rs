use crate::lint::facts::{dated, is_pattern, is_plain};
use crate::lint::rule::rule;
use crate::lint::services::{has_shape, misspelt, name};
use crate::lint::{Check, Context};
use crate::policy::{PrincipalType, Statement};

rule! {
    /// A service principal looks like a misspelt one.
    ///
    /// ## Why
    ///
    /// Many services that keep policies refuse a principal that does not exist; the others take it, and the
    /// service that was meant is not let in.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "lamda.amazonaws.com" },
    ///     "Action": "sts:AssumeRole"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "lambda.amazonaws.com" },
    ///     "Action": "sts:AssumeRole"
    ///   }
    /// }
    /// ```
    name: "unknown-service-principal", group: Principal, severity: Warning, since: "0.1.0",
    rows: ["PRN-06"],
    peers: [],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let entries = statement.principal.iter().flat_map(|element| &element.entries);
    let entries = entries.filter(|entry| entry.kind == PrincipalType::Service);
    for value in entries.flat_map(|entry| &entry.values.items).filter(|value| is_plain(value)) {
        let text = value.text.as_str();
        // What is near to no known name may be one that is not known here.
        let near = name(text).filter(|_| !is_pattern(text) && has_shape(text));
        let Some((name, nearest)) = near.and_then(|name| Some((name, misspelt(name)?))) else { continue };
        let message = format!("no service is known as `{name}`, {}", dated());
        let finding = cx.finding(value.span, message).label("lets no service in");
        cx.report(finding.help(format!("did you mean \"{}\"?", text.replacen(name, nearest, 1))));
    }
}
