use crate::lint::facts::{arns, is_pattern};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A wildcard cuts the word for the type of a resource short.
    ///
    /// ## Why
    ///
    /// AWS's guide says that the word for the type, as in `user/…`, takes no wildcard: write `user/*`, not `u*`.
    /// If it works, it may take in types that were not meant.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "iam:GetUser",
    ///     "Resource": "arn:aws:iam::222222222222:u*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "iam:GetUser",
    ///     "Resource": "arn:aws:iam::222222222222:user/*"
    ///   }
    /// }
    /// ```
    name: "wildcard-in-resource-type", group: Resource, severity: Note, since: "0.1.0",
    rows: ["RES-17"],
    peers: ["parliament:RESOURCE_MISMATCH"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let known = cx.forms();
    for (value, arn) in arns(statement).filter(|(_, arn)| !is_pattern(arn.service)) {
        let head = arn.resource.find(['*', '?']).filter(|at| *at > 0);
        let Some(head) = head.and_then(|at| arn.resource.get(..at)) else { continue };
        if head.contains(['/', ':', '$']) {
            continue;
        }
        let forms = known.of(&arn);
        let word = |form: &str| form.find(['/', ':', '$']).map_or(form.len(), |at| at);
        // A form without a fixed word in front has nothing to cut short.
        let Some(form) = forms.first().filter(|_| forms.iter().all(|form| word(form.resource) > head.len()))
        else {
            continue;
        };
        let message = format!("`{}` leaves the type of the resource open", arn.resource);
        let finding = cx.finding(value.span, message).label("a wildcard in the word for the type");
        cx.report(finding.help(format!("write the word out, as in `{}`", form.text())));
    }
}
