//! YAML as the JSON that it stands for, with the way back to the place of each part.
//!
//! Templates are often YAML, policies are JSON: [`Yaml::json`] writes down what a file means, in the
//! layout of the file, so that all that comes after reads one language. Short forms of function calls
//! become the long ones (`!Sub x` is `{"Fn::Sub": "x"}`). Edits go the other way, see [`rewrite`].
//!
//! CloudFormation reads YAML 1.1, other tools YAML 1.2: a scalar that they read differently, as `yes` or `0123`, is
//! noted as doubtful.

mod block;
mod build;
mod comments;
mod json;
mod place;
mod rewrite;
mod scalar;
mod stream;

use std::sync::OnceLock;

use super::Problem;
use super::text::Escaped;
use crate::edit::Edit;
use crate::span::Span;

pub use comments::Comment;

/// A YAML document.
#[derive(Clone, Debug)]
pub struct Yaml {
    root: Item,
    /// Looked for when somebody asks.
    comments: OnceLock<Vec<Comment>>,
}

/// A value, and how it is written.
#[derive(Clone, Debug)]
struct Item {
    /// With its tag or anchor, without white space around it.
    span: Span,
    /// Where it stands: the same, but for an alias, which has the other places of what it is an alias of.
    here: Span,
    /// Without them.
    body: Span,
    style: Style,
    /// The function that a tag calls with the value: `Fn::Sub` for `!Sub`.
    call: Option<String>,
    /// Whether it is written in one place and meant in several.
    shared: bool,
    /// Whether it is a scalar that YAML 1.1 and YAML 1.2 read differently.
    doubtful: bool,
    content: Content,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
    Literal,
    Folded,
    /// A list or mapping in brackets.
    Flow,
    /// A list or mapping by indentation.
    Block,
}

#[derive(Clone, Debug)]
enum Content {
    Null,
    Bool(bool),
    /// A number that JSON spells in the same way.
    Number(String),
    Text(String),
    List(Vec<Item>),
    Map(Vec<(Item, Item)>),
}

impl Yaml {
    /// Reads a text that holds one YAML document.
    ///
    /// # Errors
    /// If it is not YAML, or holds what JSON cannot say: several documents, names that are no text.
    pub fn read(text: &str) -> Result<Yaml, Problem> {
        build::build(text).map(|root| Yaml { root, comments: OnceLock::new() })
    }

    /// The comments of the text that was read, in order.
    pub fn comments(&self, text: &str) -> &[Comment] {
        self.comments.get_or_init(|| comments::comments(&self.root, text))
    }

    /// Where the documents of a text stand that holds several, with `---` between them, and the place of each among
    /// all. Those that say nothing are left out; a text that is one document has none.
    ///
    /// # Errors
    /// If one of them is not YAML.
    pub fn documents(text: &str) -> Result<Vec<(usize, Span)>, Problem> {
        stream::documents(text)
    }

    /// The JSON that the text means, and where each part of that stands in it.
    pub fn json(&self, text: &str) -> Escaped {
        json::json(&self.root, text)
    }

    /// The same of what is at an RFC 6901 pointer, laid out by itself.
    pub fn json_at(&self, text: &str, pointer: &str) -> Option<Escaped> {
        self.root.at(pointer).map(|item| json::json(item, text))
    }

    /// Whether the document is a mapping, as files are that somebody meant as YAML.
    pub fn is_mapping(&self) -> bool {
        matches!(self.root.content, Content::Map(_))
    }

    /// The edits of `text` after which it has the JSON value `new` at `pointer`, and the same as before
    /// everywhere else. Nothing that stays is written again, comments included.
    ///
    /// # Errors
    /// Why that cannot be done by edits that are sure to do just that.
    pub fn rewrite(&self, text: &str, pointer: &str, new: &str) -> Result<Vec<Edit>, String> {
        rewrite::rewrite(&self.root, text, pointer, new)
    }
}

impl Item {
    /// What is at an RFC 6901 pointer. A function call is an object with one member.
    fn at(&self, pointer: &str) -> Option<&Item> {
        let Some(path) = pointer.strip_prefix('/') else { return pointer.is_empty().then_some(self) };
        let mut item = self;
        let mut called = false;
        for step in path.split('/') {
            let name = step.replace("~1", "/").replace("~0", "~");
            match &item.call {
                Some(call) if !called => {
                    called = true;
                    if *call != name {
                        return None;
                    }
                    continue;
                }
                _ => called = false,
            }
            item = match &item.content {
                Content::List(items) => items.get(name.parse::<usize>().ok()?)?,
                Content::Map(pairs) => {
                    let pair = pairs.iter().rev().find(|(key, _)| key.name() == Some(name.as_str()));
                    &pair?.1
                }
                _ => return None,
            };
        }
        // The argument of a call has no place of its own.
        (!called).then_some(item)
    }

    /// The text of a name.
    fn name(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
