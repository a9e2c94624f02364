//! What `polmerge guide` needs to know of a pack besides its steps: all that is the vendor's, as data.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The `guide` member of a pack. The steps of the guide are those that have a `label`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Guide {
    /// The set-up in a few words, which head the report.
    pub title: String,
    /// The vendor's name, for "ask Expel".
    pub vendor: String,
    /// The name of the file of values that is used where no other one is named.
    #[serde(default)]
    pub values_file: Option<String>,
    /// Whether the accounts are those of an AWS Control Tower landing zone, which reserves names.
    #[serde(default)]
    pub control_tower: bool,
    /// The accounts in which the steps are done.
    pub accounts: Vec<Account>,
    /// The options that a person chooses between.
    #[serde(default)]
    pub options: Option<Options>,
    /// The StackSet that does a step of every account in the accounts that are not in `accounts`.
    #[serde(default)]
    pub stack_set: Option<StackSet>,
    /// The trail whose key and bucket the set-up uses.
    #[serde(default)]
    pub trail: Option<Trail>,
    /// What must work once all is done.
    #[serde(default)]
    pub works: Vec<Question>,
}

/// An account in which steps are done.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Account {
    /// Its name in the `account` of a step.
    pub name: String,
    /// Its name for a person.
    pub title: String,
    /// The parameter that is its id.
    pub id: String,
    /// Parameters that must name something in this account.
    #[serde(default)]
    pub owns: Vec<String>,
    /// The parameters whose ARN has the Region in which its commands run, best first.
    pub region_of: Vec<String>,
    /// The account whose plan is run before.
    #[serde(default)]
    pub after: Option<String>,
}

/// A choice between several ways to do some of the steps.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The parameter whose value is the choice.
    pub parameter: String,
    /// The value that holds where none is given.
    pub default: String,
    /// The choices.
    pub choices: Vec<Choice>,
}

/// One way to do some of the steps.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The value of the parameter.
    pub value: String,
    /// The choice in words.
    pub title: String,
    /// The stack that does the steps; without one, each is done by itself.
    #[serde(default)]
    pub stack: Option<Stack>,
}

/// A CloudFormation stack in the place of several steps.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stack {
    /// The step that has the template.
    pub step: String,
    /// The name of the stack.
    pub name: String,
    /// What making it is called in a plan.
    pub title: String,
    /// The steps that it does.
    pub does: Vec<String>,
    /// The parameters whose values are known only once it is made.
    #[serde(default)]
    pub makes: Vec<String>,
    /// The parameters of the template, with the placeholder of each one's value.
    pub parameters: BTreeMap<String, String>,
}

/// A StackSet for the accounts of the organization that the steps do not name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StackSet {
    /// The account that manages the organization.
    pub account: String,
    /// The step that it does, which has the template.
    pub step: String,
    /// The variant of the step.
    #[serde(default)]
    pub variant: Option<String>,
    /// The name of the StackSet.
    pub name: String,
    /// The parameters of the template, with the placeholder of each one's value.
    pub parameters: BTreeMap<String, String>,
}

/// A trail of CloudTrail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trail {
    /// The account that has it.
    pub account: String,
    /// The parameter that names its key.
    pub key: String,
    /// The parameter that names its bucket.
    pub bucket: String,
    /// The parameter that is the prefix of its log files' keys.
    #[serde(default)]
    pub prefix: Option<String>,
}

/// Something that must work once all is done.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What must work, with placeholders.
    pub text: String,
    /// The steps that make it work.
    pub steps: Vec<String>,
    /// What must be allowed. Without any, the steps themselves decide.
    #[serde(default)]
    pub requests: Vec<Asked>,
    /// What must not be allowed.
    #[serde(default)]
    pub never: Option<Never>,
}

/// Requests that must not be allowed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Never {
    /// What is wrong where one of them is.
    pub text: String,
    /// The requests.
    pub requests: Vec<Asked>,
}

/// Some requests that differ in their action alone. In texts, placeholders are values, and `$REGION` and
/// `$ACCOUNT` are those of the resource.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Asked {
    /// Who asks.
    pub caller: CallerIs,
    /// The actions.
    pub actions: Vec<String>,
    /// The resource.
    pub resource: String,
    /// The account of the resource, where its ARN names none.
    #[serde(default)]
    pub resource_account: Option<String>,
    /// The policy of the resource, as `STEP/KIND`; without one, the resource has none.
    #[serde(default)]
    pub policy: Option<String>,
    /// The context, by condition key.
    #[serde(default)]
    pub context: BTreeMap<String, String>,
}

/// Who makes a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallerIs {
    /// A service of AWS, such as `s3.amazonaws.com`.
    Service(String),
    /// The role that a parameter names, whose own policies decide as well.
    Role(String),
    /// A principal of the vendor's, whose own account is taken to allow it.
    Principal(String),
}
