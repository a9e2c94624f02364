//! What is read of the accounts, and by which commands. All of them only read.

use super::Setup;
use super::things::{parameter, stem};
use super::{documents, steps};
use crate::steps::guide::Guide;
use crate::steps::{Pack, StepDocument};

/// In which accounts something is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where<'p> {
    /// In the account of that name.
    In(&'p str),
    /// In every account.
    Every,
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The accounts of the organization.
    Organization,
    /// Whether StackSets may work in the accounts of the organization.
    StackSets,
    /// The accounts in which the StackSet has a stack.
    Instances,
    /// The StackSet itself: its parameters and its template.
    StackSet,
    /// The trails of an account.
    Trails,
    /// A role and its trust policy.
    Role,
    /// The inline policies of a role.
    Inline,
    /// The managed policies of a role.
    Attached,
    /// What a key is, and whether it can be used.
    KeyState,
    /// The policy of a key.
    Key,
    /// The key of an alias, which may have been created by an earlier plan.
    Alias,
    /// A topic's attributes, among them its policy.
    Topic,
    /// The subscriptions to a topic.
    Subscriptions,
    /// A queue's attributes, among them its policy.
    Queue,
    /// The object ownership of a bucket.
    Ownership,
    /// The Region of a bucket.
    Location,
    /// The notifications of a bucket.
    Notification,
}

/// How something is read.
#[derive(Clone, Copy, Debug)]
struct Spec {
    /// What comes after the name of the thing in the name of the file.
    suffix: &'static str,
    /// The command, with tokens.
    command: &'static str,
    /// Errors that say that the thing is not there.
    absent: &'static [&'static str],
    /// Whether no answer at all means that nothing is there.
    may_be_empty: bool,
    /// What is read of each element of the answer.
    each: Option<Each>,
}

/// What is read of each element of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Each {
    /// The elements in the answer, for `--query`.
    pub(super) query: &'static str,
    /// The list in the answer.
    pub(super) list: &'static str,
    /// What must be known of an element first: a command that prints `$version`.
    pub(super) version: Option<&'static str>,
    /// The command, with `$EACH` for the element.
    pub(super) command: &'static str,
    /// Elements that there is nothing to read of.
    pub(super) but: &'static [&'static str],
}

/// One thing that is read.
#[derive(Clone, Debug)]
pub(super) struct Read<'p> {
    /// What it is.
    pub(super) what: What,
    /// The parameter that names the thing; empty where none does.
    pub(super) parameter: &'p str,
    /// The file that the answer is kept in, without `.json`.
    pub(super) name: String,
    /// In which accounts.
    pub(super) place: Where<'p>,
    /// The command, with tokens.
    pub(super) command: String,
    /// Errors that say that the thing is not there.
    pub(super) absent: &'static [&'static str],
    /// Whether no answer at all means that nothing is there.
    pub(super) may_be_empty: bool,
    /// What is read of each element of the answer.
    pub(super) each: Option<Each>,
    /// The steps it is for.
    pub(super) steps: Vec<&'p str>,
}

/// How a managed policy is read, of which the ARN is known.
const POLICY: Each = Each {
    query: "",
    list: "",
    version: Some("aws iam get-policy --policy-arn $EACH --query Policy.DefaultVersionId --output text"),
    command: "aws iam get-policy-version --policy-arn $EACH --version-id $VERSION",
    but: &[],
};

const fn spec(suffix: &'static str, command: &'static str, absent: &'static [&'static str]) -> Spec {
    Spec { suffix, command, absent, may_be_empty: false, each: None }
}

