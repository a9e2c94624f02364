//! NDJSON: one scenario a line in, the decision a line out.

use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{action, resource};
use crate::analyze::decide::{Layer, Policies, decide, fit};
use crate::analyze::evaluate::Prepared;
use crate::analyze::request::Request;
use crate::cli::bulk::{self, answer_all};
use crate::cli::{Exit, Failure};
use crate::document::{self, Hints};
use crate::lint::request::doubts;
use crate::read::ndjson::Line;
use crate::report::{can as report, json};
use crate::source::Source;

/// A line of the input. Members are taken as they are written, so that one that is wrong does not
/// keep the `id` from being echoed.
#[derive(Deserialize)]
#[serde(expecting = "an object with `policies` and a `request`")]
struct Input<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    policies: Option<&'a RawValue>,
    #[serde(borrow, default)]
    request: Option<&'a RawValue>,
}

/// The policies of a scenario. A layer that nobody knows is a mistake: to leave it out would be to
/// answer another question.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object of lists of policies")]
struct Layers<'a> {
    #[serde(borrow, default)]
    identity: Option<&'a RawValue>,
    #[serde(borrow, default)]
    resource: Option<&'a RawValue>,
    #[serde(borrow, default)]
    session: Option<&'a RawValue>,
    #[serde(borrow, default)]
    boundary: Option<&'a RawValue>,
    #[serde(borrow, default)]
    endpoint: Option<&'a RawValue>,
    #[serde(borrow, default)]
    scp: Option<Vec<Level<'a>>>,
    #[serde(borrow, default)]
    rcp: Option<Vec<Level<'a>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `policies`")]
struct Level<'a> {
    #[serde(borrow)]
    policies: &'a RawValue,
}

pub(super) fn run(path: Option<&Path>) -> Result<Exit, Failure> {
    let mut bad_line = false;
    answer_all(path, answer, |good| bad_line |= !good)?;
    Ok(if bad_line { Exit::Unable } else { Exit::Yes })
}

/// The answer to a line, and whether there is one.
fn answer(line: Line) -> (String, bool) {
    let bad = |id, error| (bulk::bad_line(&line, id, error), false);
    let input: Input<'_> = match bulk::parse(&line) {
        Ok(input) => input,
        Err(error) => return bad(None, error),
    };
    let (policies, request) = match (policies(&input), request(&input)) {
        (Ok(policies), Ok(request)) => (policies, request),
        (Err(error), _) | (_, Err(error)) => return bad(input.id, error),
    };
    let decision = decide(&policies, &request);
    (json::line(&report::Line::new(input.id, &decision, doubts(&request))), true)
}

fn request(input: &Input<'_>) -> Result<Request, String> {
    let text = input.request.ok_or("`request` is missing")?.get();
    let value = serde_json::from_str(text).map_err(|error| format!("`request` is not JSON: {error}"))?;
    let request = Request::from_json(&value)?;
    action(&request.action)?;
    resource(&request.resource)?;
    Ok(request)
}

fn policies(input: &Input<'_>) -> Result<Policies, String> {
    let text = input.policies.ok_or("`policies` is missing")?.get();
    let layers: Layers<'_> = serde_json::from_str(text).map_err(|error| format!("`policies`: {error}"))?;
    let levels = |levels: &Option<Vec<Level<'_>>>, layer| -> Result<Vec<Vec<Prepared>>, String> {
        levels.iter().flatten().map(|level| list(Some(level.policies), layer)).collect()
    };
    let mut resource = list(layers.resource, Layer::Resource)?;
    if resource.len() > 1 {
        return Err("`policies.resource` is one policy".to_owned());
    }
    let boundary = list(layers.boundary, Layer::Boundary)?;
    if boundary.len() > 1 {
        return Err("`policies.boundary` is one policy: a caller has one permissions boundary".to_owned());
    }
    Ok(Policies {
        identity: list(layers.identity, Layer::Identity)?,
        resource: resource.pop(),
        session: list(layers.session, Layer::Session)?,
        boundary,
        endpoint: list(layers.endpoint, Layer::Endpoint)?,
        scp: levels(&layers.scp, Layer::Scp)?,
        rcp: levels(&layers.rcp, Layer::Rcp)?,
    })
}

/// A policy, a list of them, or none.
fn list(member: Option<&RawValue>, layer: Layer) -> Result<Vec<Prepared>, String> {
    let Some(member) = member else { return Ok(Vec::new()) };
    let name = layer.name();
    match member.get().as_bytes().first() {
        Some(b'n') => Ok(Vec::new()),
        Some(b'[') => {
            let wrong = |error| format!("`policies.{name}` is no list of policies: {error}");
            let items: Vec<&RawValue> = serde_json::from_str(member.get()).map_err(wrong)?;
            items.into_iter().enumerate().map(|(index, item)| one(item, layer, index)).collect()
        }
        _ => Ok(vec![one(member, layer, 0)?]),
    }
}

/// One policy, which may be written as a string.
fn one(policy: &RawValue, layer: Layer, index: usize) -> Result<Prepared, String> {
    let wrong = |why: String| format!("policy {index} of `{}`: {why}", layer.name());
    let text = bulk::policy_text(policy).map_err(|why| wrong(format!("it {why}")))?;
    let hints = Hints { kind: layer.kind(), ..Hints::default() };
    let document = document::open_policy(Source::new("", text), &hints);
    fit(&document, layer).map_err(|problems| {
        let first = problems.first();
        wrong(first.map_or_else(String::new, |problem| {
            format!("{} at `{}`", problem.message, document.pointer_to(problem.span))
        }))
    })
}
