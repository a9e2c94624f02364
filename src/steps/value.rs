//! From what a person gave to the value of every token, checked, with its origin.

mod types;

use std::collections::BTreeMap;
use std::fmt;

use super::Packs;
use super::parameter::{AgreementLevel, Parameter, ValueType};
use crate::pattern::Pattern;
use crate::placeholder::tokens;
use types::check;

/// Where a value came from, in the order in which the places are asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// `--set`
    Set,
    /// `--values`, and the file.
    File(String),
    /// The environment, and the variable.
    Environment(String),
    /// The configuration file.
    Configuration(String),
    /// It was found in an account: the folder of answers.
    Discovered(String),
    /// It follows from the value of another parameter: which part, and of which.
    Derived(&'static str, String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Set => f.write_str("--set"),
            Origin::File(file) | Origin::Configuration(file) | Origin::Discovered(file) => f.write_str(file),
            Origin::Environment(variable) => write!(f, "environment {variable}"),
            Origin::Derived(part, from) => write!(f, "{part} of {from}"),
        }
    }
}

/// A value as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The parameter or an alias.
    pub name: String,
    /// The value.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// A value in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The value.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// Every value that was given or follows, by canonical name.
#[derive(Clone, Debug, Default)]
pub struct Values {
    values: BTreeMap<String, Used>,
}

/// [`Values`], with what a person should be told.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    /// The values.
    pub values: Values,
    /// What is odd, but no reason to stop.
    pub warnings: Vec<String>,
    /// Those warnings about names of no value that are close to the name of one which has none.
    pub misspelled: Vec<String>,
}

/// A token that has no value.
#[derive(Clone, Debug)]
pub struct Missing<'p> {
    /// The token, as it stands in the text.
    pub token: String,
    /// What is known of it.
    pub parameter: Option<&'p Parameter>,
}

impl Values {
    /// Checks what was given and adds what follows. `steps` are the steps chosen; `known` says
    /// whether some text in play uses a token that no pack describes.
    ///
    /// # Errors
    /// One line for each value of the wrong type, each pair of different values for one parameter
    /// and each broken agreement.
    pub fn resolve(
        packs: &Packs,
        given: &[Given],
        steps: &[&str],
        known: impl Fn(&str) -> bool,
    ) -> Result<Resolved, Vec<String>> {
        let mut resolving = Resolving {
            packs,
            values: BTreeMap::new(),
            errors: Vec::new(),
            warnings: Vec::new(),
            unknown: Vec::new(),
        };
        let mut order: Vec<&Given> = given.iter().collect();
        order.sort_by(|a, b| a.origin.cmp(&b.origin));
        for given in order {
            resolving.take(given, &known);
        }
        resolving.derive();
        resolving.check_agreements(steps);
        resolving.check_steps(steps);
        if !resolving.errors.is_empty() {
            return Err(resolving.errors);
        }
        let Resolving { values, warnings, unknown, .. } = resolving;
        let misspelled =
            unknown.into_iter().filter(|(_, meant)| !values.contains_key(packs.canonical(meant)));
        let misspelled = misspelled.map(|(warning, _)| warning).collect();
        Ok(Resolved { values: Values { values }, warnings, misspelled })
    }

    /// The value for a token.
    pub fn get(&self, packs: &Packs, token: &str) -> Option<&Used> {
        self.values.get(packs.canonical(token))
    }

    /// Whether a value was given, and does not follow from anything.
    pub fn is_given(&self, packs: &Packs, token: &str) -> bool {
        let used = self.get(packs, token);
        used.is_some_and(|used| !used.value.is_empty() && !matches!(used.origin, Origin::Derived(..)))
    }

    /// Adds a value that follows from something other than the values, unless one was given.
    pub fn derive(&mut self, packs: &Packs, name: &str, value: String, part: &'static str, from: String) {
        let name = packs.canonical(name).to_owned();
        let derived = Used { value, origin: Origin::Derived(part, from) };
        match self.values.get(&name).map(|used| &used.origin) {
            None | Some(Origin::Derived(..)) => drop(self.values.insert(name, derived)),
            Some(_) => {}
        }
    }

    /// Every value, by canonical name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Used)> {
        self.values.iter().map(|(name, used)| (name.as_str(), used))
    }
}

