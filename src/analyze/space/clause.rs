//! What a statement says of a text: one of some patterns, or none of them.

use std::collections::BTreeSet;

use super::bits::{Bits, Classes};
use super::effort::{Effort, step};
use super::glob::{Glob, Letter, Token, Word};

/// A text is one of some patterns, or none of them.
#[derive(Clone, Debug)]
pub(super) struct Clause<'g> {
    pub negated: bool,
    pub globs: Vec<&'g Glob>,
}

impl Clause<'_> {
    /// Whether a text surely passes, whatever the variables in the patterns are.
    pub fn surely_holds(&self, word: &[Letter]) -> bool {
        match self.negated {
            false => self.globs.iter().any(|glob| glob.takes(word)),
            true => !self.globs.iter().any(|glob| glob.may_take(word)),
        }
    }

    /// Whether a text may pass.
    pub fn may_hold(&self, word: &[Letter]) -> bool {
        match self.negated {
            false => self.globs.iter().any(|glob| glob.reads(word, true)),
            true => !self.globs.iter().any(|glob| glob.takes(word)),
        }
    }

    pub fn has_variable(&self) -> bool {
        self.globs.iter().any(|glob| glob.is_variable())
    }
}

/// Adds the class of one text, if the asked statement takes it.
pub(super) fn try_word(
    focus: &[Clause<'_>],
    cover: &[Vec<Clause<'_>>],
    word: &[Letter],
    found: &mut Classes<Word>,
) {
    if focus.iter().all(|clause| clause.may_hold(word)) {
        found.add(bits(cover, word), || word.to_vec());
    }
}

fn bits(cover: &[Vec<Clause<'_>>], word: &[Letter]) -> Bits {
    let mut bits = Bits::none(cover.len());
    for (at, clauses) in cover.iter().enumerate() {
        if clauses.iter().all(|clause| clause.surely_holds(word)) {
            bits.insert(at);
        }
    }
    bits
}

/// What it takes to see whether a pattern begins as others do, in the time of a step.
const STEPS_A_HEAD: usize = 8;

/// Leaves out of the covering statements the patterns that take no text of the asked ones: those that
/// begin otherwise.
pub(super) fn narrow<'g>(focus: &[Clause<'_>], cover: Vec<Vec<Clause<'g>>>) -> Vec<Vec<Clause<'g>>> {
    let heads: Vec<Heads> = focus.iter().filter(|clause| !clause.negated).map(Heads::new).collect();
    let narrow = |mut clause: Clause<'g>| {
        step(clause.globs.len() * STEPS_A_HEAD);
        clause.globs.retain(|glob| heads.iter().all(|heads| heads.may_meet(glob)));
        clause
    };
    cover.into_iter().map(|clauses| clauses.into_iter().map(narrow).collect()).collect()
}

/// Leaves out of the covering statements the clauses that take all that one of the asked statements does,
/// pattern by pattern: that is seen without an automaton.
pub(super) fn without_wider<'g>(
    focus: &[Clause<'_>],
    mut cover: Vec<Vec<Clause<'g>>>,
    effort: &Effort,
) -> Vec<Vec<Clause<'g>>> {
    let is_wider = |clause: &Clause<'_>| {
        !clause.negated
            && focus.iter().filter(|asked| !asked.negated && !asked.globs.is_empty()).any(|asked| {
                let contains =
                    |glob: &Glob, inner: &Glob| effort.check().is_ok() && glob.surely_contains(inner);
                asked.globs.iter().all(|inner| clause.globs.iter().any(|glob| contains(glob, inner)))
            })
    };
    for clauses in &mut cover {
        clauses.retain(|clause| !is_wider(clause));
    }
    cover
}

/// How the patterns of a clause begin.
struct Heads {
    heads: BTreeSet<String>,
}

impl Heads {
    fn new(clause: &Clause<'_>) -> Self {
        Heads { heads: clause.globs.iter().map(|glob| head(glob)).collect() }
    }

    /// Whether one of them begins as `glob` does, as far as either says.
    fn may_meet(&self, glob: &Glob) -> bool {
        let head = head(glob);
        let longer =
            self.heads.range::<String, _>(&head..).next().is_some_and(|known| known.starts_with(&head));
        let ends = head.char_indices().map(|(at, _)| at).chain([head.len()]);
        longer || ends.into_iter().any(|end| self.heads.contains(&head[..end]))
    }
}

/// How much of a head is looked at: two that are the same so far may meet.
const HEAD: usize = 256;

/// What a pattern has before its first wildcard.
fn head(glob: &Glob) -> String {
    let character = |token: &Token| match token {
        Token::Char(character) => Some(*character),
        _ => None,
    };
    glob.tokens.iter().map_while(character).take(HEAD).collect()
}
