//! What is not known before a request: policy variables and holes, numbered.

use std::collections::HashMap;

use crate::policy::TextHole;

impl Unknown {
    /// The key of a policy variable.
    pub fn key(&self) -> Option<&str> {
        match self {
            Unknown::Variable(name, _) => Some(name.split(',').next().unwrap_or(name).trim()),
            Unknown::Hole { .. } | Unknown::Segment(_) => None,
        }
    }

    /// The text of a policy variable in a request without its key.
    pub fn default(&self) -> Option<&str> {
        let Unknown::Variable(name, _) = self else { return None };
        name.split_once(',')?.1.trim().strip_prefix('\'')?.strip_suffix('\'')
    }
}

/// The names, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    known: Vec<Unknown>,
    numbers: HashMap<Unknown, u32>,
}

/// How texts are compared with one that is not known: the same one takes other texts if it is compared otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Compared {
    /// Letter by letter.
    Exactly,
    /// The case aside.
    Folded,
    /// As a pattern.
    Like,
    /// As a pattern, segment by segment, or as a part of a segment.
    Arn,
}

/// A text that only the request knows, or what fills in a hole.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Unknown {
    /// `${key}` or `${key, 'default'}`: what stands between the braces, in lower case but for the default.
    Variable(String, Compared),
    /// A hole, by its name. With `variables`, it may have policy variables in it.
    Hole { name: String, compared: Compared, variables: bool },
    /// One that holds no colon.
    Segment(String),
}

impl Names {
    /// The number of a policy variable.
    pub fn variable(&mut self, name: &str, compared: Compared) -> u32 {
        let folded = match name.split_once(',') {
            Some((key, default)) => format!("{},{default}", key.to_ascii_lowercase()),
            None => name.to_ascii_lowercase(),
        };
        self.number(Unknown::Variable(folded, compared))
    }

    /// The number of a hole; `variables` is whether policy variables may be in it.
    pub fn hole(&mut self, name: &str, compared: Compared, variables: bool) -> u32 {
        self.number(Unknown::Hole { name: name.to_owned(), compared, variables })
    }

    /// The number of a text of which not all is known, where a policy has variables or has none.
    pub fn text_hole(&mut self, hole: &TextHole, compared: Compared, variables: bool) -> u32 {
        let compared = match compared {
            Compared::Like if !hole.may_have_wildcard() => Compared::Exactly,
            compared => compared,
        };
        self.hole(&hole.name, compared, variables && hole.may_have_variable())
    }

    /// The number of a hole that holds no colon.
    pub fn segment(&mut self, name: &str) -> u32 {
        self.number(Unknown::Segment(name.to_owned()))
    }

    pub fn get(&self, number: u32) -> Option<&Unknown> {
        self.known.get(number as usize)
    }

    /// The keys of the policy variables.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.known.iter().filter_map(Unknown::key)
    }

    /// Whether any of them is a policy variable.
    pub fn has_variable(&self) -> bool {
        self.known.iter().any(|name| matches!(name, Unknown::Variable(..)))
    }

    /// Whether any of them is a hole.
    pub fn has_hole(&self) -> bool {
        self.known.iter().any(|name| matches!(name, Unknown::Hole { .. } | Unknown::Segment(_)))
    }

    fn number(&mut self, name: Unknown) -> u32 {
        let next = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(name).or_insert_with_key(|name| {
            self.known.push(name.clone());
            next
        })
    }
}
