use crate::lint::facts::{arns, dated, is_pattern};
use crate::lint::forms::fits_part;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// An ARN has a Region where its type has none, or lacks it where its type has one.
    ///
    /// ## Why
    ///
    /// Such an ARN names nothing. Buckets and what IAM keeps have no Region in their ARNs, most else has.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": "arn:aws:sqs::222222222222:expel-queue"
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
    ///     "Resource": "arn:aws:sqs:*:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    name: "arn-region", group: Resource, severity: Warning, since: "0.1.0",
    rows: ["RES-10", "RES-11"],
    peers: ["access-analyzer:ARN_REGION_NOT_ALLOWED", "access-analyzer:MISSING_ARN_REGION"],
    gives_way_to: ["invalid-arn", "unknown-region", "arn-account"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let known = cx.forms();
    for (value, arn) in arns(statement).filter(|(_, arn)| !is_pattern(arn.service)) {
        let forms = known.of(&arn);
        let Some(form) = forms.first() else { continue };
        if forms.iter().any(|form| fits_part(form.region, arn.region)) {
            continue;
        }
        let message = match arn.region {
            "" => format!("ARNs of this type have a Region, {}", dated()),
            region => format!("ARNs of this type have no Region `{region}`, {}", dated()),
        };
        let finding = cx.finding(value.span, message).label("names nothing");
        cx.report(finding.help(format!("its form is `{}`", form.text())));
    }
}
