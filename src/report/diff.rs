//! What changes in a text, as a patch that `git apply` and `patch` read.

use std::ops::Range;

use similar::{ChangeTag, DiffOp, DiffTag, TextDiff};

use super::style::{Role, Style, clean};

/// Lines of context round a change.
const CONTEXT: usize = 3;
/// Longer lines are not compared word by word: it would take long and show little.
const MAX_INLINE: usize = 2_000;

/// The unified diff from `old` to `new`, both called `name`; empty if they are equal.
///
/// Without color the lines are those of the texts except for characters that would act on a terminal: see [`patch`].
/// A document that is all one line comes out as one line removed and one added; a caller who wants
/// to show what changed in it compares laid-out copies.
pub fn unified(old: &str, new: &str, name: &str, style: Style) -> String {
    compared(old, new, name, Painter { style, exact: false })
}

/// The same for `git apply` and other programs: the bytes of each line as they are, so that the result is the new text
/// to the byte. A line that holds something else that ends a line for some readers is cleaned nonetheless: what follows
/// could pass for a line of ours.
pub fn patch(old: &str, new: &str, name: &str) -> String {
    compared(old, new, name, Painter { style: Style { unicode: true, ..Style::default() }, exact: true })
}

/// How parts of a line are written.
#[derive(Clone, Copy)]
struct Painter {
    style: Style,
    /// Whether a part is written as it is.
    exact: bool,
}

