//! Values from everywhere they may come from, and the packs in use.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Failure;
use super::terminal::error_width;
use crate::config::one_line;
use crate::read;
use crate::report::wrap::{count, wrap};
use crate::steps::{Given, Missing, Origin, Pack, Packs, Resolved, StepError, Values};

/// What the variables are called that give values.
const PREFIX: &str = "POLMERGE_";

/// Options that give values.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct ValueArgs {
    /// Give a value: YOUR_TOPIC_ARN=arn:aws:sns:…
    #[arg(long = "set", value_name = "NAME=VALUE", help_heading = "Values")]
    pub(super) set: Vec<String>,
    /// Read values from a TOML or JSON file: NAME = "value"
    #[arg(long, value_name = "FILE", help_heading = "Values")]
    pub(super) values: Vec<PathBuf>,
}

impl ValueArgs {
    /// Everything that was given, wherever.
    pub(super) fn given(&self, configured: &[Given]) -> Result<Vec<Given>, Failure> {
        let mut given = Vec::new();
        for set in &self.set {
            let Some((name, value)) = set.split_once('=').filter(|(name, _)| !name.is_empty()) else {
                return Err(Failure::new(format!("`--set {set}` is not NAME=VALUE")));
            };
            given.push(Given { name: name.to_owned(), value: value.to_owned(), origin: Origin::Set });
        }
        for path in &self.values {
            given.extend(values_file(path)?);
        }
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
            if !name.starts_with("YOUR_") {
                continue;
            }
            let origin = Origin::Environment(format!("{PREFIX}{name}"));
            let Some(value) = value.to_str() else {
                return Err(Failure::new(format!("the value of {PREFIX}{name} is not UTF-8")));
            };
            given.push(Given { name: name.to_owned(), value: value.to_owned(), origin });
        }
        given.extend(configured.iter().cloned());
        Ok(given)
    }
}

/// The values in a file.
fn values_file(path: &Path) -> Result<Vec<Given>, Failure> {
    let source = read::settings(path)?;
    let name = source.name().to_owned();
    let bad = |reason: String| {
        Failure::new(format!("`{name}` is not a valid file of values: {reason}")).help(
            "a line in it is YOUR_TOPIC_ARN = \"arn:aws:sns:…\", or it is a JSON object of such members",
        )
    };
    let is_json = path.extension().is_some_and(|extension| extension == "json")
        || source.text().trim_start().starts_with('{');
    let pairs: Vec<(String, Option<String>)> = if is_json {
        let values: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(source.text()).map_err(|error| bad(error.to_string()))?;
        values.into_iter().map(|(name, value)| (name, value.as_str().map(str::to_owned))).collect()
    } else {
        let values: toml::Table = source.text().parse().map_err(|error: toml::de::Error| {
            let place = error
                .span()
                .map_or_else(String::new, |span| format!("line {}: ", source.position(span.start).line));
            let name = error.span().and_then(|span| source.text().get(span)).filter(|name| is_name(name));
            let name = name.map_or(String::new(), |name| format!(" `{name}`"));
            bad(format!("{place}{}{name}", one_line(error.message())))
        })?;
        values.into_iter().map(|(name, value)| (name, value.as_str().map(str::to_owned))).collect()
    };
    pairs
        .into_iter()
        // Editors want to know the schema of a JSON file.
        .filter(|(name, _)| name != "$schema")
        .map(|(name, value)| match value {
            Some(value) => Ok(Given { name, value, origin: Origin::File(path.display().to_string()) }),
            None => Err(bad(format!("the value of `{name}` is not a string"))),
        })
        .collect()
}

/// Whether a part of a file is the name of a value.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The values that are given and those that follow, or a failure that lists all that is wrong.
pub(super) fn resolve(
    packs: &Packs,
    given: &[Given],
    steps: &[&str],
    known: impl Fn(&str) -> bool,
) -> Result<Resolved, Failure> {
    Values::resolve(packs, given, steps, known).map_err(|mut errors| {
        let first = if errors.is_empty() { String::new() } else { errors.remove(0) };
        let failure = Failure::new(first);
        let failure =
            errors.into_iter().fold(failure, |failure, error| failure.help(format!("error: {error}")));
        failure.help("").help("Nothing was written.")
    })
}

