//! The things in AWS that parameters name: a role, a key, a topic, a queue, a bucket.

use super::accounts::Accounts;
use super::reads::{Read, What};
use super::{Setup, steps};
use crate::policy::Arn;
use crate::steps::guide::Account;
use crate::steps::{Derivation, Pack, StepDocument, ValueType};

/// A kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ThingKind {
    Role,
    Key,
    Topic,
    Queue,
    Bucket,
}

impl ThingKind {
    /// The kind of thing whose ARN is a value of that type.
    pub(super) fn of(value: ValueType) -> Option<ThingKind> {
        Some(match value {
            ValueType::IamRoleArn => ThingKind::Role,
            ValueType::KmsKeyArn => ThingKind::Key,
            ValueType::SnsTopicArn => ThingKind::Topic,
            ValueType::SqsQueueArn => ThingKind::Queue,
            ValueType::S3BucketArn => ThingKind::Bucket,
            _ => return None,
        })
    }

    /// What it is called to a person.
    pub(super) fn word(self) -> &'static str {
        match self {
            ThingKind::Role => "role",
            ThingKind::Key => "key",
            ThingKind::Topic => "topic",
            ThingKind::Queue => "queue",
            ThingKind::Bucket => "bucket",
        }
    }
}

/// What stands in a command for the thing itself: its ARN, its name, and the URL of a queue.
pub(super) const ARN: &str = "YOUR_ARN";
const NAME: &str = "YOUR_NAME";
const URL: &str = "YOUR_URL";

/// A role that is not where the value says.
pub(super) struct OtherRole {
    /// The parameter.
    pub(super) parameter: String,
    /// The ARN of the role that exists.
    pub(super) arn: String,
}

impl<'p> Setup<'p> {
    /// The role of a parameter in an account, where it exists under another path than the value has.
    pub(super) fn other_role(
        &self,
        accounts: &Accounts,
        account: &str,
        parameter: &str,
    ) -> Option<OtherRole> {
        let answer = accounts.json(account, self.read(What::Role, parameter))?;
        let arn = answer.pointer("/Role/Arn")?.as_str()?;
        let (own, wanted) = (Arn::parse(arn)?, Arn::parse(self.value(parameter)?)?);
        let differs = own.resource != wanted.resource;
        differs.then(|| OtherRole { parameter: parameter.to_owned(), arn: arn.to_owned() })
    }

    /// The roles that exist under another path than their values have, in the accounts that must have them.
    pub(super) fn other_roles(&self, accounts: &Accounts) -> Vec<OtherRole> {
        let owned =
            self.guide.accounts.iter().flat_map(|place| place.owns.iter().map(move |own| (place, own)));
        owned.filter_map(|(place, parameter)| self.other_role(accounts, self.id(place)?, parameter)).collect()
    }

    /// The kind of thing that a parameter of the pack names.
    pub(super) fn kind_of(&self, parameter: &str) -> Option<ThingKind> {
        kind(self.pack, parameter)
    }

    /// The name that a parameter's ARN gives to its thing.
    pub(super) fn name_of(&self, parameter: &str) -> Option<&str> {
        self.value(parameter).and_then(Arn::parse).map(|arn| arn.name())
    }

    /// The account of the guide that must have what a parameter names.
    pub(super) fn owner(&self, parameter: &str) -> Option<&'p Account> {
        self.guide.accounts.iter().find(|account| account.owns.iter().any(|own| own == parameter))
    }

    /// A command as one of a shell, where [`ARN`] and the like stand for what `parameter` names.
    ///
    /// # Errors
    /// The parameter without a value.
    pub(super) fn command(&self, template: &str, parameter: &str) -> Result<String, String> {
        let value =
            |token: &str| self.named(token, parameter).or_else(|| self.value(token).map(str::to_owned));
        super::shell::command(template, value).map_err(|token| match token.as_str() {
            ARN | NAME | URL => parameter.to_owned(),
            _ => token,
        })
    }

    /// What a token of a command about `parameter` stands for: its ARN, its name, or the URL of a queue.
    fn named(&self, token: &str, parameter: &str) -> Option<String> {
        match token {
            ARN => self.value(parameter).map(str::to_owned),
            NAME => self.name_of(parameter).map(str::to_owned),
            URL => self.url_of(parameter),
            _ => None,
        }
    }

    /// The thing whose answer a read asks for, as its command names it.
    pub(super) fn subject(&self, read: &Read<'_>) -> Option<String> {
        let tokens = crate::placeholder::tokens(&read.command).into_iter();
        tokens.map(|token| token.name).find_map(|token| self.named(token, read.parameter))
    }

    /// The parameters whose values a template of a command about `parameter` takes.
    pub(super) fn parameters_of(&self, template: &str, parameter: &str) -> Vec<String> {
        let tokens = crate::placeholder::tokens(template).into_iter();
        let named = tokens.map(|token| match token.name {
            ARN | NAME | URL => parameter,
            other => self.packs.canonical(other),
        });
        named.map(str::to_owned).collect()
    }

    /// The URL of a queue, which may be a value of its own.
    fn url_of(&self, parameter: &str) -> Option<String> {
        let derivation = Derivation::QueueUrlOf(parameter.to_owned());
        let own = self.pack.parameters.iter().find(|(_, own)| own.derive.contains(&derivation));
        let given = own.and_then(|(name, _)| self.value(name)).map(str::to_owned);
        given.or_else(|| derivation.of(self.value(parameter)?))
    }
}

/// The parameter that names what a document is attached to.
pub(super) fn parameter(document: &StepDocument) -> Option<&str> {
    document.resource.as_deref().or(document.role.as_deref())
}

pub(super) fn kind(pack: &Pack, parameter: &str) -> Option<ThingKind> {
    ThingKind::of(pack.parameters.get(parameter)?.kind)
}

/// What the answers about a thing are called: what the pack says, its kind where it is the only one of it, or the
/// name of its parameter.
pub(super) fn stem(pack: &Pack, named: &str) -> String {
    if let Some(file) = pack.parameters.get(named).and_then(|parameter| parameter.file.clone()) {
        return file;
    }
    let own = kind(pack, named);
    let documents = steps(pack).flat_map(|(_, step)| &step.documents);
    let mut others = documents.filter_map(parameter).filter(|other| *other != named);
    match own.filter(|_| !others.any(|other| kind(pack, other) == own)) {
        Some(kind) => kind.word().to_owned(),
        None => {
            let name = named.trim_start_matches("YOUR_").trim_end_matches("_ARN");
            name.to_ascii_lowercase().replace('_', "-")
        }
    }
}

/// The account that an ARN or the URL of a queue names.
pub(super) fn account_of(value: &str) -> Option<&str> {
    match value.strip_prefix("https://") {
        Some(url) => url.split('/').nth(1),
        None => Arn::parse(value).map(|arn| arn.account),
    }
    .filter(|account| !account.is_empty())
}
