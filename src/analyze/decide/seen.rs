//! What the policies say about a request, layer by layer.

use std::collections::BTreeSet;

use super::weigh::{EVERYONE, Weighed};
use super::{By, Decision, Layer, Missing, Verdict};
use crate::analyze::evaluate::{Asked, Grip, Outcome, Prepared, SERVICE_NAMES, Who};
use crate::policy::Effect;

/// How a statement counts of which it is not known whether it matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Lean {
    /// There are no such statements.
    #[default]
    Sure,
    /// So that more is allowed.
    Allow,
    /// So that less is allowed.
    Deny,
}

/// What is not known of a service that calls by itself.
const OTHER_NAMES: &str =
    "which other names the service has, which only `aws:PrincipalServiceNamesList` shows";

/// What has been found in the policies so far.
#[derive(Default)]
pub(super) struct Seen<'p> {
    pub lean: Lean,
    /// What is not known of statements that may match.
    pub unknowns: BTreeSet<&'p str>,
    denies: Vec<By<'p>>,
    allows: Vec<By<'p>>,
    missing: Vec<Missing<'p>>,
}

impl<'p> Seen<'p> {
    pub fn new(lean: Lean) -> Self {
        Seen { lean, ..Seen::default() }
    }

    fn add(&mut self, outcome: &Outcome<'p>, asked: &Asked<'_>, layer: Layer, index: usize) {
        let (statement, sid, effect) = (outcome.statement, outcome.sid, outcome.effect);
        let by = || By { layer, index, statement, sid, effect, is_sure: outcome.matches };
        // The variable `${}` names no key.
        for key in outcome.absent.iter().filter(|key| !key.is_empty()) {
            if !self.missing.iter().any(|known| known.key.eq_ignore_ascii_case(key)) {
                self.missing.push(Missing { key, by: by() });
            }
        }
        let names = |key: &&str| key.eq_ignore_ascii_case(SERVICE_NAMES);
        if outcome.unsure && matches!(asked.who, Who::Service(_)) && outcome.absent.iter().any(names) {
            self.unknowns.insert(OTHER_NAMES);
        }
        if outcome.unsure || outcome.may_grip != outcome.grip {
            self.unknowns.extend(outcome.unknowns.iter().map(|label| &**label));
        }
        if self.grip(outcome).is_some() {
            let list = if effect == Effect::Deny { &mut self.denies } else { &mut self.allows };
            list.push(by());
        }
    }

    /// By what right a statement counts for or against the caller; `None` if it does not.
    fn grip(&self, outcome: &Outcome<'p>) -> Option<Grip> {
        let counts = outcome.matches
            || outcome.unsure
                && match self.lean {
                    Lean::Sure => false,
                    Lean::Allow => outcome.effect == Effect::Allow,
                    Lean::Deny => outcome.effect == Effect::Deny,
                };
        let grip = if self.lean == Lean::Allow { outcome.may_grip } else { outcome.grip };
        counts.then_some(grip)
    }

    pub fn decide(self, strict: Weighed, generous: Weighed, not_asked: Vec<Layer>) -> Decision<'p> {
        let Seen { denies, allows, missing, .. } = self;
        let of = |weighed: &Weighed| -> Vec<By<'p>> {
            allows.iter().filter(|by| weighed.deciding.contains(&by.layer)).cloned().collect()
        };
        let mut depends_on = Vec::new();
        let (verdict, by, lacks) = if !denies.is_empty() {
            (Verdict::ExplicitlyDenied, denies, Vec::new())
        } else if strict.lacks.is_empty() {
            (Verdict::Allowed, of(&strict), Vec::new())
        } else if generous.lacks.is_empty() {
            depends_on.push(EVERYONE.to_owned());
            (Verdict::Undecided, of(&generous), strict.lacks)
        } else {
            (Verdict::ImplicitlyDenied, Vec::new(), strict.lacks)
        };
        Decision {
            verdict,
            depends_on,
            exception: None,
            by,
            allows,
            lacks,
            not_asked,
            missing_context: missing,
            assumed_role: None,
        }
    }
}

/// Looks at the policies of a layer. If one of them allows, the strongest grip by which it does.
pub(super) fn look_at<'p>(
    policies: &'p [Prepared],
    layer: Layer,
    first: usize,
    asked: &Asked<'_>,
    seen: &mut Seen<'p>,
) -> Option<Grip> {
    let mut strongest = None;
    for (index, policy) in policies.iter().enumerate() {
        for outcome in policy.outcomes(asked) {
            if outcome.effect == Effect::Allow {
                strongest = strongest.max(seen.grip(&outcome));
            }
            seen.add(&outcome, asked, layer, first + index);
        }
    }
    strongest
}

/// Whether each level allows.
pub(super) fn look_at_levels<'p>(
    levels: &'p [Vec<Prepared>],
    layer: Layer,
    asked: &Asked<'_>,
    seen: &mut Seen<'p>,
) -> Vec<bool> {
    let mut first = 0;
    let mut allows = Vec::new();
    for level in levels {
        allows.push(look_at(level, layer, first, asked, seen).is_some());
        first += level.len();
    }
    allows
}
