use crate::lint::exposure::{CREDENTIALS, exposed};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};

rule! {
    /// Credentials of everything there is, for the asking.
    ///
    /// ## Why
    ///
    /// Some actions answer with something that opens something else: a password, a token, a key. Where they
    /// could be held to one database or one user and are not, their holder has the credentials of all.
    ///
    /// Actions that can be held to nothing, such as `ecr:GetAuthorizationToken`, are no finding.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "redshift:GetClusterCredentials", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*" },
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": "rds-db:connect",
    ///       "Resource": "arn:aws:rds-db:eu-central-1:111111111111:dbuser:db-ABCDEFGHIJKL01234/report"
    ///     }
    ///   ]
    /// }
    /// ```
    name: "credentials-exposure", group: Exposure, severity: Note, since: "0.1.0",
    rows: ["EXP-02"],
    peers: [
        "cloudsplaining:CredentialsExposure", "parliament:CREDENTIALS_EXPOSURE", "checkov:CKV_AWS_107",
        "checkov:CKV_AWS_287", "iam-policy-validator:sensitive_action",
    ],
    kinds: [Identity],
    gives_way_to: [
        "full-admin", "not-action-allow", "not-resource-allow", "whole-service", "privilege-escalation", "assume-any-role",
    ],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    for one in exposed(&grants, CREDENTIALS) {
        if let Some(finding) = one.finding("the answers hold credentials", cx) {
            cx.report(
                finding.help("name the users, secrets, databases or roles whose credentials are needed"),
            );
        }
    }
}
