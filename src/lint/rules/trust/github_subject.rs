use crate::analyze::oidc;
use crate::lint::facts::is_plain;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, TestKind};

rule! {
    /// A subject of GitHub begins with something that the author of a workflow chooses.
    ///
    /// ## Why
    ///
    /// An organization can choose what its subjects are made of. One that begins with the name of a workflow,
    /// an environment or a branch does not say whose it is: anybody can give his own workflow that name. Subjects
    /// begin with `repo:organization/repository`, or an id of one of them.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com" },
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {
    ///       "StringEquals": {
    ///         "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
    ///         "token.actions.githubusercontent.com:sub": "workflow:deploy"
    ///       }
    ///     }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com" },
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {
    ///       "StringEquals": {
    ///         "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
    ///         "token.actions.githubusercontent.com:sub": "repo:octo/app:workflow:deploy"
    ///       }
    ///     }
    ///   }
    /// }
    /// ```
    name: "github-subject", group: Trust, severity: Warning, since: "0.1.0",
    rows: ["TRU-13"],
    peers: ["checkov:CKV_AWS_358", "checkov:CKV_AWS_393"],
    kinds: [Trust],
    check: Check::Statement(check),
}

/// Claims that an author of a workflow chooses. GitHub docs, "OpenID Connect reference".
const CHOSEN: [&str; 8] =
    ["workflow", "environment", "ref", "context", "head_ref", "base_ref", "event_name", "actor"];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for provider in oidc::providers(statement) {
        let github = provider.issuer.filter(|issuer| issuer.is_github());
        let Some(issuer) = github.filter(|issuer| !provider.holds(statement, issuer.instead)) else {
            continue;
        };
        let tests = provider.tests(statement, "sub").filter(|test| test.operator.kind != TestKind::Null);
        for value in tests.filter(|test| !test.operator.kind.is_negated()).flat_map(|test| &test.values.items)
        {
            let Some((claim, rest)) = value.text.split_once(':').filter(|_| is_plain(value)) else {
                continue;
            };
            let label = if CHOSEN.contains(&claim) {
                format!("whoever writes a workflow chooses its `{claim}`")
            } else if claim == "repo" && !rest.contains(['/', '*', '?']) {
                "no `organization/repository`".to_owned()
            } else {
                continue;
            };
            let message = format!("`{}` does not say whose workflow is meant", value.text);
            let finding = cx.finding(value.span, message).label(label);
            cx.report(finding.help(format!("write \"{}\"", issuer.example())));
        }
    }
}
