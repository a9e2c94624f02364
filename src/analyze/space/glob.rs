//! Patterns of texts as the engine holds them: letters, two kinds of `?` and `*`, and variables.

use std::ops::Range;

use super::effort::{is_over, step};
use super::names::{Compared, Names};
use crate::analyze::evaluate::split_arn;
use crate::analyze::shapes::may_have_colon;
use crate::policy::{Part, TextHole};

/// One element of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Token {
    /// This character.
    Char(char),
    /// This character in either case; held in lower case.
    Fold(char),
    /// `?`
    Any,
    /// One of the twelve digits of an account.
    Digit,
    /// `?` in one of the first five segments of an ARN: not a colon.
    Inner,
    /// `*`
    Star,
    /// `*` in one of the first five segments of an ARN.
    InnerStar,
    /// A text that is not known before the request: a policy variable, a hole.
    Variable(u32),
    /// The same, of one that holds no colon.
    Segment(u32),
}

/// One letter of the texts that patterns are compared over. A variable is a letter of its own, which
/// no pattern but a star and the same variable takes: whatever its value, they would take that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Letter {
    Char(char),
    Variable(u32),
    /// One that holds no colon.
    Segment(u32),
}

/// A text over such letters.
pub(super) type Word = Vec<Letter>;

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Glob {
    pub tokens: Vec<Token>,
}

impl Token {
    /// Whether the letter takes it one step on.
    pub fn takes(self, letter: Letter) -> bool {
        match (self, letter) {
            (Token::Char(wanted), Letter::Char(letter)) => wanted == letter,
            (Token::Fold(wanted), Letter::Char(letter)) => wanted == letter.to_ascii_lowercase(),
            (Token::Any, Letter::Char(_)) => true,
            (Token::Inner, Letter::Char(letter)) => letter != ':',
            (Token::Variable(wanted), Letter::Variable(name))
            | (Token::Segment(wanted), Letter::Segment(name)) => wanted == name,
            (Token::Digit, Letter::Char(letter)) => letter.is_ascii_digit(),
            _ => false,
        }
    }

    /// Whether the letter leaves it where it is.
    pub fn stays(self, letter: Letter) -> bool {
        match self {
            Token::Star => true,
            Token::InnerStar => match letter {
                Letter::Char(character) => character != ':',
                Letter::Segment(_) => true,
                Letter::Variable(_) => false,
            },
            _ => false,
        }
    }

    /// Whether it takes, one step on, each letter that another token takes one step on.
    fn takes_all(self, inner: Token) -> bool {
        match (self, inner) {
            (_, Token::Star | Token::InnerStar) => false,
            (_, Token::Char(character)) => self.takes(Letter::Char(character)),
            (Token::Any, Token::Fold(_) | Token::Digit | Token::Inner | Token::Any) => true,
            (Token::Inner, Token::Fold(character)) => character != ':',
            (Token::Inner, Token::Digit | Token::Inner) => true,
            _ => self == inner,
        }
    }

    /// Whether all that another token takes leaves it where it is.
    fn stays_for(self, inner: Token) -> bool {
        match (self, inner) {
            (Token::Star, _) => true,
            (Token::InnerStar, Token::Char(character) | Token::Fold(character)) => character != ':',
            (Token::InnerStar, Token::Digit | Token::Inner | Token::InnerStar) => true,
            _ => false,
        }
    }

    pub fn is_star(self) -> bool {
        matches!(self, Token::Star | Token::InnerStar)
    }
}

impl Letter {
    pub fn is_variable(self) -> bool {
        matches!(self, Letter::Variable(_) | Letter::Segment(_))
    }
}

impl Glob {
    /// What every text is taken by.
    pub fn any() -> Self {
        Glob { tokens: vec![Token::Star] }
    }

    /// A pattern of actions, which ignore case.
    pub fn action(text: &str) -> Self {
        if text == "*:*" {
            return Glob::any();
        }
        Glob { tokens: text.to_ascii_lowercase().chars().map(wildcard).collect() }
    }

    /// A pattern over a whole text. With `names`, `${…}` is a policy variable.
    pub fn like(text: &str, names: Option<&mut Names>) -> Self {
        Glob { tokens: tokens(text, names, Compared::Exactly, wildcard) }
    }

