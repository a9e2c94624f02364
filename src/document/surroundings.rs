//! What is beside a policy in a file that is no template: names, ids, whatever tells what the policy is about. Two policies
//! with different surroundings may be attached to different things.
//!
//! Everything counts but what changes while the policy stays about the same thing: dates, versions and counters,
//! descriptions and tags, states, and what an answer says of itself. In an answer of AWS, where members that name something
//! end in `Arn`, `Id`, `Name` and the like, numbers, booleans and what is further inside do not count either: these are
//! settings.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::attachment::{Attachment, differing};
use crate::parse::{Node, Value};
use crate::policy::is_account_id;
use crate::span::Span;

/// What is beside a policy, for each object and list that it is in, from the innermost one outward.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    levels: Vec<Arc<Vec<Attachment>>>,
    /// Where the policy is, without the numbers that the items of lists have.
    pub(super) shape: String,
    /// Whether it is an answer or input of AWS's API: what one of these does not have may be so all the same.
    of_answer: bool,
}

/// How members end, in lower case and without `_` and `-`, that say nothing of what a policy is about.
const NEUTRAL: [&str; 25] = [
    "comment",
    "count",
    "date",
    "description",
    "etag",
    "generation",
    "hash",
    "istruncated",
    "lastused",
    "marker",
    "md5",
    "note",
    "requestid",
    "responsemetadata",
    "revision",
    "revisionid",
    "sha256",
    "state",
    "status",
    "tags",
    "time",
    "timestamp",
    "token",
    "version",
    "versionid",
];

/// Members that are reported by themselves, as they give access by the names of policies and groups.
const REPORTED: [&str; 4] =
    ["attachedmanagedpolicies", "grouplist", "managedpolicyarns", "permissionsboundary"];

/// How members end that name things in AWS's API.
const NAMING: [&str; 6] = ["arn", "id", "identity", "name", "path", "url"];

impl Surroundings {
    /// Nothing that is known, of what is at a place.
    pub(super) fn at(place: &str) -> Self {
        Surroundings { shape: place.to_owned(), ..Surroundings::default() }
    }

    /// Whether the file says something of what is beside the policy.
    pub(super) fn are_known(&self) -> bool {
        !self.levels.is_empty()
    }

    /// What tells them from others.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.levels, &self.shape).hash(&mut hasher);
        hasher.finish()
    }

    /// How many members have the same value beside another policy.
    pub(super) fn in_common(&self, other: &Surroundings) -> usize {
        let levels = self.levels.iter().zip(&other.levels);
        levels.map(|(own, others)| own.iter().filter(|member| others.contains(member)).count()).sum()
    }

    /// The names of the members that differ from those beside another policy.
    pub(super) fn differing<'a>(&'a self, other: &'a Surroundings) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        if self.levels.is_empty() || other.levels.is_empty() {
            return names;
        }
        let level = |of: &'a Surroundings, at: usize| of.levels.get(at).map_or(&[][..], |level| level);
        let has = |level: &[Attachment], name: &str| level.iter().any(|member| member.name == name);
        for at in 0..self.levels.len().max(other.levels.len()) {
            let (own, others) = (level(self, at), level(other, at));
            if own == others {
                continue;
            }
            let mut found = differing(own, others);
            if self.of_answer || other.of_answer {
                // What a policy is called says nothing of what it is attached to.
                found.retain(|name| has(own, name) && has(others, name) && *name != "PolicyName");
            }
            names.extend(found);
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// With what is around the text that the policy is in.
    pub(super) fn within(mut self, outer: &Surroundings) -> Self {
        self.levels.extend(outer.levels.iter().cloned());
        self.shape.insert_str(0, &outer.shape);
        self.of_answer |= outer.of_answer;
        self
    }
}

/// A file, with what was found beside its policies so far.
pub(super) struct Around<'n> {
    tree: &'n Node,
    text: &'n str,
    /// Where its policies are, in order.
    policies: Vec<Span>,
    /// What is in an object or list: with what is further inside or not, for a policy that is directly in it or not, and in
    /// an answer or not.
    known: HashMap<(Span, [bool; 3]), Arc<Vec<Attachment>>>,
}

impl<'n> Around<'n> {
    /// A file with policies at these places.
    pub(super) fn new(tree: &'n Node, text: &'n str, mut policies: Vec<Span>) -> Self {
        policies.sort_unstable();
        Around { tree, text, policies, known: HashMap::new() }
    }

