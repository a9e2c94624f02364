use crate::document::Document;
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
    /// like, `<region>`, `[[account]]` and `{bucket}` by the person who follows the instructions. AWS takes them as they
    /// are written, or refuses them. Their values are not known, so no other rule judges them.
    ///
    /// CloudFormation fills in `${…}` only in `Fn::Sub`. In a plain text of a template a name in braces stays as it is
    /// written, and the statement is about something that does not exist; policy variables such as `${aws:username}`
    /// are right there.
    ///
    /// Of a template with more than 16 combinations of conditions, the conditions of the remaining statements are judged
    /// statement by statement.
    ///
    /// The rule also reports a policy that a template never creates, as its conditions are never met: `Fn::Equals` of two
    /// different texts, for example.
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

/// What fills in a place. Each has one finding in a policy, at the first place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Filler {
    Person,
    Tool,
    Terraform,
    CloudFormation,
    /// A condition of the template decides.
    Condition,
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let mut found: Vec<(Filler, Span, String)> = Vec::new();
    let mut add = |label: &str, span: Span| found.push((filler(label, document), span, label.to_owned()));
    for statement in &document.policy.statements {
        for hole in &statement.holes {
            add(&hole.label, hole.span);
        }
    }
    // In a template a value is where it belongs.
    if document.envelope().is_some() {
        report(found, cx);
        if document.is_filled_in_by_functions() {
            document.policy.statements.iter().flat_map(Statement::values).for_each(|value| plain(value, cx));
        }
        return;
    }
    for value in document.policy.statements.iter().flat_map(Statement::values) {
        // What readers of YAML take for different values is a finding of its own, as is a token.
        let hole = value.hole.as_ref().map(|hole| &*hole.label);
        let written = hole.or_else(|| template(&value.text));
        let is_other = |label: &&str| !label.starts_with("unquoted ") && tokens(&value.text).is_empty();
        if let Some(label) = written.filter(is_other) {
            add(label, value.span);
        }
    }
    report(found, cx);
}

/// What fills in a place, by how that is written.
fn filler(label: &str, document: &Document) -> Filler {
    let starts = |all: &[&str]| all.iter().any(|start| label.starts_with(start));
    match () {
        () if starts(&["Fn::If "]) => Filler::Condition,
        () if starts(&["Fn::", "Ref "]) => Filler::CloudFormation,
        () if document.is_terraform() && starts(&["${", "%{"]) => Filler::Terraform,
        () if starts(&["${", "{{", "%{", "#{", "$(", "@{", "<%"]) => Filler::Tool,
        () => Filler::Person,
    }
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

fn report(mut found: Vec<(Filler, Span, String)>, cx: &mut Context<'_>) {
    found.sort();
    for same in found.chunk_by(|(first, ..), (second, ..)| first == second) {
        let [(filler, span, label), rest @ ..] = same else { continue };
        let what = match rest.len() {
            0 => format!("`{label}` is"),
            1 => format!("`{label}` and one more place are"),
            more => format!("`{label}` and {more} more places are"),
        };
        let (message, label, help) = match filler {
            Filler::Person => ("still to be filled in", "not judged", "write the value in its place"),
            Filler::Tool => {
                ("still to be filled in", "not judged", "check the policy that the template tool generates")
            }
            Filler::Terraform => (
                "known only to Terraform",
                "not judged",
                "check a plan: terraform show -json plan.out > plan.json",
            ),
            Filler::CloudFormation => (
                "known only to CloudFormation",
                "not judged",
                "check the policy in AWS once the template is deployed",
            ),
            Filler::Condition => (
                "judged without the conditions of other statements",
                "the template has more than 16 combinations of conditions",
                "put statements that depend on other conditions into another policy",
            ),
        };
        cx.report(cx.finding(*span, format!("{what} {message}")).label(label).help(help));
    }
}
