//! A sorted text, one fact a line, searched as it stands.

use std::cmp::Ordering;

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
        self.0.lines().map(Line)
    }

    /// The lines from the first whose name is not before `name`.
    fn from(&self, name: &str) -> impl Iterator<Item = Line> + use<> {
        // The line that is wanted starts at `low` or later, and not behind `high`.
        let (mut low, mut high) = (0, self.0.len());
        while low < high {
            let middle = (low + high) / 2;
            let before = self.0.get(low..middle).and_then(|text| text.rfind('\n'));
            let start = before.map_or(low, |at| low + at + 1);
            let line = self.0.get(start..).and_then(|text| text.lines().next()).unwrap_or("");
            match compare(Line(line).name(), name) {
                Ordering::Less => low = (start + line.len() + 1).min(self.0.len()),
                _ => high = start,
            }
        }
        self.0.get(low..).unwrap_or("").lines().map(Line)
    }
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
        self.0.split('\t').nth(index).unwrap_or("")
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

fn compare(a: &str, b: &str) -> Ordering {
    a.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()))
}

/// Whether a text begins like this, case aside.
pub(super) fn starts_with(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}
