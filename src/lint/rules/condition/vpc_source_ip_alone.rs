use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Test};

rule! {
    /// Access rests on `aws:VpcSourceIp` and on no VPC.
    ///
    /// ## Why
    ///
    /// Private addresses are not given once in the world: everyone has a VPC with `10.0.0.0/16` in it. The
    /// address says something only together with the VPC or the endpoint that it is from.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "IpAddress": { "aws:VpcSourceIp": "10.0.0.0/16" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": {
    ///       "IpAddress": { "aws:VpcSourceIp": "10.0.0.0/16" },
    ///       "StringEquals": { "aws:SourceVpc": "vpc-0a1b2c3d4e5f67890" }
    ///     }
    ///   }
    /// }
    /// ```
    name: "vpc-source-ip-alone", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-41"],
    peers: ["access-analyzer:MISSING_PAIRED_CONDITION_KEYS"],
    gives_way_to: ["public-access"],
    check: Check::Statement(check),
}

/// Keys that say which network it is.
const NETWORKS: [&str; 6] = [
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:SourceVpcArn",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let is = |test: &Test, key: &str| test.key.eq_ignore_ascii_case(key);
    let paired = |test: &Test| NETWORKS.iter().any(|key| is(test, key));
    if statement.conditions.iter().any(paired) {
        return;
    }
    for test in statement.conditions.iter().filter(|test| is(test, "aws:VpcSourceIp")) {
        // A Deny of some addresses is the stricter without a VPC; one of all others excepts them everywhere.
        if statement.denies() != test.operator.kind.is_negated() {
            continue;
        }
        let finding = cx.finding(test.key_span, "private addresses are the same in every VPC");
        cx.report(
            finding.label("of whichever VPC").help("add a test of `aws:SourceVpc` or `aws:SourceVpce`"),
        );
    }
}
