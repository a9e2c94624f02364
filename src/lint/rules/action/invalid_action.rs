use crate::catalog;
use crate::lint::facts::action_values;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;
use crate::policy::marks::marks;

rule! {
    /// An action is not of the form `service:Name`.
    ///
    /// ## Why
    ///
    /// AWS refuses the document: an action is `*`, or the prefix of a service, one colon and a name.
    /// Each action is a string of its own; blanks and commas have no place in one.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/writer" },
    ///     "Action": "sns:Publish, sns:Subscribe",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:topic"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": [ "s3:GetObject", "s3:GetObjectTagging" ],
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    name: "invalid-action", group: Action, severity: Error, since: "0.1.0",
    rows: ["ACT-01", "ACT-02", "ACT-03", "ACT-04"],
    peers: [
        "access-analyzer:INVALID_ACTION", "parliament:EXCEPTION", "cfn-lint:W3037",
        "iam-policy-validator:invalid_action",
    ],
    gives_way_to: ["json-syntax"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for value in action_values(statement) {
        // A policy variable here is another rule's.
        if value.text == "*" || !marks(&value.text).is_empty() {
            continue;
        }
        let Some((label, help)) = wrong(&value.text) else { continue };
        let message = format!("`{}` is no action", value.text);
        let finding = cx.finding(value.span, message).label(label);
        cx.report(match help {
            Some(help) => finding.help(help),
            None => finding,
        });
    }
}

/// What is wrong with an action, and what to write for it.
fn wrong(action: &str) -> Option<(String, Option<String>)> {
    if action.trim().is_empty() {
        return Some(("empty".to_owned(), Some("name an action, or take the string out".to_owned())));
    }
    if action.contains([',', ';', '|']) {
        return Some(("one string for each action".to_owned(), Some(one_each(action))));
    }
    let Some((service, name)) = action.split_once(':') else {
        let service = catalog::services_with(action, 2);
        let help = match service.as_slice() {
            [service] => Some(format!("write \"{service}:{action}\"")),
            _ => {
                Some("write the prefix of the service and a colon before it, as \"s3:GetObject\"".to_owned())
            }
        };
        return Some(("names no service".to_owned(), help));
    };
    if name.contains(':') {
        return Some(("more than one colon".to_owned(), None));
    }
    let trimmed = format!("{}:{}", service.trim(), name.trim());
    if trimmed != action {
        return Some(("white space at an end".to_owned(), Some(format!("write \"{trimmed}\""))));
    }
    if service.is_empty() || name.is_empty() {
        let missing =
            if service.is_empty() { "no service before the colon" } else { "no name after the colon" };
        let help = name.is_empty().then(|| format!("write \"{service}:*\" if all its actions are meant"));
        return Some((missing.to_owned(), help));
    }
    let odd = |character: &char| !character.is_ascii_alphanumeric() && !"-_*?".contains(*character);
    let odd = service.chars().chain(name.chars()).find(odd)?;
    Some((format!("letters, digits, `*` and `?` only, no `{odd}`"), None))
}

/// The parts of a string that holds several actions, as strings.
fn one_each(action: &str) -> String {
    let parts = action.split([',', ';', '|']).map(str::trim).filter(|part| !part.is_empty());
    let strings: Vec<String> = parts.map(|part| format!("\"{part}\"")).collect();
    format!("write [ {} ]", strings.join(", "))
}