impl Painter {
    fn paint(self, role: Role, text: &str) -> String {
        let ends_line =
            |character| matches!(character, '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
        match self.exact && !text.contains(ends_line) {
            true => text.to_owned(),
            false => self.style.paint(role, text),
        }
    }
}

fn compared(old: &str, new: &str, name: &str, painter: Painter) -> String {
    // Not `from_lines`, for which a carriage return alone ends a line; for git it does not.
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let diff = TextDiff::from_slices(&old, &new);
    let groups = diff.grouped_ops(CONTEXT);
    if groups.is_empty() {
        return String::new();
    }
    let name = clean(name.trim_start_matches('/'));
    let mut out = format!("--- a/{name}\n+++ b/{name}\n");
    for group in &groups {
        out.push_str(&painter.paint(Role::Place, &hunk_header(group)));
        out.push('\n');
        for op in group {
            changes(&mut out, &diff, op, painter);
        }
    }
    out
}

/// `@@ -30,6 +30,13 @@`
fn hunk_header(ops: &[DiffOp]) -> String {
    let range = |of: fn(&DiffOp) -> Range<usize>| {
        let start = ops.first().map_or(0, |op| of(op).start);
        let end = ops.last().map_or(0, |op| of(op).end);
        match end - start {
            // An empty range is named by the line before it.
            0 => format!("{start},0"),
            1 => format!("{}", start + 1),
            length => format!("{},{length}", start + 1),
        }
    };
    format!("@@ -{} +{} @@", range(DiffOp::old_range), range(DiffOp::new_range))
}

fn changes(out: &mut String, diff: &TextDiff<'_, '_, str>, op: &DiffOp, painter: Painter) {
    let short = |change: &similar::Change<&str>| change.value().len() <= MAX_INLINE;
    if painter.style.color
        && op.tag() == DiffTag::Replace
        && diff.iter_changes(op).all(|change| short(&change))
    {
        for change in diff.iter_inline_changes(op) {
            line(out, change.tag(), change.values(), painter);
        }
        return;
    }
    for change in diff.iter_changes(op) {
        line(out, change.tag(), &[(false, change.value())], painter);
    }
}

/// One line: its sign, its parts, of which some are emphasized, and its end.
fn line(out: &mut String, tag: ChangeTag, parts: &[(bool, &str)], painter: Painter) {
    let (sign, role, strong) = match tag {
        ChangeTag::Equal => (" ", Role::Dim, Role::Dim),
        ChangeTag::Delete => ("-", Role::Bad, Role::BadChange),
        ChangeTag::Insert => ("+", Role::Good, Role::GoodChange),
    };
    out.push_str(&painter.paint(role, sign));
    let mut ended = false;
    for (index, (changed, part)) in parts.iter().enumerate() {
        // A carriage return before the line feed belongs to the line end: a patch needs it, and it
        // does nothing there. Any other one is cleaned.
        let is_last = index + 1 == parts.len();
        let body = part.strip_suffix('\n').filter(|_| is_last);
        ended |= body.is_some();
        let body = body.unwrap_or(part);
        let (body, end) = match body.strip_suffix('\r').filter(|_| ended) {
            Some(body) => (body, "\r\n"),
            None if ended => (body, "\n"),
            None => (body, ""),
        };
        // Tabs indent many a document, and a patch needs them as they are.
        let pieces = body.split('\t').map(|piece| painter.paint(if *changed { strong } else { role }, piece));
        out.push_str(&pieces.collect::<Vec<_>>().join("\t"));
        out.push_str(end);
    }
    if !ended {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const PLAIN: Style = Style { color: false, unicode: true, width: 100 };

    /// Applies a patch as a person would.
    fn applied(old: &str, patch: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("policy.json"), old).unwrap();
        std::fs::write(folder.path().join("change.patch"), patch).unwrap();
        let output =
            Command::new("git").args(["apply", "change.patch"]).current_dir(&folder).output().unwrap();
        assert!(output.status.success(), "{}\n{patch}", String::from_utf8_lossy(&output.stderr));
        std::fs::read_to_string(folder.path().join("policy.json")).unwrap()
    }

    fn check(old: &str, new: &str) {
        assert_eq!(applied(old, &patch(old, new, "policy.json")), new);
        assert_eq!(patch(old, new, "x"), unified(old, new, "x", PLAIN));
    }

    #[test]
    fn a_patch_has_the_bytes_of_the_texts() {
        let old = "{\n\t\"Sid\": \"a\u{202e}b\u{1b}[31m\u{200b}\",\n\"x\": 1\n}\n";
        let new = old.replace("1", "\"::error::\u{feff}\"");
        let patch = patch(old, &new, "policy.json");
        assert_eq!(applied(old, &patch), new);
        assert!(unified(old, &new, "policy.json", PLAIN).contains("a\u{fffd}b?[31m\u{fffd}"));
        // Every line begins with a sign of ours, whatever ends a line for a reader.
        let forged = super::patch("a\n", "b\r::stop-commands::x\nc\u{2028}::error::y\n", "x");
        assert!(!forged.contains(['\r', '\u{2028}']), "{forged}");
    }

    #[test]
    fn git_applies_it() {
        let old = include_str!("../../fixtures/key-policy.json");
        let new = old.replace("kms:", "KMS:").replace("  ]\n}\n", "  ],\n  \"Id\": \"é\"\n}\n");
        assert_ne!(old, new);
        check(old, &new);
        check(&new, old);
        check(&old.replace('\n', "\r\n"), &new.replace('\n', "\r\n"));
        check(old.trim_end(), &new);
        check(old, new.trim_end());
        check(old.trim_end(), new.trim_end());
        check("a", "b");
        check("a\n", "a\nb\n");
        check("a\nb\n", "b\n");
        check("a\r\nb", "a\nb");
    }

    #[test]
    fn equal_texts_have_no_diff() {
        assert_eq!(unified("a\n", "a\n", "x", PLAIN), "");
    }

    #[test]
    fn it_looks_like_a_patch() {
        assert_eq!(
            unified("a\nb\nc\n", "a\nB\nc", "x", PLAIN),
            "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n-c\n+B\n+c\n\\ No newline at end of file\n"
        );
    }

    /// Escape sequences taken out.
    fn uncolored(text: &str) -> String {
        let mut parts = text.split("\u{1b}[");
        let first = parts.next().unwrap_or("").to_owned();
        first + &parts.map(|part| part.split_once('m').unwrap().1).collect::<String>()
    }

    #[test]
    fn color_adds_nothing_but_color() {
        let old = include_str!("../../fixtures/topic-policy.json");
        let new = old.replace("StringEqualsIfExists", "StringEquals").replace("SNS:Publish", "sns:*");
        for (old, new) in
            [(old, new.as_str()), (old.trim_end(), new.as_str()), ("a b", "a c"), ("a\r\n", "b\r\n")]
        {
            let colored = unified(old, new, "x", Style { color: true, unicode: true, ..Style::default() });
            assert_eq!(uncolored(&colored), unified(old, new, "x", PLAIN));
            assert_ne!(colored, uncolored(&colored));
        }
    }

    #[test]
    fn nothing_in_it_acts_on_the_terminal() {
        let diff = unified("a\u{1b}[2J\rb\n", "\u{202e}\n", "x\u{1b}\n", PLAIN);
        assert_eq!(diff, "--- a/x??\n+++ b/x??\n@@ -1 +1 @@\n-a?[2J?b\n+\u{fffd}\n");
    }
}
