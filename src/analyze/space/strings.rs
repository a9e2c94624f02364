//! The classes of a dimension of texts: the patterns of all statements as one automaton, made
//! deterministic step by step and only where the asked statement may still match.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::bits::{Bits, Classes};
use super::clause::Clause;
use super::effort::{Effort, Exhausted, Held, keep, step};
use super::glob::{Glob, Letter, Token, Word};

/// The sets of covering statements that texts of the asked one are in.
///
/// `focus` must all hold; bit j of a set says that all clauses of `cover[j]` do.
pub(super) fn explore(
    focus: &[Clause<'_>],
    cover: &[Vec<Clause<'_>>],
    found: &mut Classes<Word>,
    effort: &mut Effort,
) -> Result<(), Exhausted> {
    Machine::new(focus, cover).run(found, effort)
}

/// One clause and how the automaton's patterns stand to it in a state.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    /// A pattern takes what was read.
    accepts: bool,
    /// A pattern takes it and all that may follow.
    certain: bool,
    /// A pattern may still take something.
    alive: bool,
}

/// All patterns in a row, each closed by `None`.
struct Machine {
    tokens: Vec<Option<Token>>,
    /// Where each pattern begins.
    starts: Vec<u32>,
    /// The pattern that a position belongs to.
    pattern_of: Vec<u32>,
    /// Whether a variable in a text may stand for anything that the pattern goes on with.
    loose: Vec<bool>,
    /// The clauses that each pattern belongs to.
    clauses_of: Vec<Vec<u32>>,
    /// Of each clause, whether it is negated. Those of the asked statement come first.
    negated: Vec<bool>,
    focus: usize,
    /// Of each covering statement, its clauses.
    cover: Vec<std::ops::Range<usize>>,
    /// A character that is in no pattern.
    other: char,
}

/// A set of positions, with the way to it.
struct State {
    positions: Box<[u32]>,
    from: usize,
    letter: Option<Letter>,
}

impl Machine {
    fn new(focus: &[Clause<'_>], cover: &[Vec<Clause<'_>>]) -> Self {
        let mut machine = Machine {
            tokens: Vec::new(),
            starts: Vec::new(),
            pattern_of: Vec::new(),
            loose: Vec::new(),
            clauses_of: Vec::new(),
            negated: Vec::new(),
            focus: focus.len(),
            cover: Vec::new(),
            other: 'x',
        };
        let mut known = HashMap::new();
        // The texts with variables in them are those of the asked statement's positive patterns.
        let variables = |clause: &Clause<'_>| !clause.negated && clause.has_variable();
        let with_variables = focus.iter().filter(|clause| variables(clause)).count();
        for clause in focus {
            let others = with_variables - usize::from(variables(clause));
            machine.clause(clause, false, !clause.negated && others > 0, &mut known);
        }
        for clauses in cover {
            let first = machine.negated.len();
            for clause in clauses {
                machine.clause(clause, clause.negated, clause.negated && with_variables > 0, &mut known);
            }
            machine.cover.push(first..machine.negated.len());
        }
        // Each token stands in the row, in the table of what is known, and with the number of its pattern.
        step(machine.tokens.len());
        keep(machine.tokens.len() * (2 * size_of::<Token>() + size_of::<u32>()));
        machine.other = other(&machine.tokens);
        machine
    }

    /// What a negated test of a covering statement may exclude, it is taken to exclude: `widest`.
    fn clause(
        &mut self,
        clause: &Clause<'_>,
        widest: bool,
        loose: bool,
        known: &mut HashMap<(Glob, bool), u32>,
    ) {
        let number = self.negated.len() as u32;
        self.negated.push(clause.negated);
        for glob in &clause.globs {
            let glob = match widest && glob.is_variable() {
                true => glob.widest(),
                false => (*glob).clone(),
            };
            let pattern = *known.entry((glob, loose)).or_insert_with_key(|(glob, loose)| {
                let pattern = self.starts.len() as u32;
                self.loose.push(*loose);
                self.starts.push(self.tokens.len() as u32);
                self.tokens.extend(glob.tokens.iter().copied().map(Some).chain([None]));
                self.pattern_of.resize(self.tokens.len(), pattern);
                self.clauses_of.push(Vec::new());
                pattern
            });
            self.clauses_of[pattern as usize].push(number);
        }
    }

    fn run(&self, found: &mut Classes<Word>, effort: &mut Effort) -> Result<(), Exhausted> {
        let mut start = Vec::new();
        self.starts.iter().for_each(|at| self.enter(&mut start, *at));
        let mut known: HashSet<Box<[u32]>> = HashSet::new();
        let positions = tidy(start, self);
        known.insert(positions.clone());
        let mut states = vec![State { positions, from: 0, letter: None }];
        let mut at = 0;
        let mut standing = vec![Standing::default(); self.negated.len()];
        while at < states.len() {
            step(states[at].positions.len() + standing.len());
            effort.state()?;
            self.stand(&states[at].positions, &mut standing);
            if self.is_lost(&standing) {
                at += 1;
                continue;
            }
            if self.takes(&standing) {
                found.add(self.accepting(&standing), || word(&states, at));
                if found.is_settled() {
                    return Ok(());
                }
            }
            if !found.has_within(&self.certain(&standing)) {
                for (letter, positions) in self.steps(&states[at].positions) {
                    step(positions.len());
                    if !known.contains(&positions) {
                        keep(2 * size_of_val(&*positions) + size_of::<State>() + size_of::<Box<[u32]>>());
                        known.insert(positions.clone());
                        states.push(State { positions, from: at, letter: Some(letter) });
                    }
                }
            }
            at += 1;
        }
        Ok(())
    }

    /// How every clause stands in a state.
    fn stand(&self, positions: &[u32], standing: &mut [Standing]) {
        standing.fill(Standing::default());
        for position in positions {
            let position = *position as usize;
            let (accepts, certain) = match (self.tokens[position], self.tokens.get(position + 1)) {
                (None, _) => (true, false),
                (Some(Token::Star), Some(None)) => (true, true),
                _ => (false, false),
            };
            for clause in &self.clauses_of[self.pattern_of[position] as usize] {
                let clause = &mut standing[*clause as usize];
                clause.accepts |= accepts;
                clause.certain |= certain;
                clause.alive = true;
            }
        }
    }

    /// Whether the asked statement takes nothing that begins like this.
    fn is_lost(&self, standing: &[Standing]) -> bool {
        let lost = |(standing, negated): (&Standing, &bool)| match negated {
            false => !standing.alive,
            true => standing.certain,
        };
        standing.iter().zip(&self.negated).take(self.focus).any(lost)
    }

    /// Whether the asked statement takes what was read.
    fn takes(&self, standing: &[Standing]) -> bool {
        let mut clauses = standing.iter().zip(&self.negated).take(self.focus);
        clauses.all(|(standing, negated)| standing.accepts != *negated)
    }

    /// The covering statements that take what was read.
    fn accepting(&self, standing: &[Standing]) -> Bits {
        self.bits(|clause| standing[clause].accepts != self.negated[clause])
    }

    /// The covering statements that take it and all that may follow.
    fn certain(&self, standing: &[Standing]) -> Bits {
        self.bits(|clause| match self.negated[clause] {
            false => standing[clause].certain,
            true => !standing[clause].alive,
        })
    }

    fn bits(&self, holds: impl Fn(usize) -> bool) -> Bits {
        let mut bits = Bits::none(self.cover.len());
        for (at, clauses) in self.cover.iter().enumerate() {
            if clauses.clone().all(&holds) {
                bits.insert(at);
            }
        }
        bits
    }

    /// Where the letters that make a difference lead, and one that stands for all others.
    fn steps(&self, positions: &[u32]) -> Vec<(Letter, Box<[u32]>)> {
        let mut characters: BTreeMap<char, Vec<u32>> = BTreeMap::new();
        let mut variables = BTreeSet::new();
        let mut wild = Vec::new();
        for position in positions {
            match self.tokens[*position as usize] {
                Some(Token::Char(character)) => {
                    self.enter(characters.entry(character).or_default(), *position + 1);
                }
                Some(Token::Fold(character)) => {
                    self.enter(characters.entry(character).or_default(), *position + 1);
                    let upper = character.to_ascii_uppercase();
                    if upper != character {
                        self.enter(characters.entry(upper).or_default(), *position + 1);
                    }
                }
                Some(Token::Variable(name)) if self.is_asked(*position) => {
                    variables.insert(Letter::Variable(name));
                }
                Some(Token::Segment(name)) if self.is_asked(*position) => {
                    variables.insert(Letter::Segment(name));
                }
                Some(token @ (Token::Digit | Token::Inner | Token::InnerStar | Token::Any | Token::Star)) => {
                    wild.push((*position, token));
                }
                Some(Token::Variable(_) | Token::Segment(_)) | None => {}
            }
        }
        if wild.iter().any(|(_, token)| matches!(token, Token::Inner | Token::InnerStar)) {
            characters.entry(':').or_default();
        }
        if wild.iter().any(|(_, token)| *token == Token::Digit) {
            for digit in '0'..='9' {
                characters.entry(digit).or_default();
            }
        }
        // A text beyond all patterns is one that negated statements take.
        if !wild.is_empty() || self.negated[..self.focus].iter().all(|negated| *negated) {
            characters.entry(self.other).or_default();
        }
        step(positions.len() + characters.len() * wild.len());
        let mut steps = Vec::with_capacity(characters.len() + variables.len());
        for (character, mut next) in characters {
            let letter = Letter::Char(character);
            for (position, token) in &wild {
                if token.stays(letter) {
                    self.enter(&mut next, *position);
                }
                if token.takes(letter) {
                    self.enter(&mut next, *position + 1);
                }
            }
            steps.push((letter, tidy(next, self)));
        }
        steps.extend(variables.into_iter().map(|letter| (letter, self.step(positions, letter))));
        steps
    }

    /// Whether a position is in a pattern of the asked statement.
    fn is_asked(&self, position: u32) -> bool {
        let clauses = &self.clauses_of[self.pattern_of[position as usize] as usize];
        clauses.iter().any(|clause| (*clause as usize) < self.focus && !self.negated[*clause as usize])
    }

    /// Where a variable leads.
    fn step(&self, positions: &[u32], letter: Letter) -> Box<[u32]> {
        let mut next = Vec::new();
        for position in positions {
            let Some(token) = self.tokens[*position as usize] else {
                // A variable may be nothing, too.
                if self.loose[self.pattern_of[*position as usize] as usize] {
                    next.push(*position);
                }
                continue;
            };
            if self.loose[self.pattern_of[*position as usize] as usize] {
                let is_stop = |token: &Option<Token>| match letter {
                    Letter::Segment(_) => token.is_none_or(|token| token == Token::Char(':')),
                    _ => token.is_none(),
                };
                let end = self.tokens[*position as usize..].iter().position(is_stop).unwrap_or(0);
                next.extend(*position..=*position + end as u32);
                continue;
            }
            if token.stays(letter) {
                self.enter(&mut next, *position);
            }
            if token.takes(letter) {
                self.enter(&mut next, *position + 1);
            }
        }
        tidy(next, self)
    }

    /// Adds a position and those behind the stars that may stand for nothing.
    fn enter(&self, positions: &mut Vec<u32>, mut at: u32) {
        positions.push(at);
        while self.tokens[at as usize].is_some_and(Token::is_star) {
            at += 1;
            positions.push(at);
        }
    }
}

/// Sorts positions and leaves out those that the last star of the same pattern makes needless: what
/// they take, the star takes too.
fn tidy(mut positions: Vec<u32>, machine: &Machine) -> Box<[u32]> {
    positions.sort_unstable();
    positions.dedup();
    let pattern = |position: u32| machine.pattern_of[position as usize];
    let mut kept: Vec<u32> = Vec::with_capacity(positions.len());
    let mut star = None;
    for position in positions.into_iter().rev() {
        if star == Some(pattern(position)) {
            continue;
        }
        if machine.tokens[position as usize] == Some(Token::Star) {
            star = Some(pattern(position));
        }
        kept.push(position);
    }
    kept.reverse();
    kept.into_boxed_slice()
}

impl Held for Letter {
    fn held(&self) -> usize {
        0
    }
}

fn word(states: &[State], mut at: usize) -> Word {
    let mut word = Vec::new();
    while let Some(letter) = states[at].letter {
        word.push(letter);
        at = states[at].from;
    }
    word.reverse();
    word
}

/// A character that none of the patterns has.
fn other(tokens: &[Option<Token>]) -> char {
    let used: BTreeSet<char> = tokens
        .iter()
        .filter_map(|token| match token {
            Some(Token::Char(character)) => Some(character.to_ascii_lowercase()),
            Some(Token::Fold(character)) => Some(*character),
            _ => None,
        })
        .collect();
    let letters = ('x'..='z').chain('a'..='w').chain('0'..='9').chain('\u{e0}'..='\u{ff}').chain('!'..='~');
    letters
        .into_iter()
        .chain('\u{a1}'..)
        .find(|character| !used.contains(&character.to_ascii_lowercase()))
        .unwrap_or('x')
}
