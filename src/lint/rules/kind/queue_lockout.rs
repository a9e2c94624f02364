use crate::analyze::cover::Scope;
use crate::analyze::lockout::{Lockout, lockout};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};

rule! {
    /// A `Deny` keeps everyone from changing the queue policy.
    ///
    /// ## Why
    ///
    /// A `Deny` for all principals of `sqs:SetQueueAttributes` and `sqs:RemovePermission`, without a condition that
    /// spares anyone, holds for the administrators of the account as well. Only the root user of the account can
    /// still change the policy.
    ///
    /// ## Examples
    ///
    /// ```json bad sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": "sqs:*",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:jobs",
    ///     "Condition": { "StringNotEquals": { "aws:SourceAccount": "222222222222" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": "sqs:*",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:jobs",
    ///     "Condition": { "Bool": { "aws:SecureTransport": "false" } }
    ///   }
    /// }
    /// ```
    name: "queue-lockout", group: Kind, severity: Error, since: "0.1.0",
    rows: [],
    peers: [],
    kinds: [Sqs],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let scope = Scope { kind: document.kind, resource: document.resource.as_deref() };
    let Some(Lockout::Denied(by)) = lockout(&document.policy.statements, scope) else { return };
    let denies = by.iter().filter_map(|index| document.policy.statements.get(*index));
    let mut places = denies.map(|deny| deny.action.as_ref().map_or(deny.span, |action| action.values.span));
    let Some(first) = places.next() else { return };
    let finding = cx
        .finding(first, "no one except the root user can change this queue policy")
        .label("denied to every user and role");
    let finding = places.fold(finding, |finding, place| finding.also_at(place, "together with this"));
    cx.report(finding.help(
        "exempt the role that manages the queue, as with \"Condition\": { \"ArnNotEquals\": { \"aws:PrincipalArn\": \
         \"<role that manages the queue>\" } }, or list the actions that are meant",
    ));
}
