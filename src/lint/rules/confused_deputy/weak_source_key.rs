use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::{PrincipalType, Statement, Test};

rule! {
    /// What a service acts for is asked for with a key that has been replaced.
    ///
    /// ## Why
    ///
    /// `aws:SourceOwner` comes from a few old integrations only, and SES used to put the account into
    /// `aws:Referer`, which anybody else can set. `aws:SourceAccount` and `aws:SourceArn` come with the requests
    /// of all services that act for somebody.
    ///
    /// ## Examples
    ///
    /// ```json bad sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "events.amazonaws.com" },
    ///     "Action": "sns:Publish",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:expel-topic",
    ///     "Condition": { "StringEquals": { "aws:SourceOwner": "222222222222" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "events.amazonaws.com" },
    ///     "Action": "sns:Publish",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:expel-topic",
    ///     "Condition": { "StringEquals": { "aws:SourceAccount": "222222222222" } }
    ///   }
    /// }
    /// ```
    name: "weak-source-key", group: ConfusedDeputy, severity: Note, since: "0.1.0",
    rows: ["CDP-02"],
    peers: ["access-analyzer:RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL"],
    kinds: [Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda, Resource],
    gives_way_to: ["confused-deputy"],
    check: Check::Statement(check),
}

const STRONG: [&str; 4] = ["aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.allows() {
        return;
    }
    let Some(service) = trust::principals(statement, PrincipalType::Service).next() else { return };
    let is = |test: &Test, keys: &[&str]| keys.contains(&test.key.to_ascii_lowercase().as_str());
    if statement.conditions.iter().any(|test| is(test, &STRONG)) {
        return;
    }
    let weak =
        |test: &&Test| is(test, &["aws:sourceowner", "aws:referer"]) && !test.operator.kind.is_negated();
    let Some(test) = statement.conditions.iter().find(weak) else { return };
    let finding = cx
        .finding(test.key_span, format!("`{}` is not the key that says for whom a service acts", test.key))
        .also_at(service.span, "acts for whoever asks it")
        .help("write \"aws:SourceAccount\" with the account, or \"aws:SourceArn\" with the resource");
    cx.report(finding);
}
