//! What is wrong with a user's policy, as data: rule, level, place, reason, remedy.

use crate::edit::Edit;
use crate::span::Span;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Advice.
    Note,
    /// Likely wrong, or broader than it needs to be.
    Warning,
    /// AWS refuses it, it does not do what it says, or it lets in people it must not.
    Error,
}

impl Severity {
    /// The name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A second place that explains the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place, in the text of the policy.
    pub span: Span,
    /// A few words that read on from the first label.
    pub text: String,
}

/// Edits that mend a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as in "`StringEquals` for `StringEqualsIfExists`".
    pub title: String,
    /// Whether it changes no access. An unsafe fix narrows it.
    pub safe: bool,
    /// The edits, in the text of the policy.
    pub edits: Vec<Edit>,
    /// Whether the engine showed that it does no harm.
    pub proof: FixProof,
}

/// Whether a safe fix was shown to change no access, an unsafe one to add none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixProof {
    /// Nobody asked yet.
    Unasked,
    /// It was.
    Proved,
    /// It was not, and why.
    NotProved(String),
}

/// One finding about a policy. Spans are in the policy's own text; the [`Document`](crate::document::Document)
/// knows where that stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Name of the rule that found it.
    pub rule: &'static str,
    /// Level; the rule's own unless it found less.
    pub severity: Severity,
    /// What is wrong, in one line: lower case, no full stop, the user's text in back-ticks.
    pub message: String,
    /// The place.
    pub span: Span,
    /// Why here, in a few words.
    pub label: Option<String>,
    /// Other places that belong to it.
    pub labels: Vec<Label>,
    /// Places in other policies of the file that belong to it. These spans are in the file.
    pub elsewhere: Vec<Label>,
    /// A request for which it is so, in words, one line each.
    pub example: Vec<String>,
    /// The same request as data, in the shape that `can` takes.
    pub witness: Option<serde_json::Value>,
    /// What to do; something that can be typed.
    pub help: Option<String>,
    /// Edits that do it.
    pub fix: Option<Fix>,
    /// Rules that found the same cause and gave way to this one.
    pub also: Vec<&'static str>,
}

impl Diagnostic {
    /// A finding of `rule` at `span`, at level error.
    pub fn new(rule: &'static str, span: Span, message: impl Into<String>) -> Self {
        Diagnostic {
            rule,
            severity: Severity::Error,
            message: message.into(),
            span,
            label: None,
            labels: Vec::new(),
            elsewhere: Vec::new(),
            example: Vec::new(),
            witness: None,
            help: None,
            fix: None,
            also: Vec::new(),
        }
    }

    /// Sets the level.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Says why it is here, under the underline.
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = Some(text.into());
        self
    }

    /// Adds a second place.
    pub fn also_at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says what to do.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Adds a line to the example request.
    pub fn example(mut self, line: impl Into<String>) -> Self {
        self.example.push(line.into());
        self
    }

    /// Adds the edits that mend it.
    pub fn fix(mut self, title: impl Into<String>, safe: bool, edits: Vec<Edit>) -> Self {
        self.fix = Some(Fix { title: title.into(), safe, edits, proof: FixProof::Unasked });
        self
    }
}
