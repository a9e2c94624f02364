//! What the accounts hold, as far as it was collected: the answers of the AWS CLI, by account.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Setup;
use super::reads::Read;
use crate::analyze::evaluate::seconds;

/// The file that says when an account was collected.
const COLLECTED: &str = "collected";

/// The end of the name of the file that says which thing an answer is about.
pub const ABOUT: &str = ".about";

/// The seconds since 1970 of a time such as `2026-11-23T14:02Z`.
pub fn collected_at(when: &str) -> Option<i64> {
    seconds(when).filter(|_| when.contains('T'))
}

/// A folder of answers.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    /// What the folder is called to a person.
    pub name: String,
    /// The texts, by account and file.
    files: BTreeMap<(String, String), String>,
    /// The answers about another thing than the values name, by account and name, with why they do not count.
    others: BTreeMap<(String, String), String>,
}

/// What is known of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The answer.
    Answer(String),
    /// It is not there.
    Absent,
    /// It was asked for, and could not be read.
    Failed(String),
    /// It is an answer about another thing than the value names.
    OfOther(String),
    /// Nobody asked.
    NotCollected,
}

/// What is said of an answer about another thing than the value names.
pub(super) fn other(name: &str, about: &str, wanted: &str) -> String {
    format!("{name}.json is of `{about}`, not of `{wanted}`; collect again")
}

impl Accounts {
    /// The folder that is used where no other one is named.
    pub const DEFAULT_FOLDER: &str = "accounts";

    /// The answers in a folder: account, file name and text of each.
    pub fn new(name: String, files: impl IntoIterator<Item = (String, String, String)>) -> Self {
        // Some shells write a byte-order mark.
        let bare = |text: String| text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
        let files = files.into_iter().map(|(account, file, text)| ((account, file), bare(text))).collect();
        Accounts { name, files, others: BTreeMap::new() }
    }

    /// The answers of some accounts.
    pub fn only(mut self, accounts: &[&str]) -> Self {
        self.files.retain(|(account, _), _| accounts.contains(&account.as_str()));
        self
    }

    /// The answers in which those about other things than the values name do not count.
    pub(super) fn of(&self, setup: &Setup<'_>) -> Self {
        let mut own = self.clone();
        for account in self.accounts() {
            for read in setup.reads() {
                let name = &read.name;
                let about = self.text(account, &format!("{name}{ABOUT}")).map(str::trim);
                if let (Some(about), Some(wanted)) = (about, setup.subject(read))
                    && about != wanted
                {
                    let why = other(name, about, &wanted);
                    own.others.insert((account.to_owned(), name.clone()), why);
                }
            }
        }
        own
    }

    pub(super) fn text(&self, account: &str, file: &str) -> Option<&str> {
        self.files.get(&(account.to_owned(), file.to_owned())).map(String::as_str)
    }

    /// The accounts of which there is something.
    pub fn accounts(&self) -> Vec<&str> {
        let mut accounts: Vec<&str> = self.files.keys().map(|(account, _)| account.as_str()).collect();
        accounts.dedup();
        accounts
    }

    /// When an account was collected, as `2026-11-23T14:02Z`; `None` where that is not known.
    pub fn collected(&self, account: &str) -> Option<&str> {
        self.text(account, COLLECTED).map(str::trim).filter(|when| collected_at(when).is_some())
    }

    /// What is wrong with the files that say when accounts were collected.
    pub(super) fn undated(&self, setup: &Setup<'_>) -> Vec<String> {
        let places = setup.guide.accounts.iter().filter_map(|place| setup.id(place));
        let undated =
            places.filter(|place| self.text(place, COLLECTED).is_some() && self.collected(place).is_none());
        undated
            .map(|place| format!("{} is not a time; collect it again", self.path(place, COLLECTED)))
            .collect()
    }

    /// The name of a file for a person.
    pub(super) fn path(&self, account: &str, file: &str) -> String {
        format!("{}/{account}/{file}", self.name.trim_end_matches('/'))
    }

    pub(super) fn found(&self, account: &str, read: &Read<'_>) -> Found {
        self.found_as(account, read, &read.name)
    }

    /// The answer for one element of a list, counted from 1.
    pub(super) fn element(&self, account: &str, read: &Read<'_>, number: usize) -> Found {
        self.found_as(account, read, &element_name(read, number))
    }

    /// An answer as JSON; `None` where there is none, or none that can be read.
    pub(super) fn json(&self, account: &str, read: Option<&Read<'_>>) -> Option<Json> {
        match self.found(account, read?) {
            Found::Answer(text) => serde_json::from_str(&text).ok(),
            _ => None,
        }
    }

    /// What is wrong with answers that nobody could read: files that are empty or no JSON.
    pub(super) fn unreadable(&self, setup: &Setup<'_>) -> Vec<String> {
        let mut wrong = Vec::new();
        for ((account, file), text) in &self.files {
            let Some(name) = file.strip_suffix(".json") else { continue };
            let may_be_empty = setup.reads().iter().any(|read| read.name == name && read.may_be_empty);
            let what = match (text.trim().is_empty(), serde_json::from_str::<Json>(text)) {
                (true, _) if may_be_empty => continue,
                (true, _) => "is empty".to_owned(),
                (false, Err(error)) => format!("is no JSON: {error}"),
                (false, Ok(_)) => continue,
            };
            wrong.push(format!("{} {what}; collect it again", self.path(account, file)));
        }
        wrong
    }

    fn found_as(&self, account: &str, read: &Read<'_>, name: &str) -> Found {
        if let Some(why) = self.others.get(&(account.to_owned(), read.name.clone())) {
            return Found::OfOther(why.clone());
        }
        if let Some(text) = self.text(account, &format!("{name}.json")) {
            return match text.trim().is_empty() {
                false => Found::Answer(text.to_owned()),
                true if read.may_be_empty => Found::Absent,
                true => Found::Failed("the answer is empty".to_owned()),
            };
        }
        match self.text(account, &format!("{name}.error")) {
            Some(error) if read.absent.iter().any(|code| error.contains(&format!("({code})"))) => {
                Found::Absent
            }
            Some(error) => Found::Failed(error.trim().lines().last().unwrap_or("it failed").to_owned()),
            None => Found::NotCollected,
        }
    }

    /// The answers for each element of a list, by file name. `Failed` if one is missing.
    pub(super) fn each(&self, account: &str, read: &Read<'_>) -> Result<Vec<(String, String)>, Found> {
        let Some(each) = read.each else { return Ok(Vec::new()) };
        let list = match self.found(account, read) {
            Found::Answer(text) => text,
            Found::Absent => return Ok(Vec::new()),
            other => return Err(other),
        };
        let list: Json = serde_json::from_str(&list)
            .map_err(|error| Found::Failed(format!("{}.json is no JSON: {error}", read.name)))?;
        let unreadable = || Found::Failed(format!("{}.json has no list `{}`", read.name, each.list));
        let count = list.get(each.list).and_then(Json::as_array).ok_or_else(unreadable)?.len();
        (1..=count)
            .map(|number| match self.element(account, read, number) {
                Found::Answer(text) => Ok((format!("{}.json", element_name(read, number)), text)),
                Found::Absent => Err(Found::NotCollected),
                other => Err(other),
            })
            .collect()
    }
}

/// The name of the file for one element of a list, without `.json`.
pub(super) fn element_name(read: &Read<'_>, number: usize) -> String {
    format!("{}-{number}", read.name)
}
