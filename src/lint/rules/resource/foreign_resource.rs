use crate::analyze::attached::may_include;
use crate::diagnostic::Severity;
use crate::document::Because;
use crate::kind::Kind;
use crate::lint::facts::{arns, is_pattern};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Arn, Resource, Statement};

rule! {
    /// A resource policy names a resource that it does not hang on.
    ///
    /// ## Why
    ///
    /// The policy of a bucket, topic, queue or secret is about that bucket, topic, queue or secret. AWS refuses
    /// a resource of another service, and a statement about another resource has no effect.
    ///
    /// ## Examples
    ///
    /// ```json bad sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/writer" },
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:expel-topic"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/writer" },
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    name: "foreign-resource", group: Resource, severity: Error, since: "0.1.0",
    rows: ["RES-19"],
    peers: ["access-analyzer:UNSUPPORTED_RESOURCE_ARN_IN_POLICY"],
    kinds: [S3, Sns, Sqs, SecretsManager, Lambda],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let kind = cx.document.kind;
    let own = cx.document.resource.as_deref().filter(|own| Arn::parse(own).is_some());
    for (value, arn) in arns(statement).filter(|(_, arn)| !is_pattern(arn.service)) {
        let thing = kind.thing();
        if !may_include(kind, &arn) {
            let message = format!("`{}` is no resource of {}", value.text, kind.with_article());
            let finding = cx.finding(value.span, message).label(format!("not this {thing}"));
            let finding = match &statement.action {
                Some(action) => finding.also_at(action.values.span, "not for these"),
                None => finding,
            };
            let guessed = matches!(cx.document.because, Because::Content(_) | Because::Default);
            let severity = if guessed { Severity::Warning } else { Severity::Error };
            let severity = finding.severity.min(severity);
            let help = format!("write the ARN of the {thing}, or say --kind if it is another kind of policy");
            cx.report(finding.severity(severity).help(help));
            continue;
        }
        let Some(own) = own.filter(|own| !is_about(value.text.as_str(), own, kind)) else { continue };
        let message = format!("`{}` is not the {thing} that the policy hangs on", value.text);
        let finding = cx.finding(value.span, message).label("has no effect here");
        let severity = finding.severity.min(Severity::Warning);
        cx.report(finding.severity(severity).help(format!("it hangs on {own}")));
    }
}

/// Whether a pattern of the policy has anything to do with what the policy hangs on.
fn is_about(text: &str, own: &str, kind: Kind) -> bool {
    let pattern = Resource::new(text, true);
    let about = |own: &str| pattern.intersects(&Resource::new(own, false));
    about(own)
        || (matches!(kind, Kind::S3 | Kind::Lambda)
            && (about(&format!("{own}/*")) || about(&format!("{own}:*"))))
}