    /// One text; only variables are special.
    pub fn literal(text: &str, names: Option<&mut Names>) -> Self {
        Glob { tokens: tokens(text, names, Compared::Exactly, Token::Char) }
    }

    /// One text in any case.
    pub fn folded(text: &str, names: Option<&mut Names>) -> Self {
        let fold = |character: char| Token::Fold(character.to_ascii_lowercase());
        Glob { tokens: tokens(text, names, Compared::Folded, fold) }
    }

    /// Six segments of an ARN; `None` for fewer.
    pub fn arn(text: &str, names: Option<&mut Names>) -> Option<Self> {
        let segments: Vec<&str> = text.splitn(6, ':').collect();
        let [head @ .., last] = segments.as_slice() else { return None };
        if head.len() != 5 {
            return None;
        }
        let mut all = first(head[0], None)?;
        for segment in &head[1..] {
            all.push(Token::Char(':'));
            all.extend(segment.chars().map(inner));
        }
        all.push(Token::Char(':'));
        all.extend(tokens(last, names, Compared::Exactly, wildcard));
        Some(Glob { tokens: all })
    }

    /// The same in a condition, where policy variables may stand in every segment.
    pub fn arn_value(text: &str, mut names: Option<&mut Names>) -> Option<Self> {
        let Some([head @ .., last]) = split_arn(text, names.is_some()) else {
            return short_arn_value(text, names?);
        };
        let mut all = first(head[0], names.as_deref_mut())?;
        for segment in &head[1..] {
            all.push(Token::Char(':'));
            all.extend(tokens(segment, names.as_deref_mut(), Compared::Arn, inner));
        }
        all.push(Token::Char(':'));
        all.extend(tokens(last, names, Compared::Exactly, wildcard));
        Some(Glob { tokens: all })
    }

    /// A resource of which not all is known, where a policy has variables or has none.
    pub fn hole(hole: &TextHole, variables: bool, names: &mut Names) -> Self {
        if !hole.is_arn_by_segments() {
            return Glob::unknown(names.text_hole(hole, Compared::Arn, variables));
        }
        let mut colons = 0;
        let mut tokens = Vec::new();
        for part in &hole.parts {
            match part {
                Part::Literal(text) => tokens.extend(text.chars().map(|character| {
                    colons += usize::from(character == ':');
                    if colons < 5 { inner(character) } else { wildcard(character) }
                })),
                Part::Segment(name) => tokens.push(Token::Segment(names.segment(name))),
                Part::Attribute(name) => {
                    tokens.push(Token::Variable(names.hole(name, Compared::Exactly, false)));
                }
                Part::Unknown(name) => {
                    tokens.push(Token::Variable(names.hole(name, Compared::Like, variables)));
                }
            }
        }
        Glob { tokens }
    }

    /// What is not known before the request.
    pub fn unknown(name: u32) -> Self {
        Glob { tokens: vec![Token::Variable(name)] }
    }

    /// Whether it takes every text.
    pub fn is_any(&self) -> bool {
        !self.tokens.is_empty() && self.tokens.iter().all(|token| *token == Token::Star)
    }

    /// Whether a variable is in it.
    pub fn is_variable(&self) -> bool {
        self.tokens.iter().any(|token| matches!(token, Token::Variable(_) | Token::Segment(_)))
    }

    /// The one word that it takes, if it takes one only.
    pub fn word(&self) -> Option<Word> {
        let letter = |token: &Token| match token {
            Token::Char(character) => Some(Letter::Char(*character)),
            Token::Variable(name) => Some(Letter::Variable(*name)),
            Token::Segment(name) => Some(Letter::Segment(*name)),
            _ => None,
        };
        self.tokens.iter().map(letter).collect()
    }

    /// What it takes at most, whatever the variables are.
    pub fn widest(&self) -> Glob {
        let widest = |token: &Token| match token {
            Token::Variable(_) => Token::Star,
            Token::Segment(_) => Token::InnerStar,
            token => *token,
        };
        Glob { tokens: self.tokens.iter().map(widest).collect() }
    }

