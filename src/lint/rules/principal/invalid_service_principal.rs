use crate::catalog;
use crate::diagnostic::Severity;
use crate::lint::facts::{is_pattern, is_plain};
use crate::lint::rule::rule;
use crate::lint::services::has_shape;
use crate::lint::{Check, Context};
use crate::policy::{PrincipalType, Statement};

rule! {
    /// A service principal is not of the form `service.amazonaws.com`.
    ///
    /// ## Why
    ///
    /// AWS refuses the policy. Services are named in lower case, with the domain behind the name:
    /// `lambda.amazonaws.com`, not `Lambda` and not `lambda.amazon.com`.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "lambda.amazon.com" },
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
    name: "invalid-service-principal", group: Principal, severity: Error, since: "0.1.0",
    rows: ["PRN-05"],
    peers: ["access-analyzer:INVALID_SERVICE_PRINCIPAL_FORMAT"],
    gives_way_to: ["wildcard-in-principal"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let entries = statement.principal.iter().flat_map(|element| &element.entries);
    let entries = entries.filter(|entry| entry.kind == PrincipalType::Service);
    for value in entries.flat_map(|entry| &entry.values.items).filter(|value| is_plain(value)) {
        let text = value.text.as_str();
        if is_pattern(text) || has_shape(text) {
            continue;
        }
        let finding = cx.finding(value.span, format!("`{text}` is not a service principal"));
        let name = text.split('.').next().unwrap_or("").to_ascii_lowercase();
        // A word in this place mostly waits for somebody to write a service there.
        let known = catalog::service(&name).is_some();
        let stands_in = !text.contains(['.', ':', '/']) && !known;
        let severity = if stands_in { Severity::Warning } else { Severity::Error };
        let severity = finding.severity.min(severity);
        let finding = finding.severity(severity).label(if stands_in {
            "still to be filled in"
        } else {
            "AWS refuses this"
        });
        cx.report(match known {
            true => finding.help(format!("write \"{name}.amazonaws.com\"")),
            false => finding.help("write the service as \"<service>.amazonaws.com\", in lower case"),
        });
    }
}
