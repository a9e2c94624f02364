//! IAM wildcards: does a pattern match a text, does one pattern contain another, can both match one text?
//!
//! `*` stands for any number of characters, `?` for exactly one; nothing else is special, so file
//! globs and regular expressions are the wrong tool. In an ARN the first five segments are matched
//! each by itself; [`policy::Resource`](crate::policy::Resource) sees to that.

use std::collections::HashSet;

/// One element of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Token {
    /// This character.
    Char(char),
    /// `?`
    Any,
    /// `*`
    Star,
    /// A policy variable such as `${aws:username}`: a text that nobody knows before the request.
    Variable(String),
}

/// A pattern, ready for matching.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    tokens: Vec<Token>,
}

impl Pattern {
    /// A pattern in which only `*` and `?` are special.
    pub fn new(text: &str) -> Self {
        Pattern { tokens: text.chars().map(wildcard).collect() }
    }

    /// A pattern in which `${…}` is a policy variable and `${*}`, `${?}`, `${$}` are the characters
    /// themselves, as under `Version` 2012-10-17.
    pub fn with_variables(text: &str) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some((before, variable)) = rest.split_once("${") {
            let Some((name, after)) = variable.split_once('}') else { break };
            tokens.extend(before.chars().map(wildcard));
            tokens.push(match name {
                "*" => Token::Char('*'),
                "?" => Token::Char('?'),
                "$" => Token::Char('$'),
                name => Token::Variable(name.to_ascii_lowercase()),
            });
            rest = after;
        }
        tokens.extend(rest.chars().map(wildcard));
        Pattern { tokens }
    }

    /// A pattern in which nothing is special.
    pub fn literal(text: &str) -> Self {
        Pattern { tokens: text.chars().map(Token::Char).collect() }
    }

    /// A pattern of which nothing is known but its name: whatever it is, it is the same wherever the name is.
    pub fn unknown(name: &str) -> Self {
        Pattern { tokens: vec![Token::Variable(name.to_owned())] }
    }

    /// Whether the pattern matches one text only.
    pub fn is_literal(&self) -> bool {
        self.tokens.iter().all(|token| matches!(token, Token::Char(_)))
    }

    /// Whether the pattern matches every text.
    pub fn is_universal(&self) -> bool {
        !self.tokens.is_empty() && self.tokens.iter().all(|token| *token == Token::Star)
    }

    /// Whether the pattern matches `text`. A variable matches nothing here: its value is not known.
    pub fn matches(&self, text: &str) -> bool {
        let (mut token, mut rest) = (0, text.chars());
        // Where to go on if this try fails: behind the last star, with one character more under it.
        let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            let mut next = rest.clone();
            match (self.tokens.get(token), next.next()) {
                (Some(Token::Star), _) => {
                    token += 1;
                    retry = Some((token, rest.clone()));
                    continue;
                }
                (None, None) => return true,
                (Some(Token::Any), Some(_)) => {
                    (token, rest) = (token + 1, next);
                    continue;
                }
                (Some(Token::Char(wanted)), Some(character)) if *wanted == character => {
                    (token, rest) = (token + 1, next);
                    continue;
                }
                _ => {}
            }
            let Some((behind, from)) = &mut retry else { return false };
            if from.next().is_none() {
                return false;
            }
            (token, rest) = (*behind, from.clone());
        }
    }

    /// Whether every text that `inner` matches is matched by `self`.
    ///
    /// Exact, but for patterns so contrived that the search is given up, where the answer is no;
    /// and a variable is contained only in `*` and in itself.
    pub fn contains(&self, inner: &Pattern) -> bool {
        if self == inner || self.is_universal() {
            return true;
        }
        self.tokens.len().saturating_mul(inner.tokens.len()) <= MOST_PAIRS
            && Inclusion::new(&self.tokens, &inner.tokens).holds()
    }

    /// Whether some text is matched by both. A variable may turn out to be any text, and patterns
    /// too long to look at may have one in common.
    pub fn intersects(&self, other: &Pattern) -> bool {
        let (a, b) = (&self.tokens, &other.tokens);
        if a.len().saturating_mul(b.len()) > MOST_PAIRS {
            return true;
        }
        let runs = |token: Option<&Token>| matches!(token, Some(Token::Star | Token::Variable(_)));
        // Which pairs of positions one and the same text can lead to; every step goes forward.
        let mut reached = vec![vec![false; b.len() + 2]; a.len() + 2];
        reached[0][0] = true;
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                if !reached[i][j] {
                    continue;
                }
                let (x, y) = (a.get(i), b.get(j));
                reached[i + 1][j] |= runs(x) || (runs(y) && x.is_some());
                reached[i][j + 1] |= runs(y) || (runs(x) && y.is_some());
                reached[i + 1][j + 1] |= match (x, y) {
                    (Some(Token::Char(x)), Some(Token::Char(y))) => x == y,
                    (Some(Token::Any), Some(Token::Any | Token::Char(_))) => true,
                    (Some(Token::Char(_)), Some(Token::Any)) => true,
                    _ => false,
                };
            }
        }
        reached[a.len()][b.len()]
    }
}

