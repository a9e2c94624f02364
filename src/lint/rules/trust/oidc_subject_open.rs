use crate::analyze::oidc::{self, Much};
use crate::analyze::public;
use crate::diagnostic::Severity;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A wildcard in a subject lets in more users of an identity provider than are meant.
    ///
    /// ## Why
    ///
    /// A subject of GitHub names organization, repository, and branch or environment; those of GitLab, HCP
    /// Terraform, Buildkite, CircleCI, Bitbucket, Vercel and EKS are made alike. A wildcard in the first part is
    /// an error: anybody can register a name that it matches. One for the repository lets in all of the
    /// organization, and one for the branch whoever may push a branch, before any review.
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
    ///       "StringEquals": { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
    ///       "StringLike": { "token.actions.githubusercontent.com:sub": "repo:octo/*" }
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
    ///       "StringEquals": { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
    ///       "StringLike": { "token.actions.githubusercontent.com:sub": "repo:octo/app:ref:refs/heads/main" }
    ///     }
    ///   }
    /// }
    /// ```
    name: "oidc-subject-open", group: Trust, severity: Error, since: "0.1.0",
    rows: ["TRU-12", "TRU-14"],
    peers: ["access-analyzer:SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED"],
    kinds: [Trust],
    gives_way_to: ["open-subject", "github-subject"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for provider in oidc::providers(statement) {
        let Some(issuer) = provider.issuer else { continue };
        let open = |test| {
            let patterns = oidc::patterns(test, statement.variables);
            patterns.filter_map(|(value, text)| Some((value, issuer.open(&text)?))).collect::<Vec<_>>()
        };
        // All tests must pass: the one that leaves the least open counts.
        let tests = provider.tests(statement, "sub").filter(|test| oidc::narrows(test)).map(open);
        let Some(narrowest) = tests.max_by_key(|open| {
            let most = open.iter().map(|(_, open)| open.much).min();
            (most.is_none(), most)
        }) else {
            continue;
        };
        // What holds the statement to one customer does so whatever the subject leaves open to others.
        let held = provider.is_held(statement) || public::is_held(statement, cx.document);
        for (value, open) in narrowest {
            let finding = cx.finding(
                value.span,
                match open.much {
                    Much::Customers if !held => format!(
                        "{} whose {} fits `{}` may take on the role",
                        issuer.others, open.part, value.text
                    ),
                    Much::Some => format!("`{}` fits more than one {}", value.text, open.part),
                    _ => format!("`{}` fits every {}", value.text, open.part),
                },
            );
            let level = match open.much {
                Much::Customers if !held => Severity::Error,
                Much::Some => Severity::Note,
                _ => Severity::Warning,
            };
            let label = match open.much {
                Much::Customers if !held => "anybody can have such a name".to_owned(),
                _ => format!("the {} is open", open.part),
            };
            let level = finding.severity.min(level);
            let example = issuer.example();
            let help = match example.is_empty() {
                true => "write the subject that is meant".to_owned(),
                false => format!("write the {} that is meant: \"{example}\"", open.part),
            };
            cx.report(finding.severity(level).label(label).help(help));
        }
    }
}
