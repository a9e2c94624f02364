use crate::analyze::public::{Hold, hold};
use crate::lint::facts::is_pattern;
use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::{Principal, PrincipalType, SetOperator, Statement, Test, TestKind};

rule! {
    /// Another account may assume the role without an external id.
    ///
    /// ## Why
    ///
    /// A vendor that works for many customers holds the ARNs of all their roles. If another customer
    /// gives the vendor your role's ARN as his own, the vendor assumes it for him. An external id that
    /// belongs to you alone, and that your role asks for, stops that. So does a condition on MFA or on
    /// your own organization.
    ///
    /// Accounts of your own need no external id: list them in `polmerge.toml`.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::333333333333:user/vendor" },
    ///     "Action": "sts:AssumeRole"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::333333333333:user/vendor" },
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": { "StringEquals": { "sts:ExternalId": "f3b1c7a2-5e0d" } }
    ///   }
    /// }
    /// ```
    name: "missing-external-id", group: Trust, severity: Warning, since: "0.1.0",
    rows: ["CDP-07"],
    peers: ["scoutsuite:iam-assume-role-lacks-external-id-and-mfa", "cloudsplaining:AssumableByCrossAccountPrincipal"],
    kinds: [Trust],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let owner = cx.owner();
    for statement in &cx.document.policy.statements {
        if trust::allows(statement, "sts:AssumeRole")
            && !statement.conditions.iter().any(|test| is_enough(test, statement, cx))
        {
            strangers(statement, owner.as_deref(), cx);
        }
    }
}

/// Reports the principals of a statement that belong to accounts of others.
fn strangers(statement: &Statement, owner: Option<&str>, cx: &mut Context<'_>) {
    let Some(element) = statement.principal.as_ref().filter(|element| !element.negated) else { return };
    let accounts = &cx.settings.accounts;
    let mut strangers = element.principals().filter_map(|(principal, value)| {
        let account = principal.account()?.to_owned();
        let known = value.is_function() || owner == Some(account.as_str()) || accounts.contains(&account);
        (!known).then_some((account, principal, value.span))
    });
    let Some((account, principal, span)) = strangers.next() else { return };
    let who = match named_by_arn(statement) {
        Some(role) if matches!(principal, Principal::Account(_)) => role.describe(),
        _ if matches!(principal, Principal::Account(_)) => format!("account {account}"),
        _ => principal.describe(),
    };
    let mut finding = cx
        .finding(span, format!("{who} may assume the role without an external id"))
        .label("also when asked to by someone who only knows the role's ARN")
        .help(format!(
            "add \"StringEquals\": {{ \"sts:ExternalId\": \"<id>\" }}; if the account is your own, list it in \
             polmerge.toml: accounts = [\"{account}\"]"
        ));
    for (.., span) in strangers {
        finding = finding.also_at(span, "and this one");
    }
    cx.report(finding);
}

/// The one caller that a condition holds a statement for an account to.
fn named_by_arn(statement: &Statement) -> Option<Principal> {
    let is_positive = |test: &&Test| {
        let kind = test.operator.kind;
        test.key.eq_ignore_ascii_case("aws:PrincipalArn")
            && !kind.is_negated()
            && kind != TestKind::Null
            && !test.operator.if_exists
    };
    let test = statement.conditions.iter().find(is_positive)?;
    let [value] = test.values.items.as_slice() else { return None };
    let text = value.known().filter(|text| !is_pattern(text))?;
    let named = Principal::new(PrincipalType::Aws, text);
    matches!(named, Principal::Role(_) | Principal::User(_)).then_some(named)
}

/// An external id, a second factor, or one's own organization.
fn is_enough(test: &Test, statement: &Statement, cx: &Context<'_>) -> bool {
    if trust::asks_for_mfa(test) {
        return true;
    }
    let operator = test.operator;
    if operator.if_exists || operator.set == Some(SetOperator::ForAllValues) {
        return false;
    }
    match test.key.to_ascii_lowercase().as_str() {
        "sts:externalid" => {
            matches!(
                operator.kind,
                TestKind::StringEquals | TestKind::StringEqualsIgnoreCase | TestKind::StringLike
            ) && !(operator.kind == TestKind::StringLike
                && test.values.items.iter().any(|value| value.text.trim_matches('*').is_empty()))
        }
        "aws:principalorgid" | "aws:principalorgpaths" => {
            matches!(hold(test, statement, cx.document.kind), Hold::Fixed | Hold::Unknown)
        }
        _ => false,
    }
}
