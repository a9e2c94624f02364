use crate::catalog;
use crate::kind::Kind;
use crate::lint::facts::action_values;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A topic or queue policy names an action that the service does not take there.
    ///
    /// ## Why
    ///
    /// SNS refuses `sns:*` and all actions that are not about one topic, with a message about an "action out of
    /// service scope"; SQS refuses those that are not about one queue. Its own wildcard `sqs:*` SQS takes.
    ///
    /// ## Examples
    ///
    /// ```json bad sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/writer" },
    ///     "Action": "sns:*",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:expel-topic"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/writer" },
    ///     "Action": [ "sns:Publish", "sns:Subscribe" ],
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:expel-topic"
    ///   }
    /// }
    /// ```
    name: "action-out-of-scope", group: Kind, severity: Error, since: "0.1.0",
    rows: ["SNS-03"],
    peers: ["access-analyzer:UNSUPPORTED_ACTION_IN_POLICY"],
    kinds: [Sns, Sqs],
    check: Check::Statement(check),
}

/// What a topic policy takes. SNS guide, "Amazon SNS API permissions", and the default policy of a topic.
const TOPIC: [&str; 14] = [
    "sns:AddPermission",
    "sns:DeleteTopic",
    "sns:GetDataProtectionPolicy",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:ListTagsForResource",
    "sns:Publish",
    "sns:PutDataProtectionPolicy",
    "sns:Receive",
    "sns:RemovePermission",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
    "sns:TagResource",
    "sns:UntagResource",
];

/// What a queue policy does not take: what is about no queue that is there.
const NO_QUEUE: [&str; 2] = ["sqs:CreateQueue", "sqs:ListQueues"];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let kind = cx.document.kind;
    for value in action_values(statement) {
        let text = value.text.to_ascii_lowercase();
        let refused = match kind {
            Kind::Sns => {
                let known = catalog::action(&value.text).is_some()
                    && !TOPIC.iter().any(|action| action.eq_ignore_ascii_case(&text));
                text == "sns:*" || known && text.starts_with("sns:")
            }
            _ => NO_QUEUE.iter().any(|action| action.eq_ignore_ascii_case(&text)),
        };
        if !refused {
            continue;
        }
        let message = format!("`{}` is out of the scope of {}", value.text, kind.with_article());
        let service = if kind == Kind::Sns { "SNS" } else { "SQS" };
        let finding = cx.finding(value.span, message).label(format!("{service} refuses it"));
        cx.report(finding.help(match kind {
            Kind::Sns => "name the actions on the topic, such as \"sns:Publish\", \"sns:Subscribe\"",
            _ => "allow it in the policies of who calls; this one is about the queue",
        }));
    }
}