/// The shipped packs and those in folders.
pub(super) fn packs(folders: &[PathBuf]) -> Result<Packs, Failure> {
    let failed = |error: StepError| match error {
        StepError::Faults { file, faults } => {
            let failure = Failure::new(format!("the step pack in `{file}` cannot be used"));
            faults.into_iter().fold(failure, |failure, fault| failure.help(format!("  {fault}")))
        }
        other => Failure::new(other.to_string()),
    };
    let mut packs = Packs::shipped().map_err(failed)?;
    for folder in folders {
        let file = folder.join("pack.json");
        let source = read::settings_file(&file)?;
        let step = |name: &str| {
            let path = folder.join(format!("{name}.json"));
            read::settings_file(&path)
                .map(|source| source.text().to_owned())
                .map_err(|error| error.to_string())
        };
        let pack = Pack::from_texts(source.name(), source.text(), step).map_err(failed)?;
        packs.add(pack, source.name()).map_err(failed)?;
    }
    Ok(packs)
}

/// All values that are missing, with how to give and how to find each. `warnings` may say why: a misspelled name.
pub(super) fn missing(who: &str, missing: &[Missing<'_>], warnings: &[String]) -> Failure {
    let names: Vec<String> = missing.iter().map(|missing| format!("`{}`", missing.token)).collect();
    let message = match names.as_slice() {
        [one] => format!("{who} needs a value for {one}"),
        several => format!("{who} needs values for {}", several.join(", ")),
    };
    let width = missing.iter().map(|missing| missing.token.len()).max().unwrap_or(0) + 5;
    let mut failure = warned(Failure::new(message), warnings).help("");
    for value in missing {
        for (index, line) in describe(value)
            .iter()
            .flat_map(|text| wrap(text, error_width().saturating_sub(width)))
            .enumerate()
        {
            let name = if index == 0 { value.token.as_str() } else { "" };
            failure = failure.help(format!("  {name:0$}{line}", width - 2));
        }
    }
    let it = if missing.len() == 1 { "it  " } else { "them" };
    if let Some(first) = missing.first() {
        let form = first.parameter.map_or("", |parameter| parameter.kind.form());
        let example = format!("--set {}={}…", first.token, form.split('<').next().unwrap_or(""));
        failure =
            failure.help("").help(format!("  give {it}   {example}      or in a file with --values FILE"));
    }
    let mut lead = format!("  find {it}   ");
    for value in missing {
        let Some(find) = value.parameter.map(|parameter| &parameter.find) else { continue };
        let who = if missing.len() == 1 { String::new() } else { format!("{}, ", value.token) };
        let colon = if find.command.is_some() { ":" } else { "" };
        failure = failure.help(format!("{lead}{who}{}{colon}", find.place));
        lead = " ".repeat(14);
        if let Some(command) = &find.command {
            failure = failure.help(format!("{lead}{command}"));
        }
    }
    failure.help("").help("Nothing was written.")
}

/// Values that are missing in a file that is to have all of them: each once, with how to find it.
pub(super) fn unfilled(
    who: &str,
    missing: &[Missing<'_>],
    warnings: &[String],
    files: &[PathBuf],
) -> Failure {
    let values = count(missing.len(), "value");
    let is = if missing.len() == 1 { "is" } else { "are" };
    let message = match files {
        [] => format!("{who} needs {values}"),
        [file] => format!("{values} that {who} needs {is} missing from `{}`", file.display()),
        _ => format!("{values} that {who} needs {is} missing from the values files"),
    };
    let mut failure = warned(Failure::new(message), warnings);
    for value in missing {
        failure = failure.help("").help(format!("  {}", value.token));
        let find = value.parameter.map(|parameter| &parameter.find);
        let place = find.map(|find| {
            let colon = if find.command.is_some() { ":" } else { "" };
            format!("find it {}{colon}", find.place)
        });
        for line in describe(value).iter().chain(&place).flat_map(|text| wrap(text, error_width() - 6)) {
            failure = failure.help(format!("      {line}"));
        }
        if let Some(command) = find.and_then(|find| find.command.as_ref()) {
            failure = failure.help(format!("        {command}"));
        }
    }
    failure.help("")
}

/// A failure with what was odd before it.
pub(super) fn warned(failure: Failure, warnings: &[String]) -> Failure {
    warnings.iter().fold(failure, |failure, warning| failure.help(format!("warning: {warning}")))
}

/// What a value is and what it looks like.
fn describe(value: &Missing<'_>) -> Vec<String> {
    let Some(parameter) = value.parameter else {
        return vec!["a value that no step pack describes".to_owned()];
    };
    let mut lines = vec![
        format!("{}: {}", parameter.kind.title(), parameter.description),
        parameter.kind.form().to_owned(),
    ];
    if !parameter.derive.is_empty() {
        let from: Vec<&str> = parameter.derive.iter().map(|from| from.from()).collect();
        lines.push(format!("need not be given: it follows from {}", from.join(" or ")));
    }
    lines
}