impl ValueType {
    /// Whether a value is of the type.
    ///
    /// # Errors
    /// What was expected, and what it is instead.
    pub fn check(self, value: &str) -> Result<(), String> {
        check(self, value)
    }
}

struct Resolving<'p> {
    packs: &'p Packs,
    values: BTreeMap<String, Used>,
    errors: Vec<String>,
    warnings: Vec<String>,
    /// The warnings about names of no value, each with the name of a value that is close to it.
    unknown: Vec<(String, String)>,
}

impl Resolving<'_> {
    fn take(&mut self, given: &Given, known: &impl Fn(&str) -> bool) {
        let parameter = self.packs.parameter(&given.name);
        // A file of values that a person has not yet filled in.
        let is_token = tokens(&given.value).first().is_some_and(|token| token.name == given.value);
        let is_open = given.value.is_empty() || is_token;
        if parameter.is_some() && is_open && matches!(given.origin, Origin::File(_)) {
            return;
        }
        if parameter.is_some() && is_token {
            let reason = format!("`{}` stands for a value, and is none", given.value);
            self.errors.push(format!("{} ({}): {reason}", given.name, given.origin));
            return;
        }
        if parameter.is_none() && !known(&given.name) {
            let mut warning = format!("`{}` ({}) is not the name of a value", given.name, given.origin);
            if let Some(nearest) = self.nearest(&given.name).map(str::to_owned) {
                warning = format!("{warning}; did you mean `{nearest}`?");
                self.unknown.push((warning.clone(), nearest));
            }
            self.warnings.push(warning);
        }
        if let Some((_, parameter)) = parameter
            && let Err(reason) = check(parameter.kind, &given.value)
        {
            self.errors.push(format!("{} ({}): {reason}", given.name, given.origin));
            return;
        }
        let used = Used { value: given.value.clone(), origin: given.origin.clone() };
        self.put(self.packs.canonical(&given.name).to_owned(), used);
    }

    /// The first place asked decides, and no other may say otherwise: a value that is silently
    /// overruled is a value that somebody believes in.
    fn put(&mut self, name: String, used: Used) {
        match self.values.get(&name) {
            Some(before) if before.value != used.value => self.errors.push(format!(
                "two values for {name}: `{}` ({}) and `{}` ({})",
                before.value, before.origin, used.value, used.origin
            )),
            Some(_) => {}
            None => {
                self.values.insert(name, used);
            }
        }
    }

    fn nearest(&self, name: &str) -> Option<&str> {
        let parameters = self.packs.all().iter().flat_map(|pack| &pack.parameters);
        // What follows from others is not what a person means to give.
        let given = parameters.filter(|(_, parameter)| parameter.derive.is_empty());
        let names = given.flat_map(|(name, parameter)| std::iter::once(name).chain(&parameter.aliases));
        let name = name.to_ascii_uppercase();
        names
            .map(|known| (crate::spelling::distance(known, &name), known.as_str()))
            .filter(|&(distance, known)| distance <= known.len() / 3)
            .min()
            .map(|(_, known)| known)
    }

    fn derive(&mut self) {
        let packs = self.packs;
        for (name, parameter) in packs.all().iter().flat_map(|pack| &pack.parameters) {
            for derivation in &parameter.derive {
                let from = packs.canonical(derivation.from());
                let value = self.values.get(from).and_then(|used| derivation.of(&used.value));
                if let Some(value) = value {
                    let origin = Origin::Derived(derivation.part(), from.to_owned());
                    self.put(name.clone(), Used { value, origin });
                }
            }
        }
    }

    /// Values that are well formed, and with which a step chosen cannot work.
    fn check_steps(&mut self, steps: &[&str]) {
        for step in steps.iter().filter_map(|name| self.packs.step(name).ok().map(|(_, step)| step)) {
            for warning in step.warnings.iter().filter(|warning| warning.level == AgreementLevel::Error) {
                let used = self.values.get(self.packs.canonical(&warning.parameter));
                if let Some(used) = used.filter(|used| Pattern::new(&warning.matches).matches(&used.value)) {
                    self.errors.push(format!(
                        "{}: `{}` ({}): {}",
                        step.name, used.value, used.origin, warning.message
                    ));
                }
            }
        }
    }

    fn check_agreements(&mut self, steps: &[&str]) {
        for agreement in self.packs.all().iter().flat_map(|pack| &pack.agreements) {
            if !steps.is_empty()
                && steps.iter().all(|step| agreement.except.iter().any(|except| except == step))
            {
                continue;
            }
            let given: Vec<(&String, &Used)> =
                agreement.parameters.iter().filter_map(|name| Some((name, self.values.get(name)?))).collect();
            let [(first, used), others @ ..] = given.as_slice() else { continue };
            for (other, other_used) in others {
                for part in &agreement.parts {
                    if part.of(&used.value) == part.of(&other_used.value) {
                        continue;
                    }
                    let part = part.name();
                    let message = format!(
                        "{first} and {other} are not of one {part} (`{}`, `{}`): {}",
                        used.value, other_used.value, agreement.reason
                    );
                    match agreement.level {
                        AgreementLevel::Error => self.errors.push(message),
                        AgreementLevel::Warning => self.warnings.push(message),
                    }
                }
            }
        }
        self.errors.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(given: &[(&str, &str)]) -> Result<Resolved, Vec<String>> {
        let given: Vec<Given> = given
            .iter()
            .map(|(name, value)| Given {
                name: (*name).to_owned(),
                value: (*value).to_owned(),
                origin: Origin::Set,
            })
            .collect();
        Values::resolve(&Packs::shipped().unwrap(), &given, &["step4"], |_| false)
    }

    #[test]
    fn the_account_follows_from_the_topic() {
        let resolved = resolve(&[("YOUR_SNS_TOPIC_ARN", "arn:aws:sns:us-east-1:222222222222:t")]).unwrap();
        let packs = Packs::shipped().unwrap();
        let used = resolved.values.get(&packs, "YOUR_LOG_ARCHIVE_ACCOUNT_ID").unwrap();
        assert_eq!(used.value, "222222222222");
        assert_eq!(used.origin.to_string(), "account of YOUR_TOPIC_ARN");
        assert!(resolved.values.get(&packs, "YOUR_TOPIC_ARN").is_some(), "an alias is the same parameter");
    }

    #[test]
    fn disagreements_are_errors() {
        let topic = ("YOUR_TOPIC_ARN", "arn:aws:sns:us-east-1:222222222222:t");
        let alias = ("YOUR_SNS_TOPIC_ARN", "arn:aws:sns:us-east-1:222222222222:other");
        assert!(resolve(&[topic, alias]).unwrap_err()[0].starts_with("two values for YOUR_TOPIC_ARN"));
        let account = ("YOUR_LOG_ARCHIVE_ACCOUNT_ID", "333333333333");
        assert!(resolve(&[topic, account]).unwrap_err()[0].contains("account of YOUR_TOPIC_ARN"));
        let queue = ("YOUR_SQS_QUEUE_ARN", "arn:aws:sqs:eu-west-1:222222222222:q");
        assert!(resolve(&[topic, queue]).unwrap_err()[0].contains("not of one Region"));
        let role = ("YOUR_EXPEL_ROLE_ARN", "arn:aws:iam::333333333333:role/r");
        assert_eq!(resolve(&[topic, role]).unwrap().warnings.len(), 1);
        assert!(
            resolve(&[("YOUR_TOPIC_ARM", "x")]).unwrap().warnings[0]
                .contains("did you mean `YOUR_TOPIC_ARN`?")
        );
        // The case, and never one that follows from others.
        for (given, meant) in [("your_topic_arn", "YOUR_TOPIC_ARN"), ("YOUR_QUEUE_ARN", "YOUR_SQS_QUEUE_ARN")]
        {
            let resolved = resolve(&[(given, "x")]).unwrap();
            let warnings = &resolved.warnings;
            assert!(warnings[0].ends_with(&format!("did you mean `{meant}`?")), "{warnings:?}");
            assert_eq!(resolved.misspelled, *warnings);
        }
        // Beside the value that it is close to, a name is not a misspelled one; nor is one that is close to none.
        let alias = ("YOUR_SNS_TOPIC_ARN", topic.1);
        for given in [("YOUR_TOPIC_ARM", "x"), ("YOUR_TEAM", "x")] {
            let resolved = resolve(&[alias, given]).unwrap();
            assert_eq!((resolved.warnings.len(), resolved.misspelled.len()), (1, 0), "{resolved:?}");
        }
    }
}
