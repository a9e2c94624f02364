//! Would it work? Asked of the policies that were collected, request by request.

use super::accounts::{Accounts, Found};
use super::check::Row;
use super::look::State;
use super::reads::{self, Read};
use super::{Place, Setup};
use crate::analyze::decide::{Layer, Policies, Verdict, decide, fit};
use crate::analyze::evaluate::Prepared;
use crate::analyze::request::{Caller, ContextValue, Request};
use crate::document::{Hints, open, open_policy};
use crate::kind::Kind;
use crate::policy::Arn;
use crate::source::Source;

/// Whether something works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It does.
    Yes,
    /// A step that is still to be done keeps it from working.
    NotYet,
    /// It does not, or works where it must not.
    No,
    /// A policy that has a say was not collected.
    CannotTell,
}

impl Answer {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Answer::Yes => "yes",
            Answer::NotYet => "not-yet",
            Answer::No => "no",
            Answer::CannotTell => "cannot-tell",
        }
    }

    /// The name for a person.
    pub fn words(self) -> &'static str {
        match self {
            Answer::NotYet => "not yet",
            Answer::CannotTell => "cannot tell",
            other => other.name(),
        }
    }
}

/// One thing that must work.
#[derive(Clone, Debug)]
pub struct Works {
    /// Whether it does.
    pub answer: Answer,
    /// What, and why not.
    pub text: String,
}

/// Expel's principal, as step 1 names it, and an id that is not the customer's.
const EXPEL: &str = "arn:aws:iam::012205512454:user/ExpelCloudService";
const ANOTHER_ID: &str = "ffffffff-ffff-ffff-ffff-ffffffffffff";

