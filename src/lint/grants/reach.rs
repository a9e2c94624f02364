//! On how much of what an action is about a statement allows it.

use super::super::facts::is_plain;
use super::super::forms::{fits, types_of};
use crate::catalog::{ActionFacts, ArnPattern};
use crate::policy::marks::is_template;
use crate::policy::{Arn, Statement, Test, Value};

/// How much of the resources of an action a statement takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Some.
    Part,
    /// All of a type, in every Region; those of one account may be all that there are.
    All,
}

/// More resources in one statement are not looked at one by one.
const MOST_RESOURCES: usize = 500;

/// How much of the resources of an action a statement takes in; `None` if it allows it on none, as the
/// ARNs are of other types.
pub(crate) fn reach(statement: &Statement, action: ActionFacts) -> Option<Reach> {
    let element = statement.resource.as_ref()?;
    let star = element.values.items.iter().any(|value| is_star(&value.text));
    if element.negated || star {
        // `NotResource` that excepts everything takes in nothing.
        return (element.negated != star).then_some(Reach::All);
    }
    let forms: Vec<ArnPattern> = types_of(action).flat_map(|kind| kind.arns()).collect();
    let mut reach = None;
    for value in element.values.items.iter().take(MOST_RESOURCES) {
        let Some(arn) = Arn::parse(&value.text).filter(|_| is_plain(value)) else {
            // What is still to be filled in may be anything, but for the service that is written out.
            let service = service_of(value);
            let other = |service: &str| {
                service != action.service() && !forms.iter().any(|form| form.fits_service(service))
            };
            if !service.as_deref().is_some_and(other) {
                reach = reach.max(Some(Reach::Part));
            }
            continue;
        };
        // AWS checks some actions against ARNs that it does not list for them.
        if forms.is_empty() && arn.service == action.service() {
            reach = reach.max(Some(Reach::Part));
        }
        for form in forms.iter().filter(|form| fits(**form, &arn)) {
            if takes_all(*form, &arn) {
                return Some(Reach::All);
            }
            reach = reach.max(Some(Reach::Part));
        }
    }
    reach
}

/// The service of an ARN in which something is to be filled in, if that is not the service.
fn service_of(value: &Value) -> Option<String> {
    if let Some(hole) = value.hole.as_ref().filter(|hole| hole.is_function) {
        return hole.service();
    }
    let arn = Arn::parse(&value.text).filter(|_| !value.text.contains("${"))?;
    Some(arn.service.to_owned()).filter(|service| !is_template(service))
}

/// Whether a resource is `*`, however often it is written.
pub(crate) fn is_star(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

fn takes_all(form: ArnPattern, arn: &Arn<'_>) -> bool {
    let region = form.region.is_empty() || is_star(arn.region);
    region && form.is_within(arn.resource)
}

/// Whether a test narrows the resources or the way in which they are reached, and not only who calls
/// from where.
pub(crate) fn narrows(test: &Test) -> bool {
    let key = test.key.to_ascii_lowercase();
    let Some(own) = key.strip_prefix("aws:") else { return key.contains(':') };
    let starts = [
        "resourcetag/",
        "requesttag/",
        "tagkeys",
        "resourceaccount",
        "resourceorg",
        "calledvia",
        "viaawsservice",
        "sourcearn",
        "sourceaccount",
    ];
    starts.iter().any(|start| own.starts_with(start))
}
