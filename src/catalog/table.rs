//! A sorted text, one fact a line, searched as it stands.

use std::cmp::Ordering;

use memchr::{memchr, memrchr};

/// Lines sorted by their first column without regard to case; columns are separated by tabs.
pub(super) struct Table(&'static str);

pub(super) static SERVICES: Table = Table(include_str!("data/services.txt"));
pub(super) static ACTIONS: Table = Table(include_str!("data/actions.txt"));
pub(super) static RESOURCES: Table = Table(include_str!("data/resources.txt"));
pub(super) static BORROWED: Table = Table(include_str!("data/borrowed.txt"));
pub(super) static KEYS: Table = Table(include_str!("data/keys.txt"));
pub(super) static SETS: Table = Table(include_str!("data/sets.txt"));

impl Table {
    /// The line of that name.
    pub(super) fn line(&self, name: &str) -> Option<Line> {
        self.from(name).next().filter(|line| line.name().eq_ignore_ascii_case(name))
    }

    /// The lines whose names begin like this, in order.
    pub(super) fn starting(&self, prefix: &str) -> impl Iterator<Item = Line> + use<> {
        let prefix = prefix.to_owned();
        self.from(&prefix).take_while(move |line| starts_with(line.0, &prefix))
    }

    /// Every line.
    pub(super) fn lines(&self) -> impl Iterator<Item = Line> + use<> {
        lines(self.0)
    }

    /// The lines from the first whose name is not before `name`.
    fn from(&self, name: &str) -> impl Iterator<Item = Line> + use<> {
        let bytes = self.0.as_bytes();
        let part = |range: std::ops::Range<usize>| bytes.get(range).unwrap_or_default();
        // The line that is wanted starts at `low` or later, and not behind `high`.
        let (mut low, mut high) = (0, bytes.len());
        while low < high {
            let middle = (low + high) / 2;
            let start = memrchr(b'\n', part(low..middle)).map_or(low, |at| low + at + 1);
            match compare(part(start..bytes.len()), name.as_bytes()) {
                Ordering::Less => {
                    let end = memchr(b'\n', part(middle..bytes.len()));
                    low = end.map_or(bytes.len(), |at| middle + at + 1);
                }
                _ => high = start,
            }
        }
        lines(self.0.get(low..).unwrap_or(""))
    }
}

fn lines(mut text: &'static str) -> impl Iterator<Item = Line> {
    std::iter::from_fn(move || {
        let (line, rest) = cut(text, b'\n');
        text = rest;
        (!line.is_empty()).then_some(Line(line))
    })
}

/// What stands before the first such byte, and what behind it.
fn cut(text: &'static str, at: u8) -> (&'static str, &'static str) {
    let end = memchr(at, text.as_bytes()).unwrap_or(text.len());
    (text.get(..end).unwrap_or(""), text.get(end + 1..).unwrap_or(""))
}

/// One fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line(&'static str);

impl Line {
    /// The first column.
    pub(super) fn name(self) -> &'static str {
        self.column(0)
    }

    /// A column; empty if the line ends before it.
    pub(super) fn column(self, index: usize) -> &'static str {
        let (mut column, mut rest) = cut(self.0, b'\t');
        for _ in 0..index {
            (column, rest) = cut(rest, b'\t');
        }
        column
    }

    /// The items of a column.
    pub(super) fn list(self, index: usize) -> impl Iterator<Item = &'static str> + use<> {
        items(self.column(index))
    }
}

/// The items of a list.
pub(super) fn items(list: &'static str) -> impl Iterator<Item = &'static str> + use<> {
    list.split(',').filter(|item| !item.is_empty())
}

/// The first column of a line to a name, case aside. The text goes on behind the line.
fn compare(line: &[u8], name: &[u8]) -> Ordering {
    let column = line.iter().copied().take_while(|byte| !matches!(byte, b'\t' | b'\n'));
    column.map(|byte| byte.to_ascii_lowercase()).cmp(name.iter().map(u8::to_ascii_lowercase))
}

/// Whether a text begins like this, case aside.
pub(super) fn starts_with(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}
