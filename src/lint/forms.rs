//! Which types of resource the ARNs of a policy can be of.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::facts::is_pattern;
use crate::catalog::{self, ActionFacts, ArnPattern, ResourceType};
use crate::policy::Arn;

/// The forms that the ARNs of a policy can be of. Several rules ask for them.
#[derive(Default)]
pub(crate) struct Forms {
    /// By service, a colon, and last part.
    known: RefCell<HashMap<String, Rc<[ArnPattern]>>>,
}

impl Forms {
    /// The forms that an ARN with a fixed service can be of, region and account aside.
    pub(crate) fn of(&self, arn: &Arn<'_>) -> Rc<[ArnPattern]> {
        let key = format!("{}:{}", arn.service, arn.resource);
        let known = self.known.borrow().get(&key).map(Rc::clone);
        known.unwrap_or_else(|| {
            let types = catalog::types_in(arn.service);
            let forms: Rc<[ArnPattern]> =
                types.flat_map(ResourceType::arns).filter(|form| fits(*form, arn)).collect();
            self.known.borrow_mut().insert(key, Rc::clone(&forms));
            forms
        })
    }
}

/// Whether an ARN can be of a form, region and account aside.
pub(crate) fn fits(form: ArnPattern, arn: &Arn<'_>) -> bool {
    form.fits_service(arn.service) && form.fits_resource(arn.resource)
}

/// The types that an action names, as far as the catalogue has them.
pub(crate) fn types_of(action: ActionFacts) -> impl Iterator<Item = ResourceType> {
    action.resources().filter_map(move |need| catalog::resource_type(action.service(), need.name))
}

/// Whether the part of an ARN of a policy that a form leaves empty, or fills, can be so.
pub(crate) fn fits_part(form: &str, part: &str) -> bool {
    match (form.is_empty(), part.is_empty()) {
        (true, true) => true,
        // A star stands for nothing, too.
        (true, false) => part.bytes().all(|byte| byte == b'*') || part.contains("${"),
        (false, true) => form == "*",
        (false, false) => form.contains("${") || form == "*" || form == part || is_pattern(part),
    }
}