impl What {
    fn spec(self) -> Spec {
        match self {
            What::Organization => spec("organization", "aws organizations list-accounts", &[]),
            What::StackSets => spec("stack-sets", "aws cloudformation describe-organizations-access", &[]),
            What::Instances => spec(
                "stack-instances",
                "aws cloudformation list-stack-instances --stack-set-name",
                &["StackSetNotFoundException"],
            ),
            What::StackSet => spec(
                "stack-set",
                "aws cloudformation describe-stack-set --stack-set-name",
                &["StackSetNotFoundException"],
            ),
            What::Trails => spec("trails", "aws cloudtrail describe-trails", &[]),
            What::Role => Spec {
                // Its permissions boundary, if it has one.
                each: Some(Each {
                    query: "Role.PermissionsBoundary.PermissionsBoundaryArn",
                    list: "PermissionsBoundary",
                    ..POLICY
                }),
                ..spec("", "aws iam get-role --role-name YOUR_NAME", &["NoSuchEntity"])
            },
            What::Inline => Spec {
                each: Some(Each {
                    query: "PolicyNames[]",
                    list: "PolicyNames",
                    version: None,
                    command: "aws iam get-role-policy --role-name YOUR_NAME --policy-name $EACH",
                    but: &[],
                }),
                ..spec("-inline", "aws iam list-role-policies --role-name YOUR_NAME", &["NoSuchEntity"])
            },
            What::Attached => Spec {
                each: Some(Each {
                    query: "AttachedPolicies[].PolicyArn",
                    list: "AttachedPolicies",
                    ..POLICY
                }),
                ..spec(
                    "-attached",
                    "aws iam list-attached-role-policies --role-name YOUR_NAME",
                    &["NoSuchEntity"],
                )
            },
            What::Key => spec(
                "",
                "aws kms get-key-policy --key-id YOUR_ARN --policy-name default",
                &["NotFoundException"],
            ),
            What::KeyState => {
                spec("-state", "aws kms describe-key --key-id YOUR_ARN", &["NotFoundException"])
            }
            What::Alias => spec("-alias", "aws kms describe-key --key-id", &["NotFoundException"]),
            What::Topic => spec("", "aws sns get-topic-attributes --topic-arn YOUR_ARN", &["NotFound"]),
            What::Subscriptions => Spec {
                each: Some(Each {
                    query: "Subscriptions[].SubscriptionArn",
                    list: "Subscriptions",
                    version: None,
                    command: "aws sns get-subscription-attributes --subscription-arn $EACH",
                    but: &["PendingConfirmation", "Deleted"],
                }),
                ..spec(
                    "-subscriptions",
                    "aws sns list-subscriptions-by-topic --topic-arn YOUR_ARN",
                    &["NotFound"],
                )
            },
            What::Queue => spec(
                "",
                "aws sqs get-queue-attributes --queue-url YOUR_URL --attribute-names All",
                &["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"],
            ),
            What::Ownership => spec(
                "-ownership",
                "aws s3api get-bucket-ownership-controls --bucket YOUR_NAME",
                &["OwnershipControlsNotFoundError"],
            ),
            What::Location => spec("-location", "aws s3api get-bucket-location --bucket YOUR_NAME", &[]),
            What::Notification => Spec {
                may_be_empty: true,
                ..spec(
                    "-notification",
                    "aws s3api get-bucket-notification-configuration --bucket YOUR_NAME",
                    &[],
                )
            },
        }
    }

    /// The part of the answer that is not the same any more once others use the thing.
    pub(super) fn used_by_others(self) -> Option<&'static str> {
        match self {
            What::Topic | What::Queue => Some("Attributes.Policy"),
            What::Subscriptions => Some("Subscriptions[?SubscriptionArn!='Deleted'].Endpoint"),
            _ => None,
        }
    }

    /// What is read for a kind of document; the last is what holds the document itself.
    fn of(kind: &str) -> &'static [What] {
        match kind {
            "trust" => &[What::Role],
            "identity" => &[What::Role, What::Inline, What::Attached],
            "kms" => &[What::KeyState, What::Key],
            "sns" | "sns-attributes" => &[What::Topic],
            "sqs" | "sqs-attributes" => &[What::Queue],
            "sns-subscription" => &[What::Subscriptions],
            "object-ownership" => &[What::Ownership],
            "bucket-notification" => &[What::Location, What::Notification],
            _ => &[],
        }
    }
}

