use crate::lint::rule::{Check, rule};

rule! {
    /// Statements are in no policy that polmerge reads, and are not checked.
    ///
    /// ## Why
    ///
    /// A policy is an object with a `Statement`. Statements anywhere else, in a list of a framework's
    /// configuration, in a text of another language or in a file that does not parse, become a policy
    /// only when another tool makes one of them. No other rule looks at them, so that "no findings" would
    /// say more than was read.
    ///
    /// Check the policy that is made: the template that a framework packages, the answer of the AWS CLI, or
    /// the plan of Terraform as `terraform show -json` prints it.
    ///
    /// ## Examples
    ///
    /// ```yaml bad
    /// functions:
    ///   permissions:
    ///     - Effect: Allow
    ///       Action: sqs:SendMessage
    ///       Resource: arn:aws:sqs:us-east-1:222222222222:reports
    /// ```
    ///
    /// ```yaml good
    /// functions:
    ///   policy:
    ///     Version: "2012-10-17"
    ///     Statement:
    ///       - Effect: Allow
    ///         Action: sqs:SendMessage
    ///         Resource: arn:aws:sqs:us-east-1:222222222222:reports
    /// ```
    name: "unread-statements", group: Syntax, severity: Warning, since: "0.1.0",
    rows: [],
    peers: [],
    check: Check::Outside,
}
