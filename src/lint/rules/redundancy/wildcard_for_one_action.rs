use crate::lint::facts::{action_values, actions, dated};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A wildcard stands for one action only, as far as is known today.
    ///
    /// ## Why
    ///
    /// It reads as if it granted several. And whatever AWS adds under that name later is granted as well,
    /// without anybody having looked at it. That is why only `Allow` statements are meant, and not a verb with a
    /// star, such as `kms:Put*`. Facts about actions are of a certain day, which the finding names.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "kms:Decrypt*",
    ///     "Resource": "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "kms:GenerateDataKey*",
    ///     "Resource": "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
    ///   }
    /// }
    /// ```
    name: "wildcard-for-one-action", group: Redundancy, severity: Note, since: "0.1.0",
    rows: ["RED-12"],
    peers: [],
    gives_way_to: ["redundant-action"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.allows() || statement.action.as_ref().is_none_or(|element| element.negated) {
        return;
    }
    for value in action_values(statement) {
        let Some((service, name)) = value.text.split_once(':') else { continue };
        if service.contains(['*', '?']) || !name.contains(['*', '?']) || name.starts_with('*') {
            continue;
        }
        let mut found = actions(value);
        let (Some(one), None) = (found.next(), found.next()) else { continue };
        if is_one_word(name) && !one.name().eq_ignore_ascii_case(value.text.trim_end_matches('*')) {
            continue;
        }
        let finding = cx
            .finding(value.span, format!("`{}` stands for `{}` only", value.text, one.name()))
            .label(dated())
            .help(format!("write \"{}\"", one.name()));
        cx.report(finding);
    }
}

/// Whether a pattern is a verb and a star, as `Put*`: that means all actions of a sort, however many there are,
/// and AWS's own default policies are written so.
fn is_one_word(name: &str) -> bool {
    name.strip_suffix('*').is_some_and(|verb| verb.bytes().skip(1).all(|byte| byte.is_ascii_lowercase()))
}
