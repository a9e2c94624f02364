use crate::analyze::attached::may_include;
use crate::diagnostic::Severity;
use crate::document::{Because, Document};
use crate::kind::Kind;
use crate::lint::facts::{arns, is_pattern};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::placeholder::is_filled_in;
use crate::policy::{Arn, Resource, Statement, Value};

rule! {
    /// A resource policy names a resource that it is not attached to.
    ///
    /// ## Why
    ///
    /// The policy of a bucket, topic, queue or secret is about that bucket, topic, queue or secret. AWS refuses
    /// a resource of another service, and a statement about another resource has no effect. A policy of a bucket, topic or
    /// queue is attached to one of them, so that one of two statements about two of them has none.
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
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///       "Action": "s3:GetObject",
    ///       "Resource": "arn:aws:s3:::logs/*"
    ///     },
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///       "Action": "s3:GetObject",
    ///       "Resource": "arn:aws:s3:::reports/*"
    ///     }
    ///   ]
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
        let Some(own) = own else {
            // A template may attach one policy to several.
            let is_listed = statement.resource.as_ref().is_some_and(|element| !element.negated);
            let first = first_named(cx.document).filter(|_| is_listed && !cx.document.is_template());
            if let Some(first) = first.filter(|first| is_another(value, first, kind)) {
                let message = format!("`{}` is about another {thing} than `{first}`", value.text);
                let finding = cx.finding(value.span, message);
                let finding = finding.label(format!("the policy is attached to one {thing}"));
                let severity = finding.severity.min(Severity::Warning);
                let help = format!("move the statement to the policy of that {thing}");
                cx.report(finding.severity(severity).help(help));
            }
            continue;
        };
        if is_about(value.text.as_str(), own, kind) {
            continue;
        }
        let message = format!("`{}` is not the {thing} that the policy is attached to", value.text);
        let finding = cx.finding(value.span, message).label("has no effect here");
        let severity = finding.severity.min(Severity::Warning);
        cx.report(finding.severity(severity).help(format!("it is attached to {own}")));
    }
}

/// The first bucket, topic or queue that a statement names literally.
fn first_named(document: &Document) -> Option<String> {
    let elements = document.policy.statements.iter().filter_map(|statement| statement.resource.as_ref());
    let values = elements.filter(|element| !element.negated).flat_map(|element| &element.values.items);
    values.filter_map(|value| one_named(value.known()?, document.kind)).next()
}

/// The bucket, topic or queue that an ARN names literally, or is in.
fn one_named(text: &str, kind: Kind) -> Option<String> {
    let arn = Arn::parse(text)?;
    let whole = match kind {
        // Not that of an access point.
        Kind::S3 if arn.service == "s3" && arn.region.is_empty() && arn.account.is_empty() => {
            text.split('/').next()?
        }
        Kind::Sns | Kind::Sqs if kind.service() == Some(arn.service) => text,
        _ => return None,
    };
    let is_literal = !is_pattern(whole) && !is_filled_in(whole) && !whole.contains('$');
    is_literal.then(|| whole.to_owned())
}

/// Whether a value names another one.
fn is_another(value: &Value, first: &str, kind: Kind) -> bool {
    let named = value.known().and_then(|text| one_named(text, kind));
    named.is_some_and(|named| !is_about(&named, first, kind))
}

/// Whether a pattern of the policy has anything to do with what the policy is attached to.
fn is_about(text: &str, own: &str, kind: Kind) -> bool {
    let pattern = Resource::new(text, true);
    let about = |own: &str| pattern.intersects(&Resource::new(own, false));
    about(own)
        || (matches!(kind, Kind::S3 | Kind::Lambda)
            && (about(&format!("{own}/*")) || about(&format!("{own}:*"))))
}