    /// Whether it takes all that another one does, as can be seen by reading the other as a text. If not, it may
    /// do so all the same: `?*` takes what `*?` does.
    pub fn surely_contains(&self, other: &Glob) -> bool {
        let mut places = Places::at(self, 0);
        for inner in &other.tokens {
            places.step(|token| token.stays_for(*inner), |token| token.takes_all(*inner));
            if places.is_empty() {
                return false;
            }
        }
        places.has_end()
    }

    /// Whether it takes a word.
    pub fn takes(&self, word: &[Letter]) -> bool {
        self.reads(word, false)
    }

    /// Whether it takes a word for some value of the variables in the word and, if it has any of its
    /// own, for some values of those.
    pub fn may_take(&self, word: &[Letter]) -> bool {
        match self.is_variable() {
            true => self.widest().reads(word, true),
            false => self.reads(word, true),
        }
    }

    /// With `loose`, a variable in the word may stand for anything that the pattern goes on with.
    pub fn reads(&self, word: &[Letter], loose: bool) -> bool {
        let loose = loose && word.iter().any(|letter| letter.is_variable());
        if loose {
            return self.simulate(word, 0, true);
        }
        let head = self.tokens.iter().take_while(|token| !token.is_star()).count();
        let plain = self.tokens.iter().zip(word).take(head).all(|(token, letter)| token.takes(*letter));
        // Most end at the first letters.
        step(1 + if plain { head / 8 } else { 0 });
        if !plain || word.len() < head {
            return false;
        }
        if head == self.tokens.len() {
            return word.len() == head;
        }
        self.simulate(word, head, false)
    }

    /// Reads a word of which the pattern takes the first `head` letters one by one.
    fn simulate(&self, word: &[Letter], head: usize, loose: bool) -> bool {
        let mut places = Places::at(self, head);
        for letter in &word[head..] {
            if loose && letter.is_variable() {
                places.leap(*letter);
            } else {
                places.step(|token| token.stays(*letter), |token| token.takes(*letter));
            }
            if places.is_empty() {
                return false;
            }
        }
        places.has_end()
    }
}

/// The places of a pattern that a text read so far can have led to.
struct Places<'g> {
    tokens: &'g [Token],
    now: Marks,
    next: Marks,
}

/// Marked places.
struct Marks {
    at: Vec<bool>,
    /// All that are marked are in here.
    range: Range<usize>,
    /// The last star among them: those before are of no account, as it takes what they take.
    star: usize,
}

impl Marks {
    fn none(size: usize) -> Self {
        Marks { at: vec![false; size], range: size..0, star: 0 }
    }

    fn mark(&mut self, place: usize) {
        self.at[place] = true;
        self.range = self.range.start.min(place)..self.range.end.max(place + 1);
    }

    fn clear(&mut self) {
        if let Some(marked) = self.at.get_mut(self.range.clone()) {
            marked.fill(false);
        }
        (self.range, self.star) = (self.at.len()..0, 0);
    }

    /// Those of account.
    fn range(&self) -> Range<usize> {
        self.range.start.max(self.star)..self.range.end
    }
}

impl<'g> Places<'g> {
    /// One place of a pattern, and those behind the stars there.
    fn at(glob: &'g Glob, place: usize) -> Self {
        let size = glob.tokens.len() + 1;
        step(size / 16);
        let mut places = Places { tokens: &glob.tokens, now: Marks::none(size), next: Marks::none(size) };
        places.enter(place);
        std::mem::swap(&mut places.now, &mut places.next);
        places
    }

    fn is_empty(&self) -> bool {
        self.now.range.is_empty()
    }

    fn has_end(&self) -> bool {
        self.now.at[self.tokens.len()]
    }

    /// Goes on to the places behind a letter.
    fn step(&mut self, stays: impl Fn(Token) -> bool, takes: impl Fn(Token) -> bool) {
        self.go(|places| {
            for place in places.now.range() {
                let token = places.tokens.get(place).copied().filter(|_| places.now.at[place]);
                if token.is_some_and(&stays) {
                    places.enter(place);
                }
                if token.is_some_and(&takes) {
                    places.enter(place + 1);
                }
            }
        });
    }

