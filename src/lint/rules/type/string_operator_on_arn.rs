use crate::catalog::{self, ValueType};
use crate::diagnostic::Severity;
use crate::edit::Edit;
use crate::lint::facts::is_plain;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Arn, Operator, Statement, Test, TestKind};

rule! {
    /// An ARN is compared with a pattern by `StringLike`.
    ///
    /// ## Why
    ///
    /// To `StringLike` an ARN is a text in which a star runs across colons: `arn:aws:s3:*:222222222222:*`
    /// matches an ARN of any account that has these digits further back. `ArnLike` compares part by part.
    ///
    /// ## Examples
    ///
    /// ```json bad sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "cloudwatch.amazonaws.com" },
    ///     "Action": "sns:Publish",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:topic",
    ///     "Condition": { "StringLike": { "aws:SourceArn": "arn:aws:cloudwatch:*:222222222222:alarm:*" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "cloudwatch.amazonaws.com" },
    ///     "Action": "sns:Publish",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:topic",
    ///     "Condition": { "ArnLike": { "aws:SourceArn": "arn:aws:cloudwatch:*:222222222222:alarm:*" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "cloudwatch.amazonaws.com" },
    ///     "Action": "sns:Publish",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:topic",
    ///     "Condition": { "ArnLike": { "aws:SourceArn": "arn:aws:cloudwatch:*:222222222222:alarm:*" } }
    ///   }
    /// }
    /// ```
    name: "string-operator-on-arn", group: Type, severity: Warning, since: "0.1.0",
    rows: ["TYP-02"],
    peers: [
        "access-analyzer:STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", "parliament:MISMATCHED_TYPE_BUT_USABLE",
        "iam-policy-validator:type_mismatch_usable",
    ],
    fix: Unsafe,
    gives_way_to: ["public-access", "confused-deputy", "any-value"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in &statement.conditions {
        let like = match test.operator.kind {
            TestKind::StringLike => "ArnLike",
            TestKind::StringNotLike => "ArnNotLike",
            _ => continue,
        };
        if !is_arn(test) {
            continue;
        }
        let patterns =
            test.values.items.iter().filter(|value| is_plain(value) && value.text.starts_with("arn"));
        let crossing = patterns.clone().find(|value| crosses(&value.text));
        let any = patterns.clone().find(|value| value.text.contains(['*', '?']));
        let Some(value) = crossing.or(any) else { continue };
        let written = test.operator.kind.name();
        let message = format!("`{}` is an ARN, and `{written}` compares it as one text", test.key);
        let finding = cx.finding(value.span, message);
        let (finding, severity) = match crossing {
            Some(_) => (finding.label("the star runs across colons"), Severity::Warning),
            // A star at the end alone comes to the same with both.
            None => (finding, Severity::Note),
        };
        let severity = finding.severity.min(severity);
        let finding = finding
            .severity(severity)
            .also_at(test.operator_span, "not part by part")
            .help(format!("write \"{like}\", with all six parts of the ARN"));
        cx.report(match narrowed(test, like, statement, cx) {
            Some(name) => {
                let edit = Edit::replace(test.operator_span, format!("\"{name}\""));
                finding.fix(format!("`{like}` for `{}`", test.operator.kind.name()), false, vec![edit])
            }
            None => finding,
        });
    }
}

/// The operator's new name, where to compare part by part can only take access away and nothing else stands
/// under the old name or the new one.
fn narrowed(test: &Test, like: &str, statement: &Statement, cx: &Context<'_>) -> Option<String> {
    let narrows = statement.effect.is_some() && statement.allows() != test.operator.kind.is_negated();
    let whole = test.values.items.iter().all(|value| is_plain(value) && Arn::parse(&value.text).is_some());
    let loose = test.operator_span.slice(cx.document.text()).trim_matches('"');
    let name = loose.replacen(test.operator.kind.name(), like, 1);
    let operator = Operator::parse(&name)?;
    let taken = |other: &Test| {
        !std::ptr::eq(other, test)
            && (other.operator_span == test.operator_span || other.operator == operator)
    };
    let free = !statement.conditions.iter().any(taken) && cx.document.is_sound();
    (narrows && whole && free).then_some(name)
}

fn is_arn(test: &Test) -> bool {
    let key = catalog::condition_key(&test.key).filter(|key| !key.is_family());
    key.and_then(|key| key.value_type()) == Some(ValueType::Arn)
}

/// Whether a wildcard stands where it can run into the next part of the ARN.
fn crosses(text: &str) -> bool {
    let Some(arn) = Arn::parse(text) else { return text.contains(['*', '?']) };
    let head = text.len() - arn.resource.len();
    text.get(..head).is_some_and(|head| head.contains('*'))
}
