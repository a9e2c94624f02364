use crate::lint::facts::{action_values, resource_values};
use crate::lint::grants::{is_star, narrows};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Arn, Statement};

rule! {
    /// A pattern of bucket names that anybody can have.
    ///
    /// ## Why
    ///
    /// Names of buckets are given out once in the world, to whoever asks first. `arn:aws:s3:::reports-*` takes
    /// in the buckets of every account that begin so. Who makes one, and lets the holder in, gets what is
    /// written there, and is believed in what is read. `aws:ResourceAccount` keeps it to one account.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::reports-*/*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:PutObject",
    ///     "Resource": "arn:aws:s3:::reports-*/*",
    ///     "Condition": { "StringEquals": { "aws:ResourceAccount": "111111111111" } }
    ///   }
    /// }
    /// ```
    name: "bucket-name-open", group: Overbroad, severity: Note, since: "0.1.0",
    rows: ["OVR-20"], peers: [],
    kinds: [Identity],
    gives_way_to: ["resource-any", "data-exposure", "not-action-allow"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let held = statement.conditions.iter().any(narrows);
    let negated = statement.resource.as_ref().is_none_or(|element| element.negated);
    if !statement.allows() || held || negated || !moves_objects(statement) {
        return;
    }
    let open: Vec<_> = resource_values(statement)
        .filter(|value| Arn::parse(&value.text).is_some_and(|arn| is_open(&arn)))
        .collect();
    // Bucket and objects are one cause.
    let Some(first) = open.first() else { return };
    let name = Arn::parse(&first.text).map_or("", |arn| arn.resource).split('/').next().unwrap_or_default();
    let mut finding = cx
        .finding(first.span, format!("buckets called `{name}` can be anybody's"))
        .label("also those of other accounts")
        .help("write the whole name, or add \"StringEquals\": { \"aws:ResourceAccount\": \"${aws:PrincipalAccount}\" }");
    for value in open.iter().skip(1).take(2) {
        finding = finding.also_at(value.span, "and here");
    }
    cx.report(finding);
}

/// Whether it is about what is in buckets.
fn moves_objects(statement: &Statement) -> bool {
    let negated = statement.action.as_ref().is_none_or(|element| element.negated);
    let moves = ["s3:getobject", "s3:putobject"];
    negated
        || statement.actions().iter().any(|action| moves.iter().any(|name| action.matches(name)))
            && action_values(statement).next().is_some()
}

/// Whether a bucket's name begins with something and ends in a wildcard. A name with an account's number
/// in it is hardly somebody else's.
fn is_open(arn: &Arn<'_>) -> bool {
    let name = arn.resource.split('/').next().unwrap_or_default();
    let digits = name.split(|character: char| !character.is_ascii_digit()).any(|digits| digits.len() == 12);
    arn.service == "s3"
        && arn.account.is_empty()
        && name.contains(['*', '?'])
        && !is_star(name)
        && !name.contains(['$', ' '])
        && !digits
}
