use crate::catalog;
use crate::edit::Edit;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A condition key is spelled in another case than AWS spells it.
    ///
    /// ## Why
    ///
    /// It works: AWS ignores case in keys. One spelling is easier to search for, and two spellings of one key
    /// in a block are an error.
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
    ///     "Condition": { "StringEquals": { "aws:principalOrgId": "o-a1b2c3d4e5" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "*" },
    ///     "Action": "sns:Publish",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:topic",
    ///     "Condition": { "StringEquals": { "AWS:SourceOwner": "222222222222" } }
    ///   }
    /// }
    /// ```
    name: "condition-key-case", group: Practice, severity: Note, since: "0.1.0",
    rows: ["CND-58"],
    peers: [],
    fix: Safe,
    gives_way_to: ["duplicate-condition-key"],
    check: Check::Statement(check),
}

/// One finding for a statement, as with the case of actions. The prefix is left alone: AWS's own policies
/// for topics have `AWS:`.
fn check(statement: &Statement, cx: &mut Context<'_>) {
    let mut others = Vec::new();
    for test in &statement.conditions {
        let Some(known) = catalog::condition_key(&test.key) else { continue };
        // The part that a family leaves open is the user's.
        let fixed = known.name().find(['$', '<']).unwrap_or(known.name().len());
        let (Some(name), Some(written)) = (known.name().get(..fixed), test.key.get(..fixed)) else {
            continue;
        };
        let Some(colon) = name.find(':').map(|at| at + 1) else { continue };
        // AWS spells this one in two ways.
        if name.get(colon..) == written.get(colon..) || test.key.ends_with(":Referer") {
            continue;
        }
        let right = format!(
            "{}{}{}",
            test.key.get(..colon).unwrap_or(""),
            name.get(colon..).unwrap_or(""),
            test.key.get(fixed..).unwrap_or("")
        );
        others.push((test, right, format!("{name}{}", test.key.get(fixed..).unwrap_or(""))));
    }
    let Some((first, right, known)) = others.first() else { return };
    let mut message = format!("`{}` is spelled `{known}` by AWS", first.key);
    if others.len() > 1 {
        message += &format!(", and {} more are spelled otherwise", others.len() - 1);
    }
    let finding = cx.finding(first.key_span, message).help(format!("write \"{right}\""));
    // A name with an escape in it is not what stands in the text.
    let plain = |text: &str, key: &str| text.get(1..text.len().saturating_sub(1)) == Some(key);
    let text = cx.document.text();
    let edits: Vec<Edit> = others
        .iter()
        .filter(|(test, ..)| plain(test.key_span.slice(text), &test.key))
        .map(|(test, right, _)| Edit::replace(test.key_span, format!("\"{right}\"")))
        .collect();
    // Two spellings in one block would become one name twice.
    let all = edits.len() == others.len() && cx.document.is_sound() && !has_twins(statement);
    cx.report(if all { finding.fix("AWS's own spelling", true, edits) } else { finding });
}

fn has_twins(statement: &Statement) -> bool {
    let mut names: Vec<_> =
        statement.conditions.iter().map(|test| (test.operator_span, test.key.to_ascii_lowercase())).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}
