use crate::lint::facts::{arns, dated, is_pattern, is_plain};
use crate::lint::regions::{is_region, nearest_region};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Value};

rule! {
    /// An ARN or a test of `aws:RequestedRegion` names a Region that there is not.
    ///
    /// ## Why
    ///
    /// No resource is there and no request goes there, so the statement does nothing in that place. An
    /// Availability Zone such as `us-east-1a` is no Region.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": "arn:aws:sqs:us-esat-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    name: "unknown-region", group: Resource, severity: Warning, since: "0.1.0",
    rows: ["RES-09", "CND-31"],
    peers: [
        "access-analyzer:INVALID_ARN_REGION", "access-analyzer:INVALID_REGION", "parliament:INVALID_ARN",
        "iam-policy-validator:invalid_resource",
    ],
    gives_way_to: ["invalid-arn"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    // One finding for each name, where it stands first.
    let mut seen: Vec<&str> = Vec::new();
    for (value, arn) in arns(statement) {
        look(arn.region, value, &mut seen, cx);
    }
    let asks = |key: &str| key.eq_ignore_ascii_case("aws:RequestedRegion");
    for test in statement.conditions.iter().filter(|test| asks(&test.key)) {
        if test.operator.kind.name().starts_with("String") {
            for value in test.values.items.iter().filter(|value| is_plain(value)) {
                look(&value.text, value, &mut seen, cx);
            }
        }
    }
}

fn look<'s>(region: &'s str, value: &Value, seen: &mut Vec<&'s str>, cx: &mut Context<'_>) {
    if region.is_empty() || is_pattern(region) || is_region(region) || seen.contains(&region) {
        return;
    }
    seen.push(region);
    let finding = cx.finding(value.span, format!("`{region}` is no Region of AWS, {}", dated()));
    cx.report(match nearest_region(region) {
        Some(nearest) => finding.help(format!("did you mean `{nearest}`?")),
        None => finding.help("write the code of a Region such as `us-east-1`, or `*` for any"),
    });
}
