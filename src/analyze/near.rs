//! Which statements of a policy may take the resource of a request, or of another statement: found by how their resources
//! begin, as of thousands few can.

use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::{Asked, api_path, is_like_api};
use super::replay::is_readable;
use crate::kind::Kind;
use crate::policy::Statement;

/// How much of a resource is looked at: two that begin alike so far may be the same.
const HEAD: usize = 256;

/// Statements by what their resources have before the first wildcard or variable.
#[derive(Clone, Debug, Default)]
pub(super) struct Near {
    size: usize,
    by_head: BTreeMap<String, Vec<usize>>,
    /// How long these beginnings are.
    lengths: BTreeSet<usize>,
    /// The places of those that may take any resource.
    always: Vec<usize>,
}

impl Near {
    /// Of the statements of a policy of a kind.
    pub fn new<'s>(statements: impl IntoIterator<Item = &'s Statement>, kind: Kind) -> Self {
        let mut near = Near::default();
        for (at, statement) in statements.into_iter().enumerate() {
            near.size += 1;
            let Some(heads) = heads(statement, kind) else {
                near.always.push(at);
                continue;
            };
            near.lengths.extend(heads.iter().map(String::len));
            heads.into_iter().for_each(|head| near.by_head.entry(head).or_default().push(at));
        }
        near
    }

    /// The places of all that may match a request, in order.
    pub fn to_request(&self, asked: &Asked<'_>) -> Vec<usize> {
        // What a hole stands for is not told by how it begins.
        if asked.request().unknown.is_some() {
            return (0..self.size).collect();
        }
        // Without an ARN, only what takes everything.
        let resource = asked.resource.and(Some(&asked.request().resource));
        let text = resource.map_or(String::new(), |text| text.to_ascii_lowercase());
        let ends = self.lengths.iter().filter_map(|length| text.get(..*length));
        self.all(ends.filter_map(|head| self.by_head.get(head)))
    }

    /// The places of all that may have a request in common with a statement, in order.
    pub fn to_statement(&self, statement: &Statement, kind: Kind) -> Vec<usize> {
        let Some(heads) = heads(statement, kind) else { return (0..self.size).collect() };
        // One head must begin with the other.
        let longer = |head: &String| {
            let head = head.clone();
            let from = self.by_head.range(head.clone()..);
            from.take_while(move |(known, _)| known.starts_with(&head)).map(|(_, places)| places)
        };
        let shorter = |head: &String| {
            let head = head.clone();
            let lengths = self.lengths.range(..head.len());
            lengths.filter_map(move |length| self.by_head.get(head.get(..*length)?))
        };
        self.all(heads.iter().flat_map(|head| longer(head).chain(shorter(head))))
    }

    fn all<'n>(&'n self, found: impl Iterator<Item = &'n Vec<usize>>) -> Vec<usize> {
        let mut places: Vec<usize> = found.flatten().chain(&self.always).copied().collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// How the resources of a statement begin, in lower case; `None` if that says nothing of what it matches.
fn heads(statement: &Statement, kind: Kind) -> Option<BTreeSet<String>> {
    if statement.effect.is_none() || !is_readable(statement, kind) {
        return None;
    }
    let element = statement.resource.as_ref().filter(|element| !element.negated)?;
    element.values.items.iter().map(|value| head(value.known()?, kind)).collect()
}

fn head(text: &str, kind: Kind) -> Option<String> {
    if api_path(text, kind).is_some() || is_like_api(text, kind) {
        return None;
    }
    let is_fixed = |character: &char| character.is_ascii() && !['*', '?', '$'].contains(character);
    Some(text.chars().take_while(is_fixed).take(HEAD).collect::<String>().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::cover::Scope;
    use crate::analyze::replay::accepts;
    use crate::analyze::request::Request;
    use crate::parse::parse;
    use crate::policy::Policy;

    /// Whatever a statement matches, it is near to: by the evaluator, over all pairs of resources of all sorts.
    #[test]
    fn what_is_not_near_does_not_match() {
        let resources = [
            r#""Resource":"*""#,
            r#""Resource":"**""#,
            r#""Resource":"arn:aws:s3:::b""#,
            r#""Resource":"arn:aws:s3:::b/*""#,
            r#""Resource":"arn:aws:s3:::B/*""#,
            r#""Resource":["arn:aws:s3:::b?","arn:aws:s3:::c/x"]"#,
            r#""Resource":"arn:aws:s3:::${aws:username}/x""#,
            r#""Resource":"arn:aws:s3:::b/${aws:username}""#,
            r#""Resource":"arn:aws:s3""#,
            r#""Resource":"arn:*:s3:::c/*""#,
            r#""Resource":"arn:aws:s3*""#,
            r#""Resource":"*:c/x""#,
            r#""Resource":"a*""#,
            r#""Resource":{"Ref":"X"}"#,
            r#""Resource":["arn:aws:s3:::c/x",{"Ref":"X"}]"#,
            r#""NotResource":"arn:aws:s3:::b/*""#,
            r#""Resource":[]"#,
            r#""Resource":"arn:aws:s3:::\u00e9/*""#,
        ];
        let texts =
            ["*", "arn:aws:s3:::b", "arn:aws:s3:::b/x", "arn:aws:s3:::c/x", "arn:aws:s3:::\u{e9}/x", "x"];
        for kind in [Kind::Identity, Kind::Scp, Kind::S3, Kind::Endpoint] {
            let principal = if kind.names_principal() { r#""Principal":"*","# } else { "" };
            let statement =
                |resource: &&str| format!(r#"{{"Effect":"Allow",{principal}"Action":"s3:*",{resource}}}"#);
            let all: Vec<String> = resources.iter().map(statement).collect();
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, all.join(","));
            let policy = Policy::read(&parse(&text).tree, &text).0;
            let near = Near::new(&policy.statements, kind);
            let scope = Scope { kind, resource: None };
            let mut left_out = 0;
            for resource in texts {
                let request = Request {
                    action: "s3:GetObject".to_owned(),
                    resource: resource.to_owned(),
                    ..Request::default()
                };
                let places = near.to_request(&Asked::new(&request));
                let matching: Vec<usize> = (0..policy.statements.len())
                    .filter(|at| accepts(&policy.statements[*at], &request, scope) != Some(false))
                    .collect();
                assert!(matching.iter().all(|at| places.contains(at)), "{kind:?} {resource}: {places:?}");
                left_out += policy.statements.len() - places.len();
                // And each of them is near to all others that match the same.
                for at in &matching {
                    let others = near.to_statement(&policy.statements[*at], kind);
                    assert!(matching.iter().all(|other| others.contains(other)), "{kind:?} {resource} {at}");
                }
            }
            assert!(left_out > 20, "{kind:?}: {left_out}");
        }
    }
}
