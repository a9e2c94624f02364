use crate::diagnostic::Severity;
use crate::lint::caller::is_of_principal;
use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::{PrincipalType, SetOperator, Statement, Test, TestKind};

rule! {
    /// A service is let in on a condition that its requests never meet.
    ///
    /// ## Why
    ///
    /// A service that calls with its own name is in no account and no organization. Its requests come
    /// without `aws:PrincipalOrgID`, `aws:PrincipalAccount` and the other keys that tell of the account, the tags or
    /// the session of a caller, so a statement that asks for one lets it not in. `aws:SourceOrgID` and
    /// `aws:SourceAccount` say for whom it acts.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "cloudtrail.amazonaws.com" },
    ///     "Action": "s3:PutObject",
    ///     "Resource": "arn:aws:s3:::trail/*",
    ///     "Condition": {
    ///       "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:SourceOrgID": "o-a1b2c3d4e5" }
    ///     }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "cloudtrail.amazonaws.com" },
    ///     "Action": "s3:PutObject",
    ///     "Resource": "arn:aws:s3:::trail/*",
    ///     "Condition": { "StringEquals": { "aws:SourceOrgID": "o-a1b2c3d4e5" } }
    ///   }
    /// }
    /// ```
    name: "principal-key-for-service", group: ConfusedDeputy, severity: Error, since: "0.1.0",
    rows: ["CDP-03"],
    peers: ["access-analyzer:UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL"],
    kinds: [Trust, Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda, Resource],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.allows() || !statement.is_complete() {
        return;
    }
    let Some(service) = trust::principals(statement, PrincipalType::Service).next() else { return };
    let Some(test) = statement.conditions.iter().find(|test| asks_for_an_account(test)) else { return };
    let source = match test.key.to_ascii_lowercase().as_str() {
        "aws:principalorgid" => "aws:SourceOrgID",
        "aws:principalorgpaths" => "aws:SourceOrgPaths",
        "aws:principalarn" => "aws:SourceArn",
        _ => "aws:SourceAccount",
    };
    let alone = statement
        .principal
        .iter()
        .flat_map(|element| &element.entries)
        .all(|entry| entry.kind == PrincipalType::Service);
    let message = format!("`{}` is never let in: its requests have no `{}`", service.text, test.key);
    let finding = cx
        .finding(test.key_span, message)
        .label("asks for the caller's own account")
        .also_at(service.span, "is in no account");
    // The other principals of the statement may well meet it.
    let level = if alone { finding.severity } else { finding.severity.min(Severity::Warning) };
    cx.report(
        finding.severity(level).help(format!("write \"{source}\", which says for whom a service acts")),
    );
}

/// Whether a test fails for whoever is in no account.
fn asks_for_an_account(test: &Test) -> bool {
    let operator = test.operator;
    let passes_without = operator.if_exists
        || operator.set == Some(SetOperator::ForAllValues)
        || (operator.kind.is_negated() && operator.set.is_none())
        || operator.kind == TestKind::Null;
    is_of_principal(&test.key) && !passes_without
}
