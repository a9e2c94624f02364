//! The roles that a session may be one of: its ARN shows the name, not the path.

use super::Budget;
use super::bits::Classes;
use super::check::{self, plain};
use super::clause::Clause;
use super::effort::Effort;
use super::glob::Glob;
use super::names::Names;
use super::strings::explore;
use crate::analyze::reading::Reading;
use crate::policy::TestKind;

/// ARNs of roles of an account and a name with all sorts of paths: one for each way in which values of tests, under their
/// operators and with policy variables or without, can stand to the ARN. `None` if there are too many.
pub fn roles(head: &str, name: &str, values: &[(TestKind, String, bool)]) -> Option<Vec<String>> {
    let mut names = Names::default();
    let own = [Glob::literal(&format!("{head}{name}"), None), Glob::like(&format!("{head}?*/{name}"), None)];
    let mut glob = |(kind, text, has_variables): &(TestKind, String, bool)| {
        check::glob(*kind, text, Reading::default(), has_variables.then_some(&mut names))
    };
    let globs: Vec<Glob> = values.iter().filter_map(&mut glob).collect();
    let focus = [Clause { negated: false, globs: own.iter().collect() }];
    let cover: Vec<Vec<Clause<'_>>> =
        globs.iter().map(|glob| vec![Clause { negated: false, globs: vec![glob] }]).collect();
    let mut found = Classes::every();
    explore(&focus, &cover, &mut found, &mut Effort::new(Budget::small(20_000))).ok()?;
    (found.items.len() <= MOST).then(|| found.items.iter().filter_map(|(_, word)| plain(word)).collect())
}

/// How many sorts are distinguished.
const MOST: usize = 64;