fn wildcard(character: char) -> Token {
    match character {
        '*' => Token::Star,
        '?' => Token::Any,
        other => Token::Char(other),
    }
}

/// The most pairs of positions that are looked at: two patterns of two thousand characters.
const MOST_PAIRS: usize = 4_000_000;

/// How many positions an inclusion check may look at. Patterns in policies need a few thousand; only
/// one made for the purpose needs more.
const BUDGET: usize = 20_000_000;

/// The question whether `outer` matches all that `inner` matches: run through `inner` and keep
/// track of every position in which `outer` may be.
struct Inclusion<'p> {
    outer: &'p [Token],
    inner: &'p [Token],
    /// The characters that make a difference, and one that stands for all others.
    alphabet: Vec<Option<char>>,
}

/// Positions of `outer`, one bit each.
type Positions = Vec<u64>;

impl<'p> Inclusion<'p> {
    fn new(outer: &'p [Token], inner: &'p [Token]) -> Self {
        let mut characters: Vec<char> = outer
            .iter()
            .filter_map(|token| match token {
                Token::Char(character) => Some(*character),
                _ => None,
            })
            .collect();
        characters.sort_unstable();
        characters.dedup();
        let alphabet = characters.into_iter().map(Some).chain([None]).collect();
        Inclusion { outer, inner, alphabet }
    }

    fn holds(&self) -> bool {
        let mut start = vec![0; self.outer.len() / 64 + 1];
        self.enter(&mut start, 0);
        let mut seen = HashSet::new();
        let mut todo = vec![(0, start)];
        let mut work = 0;
        while let Some((at, positions)) = todo.pop() {
            // Each letter is tried on each position.
            work += self.alphabet.len() * self.outer.len();
            if work > BUDGET {
                return false;
            }
            if positions.iter().all(|&block| block == 0) {
                return false;
            }
            if self.takes_all(&positions) || !seen.insert((at, positions.clone())) {
                continue;
            }
            match self.inner.get(at) {
                None if !has(&positions, self.outer.len()) => return false,
                None => {}
                Some(Token::Char(character)) => {
                    todo.push((at + 1, self.step(&positions, Letter::Char(Some(*character)))));
                }
                Some(Token::Variable(name)) => {
                    todo.push((at + 1, self.step(&positions, Letter::Variable(name))))
                }
                Some(Token::Any) => todo.extend(self.steps(&positions).map(|next| (at + 1, next))),
                Some(Token::Star) => {
                    todo.extend(self.steps(&positions).map(|next| (at, next)));
                    todo.push((at + 1, positions));
                }
            }
        }
        true
    }

    fn steps(&self, positions: &Positions) -> impl Iterator<Item = Positions> {
        self.alphabet.iter().map(|&character| self.step(positions, Letter::Char(character)))
    }

    fn step(&self, positions: &Positions, letter: Letter<'_>) -> Positions {
        let mut next = vec![0; positions.len()];
        for (at, token) in self.outer.iter().enumerate().filter(|&(at, _)| has(positions, at)) {
            match (token, letter) {
                (Token::Star, _) => self.enter(&mut next, at),
                (Token::Any, Letter::Char(_)) => self.enter(&mut next, at + 1),
                (Token::Char(wanted), Letter::Char(Some(character))) if *wanted == character => {
                    self.enter(&mut next, at + 1);
                }
                (Token::Variable(wanted), Letter::Variable(name)) if wanted == name => {
                    self.enter(&mut next, at + 1);
                }
                _ => {}
            }
        }
        next
    }

    /// Adds a position and those behind the stars that may stand for nothing.
    fn enter(&self, positions: &mut Positions, mut at: usize) {
        loop {
            positions[at / 64] |= 1 << (at % 64);
            if self.outer.get(at) != Some(&Token::Star) {
                return;
            }
            at += 1;
        }
    }

