//! The file of values, commented, for a person to fill in.

use crate::steps::{Pack, Values};

/// What the pack's parameters are written into; values that are known are filled in.
pub fn file(pack: &Pack, known: &Values, packs: &crate::steps::Packs) -> String {
    let mut out = format!(
        "# The values for {}.\n# Fill in what is empty and take the # in front of it away; `polmerge guide check --values FILE` says what is \
         still missing.\n# Of what a step is yet to make, give the ARN that it shall have.\n",
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
        out.push_str(&format!("\n# {}: {}.\n", capital(parameter.kind.title()), parameter.description));
        out.push_str(&format!("# {}\n# Find it {}", parameter.kind.form(), parameter.find.place));
        match &parameter.find.command {
            Some(command) => out.push_str(&format!(":\n#   {command}\n")),
            None => out.push('\n'),
        }
        match known.get(packs, name) {
            Some(used) => out.push_str(&format!("{name} = {}\n", toml::Value::from(used.value.as_str()))),
            None => out.push_str(&format!("#{name} = \"\"\n")),
        }
    }
    out.push_str("\n# These follow from the others and need not be given:\n");
    out.extend(derived);
    out
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
