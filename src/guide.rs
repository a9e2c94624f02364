//! The ten steps of the onboarding: what the accounts hold of them, what is still to be done, and in
//! which order.
//!
//! Nothing here calls AWS. [`collect`] prints the commands that read, [`plan`] those that write;
//! what lies between is worked out from values and answers alone.

mod accounts;
mod check;
pub mod collect;
pub mod init;
mod look;
mod members;
pub mod plan;
mod problems;
mod reads;
mod shell;
mod works;

pub use accounts::Accounts;
pub use check::{Check, Row, check};
pub use look::{Diff, LookedAt, State};
pub use works::{Answer, Works};

use crate::steps::{Pack, Packs, Resolved, StepError, Values};

/// The pack whose steps these are.
pub const PACK: &str = "expel-control-tower";

/// How step 4 is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Option 1: steps 4 to 7 and 9 come from one stack.
    Stack,
    /// Option 2: each by itself.
    ByHand,
}

impl Way {
    /// The option's number.
    pub fn number(self) -> u8 {
        match self {
            Way::Stack => 1,
            Way::ByHand => 2,
        }
    }
}

/// The set-up as its values describe it, known to be consistent.
#[derive(Clone, Debug)]
pub struct Setup<'p> {
    /// The packs in use.
    pub packs: &'p Packs,
    /// The pack of the guide.
    pub pack: &'p Pack,
    /// The values.
    pub values: Values,
    /// How step 4 is done.
    pub way: Way,
    /// What is odd, but no reason to stop.
    pub warnings: Vec<String>,
}

/// The account in which a step is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The management account.
    Management,
    /// The Log Archive account.
    LogArchive,
}

impl<'p> Setup<'p> {
    /// Takes values for a set-up.
    ///
    /// # Errors
    /// One line for each way in which they cannot belong to one set-up.
    pub fn new(packs: &'p Packs, resolved: Resolved) -> Result<Self, Vec<String>> {
        let pack = packs.all().iter().find(|pack| pack.name == PACK).ok_or_else(|| {
            vec![StepError::UnknownStep { name: PACK.to_owned(), known: String::new() }.to_string()]
        })?;
        let option = resolved.values.get(packs, "YOUR_OPTION").map_or("2", |used| used.value.as_str());
        let way = match option {
            "1" => Way::Stack,
            "2" => Way::ByHand,
            other => {
                return Err(vec![format!("YOUR_OPTION is `{other}`: it is 1, one stack, or 2, by hand")]);
            }
        };
        let mut setup = Setup { packs, pack, values: resolved.values, way, warnings: resolved.warnings };
        let found = problems::find(&setup);
        // What the steps only warn of is an error for the whole.
        setup.warnings.retain(|warning| !warning.contains("are not of one"));
        setup.warnings.extend(found.warnings);
        if found.errors.is_empty() { Ok(setup) } else { Err(found.errors) }
    }

    /// The value of a parameter.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(self.packs, name).map(|used| used.value.as_str())
    }

    /// The account of a place.
    pub fn account(&self, place: Place) -> Option<&str> {
        match place {
            Place::Management => self.value("YOUR_MANAGEMENT_ACCOUNT_ID"),
            Place::LogArchive => self.value("YOUR_LOG_ARCHIVE_ACCOUNT_ID").or_else(|| {
                let role = self.value("YOUR_EXPEL_ROLE_ARN")?;
                crate::policy::Arn::parse(role).map(|arn| arn.account)
            }),
        }
    }

    /// The Region of what the set-up has in a place.
    pub fn region(&self, place: Place) -> Option<&str> {
        let parameters: &[&str] = match place {
            Place::Management => &["YOUR_CLOUDTRAIL_KEY_ARN", "YOUR_TOPIC_ARN"],
            Place::LogArchive => &["YOUR_TOPIC_ARN", "YOUR_SQS_QUEUE_ARN"],
        };
        let first = parameters.iter().find_map(|name| self.value(name))?;
        crate::policy::Arn::parse(first).map(|arn| arn.region)
    }

    /// What an account is called.
    pub fn account_name(&self, account: &str) -> &'static str {
        match account {
            _ if self.account(Place::LogArchive) == Some(account) => "Log Archive",
            _ if self.account(Place::Management) == Some(account) => "management",
            _ => "member",
        }
    }
}