    /// Whether the outer pattern stands before a star at its end, so that all that follows is taken.
    fn takes_all(&self, positions: &Positions) -> bool {
        self.outer.last() == Some(&Token::Star) && has(positions, self.outer.len() - 1)
    }
}

#[derive(Clone, Copy)]
enum Letter<'p> {
    /// A character, or one that occurs nowhere in the outer pattern.
    Char(Option<char>),
    Variable(&'p str),
}

fn has(positions: &Positions, at: usize) -> bool {
    positions.get(at / 64).is_some_and(|block| block & (1 << (at % 64)) != 0)
}

/// The longest glob of file names that is used, and how many groups in braces it can have.
const LONGEST_GLOB: usize = 1_024;
const MOST_GROUPS: usize = 32;

/// Why a glob of file names is not used, if it is not: no file is named by a larger one, and the library that compiles it
/// uses up the stack where groups in braces nest deeply. They are counted, as which of them nest depends on escapes.
pub fn glob_problem(glob: &str) -> Option<String> {
    if glob.len() > LONGEST_GLOB {
        return Some(format!("a glob has at most {LONGEST_GLOB} characters"));
    }
    let groups = glob.matches('{').count();
    (groups > MOST_GROUPS)
        .then(|| format!("a glob has at most {MOST_GROUPS} groups in braces, and this one has {groups}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contains(outer: &str, inner: &str) -> bool {
        Pattern::with_variables(outer).contains(&Pattern::with_variables(inner))
    }

    #[test]
    fn containment() {
        assert!(contains("s3:Get*", "s3:Get?*"));
        assert!(!contains("s3:Get?*", "s3:Get*"), "the star stands for nothing, too");
        assert!(contains("*a*", "?a?"));
        assert!(contains("**", "*?*"));
        assert!(!contains("a*b", "a*"));
        assert!(contains("a*/${aws:username}*", "ab/${AWS:UserName}/*"));
        assert!(!contains("a?", "a${aws:username}"), "the value may have any length");
        assert!(contains("a${*}", "a${*}") && !contains("a${*}", "ab"));
        // As AWS documents them, with several stars.
        let of = |path: &str| format!("arn:aws:mobiletargeting:*:111111111111:apps/*/{path}");
        assert!(contains(&of("kpis/*"), &of("campaigns/*/kpis/*")));
        assert!(contains(&of("journeys/*/metrics"), &of("journeys/*/activities/*/metrics")));
    }

    #[test]
    fn a_contrived_pattern_is_given_up_quickly() {
        let outer = "*a?????????????????????????????????????????";
        assert!(!contains(outer, &outer.replace('a', "?")));
    }

    fn pattern() -> impl Strategy<Value = String> {
        proptest::string::string_regex("[ab*?]{0,4}").unwrap()
    }

    /// Every text over a small alphabet, up to the length of two patterns together: if two
    /// patterns have a text in common, or one matches what the other does not, a shorter one will do.
    fn texts() -> Vec<String> {
        let mut texts = vec![String::new()];
        let mut last = texts.clone();
        for _ in 0..8 {
            last = last.iter().flat_map(|text| ["a", "b", "c"].map(|next| format!("{text}{next}"))).collect();
            texts.extend(last.clone());
        }
        texts
    }

    proptest! {
        #![proptest_config(crate::draws::cases(300))]

        #[test]
        fn matching_is_what_a_regular_expression_says(pattern in pattern(), text in "[abc]{0,7}") {
            let expression = regex::escape(&pattern).replace(r"\*", ".*").replace(r"\?", ".");
            let expected = regex::Regex::new(&format!("^(?s:{expression})$")).unwrap().is_match(&text);
            prop_assert_eq!(Pattern::new(&pattern).matches(&text), expected);
        }

        #[test]
        fn containment_and_overlap_are_what_trying_all_texts_says(outer in pattern(), inner in pattern()) {
            let (outer, inner) = (Pattern::new(&outer), Pattern::new(&inner));
            let both: Vec<_> = texts().iter().map(|text| (outer.matches(text), inner.matches(text))).collect();
            prop_assert_eq!(outer.contains(&inner), both.iter().all(|&(outer, inner)| outer || !inner));
            prop_assert_eq!(outer.intersects(&inner), both.iter().any(|&(outer, inner)| outer && inner));
        }
    }
}