    /// What is beside the policy, or text with policies, that a pointer leads to.
    pub(super) fn of(&mut self, pointer: &str, span: Span, of_answer: bool) -> Surroundings {
        let (mut node, mut is_item, mut way) = (self.tree, false, Vec::new());
        let called = |node: &Node| crate::locate::object(node, self.text).map(|name| format!("/[{name}]"));
        let mut shape = called(node).unwrap_or_default();
        for step in pointer.split('/').skip(1) {
            way.push((node, is_item));
            is_item = matches!(node.value, Value::Array(_));
            let Some(next) = node.child(span) else { break };
            node = next;
            shape += &match is_item {
                true => called(node).unwrap_or_else(|| "/[]".to_owned()),
                false => format!("/{step}"),
            };
        }
        let (mut levels, mut is_inner) = (Vec::new(), true);
        for (node, is_item) in way.into_iter().rev() {
            let is_deep = is_inner || is_item;
            let key = (node.span, [is_deep, is_inner, of_answer]);
            let level = match self.known.get(&key) {
                Some(level) => Arc::clone(level),
                None => Arc::new(self.level(node, is_deep, is_inner, of_answer)),
            };
            self.known.insert(key, Arc::clone(&level));
            levels.push(level);
            is_inner &= !matches!(node.value, Value::Object(_));
        }
        Surroundings { levels, shape, of_answer }
    }

    /// What is in an object or list, without what has policies in it.
    fn level(&self, node: &Node, is_deep: bool, is_inner: bool, of_answer: bool) -> Vec<Attachment> {
        let mut found = Vec::new();
        let is_scalar = |node: &Node| !matches!(node.value, Value::Array(_) | Value::Object(_));
        // What an object of Kubernetes is called, is where it is.
        let is_object = crate::locate::object(node, self.text).is_some();
        for member in node.members().iter().filter(|_| !is_object || is_inner) {
            let name = member.key.text(self.text);
            if (is_deep || is_scalar(&member.value)) && !(is_object && name == "metadata") {
                self.collect(&member.value, &name, &name, of_answer, true, &mut found);
            }
        }
        for (at, item) in node.items().iter().enumerate().filter(|(_, item)| is_scalar(item)) {
            self.collect(item, &format!("[{at}]"), "", of_answer, true, &mut found);
        }
        found.sort_unstable();
        found
    }

    /// Adds what a value says; `name` is that of its member, and `path` leads there.
    fn collect(
        &self,
        node: &Node,
        path: &str,
        name: &str,
        of_answer: bool,
        is_direct: bool,
        found: &mut Vec<Attachment>,
    ) {
        let plain = plain(name);
        let is_neutral = NEUTRAL.iter().any(|end| plain.ends_with(end)) && !plain.ends_with("account");
        if is_neutral || REPORTED.contains(&&*plain) || self.has_policy(node) {
            return;
        }
        match &node.value {
            Value::Null | Value::Error => {}
            Value::Object(members) => {
                for member in members {
                    let name = member.key.text(self.text);
                    let path = format!("{path}.{name}");
                    self.collect(&member.value, &path, &name, of_answer, false, found);
                }
            }
            // In any order.
            Value::Array(items) => {
                for item in items {
                    let mut own = Vec::new();
                    self.collect(item, path, name, of_answer, false, &mut own);
                    own.sort_unstable();
                    let value: Vec<String> =
                        own.into_iter().map(|one| format!("{:?}={:?}", one.name, one.value)).collect();
                    if !value.is_empty() {
                        found.push(Attachment { name: path.to_owned(), value: value.join(",") });
                    }
                }
            }
            Value::Bool(_) | Value::Number | Value::String { .. } => {
                let is_text = matches!(node.value, Value::String { .. });
                let value = node.text(self.text).unwrap_or_else(|| node.span.slice(self.text).into());
                let is_naming = || NAMING.iter().any(|end| plain.trim_end_matches('s').ends_with(end));
                let counts = !of_answer || is_naming() || is_direct && is_text && !is_setting(&value);
                if counts && !is_date(&value) {
                    found.push(Attachment { name: path.to_owned(), value: value.into_owned() });
                }
            }
        }
    }

    /// Whether a value is or has policies.
    fn has_policy(&self, node: &Node) -> bool {
        let after = self.policies.partition_point(|policy| policy.end < node.span.start);
        let overlaps = |policy: &&Span| node.span.contains(**policy) || policy.contains(node.span);
        self.policies.get(after).is_some_and(|policy| overlaps(&policy))
            || node.get(self.text, "Statement").is_some()
    }
}

/// A name in lower case, without what separates its words.
fn plain(name: &str) -> String {
    let parts = name.chars().filter(|char| !['_', '-'].contains(char));
    parts.map(|char| char.to_ascii_lowercase()).collect()
}

