use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Principal, Statement};

rule! {
    /// The policy of a VPC endpoint names principals.
    ///
    /// ## Why
    ///
    /// Gateway endpoints, those of S3 and DynamoDB, take `"*"` alone: an account named there is its root user
    /// and nobody else, and `NotPrincipal` is not for them. `aws:PrincipalArn` and `aws:PrincipalAccount` in a
    /// condition say who is meant, at every endpoint.
    ///
    /// ## Examples
    ///
    /// ```json bad endpoint
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": "s3:*",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good endpoint
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": "*",
    ///     "Action": "s3:*",
    ///     "Resource": "*",
    ///     "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }
    ///   }
    /// }
    /// ```
    name: "endpoint-principal", group: Kind, severity: Warning, since: "0.1.0",
    rows: ["VPE-02"],
    peers: [],
    kinds: [Endpoint],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = &statement.principal else { return };
    let named = element.principals().find(|(principal, value)| *principal != Principal::Any && !value.opaque);
    let (span, message) = match (element.negated, named) {
        (true, _) => (element.key, "`NotPrincipal` does not do at every VPC endpoint".to_owned()),
        (false, Some((_, value))) => {
            (value.span, format!("`{}` is not met at every VPC endpoint", value.text))
        }
        (false, None) => return,
    };
    let finding = cx.finding(span, message).label("gateway endpoints take \"*\" alone");
    cx.report(
        finding.help(
            "write \"Principal\": \"*\" and say in a condition who is meant, as with `aws:PrincipalArn`",
        ),
    );
}
