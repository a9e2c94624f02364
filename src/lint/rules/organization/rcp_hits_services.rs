use crate::lint::caller::{self, Caller};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Test};

rule! {
    /// A resource control policy keeps out AWS's own services, or lets strangers by.
    ///
    /// ## Why
    ///
    /// A service that calls with its own name is in no account and no organization, so a `Deny` for all that
    /// are not of the organization denies it: logs are no longer delivered, topics no longer reach their
    /// queues. `"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}` spares services.
    ///
    /// With `Bool` in its place the statement also spares requests without credentials, which do not carry the
    /// key.
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
    ///     "Condition": { "StringNotEqualsIfExists": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }
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
    ///       "StringNotEqualsIfExists": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" },
    ///       "BoolIfExists": { "aws:PrincipalIsAWSService": "false" }
    ///     }
    ///   }
    /// }
    /// ```
    name: "rcp-hits-services", group: Organization, severity: Warning, since: "0.1.0",
    rows: ["ORG-11"],
    peers: ["access-analyzer:RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY", "iam-policy-validator:rcp_missing_service_carveout", "iam-policy-validator:rcp_carveout_missing_ifexists"],
    kinds: [Rcp],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.denies() || !statement.is_complete() {
        return;
    }
    let of_principal = |test: &&Test| caller::is_of_principal(&test.key);
    let Some(test) = statement.conditions.iter().find(of_principal) else { return };
    if caller::reaches(statement, Caller::Service) {
        let finding = cx.finding(
            test.key_span,
            format!("requests of AWS's services have no `{}`, and are denied", test.key),
        );
        cx.report(
            finding
                .label("also true of a service that calls with its own name")
                .help("add \"BoolIfExists\": { \"aws:PrincipalIsAWSService\": \"false\" }"),
        );
        return;
    }
    // It would hit requests without credentials, were it not for the test that spares services.
    let spares = |test: &Test| {
        test.key.eq_ignore_ascii_case("aws:PrincipalIsAWSService") && !caller::passes(test, Caller::Anonymous)
    };
    let spared: Vec<&Test> =
        statement.conditions.iter().filter(|test| !caller::passes(test, Caller::Anonymous)).collect();
    if let [test] = spared.as_slice()
        && spares(test)
    {
        let message = format!("requests without credentials have no `{}`, and are not denied", test.key);
        let finding = cx.finding(test.operator_span, message).label("false where the key is missing");
        cx.report(finding.help("write \"BoolIfExists\""));
    }
}
