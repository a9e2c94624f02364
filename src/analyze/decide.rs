//! May this request be made? The decision over all the policies that have a say in it, in the order
//! of AWS's own flow chart.
//!
//! IAM guide, "Policy evaluation logic", with "Policy evaluation for requests within a single
//! account" and "Cross-account policy evaluation logic".

mod fit;
mod rcp;

pub use super::exception::Exception;
pub use fit::fit;
pub use rcp::covers as rcp_covers;

use std::collections::BTreeSet;

use super::evaluate::{Asked, Grip, Outcome, Prepared, Who};
use super::request::Request;
use crate::kind::Kind;
use crate::policy::{Arn, Effect};

/// Everything that has a say in a request. What is not given has none.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// Of the caller: user, group or role.
    pub identity: Vec<Prepared>,
    /// Of the thing. Its kind decides: key policies and role trust policies are asked in every case.
    pub resource: Option<Prepared>,
    /// Of the caller's session.
    pub session: Vec<Prepared>,
    /// The caller's permissions boundary.
    pub boundary: Vec<Prepared>,
    /// Of the VPC endpoint that the request goes through.
    pub endpoint: Vec<Prepared>,
    /// Service control policies, by level: the root, each organizational unit, the caller's account.
    pub scp: Vec<Vec<Prepared>>,
    /// Resource control policies, by level, down to the account of the thing.
    pub rcp: Vec<Vec<Prepared>>,
}

/// What a policy hangs on, as far as the decision goes. In the order in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Resource control policies.
    Rcp,
    /// Service control policies.
    Scp,
    /// VPC endpoint policies.
    Endpoint,
    /// The policy of the thing.
    Resource,
    /// The policies of the caller.
    Identity,
    /// The caller's permissions boundary.
    Boundary,
    /// Session policies.
    Session,
}

impl Layer {
    /// The kind of a policy in this layer, if that is not for the policy itself to say.
    pub fn kind(self) -> Option<Kind> {
        match self {
            Layer::Rcp => Some(Kind::Rcp),
            Layer::Scp => Some(Kind::Scp),
            Layer::Endpoint => Some(Kind::Endpoint),
            Layer::Resource => None,
            Layer::Identity => Some(Kind::Identity),
            Layer::Boundary => Some(Kind::Boundary),
            Layer::Session => Some(Kind::Session),
        }
    }

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Layer::Rcp => "rcp",
            Layer::Scp => "scp",
            Layer::Endpoint => "endpoint",
            Layer::Resource => "resource",
            Layer::Identity => "identity",
            Layer::Boundary => "boundary",
            Layer::Session => "session",
        }
    }
}

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may be made.
    Allowed,
    /// It may not, as not all who must allow it do.
    ImplicitlyDenied,
    /// It may not, as a statement denies it.
    ExplicitlyDenied,
    /// It is allowed or denied, depending on [what is not known](Decision::depends_on).
    Undecided,
}

impl Verdict {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Allowed => "Allowed",
            Verdict::ImplicitlyDenied => "ImplicitlyDenied",
            Verdict::ExplicitlyDenied => "ExplicitlyDenied",
            Verdict::Undecided => "Undecided",
        }
    }
}

/// A statement that matches the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By<'p> {
    /// What its policy hangs on.
    pub layer: Layer,
    /// Its policy's place among those of the layer, from 0, levels one after the other.
    pub index: usize,
    /// Its place in the policy, from 0.
    pub statement: usize,
    /// Its Sid.
    pub sid: Option<&'p str>,
    /// Whether it allows or denies.
    pub effect: Effect,
}

