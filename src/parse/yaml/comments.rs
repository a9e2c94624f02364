//! The comments of a YAML text, and what each is about.

use std::collections::HashMap;

use super::{Content, Item};
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
                items.iter().for_each(|item| entry(item.span));
                open.extend(items);
            }
            Content::Map(pairs) => {
                for (name, value) in pairs {
                    // An alias has the place of what it stands for.
                    let end = if value.span.start >= name.span.end { value.span.end } else { name.span.end };
                    entry(Span { start: name.span.start, end });
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
