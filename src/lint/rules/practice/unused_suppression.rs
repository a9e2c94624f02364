use crate::lint::rule::{Check, rule};

rule! {
    /// A suppression has nothing to suppress any more, or its last day has passed.
    ///
    /// ## Why
    ///
    /// A suppression that is left behind hides the next finding of the same rule in the same place, which
    /// nobody has looked at. An entry with an `expires` was meant to be looked at again: from the day
    /// after, its finding is shown. Entries of `polmerge.toml` are judged in runs that see all files that they are
    /// for, comments in every run of the rule that they name.
    ///
    /// A comment that names no rule, has no reason or is about nothing suppresses nothing, and is said to.
    ///
    /// ## Examples
    ///
    /// ```toml bad
    /// [[suppress]]
    /// glob = "queue-policy.json"
    /// rule = "principal-any"
    /// reason = "the queue is for a demonstration"
    /// expires = "2020-01-31"
    /// ```
    ///
    /// ```yaml bad
    /// Resources:
    ///   Policy:
    ///     Type: AWS::SQS::QueuePolicy
    ///     Properties:
    ///       Queues: [ reports ]
    ///       PolicyDocument:
    ///         Version: "2012-10-17"
    ///         Statement:
    ///           # polmerge: ignore[principal-any]
    ///           - Effect: Allow
    ///             Principal: "*"
    ///             Action: sqs:SendMessage
    ///             Resource: "*"
    /// ```
    ///
    /// ```toml good
    /// [[suppress]]
    /// glob = "queue-policy.json"
    /// rule = "principal-any"
    /// reason = "the queue takes messages from everyone, see the decision of March"
    /// ```
    ///
    /// ```yaml good
    /// Resources:
    ///   Policy:
    ///     Type: AWS::SQS::QueuePolicy
    ///     Properties:
    ///       Queues: [ reports ]
    ///       PolicyDocument:
    ///         Version: "2012-10-17"
    ///         Statement:
    ///           # polmerge: ignore[principal-any] takes reports from everyone, see the decision of March
    ///           - Effect: Allow
    ///             Principal: "*"
    ///             Action: sqs:SendMessage
    ///             Resource: "*"
    /// ```
    name: "unused-suppression", group: Practice, severity: Warning, since: "0.1.0",
    rows: ["BPR-09"],
    peers: [],
    check: Check::Outside,
}
