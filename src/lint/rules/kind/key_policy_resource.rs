use crate::analyze::attached::may_include;
use crate::diagnostic::Severity;
use crate::kind::Kind;
use crate::lint::facts::is_plain;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Arn, Resource, Statement};

rule! {
    /// A statement of a key policy names something else than the key.
    ///
    /// ## Why
    ///
    /// A key policy holds for its own key. A statement with the ARN of a bucket, an alias or another key allows
    /// and denies nothing. `"*"` in a key policy is this key; the ARN of the key itself is right as well.
    ///
    /// ## Examples
    ///
    /// ```json bad kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": "kms:Decrypt",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": "kms:Decrypt",
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": "kms:Decrypt",
    ///     "Resource": "arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    ///   }
    /// }
    /// ```
    name: "key-policy-resource", group: Kind, severity: Error, since: "0.1.0",
    rows: ["KMS-03"],
    peers: ["access-analyzer:UNSUPPORTED_RESOURCE_ARN_IN_POLICY"],
    kinds: [Kms],
    gives_way_to: ["invalid-arn"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let own = cx.document.resource.clone();
    let Some(element) = statement.resource.as_ref().filter(|element| !element.negated) else { return };
    for value in element.values.items.iter().filter(|value| is_plain(value) && value.text != "*") {
        let Some(arn) = Arn::parse(&value.text) else { continue };
        if !may_include(Kind::Kms, &arn) {
            let what =
                if arn.resource.starts_with("alias/") { "an alias is not the key" } else { "no KMS key" };
            let finding =
                cx.finding(value.span, format!("`{}` is nothing that a key policy is about", value.text));
            let finding = match &statement.action {
                Some(action) => finding.also_at(action.values.span, "has no effect on it"),
                None => finding,
            };
            cx.report(
                finding.label(what).help("write \"Resource\": \"*\", which in a key policy is this key"),
            );
        } else if let Some(own) = own.as_deref()
            && !Resource::new(&value.text, statement.variables).contains(&Resource::new(own, false))
        {
            let finding = cx
                .finding(value.span, format!("`{}` is another key than the one of this policy", value.text));
            let level = finding.severity.min(Severity::Warning);
            cx.report(
                finding.severity(level).label(format!("this one is {own}")).help("write \"Resource\": \"*\""),
            );
        }
    }
}
