use crate::diagnostic::Severity;
use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::{Action, Principal, PrincipalType};

rule! {
    /// Another account may change how a bucket is protected.
    ///
    /// ## Why
    ///
    /// Who may write the bucket policy, its ACL, its encryption or its block of public access can give himself
    /// and others all the rest. Accounts that are your own belong into `polmerge.toml`; while none is listed
    /// there, the finding is a note.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": [ "s3:GetBucketPolicy", "s3:PutBucketPolicy" ],
    ///     "Resource": "arn:aws:s3:::reports"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": "s3:GetBucketPolicy",
    ///     "Resource": "arn:aws:s3:::reports"
    ///   }
    /// }
    /// ```
    name: "bucket-guard-given-away", group: Kind, severity: Warning, since: "0.1.0",
    rows: ["S3-04"],
    peers: ["security-hub:S3.6", "cloudsplaining:ResourceExposure"],
    kinds: [S3],
    gives_way_to: ["all-actions-for-others"],
    check: Check::Document(check),
}

/// The actions of Security Hub's S3.6, and the other two that take protection away.
const GUARDS: [&str; 7] = [
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutObjectAcl",
    "s3:PutEncryptionConfiguration",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketOwnershipControls",
];

fn check(cx: &mut Context<'_>) {
    let owner = cx.owner();
    for statement in
        cx.document.policy.statements.iter().filter(|statement| statement.allows() && statement.is_complete())
    {
        let Some(element) = statement.action.as_ref().filter(|element| !element.negated) else { continue };
        let given = element.values.items.iter().find_map(|value| {
            let action = Action::new(&value.text);
            GUARDS.iter().find(|guard| action.matches(guard)).map(|guard| (value, *guard))
        });
        let Some((value, guard)) = given else { continue };
        let stranger = trust::principals(statement, PrincipalType::Aws).find_map(|principal| {
            let account = Principal::new(PrincipalType::Aws, &principal.text).account()?.to_owned();
            let own = owner.as_deref() == Some(&*account) || cx.settings.accounts.contains(&account);
            (!own).then_some((principal, account))
        });
        let Some((principal, account)) = stranger else { continue };
        let message = match value.text == guard {
            true => format!("account {account} may use `{guard}`"),
            false => format!("account {account} may use `{guard}`, which `{}` takes in", value.text),
        };
        let finding = cx.finding(value.span, message).also_at(principal.span, "of another account");
        let level = match owner.is_none() && cx.settings.accounts.is_empty() {
            true => finding.severity.min(Severity::Note),
            false => finding.severity,
        };
        cx.report(finding.severity(level).help(format!(
            "take it out; if the account is your own, list it in polmerge.toml: accounts = [\"{account}\"]"
        )));
    }
}
