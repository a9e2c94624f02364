//! The dimensions of actions and resources, and how any dimension of texts is gone through: likely
//! texts first, then all.

use super::bits::Classes;
use super::check::plain;
use super::clause::{Clause, narrow, try_word, without_wider};
use super::effort::{Effort, Exhausted};
use super::glob::{Glob, Letter, Token, Word, word};
use super::region::{Patterns, Region, own_api};
use super::strings::explore;
use crate::analyze::cover::Scope;
use crate::analyze::public::KNOWN_ACTIONS;
use crate::kind::Kind;

/// How many pairs of texts and patterns are matched one by one before the automaton is the quicker way.
const ONE_BY_ONE: usize = 20_000;

/// The classes of actions.
pub(super) fn actions(
    focus: &[&Region<'_>],
    cover: &[&Region<'_>],
    to_kms: Option<bool>,
    effort: &mut Effort,
) -> Result<Classes<Word>, Exhausted> {
    let any = Token::Inner;
    // Every action is a prefix and a name with one colon between.
    let every = Glob { tokens: vec![any, Token::InnerStar, Token::Char(':'), any, Token::InnerStar] };
    let kms = Glob::action("kms:*");
    let mut asked: Vec<Clause<'_>> =
        focus.iter().filter_map(|region| action(region)).map(Patterns::clause).collect();
    let mut seeds = likely_actions(&asked);
    seeds.extend(filled(&asked, &[]));
    asked.push(Clause { negated: false, globs: vec![&every] });
    asked.extend(to_kms.map(|to_kms| Clause { negated: !to_kms, globs: vec![&kms] }));
    let cover = clauses(focus, cover, action);
    classes(&asked, cover, &seeds, effort)
}

/// What statements ask of resources.
pub(super) struct Resources<'r> {
    asked: Vec<Clause<'r>>,
    cover: Vec<Vec<Clause<'r>>>,
    every: Vec<Glob>,
}

impl<'r> Resources<'r> {
    /// `None` where no statement says which.
    pub fn new(focus: &[&'r Region<'_>], cover: &[&'r Region<'_>], scope: Scope<'_>) -> Option<Self> {
        if focus.iter().chain(cover).all(|region| region.resource.is_none()) {
            return None;
        }
        // What is at stake then is whether a name stands where the account is.
        let with_accounts = focus.iter().chain(cover).any(|region| region.spread);
        Some(Resources {
            asked: focus.iter().filter_map(|region| resource(region)).map(Patterns::clause).collect(),
            cover: clauses(focus, cover, resource),
            every: universe(scope, with_accounts, are_of_api(focus.iter().chain(cover))),
        })
    }

    /// Those that patterns take, where as many covering statements ask for nothing.
    pub fn among(every: Vec<Glob>, size: usize) -> Self {
        Resources { asked: Vec::new(), cover: vec![Vec::new(); size], every }
    }

    /// Likely ones.
    pub fn likely(&self) -> Vec<Word> {
        filled(&self.asked, &self.every)
    }

    /// The classes of those that pass `asked` as well, where covering statements ask for `cover` besides; likely ones and
    /// `seeds` are tried first.
    pub fn classes<'c>(
        &'c self,
        asked: Vec<Clause<'c>>,
        cover: &[Vec<Clause<'c>>],
        mut seeds: Vec<Word>,
        effort: &mut Effort,
    ) -> Result<Classes<Word>, Exhausted> {
        let mut all: Vec<Clause<'c>> = self.asked.clone();
        all.extend(asked);
        all.push(Clause { negated: false, globs: self.every.iter().collect() });
        let mut both: Vec<Vec<Clause<'c>>> = self.cover.clone();
        both.iter_mut().zip(cover).for_each(|(clauses, more)| clauses.extend(more.iter().cloned()));
        seeds.extend(self.likely());
        classes(&all, both, &seeds, effort)
    }
}

/// Whether a statement is about paths of the API that its policy is attached to, and so all are about that API.
pub(super) fn are_of_api<'r, 's: 'r>(regions: impl IntoIterator<Item = &'r &'r Region<'s>>) -> bool {
    regions.into_iter().any(|region| region.of_api)
}

