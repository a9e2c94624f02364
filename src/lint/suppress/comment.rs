//! Suppressions in comments of YAML files: `# polmerge: ignore[rule] reason`, above or behind what they are for.

use std::collections::BTreeMap;

use super::{Suppression, UNUSED, rule_named};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::Document;
use crate::parse::Comment;
use crate::span::Span;

/// What the comments of a file ask for, by where they stand in it.
#[derive(Clone, Debug, Default)]
pub struct Comments {
    /// The suppressions.
    pub suppressions: BTreeMap<Span, Suppression>,
    /// What is wrong with comments that ask for something else, or for nothing that can be done.
    pub wrong: BTreeMap<Span, Diagnostic>,
}

/// How one is written, as help.
const FORM: &str = "write `# polmerge: ignore[rule] reason`";

/// The suppressions in the comments of a policy's file, or of the part of it that is a document of its own.
pub fn comments(document: &Document) -> Comments {
    let mut all = Comments::default();
    for (said, comment) in document.comments() {
        let Some(order) = Comment::order(said) else { continue };
        match read(order, comment.about) {
            Ok((rule, reason, within)) => {
                let suppression = Suppression {
                    rule,
                    sid: None,
                    within: Some(within),
                    reason: reason.to_owned(),
                    expires: None,
                    span: comment.span,
                };
                all.suppressions.insert(comment.span, suppression);
            }
            Err((message, help)) => {
                all.wrong.insert(comment.span, Diagnostic::new(UNUSED, comment.span, message).help(help));
            }
        }
    }
    all
}

type Read<'t> = (&'static str, &'t str, Span);

/// Rule, reason and place of an order; else what is wrong and what to do.
fn read(order: &str, about: Option<Span>) -> Result<Read<'_>, (String, String)> {
    let form = |message: String| (message, FORM.to_owned());
    let Some((name, reason)) = order
        .strip_prefix("ignore[")
        .and_then(|rest| rest.split_once(']'))
        .map(|(name, reason)| (name.trim(), reason.trim()))
    else {
        return Err(form(format!("`{order}` is nothing that a comment can ask for")));
    };
    if name.contains(',') {
        let help = "write a comment for each, one under the other".to_owned();
        return Err((format!("`{name}` is more than one rule; a suppression is for one rule"), help));
    }
    let rule =
        rule_named(name).map_err(|message| (message, "`polmerge rules` lists the rules".to_owned()))?;
    if reason.is_empty() {
        return Err(form("a suppression needs a reason".to_owned()));
    }
    let Some(within) = about else {
        let help =
            "put it on the line above the statement or the value that it is for, or behind it".to_owned();
        return Err((
            "the suppression is for nothing: no statement and no value begins here".to_owned(),
            help,
        ));
    };
    Ok((rule, reason, within))
}

impl Comments {
    /// Takes in those of another part of the file, or the same ones again.
    pub fn extend(&mut self, others: Comments) {
        self.suppressions.extend(others.suppressions);
        self.wrong.extend(others.wrong);
    }

    /// The findings about comments that do nothing: those that are wrong, and the suppressions that are `unused`.
    pub fn idle(&self, unused: impl Fn(&Suppression) -> bool, severity: Severity) -> Vec<Diagnostic> {
        let unused =
            self.suppressions.values().filter(|suppression| unused(suppression)).map(|suppression| {
                let message = format!("`{}` finds nothing in what this comment is for", suppression.rule);
                Diagnostic::new(UNUSED, suppression.span, message).help("take the comment out")
            });
        let all = self.wrong.values().cloned().chain(unused);
        let mut idle: Vec<Diagnostic> = all.map(|finding| finding.severity(severity)).collect();
        idle.sort_by_key(|finding| finding.span);
        idle
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Date, suppress};
    use super::*;
    use crate::document::{Hints, open};
    use crate::lint::{Settings, lint};
    use crate::source::Source;

    const TEMPLATE: &str = r##"Resources:
  Topic:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [topic]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          # polmerge: ignore[principal-any] the topic is a demonstration
          - Sid: "# polmerge: ignore[unknown-action] no comment"
            Effect: Allow
            Principal: "*" # polmerge: ignore[confused-deputy] a service
            Action: [sns:Publish, sns:Send] # polmerge: ignore[unknown-action] also seen
            Resource: arn:aws:sns:us-east-1:222222222222:topic
            #polmerge:ignore[ public-access ] too late
"##;

    fn document(text: &str) -> Document {
        open(Source::new("t.yaml", text), &Hints::default()).documents.remove(0)
    }

    #[test]
    fn a_comment_is_for_what_begins_under_it_or_before_it() {
        let document = document(TEMPLATE);
        let comments = comments(&document);
        let said: Vec<(&str, &str)> = comments
            .suppressions
            .values()
            .map(|suppression| (suppression.rule, suppression.reason.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                ("principal-any", "the topic is a demonstration"),
                ("confused-deputy", "a service"),
                ("unknown-action", "also seen"),
            ]
        );
        assert_eq!(comments.wrong.len(), 1, "nothing begins under the last one: {:?}", comments.wrong);
        let mut findings = lint(&document, &Settings::default());
        let rules = |findings: &[Diagnostic]| findings.iter().map(|finding| finding.rule).collect::<Vec<_>>();
        assert_eq!(rules(&findings), ["principal-any", "unknown-action"]);
        let all: Vec<&Suppression> = comments.suppressions.values().collect();
        let used = suppress(&document, &mut findings, &all, Date::of_day(0));
        assert_eq!((used, findings.len()), (vec![0, 2], 0));
        let idle = comments.idle(|suppression| suppression.rule == "confused-deputy", Severity::Warning);
        assert_eq!(rules(&idle), [UNUSED, UNUSED]);
        assert!(idle.iter().all(|finding| finding.severity == Severity::Warning));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = |order: &str| read(order, Some(Span::at(0))).unwrap_err().0;
        assert_eq!(wrong("ignore[public-access]"), "a suppression needs a reason");
        assert_eq!(wrong("ignore[public-access]  "), "a suppression needs a reason");
        assert_eq!(
            wrong("ignore[public] all"),
            "`public` is a group of rules; a suppression is for one rule"
        );
        assert_eq!(
            wrong("ignore[publik-access] x"),
            "`publik-access` is no rule and no group of rules; did you mean `public-access`?"
        );
        assert_eq!(wrong("ignore"), "`ignore` is nothing that a comment can ask for");
        assert!(wrong("ignore[a, b] x").starts_with("`a, b` is more than one rule"));
        assert!(
            read("ignore[confused-deputy] x", None)
                .unwrap_err()
                .0
                .starts_with("the suppression is for nothing")
        );
        assert!(read("ignore[confused-deputy] x", Some(Span::at(0))).is_ok());
    }
}
