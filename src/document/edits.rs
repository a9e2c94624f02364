//! Edits of a policy, as what they make of it and as edits of its file.

use super::{Document, Hints, open, open_policy};
use crate::edit::{self, Edit};
use crate::locate::{self, Form, statements};
use crate::parse::Yaml;
use crate::source::Source;
use crate::span::Span;

/// Why a file cannot be edited in the place that is meant; what it says can still be looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Uneditable(pub String);

impl Document {
    /// What edits of the policy's text would make of it: the policy alone, of the same kind.
    pub fn with_edits(&self, edits: &[Edit]) -> Document {
        let (text, whole) = (self.text(), self.tree.span);
        let moved = |edit: &Edit| Edit {
            span: Span {
                start: edit.span.start.saturating_sub(whole.start),
                end: edit.span.end.saturating_sub(whole.start),
            },
            text: edit.text.clone(),
        };
        let edits: Vec<Edit> = edits.iter().map(moved).collect();
        let hints = Hints { kind: Some(self.kind), configured: None, resource: self.resource.clone() };
        open_policy(Source::new(self.source.name(), edit::apply(whole.slice(text), &edits)), &hints)
    }

    /// The policy at the same place of its file, once that has changed. What was known of it stays known.
    pub fn reopened(&self, text: String) -> Document {
        let hints = Hints { kind: Some(self.kind), configured: None, resource: self.resource.clone() };
        // The file was one with a policy at this place, so it still is.
        let mut file = open(Source::new(self.source.name(), text), &hints);
        let at = file.documents.iter().position(|document| document.pointer() == self.pointer());
        let mut document = match at {
            Some(at) => file.documents.swap_remove(at),
            None => file.whole(&hints),
        };
        document.because = self.because.clone();
        document
    }

    /// The file with the policy's text edited.
    ///
    /// # Errors
    /// As [`file_edits`](Self::file_edits).
    pub fn edited(&self, edits: &[Edit]) -> Result<String, Uneditable> {
        Ok(edit::apply(self.source.text(), &self.file_edits(edits)?))
    }

    /// The same edits as edits of the file.
    ///
    /// # Errors
    /// If the file is not one in which that can be done without touching anything else.
    pub fn file_edits(&self, edits: &[Edit]) -> Result<Vec<Edit>, Uneditable> {
        if matches!(self.found.form, Form::Statements { .. })
            && !edits.iter().all(|edit| statements::holds(self.text(), edit.span))
        {
            return Err(beyond_statements());
        }
        if let Some(yaml) = &self.yaml {
            let policy = edit::apply(self.text(), edits);
            return self.in_quotes(edits, &policy).map_or_else(|| self.rewritten(yaml, &policy), Ok);
        }
        let written = |edit: &Edit| {
            let text = match self.decoded {
                Some(_) => locate::encode(&self.found.form, &edit.text),
                None => edit.text.clone(),
            };
            self.body.as_ref().map_or(Ok(text.clone()), |body| body.written(&text))
        };
        // The policy's own text leads to the file at once, past the part that it is in.
        let in_file = |edit: &Edit| Ok(Edit { span: self.in_file(edit.span), text: written(edit)? });
        edits.iter().map(in_file).collect()
    }

    /// The edit of the file that puts a whole policy where there is none yet.
    ///
    /// # Errors
    /// As [`file_edits`](Self::file_edits).
    pub fn fill_absent(&self, policy: &str) -> Result<Vec<Edit>, Uneditable> {
        if let Some(yaml) = &self.yaml {
            return self.rewritten(yaml, policy);
        }
        let encoded = locate::encode(&self.found.form, policy);
        self.outward(vec![match &self.found.form {
            Form::Absent { object, name } => {
                let text = self.raw();
                let inner = Span { start: object.start + 1, end: object.end.saturating_sub(1) };
                let empty = inner.slice(text).trim().is_empty();
                // In front of the first member, in the white space that stands before that.
                let space: String = inner.slice(text).chars().take_while(|c| c.is_whitespace()).collect();
                let comma = if empty { "" } else { "," };
                let colon = if space.is_empty() { ":" } else { ": " };
                Edit::insert(inner.start as usize, format!("{space}\"{name}\"{colon}\"{encoded}\"{comma}"))
            }
            Form::Plain(span) => Edit::replace(*span, policy),
            Form::Statements { .. } | Form::Unknown { .. } => return Err(beyond_statements()),
            Form::Escaped(span) | Form::Twice(span) | Form::Percent(span) => {
                Edit::replace(*span, format!("\"{encoded}\""))
            }
        }])
    }

    /// The edits of a YAML file in which the policy is a text in double quotes, with all escapes that they do not touch as
    /// they are; `None` where these do not give it this policy.
    fn in_quotes(&self, edits: &[Edit], policy: &str) -> Option<Vec<Edit>> {
        let start = self.in_file(Span::at(0)).start as usize;
        let is_quoted = self.source.text().get(..start)?.ends_with('"');
        if !is_quoted || self.body.is_some() || !matches!(self.found.form, Form::Escaped(_)) {
            return None;
        }
        let quoted = |edit: &Edit| Edit {
            span: self.in_file(edit.span),
            text: locate::encode(&self.found.form, &edit.text),
        };
        let edits: Vec<Edit> = edits.iter().map(quoted).collect();
        let after = self.reopened(edit::apply(self.source.text(), &edits));
        (after.pointer() == self.pointer() && after.text() == policy).then_some(edits)
    }

    /// The edits of a YAML file that give it this policy.
    fn rewritten(&self, yaml: &Yaml, policy: &str) -> Result<Vec<Edit>, Uneditable> {
        let new = match &self.found.form {
            Form::Plain(_) | Form::Unknown { .. } => policy.to_owned(),
            Form::Statements { quoted, .. } => {
                let statements = statements::unwrap(policy).ok_or_else(beyond_statements)?;
                if *quoted { quoted_text(statements) } else { statements.to_owned() }
            }
            Form::Percent(_) => quoted_text(&locate::encode(&self.found.form, policy)),
            // The text of the string is the policy escaped once.
            Form::Twice(_) => quoted_text(&locate::encode(&Form::Escaped(Span::at(0)), policy)),
            Form::Escaped(_) | Form::Absent { .. } => quoted_text(policy),
        };
        self.outward(yaml.rewrite(self.raw(), self.inner_pointer(), &new).map_err(Uneditable)?)
    }

    /// The text of the file, or of the part that is read by itself.
    fn raw(&self) -> &str {
        self.body.as_ref().map_or(self.source.text(), |body| &body.text.text)
    }

    /// Edits of that text as edits of the file.
    fn outward(&self, edits: Vec<Edit>) -> Result<Vec<Edit>, Uneditable> {
        match &self.body {
            Some(body) => body.outward(edits),
            None => Ok(edits),
        }
    }
}

fn quoted_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn beyond_statements() -> Uneditable {
    Uneditable("there are only statements here, and no policy round them that could be changed".to_owned())
}
