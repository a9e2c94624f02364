use crate::analyze::public::{Open, Question, s3_calls_public};
use crate::diagnostic::Diagnostic;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// S3 Block Public Access takes the bucket policy for public.
    ///
    /// ## Why
    ///
    /// S3 has a test of its own, stricter than what a stranger could do: whoever is let in has to be
    /// named, or held by one of some condition keys to values without wildcards and policy variables.
    /// What a `Deny` takes back does not count. With `BlockPublicPolicy` S3 refuses such a policy; with
    /// `RestrictPublicBuckets` the bucket is closed to other accounts and to services without a role.
    ///
    /// Where a stranger does get in, the finding is `public-access` or `principal-any`. `diff --fail-on-public` has
    /// the same definition.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": "*",
    ///     "Action": "s3:PutObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "ArnLike": { "aws:SourceArn": "arn:aws:logs:*:222222222222:*" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": "*",
    ///     "Action": "s3:PutObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": {
    ///       "ArnLike": { "aws:SourceArn": "arn:aws:logs:*:222222222222:*" },
    ///       "StringEquals": { "aws:SourceAccount": "222222222222" }
    ///     }
    ///   }
    /// }
    /// ```
    name: "s3-public", group: Public, severity: Warning, since: "0.1.0",
    rows: ["PUB-03"],
    peers: ["prowler:s3_bucket_public_access", "security-hub:S3.2"],
    kinds: [S3],
    gives_way_to: ["public-access", "principal-any", "not-principal-allow"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(open) = s3_calls_public(statement).filter(|_| statement.is_complete()) else { return };
    let Some(element) = &statement.principal else { return };
    if Question::new(cx.document).is_elsewhere(statement) {
        return;
    }
    let place = if element.negated { element.key } else { element.any().unwrap_or(element.span) };
    let finding = |place| cx.finding(place, "S3 Block Public Access takes this statement for public");
    let finding: Diagnostic = match open {
        Open::Everyone => finding(place).label("everyone, and no condition that S3 counts"),
        Open::Value(test, value) => finding(place)
            .label("everyone …")
            .also_at(value.span, format!("… as S3 counts `{}` only without wildcard or variable", test.key)),
        Open::Operator(test) => finding(place).label("everyone …").also_at(
            test.operator_span,
            format!("… as S3 counts `{}` only where it must be there and match", test.key),
        ),
        Open::WebIdentity(value) => finding(value.span).label("whoever it signs in"),
    };
    cx.report(finding.help(
        "name the principals, or add a test of a key that counts, such as \"StringEquals\": \
         { \"aws:SourceAccount\": \"<account>\" }",
    ));
}
