//! Whether a key can be used: its policy is shown, and can be changed, even while the key itself is disabled.

use serde_json::Value as Json;

use super::Setup;
use super::accounts::{Accounts, Found, other};
use super::reads::{What, Where};
use super::shell::quoted;
use crate::policy::Arn;

/// What is known of the state of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyState {
    /// It can be used.
    Usable,
    /// It cannot: what it is, and what to do about that.
    Unusable(Fault),
    /// It was not, or could not be, looked at.
    Unknown(String),
}

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// What the key is, as in "the key is …".
    pub(super) is: &'static str,
    /// What makes it usable, if anything does.
    remedy: Option<&'static str>,
    /// The commands of the AWS CLI for that.
    commands: &'static [&'static str],
}

impl Fault {
    const fn new(is: &'static str, remedy: Option<&'static str>) -> Self {
        Fault { is, remedy, commands: &[] }
    }

    const fn with(self, commands: &'static [&'static str]) -> Self {
        Fault { commands, ..self }
    }
}

/// The states in which a key encrypts nothing (KMS guide, "Key states of AWS KMS keys"), with what to do. In the others,
/// `Enabled` and `Updating`, it does.
const UNUSABLE: [(&str, Fault); 6] = [
    ("Creating", Fault::new("still being created", None)),
    ("Disabled", Fault::new("disabled", Some("enable it")).with(&["enable-key"])),
    (
        "PendingDeletion",
        Fault::new("pending deletion", Some("cancel its deletion and enable it"))
            .with(&["cancel-key-deletion", "enable-key"]),
    ),
    ("PendingImport", Fault::new("pending import", Some("import its key material"))),
    ("PendingReplicaDeletion", Fault::new("pending deletion", None)),
    ("Unavailable", Fault::new("unavailable", Some("connect its key store"))),
];
const OF_AWS: Fault = Fault::new("an AWS managed key, whose policy cannot be changed", None);
const ASYMMETRIC: Fault = Fault::new("not a symmetric encryption key", None);

impl KeyState {
    /// The state in the `KeyMetadata` of an answer to `describe-key`; `None` where it has none that is known.
    pub(super) fn of(metadata: &Json) -> Option<KeyState> {
        let text = |name: &str| metadata.get(name).and_then(Json::as_str);
        let state = text("KeyState")?;
        if text("KeyManager") == Some("AWS") {
            return Some(KeyState::Unusable(OF_AWS));
        }
        if text("KeySpec").is_some_and(|spec| spec != "SYMMETRIC_DEFAULT") {
            return Some(KeyState::Unusable(ASYMMETRIC));
        }
        match UNUSABLE.iter().find(|(name, _)| *name == state) {
            Some((_, fault)) => Some(KeyState::Unusable(*fault)),
            None => matches!(state, "Enabled" | "Updating").then_some(KeyState::Usable),
        }
    }
}

impl Setup<'_> {
    /// The state of the key that a parameter names; `None` where that is no key that exists, or was not asked for.
    pub(super) fn key_state(&self, accounts: &Accounts, parameter: &str) -> Option<KeyState> {
        let what = match self.new_key(parameter) {
            Some(key) if !key.exists => return None,
            Some(_) => What::Alias,
            None => What::KeyState,
        };
        self.value(parameter)?;
        let read = self.read(what, parameter)?;
        let Where::In(place) = read.place else { return None };
        let unknown = |why: String| KeyState::Unknown(format!("the key's state {why}"));
        Some(match accounts.found(self.id(self.place(place)?)?, read) {
            // An older script did not collect it, of which there is a warning.
            Found::Absent | Found::NotCollected => return None,
            Found::Failed(why) => unknown(format!("could not be read: {why}")),
            Found::OfOther(why) => KeyState::Unknown(why),
            Found::Answer(text) => {
                let answer = serde_json::from_str::<Json>(&text).ok();
                let about = answer.as_ref().and_then(|answer| answer.pointer("/KeyMetadata/Arn")?.as_str());
                let own = self.value(parameter).filter(|own| own.contains(":key/"));
                if let (Some(about), Some(own)) = (about, own)
                    && about != own
                {
                    return Some(KeyState::Unknown(other(&read.name, about, own)));
                }
                let state = answer.and_then(|answer| KeyState::of(answer.get("KeyMetadata")?));
                state.unwrap_or_else(|| unknown(format!("could not be read from {}.json", read.name)))
            }
        })
    }

    /// What is to be said of keys whose policy was collected, and their state was not.
    pub(super) fn keys_without_state(&self, accounts: &Accounts) -> Vec<String> {
        let places =
            self.guide.accounts.iter().filter_map(|place| Some((Where::In(&place.name), self.id(place)?)));
        let places: Vec<_> = places.collect();
        let states = self.reads().iter().filter(|read| read.what == What::KeyState);
        let lacking = states.filter(|state| {
            let account = places.iter().find(|(place, _)| *place == state.place).map(|(_, account)| *account);
            let found = |read| account.map(|account| accounts.found(account, read));
            let policy = self.read(What::Key, state.parameter).and_then(found);
            matches!(policy, Some(Found::Answer(_))) && found(state) == Some(Found::NotCollected)
        });
        lacking
            .map(|state| {
                format!(
                    "whether the key {} can be used was not collected: print the script of `guide collect` again, and \
                     run it",
                    state.parameter
                )
            })
            .collect()
    }

    /// What a key that cannot be used is, and what to do about that.
    pub(super) fn to_do(&self, parameter: &str, Fault { is, remedy, .. }: Fault) -> String {
        let created = self.pack.parameters.get(parameter).and_then(|own| own.create.as_ref());
        let other = match (created, self.new_key(parameter)) {
            (None, _) => format!("give {parameter} another key"),
            (Some(_), None) => format!("remove {parameter} from the values, and a plan creates a new key"),
            (Some(_), Some(_)) => "delete the alias, and a plan creates a new key".to_owned(),
        };
        let remedy = remedy.map_or(String::new(), |remedy| format!("{remedy}, or "));
        format!("the key {} is {is}: {remedy}{other}", self.key_name(parameter))
    }

    /// What a key is called to a person: its parameter, or its alias where no value is given.
    pub(super) fn key_name(&self, parameter: &str) -> String {
        self.new_key(parameter)
            .map_or_else(|| parameter.to_owned(), |key| format!("`alias/{}`", key.create.alias))
    }

    /// The commands that make a key usable.
    pub(super) fn enabling(&self, parameter: &str, fault: Fault) -> Vec<String> {
        let Some(arn) = self.value(parameter) else { return Vec::new() };
        let region = Arn::parse(arn).map(|arn| arn.region).filter(|region| !region.is_empty());
        let region = region.map_or(String::new(), |region| format!(" --region {}", quoted(region)));
        let command = |name: &&str| format!("aws kms {name} --key-id {}{region}", quoted(arn));
        fault.commands.iter().map(command).collect()
    }
}
