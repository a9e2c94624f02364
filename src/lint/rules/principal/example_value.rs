use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::placeholder::EXAMPLE_ACCOUNTS;
use crate::policy::Value;

rule! {
    /// An account or a name from AWS's documentation is still in the policy.
    ///
    /// ## Why
    ///
    /// `111122223333`, `123456789012` and names with `EXAMPLE` or `amzn-s3-demo-bucket` in them stand for the
    /// reader's own. Left in, the policy is about nothing, or about the account and the bucket of somebody who
    /// really has them.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::111122223333:role/reader" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    name: "example-value", group: Principal, severity: Note, since: "0.1.0",
    rows: ["PRN-13"],
    peers: [],
    check: Check::Document(check),
}

/// What its made-up names have in them.
const WORDS: [&str; 5] = ["DOC-EXAMPLE-BUCKET", "amzn-s3-demo-", "7EXAMPLE", "exampleorgid", "EXAMPLE1"];

/// One finding for a policy, at the first place.
fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(&Value, &str)> = Vec::new();
    for statement in &cx.document.policy.statements {
        let entries = statement.principal.iter().flat_map(|element| &element.entries);
        let principals = entries.flat_map(|entry| &entry.values.items);
        let resources = statement.resource.iter().flat_map(|element| &element.values.items);
        let values = statement.conditions.iter().flat_map(|test| &test.values.items);
        for value in principals.chain(resources).chain(values).filter(|value| !value.is_function()) {
            let account = value
                .text
                .split([':', '/'])
                .find_map(|part| EXAMPLE_ACCOUNTS.iter().find(|known| **known == part));
            let word = || WORDS.iter().find(|word| value.text.contains(**word));
            if let Some(word) = account.or_else(word) {
                found.push((value, word));
            }
        }
    }
    found.sort_by_key(|(value, _)| value.span);
    let Some((first, word)) = found.first() else { return };
    let message = match found.len() {
        1 => format!("`{word}` is an example from AWS's documentation"),
        2 => format!("`{word}` is an example from AWS's documentation, and so is one more value"),
        many => {
            format!("`{word}` is an example from AWS's documentation, and so are {} more values", many - 1)
        }
    };
    cx.report(
        cx.finding(first.span, message).label("still to be filled in").help("write your own in its place"),
    );
}
