use crate::catalog::{self, ArnPattern, ResourceType};
use crate::lint::facts::{arns, dated, is_pattern};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Arn, Statement};

rule! {
    /// An ARN looks like no type of resource that its service has.
    ///
    /// ## Why
    ///
    /// The last part of an ARN begins with a word for the type, as in `key/…` or `function:…`; a few
    /// services have none. With another word the ARN names nothing, and the statement has no effect.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "kms:Decrypt",
    ///     "Resource": "arn:aws:kms:us-east-1:222222222222:keys/0ab1c2d3-1111-2222-3333-444455556666"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "kms:Decrypt",
    ///     "Resource": "arn:aws:kms:us-east-1:222222222222:key/0ab1c2d3-1111-2222-3333-444455556666"
    ///   }
    /// }
    /// ```
    name: "arn-fits-no-type", group: Resource, severity: Warning, since: "0.1.0",
    rows: ["RES-12"],
    peers: ["access-analyzer:INVALID_ARN_RESOURCE", "parliament:RESOURCE_MISMATCH"],
    gives_way_to: ["invalid-arn", "key-policy-resource"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let forms = cx.forms();
    for (value, arn) in arns(statement) {
        let known = !is_pattern(arn.service) && catalog::types_in(arn.service).next().is_some();
        if !known || !forms.of(&arn).is_empty() || is_unlisted(&arn) {
            continue;
        }
        let message = match arn.resource {
            "" => "the last part of the ARN is empty".to_owned(),
            resource => format!("`{resource}` is no resource that `{}` has, {}", arn.service, dated()),
        };
        cx.report(cx.finding(value.span, message).label("fits no type").help(nearest(&arn)));
    }
}

/// What services have besides the types that AWS lists: paths of their own, collections such as
/// `/workspaces`, and a few words.
fn is_unlisted(arn: &Arn<'_>) -> bool {
    let word = word(arn.resource);
    let collection = |form: ArnPattern| form.resource.starts_with(&format!("{}/", arn.resource));
    ["apigateway", "execute-api"].contains(&arn.service)
        || ["transform", "changetoken", "scalingpolicy"].contains(&word.as_str())
        || (arn.resource.starts_with('/')
            && catalog::types_in(arn.service).flat_map(ResourceType::arns).any(collection))
}

/// The form that begins most like it, in words.
fn nearest(arn: &Arn<'_>) -> String {
    let mine = word(arn.resource);
    let distance = |form: &ArnPattern| crate::spelling::distance(&word(form.resource), &mine);
    match catalog::types_in(arn.service).flat_map(ResourceType::arns).min_by_key(distance) {
        Some(form) => format!("the nearest form is `{}`", form.text()),
        None => "look up the form of its ARNs".to_owned(),
    }
}

/// The word for the type, with which a resource begins.
fn word(resource: &str) -> String {
    let end = resource.find(['/', ':', '$']).unwrap_or(resource.len());
    resource.get(..end).unwrap_or("").to_ascii_lowercase()
}
