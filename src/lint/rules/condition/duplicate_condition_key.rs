use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A block of conditions has the same key twice, in different letter case.
    ///
    /// ## Why
    ///
    /// Case has no meaning in a key, so these are one key with two lists of values, and AWS refuses that.
    /// Two values for one key stand in one list.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": {
    ///       "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:PrincipalOrgId": "o-f6a7b8c9d0" }
    ///     }
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
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "StringEquals": { "aws:PrincipalOrgID": [ "o-a1b2c3d4e5", "o-f6a7b8c9d0" ] } }
    ///   }
    /// }
    /// ```
    name: "duplicate-condition-key", group: Condition, severity: Error, since: "0.1.0",
    rows: ["CND-18"],
    peers: ["access-analyzer:DUPLICATE_KEYS_WITH_DIFFERENT_CASE"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    // Sorted, so that keys that are the same stand side by side however many there are.
    let mut keys: Vec<_> = statement
        .conditions
        .iter()
        .map(|test| (test.operator_span, test.key.to_ascii_lowercase(), test.key_span, &test.key))
        .collect();
    keys.sort_unstable();
    for pair in keys.windows(2) {
        let [(block, folded, first, spelled), (other_block, other, second, again)] = pair else { continue };
        // The very same name twice is a finding about the JSON.
        if block == other_block && folded == other && spelled != again {
            let message = format!("`{again}` is the same key as `{spelled}`");
            let finding = cx.finding(*second, message).label("again here").also_at(*first, "first here");
            cx.report(finding.help("put the values of both into one list"));
        }
    }
}
