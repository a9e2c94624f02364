//! The file of values, commented, for a person to fill in.

use crate::steps::guide::{Guide, Options};
use crate::steps::{Pack, Packs, Values};

/// What the pack's parameters are written into; values that are known are filled in.
///
/// # Errors
/// If the option that the values choose does not exist.
pub fn file(packs: &Packs, (pack, guide): (&Pack, &Guide), known: &Values) -> Result<String, String> {
    super::choice(packs, guide, known)?;
    let mut out = format!(
        "# The values for {}.\n# Fill in the empty values and remove the leading #; `polmerge guide check --values FILE` lists those that \
         are still missing.\n# For what a step is yet to create, give the ARN that it is to have.\n",
        pack.title
    );
    let mut derived = Vec::new();
    for (name, parameter) in &pack.parameters {
        if !parameter.derive.is_empty() {
            let from: Vec<String> = parameter
                .derive
                .iter()
                .map(|from| format!("the {} of {}", from.part(), from.from()))
                .collect();
            derived.push(format!("#   {name} is {}\n", from.join(" or ")));
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
                out.push_str(&format!("# {}\n# Find it {}", parameter.kind.form(), parameter.find.place));
                match &parameter.find.command {
                    Some(command) => out.push_str(&format!(":\n#   {command}\n")),
                    None => out.push('\n'),
                }
            }
        }
        match known.get(packs, name) {
            Some(used) => out.push_str(&format!("{name} = {}\n", toml::Value::from(used.value.as_str()))),
            None => out.push_str(&format!("#{name} = \"\"\n")),
        }
    }
    out.push_str("\n# These follow from the others and need not be given:\n");
    out.extend(derived);
    Ok(out)
}

/// The options that exist, a line each.
fn choices(options: &Options) -> String {
    let line = |(value, title): (&String, &String)| {
        let default = if *value == options.default { " (the default)" } else { "" };
        format!("#   \"{value}\": {title}{default}\n")
    };
    options.choices.iter().map(|choice| line((&choice.value, &choice.title))).collect()
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
