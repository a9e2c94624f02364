use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;
use crate::policy::marks::is_template;

rule! {
    /// An ARN in a template names its partition.
    ///
    /// ## Why
    ///
    /// In GovCloud and China ARNs begin with `arn:aws-us-gov` and `arn:aws-cn`. A template that is to be used
    /// there, too, leaves the partition to `AWS::Partition`, or `data.aws_partition` in Terraform.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::${Bucket}/*",
    ///     "Condition": { "StringEquals": { "aws:PrincipalTag/team": "a" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:${AWS::Partition}:s3:::${Bucket}/*",
    ///     "Condition": { "StringEquals": { "aws:PrincipalTag/team": "a" } }
    ///   }
    /// }
    /// ```
    name: "partition-written-out", group: Practice, severity: Note, since: "0.1.0",
    rows: ["BPR-06"],
    peers: ["cfn-lint:I3042"],
    opt_in: true,
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let elements =
        [&statement.action, &statement.resource].into_iter().flatten().map(|element| &element.values);
    let principals =
        statement.principal.iter().flat_map(|element| &element.entries).map(|entry| &entry.values);
    let tests = statement.conditions.iter().map(|test| &test.values);
    for value in elements.chain(principals).chain(tests).flat_map(|values| &values.items) {
        // A value that is written out whole is not made for every partition.
        if value.text.contains("arn:aws:") && is_template(&value.text) {
            let finding = cx.finding(value.span, "the partition is written out").label("`arn:aws:`");
            cx.report(finding.help("write \"arn:${AWS::Partition}:\", in Terraform \"arn:${data.aws_partition.current.partition}:\""));
        }
    }
}