/// Everything that is read for the guide of a pack, in order.
pub(super) fn all<'p>(pack: &'p Pack, guide: &'p Guide) -> Vec<Read<'p>> {
    let mut reads: Vec<Read<'p>> = Vec::new();
    let mut add = |what: What, parameter: &'p str, place: Where<'p>, step: &'p str| {
        if let Some(read) = reads.iter_mut().find(|read| (read.what, read.parameter) == (what, parameter)) {
            read.steps.push(step);
            if place == Where::Every {
                read.place = place;
            }
            return;
        }
        let spec = what.spec();
        let stem = if parameter.is_empty() { String::new() } else { stem(pack, parameter) };
        let name = match format!("{stem}{}", spec.suffix) {
            name if name == "topic-subscriptions" => "subscriptions".to_owned(),
            name => name,
        };
        let mut command = spec.command.to_owned();
        if let (What::Instances | What::StackSet, Some(set)) = (what, &guide.stack_set) {
            command = format!("{command} {}", set.name);
        }
        let Spec { absent, may_be_empty, each, .. } = spec;
        reads.push(Read {
            what,
            parameter,
            name,
            place,
            command,
            absent,
            may_be_empty,
            each,
            steps: vec![step],
        });
    };
    for (_, step) in steps(pack) {
        let name = step.name.as_str();
        if let Some(set) = guide.stack_set.as_ref().filter(|set| set.step == name) {
            for what in [What::Organization, What::StackSets, What::StackSet, What::Instances] {
                add(what, "", Where::In(&set.account), name);
            }
        }
        for document in documents(step) {
            let Some(parameter) = parameter(document) else { continue };
            if let Some(trail) = guide.trail.as_ref().filter(|trail| is_key(document, &trail.key)) {
                add(What::Trails, "", Where::In(&trail.account), name);
            }
            if let Some(trail) = guide.trail.as_ref().filter(|trail| trail.prefix.is_some())
                && document.variants.values().any(|variant| variant.with == trail.prefix)
            {
                add(What::Trails, "", Where::In(&trail.account), name);
            }
            let place = match step.account.as_str() {
                "every" => Where::Every,
                account if guide.accounts.iter().any(|own| own.name == account) => Where::In(account),
                _ => Where::In(guide.accounts.first().map_or("", |first| &first.name)),
            };
            What::of(&document.kind).iter().for_each(|&what| add(what, parameter, place, name));
        }
    }
    reads
}

/// The read of the alias under which a key is created.
pub(super) fn alias<'p>(key: &Read<'p>, alias: &str) -> Read<'p> {
    let spec = What::Alias.spec();
    Read {
        what: What::Alias,
        name: format!("{}{}", key.name, spec.suffix),
        command: format!("{} alias/{alias}", spec.command),
        absent: spec.absent,
        ..key.clone()
    }
}

/// Whether a document is the policy of the key that a parameter names.
pub(super) fn is_key(document: &StepDocument, key: &str) -> bool {
    document.kind == "kms" && document.resource.as_deref() == Some(key)
}

impl Read<'_> {
    /// What it is to a person, and whether that is several things.
    pub(super) fn words(&self) -> (String, bool) {
        let stem = self.name.strip_suffix(self.what.spec().suffix).filter(|stem| !stem.is_empty());
        let thing = stem.unwrap_or("topic").replace('-', " ");
        let (text, is_plural) = match self.what {
            What::Organization => ("the accounts of the organization", true),
            What::StackSets => ("whether StackSets may work in the organization", false),
            What::Instances => ("the stacks of the StackSet", true),
            What::StackSet => ("the StackSet", false),
            What::Trails => ("the trails", true),
            What::Role | What::Topic | What::Queue => return (format!("the {thing}"), false),
            What::Inline => return (format!("the inline policies of the {thing}"), true),
            What::Attached => return (format!("the managed policies of the {thing}"), true),
            What::Key => return (format!("the policy of the {thing}"), false),
            What::KeyState | What::Alias => return (format!("the state of the {thing}"), false),
            What::Subscriptions => return (format!("the subscriptions to the {thing}"), true),
            What::Ownership => return (format!("the object ownership of the {thing}"), false),
            What::Location => return (format!("the Region of the {thing}"), false),
            What::Notification => return (format!("the notifications of the {thing}"), true),
        };
        (text.to_owned(), is_plural)
    }

    /// That it was not collected, in words.
    pub(super) fn not_collected(&self) -> String {
        let (words, is_plural) = self.words();
        format!("{words} {} not collected", if is_plural { "were" } else { "was" })
    }

    /// Whether it is read for `step`; without one, for any.
    pub(super) fn is_for(&self, step: Option<&str>) -> bool {
        step.is_none_or(|step| self.steps.contains(&step))
    }
}

impl<'p> Setup<'p> {
    /// The read of something that a parameter names; without a parameter, of what is there once.
    pub(super) fn read(&self, what: What, parameter: &str) -> Option<&Read<'p>> {
        self.reads.iter().find(|read| (read.what, read.parameter) == (what, parameter))
    }

    /// Where a document of a step is read.
    pub(super) fn read_of(&self, document: &StepDocument) -> Option<&Read<'p>> {
        self.read(*What::of(&document.kind).last()?, parameter(document)?)
    }

    /// Everything that is read.
    pub(super) fn reads(&self) -> &[Read<'p>] {
        &self.reads
    }
}
