use crate::analyze::oidc;
use crate::catalog::{self, ActionFacts, ConditionKey, Level};
use crate::diagnostic::Severity;
use crate::lint::facts::{actions, dated, is_pattern, is_plain};
use crate::lint::presence::needs_the_key;
use crate::lint::rule::rule;
use crate::lint::trust::of_another_provider;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Value};

rule! {
    /// A condition key never comes with an action of its statement.
    ///
    /// ## Why
    ///
    /// Most keys of a service come with a few of its actions only: `s3:prefix` with lists, not with objects.
    /// For the other actions the condition is never true, so that the statement does nothing for them. The same is
    /// true of `aws:RequestTag` and `aws:TagKeys`, which come with the actions that set tags. The token of an identity
    /// provider has the keys of that provider, and of no other one.
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
    ///     "Condition": { "StringLike": { "s3:prefix": "2026/*" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "kms:Decrypt",
    ///     "Resource": "*",
    ///     "Condition": { "StringEquals": { "aws:RequestTag/team": "red" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "kms:CreateKey",
    ///     "Resource": "*",
    ///     "Condition": { "StringEquals": { "aws:RequestTag/team": "red" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:ListBucket",
    ///     "Resource": "arn:aws:s3:::reports",
    ///     "Condition": { "StringLike": { "s3:prefix": "2026/*" } }
    ///   }
    /// }
    /// ```
    name: "condition-key-never-present", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-10"],
    peers: [
        "access-analyzer:UNSUPPORTED_ACTION_FOR_CONDITION_KEY", "parliament:UNKNOWN_CONDITION_FOR_ACTION",
        "iam-policy-validator:invalid_condition_key",
    ],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = statement.action.as_ref().filter(|element| !element.negated) else { return };
    if !statement.is_complete() || !element.values.items.iter().all(is_plain) {
        return;
    }
    for test in statement.conditions.iter().filter(|test| needs_the_key(test)) {
        if let Some(provider) = of_another_provider(statement, test) {
            let message = format!("`{}` never comes with a token of `{}`", test.key, host_of(provider));
            let does =
                if statement.denies() { "so this is not denied" } else { "so no one may take on the role" };
            let finding = cx.finding(test.key_span, message).label("never true …");
            let help = "write the keys of the provider that the principal names";
            cx.report(finding.also_at(provider.span, format!("… {does}")).help(help));
            continue;
        }
        let is_listed = |key: &ConditionKey| key.group().is_none() || is_tag_of_request(*key);
        let Some(key) = catalog::condition_key(&test.key).filter(is_listed) else {
            continue;
        };
        let without: Vec<&Value> =
            element.values.items.iter().filter(|value| never_has(value, key)).collect();
        let Some((first, more)) = without.split_first() else { continue };
        let names = match more.len() {
            0 => format!("`{}`", first.text),
            1 => format!("`{}` or one more action", first.text),
            more => format!("`{}` or {more} more actions", first.text),
        };
        let message = format!("`{}` never comes with {names}, {}", test.key, dated());
        let does = if statement.denies() { "so this is not denied" } else { "so this is not allowed" };
        let finding =
            cx.finding(test.key_span, message).label("never true …").also_at(first.span, format!("… {does}"));
        // A Deny on several actions often says at once what is for one of them.
        let all = without.len() == element.values.items.len();
        let severity = match all || statement.allows() {
            true => finding.severity,
            false => finding.severity.min(Severity::Note),
        };
        cx.report(finding.severity(severity).help(match all {
            true => "take the condition out, or test a key that comes with the action",
            false => "give these actions a statement of their own, without this condition",
        }));
    }
}

/// What people call the provider of an ARN.
fn host_of(provider: &Value) -> &str {
    oidc::host_of(provider).unwrap_or(&provider.text)
}

/// Whether all that a value stands for is known, and comes without the key.
fn never_has(value: &Value, key: ConditionKey) -> bool {
    // These two come with a call that assumes a role, and with its keys.
    let rides = |name: &&str| name.eq_ignore_ascii_case(&value.text);
    let service = value.text.split(':').next().unwrap_or("");
    if is_pattern(service) || ["sts:TagSession", "sts:SetSourceIdentity"].iter().any(rides) {
        return false;
    }
    let is_without = || match is_tag_of_request(key) {
        true => actions(value).all(|action| sends_no_tags(action, key)),
        false => !catalog::any_takes_key(actions(value), key),
    };
    catalog::has_match(&value.text) && is_without()
}

/// Whether a key is global, and yet comes only with the actions that are listed with it: those that set tags.
fn is_tag_of_request(key: ConditionKey) -> bool {
    ["aws:RequestTag/${TagKey}", "aws:TagKeys"].contains(&key.name())
}

/// Whether an action sets no tags: it only reads, or others of its service are listed with the key, and it is not.
fn sends_no_tags(action: ActionFacts, key: ConditionKey) -> bool {
    let reads = matches!(action.level(), Level::List | Level::Read);
    !catalog::is_action_listed_with(action, key) && (reads || catalog::is_listed_with(action.service(), key))
}