/// An Allow that is needed and not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// In a service control policy of this level, from 0.
    Scp(usize),
    /// In the VPC endpoint policy.
    Endpoint,
    /// In the policy of the thing.
    Resource,
    /// In an identity policy of the caller.
    Identity,
    /// In an identity policy of the caller, or naming the caller in the policy of the thing.
    IdentityOrResource,
    /// In the permissions boundary.
    Boundary,
    /// In a session policy.
    Session,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<'p> {
    /// What is decided.
    pub verdict: Verdict,
    /// What an undecided request depends on, each in words; empty for every other verdict.
    pub depends_on: Vec<String>,
    /// The rule of AWS that decides whatever the policies say, or would if they allowed the request.
    pub exception: Option<Exception>,
    /// The statements that decide: each Deny that matches; or else, of a request that is allowed or may
    /// be, each Allow that matches in the layers that had to allow it.
    pub by: Vec<By<'p>>,
    /// Every Allow that matches, whether it helps or not.
    pub allows: Vec<By<'p>>,
    /// What an allowed request would have needed, or an undecided one may need; empty for every other verdict.
    pub lacks: Vec<Lack>,
    /// Layers with policies that have no say in this request: service control policies over a
    /// service, resource control policies over what they do not cover, and the like.
    pub not_asked: Vec<Layer>,
    /// Condition keys that the request does not have, and that statements ask for which match
    /// otherwise: with them the answer may be another. Without repetition.
    pub missing_context: Vec<Missing<'p>>,
}

/// A condition key that the request does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing<'p> {
    /// The key, as the policy writes it.
    pub key: &'p str,
    /// The first statement that asks for it.
    pub by: By<'p>,
}

/// Decides on a request. Where that depends on what is not known of a policy or of the caller, it is undecided.
pub fn decide<'p>(policies: &'p Policies, request: &Request) -> Decision<'p> {
    let asked = Asked::new(request);
    let Some(is_linked) = is_service_linked(&asked, request) else {
        let of = |is_linked| decide_for(policies, request, is_linked);
        let clause = "if the caller's role is a service-linked role, which only `aws:PrincipalArn` shows";
        let both = vec![(None, of(false)), (Some(clause.to_owned()), of(true))];
        return agreed(both).unwrap_or_else(|| of(false));
    };
    decide_for(policies, request, is_linked)
}

/// Decides on a request of a caller whose role is linked to a service, or is not.
fn decide_for<'p>(policies: &'p Policies, request: &Request, is_linked: bool) -> Decision<'p> {
    if !policies.is_open(request) {
        return decide_leaning(policies, request, is_linked, Lean::Sure).0;
    }
    let (most, mut unknowns) = decide_leaning(policies, request, is_linked, Lean::Allow);
    let (least, more) = decide_leaning(policies, request, is_linked, Lean::Deny);
    let denied = |decision: &Decision<'_>| {
        matches!(decision.verdict, Verdict::ImplicitlyDenied | Verdict::ExplicitlyDenied)
    };
    if least.verdict == Verdict::Allowed || denied(&most) {
        // It is so at the worst, or at the best.
        return if denied(&most) { most } else { least };
    }
    unknowns.extend(more);
    let mut depends_on = most.depends_on.clone();
    depends_on.extend(least.depends_on.iter().cloned());
    depends_on.extend(unknowns.into_iter().map(str::to_owned));
    let mut seen = BTreeSet::new();
    depends_on.retain(|name| seen.insert(name.clone()));
    Decision { verdict: Verdict::Undecided, depends_on, lacks: least.lacks, ..most }
}

/// How a statement counts of which it is not known whether it matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Lean {
    /// There are no such statements.
    #[default]
    Sure,
    /// So that more is allowed.
    Allow,
    /// So that less is allowed.
    Deny,
}

