use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Element, Statement};

rule! {
    /// A resource control policy allows something.
    ///
    /// ## Why
    ///
    /// A resource control policy can only take access away, and Organizations refuses one with an `Allow`. The
    /// one that allows everything, `RCPFullAWSAccess`, is AWS's own and is attached everywhere already.
    ///
    /// ## Examples
    ///
    /// ```json bad rcp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": "*",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good rcp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": "s3:*",
    ///     "Resource": "*",
    ///     "Condition": { "BoolIfExists": { "aws:SecureTransport": "false" } }
    ///   }
    /// }
    /// ```
    name: "rcp-allow", group: Organization, severity: Error, since: "0.1.0",
    rows: ["ORG-04"],
    peers: ["access-analyzer:RCP_SYNTAX_ERROR_ALLOW", "iam-policy-validator:invalid_rcp_effect"],
    kinds: [Rcp],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(span) = statement.effect_span.filter(|_| statement.allows() && !is_full_access(statement))
    else {
        return;
    };
    let finding =
        cx.finding(span, "a resource control policy allows nothing").label("Organizations refuses it");
    cx.report(finding.help("write \"Deny\" and the conditions under which access is taken away"));
}

/// The statement of AWS's own `RCPFullAWSAccess`.
fn is_full_access(statement: &Statement) -> bool {
    let is_star = |element: Option<&Element>| {
        element.is_some_and(|element| {
            !element.negated && element.values.items.iter().all(|value| value.text == "*")
        })
    };
    is_star(statement.action.as_ref())
        && is_star(statement.resource.as_ref())
        && statement.is_unconditional()
        && statement.principal.as_ref().is_some_and(|element| !element.negated && element.any().is_some())
}
