use crate::catalog;
use crate::lint::facts::arns;
use crate::lint::forms::fits;
use crate::lint::grants::{is_star, narrows};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// Resources of this name in any account.
    ///
    /// ## Why
    ///
    /// A star in the place of the account takes in the queues, topics, keys and functions of every account that
    /// lets the holder in. Where the holder sends data, that is a way out: whoever makes a queue of the name, with
    /// a policy for everyone, gets what is sent. The finding is about services whose resources have policies of
    /// their own, and actions that carry something there.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-central-1:*:orders" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": "arn:aws:sqs:eu-central-1:111111111111:orders"
    ///   }
    /// }
    /// ```
    name: "any-account", group: Overbroad, severity: Note, since: "0.1.0",
    rows: ["OVR-21"],
    peers: ["prowler:iam_no_custom_policy_permissive_role_assumption"],
    kinds: [Identity],
    gives_way_to: [
        "resource-any", "data-exposure", "credentials-exposure", "resource-exposure", "decrypt-any-key", "assume-any-role",
        "not-action-allow",
    ],
    check: Check::Statement(check),
}

/// Actions that carry data to, or call, what can be of another account.
const CARRY: [(&str, &str); 9] = [
    ("sqs", "sqs:SendMessage"),
    ("sns", "sns:Publish"),
    ("kms", "kms:Encrypt"),
    ("kms", "kms:GenerateDataKey"),
    ("lambda", "lambda:InvokeFunction"),
    ("events", "events:PutEvents"),
    ("kinesis", "kinesis:PutRecord"),
    ("kinesis", "kinesis:PutRecords"),
    ("s3", "s3:PutObject"),
];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let held = statement.conditions.iter().any(narrows);
    let is_listed =
        |element: &Option<crate::policy::Element>| element.as_ref().is_some_and(|element| !element.negated);
    if !statement.allows() || held || !is_listed(&statement.action) || !is_listed(&statement.resource) {
        return;
    }
    let actions = statement.actions();
    let allowed = |name: &str| actions.iter().any(|action| action.matches(name));
    let carried: Vec<_> = CARRY.iter().filter(|(_, action)| allowed(action)).collect();
    if carried.is_empty() {
        return;
    }
    let open = arns(statement).find_map(|(value, arn)| {
        let carried = carried.iter().find(|(service, action)| {
            let fitting = || {
                let types = catalog::action(action).into_iter().flat_map(crate::lint::forms::types_of);
                types.flat_map(|kind| kind.arns()).any(|form| !form.account.is_empty() && fits(form, &arn))
            };
            is_star(arn.account) && *service == arn.service && fitting()
        });
        carried.map(|(_, action)| (value, *action))
    });
    let Some((value, action)) = open else { return };
    let finding = cx
        .finding(value.span, format!("`{action}` is allowed on resources of this name in any account"))
        .label("whoever makes one")
        .help("write the account, or add \"StringEquals\": { \"aws:ResourceAccount\": \"${aws:PrincipalAccount}\" }");
    cx.report(finding);
}
