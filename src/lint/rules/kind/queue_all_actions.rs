use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::{Action, Principal, PrincipalType, Value};

rule! {
    /// Another account may do everything with a queue.
    ///
    /// ## Why
    ///
    /// `sqs:*` takes in more than sending and receiving: who has it can purge the queue and read what others
    /// send. AWS's default policy gives it to the queue's own account alone.
    ///
    /// ## Examples
    ///
    /// ```json bad sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::111111111111:role/reader" },
    ///     "Action": "sqs:*",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:root" },
    ///     "Action": "sqs:*",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::111111111111:role/reader" },
    ///     "Action": "sqs:ReceiveMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    name: "queue-all-actions", group: Kind, severity: Warning, since: "0.1.0",
    rows: ["SQS-02"],
    peers: ["checkov:CKV_AWS_72", "cfn-nag:F20", "trivy:AWS-0097"],
    kinds: [Sqs],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    // Whose the queue is, its ARN says.
    let Some(owner) = cx.owner() else { return };
    for statement in
        cx.document.policy.statements.iter().filter(|statement| statement.allows() && statement.is_complete())
    {
        let Some(element) = statement.action.as_ref().filter(|element| !element.negated) else { continue };
        let everything = |value: &&Value| Action::new(&value.text).contains(&Action::new("sqs:*"));
        let Some(value) = element.values.items.iter().find(everything) else { continue };
        let stranger = trust::principals(statement, PrincipalType::Aws).find_map(|principal| {
            let account = Principal::new(PrincipalType::Aws, &principal.text).account()?.to_owned();
            (account != owner && !cx.settings.accounts.contains(&account)).then_some((principal, account))
        });
        let Some((principal, account)) = stranger else { continue };
        let message = format!("account {account} may do everything with this queue");
        let finding = cx
            .finding(value.span, message)
            .also_at(principal.span, format!("the queue is account {owner}'s"));
        cx.report(finding.help("name what it needs, such as \"sqs:SendMessage\" or \"sqs:ReceiveMessage\""));
    }
}
