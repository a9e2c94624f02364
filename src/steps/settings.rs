//! Documents that are not policies, such as the attributes of a queue: the members that a step
//! demands, and for each the rule by which it meets what is there. All of it is data of the step.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::pack::{Pack, Step, StepDocument};
use super::value::{Missing, Values};
use super::{Packs, StepError};
use crate::placeholder;

/// The kinds of settings.
pub const KINDS: [&str; 6] = [
    "sqs-attributes",
    "sns-attributes",
    "sns-subscription",
    "bucket-notification",
    "object-ownership",
    "form",
];

/// Members by name, in order.
pub type Members = serde_json::Map<String, Json>;

/// What a step demands of a document that is not a policy.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The member of an answer that holds the settings; the answer itself where it has none such.
    #[serde(default)]
    pub inside: Option<String>,
    /// The member whose value is the ARN of what the settings belong to.
    #[serde(default)]
    pub named_by: Option<String>,
    /// Members by one of which such a document is known, besides those that are demanded.
    #[serde(default)]
    pub known_by: Vec<String>,
    /// What the put command takes; without it, the whole document.
    #[serde(default)]
    pub put_takes: Option<PutTakes>,
    /// The members, with tokens in their values.
    pub members: Members,
    /// The rules of members that are not simply set.
    #[serde(default)]
    pub rules: BTreeMap<String, Rule>,
    /// What makes the thing where there is none yet, if that is not the members themselves.
    #[serde(default)]
    pub create: Option<Json>,
}

/// What a put command takes of the settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PutTakes {
    /// All of them: it replaces what is there.
    #[default]
    Document,
    /// The members that are set: it leaves the others alone.
    Members,
    /// The value of the only member that is set.
    Value,
}

/// How a member meets what is there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// What is done where it is not as demanded.
    #[serde(default)]
    pub merge: How,
    /// Values that will do as well.
    #[serde(default)]
    pub also: Vec<Json>,
    /// The values that may be written over. Where this is given, any other one is a conflict.
    #[serde(default)]
    pub over: Option<Vec<Json>>,
    /// For a member that is not demanded: values with which the step cannot be done.
    #[serde(default)]
    pub refuse: Vec<Json>,
    /// For a member that is not demanded: a warning where it is there with another value than these, and not empty.
    #[serde(default)]
    pub doubt: Option<Doubt>,
    /// For a list: the member that only names an element and has no meaning.
    #[serde(default)]
    pub name: Option<String>,
    /// For a list: what its elements may not share with others.
    #[serde(default)]
    pub exclusive: Option<Exclusive>,
    /// Why another value will not do, said with a conflict.
    #[serde(default)]
    pub why: Option<String>,
}

/// A member with which a step may not do what it is for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Doubt {
    /// Values with which it does.
    #[serde(default)]
    pub unless: Vec<Json>,
    /// What may be wrong.
    pub warning: String,
}

/// What is done to a member that is not as demanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Its value is set.
    #[default]
    Set,
    /// Nothing can be done: AWS does not change it.
    Fixed,
    /// Its elements are added to the list that is there.
    Add,
}

/// Elements of several lists that may not have patterns in common, unless their filters keep them apart.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusive {
    /// The lists, among them the member's own.
    pub lists: Vec<String>,
    /// The member of an element that lists patterns with `*`.
    pub patterns: String,
    /// The member of an element that narrows it to keys of a prefix and a suffix, as S3 has it.
    pub filter: String,
}

/// What one step demands, its values filled in.
#[derive(Clone, Debug)]
pub struct Demand {
    /// The step.
    pub step: String,
    /// One line on what it does.
    pub title: String,
    /// The members.
    pub members: Members,
    /// What makes the thing.
    pub create: Json,
    /// The rules, values filled in.
    pub settings: Settings,
}

impl Demand {
    /// The demand of a step's document, with its values; without a variant, in the one that takes a value which was
    /// given. Tokens without a value are given back in place of it, all of them.
    ///
    /// # Errors
    /// If the document has no settings.
    pub fn of_step<'p>(
        packs: &'p Packs,
        (_, step): (&Pack, &Step),
        document: &StepDocument,
        variant: Option<&str>,
        values: &Values,
    ) -> Result<Result<Self, Vec<Missing<'p>>>, StepError> {
        let Some(settings) = &document.settings else {
            return Err(StepError::Malformed {
                file: format!("{}.json", step.name),
                what: "step",
                reason: format!("its document `{}` has no settings", document.kind),
            });
        };
        let variant = variant.or_else(|| document.variant_given(packs, values));
        let members = document.members(variant).unwrap_or(&settings.members);
        let mut missing = Vec::new();
        let mut fill = |value: &Json| filled(packs, value, values, &mut missing);
        let filled_members: Members =
            members.iter().map(|(name, value)| (name.clone(), fill(value))).collect();
        let create = settings.create.as_ref().map(&mut fill);
        if !missing.is_empty() {
            return Ok(Err(missing));
        }
        let settable = |(name, _): &(&String, &Json)| settings.how(name) != How::Fixed;
        let create = create.unwrap_or_else(|| {
            let members = filled_members.iter().filter(settable);
            Json::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect())
        });
        Ok(Ok(Demand {
            step: step.name.clone(),
            title: step.title.clone(),
            members: filled_members,
            create,
            settings: settings.clone(),
        }))
    }
}

