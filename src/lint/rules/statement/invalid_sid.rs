use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A `Sid` in a policy of IAM has other characters than letters and digits.
    ///
    /// ## Why
    ///
    /// IAM and Organizations refuse spaces, hyphens and underscores in a `Sid`. Policies that other
    /// services keep, such as key and topic policies, may have them, which is how they get here.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Sid": "Allow Expel to receive",
    ///     "Effect": "Allow",
    ///     "Action": "sqs:ReceiveMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Sid": "AllowExpelToReceive",
    ///     "Effect": "Allow",
    ///     "Action": "sqs:ReceiveMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    name: "invalid-sid", group: Statement, severity: Error, since: "0.1.0",
    rows: ["STM-13"],
    peers: [
        "access-analyzer:UNSUPPORTED_SID", "parliament:INVALID_SID", "iam-policy-validator:invalid_sid_format",
        "cfn-lint:E3510",
    ],
    kinds: [Identity, Boundary, Session, Trust, Scp, Rcp],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(sid) = statement.sid.as_ref().filter(|sid| !sid.is_function()) else { return };
    let Some(wrong) = sid.text.chars().find(|character| !character.is_ascii_alphanumeric()) else { return };
    let message = format!("`{}` is no `Sid` that IAM takes", sid.text);
    let label = match wrong {
        ' ' => "letters and digits only, no spaces".to_owned(),
        wrong => format!("letters and digits only, no `{wrong}`"),
    };
    let finding = cx.finding(sid.span, message).label(label);
    let stripped = stripped(&sid.text);
    cx.report(match stripped.is_empty() {
        true => finding,
        false => finding.help(format!("write \"{stripped}\"")),
    });
}

/// The same words run together, each with a capital.
fn stripped(sid: &str) -> String {
    let words = sid.split(|character: char| !character.is_ascii_alphanumeric());
    let capital = |word: &str| {
        let mut characters = word.chars();
        let first = characters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(characters).collect::<String>()
    };
    words.map(capital).collect()
}
