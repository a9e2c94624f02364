//! The dimension of callers together with what their requests say of them.
//!
//! A test on the account of a caller is one on a segment of its ARN, so that both are looked at as one
//! text, and what is found is a request that somebody can make.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::bits::{Bits, Classes};
use super::check::{Body, Check};
use super::clause::Clause;
use super::effort::{Effort, Exhausted};
use super::glob::{Glob, Letter, Token, Word, word};
use super::keys::{self, Given, Tests};
use super::search::Whom;
use super::senders::{Arns, Form, Said, Sender, TYPES};
use super::texts;
use crate::analyze::evaluate::service_of;

/// What requests of one caller say: which covering statements accept it, who calls, and the keys.
pub(super) type Points = Classes<(Whom, Vec<(String, Given)>)>;

/// That `aws:PrincipalType` is none of the known ones.
static OTHER_TYPE: LazyLock<Check> = LazyLock::new(|| Check::none_of("aws:PrincipalType", &TYPES));

/// The tests on one key, with the key as it was written.
pub(super) struct Own<'c> {
    pub tests: Tests<'c>,
    pub name: String,
}

/// The classes of a caller's requests; `bits` are the covering statements that take the caller.
pub(super) fn points(
    sender: &Sender,
    bits: Bits,
    keys: &[Own<'_>],
    kms: bool,
    effort: &mut Effort,
) -> Result<Points, Exhausted> {
    let mut points = Classes::one(bits, (Whom::One(sender.caller.clone()), Vec::new()));
    let mut from_arn = Vec::new();
    for own in keys {
        let classes = match sender.says(&own.tests.key, kms) {
            Said::Arn | Said::Account => {
                from_arn.push(own);
                continue;
            }
            Said::Nothing => one(&own.tests, None),
            Said::This(value) => one(&own.tests, Some(&word(value))),
            Said::Service(name) => {
                let mut classes = one(&own.tests, Some(&word(name)));
                let other = Check::like(&own.name, &format!("{}.*", service_of(name)));
                let mut tests = own.tests.clone();
                tests.focus.push(&other);
                for (bits, given) in keys::classes(tests, effort)?.items {
                    classes.add(bits, || given);
                }
                classes
            }
            Said::Anything => keys::classes(own.tests.clone(), effort)?,
            Said::OtherType => {
                let mut tests = own.tests.clone();
                tests.focus.push(&OTHER_TYPE);
                keys::classes(tests, effort)?
            }
            Said::Like(form) => {
                let checks = of_form(form, &own.name);
                let mut tests = own.tests.clone();
                tests.focus.extend(&checks);
                keys::classes(tests, effort)?
            }
        };
        points = points.product(&classes, effort, |(whom, known), given| {
            (whom.clone(), known.iter().cloned().chain([(own.name.clone(), given.clone())]).collect())
        })?;
    }
    let Arns::Among { all, but, is_one_of_many } = &sender.arns else { return Ok(points) };
    if from_arn.is_empty() {
        return Ok(points);
    }
    let arns = arns(sender, &from_arn, (all, but), kms, effort)?;
    points.product(&arns, effort, |(whom, known), arn: &Word| {
        let whom = if *is_one_of_many { Whom::Arn(arn.clone()) } else { whom.clone() };
        let said = from_arn.iter().map(|own| match sender.says(&own.tests.key, kms) {
            Said::Account => (own.name.clone(), Given::One(account(arn))),
            _ => (own.name.clone(), Given::One(arn.clone())),
        });
        (whom, known.iter().cloned().chain(said).collect())
    })
}

/// The tests that every value of a form passes.
fn of_form(form: Form, key: &str) -> Vec<Check> {
    match form {
        Form::User => vec![Check::like(key, "?*"), Check::unlike(key, "*:*")],
        Form::Session => vec![Check::like(key, "?*:?*")],
        Form::FederatedUser => {
            vec![Check::like(key, "????????????:*").with_digits(), Check::like(key, "?*:?*")]
        }
    }
}

/// The classes of the one value that a key has. A pattern with something in it that is not known may take it, and
/// then so does the same pattern elsewhere.
pub(super) fn one(tests: &Tests<'_>, value: Option<&Word>) -> Classes<Given> {
    let mut found = Classes::smallest();
    let Some(value) = value else {
        if tests.focus.iter().all(|check| check.absent) {
            found.add(tests.bits(|check| check.absent), || Given::Nothing);
        }
        return found;
    };
    let given = || Given::One(value.clone());
    let takes_alone = |glob: &Glob| {
        glob.takes(value) || glob.is_variable() && glob.word().is_none() && glob.may_take(value)
    };
    let may_alone = |check: &Check| match &check.body {
        Body::Text { negated: false, globs } => globs.iter().any(takes_alone),
        _ => check.may_take(value),
    };
    if tests.focus.iter().all(|check| may_alone(check)) {
        found.add(tests.bits(|check| check.surely_takes(value)), given);
    }
    let globs = tests.focus.iter().flat_map(|check| match &check.body {
        Body::Text { globs, .. } => globs.as_slice(),
        _ => &[],
    });
    let unknown = globs.filter(|glob| glob.is_variable() && glob.may_take(value)).filter_map(Glob::word);
    for word in unknown.collect::<BTreeSet<Word>>() {
        let may = |check: &Check| match &check.body {
            Body::Text { negated: false, globs } => globs.iter().any(|glob| glob.may_take(value)),
            Body::Text { negated: true, globs } => {
                !globs.iter().any(|glob| glob.takes(value) || glob.takes(&word))
            }
            _ => check.may_take(value),
        };
        let surely = |check: &Check| match &check.body {
            Body::Text { negated: false, globs } => {
                globs.iter().any(|glob| glob.takes(value) || glob.takes(&word))
            }
            _ => check.surely_takes(value),
        };
        if tests.focus.iter().all(|check| may(check)) {
            found.add(tests.bits(surely), given);
        }
    }
    found
}

/// The classes of the ARNs of a caller.
fn arns(
    sender: &Sender,
    keys: &[&Own<'_>],
    (all, but): (&[Glob], &[Glob]),
    kms: bool,
    effort: &mut Effort,
) -> Result<Classes<Word>, Exhausted> {
    let size = keys.first().map_or(0, |own| own.tests.cover.len());
    let mut focus: Vec<Asks> = Vec::new();
    let mut cover: Vec<Vec<Asks>> = vec![Vec::new(); size];
    for own in keys {
        let of_account = sender.says(&own.tests.key, kms) == Said::Account;
        focus.extend(own.tests.focus.iter().map(|check| Asks::of(check, of_account, effort)));
        for (asks, checks) in cover.iter_mut().zip(&own.tests.cover) {
            asks.extend(checks.iter().map(|check| Asks::of(check, of_account, effort)));
        }
    }
    let mut found = Classes::smallest();
    if focus.contains(&Asks::None) {
        return Ok(found);
    }
    let mut asked = vec![Clause { negated: false, globs: all.iter().collect() }];
    if !but.is_empty() {
        asked.push(Clause { negated: true, globs: but.iter().collect() });
    }
    asked.extend(focus.iter().filter_map(Asks::clause));
    let mut seeds = texts::filled(&asked, &[]);
    // The likeliest one of each account that a test names.
    if let Some(likely) = seeds.first().cloned() {
        let of_account = keys.iter().filter(|own| sender.says(&own.tests.key, kms) == Said::Account);
        let named = of_account.flat_map(|own| own.tests.focus.iter().flat_map(|check| check.literals()));
        seeds.splice(0..0, named.map(|account| with_account(&likely, &account)));
    }
    let clauses = cover.iter().map(|asks| asks.iter().filter_map(Asks::clause).collect()).collect();
    let surely = |at: usize| !cover[at].iter().any(|asks| matches!(asks, Asks::None | Asks::Unclear));
    let mut sure = Bits::none(size);
    (0..size).filter(|at| surely(*at)).for_each(|at| sure.insert(at));
    for (bits, arn) in texts::classes(&asked, clauses, &seeds, effort)?.items {
        found.add(bits.and(&sure), || arn);
    }
    Ok(found)
}

/// What a test asks of the ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// Every one passes.
    All,
    /// None does.
    None,
    /// One of some patterns, or none of them.
    Text { negated: bool, globs: Vec<Glob> },
    /// Which ones pass is not known.
    Unclear,
}

impl Asks {
    pub fn of(check: &Check, of_account: bool, effort: &mut Effort) -> Self {
        match &check.body {
            Body::Null(true) => Asks::All,
            Body::Null(false) => Asks::None,
            Body::Unknown => Asks::Unclear,
            Body::Text { negated, globs } => Asks::Text {
                negated: *negated,
                globs: match of_account {
                    true => globs.iter().filter_map(in_arn).collect(),
                    false => globs.clone(),
                },
            },
            // The digits of an account may be a number, an ARN is nothing but a text.
            _ if of_account => {
                effort.approximate = true;
                Asks::Unclear
            }
            _ if check.surely_takes(&word("arn:aws:iam::999999999999:root")) => Asks::All,
            _ => Asks::None,
        }
    }

    pub fn clause(&self) -> Option<Clause<'_>> {
        match self {
            Asks::Text { negated, globs } => {
                Some(Clause { negated: *negated, globs: globs.iter().collect() })
            }
            _ => None,
        }
    }
}

/// The ARNs with an account that a pattern takes; `None` if it takes none.
fn in_arn(account: &Glob) -> Option<Glob> {
    let mut tokens: Vec<Token> = "arn:".chars().map(Token::Char).collect();
    for _ in 0..3 {
        tokens.extend([Token::InnerStar, Token::Char(':')]);
    }
    for token in &account.tokens {
        tokens.push(match token {
            Token::Char(':') | Token::Fold(':') => return None,
            Token::Any => Token::Inner,
            Token::Star => Token::InnerStar,
            token => *token,
        });
    }
    tokens.extend([Token::Char(':'), Token::Star]);
    Some(Glob { tokens })
}

/// The same ARN of another account.
pub(super) fn with_account(arn: &[Letter], account: &[Letter]) -> Word {
    let segments = arn.split(|letter| *letter == Letter::Char(':')).enumerate();
    let segments = segments.map(|(at, segment)| if at == 4 { account } else { segment });
    segments.collect::<Vec<_>>().join(&Letter::Char(':'))
}

/// The account in an ARN.
pub(super) fn account(arn: &[Letter]) -> Word {
    arn.split(|letter| *letter == Letter::Char(':')).nth(4).unwrap_or_default().to_vec()
}
