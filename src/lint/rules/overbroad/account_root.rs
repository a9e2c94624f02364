use crate::kind::Kind;
use crate::lint::accounts::is_of_load_balancing;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Principal, Statement, TestKind};

rule! {
    /// A whole account is let in.
    ///
    /// ## Why
    ///
    /// An account id, or `arn:aws:iam::…:root`, is not the root user: it hands the decision to that
    /// account, and whoever may write identity policies there decides who comes in. One role would
    /// mostly do.
    ///
    /// The account that owns the key, topic, queue or role is no finding: there this is how the
    /// owner's own identity policies are given their say.
    ///
    /// The accounts in which Elastic Load Balancing writes access logs are named as such: their roles are not known, and a
    /// service principal has replaced them.
    ///
    /// ## Examples
    ///
    /// ```json bad sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::111111111111:root" },
    ///     "Action": "sqs:ReceiveMessage",
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
    ///     "Principal": { "AWS": "222222222222" },
    ///     "Action": "sqs:*",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    name: "account-root", group: Overbroad, severity: Note, since: "0.1.0",
    rows: ["TRU-20"],
    peers: ["checkov:CKV_AWS_61", "cloudsplaining:AssumableByCrossAccountPrincipal"],
    kinds: [Trust, Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda, Resource],
    gives_way_to: ["missing-external-id"],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let owner = cx.owner();
    // A key policy as a rule names its own account; where it does not show which one that is, any
    // account may be it.
    if owner.is_none() && cx.document.kind == Kind::Kms {
        return;
    }
    for statement in &cx.document.policy.statements {
        if !statement.allows() || narrows_to_principals(statement) {
            continue;
        }
        let Some(element) = statement.principal.as_ref().filter(|element| !element.negated) else { continue };
        for (principal, value) in element.principals() {
            let Principal::Account(account) = principal else { continue };
            if value.is_function() || owner.as_ref() == Some(&account) {
                continue;
            }
            // Its roles cannot be named, and newer Regions have a service principal.
            let finding = match cx.document.kind == Kind::S3 && is_of_load_balancing(&account) {
                true => cx
                    .finding(value.span, format!("account {account} is one of Elastic Load Balancing's own"))
                    .label("writes access logs of load balancers")
                    .help(
                        "write { \"Service\": \"logdelivery.elasticloadbalancing.amazonaws.com\" }, as AWS recommends now",
                    ),
                false => cx
                    .finding(value.span, format!("every principal of account {account} is let in"))
                    .label("the whole account")
                    .help(format!("name the role that needs it: \"arn:aws:iam::{account}:role/<name>\"")),
            };
            cx.report(finding);
        }
    }
}

/// Whether a condition picks principals of the account.
fn narrows_to_principals(statement: &Statement) -> bool {
    statement.conditions.iter().any(|test| {
        let key = test.key.to_ascii_lowercase();
        let picks = key == "aws:principalarn"
            || key == "aws:userid"
            || key == "aws:username"
            || key.starts_with("aws:principaltag/");
        picks
            && !test.operator.kind.is_negated()
            && !test.operator.if_exists
            && test.operator.kind != TestKind::Null
    })
}
