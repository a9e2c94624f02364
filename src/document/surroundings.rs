//! What is beside a policy in a file that is no template: names, ids, whatever tells what the policy is about. Two policies
//! with different surroundings may be attached to different things.
//!
//! Everything counts in the object that holds the policy, and in the items of lists around it; further out, texts, numbers,
//! and what is called after something that a policy can be attached to. What is apart from all policies counts for the file.
//! Dates, versions and remarks do not: they change while the policy stays about the same thing. In an answer of AWS,
//! numbers, booleans and states do not count either, but for what blocks or opens access.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::attachment::{Attachment, differing};
use super::makers::MEMBERS;
use crate::parse::{Member, Node, Value, dense};
use crate::policy::is_account_id;
use crate::span::Span;

/// What is beside a policy, for each object and list that it is in, from the innermost one outward.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    levels: Vec<Arc<Level>>,
    /// Where the policy is, without the numbers that the items of lists have.
    pub(super) shape: String,
    /// Whether it is an answer or input of AWS's API: what one of these does not have may be so all the same.
    of_answer: bool,
}

/// What is beside a policy in one object or list.
#[derive(Debug, PartialEq)]
struct Level {
    /// What counts.
    members: Vec<Attachment>,
    /// What tells all of it from others, also what does not count.
    whole: u64,
}

/// The last words of members that say nothing of what a policy is about, where they are no ARN.
const NEUTRAL: [&str; 20] = [
    "at",
    "comment",
    "created",
    "date",
    "description",
    "etag",
    "generation",
    "marker",
    "md5",
    "metadata",
    "modified",
    "note",
    "revision",
    "sha256",
    "time",
    "timestamp",
    "truncated",
    "updated",
    "used",
    "version",
];

/// The same of members that end in `Id`.
const NEUTRAL_IDS: [&str; 3] = ["request", "revision", "version"];

/// The same in answers of AWS.
const NEUTRAL_IN_ANSWERS: [&str; 5] = ["count", "hash", "state", "status", "token"];

/// The last words of members of Kubernetes that say which account or role an object stands for.
const IDENTITY: [&str; 2] = ["serviceAccount", "serviceAccountName"];

/// Groups of the API of Kubernetes, of which nothing but these gives access to AWS, and annotations by which tools keep
/// books.
const OF_KUBERNETES: [&str; 6] = ["", "apps", "autoscaling", "batch", "extensions", "policy"];
const BOOKKEEPING: [&str; 3] = ["argocd.argoproj.io/", "kubectl.kubernetes.io/", "meta.helm.sh/"];

/// The last words of members that name things.
const NAMING: [&str; 6] = ["arn", "id", "identity", "name", "path", "url"];

/// The last words of members that name what a policy can be attached to.
const ATTACHED: [&str; 18] = [
    "account",
    "alias",
    "assignment",
    "attach",
    "attachment",
    "bucket",
    "environment",
    "group",
    "holder",
    "key",
    "owner",
    "principal",
    "queue",
    "resource",
    "role",
    "target",
    "topic",
    "user",
];

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
        let members: Vec<&[Attachment]> = self.levels.iter().map(|level| &*level.members).collect();
        hash(&(members, &self.shape))
    }

    /// What tells them, and what of them does not count, from others.
    pub(super) fn whole(&self) -> u64 {
        hash(&self.levels.iter().map(|level| level.whole).collect::<Vec<u64>>())
    }

    /// How many members have the same value beside another policy.
    pub(super) fn in_common(&self, other: &Surroundings) -> usize {
        let levels = self.levels.iter().zip(&other.levels);
        let common = |own: &[Attachment], others: &[Attachment]| {
            own.iter().filter(|member| others.contains(member)).count()
        };
        levels.map(|(own, others)| common(&own.members, &others.members)).sum()
    }

    /// The names of the members that differ from those beside another policy.
    pub(super) fn differing<'a>(&'a self, other: &'a Surroundings) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        if self.levels.is_empty() || other.levels.is_empty() {
            return names;
        }
        let level =
            |of: &'a Surroundings, at: usize| of.levels.get(at).map_or(&[][..], |level| &level.members);
        let has = |level: &[Attachment], name: &str| level.iter().any(|member| member.name == name);
        for at in 0..self.levels.len().max(other.levels.len()) {
            let (own, others) = (level(self, at), level(other, at));
            if own == others {
                continue;
            }
            let mut found = differing(own, others);
            if self.of_answer && other.of_answer {
                // A name that one does not have may be so all the same, unless the other has another in its place.
                let has_own = |own, others: &[Attachment]| {
                    found.iter().any(|name| has(own, name) && !has(others, name))
                };
                let is_replaced = has_own(own, others) && has_own(others, own);
                // What a policy is called says nothing of what it is attached to.
                found.retain(|name| {
                    let is_in_both = has(own, name) && has(others, name);
                    (is_replaced || is_in_both || name.contains('.')) && *name != "PolicyName"
                });
            }
            names.extend(found);
        }
        // The name under which it stands may be that of what it is attached to.
        if self.shape != other.shape && !(self.of_answer && other.of_answer) {
            names.push(if self.shape.len() < other.shape.len() { &other.shape } else { &self.shape });
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
    known: HashMap<(Span, [bool; 3]), Arc<Level>>,
    /// Whether what is at a pointer, whatever the numbers in it, is in an answer of AWS.
    answers: HashMap<String, bool>,
}

