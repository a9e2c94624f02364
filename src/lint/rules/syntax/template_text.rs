use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::placeholder::tokens;
use crate::policy::marks::template;
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
