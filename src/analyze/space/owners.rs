//! The dimension of resources together with the account that owns them: `aws:ResourceAccount` follows from the ARN.
//!
//! A test on the account is one on a segment of the ARN, so that both are looked at as one text. Where the ARN has no
//! account, as that of a bucket, the owner may be any, unless the policy is attached to something whose ARN has one.
//! `aws:ResourceOrgID` and `aws:ResourceOrgPaths` do not follow from an ARN.

use super::bits::{Bits, Classes};
use super::callers::{Asks, account, one, with_account};
use super::clause::Clause;
use super::effort::{Effort, Exhausted};
use super::glob::{Glob, Token, Word, word};
use super::keys::{Given, Tests};
use super::region::Region;
use super::texts::{self, Resources};
use crate::analyze::attached::own_resources;
use crate::analyze::cover::Scope;

/// The account that owns the resource, in lower case.
pub(super) const KEY: &str = "aws:resourceaccount";

/// Services of which some actions come without the key. IAM guide, "AWS global condition context keys", under
/// `aws:ResourceAccount`.
pub const NOT_ALWAYS: [&str; 12] = [
    "auditmanager",
    "detective",
    "ds",
    "ebs",
    "ec2",
    "es",
    "events",
    "guardduty",
    "macie2",
    "route53",
    "securityhub",
    "workspaces",
];

/// A resource, where statements name any, and what the request says of its owner.
pub(super) type Owned = (Option<Word>, Given);

/// The classes of resources and their owners; `None` where the two are to be taken as independent, as it depends on what
/// is not known which accounts are meant.
pub(super) fn classes(
    tests: &Tests<'_>,
    focus: &[&Region<'_>],
    cover: &[&Region<'_>],
    scope: Scope<'_>,
    effort: &mut Effort,
) -> Result<Option<Classes<Owned>>, Exhausted> {
    let is_open = |region: &&Region<'_>| {
        region.resource.as_ref().is_some_and(|patterns| patterns.globs.iter().any(Glob::is_variable))
    };
    if tests.all().any(|check| check.is_unknown()) || focus.iter().chain(cover).any(is_open) {
        return Ok(None);
    }
    let tests = tests.clone().without_given();
    let own = scope.owner();
    let of_owner = |effort: &mut Effort| match own {
        Some(own) => Ok(one(&tests, Some(&word(own)))),
        None => anyone(&tests, effort),
    };
    let Some(resources) = Resources::new(focus, cover, scope) else {
        let owners = of_owner(effort)?;
        let mut found = Classes::smallest();
        owners.items.into_iter().for_each(|(bits, given)| found.add(bits, || (None, given)));
        return Ok(Some(found));
    };
    let mut found = Classes::smallest();
    let with_account = arn("*", &own.map_or(vec![Token::Digit; 12], literal));
    for (bits, resource) in with_owner(&tests, &resources, &with_account, effort)? {
        found.add(bits, || (Some(resource.clone()), Given::One(account(&resource))));
    }
    // None of those is a service whose resources have policies of a kind of their own.
    if own_resources(scope.kind).is_none() && tests.focus.iter().all(|check| check.absent) {
        let absent = tests.bits(|check| check.absent);
        let services: Vec<Glob> =
            NOT_ALWAYS.iter().map(|service| arn(service, &[Token::Digit; 12])).collect();
        let services = Clause { negated: false, globs: services.iter().collect() };
        for (bits, resource) in resources.classes(vec![services], &[], Vec::new(), effort)?.items {
            found.add(bits.and(&absent), || (Some(resource), Given::Nothing));
        }
    }
    // Of others, the ARN does not tell whose they are.
    let any = arn("*", &[Token::Digit; 12]);
    let others = Clause { negated: true, globs: vec![&any] };
    let others = resources.classes(vec![others], &[], Vec::new(), effort)?;
    let owners = of_owner(effort)?;
    let others =
        others.product(&owners, effort, |resource, given| (Some(resource.clone()), given.clone()))?;
    for (bits, owned) in others.items {
        found.add(bits, || owned);
    }
    Ok(Some(found))
}

/// The classes of what requests say where any account may be the owner.
fn anyone(tests: &Tests<'_>, effort: &mut Effort) -> Result<Classes<Given>, Exhausted> {
    let any = arn("*", &[Token::Digit; 12]);
    let resources = Resources::among(vec![any.clone()], tests.cover.len());
    let mut found = one(tests, None);
    for (bits, resource) in with_owner(tests, &resources, &any, effort)? {
        found.add(bits, || Given::One(account(&resource)));
    }
    Ok(found)
}

/// The classes of resources that tell their account, which the tests are asked of.
fn with_owner(
    tests: &Tests<'_>,
    resources: &Resources<'_>,
    with_owner: &Glob,
    effort: &mut Effort,
) -> Result<Vec<(Bits, Word)>, Exhausted> {
    let focus: Vec<Asks> = tests.focus.iter().map(|check| Asks::of(check, true, effort)).collect();
    if focus.contains(&Asks::None) {
        return Ok(Vec::new());
    }
    let cover: Vec<Vec<Asks>> = tests
        .cover
        .iter()
        .map(|checks| checks.iter().map(|check| Asks::of(check, true, effort)).collect())
        .collect();
    let mut asked = vec![Clause { negated: false, globs: vec![with_owner] }];
    asked.extend(focus.iter().filter_map(Asks::clause));
    let named = tests.all().flat_map(|check| check.literals());
    let mut seeds: Vec<Word> = match resources.likely().first() {
        Some(likely) => named.map(|account| with_account(likely, &account)).collect(),
        None => Vec::new(),
    };
    seeds.extend(texts::filled(&asked, &[]));
    let clauses: Vec<Vec<Clause<'_>>> =
        cover.iter().map(|asks| asks.iter().filter_map(Asks::clause).collect()).collect();
    let mut sure = Bits::none(cover.len());
    let surely = |asks: &Vec<Asks>| !asks.iter().any(|asks| matches!(asks, Asks::None | Asks::Unclear));
    (0..cover.len()).filter(|at| surely(&cover[*at])).for_each(|at| sure.insert(at));
    let found = resources.classes(asked, &clauses, seeds, effort)?;
    Ok(found.items.into_iter().map(|(bits, resource)| (bits.and(&sure), resource)).collect())
}

fn literal(text: &str) -> Vec<Token> {
    text.chars().map(Token::Char).collect()
}

/// The ARNs of a service, or of all, with an account.
fn arn(service: &str, account: &[Token]) -> Glob {
    let (one, star, colon) = (Token::Inner, Token::InnerStar, Token::Char(':'));
    let service = if service == "*" { vec![one, star] } else { literal(service) };
    let parts = [literal("arn"), vec![one, star], service, vec![star], account.to_vec()];
    let mut tokens: Vec<Token> = parts.into_iter().flat_map(|part| part.into_iter().chain([colon])).collect();
    tokens.extend([Token::Any, Token::Star]);
    Glob { tokens }
}
