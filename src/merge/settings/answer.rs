//! A document that is not a policy: an answer of the AWS CLI, or what its put commands take.

use serde_json::Value as Json;

use crate::parse::{self, Node, Value};
use crate::source::Source;
use crate::steps::{Members, Settings};

/// A document with settings in it.
#[derive(Clone, Debug)]
pub struct Answer {
    source: std::sync::Arc<Source>,
    /// The object that holds the members.
    object: Node,
    /// The member of the file that the object is, if it is not the whole.
    inside: Option<String>,
}

/// Why a file cannot be taken for the settings of a step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// It is no JSON, or parsers would not agree on what it says.
    #[error("`{name}` cannot be read: {place}: {message}")]
    Malformed {
        /// The file.
        name: String,
        /// Line and column.
        place: String,
        /// What is wrong.
        message: String,
    },
    /// It is something else.
    #[error("`{name}` is {is}, and not {wanted}")]
    Other {
        /// The file.
        name: String,
        /// What it is, in words.
        is: String,
        /// What it should be, in words.
        wanted: String,
    },
}

impl Answer {
    /// Reads a file as settings; `wanted` says in words what they should be.
    ///
    /// # Errors
    /// If it is no JSON object, a policy, or has none of the members that such settings have.
    pub fn open(source: Source, settings: &Settings, wanted: &str) -> Result<Self, AnswerError> {
        let name = || source.name().to_owned();
        let parsed = parse::parse(source.text());
        if let Some(problem) = parsed.problems.first() {
            let (place, message) = (source.place(problem.span), problem.kind.message().to_owned());
            return Err(AnswerError::Malformed { name: name(), place, message });
        }
        let other =
            |is: &str| AnswerError::Other { name: name(), is: is.to_owned(), wanted: wanted.to_owned() };
        let text = source.text();
        let inner =
            settings.inside.as_ref().and_then(|inside| Some((inside, parsed.tree.get(text, inside)?)));
        let (inside, object) = match inner {
            Some((inside, node)) => (Some(inside.clone()), node),
            None => (None, &parsed.tree),
        };
        if !matches!(object.value, Value::Object(_)) {
            return Err(other(object.type_name()));
        }
        if object.get(text, "Statement").is_some() {
            return Err(other("a policy"));
        }
        let known = |name: &str| {
            let mut marks = settings.known_by.iter().chain(&settings.named_by);
            settings.members.contains_key(name) || marks.any(|known| known == name)
        };
        let members = object.members();
        if !members.is_empty() && !members.iter().any(|member| known(&member.key.text(text))) {
            return Err(other("something else"));
        }
        let object = object.clone();
        Ok(Answer { source: std::sync::Arc::new(source), object, inside })
    }

    /// The file.
    pub fn source(&self) -> &Source {
        &self.source
    }

    pub(super) fn object(&self) -> &Node {
        &self.object
    }

    /// The members, as values.
    pub fn members(&self) -> Members {
        match serde_json::from_str(self.object.span.slice(self.source.text())) {
            Ok(Json::Object(members)) => members,
            _ => Members::new(),
        }
    }

    /// The text of a member, if it is a string.
    pub fn text_of(&self, name: &str) -> Option<String> {
        self.object.get(self.source.text(), name)?.text(self.source.text()).map(|text| text.into_owned())
    }

    /// The member of the file that the settings are, if they are not the whole.
    pub fn inside(&self) -> Option<&str> {
        self.inside.as_deref()
    }

    /// The settings alone.
    pub fn bare(&self) -> String {
        match self.inside {
            Some(_) => crate::document::dedent(self.source.text(), self.object.span),
            None => self.source.text().to_owned(),
        }
    }
}
