use crate::edit::Edit;
use crate::lint::everyone;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Test, TestKind};

rule! {
    /// A `Deny` for want of a second factor spares access keys.
    ///
    /// ## Why
    ///
    /// Requests that are signed with a user's own access key do not carry `aws:MultiFactorAuthPresent`. `Bool`
    /// is false of them, so the `Deny` does not hit them, and a key that was found has all the user has.
    /// `BoolIfExists` is true where the key is missing.
    ///
    /// Credentials of roles that services use have no second factor either, and are then denied, too.
    ///
    /// ## Examples
    ///
    /// ```json bad scp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Action": "ec2:StopInstances",
    ///     "Resource": "*",
    ///     "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "false" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json fixed scp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Action": "ec2:StopInstances",
    ///     "Resource": "*",
    ///     "Condition": { "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good scp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Action": "ec2:StopInstances",
    ///     "Resource": "*",
    ///     "Condition": { "NumericGreaterThanIfExists": { "aws:MultiFactorAuthAge": "3600" } }
    ///   }
    /// }
    /// ```
    name: "mfa-deny-misses-keys", group: Practice, severity: Warning, since: "0.1.0",
    rows: ["BPR-04"],
    peers: [],
    fix: Unsafe,
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let statements = &cx.document.policy.statements;
    // A second statement may deny those that lack the key.
    let lacking = statements.iter().any(|statement| {
        statement.denies() && statement.conditions.iter().any(|test| is_of_mfa(test) && caller_without(test))
    });
    for statement in statements.iter().filter(|statement| statement.denies() && !lacking) {
        let Some(test) = statement.conditions.iter().find(|test| spares_keys(test)) else { continue };
        // A session that asks for the second factor itself is meant.
        if statement.conditions.iter().any(|other| is_of_mfa(other) && other.operator.kind == TestKind::Null)
        {
            continue;
        }
        let message = format!("requests with an access key have no `{}`, and are not denied", test.key);
        let name = everyone::without_if_exists(test);
        let finding = cx
            .finding(test.operator_span, message)
            .label("false where the key is missing")
            .help(format!("write \"{name}IfExists\""));
        let edit = Edit::replace(test.operator_span, format!("\"{name}IfExists\""));
        let alone =
            statement.conditions.iter().filter(|other| other.operator_span == test.operator_span).count()
                == 1
                && !statement.conditions.iter().any(|other| {
                    let mut wanted = test.operator;
                    wanted.if_exists = true;
                    other.operator == wanted
                });
        cx.report(match alone {
            true => finding.fix(format!("`{name}IfExists` for `{name}`"), false, vec![edit]),
            false => finding,
        });
    }
}

fn is_of_mfa(test: &Test) -> bool {
    ["aws:multifactorauthpresent", "aws:multifactorauthage"].contains(&test.key.to_ascii_lowercase().as_str())
}

/// Whether a test is true where its key is missing.
fn caller_without(test: &Test) -> bool {
    test.operator.if_exists
        || (test.operator.kind == TestKind::Null
            && test.values.items.iter().any(|value| value.text.eq_ignore_ascii_case("true")))
}

/// Whether a test asks for the want of a second factor, and is false where its key is missing.
fn spares_keys(test: &Test) -> bool {
    if test.operator.if_exists || test.operator.set.is_some() {
        return false;
    }
    match test.key.to_ascii_lowercase().as_str() {
        "aws:multifactorauthpresent" => {
            test.operator.kind == TestKind::Bool
                && test.values.items.iter().any(|value| value.text.eq_ignore_ascii_case("false"))
        }
        "aws:multifactorauthage" => {
            matches!(test.operator.kind, TestKind::NumericGreaterThan | TestKind::NumericGreaterThanEquals)
        }
        _ => false,
    }
}
