//! What is not known of a policy: a *hole* stands in the model wherever something could not be read or is decided
//! later, by a template, a template tool or a person.
//!
//! An answer about a policy with holes is exact only if it is the same whatever the holes turn out to be.

use crate::span::Span;

/// A part of a statement of which the content is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Which part.
    pub place: HolePlace,
    /// What tells it from others: its text and the definitions of all that it refers to. Two holes with equal names
    /// have the same content.
    pub name: Box<str>,
    /// How to name it to a person: `Ref Who`.
    pub label: Box<str>,
    /// Where it is.
    pub span: Span,
}

/// The part of a statement that a hole takes the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HolePlace {
    /// The whole statement, or a list of statements: it may allow and deny anything.
    Statement,
    /// `Effect`
    Effect,
    /// `Condition`, or the tests of one operator in it: there may be any further tests.
    Condition,
}

/// What is not known of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextHole {
    /// What tells it from others, see [`Hole::name`].
    pub name: Box<str>,
    /// How to name it to a person: `Ref Who`, `${Bucket}`.
    pub label: Box<str>,
    /// The value, piece by piece. A hole alone may also be a list of values.
    pub parts: Vec<Part>,
    /// Whether it is a template function, and not a text with a placeholder in it.
    pub is_function: bool,
    /// Whether it is a list, as far as its function tells.
    pub gives: Gives,
}

/// What a template function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// One text.
    Text,
    /// A list of texts.
    List,
    /// One or the other: it does not tell.
    Either,
}

/// A piece of a text that is not known as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// This text.
    Literal(String),
    /// A text without colon and wildcard: a pseudo parameter of CloudFormation such as `AWS::Region`, by its name.
    Segment(Box<str>),
    /// A text without wildcards, an attribute of a resource such as its ARN, by its name.
    Attribute(Box<str>),
    /// Any text, by its name.
    Unknown(Box<str>),
}

impl TextHole {
    /// The text with `x` in place of each piece that has no wildcard, and `*` in place of all others: what it is like
    /// where only wildcards matter.
    pub fn by_wildcards(&self) -> String {
        let piece = |part: &Part| match part {
            Part::Literal(text) => text.clone(),
            Part::Segment(_) | Part::Attribute(_) => "x".to_owned(),
            Part::Unknown(_) => "*".to_owned(),
        };
        self.parts.iter().map(piece).collect()
    }

    /// Whether a wildcard may be in it.
    pub fn may_have_wildcard(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Literal(text) => text.contains(['*', '?']),
            Part::Segment(_) | Part::Attribute(_) => false,
            Part::Unknown(_) => true,
        })
    }

    /// Whether a policy variable may be in it.
    pub fn may_have_variable(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Literal(text) => text.contains("${"),
            Part::Segment(_) | Part::Attribute(_) => false,
            Part::Unknown(_) => true,
        })
    }

    /// Whether it may be `*`: nothing in it is known that `*` does not have.
    pub fn may_be_any(&self) -> bool {
        self.parts.iter().all(|part| match part {
            Part::Literal(text) => text.is_empty() || text == "*",
            Part::Segment(_) | Part::Attribute(_) => false,
            Part::Unknown(_) => true,
        })
    }

    /// The service of the ARN that it is, if that is written out.
    pub fn service(&self) -> Option<String> {
        let known = self.parts.iter().map_while(|part| match part {
            Part::Literal(text) => Some(text.as_str()),
            // In the service, it leaves open which it is.
            Part::Segment(_) => Some("?"),
            Part::Attribute(_) | Part::Unknown(_) => None,
        });
        let known: String = known.collect();
        let mut segments = known.splitn(4, ':');
        let (arn, _, service, _) = (segments.next()?, segments.next()?, segments.next()?, segments.next()?);
        (arn == "arn" && !service.contains(['?', '*'])).then(|| service.to_owned())
    }

    /// Whether the first five segments of the ARN that it is are known but for pieces without a colon, so that its
    /// segments are those that can be seen.
    pub fn is_arn_by_segments(&self) -> bool {
        let mut colons = 0;
        for part in &self.parts {
            match part {
                Part::Literal(text) => colons += text.matches(':').count(),
                Part::Segment(_) => {}
                Part::Attribute(_) | Part::Unknown(_) if colons < 5 => return false,
                Part::Attribute(_) | Part::Unknown(_) => {}
            }
        }
        colons >= 5
    }
}
