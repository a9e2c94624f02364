use std::collections::HashSet;

use crate::catalog::{self, ActionFacts, ResourceType};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::facts::{actions, dated, is_pattern, is_plain};
use crate::lint::forms::{fits, types_of};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Arn, Element, Statement, Value};

rule! {
    /// An action can be used with none of the resources of its statement.
    ///
    /// ## Why
    ///
    /// An action is about certain types of resource, or about none in particular, and then only
    /// `"Resource": "*"` allows it. Where no ARN of the statement is of a type that the action is about, the
    /// statement does nothing for it. A bucket and what is in it are two types: `arn:aws:s3:::reports` and
    /// `arn:aws:s3:::reports/*`.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": [ "s3:ListBucket", "s3:GetObject" ],
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:ListAllMyBuckets",
    ///     "Resource": "arn:aws:s3:::*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": [ "s3:ListBucket", "s3:GetObject" ],
    ///     "Resource": [ "arn:aws:s3:::reports", "arn:aws:s3:::reports/*" ]
    ///   }
    /// }
    /// ```
    name: "action-resource-mismatch", group: Resource, severity: Warning, since: "0.1.0",
    rows: ["RES-14", "RES-15", "RES-18", "RES-22"],
    peers: ["parliament:RESOURCE_MISMATCH", "iam-policy-validator:resource_mismatch", "cfn-lint:I3510"],
    gives_way_to: ["action-out-of-scope", "foreign-action", "foreign-resource", "key-policy-resource"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let (Some(action), Some(resource)) = (&statement.action, &statement.resource) else { return };
    if action.negated || resource.negated || !statement.is_complete() {
        return;
    }
    // One that could be anything, or is of no type that is known, could also be what an action is about.
    let values = resource.values.items.iter();
    let forms = cx.forms();
    let known = |arn: &Arn<'_>| !forms.of(arn).is_empty();
    let arns: Option<Vec<Arn<'_>>> =
        values.map(|value| Arn::parse(&value.text).filter(|_| is_plain(value)).filter(known)).collect();
    let Some(arns) = arns.filter(|arns| !arns.is_empty()) else { return };
    let (mut without_type, mut others) = (Vec::new(), Vec::new());
    for value in action.values.items.iter().filter(|value| is_plain(value) && value.text != "*") {
        let mut matching = actions(value).peekable();
        let Some(&first) = matching.peek() else { continue };
        if is_pattern(first_part(&value.text)) || any_may_use(matching, &arns) {
            continue;
        }
        match types_of(first).next() {
            None => without_type.push((value, first)),
            Some(_) => others.push((value, first)),
        }
    }
    // Where the rest of the statement works, a superfluous action is untidy at most; but who gives a
    // bucket and forgets what is in it is in for a surprise.
    let all = without_type.len() + others.len() == action.values.items.len();
    let confused = others.iter().any(|(_, action)| missing_in_s3(*action, &arns).is_some());
    // AWS itself writes ARNs of the service for some actions that it lists without a type.
    let foreign = without_type.iter().all(|(_, action)| {
        action.service() == "s3" || arns.iter().all(|arn| arn.service != action.service())
    });
    if let Some(finding) = needs_star(&without_type, statement, resource, cx) {
        let severity = if all && foreign { finding.severity } else { finding.severity.min(Severity::Note) };
        cx.report(finding.severity(severity));
    }
    if let Some(finding) = needs_other(&others, &arns, statement, resource, cx) {
        let severity = if all || confused { finding.severity } else { finding.severity.min(Severity::Note) };
        cx.report(finding.severity(severity));
    }
}

/// The service, as written.
fn first_part(action: &str) -> &str {
    action.split(':').next().unwrap_or(action)
}

/// Whether one of some actions can be used with one of the ARNs; each type is looked at once.
fn any_may_use(matching: impl Iterator<Item = ActionFacts>, arns: &[Arn<'_>]) -> bool {
    let mut seen = HashSet::new();
    for action in matching {
        let mut types = action.resources().peekable();
        if types.peek().is_none() && arns.iter().any(|arn| may_be_unlisted(action, arn)) {
            return true;
        }
        for need in types.filter(|need| seen.insert(need.name)) {
            let kind = catalog::resource_type(action.service(), need.name);
            let mut forms = kind.into_iter().flat_map(ResourceType::arns);
            if forms.any(|form| arns.iter().any(|arn| fits(form, arn))) {
                return true;
            }
        }
    }
    false
}

/// Actions about no type in particular are checked against an ARN that AWS does not list; one that ends
/// in a star in the place of the resource takes it in.
fn may_be_unlisted(action: ActionFacts, arn: &Arn<'_>) -> bool {
    let open = ["*", "log-group:*", "log-group*"].contains(&arn.resource);
    open && arn.service == action.service() && arn.service != "s3"
}

type Found<'s> = (&'s Value, ActionFacts);

/// `a`, `a and one more action`, and whether they are many.
fn names(found: &[Found<'_>]) -> Option<(String, bool)> {
    let (first, more) = found.split_first()?;
    Some(match more.len() {
        0 => (format!("`{}`", first.0.text), false),
        1 => (format!("`{}` and one more action", first.0.text), true),
        more => (format!("`{}` and {more} more actions", first.0.text), true),
    })
}

fn does(statement: &Statement) -> &'static str {
    if statement.denies() { "not denied by this" } else { "not allowed by this" }
}

/// Actions about no resource in particular.
fn needs_star(
    found: &[Found<'_>],
    statement: &Statement,
    resource: &Element,
    cx: &Context<'_>,
) -> Option<Diagnostic> {
    let (names, many) = names(found)?;
    let work = if many { "work" } else { "works" };
    let message = format!("{names} {work} with \"Resource\": \"*\" only, {}", dated());
    let finding = cx.finding(found.first()?.0.span, message).label(does(statement));
    let finding = finding.also_at(resource.values.span, "these are not `*`");
    Some(finding.help("put what needs `*` into a statement of its own with \"Resource\": \"*\""))
}

/// Actions about other types than those of the ARNs.
fn needs_other(
    found: &[Found<'_>],
    arns: &[Arn<'_>],
    statement: &Statement,
    resource: &Element,
    cx: &Context<'_>,
) -> Option<Diagnostic> {
    let (names, many) = names(found)?;
    let (value, action) = *found.first()?;
    let are = if many { "are" } else { "is" };
    let message = format!("{names} {are} about other resources than these, {}", dated());
    let finding = cx.finding(value.span, message).label(does(statement));
    let finding = finding.also_at(resource.values.span, "none is of a type that it is about");
    let form = types_of(action).flat_map(|kind| kind.arns()).min_by_key(|form| form.text().len())?;
    Some(finding.help(match missing_in_s3(action, arns) {
        Some(arn) => format!("add \"{arn}\""),
        None => format!("name a resource of the form `{}`", form.text()),
    }))
}

/// The bucket where there are only objects, and the other way round.
fn missing_in_s3(action: ActionFacts, arns: &[Arn<'_>]) -> Option<String> {
    let arn = arns.iter().find(|arn| arn.service == "s3" && arn.account.is_empty())?;
    let about = |name: &str| action.resources().any(|need| need.name == name);
    let start = |bucket: &str| format!("arn:{}:s3:::{bucket}", arn.partition);
    match arn.resource.split_once('/') {
        Some((bucket, _)) if about("bucket") => Some(start(bucket)),
        None if about("object") => Some(start(arn.resource) + "/*"),
        _ => None,
    }
}
