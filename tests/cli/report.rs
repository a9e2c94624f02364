//! Whatever a file holds and wherever a finding points, showing it works and does nothing else.

use polmerge::document::{Document, Hints, open_policy};
use polmerge::invisible::is_unsafe;
use polmerge::report::style::Style;
use polmerge::report::{diff, human, json};
use polmerge::span::Span;
use polmerge::{Diagnostic, Source};
use proptest::prelude::*;

use crate::draws;

/// Texts with everything that could act on a terminal or upset a drawing.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => any::<char>().prop_map(String::from),
        2 => "[ -~]{0,40}",
        1 => Just("\u{1b}[31m".to_owned()),
        1 => Just("\u{9b}2J".to_owned()),
        1 => Just("\u{202e}\u{2066}".to_owned()),
        1 => Just("\r\n".to_owned()),
        1 => Just("\r".to_owned()),
        1 => Just("\n{\n".to_owned()),
        1 => Just("\t".to_owned()),
        1 => Just("漢字\u{301}👩\u{200d}🚀".to_owned()),
        1 => Just("…".to_owned()),
        1 => Just("x".repeat(300)),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

fn shown(text: &str, spans: &[(usize, usize)], words: &str, unicode: bool) -> String {
    let document: Document = open_policy(Source::new(words, text), &Hints::default());
    let mut finding =
        Diagnostic::new("some-rule", Span::default(), words).label(words).help(words).example(words);
    for (index, &(start, length)) in spans.iter().enumerate() {
        let span = Span::new(start, start + length);
        if index == 0 {
            finding.span = span;
        } else {
            finding = finding.also_at(span, words);
        }
    }
    let style = Style { unicode, ..Style::default() };
    let mut out = human::findings(&[(&document, finding.clone())], style);
    out.push_str(&human::one_line("  before   ", 12, &document, &finding, style));
    out.push_str(&human::file_line(
        words,
        (&[&document], &[document.not_analyzed()], true, 0),
        None,
        &human::Tally::default(),
        style,
    ));
    out.push_str(&json::line(&json::Finding::new(&document, &finding)));
    style.finish(&out)
}

proptest! {
    #![proptest_config(draws::cases(1000))]

    #[test]
    fn nothing_acts_on_the_terminal(
        text in nasty(),
        spans in prop::collection::vec((0..800_usize, 0..200_usize), 1..4),
        words in nasty(),
        unicode: bool,
    ) {
        let out = shown(&text, &spans, &words, unicode);
        prop_assert!(!out.chars().any(is_unsafe), "{out:?}");
        prop_assert!(unicode || out.is_ascii(), "{out:?}");
    }

    #[test]
    fn diffs_of_anything(old in nasty(), new in nasty(), color: bool) {
        let style = Style { color, unicode: true, ..Style::default() };
        let out = diff::unified(&old, &new, &new, style);
        prop_assert_eq!(out.is_empty(), old == new);
        // A carriage return is left where it ends a line.
        let acts = |character: char| is_unsafe(character) && !(color && character == '\u{1b}');
        prop_assert!(!out.replace("\r\n", "\n").chars().any(acts), "{out:?}");
    }

    /// However long the lines of the file are, those of the excerpt fit.
    #[test]
    fn excerpts_fit(
        text in prop::collection::vec("[ -~]{0,400}", 1..6).prop_map(|lines| lines.join("\n")),
        spans in prop::collection::vec((0..1200_usize, 0..300_usize), 1..4),
        words in "([a-z]{1,9} ){0,20}[a-z]{1,9}",
        unicode: bool,
    ) {
        let document = open_policy(Source::new("policy.json", text), &Hints::default());
        let mut finding = Diagnostic::new("some-rule", Span::default(), "title").label(words.as_str()).help(words.as_str());
        for &(start, length) in &spans {
            finding = finding.also_at(Span::new(start, start + length), words.as_str());
        }
        finding.span = Span::new(spans[0].0, spans[0].0 + spans[0].1);
        let style = Style { unicode, ..Style::default() };
        let out = style.finish(&human::finding(&document, &finding, style));
        prop_assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
    }
}
