//! What a service acts for: `every trail of account 111111111111` for an ARN that a test asks for.

use crate::document::Document;
use crate::policy::{Arn, PrincipalType, Statement, Test, TestKind};
use crate::report::access;

/// A statement in words, the ARNs of the things that its services act for taken out of its conditions.
pub(super) fn told(document: &Document, statement: &Statement) -> access::Sentence {
    let mut rest = statement.clone();
    let words = of(statement).map(|(at, things)| {
        rest.conditions.remove(at);
        things.iter().map(|thing| thing.words(None)).collect::<Vec<_>>()
    });
    let mut sentence = access::Sentence::new(document, &rest);
    if let Some(service) = service(statement) {
        sentence.who = service_name(service).to_owned();
    }
    if let Some(words) = words {
        sentence.on.push_str(&format!(" for {}", access::list(&words)));
        if rest.is_unconditional() {
            sentence.tail.clear();
        }
    }
    sentence
}

/// The things that tests ask for, if all of them ask for such as the statement is about.
pub(super) fn of_tests(statement: &Statement, tests: &[&Test]) -> Option<Vec<String>> {
    let service = service(statement)?;
    let account = of(statement)?.1.first()?.account;
    let mut words = Vec::new();
    for test in tests {
        words.extend(things(test, service)?.iter().map(|thing| thing.words(Some(account))));
    }
    Some(words)
}

/// The only service that a statement is about.
fn service(statement: &Statement) -> Option<&str> {
    let element = statement.principal.as_ref().filter(|element| !element.negated)?;
    match element.entries.as_slice() {
        [entry] if entry.kind == PrincipalType::Service => match entry.values.items.as_slice() {
            [one] => Some(&one.text),
            _ => None,
        },
        _ => None,
    }
}

/// What a statement's service acts for: the place of the only test that asks for such, and what it lists.
fn of(statement: &Statement) -> Option<(usize, Vec<Thing<'_>>)> {
    let service = service(statement)?;
    let tests = statement.conditions.iter().enumerate();
    let mut found = tests.filter_map(|(at, test)| Some((at, things(test, service)?)));
    found.next().filter(|_| found.next().is_none())
}

/// What AWS calls a service in its texts, for those that write logs or send messages for others.
fn service_name(host: &str) -> &str {
    match host {
        "cloudtrail.amazonaws.com" => "CloudTrail",
        "config.amazonaws.com" => "AWS Config",
        "s3.amazonaws.com" => "Amazon S3",
        "sns.amazonaws.com" => "Amazon SNS",
        "sqs.amazonaws.com" => "Amazon SQS",
        "events.amazonaws.com" => "EventBridge",
        "lambda.amazonaws.com" => "Lambda",
        host => host,
    }
}

struct Thing<'a> {
    kind: &'a str,
    name: &'a str,
    region: &'a str,
    account: &'a str,
}

fn things<'a>(test: &'a Test, service: &str) -> Option<Vec<Thing<'a>>> {
    let plain = test.operator.set.is_none() && !test.operator.if_exists;
    let kind = test.operator.kind;
    let asks = [TestKind::StringEquals, TestKind::StringLike, TestKind::ArnEquals, TestKind::ArnLike]
        .contains(&kind);
    let values = &test.values.items;
    // What is no pattern or not known cannot be put into words.
    let literal = |text: &str| kind == TestKind::StringEquals && text.contains('*');
    let unclear =
        values.iter().any(|value| value.is_hole() || value.text.contains('$') || literal(&value.text));
    if !plain || !asks || values.is_empty() || unclear {
        return None;
    }
    values.iter().map(|value| Thing::parse(&value.text, service)).collect()
}

impl<'a> Thing<'a> {
    /// Reads an ARN of the service's own whose account is known.
    fn parse(text: &'a str, service: &str) -> Option<Self> {
        let arn = Arn::parse(text)?;
        let (kind, name) = arn.resource.split_once('/')?;
        let known = |part: &str| !part.is_empty() && !part.contains(['*', '?']);
        let own = service.split('.').next() == Some(arn.service);
        let whole = known(kind) && known(arn.account) && !name.contains('/') && (name == "*" || known(name));
        let region = arn.region == "*" || known(arn.region);
        (own && whole && region).then_some(Thing { kind, name, region: arn.region, account: arn.account })
    }

    fn words(&self, account: Option<&str>) -> String {
        let mut words = match self.name {
            "*" => format!("every {}", self.kind),
            name => name.to_owned(),
        };
        if self.region != "*" {
            words.push_str(&format!(" in {}", self.region));
        }
        if account != Some(self.account) {
            words.push_str(&format!(" of account {}", self.account));
        }
        words
    }
}