/// The resources that a policy can be asked about: the one that it is attached to, if it is known, or those of its owner. With `with_accounts`, only
/// those that belong to an account, to no one or to AWS.
pub(super) fn universe(scope: Scope<'_>, with_accounts: bool, of_api: bool) -> Vec<Glob> {
    if of_api {
        return Glob::arn(&format!("{}/*", own_api(scope)), None).into_iter().collect();
    }
    let own = |text: &str| Glob::literal(text, None);
    match (scope.kind, scope.resource) {
        (Kind::Kms | Kind::Sns | Kind::Sqs, Some(resource)) => return vec![own(resource)],
        (Kind::S3, Some(bucket)) if bucket.starts_with("arn:") => {
            let objects = own(&format!("{bucket}/")).tokens.into_iter().chain([Token::Any, Token::Star]);
            return vec![own(bucket), Glob { tokens: objects.collect() }];
        }
        _ => {}
    }
    let (one, star, colon) = (Token::Inner, Token::InnerStar, Token::Char(':'));
    let owner = scope.owner().filter(|_| scope.kind.names_principal());
    let accounts = match with_accounts {
        _ if owner.is_some() => {
            owner.map(|owner| owner.chars().map(Token::Char).collect()).into_iter().collect()
        }
        true => vec![Vec::new(), vec![Token::Digit; 12], "aws".chars().map(Token::Char).collect()],
        false => vec![vec![star]],
    };
    let arn = |account: Vec<Token>| {
        let head = "arn:".chars().map(Token::Char).chain([one, star, colon, one, star, colon, star, colon]);
        Glob { tokens: head.chain(account).chain([colon, Token::Any, Token::Star]).collect() }
    };
    let mut arns: Vec<Glob> = accounts.into_iter().map(arn).collect();
    // An action that names no resource is asked about `*`; a resource policy is never asked that.
    match scope.kind.names_principal() && !matches!(scope.kind, Kind::Endpoint | Kind::Rcp) {
        true => arns,
        false => {
            arns.push(own("*"));
            arns
        }
    }
}

/// One of the elements of a statement that list patterns.
type Part = for<'r, 's> fn(&'r Region<'s>) -> Option<&'r Patterns>;

fn action<'r>(region: &'r Region<'_>) -> Option<&'r Patterns> {
    region.action.as_ref()
}

fn resource<'r>(region: &'r Region<'_>) -> Option<&'r Patterns> {
    region.resource.as_ref()
}

/// The clauses of the covering statements; one that is the same in an asked statement holds anyway.
fn clauses<'r>(focus: &[&Region<'_>], cover: &[&'r Region<'_>], part: Part) -> Vec<Vec<Clause<'r>>> {
    let given = |patterns: &Patterns| {
        patterns.is_all()
            || focus.iter().filter_map(|region| part(region)).any(|asked| asked.is_same(patterns))
    };
    let clause = |region: &&'r Region<'_>| match part(region) {
        Some(patterns) if !given(patterns) => vec![patterns.clause()],
        _ => Vec::new(),
    };
    cover.iter().map(clause).collect()
}

