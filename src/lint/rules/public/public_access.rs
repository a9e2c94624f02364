use crate::analyze::public::{Hold, Question, Stranger};
use crate::diagnostic::Diagnostic;
use crate::edit::Edit;
use crate::lint::rule::rule;
use crate::lint::{Check, Context, everyone};
use crate::policy::{SetOperator, Statement, Test};
use crate::span::Span;

rule! {
    /// A stranger's request gets in, past conditions that look as if they kept it out.
    ///
    /// ## Why
    ///
    /// A statement for everyone with a condition on `aws:PrincipalOrgID` reads as "only us". It is not
    /// if the operator lets a request without the key pass (`…IfExists`, `ForAllValues:`), if the value
    /// is open (`"*"`, `0.0.0.0/0`), or if whoever calls can write the key's value himself
    /// (`aws:Referer`, `aws:UserAgent`) or has it anyway (`aws:SecureTransport`).
    ///
    /// The finding comes with one such request, found by comparing all that the policy allows with all that
    /// somebody chose. No `Deny` of the same policy stops it; policies of the caller's own account, which
    /// whoever owns that account writes, are not looked at.
    ///
    /// ## Examples
    ///
    /// ```json bad sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "*" },
    ///     "Action": "sns:Subscribe",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:expel-topic",
    ///     "Condition": { "StringEqualsIfExists": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "*" },
    ///     "Action": "sns:Subscribe",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:expel-topic",
    ///     "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": "*",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "StringLike": { "aws:Referer": "https://www.example.com/*" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "*" },
    ///     "Action": "sns:Subscribe",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:expel-topic",
    ///     "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }
    ///   }
    /// }
    /// ```
    name: "public-access", group: Public, severity: Error, since: "0.1.0",
    rows: ["PUB-02", "PUB-03", "PUB-04", "PUB-06", "PUB-11", "S3-05"],
    peers: [
        "policyuniverse:internet_accessible", "cloudsplaining:internet_accessible", "checkov:CKV_AWS_70",
        "access-analyzer:UNTRUSTWORTHY_CONDITION_KEY", "iam-policy-validator:ifexists_weakens_security_condition",
    ],
    kinds: [Trust, Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda, Resource],
    fix: Unsafe,
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let question = Question::new(cx.document);
    for statement in &cx.document.policy.statements {
        let Some((span, Some(stranger))) = everyone::open(statement, &question) else { continue };
        match everyone::nearest_hold(statement, cx.document.kind) {
            Some((test, hold)) => partly_held(statement, span, (test, hold), &stranger, cx),
            None => plain(statement, span, &stranger, cx),
        }
    }
}

fn partly_held(
    statement: &Statement,
    span: Span,
    (test, hold): (&Test, Hold),
    stranger: &Stranger,
    cx: &mut Context<'_>,
) {
    let message = format!("{} may {}", everyone::strangers(test, hold), everyone::may(statement));
    let value = everyone::open_value(test, statement, cx.document.kind);
    let place = match (hold, value) {
        (Hold::Open, Some(value)) => value.span,
        (Hold::Weak, _) => test.key_span,
        _ => test.operator_span,
    };
    let finding = cx
        .finding(span, message)
        .label("everyone …")
        .also_at(place, everyone::but(test, hold, value))
        .help(everyone::advice(test, hold));
    let mut finding = everyone::with_example(finding, Some(stranger), statement, cx.document);
    let loosens = hold == Hold::Absent && test.operator.set != Some(SetOperator::ForAllValues);
    if loosens && everyone::is_alone(test, statement) {
        let strict = everyone::without_if_exists(test);
        let loose = test.operator_span.slice(cx.document.text()).trim_matches('"');
        let title = format!("`{strict}` for `{loose}`");
        finding = finding.fix(title, false, vec![Edit::replace(test.operator_span, format!("\"{strict}\""))]);
    }
    cx.report(finding);
}

/// Without any condition the cause is the principal, and the rule about that says so.
fn plain(statement: &Statement, span: Span, stranger: &Stranger, cx: &mut Context<'_>) {
    let message = format!("everyone may {}", everyone::may(statement));
    let finding: Diagnostic =
        cx.finding(span, message).label("everyone, on no condition").help(everyone::ASK_WHO);
    let finding = everyone::with_example(finding, Some(stranger), statement, cx.document);
    cx.report_after(finding, &["principal-any"]);
}
