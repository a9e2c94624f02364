use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::placeholder::tokens;
use crate::policy::marks::{Mark, marks, template};
use crate::policy::{Statement, Value};
use crate::span::Span;

rule! {
    /// Something is still to be filled in, by a template tool or by hand.
    ///
    /// ## Why
    ///
    /// `${AWS::AccountId}`, `${var.bucket}` and `{"Ref": …}` are filled in by CloudFormation, Terraform and the
    /// like, `<region>`, `[[account]]` and `{bucket}` by whoever follows the instructions. AWS takes them as they
    /// stand, or refuses them. What they will be is not known here, so nothing else is said of the places where
    /// they are.
    ///
    /// CloudFormation fills in `${…}` only in `Fn::Sub`. In a plain text of a template a name in braces stays as it is
    /// written, and the statement is about something that does not exist; policy variables such as `${aws:username}`
    /// are right there.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:${AWS::AccountId}:expel-queue"
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::<account>:role/publisher" },
    ///     "Action": "sns:Publish",
    ///     "Resource": "arn:aws:sns:<region>:<account>:expel-topic"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    name: "template-text", group: Syntax, severity: Note, since: "0.1.0",
    rows: ["SYN-14"],
    peers: ["parliament:INVALID_ARN", "cfn-lint:E3510", "cfn-lint:E3512", "cfn-lint:E3514"],
    check: Check::Document(check),
}

/// One finding for a policy, at the first place.
fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(Span, String)> = Vec::new();
    for statement in &cx.document.policy.statements {
        for hole in &statement.holes {
            found.push((hole.span, format!("`{}`", hole.label)));
        }
    }
    // In a template a value is where it belongs.
    if cx.document.envelope().is_some() {
        report(found, cx);
        if cx.document.is_filled_in_by_functions() {
            let document = cx.document;
            document.policy.statements.iter().flat_map(Statement::values).for_each(|value| plain(value, cx));
        }
        return;
    }
    for statement in &cx.document.policy.statements {
        let entries = statement.principal.iter().flat_map(|element| &element.entries);
        let values = entries.flat_map(|entry| &entry.values.items);
        let values = values.chain(statement.action.iter().flat_map(|element| &element.values.items));
        let values = values.chain(statement.resource.iter().flat_map(|element| &element.values.items));
        let values = values.chain(statement.conditions.iter().flat_map(|test| &test.values.items));
        for value in values {
            if let Some(hole) = value.hole.as_ref().filter(|hole| hole.is_function) {
                let is_mark = hole.label.starts_with(['$', '%']);
                let what =
                    if is_mark { format!("`{}`", hole.label) } else { "a template function".to_owned() };
                found.push((value.span, what));
            } else if let Some(written) = template(&value.text).filter(|_| tokens(&value.text).is_empty()) {
                // A token in it is a finding of its own.
                found.push((value.span, format!("`{written}`")));
            }
        }
    }
    report(found, cx);
}

/// A name in a plain text of a template, where CloudFormation leaves it as it is.
fn plain(value: &Value, cx: &mut Context<'_>) {
    if value.is_function() || !value.text.contains("${") {
        return;
    }
    // One with a single colon is meant for another tool, as `${self:service}` is.
    let is_name = |name: &str| !name.contains(':') || name.starts_with("AWS::");
    let name = marks(&value.text).into_iter().find_map(|(place, mark)| {
        let written = value.text.get(place).filter(|_| mark == Mark::Template)?;
        is_name(written.get(2..).unwrap_or_default()).then_some(written)
    });
    if let Some(name) = name {
        let message =
            format!("`{name}` stays as it is written: CloudFormation fills in names only in `Fn::Sub`");
        let finding = cx.finding(value.span, message).label("a plain text");
        cx.report(finding.help("write `!Sub` in front of it, in JSON {\"Fn::Sub\": \"…\"} around it"));
    }
}

fn report(mut found: Vec<(Span, String)>, cx: &mut Context<'_>) {
    found.sort();
    let Some((span, what)) = found.first() else { return };
    let message = match found.len() {
        1 => format!("{what} is still to be filled in"),
        2 => format!("{what} and one more place are still to be filled in"),
        many => format!("{what} and {} more places are still to be filled in", many - 1),
    };
    let finding = cx.finding(*span, message).label("not judged");
    cx.report(finding.help("check the policy that the template tool makes"));
}
