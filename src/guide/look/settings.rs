//! How settings stand to what a step demands.

use serde_json::Value as Json;

use super::trail::{apart, left_out};
use super::{Diff, Look, Looking, State};
use crate::apply;
use crate::edit;
use crate::guide::accounts::{Found, element_name, other};
use crate::guide::reads::Read;
use crate::invisible::escape_json;
use crate::merge::OnConflict;
use crate::merge::settings::{Answer, Decision, Outcome as Became, joined, merge};
use crate::policy::Arn;
use crate::source::Source;
use crate::steps::{Demand, Members};

impl Looking<'_> {
    pub(super) fn settings(&self, variant: Option<&str>) -> Look {
        let setup = self.setup;
        let demand =
            Demand::of_step(setup.packs, (setup.pack, self.step), self.document, variant, &setup.values);
        let demand = match demand {
            Ok(Ok(demand)) => demand,
            Ok(Err(missing)) => {
                let names: Vec<&str> = missing.iter().map(|missing| missing.token.as_str()).collect();
                return Look::new(State::CannotTell, format!("there is no value for {}", names.join(", ")));
            }
            Err(error) => return Look::new(State::CannotTell, error.to_string()),
        };
        if self.document.kind == "sns-subscription" {
            return self.subscription(&demand);
        }
        let Some(read) = self.setup.read_of(self.document) else {
            return Look::new(State::CannotTell, "nothing to look at");
        };
        let thing = self.thing();
        let file = format!("{}.json", read.name);
        let text = match self.accounts.found(self.account, read) {
            Found::Answer(text) => text,
            Found::Absent if self.document.kind == "object-ownership" => {
                let mut look =
                    Look::new(State::Different, "object ownership is not set, which means ObjectWriter");
                look.put = Some(escape_json(format!("{:#}\n", demand.create)));
                look.looked_at = vec![self.looked_at(&format!("{}.error", read.name))];
                return look;
            }
            Found::Absent if read.may_be_empty => "{}\n".to_owned(),
            Found::Absent => return Look::new(State::Missing, format!("the {thing} does not exist")),
            other => return self.without_answer(other, read),
        };
        let mut look = self.settled(&file, &text, &demand, thing);
        let prefix = setup.guide.trail.as_ref().and_then(|trail| trail.prefix.as_deref());
        if prefix.is_some_and(|prefix| setup.is_given(prefix))
            && matches!(look.state, State::Done | State::Wider)
            && let Some((why, account)) = self.without_trails()
        {
            let why = format!("{}; {why}", look.detail);
            look = Look { collect_in: Some(account), ..Look::new(State::CannotTell, why) };
        }
        let left_out = if self.takes_prefix() { left_out(setup, self.accounts) } else { Vec::new() };
        if matches!(look.state, State::Done | State::Wider | State::Missing) {
            for (trail, prefix) in left_out {
                look.detail =
                    format!("{}; it leaves out the trail {trail}, which writes to `{prefix}`", look.detail);
            }
        }
        look.looked_at = vec![self.looked_at(&file)];
        look
    }

    fn settled(&self, file: &str, text: &str, demand: &Demand, thing: &str) -> Look {
        let name = self.accounts.path(self.account, file);
        let answer =
            match Answer::open(Source::new(&name, text), &demand.settings, &self.document.attached_to) {
                Ok(answer) => answer,
                Err(error) => return Look::new(State::CannotTell, error.to_string()),
            };
        let named = demand.settings.named_by.as_ref().and_then(|member| answer.text_of(member));
        let own = self.document.resource.as_deref().and_then(|parameter| self.setup.value(parameter));
        if let (Some(named), Some(own)) = (named, own)
            && named != own
        {
            let name = file.trim_end_matches(".json");
            return Look::new(State::CannotTell, other(name, &named, own));
        }
        // A name of the step's own that is taken says nothing: another one will do.
        let merge = merge(&answer, std::slice::from_ref(demand), &[], OnConflict::Rename);
        let of = |outcomes: &[Became]| -> Vec<&Decision> {
            merge.decisions.iter().filter(|decision| outcomes.contains(&decision.outcome)).collect()
        };
        let (conflict, set, added, covered) = (
            of(&[Became::Conflict]),
            of(&[Became::Set]),
            of(&[Became::Added, Became::Renamed]),
            of(&[Became::Covered]),
        );
        let shown = Shown::of(demand);
        let can_be_apart = |decision: &&Decision| !self.apart(decision).is_empty();
        let unknown = self.without_trails().filter(|_| set.is_empty() && conflict.iter().all(can_be_apart));
        let mut look = if let (Some((why, account)), Some(first)) = (unknown, conflict.first()) {
            let overlap = shown.overlap(first, demand).unwrap_or_else(|| shown.differs(first));
            let detail = format!("{overlap}; {why}");
            Look { collect_in: Some(account), ..Look::new(State::CannotTell, detail) }
        } else if !conflict.is_empty() || !set.is_empty() {
            let all = conflict.iter().chain(&set);
            let all = all.map(|decision| match shown.overlap(decision, demand) {
                Some(overlap) => format!("{overlap}{}", self.apart(decision)),
                None => shown.differs(decision),
            });
            Look::new(State::Different, all.collect::<Vec<_>>().join("; "))
        } else if let Some(first) = added.first() {
            Look::new(
                State::Missing,
                match &first.wanted {
                    Some(Json::Object(element)) => {
                        let kept = shown.kept(&answer.members(), demand);
                        let filter = filter(element);
                        format!(
                            "the {thing} does not notify {} of new objects{filter}{kept}",
                            shown.destination(element)
                        )
                    }
                    _ => format!("{thing} has no {}", first.member),
                },
            )
        } else if let Some(first) = covered.first()
            && let (Some(was), Some(wanted)) = (&first.was, &first.wanted)
            && joined(was, "Events").get("Events") == wanted.get("Events")
            && wanted.get("Filter").is_some()
        {
            // Its filter lets through all that the step's does, which is all that the trail writes.
            Look::new(State::Done, shown.words(was))
        } else if let Some(first) = covered.first() {
            let was = first.was.as_ref().map(|value| shown.words(value)).unwrap_or_default();
            Look::new(State::Wider, format!("wider than the step: {was}"))
        } else {
            let as_good = of(&[Became::AsGood]);
            Look::new(
                State::Done,
                match as_good.first().and_then(|decision| decision.was.as_ref()) {
                    Some(was) => shown.words(was),
                    None => merge
                        .decisions
                        .iter()
                        .filter_map(|decision| decision.was.as_ref())
                        .map(|value| shown.words(value))
                        .next_back()
                        .unwrap_or_default(),
                },
            )
        };
        let new = edit::apply(text, &merge.edits);
        if conflict.is_empty() && new != text {
            look.put =
                apply::settings::apply(&answer, std::slice::from_ref(demand), &[], OnConflict::Rename, "")
                    .ok()
                    .map(|applied| applied.for_put(std::slice::from_ref(demand)));
        }
        let doubts = apply::settings::doubts(&answer.members(), std::slice::from_ref(demand));
        if let Some(doubt) = doubts.first().filter(|_| matches!(look.state, State::Done | State::Wider)) {
            look = Look { is_in_way: true, ..Look::new(State::Different, *doubt) };
        }
        if new != text {
            look.diff = Some(Diff { name, old: text.to_owned(), new });
        }
        look
    }

    /// Of several subscriptions, the one of the queue.
    fn subscription(&self, demand: &Demand) -> Look {
        let Some(read) = self.setup.read_of(self.document) else {
            return Look::new(State::CannotTell, "nothing to look at");
        };
        let list = match self.accounts.found(self.account, read) {
            Found::Answer(text) => match serde_json::from_str::<Json>(&text) {
                Ok(list) => match list.get("Subscriptions").and_then(Json::as_array) {
                    Some(list) => list.clone(),
                    None => return self.without_answer(Found::Failed("it is no list".to_owned()), read),
                },
                Err(error) => return self.without_answer(Found::Failed(error.to_string()), read),
            },
            Found::Absent => Vec::new(),
            other => return self.without_answer(other, read),
        };
        let mut looked_at = vec![self.looked_at(&format!("{}.json", read.name))];
        let mut look: Option<Look> = None;
        for (number, subscription) in (1..).zip(&list) {
            let Some(found) = self.one_subscription(read, number, subscription, demand) else { continue };
            looked_at.extend(found.looked_at.iter().cloned());
            // The best that is there counts: a second subscription takes nothing from the first.
            if look.as_ref().is_none_or(|look| look.state < found.state) {
                look = Some(found);
            }
        }
        let mut look = look.unwrap_or_else(|| {
            let topic = self.topic();
            Look::new(
                State::Missing,
                match list.len() {
                    0 => format!("{topic} has no subscription"),
                    _ => format!("{topic} has no subscription of the queue"),
                },
            )
        });
        look.looked_at = looked_at;
        look
    }

    /// A subscription in the list, if it is the queue's or was meant to be.
    fn one_subscription(
        &self,
        read: &Read<'_>,
        number: usize,
        listed: &Json,
        demand: &Demand,
    ) -> Option<Look> {
        let queue =
            demand.members.get("Endpoint").and_then(Json::as_str).filter(|queue| !queue.is_empty())?;
        let text = |name: &str| listed.get(name).and_then(Json::as_str).unwrap_or("");
        let endpoint = text("Endpoint");
        if endpoint != queue {
            let meant = endpoint.ends_with(&format!("/{}", queue.rsplit(':').next().unwrap_or("")));
            let detail = format!("a subscription is to `{endpoint}`, which is no queue's ARN");
            return meant.then(|| Look::new(State::Different, detail));
        }
        // SNS has no attributes, and no ARN, of one that nobody has confirmed.
        if text("SubscriptionArn") == "PendingConfirmation" {
            return Some(Look::new(
                State::Different,
                format!(
                    "the queue's subscription is pending confirmation, as another account asked for it; in {} SNS \
                     asks for none: subscribe there",
                    self.account
                ),
            ));
        }
        Some(match self.accounts.element(self.account, read, number) {
            Found::Answer(answer) => {
                let file = format!("{}.json", element_name(read, number));
                let mut own = self.settled(&file, &answer, demand, "the subscription");
                if own.state == State::Done {
                    own.detail = format!("{} to the queue, raw", self.topic());
                }
                own.looked_at = vec![self.looked_at(&file)];
                own
            }
            other => self.unknown(other, ("the queue's subscription", false)),
        })
    }

    /// What may keep a notification out of the way of another one: a prefix, if that one has a prefix and none is
    /// known yet for the step's.
    fn apart(&self, decision: &Decision) -> String {
        let has_prefix = decision
            .was
            .as_ref()
            .and_then(Json::as_object)
            .is_some_and(|was| limits(was).iter().any(|(name, _)| name == "prefix"));
        let variants = self.document.variants.values().filter_map(|variant| variant.with.as_deref());
        let mut unknown = variants.filter(|name| self.setup.value(name).is_none_or(str::is_empty));
        match unknown.next().filter(|_| has_prefix) {
            Some(name) => match apart(self.setup, self.accounts) {
                Some(trails) => format!(
                    "; the trails have no prefix in common ({trails}): limit the other notification, or set {name} to \
                     one of these prefixes, which leaves out the other trails"
                ),
                None => format!("; a value for {name} may keep them apart"),
            },
            None => String::new(),
        }
    }

    /// The topic that a subscription is of.
    fn topic(&self) -> &str {
        self.document.resource.as_deref().and_then(|topic| self.setup.name_of(topic)).unwrap_or("the topic")
    }
}

