use crate::edit::Edit;
use crate::lint::addresses::Range;
use crate::lint::facts::is_plain;
use crate::lint::rule::rule;
use crate::lint::value_types::{Family, family};
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A range of addresses is written with an address inside of it.
    ///
    /// ## Why
    ///
    /// `203.0.113.7/24` is all of `203.0.113.0/24`: the bits behind the mask do not count. Whoever wrote it may
    /// have meant the one address.
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
    ///     "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.7/24" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json fixed
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
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "IpAddress": { "aws:SourceIp": [ "203.0.113.0/24", "203.0.113.7" ] } }
    ///   }
    /// }
    /// ```
    name: "cidr-host-bits", group: Condition, severity: Note, since: "0.1.0",
    rows: ["CND-40"],
    peers: ["access-analyzer:IMPROVE_IP_RANGE"],
    fix: Safe,
    gives_way_to: ["private-source-ip"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in statement.conditions.iter().filter(|test| family(test.operator.kind) == Family::Ip) {
        for value in test.values.items.iter().filter(|value| is_plain(value)) {
            let Some(masked) = Range::parse(&value.text).and_then(Range::masked) else { continue };
            let address = value.text.split('/').next().unwrap_or("");
            let finding = cx.finding(value.span, format!("`{}` is all of `{masked}`", value.text));
            let help = format!("write \"{masked}\", or \"{address}\" if the one address is meant");
            let edit = Edit::replace(value.span, format!("\"{masked}\""));
            cx.report(finding.label("the bits behind the mask do not count").help(help).fix(
                "the range as it is read",
                true,
                vec![edit],
            ));
        }
    }
}
