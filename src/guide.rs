//! The steps of an onboarding: what the accounts hold of them, what is still to be done, and in which order.
//!
//! Nothing here calls AWS. [`discover`] and [`collect`] print the commands that read, [`plan`] those that write;
//! what lies between is worked out from values and answers alone. What AWS has is here; what a vendor asks
//! for is data of its pack.

mod accounts;
mod check;
pub mod collect;
pub mod discover;
pub mod init;
mod key_state;
mod lacking;
mod look;
mod members;
mod new_key;
pub mod plan;
mod problems;
mod reads;
mod shell;
mod things;
mod works;

pub use accounts::{ABOUT, Accounts, collected_at};
pub use check::{Check, Created, Form, Row, check};
pub use lacking::{lacking, lacking_to_collect};
pub use look::{Diff, LookedAt, State};
pub use works::{Answer, Works};

use crate::steps::guide::{Account, Choice, Guide, Stack};
use crate::steps::{Pack, Packs, Resolved, Step, StepDocument, Values};
use new_key::NewKey;
use reads::Read;

/// The pack that the guide works on: the one called `name`, or the first that has a guide.
///
/// # Errors
/// In a sentence, if there is no such pack, or it has no guide.
pub fn pack<'p>(packs: &'p Packs, name: Option<&str>) -> Result<(&'p Pack, &'p Guide), String> {
    let mut guided = packs.all().iter().filter_map(|pack| Some((pack, pack.guide.as_ref()?)));
    let Some(name) = name else {
        return guided.next().ok_or_else(|| "no step pack has a `guide`".to_owned());
    };
    if let Some(found) = guided.clone().find(|(pack, _)| pack.name == name) {
        return Ok(found);
    }
    Err(match packs.all().iter().any(|pack| pack.name == name) {
        true => format!("the step pack `{name}` has no `guide`"),
        false => {
            let names: Vec<&str> = guided.map(|(pack, _)| pack.name.as_str()).collect();
            format!("no step pack is called `{name}`; with a guide: {}", names.join(", "))
        }
    })
}

/// The name of the file of values that the guide on a pack uses where no other one is named.
pub fn values_file(pack: &Pack, guide: &Guide) -> String {
    guide.values_file.clone().unwrap_or_else(|| format!("{}.toml", pack.name))
}

/// The set-up as its values describe it, known to be consistent.
#[derive(Clone, Debug)]
pub struct Setup<'p> {
    /// The packs in use.
    pub packs: &'p Packs,
    /// The pack of the guide.
    pub pack: &'p Pack,
    /// What the pack says for the guide.
    pub guide: &'p Guide,
    /// The values.
    pub values: Values,
    /// The option that is chosen, where the pack has some.
    pub choice: Option<&'p Choice>,
    /// What is odd, but no reason to stop.
    pub warnings: Vec<String>,
    /// Those warnings about names of no value that are close to the name of one which has none.
    pub misspelled: Vec<String>,
    /// What is read of the accounts.
    reads: Vec<Read<'p>>,
    /// The keys that a plan creates.
    new_keys: Vec<NewKey<'p>>,
}

impl<'p> Setup<'p> {
    /// Takes values for a set-up.
    ///
    /// # Errors
    /// One line for each way in which they cannot belong to one set-up.
    pub fn new(
        packs: &'p Packs,
        (pack, guide): (&'p Pack, &'p Guide),
        resolved: Resolved,
    ) -> Result<Self, Vec<String>> {
        let choice = choice(packs, guide, &resolved.values).map_err(|error| vec![error])?;
        let mut setup = Setup {
            packs,
            pack,
            guide,
            values: resolved.values,
            choice,
            warnings: resolved.warnings,
            misspelled: resolved.misspelled,
            reads: reads::all(pack, guide),
            new_keys: Vec::new(),
        };
        setup.take_new_keys();
        let found = problems::find(&setup);
        // What the steps only warn of is an error for the whole.
        setup.warnings.retain(|warning| !warning.contains("are not of one"));
        setup.warnings.extend(found.warnings);
        if found.errors.is_empty() { Ok(setup) } else { Err(found.errors) }
    }