/// Decides on a request, and names what is not known of the statements that may matter.
fn decide_leaning<'p>(
    policies: &'p Policies,
    request: &Request,
    is_linked: bool,
    lean: Lean,
) -> (Decision<'p>, BTreeSet<&'p str>) {
    let asked = Asked::new(request);
    let is_callers = has_identity(&asked.who);
    let own_apply = is_callers && !matches!(asked.who, Who::Root(_));
    let asked = asked.with_boundary(own_apply && !policies.boundary.is_empty());
    let mut seen = Seen { lean, ..Seen::default() };
    // Every policy is looked at, as one Deny outranks all that allows.
    let rcp_applies = rcp::apply_to(&asked) && !is_linked;
    if rcp_applies {
        look_at_levels(&policies.rcp, Layer::Rcp, &asked, &mut seen);
    }
    let scp_applies = is_callers && !is_linked;
    let mut lacks = Vec::new();
    if scp_applies {
        let levels = look_at_levels(&policies.scp, Layer::Scp, &asked, &mut seen);
        let lacking = levels.into_iter().enumerate().filter(|(_, allows)| !allows);
        lacks.extend(lacking.map(|(level, _)| Lack::Scp(level)));
    }
    let endpoint = look_at(&policies.endpoint, Layer::Endpoint, 0, &asked, &mut seen);
    if !policies.endpoint.is_empty() && endpoint.is_none() {
        lacks.push(Lack::Endpoint);
    }
    let resource = look_at(policies.resource.as_slice(), Layer::Resource, 0, &asked, &mut seen);
    let outer = Weighed { deciding: vec![Layer::Scp, Layer::Endpoint], lacks };
    let [strict, generous] = match is_callers {
        true => {
            let own = Own::of(policies, &asked, &mut seen);
            [Reading::Strict, Reading::Generous]
                .map(|reading| own.weigh(resource, policies, &asked, reading, outer.clone()))
        }
        // A service, or a request that no one signed: there is no other side.
        false => {
            let mut weighed = outer;
            match resource {
                Some(_) => weighed.deciding.push(Layer::Resource),
                None => weighed.lacks.push(Lack::Resource),
            }
            [weighed.clone(), weighed]
        }
    };
    let not_asked = [
        (Layer::Rcp, rcp_applies || policies.rcp.is_empty()),
        (Layer::Scp, scp_applies || policies.scp.is_empty()),
        (Layer::Identity, own_apply || policies.identity.is_empty()),
        (Layer::Boundary, own_apply || policies.boundary.is_empty()),
        (Layer::Session, own_apply || policies.session.is_empty()),
    ];
    let not_asked = not_asked.into_iter().filter(|(_, fine)| !fine).map(|(layer, _)| layer).collect();
    let unknowns = std::mem::take(&mut seen.unknowns);
    let mut decision = seen.decide(strict, generous, not_asked);
    if let Some((exception, is_certain)) = super::exception::exception(&asked, is_linked) {
        decision.except(exception, is_certain);
    }
    (decision, unknowns)
}

/// One decision of those in several cases of the policies' templates, with what is settled in each: the first, if all
/// are alike; else undecided.
pub fn agreed<'p>(mut decisions: Vec<(Option<String>, Decision<'p>)>) -> Option<Decision<'p>> {
    let allowed = |verdict: Verdict| match verdict {
        Verdict::Allowed => Some(true),
        Verdict::ImplicitlyDenied | Verdict::ExplicitlyDenied => Some(false),
        Verdict::Undecided => None,
    };
    let mut verdicts = decisions.iter().map(|(_, decision)| allowed(decision.verdict));
    let first = verdicts.next()?;
    if first.is_some() && verdicts.all(|verdict| verdict == first) {
        return Some(decisions.swap_remove(0).1);
    }
    let mut depends_on: Vec<String> = Vec::new();
    for (clause, decision) in &decisions {
        let verdict = match allowed(decision.verdict) {
            Some(true) => "allowed",
            Some(false) => "denied",
            None => "undecided",
        };
        let whether = clause.as_deref().and_then(|clause| clause.strip_prefix("if "));
        depends_on.extend(whether.map(|case| format!("whether {case} ({verdict} if so)")));
        for name in &decision.depends_on {
            if !depends_on.contains(name) {
                depends_on.push(name.clone());
            }
        }
    }
    let (_, first) = decisions.swap_remove(0);
    Some(Decision { verdict: Verdict::Undecided, depends_on, by: Vec::new(), lacks: Vec::new(), ..first })
}

impl Policies {
    /// Whether there is something in one of them that is not known.
    fn is_open(&self, request: &Request) -> bool {
        let levels = self.scp.iter().chain(&self.rcp).flatten();
        let others = [&self.identity, &self.session, &self.boundary, &self.endpoint].into_iter().flatten();
        self.resource.iter().chain(others).chain(levels).any(|policy| policy.is_open(request))
    }
}

