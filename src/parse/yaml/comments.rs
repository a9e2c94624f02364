//! The comments of a YAML text, and what each is about.

use std::collections::HashMap;

use super::rewrite::line_start;
use super::{Content, Item};
use crate::edit::Edit;
use crate::span::Span;

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the end of the line.
    pub span: Span,
    /// The entries of lists and the members of mappings that begin on its line or, if it has a line of its own, on
    /// the line under it and other comments. `None` if none does.
    pub about: Option<Span>,
}

/// With what a comment for polmerge begins, after the `#`.
const NAME: &str = "polmerge:";

impl Comment {
    /// What a comment asks polmerge for, given its text; `None` if it is for people.
    pub fn order(written: &str) -> Option<&str> {
        written.trim_start_matches('#').trim_start().strip_prefix(NAME).map(str::trim)
    }

    /// Whether it has a line of its own.
    fn stands_alone(&self, text: &str) -> bool {
        let start = self.span.start as usize;
        text.get(line_start(text, start)..start).is_some_and(|before| before.trim().is_empty())
    }

    /// The line that it has to itself, if it is about what is at `place`.
    pub(super) fn line_above(&self, place: Span, text: &str) -> Option<Span> {
        let is_its = self.about.is_some_and(|about| place.start <= about.start && about.start < place.end)
            && self.span.end <= place.start
            && self.stands_alone(text);
        let end = self.span.end as usize;
        let newline = text.get(end..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| end + at + 1);
        is_its.then(|| Span::new(line_start(text, self.span.start as usize), newline))
    }
}

/// The comments that are for polmerge, in order.
pub(super) fn orders(root: &Item, text: &str) -> Vec<Comment> {
    if !text.contains(NAME) {
        return Vec::new();
    }
    let mut orders = comments(root, text);
    orders.retain(|comment| Comment::order(comment.span.slice(text)).is_some());
    orders
}

/// Whether each comment for polmerge is, after edits of a text, about what it was about, or went together with it.
pub(super) fn keep_orders(
    (before, text): (&[Comment], &str),
    (after, result): (&[Comment], &str),
    edits: &[Edit],
) -> bool {
    let goes = |comment: &Comment| {
        edits.iter().any(|edit| edit.span.start <= comment.span.start && comment.span.end <= edit.span.end)
    };
    let mut after = after.iter();
    let mut stay = before.iter().filter(|comment| !goes(comment));
    stay.all(|was| {
        after.next().is_some_and(|is| {
            let places = (was.about.map(|about| about.start), is.about.map(|about| about.start as usize));
            was.span.slice(text) == is.span.slice(result)
                && match places {
                    (Some(was), Some(is)) => place_after(edits, was) == Some(is),
                    (None, None) => true,
                    _ => false,
                }
        })
    }) && after.next().is_none()
}

/// Where what begins at a place begins after edits; `None` if it is taken out.
fn place_after(edits: &[Edit], place: u32) -> Option<usize> {
    let (mut grown, mut shrunk) = (0, 0);
    for edit in edits {
        let span = edit.span;
        if span.end <= place {
            grown += edit.text.len();
            shrunk += span.range().len();
        } else if span.start < place || span.start == place && edit.text.is_empty() {
            return None;
        }
    }
    (place as usize + grown).checked_sub(shrunk)
}

/// Every comment, in order.
pub(super) fn comments(root: &Item, text: &str) -> Vec<Comment> {
    if !text.contains('#') {
        return Vec::new();
    }
    let lines = Lines::of(text);
    let (scalars, entries) = places(root, &lines);
    let mut comments: Vec<Comment> = Vec::new();
    // Comments on lines of their own, for which the next line is still to come.
    let mut waiting = 0;
    for (number, &start) in lines.starts.iter().enumerate() {
        let rest = text.get(start..).unwrap_or("");
        let line = rest.split('\n').next().unwrap_or("").trim_end();
        let begins = line.match_indices('#').map(|(at, _)| at).find(|&at| {
            let free =
                line.get(..at).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\t']));
            free && !is_inside(&scalars, start + at)
        });
        let own = begins.is_some_and(|at| line.get(..at).is_some_and(|before| before.trim().is_empty()));
        if let Some(at) = begins {
            let about = entries.get(&number).copied().filter(|_| !own);
            comments.push(Comment { span: Span::new(start + at, start + line.len()), about });
        }
        if own {
            waiting += 1;
        } else {
            let last = comments.len() - usize::from(begins.is_some());
            for comment in &mut comments[last.saturating_sub(waiting)..last] {
                comment.about = entries.get(&number).copied();
            }
            waiting = 0;
        }
    }
    comments
}

