//! What is wrong with a policy, rule by rule.
//!
//! A rule is one file under `lint/rules/<group>/`: its text, its check, its examples. [`lint`] runs
//! them over a document, settles which of several findings about one cause is shown, and sorts.

mod accounts;
mod addresses;
pub mod baseline;
mod caller;
mod cases;
mod covered;
mod escalation;
mod everyone;
mod exposure;
mod facts;
mod filled;
pub mod fix;
mod forms;
mod grants;
mod meant;
mod members;
mod presence;
mod principals;
mod regions;
mod renamed;
pub mod request;
mod rule;
pub mod rules;
mod services;
mod settings;
mod settle;
mod shadows;
mod size;
pub mod suppress;
mod tls;
mod trust;
mod uncovered;
mod value_types;

pub use everyone::{Remark, remarks};
pub use filled::not_analyzed;
pub use principals::{Limits, limits, of_principals};
pub use rule::{Check, Context, FixKind, Group, Rule};
pub use settings::{Level, Selector, Settings, UnknownSelector};
pub use uncovered::UNCOVERED;

use std::rc::Rc;

use crate::analyze::space::together;
use crate::diagnostic::Diagnostic;
use crate::document::Document;

/// Every finding of the selected rules, in the order of the text. Of a policy that depends on choices of its template,
/// what is found in each case, and if not in all of them, in which.
pub fn lint(document: &Document, settings: &Settings) -> Vec<Diagnostic> {
    lint_within(document, settings, None)
}

/// The same of a policy whose holder has limits beside it: the rules about what the policies of a principal say together
/// count them.
pub fn lint_within(document: &Document, settings: &Settings, limits: Option<&Limits>) -> Vec<Diagnostic> {
    together(|| match document.has_cases() {
        true => {
            let mut found = cases::lint(document, |document| lint_one(document, settings, limits));
            found.extend(cases::nowhere(document, settings));
            found
        }
        false => lint_one(document, settings, limits),
    })
}

fn lint_one(document: &Document, settings: &Settings, limits: Option<&Limits>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let grants = Rc::new(grants::Grants::new(document));
    let within = match limits {
        Some(limits) => Rc::new(grants::Grants::within(document, limits)),
        None => Rc::clone(&grants),
    };
    let forms = Rc::new(forms::Forms::default());
    for rule in rules::ALL {
        let Some(severity) = settings.severity(rule) else { continue };
        if !rule.kinds.is_empty() && !rule.kinds.contains(&document.kind) {
            continue;
        }
        let own = Rc::clone(if rule.joins { &within } else { &grants });
        let mut context = Context::new(document, settings, rule, severity, own, Rc::clone(&forms));
        // What was misread has nothing wrong with it but its syntax.
        if document.is_garbled && rule.name != "json-syntax" {
            continue;
        }
        match (rule.check, document.is_absent()) {
            (Check::Outside | Check::Problems, _) => context.lift_problems(),
            // There is no policy.
            (_, true) => {}
            (Check::Document(check), false) => check(&mut context),
            (Check::Statement(check), false) => {
                for statement in document.policy.statements.iter().filter(|statement| !statement.is_hole()) {
                    check(statement, &mut context);
                }
            }
        }
        found.extend(context.into_found());
    }
    let mut findings = settle::settle(found, document);
    findings.sort_by(|a, b| (a.span, a.rule).cmp(&(b.span, b.rule)));
    findings
}
