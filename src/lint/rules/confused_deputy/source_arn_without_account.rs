use crate::analyze::public::{Hold, hold};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Arn, Statement, Test};

rule! {
    /// A source ARN is that of a bucket, which names no account.
    ///
    /// ## Why
    ///
    /// The ARN of a bucket says only its name. When the bucket is deleted the name is free, and whoever
    /// takes it has a bucket of that ARN. `aws:SourceAccount` beside it says whose bucket is meant.
    ///
    /// ## Examples
    ///
    /// ```json bad sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "s3.amazonaws.com" },
    ///     "Action": "sns:Publish",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:expel-topic",
    ///     "Condition": { "ArnLike": { "aws:SourceArn": "arn:aws:s3:::reports" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "s3.amazonaws.com" },
    ///     "Action": "sns:Publish",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:expel-topic",
    ///     "Condition": {
    ///       "ArnLike": { "aws:SourceArn": "arn:aws:s3:::reports" },
    ///       "StringEquals": { "aws:SourceAccount": "222222222222" }
    ///     }
    ///   }
    /// }
    /// ```
    name: "source-arn-without-account", group: ConfusedDeputy, severity: Warning, since: "0.1.0",
    rows: ["CDP-05"],
    peers: [],
    kinds: [Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda, Resource],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.allows() {
        return;
    }
    let kind = cx.document.kind;
    let is_source_arn = |test: &Test| test.key.eq_ignore_ascii_case("aws:SourceArn");
    let mut held = statement.conditions.iter().filter(|test| hold(test, statement, kind) == Hold::Fixed);
    // Anything else that holds it names an owner.
    let (Some(test), None) = (held.next(), held.next()) else { return };
    if !is_source_arn(test) {
        return;
    }
    let bucket = test.values.items.iter().find(|value| {
        let arn = Arn::parse(&value.text).filter(|arn| arn.service == "s3");
        !value.is_function() && arn.is_some_and(|arn| matches!(arn.account, "" | "*"))
    });
    let Some(bucket) = bucket else { return };
    let finding = cx
        .finding(bucket.span, "a bucket ARN names no account")
        .label("whoever owns a bucket of this name")
        .help(
            "add \"StringEquals\": { \"aws:SourceAccount\": \"<account of the bucket>\" }: if the bucket is ever \
             deleted, another account can take its name",
        );
    cx.report(finding);
}
