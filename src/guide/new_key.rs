//! A key that a plan creates: its ARN cannot be chosen, so that something stands for it until it is known.

use super::accounts::Accounts;
use super::reads::{self, What};
use super::things::account_of;
use super::{Setup, documents};
use crate::policy::Arn;
use crate::steps::CreateKey;

/// A key that a plan creates.
#[derive(Clone, Debug)]
pub(super) struct NewKey<'p> {
    /// The parameter that names it.
    pub(super) parameter: &'p str,
    /// How it is created.
    pub(super) create: &'p CreateKey,
    /// What stands for its ARN: one that no key has.
    pub(super) arn: String,
    /// The variable of the script that has its ARN.
    pub(super) variable: String,
    /// Whether the key exists, so that `arn` is its own: an earlier plan created it.
    pub(super) exists: bool,
}

impl<'p> Setup<'p> {
    /// Lets a stand-in take the place of every key that is to be created.
    pub(super) fn take_new_keys(&mut self) {
        let made: &[String] = self.stack().map_or(&[], |stack| &stack.makes);
        for (name, parameter) in &self.pack.parameters {
            let Some(create) = parameter.create.as_ref().filter(|_| !made.contains(name)) else { continue };
            let Some(arn) = self.stand_in(name) else { continue };
            let Some(index) =
                self.reads.iter().position(|read| (read.what, read.parameter) == (What::Key, name.as_str()))
            else {
                continue;
            };
            let alias = reads::alias(&self.reads[index], &create.alias);
            let variable = self.reads[index].name.replace('-', "_");
            self.reads[index] = alias;
            // The answer about the alias has the key's state.
            self.reads.retain(|read| (read.what, read.parameter) != (What::KeyState, name.as_str()));
            self.values.derive(self.packs, name, arn.clone(), "key", "the plan".to_owned());
            self.new_keys.push(NewKey { parameter: name, create, arn, variable, exists: false });
        }
    }

    /// What stands for the ARN of a key that has no value yet; `None` where its account is not known.
    fn stand_in(&self, parameter: &str) -> Option<String> {
        if self.value(parameter).is_some() {
            return None;
        }
        let step = self.steps().map(|(_, step)| step).find(|step| {
            documents(step)
                .any(|document| document.kind == "kms" && document.resource.as_deref() == Some(parameter))
        })?;
        let place = self.place_of_step(step)?;
        let other = place.region_of.iter().find_map(|name| Arn::parse(self.value(name)?))?;
        let id = self.id(place)?;
        Some(format!("arn:{}:kms:{}:{id}:key/created-by-this-plan", other.partition, other.region))
    }

    /// The key that is to be created for a parameter.
    pub(super) fn new_key(&self, parameter: &str) -> Option<&NewKey<'p>> {
        self.new_keys.iter().find(|key| key.parameter == parameter)
    }

    /// Lets the ARN of a key that exists under its alias take the place of the stand-in: what has this key is as it is to be.
    pub(super) fn take_created_keys(&mut self, accounts: &Accounts) {
        for index in 0..self.new_keys.len() {
            let parameter = self.new_keys[index].parameter;
            let account = account_of(&self.new_keys[index].arn);
            let answer = account.and_then(|own| accounts.json(own, self.read(What::Alias, parameter)));
            let arn =
                answer.and_then(|answer| answer.pointer("/KeyMetadata/Arn")?.as_str().map(str::to_owned));
            let Some(arn) = arn else { continue };
            self.values.derive(self.packs, parameter, arn.clone(), "key", "its alias".to_owned());
            self.new_keys[index].arn = arn;
            self.new_keys[index].exists = true;
        }
    }

    /// A text for a person, without what stands for an ARN.
    pub(super) fn plain(&self, text: &str) -> String {
        let new = self.new_keys.iter().filter(|key| !key.exists);
        new.fold(text.to_owned(), |text, key| text.replace(&key.arn, "the new key"))
    }
}