/// How to take what AWS's documentation leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// So that it allows less.
    Strict,
    /// So that it allows more.
    Generous,
}

/// What a reading leaves open about an implicit deny of a boundary or session policy.
const EVERYONE: &str = "whether a permissions boundary or session policy limits what `Principal: \"*\"` grants \
                        within the account: AWS documents it only with a condition on `aws:PrincipalArn`";

/// What the layers that have to allow a request come to, in one reading.
#[derive(Clone, Debug, Default)]
struct Weighed {
    /// The layers whose Allows decide.
    deciding: Vec<Layer>,
    /// What has to allow and does not.
    lacks: Vec<Lack>,
}

impl Decision<'_> {
    /// Applies a rule that outranks the policies; `is_certain` unless it depends on who calls.
    fn except(&mut self, exception: Exception, is_certain: bool) {
        self.exception = Some(exception);
        let is_allowed = self.verdict == Verdict::Allowed;
        let verdict = match (exception, is_certain) {
            (Exception::Free(_), true) => Verdict::Allowed,
            (Exception::Free(_), false) if is_allowed => return,
            (Exception::Free(_), false) => {
                self.depends_on.push("whether the caller is a user".to_owned());
                self.verdict = Verdict::Undecided;
                return;
            }
            (Exception::Managed(_), _) if self.verdict == Verdict::ExplicitlyDenied => return,
            (Exception::Managed(_), _) => Verdict::ImplicitlyDenied,
        };
        // What the policies say no longer matters.
        let allows = std::mem::take(&mut self.allows);
        *self = Decision {
            verdict,
            exception: self.exception,
            depends_on: Vec::new(),
            by: Vec::new(),
            allows,
            lacks: Vec::new(),
            not_asked: std::mem::take(&mut self.not_asked),
            missing_context: Vec::new(),
        };
    }
}

/// What has been found in the policies so far.
#[derive(Default)]
struct Seen<'p> {
    lean: Lean,
    /// What is not known of statements that may match.
    unknowns: BTreeSet<&'p str>,
    denies: Vec<By<'p>>,
    allows: Vec<By<'p>>,
    missing: Vec<Missing<'p>>,
}

impl<'p> Seen<'p> {
    fn add(&mut self, outcome: &Outcome<'p>, layer: Layer, index: usize) {
        let (statement, sid, effect) = (outcome.statement, outcome.sid, outcome.effect);
        let by = || By { layer, index, statement, sid, effect };
        for key in &outcome.absent {
            if !self.missing.iter().any(|known| known.key.eq_ignore_ascii_case(key)) {
                self.missing.push(Missing { key, by: by() });
            }
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

    fn decide(self, strict: Weighed, generous: Weighed, not_asked: Vec<Layer>) -> Decision<'p> {
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
        }
    }
}

/// Looks at the policies of a layer. If one of them allows, the strongest grip by which it does.
fn look_at<'p>(
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
            seen.add(&outcome, layer, first + index);
        }
    }
    strongest
}

/// Whether each level allows.
fn look_at_levels<'p>(
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

/// Whether the caller has policies of its own. A request without a caller asks about these alone.
fn has_identity(who: &Who<'_>) -> bool {
    who.account().is_some() || *who == Who::Unknown
}

/// Organizations guide, "Service control policies", under "Tasks and entities not restricted by
/// SCPs", and the same of resource control policies. A session shows its role's path by
/// `aws:PrincipalArn` alone: without it, `None` for one whose role has the name of a service-linked role.
fn is_service_linked(asked: &Asked<'_>, request: &Request) -> Option<bool> {
    let arn = match asked.who {
        Who::RoleSession(_, role)
            if role.starts_with("AWSServiceRoleFor") && request.context.get("aws:PrincipalArn").is_none() =>
        {
            return None;
        }
        Who::Role(_) | Who::RoleSession(..) => asked.principal_arn().and_then(Arn::parse),
        _ => None,
    };
    Some(arn.is_some_and(|arn| arn.resource.starts_with("role/aws-service-role/")))
}

