use crate::lint::facts::is_plain;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{PrincipalType, Statement};

rule! {
    /// A wildcard stands inside a principal, or for all services or identity providers.
    ///
    /// ## Why
    ///
    /// In a principal `*` is no wildcard but a word that means everyone, and only for type `AWS`. Inside an
    /// ARN AWS refuses it. Roles of a certain name are let in by a test of `aws:PrincipalArn`.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/deploy-*" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "*" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "StringEquals": { "aws:SourceAccount": "222222222222" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "222222222222" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::222222222222:role/deploy-*" } }
    ///   }
    /// }
    /// ```
    name: "wildcard-in-principal", group: Principal, severity: Error, since: "0.1.0",
    rows: ["PRN-04", "PRN-12", "PUB-05"],
    peers: [
        "access-analyzer:UNSUPPORTED_WILDCARD_IN_PRINCIPAL", "cfn-lint:E3512",
        "iam-policy-validator:service_principal_wildcard",
    ],
    gives_way_to: ["unknown-principal-type"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for entry in statement.principal.iter().flat_map(|element| &element.entries) {
        for value in entry.values.items.iter().filter(|value| is_plain(value)) {
            let text = value.text.as_str();
            let everyone = text == "*" && entry.kind == PrincipalType::Aws;
            if everyone || !text.contains(['*', '?']) || text.contains("${") {
                continue;
            }
            let name = entry.kind.name();
            let message = match text {
                "*" => format!("`*` is no principal of type `{name}`"),
                text => format!("`{text}` has a wildcard, which a principal cannot have"),
            };
            let finding = cx.finding(value.span, message).label("AWS refuses this");
            cx.report(finding.help(match entry.kind {
                PrincipalType::Aws => {
                    "name the account, with \"ArnLike\" and `aws:PrincipalArn` in a `Condition` for the rest"
                }
                PrincipalType::Service => "name each service that is meant",
                _ => "name each provider that is meant",
            }));
        }
    }
}
