use crate::analyze::public::{Question, Stranger};
use crate::document::Because;
use crate::kind::Kind;
use crate::lint::rule::rule;
use crate::lint::{Check, Context, everyone};
use crate::policy::Statement;
use crate::span::Span;

rule! {
    /// An `Allow` lets everyone in, and nothing in it says who.
    ///
    /// ## Why
    ///
    /// `"*"` and `{"AWS": "*"}` mean every principal of every account, and, with services that take
    /// requests without credentials, the whole Internet. It is harmless only where a condition holds
    /// the statement to callers that somebody chose: an account, an organization, a VPC endpoint, one
    /// source ARN. Conditions that ask for something else, such as encryption on the way, do not.
    ///
    /// Where a request of a stranger can be shown that gets past the conditions, the finding is
    /// `public-access`.
    ///
    /// ## Examples
    ///
    /// ```json bad sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": "*",
    ///     "Action": "sqs:SendMessage",
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
    ///     "Principal": "*",
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue",
    ///     "Condition": { "ArnEquals": { "aws:SourceArn": "arn:aws:sns:us-east-1:222222222222:expel-topic" } }
    ///   }
    /// }
    /// ```
    name: "principal-any", group: Overbroad, severity: Error, since: "0.1.0",
    rows: ["PUB-01", "KMS-02", "SQS-01", "SNS-01", "ECR-01", "TRU-03", "TRU-04", "OTH-01"],
    peers: [
        "checkov:CKV_AWS_33", "checkov:CKV_AWS_70", "checkov:CKV_AWS_168", "checkov:CKV_AWS_169", "checkov:CKV_AWS_60",
        "cfn-nag:F16", "cfn-nag:F18", "cfn-nag:F21", "cfn-nag:F76", "policyuniverse:internet_accessible",
        "access-analyzer:ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
    ],
    kinds: [Trust, Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda, Resource],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let question = Question::new(cx.document);
    for statement in &cx.document.policy.statements {
        if let Some((span, stranger)) = everyone::open(statement, &question) {
            report(statement, span, stranger.as_deref(), cx);
        }
    }
}

fn report(statement: &Statement, span: Span, stranger: Option<&Stranger>, cx: &mut Context<'_>) {
    let message = format!("everyone may {}", everyone::may(statement));
    let label = match statement.is_unconditional() {
        true => "everyone, on no condition",
        false => "everyone: no condition keeps strangers out",
    };
    let help = match (cx.document.kind, &cx.document.because) {
        // A VPC endpoint policy looks like this, and is right to.
        (Kind::Resource, Because::Default) => {
            format!("{}; if this is a VPC endpoint policy, say so: --kind endpoint", everyone::ASK_WHO)
        }
        _ => everyone::ASK_WHO.to_owned(),
    };
    let finding = cx.finding(span, message).label(label).help(help);
    // Without a condition there is nothing to explain but this; with one, a request that gets past it
    // says more.
    match statement.is_unconditional() {
        true => cx.report_after(everyone::with_example(finding, stranger, statement, cx.document), &[]),
        false => cx.report_after(finding, &["public-access"]),
    }
}
