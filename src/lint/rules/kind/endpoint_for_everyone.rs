use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A VPC endpoint lets any credentials through to any resource.
    ///
    /// ## Why
    ///
    /// What the endpoint policy lets through reaches other people's resources, too: somebody in the network can
    /// carry data to a bucket of his own. Tests of `aws:PrincipalOrgID` and `aws:ResourceOrgID`, or named
    /// resources, keep it in the house. What AWS's own services call for by themselves is none of anybody's credentials.
    ///
    /// ## Examples
    ///
    /// ```json bad endpoint
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": "*",
    ///     "Action": "s3:*",
    ///     "Resource": "*"
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
    ///
    /// ```json good endpoint
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": "*",
    ///     "Action": "*",
    ///     "Resource": "*",
    ///     "Condition": { "Bool": { "aws:PrincipalIsAWSService": "true" } }
    ///   }
    /// }
    /// ```
    name: "endpoint-for-everyone", group: Kind, severity: Warning, since: "0.1.0",
    rows: ["VPE-01"],
    peers: ["prowler:vpc_endpoint_connections_trust_boundaries"],
    kinds: [Endpoint],
    check: Check::Statement(check),
}

/// Keys that hold requests to one's own principals or resources.
const OWN: [&str; 8] = [
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:resourceaccount",
    "s3:resourceaccount",
];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let any_resource = statement.resource.as_ref().is_none_or(|element| !element.negated)
        && statement.resources().iter().any(|resource| resource.is_any());
    if !statement.allows() || !statement.is_complete() || !any_resource {
        return;
    }
    let held = statement.conditions.iter().any(|test| {
        let key = test.key.to_ascii_lowercase();
        let own = OWN.contains(&key.as_str())
            || key.starts_with("aws:principaltag/")
            || key.starts_with("aws:resourcetag/");
        let says_true = || test.values.items.iter().all(|value| value.text.eq_ignore_ascii_case("true"));
        let service = key == "aws:principalisawsservice" && says_true();
        (own || service) && !test.operator.kind.is_negated()
    });
    let everyone =
        statement.principal.as_ref().filter(|element| !element.negated).and_then(|element| element.any());
    let Some(span) = everyone.filter(|_| !held) else { return };
    let finding = cx.finding(span, "any credentials reach any resource through this endpoint");
    cx.report(finding.label("everyone in the network").help(
        "add \"StringEquals\": { \"aws:PrincipalOrgID\": \"<your organization>\", \"aws:ResourceOrgID\": \"<your organization>\" }",
    ));
}
