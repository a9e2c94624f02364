//! The file of values, commented, for a person to fill in.

use super::Setup;
use super::discover::{Candidate, Discovery, Finding};
use crate::spelling::capital;
use crate::steps::guide::Options;
use crate::steps::{Origin, Parameter, Used};

/// What the pack's parameters are written into; values that are known are filled in, those that were found with their origin.
pub fn file(setup: &Setup<'_>, discovery: &Discovery) -> String {
    let Setup { packs, pack, guide, values, .. } = setup;
    let none = Finding::default();
    let mut out = format!(
        "# The values for {}.\n# Fill in the empty values and remove the leading #; `polmerge guide check --values FILE` lists those that \
         are still missing.\n# For a resource that a step creates, give the ARN that it will have.\n",
        pack.title
    );
    let mut derived = Vec::new();
    for (name, parameter) in &pack.parameters {
        if !parameter.derive.is_empty() {
            let mut from = String::new();
            let mut part = "";
            for derivation in &parameter.derive {
                let or = if from.is_empty() { "" } else { " or " };
                let of = match derivation.part() {
                    same if same == part => String::new(),
                    other => format!("the {other} of "),
                };
                part = derivation.part();
                from.push_str(&format!("{or}{of}{}", derivation.from()));
            }
            derived.push(format!("#   {name} is {from}\n"));
            continue;
        }
        let optional = if parameter.optional { " (optional)" } else { "" };
        let is_option = |options: &&Options| options.parameter == *name;
        match guide.options.as_ref().filter(is_option) {
            Some(options) => {
                out.push_str(&format!("\n# {}.\n{}", capital(&parameter.description), choices(options)))
            }
            None => {
                let (kind, description) = (capital(parameter.kind.title()), &parameter.description);
                out.push_str(&format!("\n# {kind}{optional}: {description}.\n"));
            }
        }
        let is_option = guide.options.as_ref().is_some_and(|options| options.parameter == *name);
        let used = values.get(packs, name).filter(|used| !matches!(used.origin, Origin::Derived(..)));
        out.push_str(&value(name, parameter, used, discovery.found.get(name).unwrap_or(&none), is_option));
    }
    if !derived.is_empty() {
        out.push_str("\n# These follow from the others and need not be given:\n");
        out.extend(derived);
    }
    out
}

/// The lines of one value: how it was found or can be, and the value.
fn value(
    name: &str,
    parameter: &Parameter,
    used: Option<&Used>,
    finding: &Finding,
    is_option: bool,
) -> String {
    let line = |value: &str| format!("{name} = {}\n", toml::Value::from(value));
    let notes: String = finding.notes.iter().map(|note| format!("# {}\n", capital(note))).collect();
    let candidates = |all: &[Candidate]| -> String {
        all.iter().map(|own| format!("#   {}\n#{}", own.origin, line(&own.value))).collect()
    };
    match (used, finding.value()) {
        (Some(used), Some(found)) if matches!(used.origin, Origin::Discovered(_)) => {
            let others = match finding.candidates.is_empty() && !finding.others.is_empty() {
                true => format!("# To use an existing one instead:\n{}", candidates(&finding.others)),
                false => String::new(),
            };
            format!("{notes}{others}# {}.\n{}", capital(&found.origin), line(&used.value))
        }
        (Some(used), _) => format!("# From {}.\n{}", used.origin, line(&used.value)),
        (None, Some(found)) => {
            format!(
                "{notes}# Found, but optional; to use it, remove the leading #:\n{}",
                candidates(std::slice::from_ref(found))
            )
        }
        (None, None) => {
            let all = [finding.candidates.as_slice(), finding.others.as_slice()].concat();
            if !all.is_empty() {
                return format!(
                    "{notes}# Possible values; remove the leading # of the right one:\n{}",
                    candidates(&all)
                );
            }
            let mut out = notes;
            if !is_option {
                out.push_str(&format!("# {}\n# Find it {}", parameter.kind.form(), parameter.find.place));
                match &parameter.find.command {
                    Some(command) => out.push_str(&format!(":\n#   {command}\n")),
                    None => out.push('\n'),
                }
            }
            format!("{out}#{name} = \"\"\n")
        }
    }
}

/// The options that exist, a line each.
fn choices(options: &Options) -> String {
    let line = |(value, title): (&String, &String)| {
        let default = if *value == options.default { " (the default)" } else { "" };
        format!("#   \"{value}\": {title}{default}\n")
    };
    options.choices.iter().map(|choice| line((&choice.value, &choice.title))).collect()
}
