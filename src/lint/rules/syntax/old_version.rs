use crate::edit::Edit;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::marks::{has_text_like_variable, has_variable};
use crate::policy::{VERSION_2008, VERSION_2012};

rule! {
    /// The policy is written in the language of 2008.
    ///
    /// ## Why
    ///
    /// All still works, but policy variables are plain text in it, and IAM takes no new documents in it. The
    /// policies that AWS itself makes for topics and queues have this version, so it is not wrong there.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2008-10-17",
    ///   "Statement": [ { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" } ]
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [ { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" } ]
    /// }
    /// ```
    ///
    /// ```json good sns
    /// {
    ///   "Version": "2008-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/writer" },
    ///     "Action": "sns:Publish",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:topic"
    ///   }
    /// }
    /// ```
    name: "old-version", group: Syntax, severity: Note, since: "0.1.0",
    rows: ["SYN-11"],
    peers: ["parliament:OLD_VERSION", "iam-policy-validator:outdated_version", "cfn-lint:W2511"],
    kinds: [Identity, Boundary, Session, Trust, Kms, S3, Scp, Rcp, Endpoint, Ecr, SecretsManager, Lambda, Iot],
    fix: Safe,
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let policy = &cx.document.policy;
    let Some(version) = policy.version.as_ref().filter(|version| version.text == VERSION_2008) else {
        return;
    };
    // A variable in such a policy is a cause of its own, which the same line mends.
    if has_variable(policy) {
        return;
    }
    let finding = cx.finding(version.span, "this is the policy language of 2008");
    let finding = finding.label("variables are plain text").help(format!("write \"{VERSION_2012}\""));
    let edit = Edit::replace(version.span, format!("\"{VERSION_2012}\""));
    cx.report(match cx.document.is_sound() && !has_text_like_variable(policy) {
        true => finding.fix("the current version", true, vec![edit]),
        false => finding,
    });
}