    /// The set-up with the values that follow from what was collected.
    fn with_answers(&self, accounts: &Accounts) -> Self {
        let mut setup = self.clone();
        if let Some(trail) = &self.guide.trail
            && let Some(prefix) = &trail.prefix
            && !self.is_given(prefix)
            && let Some(found) = look::log_prefix(self, accounts, trail)
        {
            setup.values.derive(self.packs, prefix, found, "prefix", "the trail's log files".to_owned());
        }
        setup.take_created_keys(accounts);
        setup.warnings.extend(setup.keys_without_state(accounts));
        let prefix = self.guide.trail.as_ref().and_then(|trail| trail.prefix.as_deref()).unwrap_or_default();
        let vendor = &self.guide.vendor;
        let left_out = look::left_out(self, accounts).into_iter();
        setup.warnings.extend(left_out.map(|(trail, own)| {
            let value = self.value(prefix).unwrap_or_default();
            format!(
                "{prefix} is `{value}`: log files of the trail {trail}, in `{own}`, do not reach {vendor}"
            )
        }));
        setup.warnings.extend(accounts.undated(&setup));
        setup
    }

    /// Whether a value was given, and does not follow from anything.
    fn is_given(&self, name: &str) -> bool {
        self.values.is_given(self.packs, name)
    }

    /// The value of a parameter.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(self.packs, name).map(|used| used.value.as_str())
    }

    /// The steps of the guide, in order, with the title of each row.
    pub fn steps(&self) -> impl Iterator<Item = (&'p str, &'p Step)> + use<'p> {
        steps(self.pack)
    }

    /// The number of a step for a person, counted from 1.
    pub fn number(&self, step: &str) -> usize {
        self.steps().position(|(_, own)| own.name == step).map_or(0, |index| index + 1)
    }

    /// An account of the guide by its name.
    pub fn place(&self, name: &str) -> Option<&'p Account> {
        self.guide.accounts.iter().find(|account| account.name == name)
    }

    /// The accounts in the order in which their plans are run.
    pub fn in_order(&self) -> Vec<&'p Account> {
        let mut accounts: Vec<&Account> = self.guide.accounts.iter().collect();
        accounts.sort_by_key(|account| account.after.is_some());
        accounts
    }

    /// The id of an account of the guide.
    pub fn id(&self, account: &Account) -> Option<&str> {
        self.value(&account.id).or_else(|| {
            let owned = account.owns.iter().find_map(|parameter| self.value(parameter))?;
            things::account_of(owned)
        })
    }

    /// The account of the guide that has this id.
    pub fn place_of(&self, id: &str) -> Option<&'p Account> {
        // Where two have one id, which is an error, the later one.
        self.guide.accounts.iter().rev().find(|account| self.id(account) == Some(id))
    }

    /// The account of the guide that a step is done in; `None` if that is every one.
    pub fn place_of_step(&self, step: &Step) -> Option<&'p Account> {
        if step.account == "every" {
            return None;
        }
        self.place(&step.account).or_else(|| self.guide.accounts.first())
    }

    /// The Region in which the commands of an account run.
    pub fn region(&self, account: &Account) -> Option<&str> {
        let first = account.region_of.iter().find_map(|name| self.value(name))?;
        crate::policy::Arn::parse(first).map(|arn| arn.region)
    }

    /// What an account is called.
    pub fn account_name(&self, id: &str) -> &'p str {
        self.place_of(id).map_or("member", |account| &account.title)
    }

    /// The stack that the chosen option makes.
    pub fn stack(&self) -> Option<&'p Stack> {
        self.choice?.stack.as_ref()
    }

    /// Whether the chosen option's stack does a step.
    pub fn is_stacked(&self, step: &str) -> bool {
        self.stack().is_some_and(|stack| stack.does.iter().any(|name| name == step))
    }
}

/// The steps of a pack's guide.
fn steps(pack: &Pack) -> impl Iterator<Item = (&str, &Step)> {
    pack.steps.iter().filter_map(|step| Some((step.label.as_deref()?, step)))
}

/// The kind of settings that a person types into a form of the vendor's, where nothing can look at them.
const FORM: &str = "form";

/// The documents of a step that the guide looks at.
fn documents(step: &Step) -> impl Iterator<Item = &StepDocument> {
    let of_aws = |document: &&StepDocument| document.kind != FORM;
    let documents = step.documents.iter().filter(of_aws);
    documents.filter(|document| document.settings.is_some() || document.statements.is_some())
}

/// The option that the values choose.
fn choice<'p>(packs: &Packs, guide: &'p Guide, values: &Values) -> Result<Option<&'p Choice>, String> {
    let Some(options) = &guide.options else { return Ok(None) };
    let chosen = values.get(packs, &options.parameter).map_or(options.default.as_str(), |used| &used.value);
    match options.choices.iter().find(|choice| choice.value == chosen) {
        Some(choice) => Ok(Some(choice)),
        None => {
            let choices = options.choices.iter().map(|choice| format!("{} ({})", choice.value, choice.title));
            let choices = choices.collect::<Vec<_>>().join(" or ");
            Err(format!("{} is `{chosen}`, which is not an option: use {choices}", options.parameter))
        }
    }
}