/// Whether the policy of the thing must allow, also within one account. KMS guide, "Key policies in
/// AWS KMS"; IAM guide, "Granting a user permissions to switch roles".
fn needs_resource_policy(policies: &Policies, asked: &Asked<'_>) -> bool {
    if policies.resource.as_ref().is_some_and(|policy| matches!(policy.kind, Kind::Kms | Kind::Trust)) {
        return true;
    }
    let Some(arn) = asked.resource else { return false };
    match (asked.service(), arn.service) {
        ("kms", "kms") => arn.resource.starts_with("key/"),
        ("sts", "iam") => asked.action_name().starts_with("assumerole") && arn.resource.starts_with("role/"),
        _ => false,
    }
}

/// What the caller's own policies say.
struct Own {
    identity: bool,
    boundary: bool,
    session: bool,
}

impl Own {
    fn of<'p>(policies: &'p Policies, asked: &Asked<'_>, seen: &mut Seen<'p>) -> Self {
        // The root user needs no policy and has neither boundary nor session policy.
        if matches!(asked.who, Who::Root(_)) {
            return Own { identity: true, boundary: true, session: true };
        }
        let mut allows = |policies: &'p [Prepared], layer| look_at(policies, layer, 0, asked, seen).is_some();
        Own {
            identity: allows(&policies.identity, Layer::Identity),
            boundary: allows(&policies.boundary, Layer::Boundary) || policies.boundary.is_empty(),
            session: allows(&policies.session, Layer::Session) || policies.session.is_empty(),
        }
    }

    /// Weighs the caller's side against that of the thing, whose policy allows by `resource`, on top of
    /// what the other layers come to.
    fn weigh(
        &self,
        resource: Option<Grip>,
        policies: &Policies,
        asked: &Asked<'_>,
        reading: Reading,
        mut weighed: Weighed,
    ) -> Weighed {
        let Weighed { deciding, lacks } = &mut weighed;
        let limits = self.boundary && self.session;
        let own = self.identity && limits;
        // What the policy of the thing gives by itself, within one account. "Determining whether a
        // request is allowed or denied within an account": who is named itself is not held up by what
        // its own policies leave out, nor is who has the `aws:PrincipalArn` that a statement for everyone
        // asks for ("Principal", under "IAM role principals"); a role's session is by boundary and session
        // policies; of everyone AWS does not say; naming the account leaves the decision to the account.
        let is_unlimited = match resource {
            Some(Grip::Itself | Grip::ByArn) => true,
            Some(Grip::Everyone) => reading == Reading::Generous,
            Some(Grip::Role | Grip::Account) | None => false,
        };
        let direct = is_unlimited || limits && resource.is_some_and(|grip| grip != Grip::Account);
        let is_same_account = asked.who.account().is_none() || asked.who.account() == asked.resource_account;
        let needs_resource = !is_same_account || needs_resource_policy(policies, asked);
        let allowed_by_own = own && (!needs_resource || resource.is_some());
        let allowed_directly = is_same_account && direct;
        if allowed_by_own {
            deciding.extend([Layer::Identity, Layer::Boundary, Layer::Session]);
        }
        if allowed_directly || (allowed_by_own && needs_resource) {
            deciding.push(Layer::Resource);
        }
        if allowed_directly && !is_unlimited {
            deciding.extend([Layer::Boundary, Layer::Session]);
        }
        if allowed_by_own || allowed_directly {
            return weighed;
        }
        if needs_resource && resource.is_none() {
            lacks.push(Lack::Resource);
        }
        // Within one account the thing's policy is enough if it names the caller, or could.
        let is_enough = is_same_account
            && match resource {
                Some(grip) => grip != Grip::Account,
                None => needs_resource,
            };
        if !self.identity && !is_enough {
            lacks.push(if needs_resource { Lack::Identity } else { Lack::IdentityOrResource });
        }
        if !self.boundary {
            lacks.push(Lack::Boundary);
        }
        if !self.session {
            lacks.push(Lack::Session);
        }
        weighed
    }
}

#[cfg(test)]
mod tests;