/// Where lines begin.
struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn of(text: &str) -> Lines {
        let behind = text.match_indices('\n').map(|(at, _)| at + 1);
        Lines { starts: std::iter::once(0).chain(behind).collect() }
    }

    fn number(&self, offset: u32) -> usize {
        self.starts.partition_point(|&start| start <= offset as usize).saturating_sub(1)
    }
}

/// The scalars in order, in which a `#` is text, and by line what of lists and mappings begins there.
fn places(root: &Item, lines: &Lines) -> (Vec<Span>, HashMap<usize, Span>) {
    let (mut scalars, mut entries) = (Vec::new(), HashMap::<usize, Span>::new());
    let mut entry = |span: Span| {
        let known = entries.entry(lines.number(span.start)).or_insert(span);
        *known = Span { start: known.start.min(span.start), end: known.end.max(span.end) };
    };
    let mut open = vec![root];
    while let Some(item) = open.pop() {
        match &item.content {
            Content::List(items) => {
                items.iter().for_each(|item| entry(item.here));
                open.extend(items);
            }
            Content::Map(pairs) => {
                for (name, value) in pairs {
                    entry(Span { start: name.here.start, end: value.here.end.max(name.here.end) });
                }
                open.extend(pairs.iter().flat_map(|(name, value)| [name, value]));
            }
            _ => scalars.push(item.span),
        }
    }
    scalars.sort_unstable();
    (scalars, entries)
}

/// Whether an offset is in one of some spans, which are sorted and apart.
fn is_inside(spans: &[Span], offset: usize) -> bool {
    let index = spans.partition_point(|span| span.start as usize <= offset);
    index.checked_sub(1).and_then(|before| spans.get(before)).is_some_and(|span| offset < span.end as usize)
}

#[cfg(test)]
mod tests {
    use super::super::Yaml;

    /// Each comment, and the lines that it is about, from 1.
    fn about(text: &str) -> Vec<(&str, Option<(usize, usize)>)> {
        let yaml = Yaml::read(text).unwrap();
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        let lines = |span: crate::span::Span| (line(span.start as usize), line(span.end as usize));
        let all = yaml.comments(text).iter();
        all.map(|comment| (comment.span.slice(text), comment.about.map(lines))).collect()
    }

    #[test]
    fn what_comments_are_about() {
        let text = "\
# the file
Statement:   # all of it
  # nothing, as a line is free

  # the first
  # one
  - Effect: Allow # the first, too
    Principal: # this member
      AWS: '*'
    # an action
    Action: s3:GetObject
  # the second
  - {Effect: Deny, Action: '*', # and the rest of it
     Principal: '*'}
# the end
";
        assert_eq!(
            about(text),
            [
                ("# the file", Some((2, 14))),
                ("# all of it", Some((2, 14))),
                ("# nothing, as a line is free", None),
                ("# the first", Some((7, 11))),
                ("# one", Some((7, 11))),
                ("# the first, too", Some((7, 11))),
                ("# this member", Some((8, 9))),
                ("# an action", Some((11, 11))),
                ("# the second", Some((13, 14))),
                ("# and the rest of it", Some((13, 14))),
                ("# the end", None),
            ]
        );
    }

    #[test]
    fn text_is_no_comment() {
        let text = "\
a: 'one # two'
b: \"one
  # two\"
c: x#y
d: |
  # three
  four # five
e: >-
  # six

# seven
f: &g plain # eight
h: *g # nine
";
        assert_eq!(
            about(text),
            [("# seven", Some((12, 12))), ("# eight", Some((12, 12))), ("# nine", Some((13, 13)))]
        );
        assert_eq!(about("a: 1\r\n# two \r\nb: 3\r\n"), [("# two", Some((3, 3)))]);
        assert_eq!(about("# one\n[]"), [("# one", None)]);
        for value in ["'x'", "\"x\"", "x", "[x]", "{x: y}", "*a", "!Sub 'x'", "&b 'x'"] {
            let text = format!("z: &a 1\na: {value} # one\nb: 2\n");
            assert_eq!(about(&text), [("# one", Some((2, 2)))], "{value}");
        }
    }
}