pub(super) fn works(setup: &Setup<'_>, accounts: &Accounts, rows: &[Row]) -> Vec<Works> {
    let asking = Asking { setup, accounts, rows };
    [
        asking.trust(),
        asking.topic(),
        asking.queue(),
        asking.notification_key(),
        asking.delivery(),
        asking.objects(),
        asking.decrypt("YOUR_CLOUDTRAIL_KEY_ARN", Place::Management, "trail-key", "step2", "log files"),
        asking.decrypt(
            "YOUR_NOTIFICATION_KEY_ARN",
            Place::LogArchive,
            "notification-key",
            "step7",
            "messages",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

struct Asking<'a> {
    setup: &'a Setup<'a>,
    accounts: &'a Accounts,
    rows: &'a [Row],
}

impl Asking<'_> {
    /// The policy in an answer; `None` where there is no answer that can be judged.
    fn policy(&self, place: Place, name: &str, kind: Kind, resource: &str) -> Option<Prepared> {
        let read: &Read = reads::named(name)?;
        let account = self.setup.account(place)?;
        let text = match self.accounts.found(account, read) {
            Found::Answer(text) => text,
            // What is not there says nothing.
            Found::Absent => "{\"Statement\":[]}".to_owned(),
            _ => return None,
        };
        let hints = Hints { resource: self.setup.value(resource).map(str::to_owned), ..Hints::default() };
        let found = open(Source::new(name, text), &hints).documents;
        let mut document = found
            .into_iter()
            .find(|document| document.kind == kind || document.policy.statements.is_empty())?;
        document.kind = kind;
        fit(&document, Layer::Resource).ok()
    }

    /// The policies of the role in Log Archive; `None` unless all of them were collected.
    fn role(&self) -> Option<Vec<Prepared>> {
        let account = self.setup.account(Place::LogArchive)?;
        let mut policies = Vec::new();
        for name in ["role-inline", "role-attached"] {
            for (file, text) in self.accounts.each(account, reads::named(name)?).ok()? {
                let document = open(Source::new(file, text), &Hints::default()).documents.pop()?;
                policies.push(fit(&document, Layer::Identity).ok()?);
            }
        }
        Some(policies)
    }

    fn value(&self, name: &str) -> Option<String> {
        self.setup.value(name).map(str::to_owned)
    }

    fn row(&self, step: &str) -> State {
        self.rows.iter().find(|row| row.step == step).map_or(State::CannotTell, |row| row.state)
    }

    /// A policy lacks what a step gives: not yet, or where the step is done, not at all.
    fn lacks(&self, step: &str) -> Answer {
        match self.row(step) {
            State::Missing | State::Different => Answer::NotYet,
            _ => Answer::No,
        }
    }

    /// What the policy of a thing alone lets a service do.
    fn service(&self, policy: Option<Prepared>, step: &str, requests: Vec<Request>, text: String) -> Works {
        let number = step.trim_start_matches("step");
        let Some(policy) = policy else {
            return Works { answer: Answer::CannotTell, text: format!("{text} ({number})") };
        };
        let policies = Policies { resource: Some(policy), ..Policies::default() };
        let allowed = requests.iter().all(|request| decide(&policies, request).verdict == Verdict::Allowed);
        match allowed {
            true => Works { answer: Answer::Yes, text },
            false => Works { answer: self.lacks(step), text: format!("{text} ({number})") },
        }
    }

    fn trust(&self) -> Option<Works> {
        let (id, role) = (self.value("YOUR_WORKBENCH_EXTERNAL_ID")?, self.value("YOUR_EXPEL_ROLE_ARN")?);
        let text = "the trust policy lets Expel in with the external id, and not without it".to_owned();
        let Some(trust) = self.policy(Place::LogArchive, "role", Kind::Trust, "YOUR_EXPEL_ROLE_ARN") else {
            return Some(Works { answer: Answer::CannotTell, text: format!("{text} (1)") });
        };
        // What Expel's own account decides is taken to be a yes.
        let theirs =
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}"#;
        let theirs =
            open_policy(Source::new("", theirs), &Hints { kind: Some(Kind::Identity), ..Hints::default() });
        let policies = Policies {
            identity: fit(&theirs, Layer::Identity).into_iter().collect(),
            resource: Some(trust),
            ..Policies::default()
        };
        let lets_in = |id: Option<&str>| {
            let context: &[(&str, &str)] =
                &id.map(|id| ("sts:ExternalId", id)).into_iter().collect::<Vec<_>>();
            let request = request(Caller::Aws(EXPEL.to_owned()), "sts:AssumeRole", &role, context);
            decide(&policies, &request).verdict == Verdict::Allowed
        };
        Some(match (lets_in(Some(&id)), lets_in(None) || lets_in(Some(ANOTHER_ID))) {
            (true, false) => Works { answer: Answer::Yes, text },
            (_, true) => Works {
                answer: Answer::No,
                text: "the trust policy lets Expel in without the external id, so on anybody's behalf (1)"
                    .to_owned(),
            },
            (false, false) => Works { answer: self.lacks("step1"), text: format!("{text} (1)") },
        })
    }

    fn topic(&self) -> Option<Works> {
        let (topic, bucket) = (self.value("YOUR_TOPIC_ARN")?, self.value("YOUR_S3_ARN")?);
        let archive = self.setup.account(Place::LogArchive)?;
        let context = [("aws:SourceArn", bucket.as_str()), ("aws:SourceAccount", archive)];
        let request =
            request(Caller::Service("s3.amazonaws.com".to_owned()), "sns:Publish", &topic, &context);
        let policy = self.policy(Place::LogArchive, "topic", Kind::Sns, "YOUR_TOPIC_ARN");
        let name = self.value("YOUR_S3_BUCKET")?;
        Some(self.service(
            policy,
            "step4",
            vec![request],
            format!("the topic policy lets S3 publish for {name}"),
        ))
    }

    fn queue(&self) -> Option<Works> {
        let (topic, queue) = (self.value("YOUR_TOPIC_ARN")?, self.value("YOUR_SQS_QUEUE_ARN")?);
        let context = [("aws:SourceArn", topic.as_str()), ("aws:SourceAccount", Arn::parse(&topic)?.account)];
        let request =
            request(Caller::Service("sns.amazonaws.com".to_owned()), "sqs:SendMessage", &queue, &context);
        let policy = self.policy(Place::LogArchive, "queue", Kind::Sqs, "YOUR_SQS_QUEUE_ARN");
        let name = Arn::parse(&topic)?.name();
        Some(self.service(
            policy,
            "step5",
            vec![request],
            format!("the queue policy lets SNS send for {name}"),
        ))
    }

    fn notification_key(&self) -> Option<Works> {
        let key = self.value("YOUR_NOTIFICATION_KEY_ARN")?;
        let (topic, bucket) = (self.value("YOUR_TOPIC_ARN")?, self.value("YOUR_S3_ARN")?);
        let archive = self.setup.account(Place::LogArchive)?;
        let mut requests = Vec::new();
        for (service, source) in [("s3.amazonaws.com", &bucket), ("sns.amazonaws.com", &topic)] {
            for action in ["kms:GenerateDataKey", "kms:Decrypt"] {
                let context = [("aws:SourceArn", source.as_str()), ("aws:SourceAccount", archive)];
                requests.push(request(Caller::Service(service.to_owned()), action, &key, &context));
            }
        }
        let policy =
            self.policy(Place::LogArchive, "notification-key", Kind::Kms, "YOUR_NOTIFICATION_KEY_ARN");
        Some(self.service(
            policy,
            "step7",
            requests,
            "the notification key lets S3 and SNS use it".to_owned(),
        ))
    }

    /// Subscription and notification are no policies: what was found of them decides.
    fn delivery(&self) -> Option<Works> {
        let text = "messages reach the queue";
        let mut open = Vec::new();
        let mut unknown = Vec::new();
        for (step, missing, what) in [
            ("step6", "no subscription (6)", "the subscription (6)"),
            ("step8", "no notification (8)", "the notification (8)"),
        ] {
            match self.row(step) {
                State::Done | State::Wider | State::ByHand => {}
                State::CannotTell => unknown.push(what.to_owned()),
                State::Missing => open.push(missing.to_owned()),
                State::Different => open.push(format!("{what} is not as it should be")),
            }
        }
        Some(match (open.is_empty(), unknown.is_empty()) {
            (false, _) => Works { answer: Answer::NotYet, text: format!("{text}: {}", open.join(", ")) },
            (true, false) => {
                Works { answer: Answer::CannotTell, text: format!("{text}: {}", unknown.join(", ")) }
            }
            (true, true) => {
                Works { answer: Answer::Yes, text: format!("{text}, by subscription and notification") }
            }
        })
    }

    fn objects(&self) -> Option<Works> {
        let role = self.value("YOUR_EXPEL_ROLE_ARN")?;
        let (queue, bucket) = (self.value("YOUR_SQS_QUEUE_ARN")?, self.value("YOUR_S3_ARN")?);
        let text = "the role may receive and delete messages, and s3:GetObject the log files";
        let Some(identity) = self.role() else {
            return Some(Works { answer: Answer::CannotTell, text: format!("{text} (9)") });
        };
        let policy = self.policy(Place::LogArchive, "queue", Kind::Sqs, "YOUR_SQS_QUEUE_ARN");
        let unread = policy.is_none();
        let caller = Caller::Aws(role);
        let on_queue = Policies { identity, resource: policy, ..Policies::default() };
        let on_bucket = Policies { resource: None, ..on_queue.clone() };
        let archive = self.setup.account(Place::LogArchive)?.to_owned();
        let mut object =
            request(caller.clone(), "s3:GetObject", &format!("{bucket}/AWSLogs/log.json.gz"), &[]);
        object.resource_account = Some(archive);
        let mut allowed = decide(&on_bucket, &object).verdict == Verdict::Allowed;
        for action in ["sqs:ReceiveMessage", "sqs:DeleteMessage"] {
            let request = request(caller.clone(), action, &queue, &[]);
            allowed &= decide(&on_queue, &request).verdict == Verdict::Allowed;
        }
        let answer = match allowed {
            true if unread => Answer::CannotTell,
            true => Answer::Yes,
            false => self.lacks("step9"),
        };
        let number = if answer == Answer::Yes { "" } else { " (9)" };
        Some(Works { answer, text: format!("{text}{number}") })
    }

    fn decrypt(&self, key: &str, place: Place, read: &str, step: &str, what: &str) -> Option<Works> {
        let (arn, role) = (self.value(key)?, self.value("YOUR_EXPEL_ROLE_ARN")?);
        let number = step.trim_start_matches("step");
        let text = format!("the role may decrypt {what}");
        let region = Arn::parse(&arn)?.region;
        let trail =
            format!("arn:aws:cloudtrail:{region}:{}:trail/trail", self.setup.account(Place::Management)?);
        let service = if place == Place::Management { "s3" } else { "sqs" };
        let via = format!("{service}.{region}.amazonaws.com");
        let mut context = vec![("kms:ViaService", via.as_str())];
        if place == Place::Management {
            context.push(("kms:EncryptionContext:aws:cloudtrail:arn", trail.as_str()));
        }
        let request = request(Caller::Aws(role), "kms:Decrypt", &arn, &context);
        let theirs = |policies: &Policies| decide(policies, &request).verdict == Verdict::Allowed;
        let key_policy = self.policy(place, read, Kind::Kms, key);
        let cannot = |why: String| Some(Works { answer: Answer::CannotTell, text: format!("{text}: {why}") });
        let Some(key_policy) = key_policy else {
            return cannot(format!("the key's policy is not known ({number})"));
        };
        let Some(identity) = self.role() else {
            let anything = open_policy(
                Source::new(
                    "",
                    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#,
                ),
                &Hints { kind: Some(Kind::Identity), ..Hints::default() },
            );
            let identity = fit(&anything, Layer::Identity).into_iter().collect();
            let policies = Policies { identity, resource: Some(key_policy), ..Policies::default() };
            return match theirs(&policies) {
                true => cannot(format!("the key policy lets it ({number}), its own is not known (9)")),
                false => Some(Works {
                    answer: self.lacks(step),
                    text: format!("{text}: the key policy does not let it ({number})"),
                }),
            };
        };
        let policies = Policies { identity, resource: Some(key_policy), ..Policies::default() };
        Some(match theirs(&policies) {
            true => Works { answer: Answer::Yes, text },
            false => {
                let answer = match (self.lacks(step), self.lacks("step9")) {
                    (Answer::No, Answer::No) => Answer::No,
                    _ => Answer::NotYet,
                };
                Works { answer, text: format!("{text} ({number}, 9)") }
            }
        })
    }
}

fn request(principal: Caller, action: &str, resource: &str, context: &[(&str, &str)]) -> Request {
    let mut request = Request {
        principal: Some(principal),
        action: action.to_owned(),
        resource: resource.to_owned(),
        ..Request::default()
    };
    for (key, value) in context {
        request.context.insert(*key, ContextValue::One((*value).to_owned()));
    }
    request
}