/// The members of a notification that name where it goes.
pub(in crate::guide) const DESTINATIONS: [(&str, &str); 3] =
    [("TopicArn", "topic"), ("QueueArn", "queue"), ("LambdaFunctionArn", "function")];

/// The ARN of what an element of a bucket's notifications tells.
fn destination_arn(element: &Members) -> Option<&str> {
    DESTINATIONS.iter().find_map(|(member, _)| element.get(*member)?.as_str())
}

/// How values are written for a person.
struct Shown<'a> {
    /// Where the step's own notification goes.
    own: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn of(demand: &'a Demand) -> Self {
        let elements = demand.members.values().filter_map(Json::as_array).flatten();
        Shown { own: elements.filter_map(Json::as_object).find_map(destination_arn) }
    }

    /// What an element of a bucket's notifications tells: its name, or its ARN where another thing than the step's is of another
    /// account or Region or has the same name.
    fn destination<'e>(&self, element: &'e Members) -> &'e str {
        let Some(text) = destination_arn(element) else { return "anyone" };
        let Some(arn) = Arn::parse(text) else { return text };
        let name = arn.after("function").unwrap_or(arn.name());
        let own = self.own.filter(|own| *own != text).and_then(Arn::parse);
        let is_near = own.is_none_or(|own| {
            (own.partition, own.region, own.account) == (arn.partition, arn.region, arn.account)
                && own.name() != name
        });
        if is_near { name } else { text }
    }

    fn differs(&self, decision: &Decision) -> String {
        let day = |value: &Json| -> String {
            let number = value.as_str().and_then(|text| text.parse::<u64>().ok());
            match number.filter(|number| decision.member.ends_with("RetentionPeriod") && number % 86_400 == 0)
            {
                Some(seconds) => format!("{} ({} days)", self.words(value), seconds / 86_400),
                None => self.words(value),
            }
        };
        let why = decision.why.as_ref().map_or(String::new(), |why| format!("; {why}"));
        match (&decision.was, &decision.wanted) {
            (Some(was), Some(wanted)) if !wanted.is_object() => {
                format!("{} {}, not {}{why}", decision.member, day(was), day(wanted))
            }
            (Some(was), _) => format!("{} {}{why}", decision.member, self.words(was)),
            (None, Some(wanted)) => {
                format!("{} is not set; the step sets {}{why}", decision.member, self.words(wanted))
            }
            (None, None) => decision.member.clone(),
        }
    }

    /// What an element of a list is in the way of, with all that decides that.
    fn overlap(&self, decision: &Decision, demand: &Demand) -> Option<String> {
        let was = decision.was.as_ref()?.as_object()?;
        decision.why.as_ref().filter(|why| why.contains("overlaps with"))?;
        let id = was.get("Id").and_then(Json::as_str).map_or(String::new(), |id| format!(" `{id}`"));
        let (kind, events) =
            (destination_kind(was), was.get("Events").map(|value| self.words(value)).unwrap_or_default());
        let rule = demand.settings.rules.get(&decision.member);
        let why = rule.and_then(|rule| rule.why.as_ref()).map_or(String::new(), |why| format!(": {why}"));
        let filter = match filter(was) {
            none if none.is_empty() => " without a prefix or suffix".to_owned(),
            filter => filter,
        };
        let to = self.destination(was);
        if destination_arn(was) == self.own {
            let wanted = decision.wanted.as_ref().and_then(|wanted| wanted.get("Events"));
            let wanted = wanted.map(|value| self.words(value)).unwrap_or_default();
            return Some(format!(
                "the {kind} notification{id} sends only {events}{filter} to `{to}`: give it {wanted} in place of these"
            ));
        }
        Some(format!(
            "the {kind} notification{id}, {events} to `{to}`{filter}, overlaps with the step's{why}"
        ))
    }

    /// The other notifications, which stay as they are.
    fn kept(&self, members: &Members, demand: &Demand) -> String {
        let lists = demand.settings.rules.values().filter_map(|rule| rule.exclusive.as_ref());
        let lists = lists.flat_map(|exclusive| &exclusive.lists);
        let others = lists.flat_map(|list| members.get(list).and_then(Json::as_array).into_iter().flatten());
        // S3 API, NotificationConfiguration: this one is not a list, and gets all events.
        let bridge =
            members.contains_key("EventBridgeConfiguration").then(|| "all events to EventBridge".to_owned());
        let others: Vec<String> = others.map(|value| self.words(value)).chain(bridge).collect();
        match others.as_slice() {
            [] => String::new(),
            [one] => format!("; it keeps {one}"),
            [first, second] => format!("; it keeps {first} and {second}"),
            [first, second, ..] => format!("; it keeps {first}, {second} and {} more", others.len() - 2),
        }
    }

    /// A value without the signs of JSON where it is clear without them.
    fn words(&self, value: &Json) -> String {
        match value {
            Json::String(text) => text.clone(),
            Json::Array(items) => items.iter().map(|value| self.words(value)).collect::<Vec<_>>().join(", "),
            Json::Object(members) => match members.values().next().filter(|_| members.len() == 1) {
                Some(only) => self.words(only),
                None if DESTINATIONS.iter().any(|(member, _)| members.contains_key(*member)) => format!(
                    "{} to {} `{}`{}",
                    members.get("Events").map(|value| self.words(value)).unwrap_or_default(),
                    destination_kind(members),
                    self.destination(members),
                    filter(members)
                ),
                None => value.to_string(),
            },
            other => other.to_string(),
        }
    }
}

/// ` for prefix …`: the objects that a notification is limited to.
fn filter(element: &Members) -> String {
    let parts: Vec<String> =
        limits(element).iter().map(|(name, value)| format!("{name} `{value}`")).collect();
    if parts.is_empty() { String::new() } else { format!(" for {}", parts.join(", ")) }
}

/// The rules of a notification's filter that limit it: `prefix` or `suffix`, and which.
fn limits(element: &Members) -> Vec<(String, &str)> {
    let rules = element.get("Filter").and_then(|filter| filter.pointer("/Key/FilterRules"));
    let rules = rules.and_then(Json::as_array).into_iter().flatten();
    rules
        .filter_map(|rule| {
            let value = rule.get("Value")?.as_str().filter(|value| !value.is_empty())?;
            Some((rule.get("Name")?.as_str()?.to_ascii_lowercase(), value))
        })
        .collect()
}

/// The kind of thing that an element of a bucket's notifications tells.
fn destination_kind(element: &Members) -> &'static str {
    let known = DESTINATIONS.iter().find(|(member, _)| element.contains_key(*member));
    known.map_or("bucket", |(_, kind)| kind)
}