impl<'n> Around<'n> {
    /// A file with policies at these places.
    pub(super) fn new(tree: &'n Node, text: &'n str, mut policies: Vec<Span>) -> Self {
        policies.sort_unstable();
        Around { tree, text, policies, known: HashMap::new(), answers: HashMap::new() }
    }

    /// What is beside the policy, or text with policies, that a pointer leads to.
    pub(super) fn of(&mut self, pointer: &str, span: Span) -> Surroundings {
        let of_answer = self.is_in_answer(pointer);
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

    /// Whether a policy is in an answer or input of AWS's API that has nothing else.
    fn is_in_answer(&mut self, pointer: &str) -> bool {
        let is_item = |step: &str| step.starts_with(|char: char| char.is_ascii_digit());
        let steps = pointer.split('/').map(|step| if is_item(step) { "[]" } else { step });
        let place: Vec<&str> = steps.collect();
        let (tree, text) = (self.tree, self.text);
        let answers = &mut self.answers;
        *answers.entry(place.join("/")).or_insert_with(|| crate::locate::is_in_answer(tree, text, pointer))
    }

    /// What is in an object or list, without what has policies in it.
    fn level(&self, node: &Node, is_deep: bool, is_inner: bool, of_answer: bool) -> Level {
        let mut found = Vec::new();
        let is_scalar = |node: &Node| !matches!(node.value, Value::Array(_) | Value::Object(_));
        // What an object of Kubernetes is called, is where it is.
        let is_object = crate::locate::object(node, self.text).is_some();
        let is_told = |member: &Member| {
            is_deep
                || is_scalar(&member.value)
                || ATTACHED.contains(&&*last_word(&member.key.text(self.text)))
        };
        for member in node.members() {
            let name = member.key.text(self.text);
            if is_object && name == "metadata" {
                self.annotations(&member.value, &mut found);
            } else if is_told(member) && (!is_object || is_inner) {
                self.collect(&member.value, &name, &name, of_answer, &mut found);
            }
        }
        for (at, item) in node.items().iter().enumerate().filter(|(_, item)| is_scalar(item)) {
            self.collect(item, &format!("[{at}]"), "", of_answer, &mut found);
        }
        found.sort_unstable();
        let told = |member: &&Member| is_told(member) && !self.has_policy(&member.value);
        let text = |span: Span| dense(span.slice(self.text)).collect::<String>();
        let mut all: Vec<String> =
            node.members().iter().filter(told).map(|member| text(member.span())).collect();
        all.sort_unstable();
        Level { members: found, whole: hash(&all) }
    }

    /// Adds what a value says; `name` is that of its member, and `path` leads there.
    fn collect(&self, node: &Node, path: &str, name: &str, of_answer: bool, found: &mut Vec<Attachment>) {
        // What gives access by the names of policies and groups is reported by itself.
        if MEMBERS.contains(&name) || self.has_policy(node) {
            return;
        }
        match &node.value {
            Value::Null | Value::Error => {}
            // They count where a policy tests tags.
            _ if is_tags(path) => {
                let value = dense(node.span.slice(self.text)).collect();
                found.push(Attachment { name: path.to_owned(), value });
            }
            // What an answer says of itself, or of the last use of something.
            Value::Object(_) if of_answer && is_neutral(name, of_answer) => {}
            Value::Object(members) => {
                for member in members {
                    let name = member.key.text(self.text);
                    let path = format!("{path}.{name}");
                    self.collect(&member.value, &path, &name, of_answer, found);
                }
            }
            // In any order.
            Value::Array(items) => {
                for item in items {
                    let mut own = Vec::new();
                    self.collect(item, path, name, of_answer, &mut own);
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
                let is_naming = || NAMING.contains(&&*last_word(name));
                let decides = || name == "Enabled" || path.to_ascii_lowercase().contains("public");
                let counts = !of_answer || is_naming() || decides() || is_text && !is_setting(&value);
                let is_neutral = is_neutral(name, of_answer) && !value.starts_with("arn:");
                if counts && !is_neutral && !is_date(&value) {
                    found.push(Attachment { name: path.to_owned(), value: value.into_owned() });
                }
            }
        }
    }

    /// Adds what the annotations of an object of Kubernetes say: they may name an account or a role.
    fn annotations(&self, metadata: &Node, found: &mut Vec<Attachment>) {
        for member in metadata.get(self.text, "annotations").into_iter().flat_map(Node::members) {
            let name = member.key.text(self.text);
            if !BOOKKEEPING.iter().any(|start| name.starts_with(start)) {
                self.collect(&member.value, &format!("metadata.annotations.{name}"), &name, false, found);
            }
        }
    }

    /// What is in no policy, and beside none as `of` has it, but may all the same decide on access: each with where it is.
    pub(super) fn apart(&self) -> Vec<(Attachment, Span)> {
        let mut found = Vec::new();
        self.look_apart(self.tree, "", false, &mut found);
        found
    }

    /// The same in a part of the file that has policies, or is all of the file.
    fn look_apart(&self, node: &Node, path: &str, is_item: bool, found: &mut Vec<(Attachment, Span)>) {
        let is_scalar = |node: &Node| !matches!(node.value, Value::Array(_) | Value::Object(_));
        let is_object = crate::locate::object(node, self.text).is_some();
        let has_policy = self.has_policy(node);
        if self.is_policy(node) || is_object && !has_policy {
            return found.extend(self.alone(node, path, "").filter(|_| !has_policy));
        }
        // What counts beside a policy is known of it.
        let is_deep = is_item || node.members().iter().any(|member| self.leads_to_policy(&member.value));
        let is_beside = |member: &Member, name: &str| match is_object {
            true => ["apiVersion", "kind", "metadata", "status"].contains(&name),
            false => is_deep || is_scalar(&member.value) || ATTACHED.contains(&&*last_word(name)),
        };
        let mut inner = Vec::new();
        for member in node.members() {
            let name = member.key.text(self.text);
            let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
            if self.has_policy(&member.value) {
                inner.push((&member.value, path));
            } else if !has_policy || !is_beside(member, &name) {
                found.extend(self.alone(&member.value, &path, &name));
            }
        }
        for item in node.items() {
            if self.has_policy(item) {
                inner.push((item, format!("{path}[]")));
            } else if !has_policy || !is_scalar(item) {
                found.extend(self.alone(item, &format!("{path}[]"), ""));
            }
        }
        let is_list = matches!(node.value, Value::Array(_));
        inner.into_iter().for_each(|(node, path)| self.look_apart(node, &path, is_list, found));
    }

    /// All that a value without policies says as one, if it says anything that counts.
    fn alone(&self, node: &Node, path: &str, name: &str) -> Option<(Attachment, Span)> {
        let mut all = Vec::new();
        let object = crate::locate::object(node, self.text);
        match object {
            Some(_) => self.object(node, &mut all),
            None => self.collect(node, path, name, false, &mut all),
        }
        all.sort_unstable();
        let label = object.map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "));
        let (name, value) = (label.unwrap_or_else(|| path.to_owned()), format!("{all:?}"));
        (!all.is_empty()).then_some((Attachment { name, value }, node.span))
    }

    /// What an object of Kubernetes without a policy says that may decide on access to AWS.
    fn object(&self, node: &Node, found: &mut Vec<Attachment>) {
        let version = node.get(self.text, "apiVersion").and_then(|version| version.text(self.text));
        let group =
            version.as_deref().and_then(|version| version.split_once('/')).map_or("", |(group, _)| group);
        let is_own = OF_KUBERNETES.contains(&group) || group.ends_with(".k8s.io");
        let kind = node.get(self.text, "kind").and_then(|kind| kind.text(self.text));
        if !is_own || kind.is_some_and(|kind| kind == "ServiceAccount") {
            node.get(self.text, "metadata").into_iter().for_each(|node| self.annotations(node, found));
        }
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            for member in node.members() {
                let name = member.key.text(self.text);
                match is_own {
                    true if !IDENTITY.contains(&&*name) => open.push(&member.value),
                    false if ["metadata", "status"].contains(&&*name) => {}
                    _ => self.collect(&member.value, &name, &name, false, found),
                }
            }
            open.extend(node.items());
        }
    }

    /// Whether a value is a policy, or a list of some.
    fn leads_to_policy(&self, node: &Node) -> bool {
        self.is_policy(node) || node.items().iter().any(|item| self.leads_to_policy(item))
    }

    /// Whether a value is a policy, or statements in none.
    fn is_policy(&self, node: &Node) -> bool {
        let before = self.policies.partition_point(|policy| policy.start <= node.span.start);
        let last = before.checked_sub(1).and_then(|at| self.policies.get(at));
        last.is_some_and(|policy| policy.contains(node.span)) || self.has_statements(node)
    }

    fn has_statements(&self, node: &Node) -> bool {
        node.get(self.text, "Statement").is_some()
            || node.items().iter().any(|item| item.get(self.text, "Effect").is_some())
    }

    /// Whether a value is or has policies.
    fn has_policy(&self, node: &Node) -> bool {
        let after = self.policies.partition_point(|policy| policy.end < node.span.start);
        let overlaps = |policy: &&Span| node.span.contains(**policy) || policy.contains(node.span);
        self.policies.get(after).is_some_and(|policy| overlaps(&policy)) || self.has_statements(node)
    }
}

fn hash(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// Whether a member with this name changes while a policy stays about the same thing.
fn is_neutral(name: &str, of_answer: bool) -> bool {
    let last = last_word(name);
    let is_id = || {
        let before = name.len().checked_sub("id".len()).and_then(|end| name.get(..end)).unwrap_or_default();
        last == "id" && NEUTRAL_IDS.contains(&&*last_word(before))
    };
    NEUTRAL.contains(&&*last) || is_id() || of_answer && NEUTRAL_IN_ANSWERS.contains(&&*last)
}

/// Whether a path leads to tags.
pub(super) fn is_tags(path: &str) -> bool {
    last_word(path.rsplit('.').next().unwrap_or(path)) == "tag"
}

/// The last word of a name, in lower case and in the singular: `id` of `RequestId`, `request_id` and `requestIds`.
fn last_word(name: &str) -> String {
    let name = name.trim_end_matches(['_', '-']);
    let is_start = |(at, char): &(usize, char)| {
        let before = name.get(..*at).and_then(|before| before.chars().next_back());
        let starts = |before: char| !before.is_alphanumeric() || before.is_lowercase() && char.is_uppercase();
        char.is_alphanumeric() && before.is_none_or(starts)
    };
    let start = name.char_indices().rev().find(is_start).map_or(0, |(at, _)| at);
    let word = name.get(start..).unwrap_or(name).to_lowercase();
    let singular = word.strip_suffix('s').filter(|word| !word.ends_with(['a', 'i', 's', 'u']));
    singular.map_or(word.clone(), str::to_owned)
}

/// Whether a text is a number, a boolean or JSON, as attributes of queues and topics are.
fn is_setting(value: &str) -> bool {
    let is_number = value.parse::<f64>().is_ok() && !is_account_id(value);
    is_number || ["true", "false"].contains(&value) || value.starts_with(['{', '['])
}

/// Whether a text begins with a day: `2026-11-30`.
pub(super) fn is_date(value: &str) -> bool {
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
    fn beside(text: &str) -> Surroundings {
        let text = text.replace('@', POLICY);
        let spans = text.match_indices(POLICY).map(|(at, _)| Span::new(at, at + POLICY.len()));
        let spans: Vec<Span> = spans.collect();
        let (first, tree) = (spans[0], parse(&text).tree);
        let pointer = tree.pointer_to(&text, first);
        Around::new(&tree, &text, spans).of(&pointer, first)
    }

    #[test]
    fn what_counts() {
        for (one, other, wanted) in [
            (r#"[{"name":"a","p":@}]"#, r#"[{"name":"b","p":@}]"#, &["name"][..]),
            (r#"[{"of":{"x":["a","b"]},"p":@}]"#, r#"[{"p":@,"of":{"x":["b","a"]}}]"#, &[]),
            (r#"[{"of":{"x":["a"]},"p":@}]"#, r#"[{"p":@,"of":{"x":["b"]}}]"#, &["of.x"]),
            (r#"["a",@]"#, r#"["b",@]"#, &["[0]"]),
            (r#"[{"account":"1","p":@}]"#, r#"[{"account":"2","p":@}]"#, &["account"]),
            (r#"[{"role":"r","p":@}]"#, r#"[{"p":@}]"#, &["role"]),
            (r#"[{"u":{"n":"a"},"l":[{"p":@}]}]"#, r#"[{"u":{"n":"b"},"l":[{"p":@}]}]"#, &["u.n"]),
            // What else is in the file is about other things.
            (r#"{"s":{"n":"a"},"l":[{"p":@}]}"#, r#"{"s":{"n":"b"},"l":[{"p":@}]}"#, &[]),
            (r#"[{"p":@},{"name":"a","p":@}]"#, r#"[{"p":@},{"name":"b","p":@}]"#, &[]),
            (r#"{"p":@,"q":@}"#, r#"{"p":@}"#, &[]),
            // Words count, not letters, and what a policy can be attached to also beside a list.
            (r#"{"candidate":"a","p":@}"#, r#"{"candidate":"b","p":@}"#, &["candidate"]),
            (
                r#"{"lifetime":"a","conversion":"b","p":@}"#,
                r#"{"lifetime":"b","conversion":"c","p":@}"#,
                &["conversion", "lifetime"],
            ),
            (r#"{"version":"arn:a","p":@}"#, r#"{"version":"arn:b","p":@}"#, &["version"]),
            (r#"{"status":{"role":"a"},"p":@}"#, r#"{"status":{"role":"b"},"p":@}"#, &["status.role"]),
            (r#"{"enabled_state":"on","p":@}"#, r#"{"enabled_state":"off","p":@}"#, &["enabled_state"]),
            (r#"{"target":{"n":"a"},"l":[{"p":@}]}"#, r#"{"target":{"n":"b"},"l":[{"p":@}]}"#, &["target.n"]),
            (
                r#"{"accounts":["111111111111"],"p":@}"#,
                r#"{"accounts":["111111111111","222222222222"],"p":@}"#,
                &["accounts"],
            ),
            (
                r#"{"target":{"account":"111111111111"},"p":@}"#,
                r#"{"target":{"account":"222222222222"},"p":@}"#,
                &["target.account"],
            ),
            (r#"{"a":@}"#, r#"{"be":@}"#, &["/be"]),
            (r#"{"Tags":[{"Key":"a","Value":"b"}],"p":@}"#, r#"{"Tags":[],"p":@}"#, &["Tags"]),
            (
                r#"{"Role":{"RoleLastUsed":{"Region":"a"},"AssumeRolePolicyDocument":@},"ResponseMetadata":{"x":"a"}}"#,
                r#"{"Role":{"RoleLastUsed":{"Region":"b"},"AssumeRolePolicyDocument":@},"ResponseMetadata":{"x":"b"}}"#,
                &[],
            ),
            // What changes with time.
            (
                r#"{"p":@,"CreateDate":"a","createdAt":1,"day":"2026-01-01","policy_version":1,"Description":"x"}"#,
                r#"{"p":@,"CreateDate":"b","createdAt":2,"day":"2026-01-02T03:04","policy_version":2,"Description":"y"}"#,
                &[],
            ),
            (r#"{"KeyId":"a","Policy":@}"#, r#"{"KeyId":"b","Policy":@}"#, &["KeyId"]),
            (
                r#"{"RoleName":"a","PolicyName":"p","PolicyDocument":@}"#,
                r#"{"UserName":"a","PolicyName":"p","PolicyDocument":@}"#,
                &["RoleName", "UserName"],
            ),
            (r#"{"KeyId":"a","Policy":@}"#, r#"{"Policy":@}"#, &[]),
            (r#"{"policy":@,"state":"a"}"#, r#"{"policy":@,"state":"b"}"#, &[]),
            // Only what an answer has, and a name, may not be there.
            (r#"{"roles":["a"],"Policy":@}"#, r#"{"Policy":@}"#, &["roles"]),
            (r#"{"KeyId":"a","on":true,"Policy":@}"#, r#"{"Policy":@}"#, &["KeyId", "on"]),
            (
                r#"{"DomainStatus":{"AccessPolicies":@,"VPCOptions":{"VPCId":"v"},"DomainName":"d"}}"#,
                r#"{"DomainStatus":{"AccessPolicies":@}}"#,
                &["VPCOptions.VPCId"],
            ),
            (
                r#"{"DomainStatus":{"AccessPolicies":@,"AdvancedSecurityOptions":{"Enabled":true}}}"#,
                r#"{"DomainStatus":{"AccessPolicies":@,"AdvancedSecurityOptions":{"Enabled":false}}}"#,
                &["AdvancedSecurityOptions.Enabled"],
            ),
            (
                r#"{"Attributes":{"Delay":"3","On":"true","Redrive":"{}","Max":3,"Set":{"Max":1},"PolicyName":"a","Policy":@}}"#,
                r#"{"Attributes":{"Delay":"4","On":"false","Redrive":"{1}","Max":4,"Set":{"Max":2},"PolicyName":"b","Policy":@}}"#,
                &[],
            ),
            (
                r#"{"Attributes":{"S":{"Id":"a"},"Policy":@}}"#,
                r#"{"Attributes":{"S":{"Id":"b"},"Policy":@}}"#,
                &["S.Id"],
            ),
            (r#"{"Bucket":"a","Policy":@}"#, r#"{"Bucket":"b","Policy":@}"#, &["Bucket"]),
            (r#"@"#, r#"{"name":"b","p":@}"#, &[]),
        ] {
            let (one, other) = (beside(one), beside(other));
            assert_eq!(one.differing(&other), wanted, "{one:?} {other:?}");
            assert_eq!(other.differing(&one), wanted, "{one:?} {other:?}");
            assert_eq!(one.differing(&one), [""; 0]);
        }
    }
    #[test]
    fn what_is_apart_from_all_policies_counts() {
        let apart = |text: &str| {
            let text = text.replace('@', POLICY);
            let spans = text.match_indices(POLICY).map(|(at, _)| Span::new(at, at + POLICY.len())).collect();
            let found = Around::new(&parse(&text).tree, &text, spans).apart();
            found.into_iter().map(|(what, _)| what.name).collect::<Vec<String>>()
        };
        for (text, wanted) in [
            (r#"[{"name":"a","p":@},{"name":"b","arn":"c"}]"#, &["[]"][..]),
            (r#"{"a":{"p":@},"b":{"arns":["c"]}}"#, &["b"]),
            (r#"{"to":["a"],"items":[{"p":@}]}"#, &["to"]),
            (r#"{"a":{"to":["a"],"b":{"p":@}}}"#, &["a.to"]),
            // What counts beside a policy is known of it.
            (r#"{"to":["a"],"p":@}"#, &[]),
            (r#"{"name":"a","roles":["a"],"items":[{"to":{"a":["b"]},"p":@}]}"#, &[]),
            (r#"[{"to":{"a":["b"]},"x":{"p":@}}]"#, &[]),
            // Remarks are none of it.
            (r#"{"a":{"p":@},"b":{"comment":"c","date":"2026-01-01"}}"#, &[]),
            (
                r#"{"kind":"Policy","metadata":{"name":"x"},"spec":{"at":{"p":@},"ref":{"name":"a"}},"status":{"a":["b"]}}"#,
                &["spec.ref"],
            ),
            (
                r#"[@,{"kind":"ServiceAccount","metadata":{"name":"x","annotations":{"a/role":"r"}}}]"#,
                &["ServiceAccount x"],
            ),
            (
                r#"[@,{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{"image":"a"}}]"#,
                &[],
            ),
            (
                r#"[@,{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{"serviceAccountName":"a"}}]"#,
                &["Deployment x"],
            ),
        ] {
            assert_eq!(apart(text), wanted, "{text}");
        }
    }
}
