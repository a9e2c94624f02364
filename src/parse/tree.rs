//! The tree: JSON values with spans, and nothing copied from the text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::OnceLock;

use super::text::{decode, unescape};
use crate::span::Span;

/// One JSON value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value's own text, without white space around it.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What a node is. Strings and numbers stay in the text; ask the node for them.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, in whatever spelling.
    Number,
    /// A string; `escaped` if it holds a backslash, so that its text is not its spelling.
    String {
        /// Whether the spelling differs from the text.
        escaped: bool,
    },
    /// A list.
    Array(Vec<Node>),
    /// An object; repeated names are all kept, in order.
    Object(Members),
    /// Text that is no JSON value, or the empty place where one is missing.
    Error,
}

/// The name of a member.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// With its quotes.
    pub span: Span,
    /// Whether the spelling differs from the text.
    pub escaped: bool,
}

/// A name and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The name.
    pub key: Key,
    /// The value.
    pub value: Node,
}

/// The members of an object, in order. Of many, one is found by its name without a look at each.
#[derive(Clone, Debug, Default)]
pub struct Members {
    list: Vec<Member>,
    /// Of an object with many, what there is of each name, once one was asked for.
    #[allow(
        clippy::box_collection,
        reason = "few objects are wide, and every node is as large as its largest form"
    )]
    places: OnceLock<Box<HashMap<String, Named>>>,
}

/// The members of one name.
#[derive(Clone, Copy, Debug)]
struct Named {
    /// The place of the last.
    last: usize,
    /// Whether there are others.
    is_repeated: bool,
}

/// Up to so many members, each is looked at.
const FEW: usize = 32;

impl Members {
    fn named(&self, source: &str, name: &str) -> Option<Named> {
        if self.list.len() <= FEW {
            let is_named = |(_, member): &(usize, &Member)| member.key.text(source) == name;
            let mut places = self.list.iter().enumerate().rev().filter(is_named).map(|(place, _)| place);
            return places.next().map(|last| Named { last, is_repeated: places.next().is_some() });
        }
        let places = || {
            let mut places: HashMap<String, Named> = HashMap::new();
            for (last, member) in self.list.iter().enumerate() {
                let named = places.entry(member.key.text(source).into_owned());
                named
                    .and_modify(|named| *named = Named { last, is_repeated: true })
                    .or_insert(Named { last, is_repeated: false });
            }
            Box::new(places)
        };
        self.places.get_or_init(places).get(name).copied()
    }
}

impl From<Vec<Member>> for Members {
    fn from(list: Vec<Member>) -> Self {
        Members { list, places: OnceLock::new() }
    }
}

impl Deref for Members {
    type Target = [Member];

    fn deref(&self) -> &[Member] {
        &self.list
    }
}

impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl<'m> IntoIterator for &'m Members {
    type Item = &'m Member;
    type IntoIter = std::slice::Iter<'m, Member>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

impl Key {
    /// The name, without quotes and escapes. `source` is the text that was parsed.
    pub fn text<'t>(&self, source: &'t str) -> Cow<'t, str> {
        decode(source, self.span, self.escaped)
    }
}

impl Member {
    /// From the name to the end of the value.
    pub fn span(&self) -> Span {
        self.key.span.to(self.value.span)
    }
}

impl Node {
    /// The text of a string, without quotes and escapes; `None` for any other value.
    pub fn text<'t>(&self, source: &'t str) -> Option<Cow<'t, str>> {
        match self.value {
            Value::String { escaped } => Some(decode(source, self.span, escaped)),
            _ => None,
        }
    }

    /// The members of an object; none for any other value.
    pub fn members(&self) -> &[Member] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of a list; none for any other value.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Array(items) => items,
            _ => &[],
        }
    }

    /// The last member of that name, which is the one that JSON parsers keep.
    pub fn member(&self, source: &str, name: &str) -> Option<&Member> {
        match &self.value {
            Value::Object(members) => members.get(members.named(source, name)?.last),
            _ => None,
        }
    }

    /// Whether there are several members of that name.
    pub fn repeats(&self, source: &str, name: &str) -> bool {
        match &self.value {
            Value::Object(members) => members.named(source, name).is_some_and(|named| named.is_repeated),
            _ => false,
        }
    }

    /// The value of the last member of that name.
    pub fn get(&self, source: &str, name: &str) -> Option<&Node> {
        self.member(source, name).map(|member| &member.value)
    }

    /// The node at an RFC 6901 pointer.
    pub fn at(&self, source: &str, pointer: &str) -> Option<&Node> {
        let Some(path) = pointer.strip_prefix('/') else {
            return pointer.is_empty().then_some(self);
        };
        path.split('/').try_fold(self, |node, step| match &node.value {
            Value::Array(items) => items.get(step.parse::<usize>().ok()?),
            _ => node.get(source, &step.replace("~1", "/").replace("~0", "~")),
        })
    }

    /// Calls `visit` with the span of each string and member name, in order.
    pub fn each_string(&self, visit: &mut impl FnMut(Span)) {
        match &self.value {
            Value::String { .. } => visit(self.span),
            Value::Array(items) => items.iter().for_each(|item| item.each_string(visit)),
            Value::Object(members) => {
                for member in members {
                    visit(member.key.span);
                    member.value.each_string(visit);
                }
            }
            _ => {}
        }
    }

    /// The value at a span, in this node or below.
    pub fn at_span(&self, span: Span) -> Option<&Node> {
        let mut node = self;
        // In order of the text, so that asking for each of many in turn stays cheap.
        while node.span != span {
            node = node.child(span)?;
        }
        Some(node)
    }

    /// The item or value of a member in which a span is.
    pub(crate) fn child(&self, span: Span) -> Option<&Node> {
        match &self.value {
            Value::Array(items) => items.get(child(items, span, |item| item.span)?),
            Value::Object(members) => Some(&members.get(child(members, span, Member::span)?)?.value),
            _ => None,
        }
    }

    /// The RFC 6901 pointer, from this node, to the smallest value that holds `span`. A member's
    /// name belongs to its value.
    pub fn pointer_to(&self, source: &str, span: Span) -> String {
        let mut pointer = String::new();
        let mut node = self;
        loop {
            let step = match &node.value {
                Value::Array(items) => {
                    child(items, span, |item| item.span).map(|index| (index.to_string(), &items[index]))
                }
                Value::Object(members) => child(members, span, Member::span).map(|index| {
                    let name = members[index].key.text(source);
                    (name.replace('~', "~0").replace('/', "~1"), &members[index].value)
                }),
                _ => None,
            };
            let Some((name, next)) = step else { return pointer };
            pointer.push('/');
            pointer.push_str(&name);
            node = next;
        }
    }

    /// The word for what this is, as in "a list".
    pub fn type_name(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number => "a number",
            Value::String { .. } => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
            Value::Error => "no JSON value",
        }
    }

    /// The string of JSON that this string holds, and a map from places in it to places in `source`.
    pub fn embedded(&self, source: &str) -> Option<super::Escaped> {
        match self.value {
            Value::String { .. } => Some(unescape(source, self.span)),
            _ => None,
        }
    }
}

/// Which of some ordered parts holds `span`.
fn child<T>(parts: &[T], span: Span, of: impl Fn(&T) -> Span) -> Option<usize> {
    let index = parts.partition_point(|part| of(part).end < span.end.max(span.start));
    parts.get(index).filter(|part| of(part).contains(span)).map(|_| index)
}
