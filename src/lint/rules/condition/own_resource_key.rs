use crate::kind::Kind;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A resource policy tests whose resource it is.
    ///
    /// ## Why
    ///
    /// `aws:ResourceAccount` and its kin tell about the resource, which is the one that the policy is attached to: the
    /// test is true of every request, or of none. The keys are for identity policies and control policies.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "StringEquals": { "s3:ResourceAccount": "222222222222" } }
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
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "StringEquals": { "aws:PrincipalAccount": "222222222222" } }
    ///   }
    /// }
    /// ```
    name: "own-resource-key", group: Condition, severity: Note, since: "0.1.0",
    rows: ["CND-55"],
    peers: ["access-analyzer:IRRELEVANT_CONDITION_KEY_IN_POLICY"],
    kinds: [Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda],
    gives_way_to: ["public-access", "confused-deputy"],
    check: Check::Statement(check),
}

/// Keys about the resource, and about the account or organization that it is in.
const KEYS: [&str; 4] =
    ["aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths", "s3:ResourceAccount"];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    // A policy of a VPC endpoint, for which the keys are made, looks like one of a bucket.
    let everything = |text: &str| ["*", "arn:aws:s3:::*"].contains(&text);
    let resources = statement.resource.iter().flat_map(|element| &element.values.items);
    if cx.document.kind == Kind::S3 && resources.map(|value| value.text.as_str()).any(everything) {
        return;
    }
    let thing = cx.document.kind.thing();
    for test in &statement.conditions {
        if KEYS.iter().any(|key| key.eq_ignore_ascii_case(&test.key)) {
            let message = format!("`{}` is the same in every request to this {thing}", test.key);
            let finding = cx.finding(test.key_span, message).label(format!("about the {thing} itself"));
            cx.report(
                finding.help("to say who may call, test `aws:PrincipalAccount` or `aws:PrincipalOrgID`"),
            );
        }
    }
}
