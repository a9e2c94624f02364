//! Names that stand twice in one object, which most parsers drop without a word.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Parser;
use crate::parse::problems::{Problem, ProblemKind};
use crate::parse::tree::Member;
use crate::span::Span;

/// Objects with fewer members than this are searched pair by pair, which is quicker than making a
/// table.
const SMALL_OBJECT: usize = 10;

impl Parser<'_> {
    pub(super) fn find_duplicates(&mut self, members: &[Member]) {
        if members.len() < SMALL_OBJECT {
            for (index, member) in members.iter().enumerate().skip(1) {
                let name = member.key.text(self.text);
                let first = members[..index].iter().find(|other| other.key.text(self.text) == name);
                if let Some(first) = first {
                    self.report_duplicate(first.key.span, member.key.span);
                }
            }
            return;
        }
        let mut seen = HashMap::with_capacity(members.len());
        for member in members {
            let name = member.key.text(self.text);
            match seen.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(member.key.span);
                }
                Entry::Occupied(entry) => {
                    let first = *entry.get();
                    self.report_duplicate(first, member.key.span);
                }
            }
        }
    }

    pub(super) fn report_duplicate(&mut self, first: Span, span: Span) {
        // Names that were themselves reported as missing are empty and alike.
        if !span.is_empty() {
            self.push(Problem { span, kind: ProblemKind::DuplicateMember { first } });
        }
    }
}