/// The classes of texts that all of `focus` take: `seeds` are tried first.
pub(super) fn classes(
    focus: &[Clause<'_>],
    cover: Vec<Vec<Clause<'_>>>,
    seeds: &[Word],
    effort: &mut Effort,
) -> Result<Classes<Word>, Exhausted> {
    let cover = &without_wider(focus, narrow(focus, cover), effort);
    let mut found = Classes::smallest();
    for seed in seeds {
        effort.check()?;
        try_word(focus, cover, seed, &mut found);
        if found.is_settled() {
            return Ok(found);
        }
    }
    effort.check()?;
    let patterns: usize = cover.iter().flatten().chain(focus).map(|clause| clause.globs.len()).sum();
    // What another clause takes with a variable is not seen by the literals of one.
    let positive = || focus.iter().filter(|clause| !clause.negated);
    let with_variables = positive().filter(|clause| clause.has_variable()).count();
    let literals = positive()
        .filter(|clause| with_variables == usize::from(clause.has_variable()))
        .filter_map(|clause| clause.globs.iter().map(|glob| glob.word()).collect::<Option<Vec<Word>>>());
    if let Some(words) = literals.min_by_key(Vec::len)
        && words.len() * patterns <= ONE_BY_ONE
    {
        for word in &words {
            effort.check()?;
            try_word(focus, cover, word, &mut found);
        }
        return Ok(found);
    }
    explore(focus, cover, &mut found, effort)?;
    Ok(found)
}

/// Well-known actions.
fn likely_actions(focus: &[Clause<'_>]) -> Vec<Word> {
    let known = KNOWN_ACTIONS.iter().map(|action| word(&action.to_ascii_lowercase()));
    match focus.iter().all(|clause| clause.globs.iter().all(|glob| glob.word().is_some()) && !clause.negated)
    {
        // Literals speak for themselves.
        true => Vec::new(),
        false => known.collect(),
    }
}

/// Texts that patterns take when a likely word is put for each star; those with the likeliest words first.
pub(super) fn filled(focus: &[Clause<'_>], universe: &[Glob]) -> Vec<Word> {
    let mut globs: Vec<&Glob> = Vec::new();
    for glob in
        focus.iter().filter(|clause| !clause.negated).flat_map(|clause| clause.globs.iter().copied()).take(64)
    {
        match glob.is_any() {
            false => globs.push(glob),
            true => globs.extend(universe),
        }
    }
    if focus.iter().all(|clause| clause.negated) {
        globs.extend(universe);
    }
    let mut words: Vec<Word> = globs.iter().map(|glob| fill(glob, REGIONS[0])).collect();
    for glob in globs {
        let word = fill(glob, REGIONS[1]);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// Regions that an ARN is likely of.
const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

/// One text of a pattern.
fn fill(glob: &Glob, region: &'static str) -> Word {
    let mut filled: Word = Vec::new();
    // In an ARN, what stands between the colons has its own likely words.
    let is_arn =
        glob.tokens.starts_with(&[Token::Char('a'), Token::Char('r'), Token::Char('n'), Token::Char(':')]);
    let mut tokens = glob.tokens.iter().peekable();
    let (mut segment, mut is_some, mut is_s3) = (0, false, false);
    while let Some(token) = tokens.next() {
        // A star behind a character that is any: there has to be something.
        let was_some = std::mem::take(&mut is_some);
        match token {
            Token::Char(character) | Token::Fold(character) => {
                segment += usize::from(*character == ':');
                // Looked at once: a pattern may have thousands of stars.
                if (*character, segment) == (':', 3) {
                    is_s3 = plain(&filled).is_some_and(|text| text.split(':').nth(2) == Some("s3"));
                }
                filled.push(Letter::Char(*character));
            }
            Token::Variable(name) => filled.push(Letter::Variable(*name)),
            Token::Segment(name) => filled.push(Letter::Segment(*name)),
            Token::Any | Token::Inner if tokens.peek().is_some_and(|next| next.is_star()) => is_some = true,
            Token::Any | Token::Inner => filled.push(Letter::Char('x')),
            Token::Digit => filled.push(Letter::Char('9')),
            Token::Star | Token::InnerStar => {
                filled.extend(word(likely(is_arn, segment, (was_some, region), is_s3)));
            }
        }
    }
    filled
}

/// A likely word at a place of an ARN; whether there has to be one, a Region, and whether the service is S3.
fn likely(
    is_arn: bool,
    segment: usize,
    (is_some, region): (bool, &'static str),
    is_s3: bool,
) -> &'static str {
    match (is_arn, segment) {
        (true, 1) => "aws",
        (true, 2) => "s3",
        (true, 3 | 4) if is_s3 && !is_some => "",
        (true, 3) => region,
        (true, 4) => super::senders::STRANGER,
        _ => "other",
    }
}
