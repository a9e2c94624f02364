use crate::analyze::oidc::{self, Fixes};
use crate::analyze::public;
use crate::lint::rule::rule;
use crate::lint::trust::takes_no_token;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// Everyone who has a token of an identity provider may take on the role.
    ///
    /// ## Why
    ///
    /// IAM checks that a token is the provider's and made for an audience that is registered with it. Which
    /// of its users are meant, only the trust policy can say, in conditions whose keys begin with the provider's
    /// host, as `login.example.com:sub`.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:oidc-provider/login.example.com" },
    ///     "Action": "sts:AssumeRoleWithWebIdentity"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:oidc-provider/login.example.com" },
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": { "StringEquals": { "login.example.com:aud": "reports", "login.example.com:sub": "u-17" } }
    ///   }
    /// }
    /// ```
    name: "oidc-without-condition", group: Trust, severity: Warning, since: "0.1.0",
    rows: ["TRU-09"],
    peers: ["access-analyzer:MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL"],
    kinds: [Trust],
    gives_way_to: ["oidc-without-subject"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let providers = oidc::providers(statement);
    // What a test of the subject leaves open is another rule's matter.
    if providers.iter().any(|provider| provider.holds(statement, &["sub"])) {
        return;
    }
    let is_open = oidc::open_provider(statement).is_some_and(|(_, fixes)| fixes == Fixes::No);
    if !is_open || takes_no_token(statement) || public::is_held(statement, cx.document) {
        return;
    }
    for provider in providers {
        let message = format!("whoever has a token of `{}` may take on the role", provider.host);
        let finding =
            cx.finding(provider.value.span, message).label("no condition fixes a claim of its tokens");
        cx.report(
            finding.help(format!("add \"StringEquals\": {{ \"{}:sub\": \"<subject>\" }}", provider.host)),
        );
    }
}
