//! Changes to a text as data: replace these bytes by that text, leave all others alone.

use crate::span::Span;

/// One replacement: the bytes of `span` become `text`. An empty span inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    /// Puts `text` at `offset`, replacing nothing.
    pub fn insert(offset: usize, text: impl Into<String>) -> Self {
        Edit { span: Span::at(offset), text: text.into() }
    }

    /// Replaces the bytes of `span` by `text`.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Edit { span, text: text.into() }
    }

    /// Takes out the bytes of `span`.
    pub fn remove(span: Span) -> Self {
        Edit { span, text: String::new() }
    }
}

/// Takes parts out of a list or an object, whose parts stand at `parts` in order: each with the comma
/// before it, or behind it where no earlier one stays. `None` if nothing would stay.
pub fn without(parts: &[Span], gone: impl Fn(usize) -> bool) -> Option<Vec<Edit>> {
    let first = (0..parts.len()).find(|at| !gone(*at))?;
    let mut edits = Vec::new();
    if first > 0 {
        edits.push(Edit::remove(Span { start: parts[0].start, end: parts[first].start }));
    }
    let behind = (first + 1..parts.len()).filter(|at| gone(*at));
    edits.extend(behind.map(|at| Edit::remove(Span { start: parts[at - 1].end, end: parts[at].end })));
    Some(edits)
}

/// Applies edits that do not overlap; two insertions at one place come out in the order given.
///
/// An edit that overlaps an earlier one, or does not fit the text, is left out: callers make their
/// edits from spans of the same text, so neither happens, and a lost edit is caught where the
/// result is parsed again.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut order: Vec<&Edit> = edits.iter().collect();
    order.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in order {
        let range = edit.span.range();
        let Some(between) = text.get(done..range.start) else { continue };
        if text.get(range.clone()).is_none() {
            continue;
        }
        out.push_str(between);
        out.push_str(&edit.text);
        done = range.end;
    }
    out.push_str(text.get(done..).unwrap_or(""));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_go_with_a_comma() {
        let text = "[a, b ,c,\n d]";
        let parts = [(1, 2), (4, 5), (7, 8), (11, 12)].map(|(start, end)| Span::new(start, end));
        let left = |gone: &[usize]| without(&parts, |at| gone.contains(&at)).map(|edits| apply(text, &edits));
        assert_eq!(left(&[]).as_deref(), Some(text));
        assert_eq!(left(&[1, 3]).as_deref(), Some("[a ,c]"));
        assert_eq!(left(&[0, 1]).as_deref(), Some("[c,\n d]"));
        assert_eq!(left(&[0, 2]).as_deref(), Some("[b,\n d]"));
        assert_eq!(left(&[0, 1, 2, 3]), None);
    }

    #[test]
    fn edits_apply_in_text_order_and_keep_insertion_order() {
        let edits = [
            Edit::insert(5, "!"),
            Edit::replace(Span::new(0, 1), "J"),
            Edit::insert(5, "?"),
            Edit::remove(Span::new(3, 4)),
        ];
        assert_eq!(apply("hello", &edits), "Jelo!?");
    }
}
