use crate::diagnostic::Severity;
use crate::lint::caller::{self, Caller};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Test, TestKind};

rule! {
    /// A resource control policy that is meant for services hits other callers.
    ///
    /// ## Why
    ///
    /// `aws:SourceOrgID` and its like come only with requests that a service makes for somebody. A negated test
    /// of one is true of all others: of every user and role, and of a service that does not say for whom it
    /// acts. `"Bool": {"aws:PrincipalIsAWSService": "true"}` leaves users and roles alone, `"Null":
    /// {"aws:SourceAccount": "false"}` services that do not say.
    ///
    /// ## Examples
    ///
    /// ```json bad rcp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": "s3:*",
    ///     "Resource": "*",
    ///     "Condition": { "StringNotEqualsIfExists": { "aws:SourceOrgID": "o-a1b2c3d4e5" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad rcp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": "s3:*",
    ///     "Resource": "*",
    ///     "Condition": {
    ///       "StringNotEqualsIfExists": { "aws:SourceOrgID": "o-a1b2c3d4e5" },
    ///       "Bool": { "aws:PrincipalIsAWSService": "true" }
    ///     }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good rcp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": "s3:*",
    ///     "Resource": "*",
    ///     "Condition": {
    ///       "StringNotEqualsIfExists": { "aws:SourceOrgID": "o-a1b2c3d4e5" },
    ///       "Bool": { "aws:PrincipalIsAWSService": "true" },
    ///       "Null": { "aws:SourceAccount": "false" }
    ///     }
    ///   }
    /// }
    /// ```
    name: "rcp-source-key", group: Organization, severity: Warning, since: "0.1.0",
    rows: ["ORG-12", "ORG-13"],
    peers: ["access-analyzer:RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY", "access-analyzer:RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK"],
    kinds: [Rcp],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.denies() || !statement.is_complete() {
        return;
    }
    let of_source = |test: &&Test| {
        caller::SOURCE.contains(&test.key.to_ascii_lowercase().as_str())
            && test.operator.kind != TestKind::Null
    };
    let Some(test) = statement.conditions.iter().find(of_source) else { return };
    let names_services =
        statement.conditions.iter().any(|test| test.key.eq_ignore_ascii_case("aws:PrincipalIsAWSService"));
    let (message, label, help, level) = if caller::reaches(statement, Caller::Principal) {
        (
            format!("requests of users and roles have no `{}`, and are denied", test.key),
            "also true of a request that no service makes",
            "add \"Bool\": { \"aws:PrincipalIsAWSService\": \"true\" } and \"Null\": { \"aws:SourceAccount\": \"false\" }",
            Severity::Warning,
        )
    } else if caller::reaches(statement, Caller::Service) {
        (
            format!("services that send no `{}` are denied", test.key),
            "also true of a service that does not say for whom it acts",
            "add \"Null\": { \"aws:SourceAccount\": \"false\" }",
            Severity::Warning,
        )
    } else if !names_services {
        (
            format!("`{}` comes with requests of services only", test.key),
            "nothing says that services are meant",
            "add \"Bool\": { \"aws:PrincipalIsAWSService\": \"true\" }",
            Severity::Note,
        )
    } else {
        return;
    };
    let finding = cx.finding(test.key_span, message);
    let level = finding.severity.min(level);
    cx.report(finding.severity(level).label(label).help(help));
}
