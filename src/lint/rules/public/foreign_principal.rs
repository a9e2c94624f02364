use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Test, TestKind};

rule! {
    /// Somebody is let in who belongs to none of the user's own accounts and organizations.
    ///
    /// ## Why
    ///
    /// Whoever lists the accounts and organizations that are their own in `polmerge.toml` can have every
    /// grant to others shown, to be looked at: what is meant is mostly a partner who is known by name.
    ///
    /// The rule runs for those who ask for it. Own are the `accounts` and `organizations` of the
    /// configuration, and the account of the resource.
    ///
    /// ## Examples
    ///
    /// ```json bad sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::111111111111:role/Partner" },
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
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/Reader" },
    ///     "Action": "sqs:ReceiveMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    name: "foreign-principal", group: Public, severity: Warning, since: "0.1.0",
    rows: ["PUB-08", "PUB-09"],
    peers: [
        "prowler:s3_bucket_cross_account_access", "prowler:dynamodb_table_cross_account_access",
        "prowler:eventbridge_bus_cross_account_access", "iam-policy-validator:unauthorized_principal",
    ],
    kinds: [Trust, Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda, Resource],
    opt_in: true,
    gives_way_to: ["all-actions-for-others"],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let owner = cx.owner();
    let is_known = owner.is_some() || !cx.settings.accounts.is_empty();
    for statement in cx.document.policy.statements.iter().filter(|statement| statement.allows()) {
        if is_known {
            accounts(statement, owner.as_deref(), cx);
        }
        organizations(statement, cx);
    }
}

fn accounts(statement: &Statement, owner: Option<&str>, cx: &mut Context<'_>) {
    let Some(element) = statement.principal.as_ref().filter(|element| !element.negated) else { return };
    for (principal, value) in element.principals().filter(|(_, value)| !value.is_function()) {
        let Some(account) = principal.account() else { continue };
        if owner == Some(account) || cx.settings.accounts.contains(account) {
            continue;
        }
        let finding = cx
            .finding(value.span, format!("{} is let in", principal.describe()))
            .label("none of your accounts")
            .help(format!(
                "if the account is your own, list it in polmerge.toml: accounts = [\"{account}\"]"
            ));
        cx.report(finding);
    }
}

/// Organizations that a condition lets in.
fn organizations(statement: &Statement, cx: &mut Context<'_>) {
    let own = &cx.settings.organizations;
    if own.is_empty() {
        return;
    }
    let lets_in = |test: &&Test| {
        let key = test.key.to_ascii_lowercase();
        let positive = !test.operator.kind.is_negated() && test.operator.kind != TestKind::Null;
        ["aws:principalorgid", "aws:principalorgpaths"].contains(&key.as_str()) && positive
    };
    for value in statement.conditions.iter().filter(lets_in).flat_map(|test| &test.values.items) {
        let organization = value.text.split('/').next().unwrap_or("");
        if value.is_function() || organization.contains(['*', '?', '$']) || own.contains(organization) {
            continue;
        }
        let finding = cx
            .finding(value.span, format!("organization {organization} is let in"))
            .label("none of your organizations")
            .help(format!(
                "if the organization is your own, list it in polmerge.toml: organizations = [\"{organization}\"]"
            ));
        cx.report(finding);
    }
}
