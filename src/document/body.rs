//! A part of a file that is read as a document of its own: a template in a string, one of several YAML
//! documents.

use super::Uneditable;
use super::surroundings::Surroundings;
use crate::edit::Edit;
use crate::parse::Escaped;

/// The part.
#[derive(Clone, Debug)]
pub(super) struct Body {
    /// Its text, with the way back to the file.
    pub(super) text: Escaped,
    /// The pointer from the file's root to it. Pointers to what is in it go on from there, through the string.
    pub(super) pointer: String,
    /// The same with the names of things in place of their numbers in lists.
    pub(super) place: String,
    /// How it is written.
    pub(super) writing: Writing,
    /// What is beside it.
    pub(super) surroundings: Surroundings,
}

/// How a part is written in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    /// As it is.
    Plain,
    /// As a JSON string, so many times: in a string of a text that is a string itself.
    Quoted(usize),
    /// As a text of YAML, which has many forms.
    Scalar,
}

impl Body {
    /// Edits of the part as edits of the file.
    pub(super) fn outward(&self, edits: Vec<Edit>) -> Result<Vec<Edit>, Uneditable> {
        let outward =
            |edit: Edit| Ok(Edit { span: self.text.map.span(edit.span), text: self.written(&edit.text)? });
        edits.into_iter().map(outward).collect()
    }

    /// A text of the part as it is written in the file.
    pub(super) fn written(&self, text: &str) -> Result<String, Uneditable> {
        match self.writing {
            Writing::Plain => Ok(text.to_owned()),
            Writing::Quoted(times) => {
                let quote = |text: String, _| {
                    let quoted = serde_json::Value::from(text).to_string();
                    quoted[1..quoted.len() - 1].to_owned()
                };
                Ok((0..times).fold(text.to_owned(), quote))
            }
            Writing::Scalar => Err(Uneditable(format!(
                "the text at `{}` is a string in YAML: put it into a file of its own, and edit that",
                self.pointer
            ))),
        }
    }
}