/// Whether a text is a number, a boolean or JSON, as attributes of queues and topics are.
fn is_setting(value: &str) -> bool {
    let is_number = value.parse::<f64>().is_ok() && !is_account_id(value);
    is_number || ["true", "false"].contains(&value) || value.starts_with(['{', '['])
}

/// Whether a text begins with a day: `2026-11-30`.
fn is_date(value: &str) -> bool {
    let day = value.get(..10).is_some_and(|day| {
        let of_day = |(at, char): (usize, char)| match at {
            4 | 7 => char == '-',
            _ => char.is_ascii_digit(),
        };
        day.chars().enumerate().all(of_day)
    });
    day && value.get(10..).is_none_or(|rest| rest.is_empty() || rest.starts_with(['T', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    const POLICY: &str = r#"{"Statement":[{"Effect":"Allow","Action":"*"}]}"#;

    /// What is beside the policies in a text in which each is written `@`.
    fn beside(text: &str, of_answer: bool) -> Surroundings {
        let text = text.replace('@', POLICY);
        let spans = text.match_indices(POLICY).map(|(at, _)| Span::new(at, at + POLICY.len()));
        let spans: Vec<Span> = spans.collect();
        let (first, tree) = (spans[0], parse(&text).tree);
        let pointer = tree.pointer_to(&text, first);
        Around::new(&tree, &text, spans).of(&pointer, first, of_answer)
    }

    #[test]
    fn what_counts() {
        for (one, other, of_answer, wanted) in [
            (r#"[{"name":"a","p":@}]"#, r#"[{"name":"b","p":@}]"#, false, &["name"][..]),
            (r#"[{"of":{"x":["a","b"]},"p":@}]"#, r#"[{"p":@,"of":{"x":["b","a"]}}]"#, false, &[]),
            (r#"[{"of":{"x":["a"]},"p":@}]"#, r#"[{"p":@,"of":{"x":["b"]}}]"#, false, &["of.x"]),
            (r#"["a",@]"#, r#"["b",@]"#, false, &["[0]"]),
            (r#"[{"account":"1","p":@}]"#, r#"[{"account":"2","p":@}]"#, false, &["account"]),
            (r#"[{"role":"r","p":@}]"#, r#"[{"p":@}]"#, false, &["role"]),
            (r#"[{"u":{"n":"a"},"l":[{"p":@}]}]"#, r#"[{"u":{"n":"b"},"l":[{"p":@}]}]"#, false, &["u.n"]),
            // What else is in the file is about other things.
            (r#"{"s":{"n":"a"},"l":[{"p":@}]}"#, r#"{"s":{"n":"b"},"l":[{"p":@}]}"#, false, &[]),
            (r#"[{"p":@},{"name":"a","p":@}]"#, r#"[{"p":@},{"name":"b","p":@}]"#, false, &[]),
            (r#"{"p":@,"q":@}"#, r#"{"p":@}"#, false, &[]),
            // What changes with time.
            (
                r#"{"p":@,"CreateDate":"a","useCount":1,"day":"2026-01-01","policy_version":1,"Description":"x"}"#,
                r#"{"p":@,"CreateDate":"b","useCount":2,"day":"2026-01-02T03:04","policy_version":2,"Description":"y"}"#,
                false,
                &[],
            ),
            (r#"{"KeyId":"a","p":@}"#, r#"{"KeyId":"b","p":@}"#, true, &["KeyId"]),
            (r#"{"KeyId":"a","p":@}"#, r#"{"p":@}"#, true, &[]),
            (
                r#"{"Delay":"3","On":"true","Redrive":"{}","Max":3,"Set":{"Kind":"a"},"PolicyName":"a","p":@}"#,
                r#"{"Delay":"4","On":"false","Redrive":"{1}","Max":4,"Set":{"Kind":"b"},"PolicyName":"b","p":@}"#,
                true,
                &[],
            ),
            (r#"{"S":{"Id":"a"},"p":@}"#, r#"{"S":{"Id":"b"},"p":@}"#, true, &["S.Id"]),
            (r#"{"Bucket":"a","p":@}"#, r#"{"Bucket":"b","p":@}"#, true, &["Bucket"]),
            (r#"@"#, r#"{"name":"b","p":@}"#, false, &[]),
        ] {
            let (one, other) = (beside(one, of_answer), beside(other, of_answer));
            assert_eq!(one.differing(&other), wanted, "{one:?} {other:?}");
            assert_eq!(other.differing(&one), wanted, "{one:?} {other:?}");
            assert_eq!(one.differing(&one), [""; 0]);
        }
    }
}
