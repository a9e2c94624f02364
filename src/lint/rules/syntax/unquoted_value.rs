use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// A value without quotes means one thing in YAML 1.1 and another in YAML 1.2.
    ///
    /// ## Why
    ///
    /// CloudFormation reads YAML 1.1: `yes`, `on` and their like are `true` there, `012345670123` is an octal number,
    /// and `1.10` may arrive as `1.1`. YAML 1.2, which other tools read, takes the words for texts and has other
    /// numbers. What such a value becomes is not known, so that nothing is proved that depends on it.
    ///
    /// ## Examples
    ///
    /// ```yaml bad
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: "2012-10-17"
    ///         Statement:
    ///           - Effect: Allow
    ///             Action: sqs:SendMessage
    ///             Resource: "*"
    ///             Condition:
    ///               Bool: { aws:SecureTransport: yes }
    /// ```
    ///
    /// ```yaml good
    /// Resources:
    ///   Policy:
    ///     Type: AWS::IAM::ManagedPolicy
    ///     Properties:
    ///       PolicyDocument:
    ///         Version: "2012-10-17"
    ///         Statement:
    ///           - Effect: Allow
    ///             Action: sqs:SendMessage
    ///             Resource: "*"
    ///             Condition:
    ///               Bool: { aws:SecureTransport: "true" }
    /// ```
    name: "unquoted-value", group: Syntax, severity: Warning, since: "0.1.0",
    rows: [],
    peers: [],
    check: Check::Problems,
}
