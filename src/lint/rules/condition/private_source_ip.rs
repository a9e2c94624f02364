use crate::diagnostic::Severity;
use crate::lint::addresses::Range;
use crate::lint::facts::is_plain;
use crate::lint::presence::passes_absence;
use crate::lint::rule::rule;
use crate::lint::value_types::{Family, family};
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// `aws:SourceIp` is compared with private addresses.
    ///
    /// ## Why
    ///
    /// The key is the public address that AWS sees. Requests from a VPC have their private address in
    /// `aws:VpcSourceIp`. So a private address never matches, and `NotIpAddress` with private ones alone is
    /// always true.
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
    ///     "Condition": { "IpAddress": { "aws:SourceIp": "10.0.0.0/16" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "IpAddress": { "aws:SourceIp": [ "203.0.113.0/24", "192.168.0.0/16" ] } }
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
    ///     "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } }
    ///   }
    /// }
    /// ```
    name: "private-source-ip", group: Condition, severity: Error, since: "0.1.0",
    rows: ["CND-36", "CND-37", "CND-38", "CND-39"],
    peers: [
        "access-analyzer:PRIVATE_IP_ADDRESS", "access-analyzer:PRIVATE_NOT_IP_ADDRESS",
        "access-analyzer:PRIVATE_IP_ADDRESS_SUBSET", "access-analyzer:PRIVATE_NOT_IP_ADDRESS_SUBSET",
    ],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in statement.conditions.iter().filter(|test| test.key.eq_ignore_ascii_case("aws:SourceIp")) {
        let is_private = |text: &str| Range::parse(text).is_some_and(Range::is_private);
        let mut values = test.values.items.iter().filter(|value| is_plain(value));
        if family(test.operator.kind) != Family::Ip {
            continue;
        }
        let Some(value) = values.find(|value| is_private(&value.text)) else { continue };
        let all = test.values.items.iter().all(|value| !value.is_function() && is_private(&value.text));
        let negated = test.operator.kind.is_negated();
        // Requests from a VPC endpoint have no such key.
        let absent = passes_absence(test);
        let message = format!("`{}` is a private address, and `aws:SourceIp` is a public one", value.text);
        let label = match (all, negated) {
            (true, true) => "excepts nobody, so the test is always true",
            (true, false) if absent => "true only where the key is absent",
            (true, false) => "never true",
            (false, true) => "excepts nobody",
            (false, false) => "matches nobody",
        };
        let finding = cx.finding(value.span, message).label(label);
        let level = match all {
            true if absent && !negated => Severity::Warning,
            true => Severity::Error,
            false => Severity::Note,
        };
        let severity = finding.severity.min(level);
        cx.report(finding.severity(severity).help(match all {
            true => "write public addresses, or test `aws:VpcSourceIp` together with `aws:SourceVpc`",
            false => "take it out; for requests from a VPC test `aws:SourceVpc` in a statement of its own",
        }));
    }
}