    /// Goes on behind a letter that may stand for any text: to every place that the pattern can get to from here.
    fn leap(&mut self, letter: Letter) {
        let is_stop =
            |token: Option<&Token>| matches!(letter, Letter::Segment(_)) && token == Some(&Token::Char(':'));
        self.go(|places| {
            let mut going = false;
            for place in places.now.range().start..=places.tokens.len() {
                going |= places.now.at[place];
                if going {
                    places.next.mark(place);
                }
                going &= !is_stop(places.tokens.get(place));
            }
        });
    }

    /// Makes what `next` finds the places of now. There are none once nobody looks at them any more.
    fn go(&mut self, next: impl FnOnce(&mut Self)) {
        step(1 + self.now.range().len());
        if !is_over() {
            next(self);
        }
        self.now.clear();
        std::mem::swap(&mut self.now, &mut self.next);
    }

    /// Adds a place and those behind the stars that may stand for nothing.
    fn enter(&mut self, mut place: usize) {
        loop {
            self.next.mark(place);
            match self.tokens.get(place) {
                Some(token) if token.is_star() => {
                    if *token == Token::Star {
                        self.next.star = self.next.star.max(place);
                    }
                    place += 1;
                }
                _ => return,
            }
        }
    }
}

/// A pattern of ARNs that has its six segments once its policy variables are replaced; `None` if it has no variable that
/// may hold a colon.
fn short_arn_value(text: &str, names: &mut Names) -> Option<Glob> {
    let pattern = Glob { tokens: tokens(text, Some(&mut *names), Compared::Arn, wildcard) };
    // Which segment a star is in depends on the values.
    let is_free = pattern.tokens.iter().any(|token| token.is_star() || *token == Token::Any);
    let may_have_colon = pattern.tokens.iter().any(|token| matches!(token, Token::Variable(_)));
    match (may_have_colon, is_free) {
        (true, true) => Some(Glob::unknown(names.hole(text, Compared::Arn, true))),
        (true, false) => Some(pattern),
        (false, _) => None,
    }
}

/// Whether no value of a policy variable holds a colon, nor its default value.
fn holds_no_colon(name: &str) -> bool {
    let (key, default) = name.split_once(',').unwrap_or((name, ""));
    !may_have_colon(key.trim()) && !default.contains(':')
}

/// The first segment of a pattern of ARNs: what is matched begins with `arn`, or it is no ARN.
fn first(segment: &str, names: Option<&mut Names>) -> Option<Vec<Token>> {
    let pattern = Glob { tokens: tokens(segment, names, Compared::Arn, inner) };
    let is_arn = pattern.is_variable() || pattern.takes(&word("arn"));
    is_arn.then(
        || if pattern.is_variable() { pattern.tokens } else { "arn".chars().map(Token::Char).collect() },
    )
}

/// The letters of a plain text.
pub(super) fn word(text: &str) -> Word {
    text.chars().map(Letter::Char).collect()
}

fn wildcard(character: char) -> Token {
    match character {
        '*' => Token::Star,
        '?' => Token::Any,
        other => Token::Char(other),
    }
}

fn inner(character: char) -> Token {
    match character {
        '*' => Token::InnerStar,
        '?' => Token::Inner,
        other => Token::Char(other),
    }
}

/// Reads a text in which `${…}` is a variable and `${*}`, `${?}`, `${$}` are characters, if `names` is
/// given.
fn tokens(
    text: &str,
    names: Option<&mut Names>,
    compared: Compared,
    plain: impl Fn(char) -> Token,
) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    if let Some(names) = names {
        while let Some((before, variable)) = rest.split_once("${") {
            let Some((name, after)) = variable.split_once('}') else { break };
            tokens.extend(before.chars().map(&plain));
            tokens.push(match name {
                "*" | "?" | "$" => Token::Char(name.chars().next().unwrap_or('$')),
                name => {
                    let number = names.variable(name, compared);
                    if holds_no_colon(name) { Token::Segment(number) } else { Token::Variable(number) }
                }
            });
            rest = after;
        }
    }
    tokens.extend(rest.chars().map(plain));
    // Two stars in a row say no more than one.
    tokens.dedup_by(|next, before| next.is_star() && next == before);
    tokens
}