/// The lists of a bucket's notifications (S3 API, NotificationConfiguration).
const NOTIFICATIONS: [&str; 3] =
    ["TopicConfigurations", "QueueConfigurations", "LambdaFunctionConfigurations"];

impl Settings {
    /// Fills in what follows from the kind of document, as AWS has it, and the file of the step does not say.
    pub(super) fn take_kind(&mut self, kind: &str) {
        let (inside, named_by, known_by, takes): (_, _, &[&str], _) = match kind {
            "sqs-attributes" => (Some("Attributes"), Some("QueueArn"), &[], PutTakes::Members),
            "sns-attributes" => (Some("Attributes"), Some("TopicArn"), &[], PutTakes::Value),
            "sns-subscription" => (Some("Attributes"), None, &["SubscriptionArn"], PutTakes::Value),
            "object-ownership" => (Some("OwnershipControls"), None, &[], PutTakes::Document),
            "bucket-notification" => (
                None,
                None,
                &[NOTIFICATIONS[0], NOTIFICATIONS[1], NOTIFICATIONS[2], "EventBridgeConfiguration"],
                PutTakes::Document,
            ),
            _ => return,
        };
        self.inside = self.inside.take().or(inside.map(str::to_owned));
        self.named_by = self.named_by.take().or(named_by.map(str::to_owned));
        if self.known_by.is_empty() {
            self.known_by = known_by.iter().map(|name| (*name).to_owned()).collect();
        }
        self.put_takes.get_or_insert(takes);
        if kind != "bucket-notification" {
            return;
        }
        for list in NOTIFICATIONS.iter().filter(|list| self.members.contains_key(**list)) {
            let rule = self.rules.entry((*list).to_owned()).or_default();
            // What is there is others', and the put command replaces all of it.
            rule.merge = How::Add;
            rule.name.get_or_insert_with(|| "Id".to_owned());
            rule.exclusive.get_or_insert_with(|| Exclusive {
                lists: NOTIFICATIONS.iter().map(|list| (*list).to_owned()).collect(),
                patterns: "Events".to_owned(),
                filter: "Filter".to_owned(),
            });
            rule.why.get_or_insert_with(|| {
                "S3 does not accept two notifications for the same event unless their prefixes or suffixes keep them apart"
                    .to_owned()
            });
        }
    }

    /// What is done to a member that is not as demanded. Elements of a list of which no rule says more are added to those that
    /// are there, which may be others'.
    pub fn how(&self, member: &str) -> How {
        let default = if self.members.get(member).is_some_and(Json::is_array) { How::Add } else { How::Set };
        self.rules.get(member).map_or(default, |rule| rule.merge)
    }

    /// The texts of all values, in which tokens may stand.
    pub fn text(&self) -> String {
        let create = self.create.as_ref().map(Json::to_string).unwrap_or_default();
        format!("{}{create}", Json::Object(self.members.clone()))
    }
}

impl StepDocument {
    /// The members of a variant, or the default ones where it does not have that variant.
    pub fn members(&self, variant: Option<&str>) -> Option<&Members> {
        let variant = variant.and_then(|name| self.variants.get(name)?.members.as_ref());
        variant.or(self.settings.as_ref().map(|settings| &settings.members))
    }
}

/// A value with its tokens replaced in every string; those without a value go to `missing`, once each.
fn filled<'p>(packs: &'p Packs, value: &Json, values: &Values, missing: &mut Vec<Missing<'p>>) -> Json {
    match value {
        Json::String(text) => {
            let text =
                placeholder::replace(text, |token| values.get(packs, token).map(|used| used.value.as_str()));
            for token in placeholder::tokens(&text) {
                super::statements::note_missing(packs, token.name, missing);
            }
            text.into()
        }
        Json::Array(items) => items.iter().map(|item| filled(packs, item, values, missing)).collect(),
        Json::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), filled(packs, value, values, missing)))
            .collect::<Members>()
            .into(),
        other => other.clone(),
    }
}
