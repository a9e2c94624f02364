use crate::kind::Kind;
use crate::lint::facts::action_values;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::pattern::Pattern;
use crate::policy::Statement;

rule! {
    /// A resource policy names actions of another service than the one that keeps it.
    ///
    /// ## Why
    ///
    /// A bucket policy speaks of S3, a key policy of KMS. The services refuse other actions, or keep them
    /// without effect; what the caller may do elsewhere belongs into the caller's own policy.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": [ "s3:GetObject", "kms:Decrypt" ],
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    name: "foreign-action", group: Action, severity: Error, since: "0.1.0",
    rows: ["ACT-12"],
    peers: ["access-analyzer:UNSUPPORTED_ACTION_IN_POLICY", "cfn-lint:W3037"],
    kinds: [Trust, Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda],
    gives_way_to: ["invalid-action", "unknown-service"],
    check: Check::Statement(check),
}

/// The prefixes of the actions that a policy of this kind can be about.
fn own_services(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Trust => &["sts"],
        Kind::Kms => &["kms"],
        // Access points and directory buckets have policies of the same sort.
        Kind::S3 => &["s3", "s3express", "s3-object-lambda", "s3-outposts", "s3tables"],
        Kind::Sns => &["sns"],
        Kind::Sqs => &["sqs"],
        Kind::Ecr => &["ecr"],
        Kind::SecretsManager => &["secretsmanager"],
        Kind::Lambda => &["lambda"],
        _ => &[],
    }
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let kind = cx.document.kind;
    let own = own_services(kind);
    for value in action_values(statement) {
        let Some((prefix, _)) = value.text.split_once(':') else { continue };
        let pattern = Pattern::new(&prefix.to_ascii_lowercase());
        if prefix.is_empty() || own.iter().any(|service| pattern.matches(service)) {
            continue;
        }
        let Some(service) = own.first() else { continue };
        let message = format!("`{}` has no place in {}", value.text, kind.with_article());
        let finding = cx.finding(value.span, message).label(format!("no action of `{service}`"));
        cx.report(finding.help(match kind {
            Kind::Trust => "allow it in a policy of the role; this one says who may assume it".to_owned(),
            _ => format!("allow it in the policies of who calls; this one is about the {}", kind.thing()),
        }));
    }
}
