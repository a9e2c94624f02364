use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Action, Principal, Statement};

rule! {
    /// Somebody of another account, or a service, may do everything with the resource.
    ///
    /// ## Why
    ///
    /// `lambda:*` for a partner also means deleting the function and writing its policy: they can let
    /// in whom they like, and keep the owner's own systems out. Two or three actions are mostly what is
    /// needed. AWS's default policies give `sqs:*` and the like to the owner's account alone.
    ///
    /// ## Examples
    ///
    /// ```json bad lambda
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::111111111111:role/Partner" },
    ///     "Action": "lambda:*",
    ///     "Resource": "arn:aws:lambda:us-east-1:222222222222:function:report"
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::111111111111:role/reader" },
    ///     "Action": "sqs:*",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:root" },
    ///     "Action": "sqs:*",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good lambda
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "arn:aws:iam::111111111111:role/Partner" },
    ///       "Action": "lambda:InvokeFunction",
    ///       "Resource": "arn:aws:lambda:us-east-1:222222222222:function:report"
    ///     },
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "222222222222" },
    ///       "Action": "lambda:*",
    ///       "Resource": "arn:aws:lambda:us-east-1:222222222222:function:report"
    ///     }
    ///   ]
    /// }
    /// ```
    name: "all-actions-for-others", group: Public, severity: Warning, since: "0.1.0",
    rows: ["PUB-07", "SQS-02"],
    peers: [
        "checkov:CKV_AWS_72", "cfn-nag:F15", "cfn-nag:F20", "terrascan:AC_AWS_0440", "terrascan:AC_AWS_0464",
        "terrascan:AC_AWS_0501", "trivy:AWS-0097",
    ],
    kinds: [Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda, Resource],
    gives_way_to: ["public-access", "principal-any"],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let owner = cx.owner();
    // Whoever is named may be the owner.
    if owner.is_none() && cx.settings.accounts.is_empty() {
        return;
    }
    for statement in &cx.document.policy.statements {
        others(statement, owner.as_deref(), cx);
    }
}

fn others(statement: &Statement, owner: Option<&str>, cx: &mut Context<'_>) {
    let (Some(principal), Some(action)) = (&statement.principal, &statement.action) else { return };
    if !statement.allows() || principal.negated || action.negated {
        return;
    }
    let all = action.values.items.iter().find(|value| !value.is_function() && is_all(&value.text));
    let Some(all) = all else { return };
    let own = |account: &str| owner == Some(account) || cx.settings.accounts.contains(account);
    let other = principal.principals().find(|(principal, value)| {
        !value.is_function()
            && match principal {
                Principal::Service(_) => true,
                principal => principal.account().is_some_and(|account| !own(account)),
            }
    });
    let Some((other, value)) = other else { return };
    let message = format!("{} may use `{}` on this {}", other.describe(), all.text, cx.document.kind.thing());
    let finding = cx
        .finding(all.span, message)
        .label("its policy, too")
        .also_at(value.span, "none of the owner's")
        .help("list the actions that are needed");
    cx.report(finding);
}

/// `*`, or every action of a service.
fn is_all(text: &str) -> bool {
    Action::new(text).is_any()
        || text
            .split_once(':')
            .is_some_and(|(_, name)| name.bytes().all(|byte| byte == b'*') && !name.is_empty())
}
