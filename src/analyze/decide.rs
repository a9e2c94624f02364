//! May this request be made? The decision over all the policies that have a say in it, in the order
//! of AWS's own flow chart.
//!
//! IAM guide, "Policy evaluation logic", with "Policy evaluation for requests within a single
//! account" and "Cross-account policy evaluation logic".

mod answer;
mod fit;
mod rcp;
mod seen;
mod session;
mod weigh;

pub use super::exception::{Exception, impossible};
pub use answer::{By, Decision, Lack, Layer, Missing, Verdict};
pub use fit::fit;
pub use rcp::covers as rcp_covers;

use std::collections::BTreeSet;

use super::cover::Scope;
use super::evaluate::{Asked, Prepared, Who};
use super::request::{Caller, ContextValue, Request};
use super::{attached, exception, space};
use crate::kind::Kind;
use seen::{Lean, Seen, look_at, look_at_levels};
pub(super) use weigh::EVERYONE;
use weigh::{Own, Reading, Weighed};

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

/// Decides on a request. Where that depends on what is not known of a policy or of the caller, it is undecided.
pub fn decide<'p>(policies: &'p Policies, request: &Request) -> Decision<'p> {
    let session::Cases { cases, is_complete, assumed_role } = session::cases(policies, request);
    let of = |request: &Request| {
        let asked = Asked::new(request);
        let is_role = matches!(asked.who, Who::Role(_) | Who::RoleSession(..));
        let is_linked = is_role && asked.principal_arn().is_some_and(session::is_service_linked);
        decide_for(policies, request, is_linked)
    };
    let cases = match cases.is_empty() {
        true => vec![(None, request.clone())],
        false => cases,
    };
    let cases: Vec<_> = cases.into_iter().flat_map(by_owner_key).collect();
    let mut decision = match cases.as_slice() {
        [_] => of(request),
        cases => {
            let decisions = cases.iter().map(|(clause, request)| (clause.clone(), of(request))).collect();
            agreed(decisions).unwrap_or_else(|| of(request))
        }
    };
    if request.action.eq_ignore_ascii_case("kms:RetireGrant") && decision.verdict != Verdict::ExplicitlyDenied
    {
        // KMS guide, "Retiring and revoking grants".
        decision.verdict = Verdict::Undecided;
        decision
            .depends_on
            .push("whether a grant lets the caller retire it: no policy alone does".to_owned());
    }
    if is_own_password(request) && decision.verdict == Verdict::ImplicitlyDenied {
        decision.verdict = Verdict::Undecided;
        decision.depends_on.push("whether the account lets its users change their own passwords".to_owned());
    }
    decision.assumed_role = assumed_role;
    if !is_complete {
        decision.verdict = Verdict::Undecided;
        decision
            .depends_on
            .push("the path of the caller's role, which only `aws:PrincipalArn` shows".to_owned());
    }
    decision
}

/// The requests that a request may be, as calls to some services come without `aws:ResourceAccount`.
fn by_owner_key((clause, request): (Option<String>, Request)) -> Vec<(Option<String>, Request)> {
    const KEY: &str = "aws:ResourceAccount";
    let service = request.action.split(':').next().unwrap_or_default().to_ascii_lowercase();
    if request.context.get(KEY).is_some() || !space::NOT_ALWAYS.contains(&service.as_str()) {
        return vec![(clause, request)];
    }
    let mut without = request.clone();
    without.context.insert(KEY, ContextValue::Many(Vec::new()));
    let of = |how: &str| {
        let of_key = format!("a call to `{service}` comes {how} `{KEY}`");
        Some(match &clause {
            Some(clause) => format!("{clause}, and {of_key}"),
            None => format!("if {of_key}"),
        })
    };
    vec![(of("with"), request), (of("without"), without)]
}

/// What it depends on whether a call that needs no permission passes an endpoint whose policy does not allow it.
const FREE_AT_ENDPOINT: &str =
    "whether the policy of a VPC endpoint holds for a call that needs no permission";

/// Whether a user changes his own password. IAM guide, "Permit IAM users to change their own passwords": the account's
/// password policy may allow it to all of them.
fn is_own_password(request: &Request) -> bool {
    let caller = match &request.principal {
        Some(Caller::Aws(arn)) => arn.as_str(),
        _ => return false,
    };
    request.action.eq_ignore_ascii_case("iam:ChangePassword") && caller == request.resource
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
    let session_applies = own_apply || weigh::is_task(&asked);
    let asked = asked.with_boundary(own_apply && !policies.boundary.is_empty());
    let mut seen = Seen::new(lean);
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
    let resource_applies =
        policies.resource.as_ref().is_none_or(|policy| no_say(policy.kind, policy.is_sure, &asked).is_none());
    let of_resource = policies.resource.as_slice();
    let of_resource = if resource_applies { of_resource } else { &[] };
    let resource = look_at(of_resource, Layer::Resource, 0, &asked, &mut seen);
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
        (Layer::Session, session_applies || policies.session.is_empty()),
        (Layer::Resource, resource_applies),
    ];
    let not_asked = not_asked.into_iter().filter(|(_, fine)| !fine).map(|(layer, _)| layer).collect();
    let unknowns = std::mem::take(&mut seen.unknowns);
    let mut decision = seen.decide(strict, generous, not_asked);
    if let Some((exception, depends_on)) = exception::exception(&asked, is_linked) {
        // The pages on these calls speak of the caller's own policies.
        let is_let_through = policies.endpoint.is_empty() || endpoint.is_some();
        let by_endpoint = matches!(exception, Exception::Free(_)) && !is_let_through;
        decision.except(exception, depends_on.or(by_endpoint.then_some(FREE_AT_ENDPOINT)));
    }
    (decision, unknowns)
}

/// Why the policy of a resource, one of this kind, has no say in a request: the request is about something else, or is
/// one from which the policy cannot keep the owner. A policy that only looks like one of the kind may be about what other
/// services do, but no other kind is about what those actions of its own service do that are not on its resources.
pub fn no_say(kind: Kind, is_sure: bool, asked: &Asked<'_>) -> Option<String> {
    let is_ruled_out = is_sure || kind.service() == Some(asked.service());
    let foreign = attached::foreign(asked, Scope { kind, resource: None }).filter(|_| is_ruled_out);
    let owners = || exception::is_owners_own(asked, kind).then(|| exception::OWNERS_OWN.to_owned());
    // A trust policy names no resource, and is that of the role.
    let no_resource = || attached::without_resource(asked).filter(|_| kind != Kind::Trust);
    foreign.or_else(owners).or_else(no_resource)
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
    // Where all are undecided, no case settles anything.
    let is_by_case = decisions.iter().any(|(_, decision)| allowed(decision.verdict).is_some());
    if !is_by_case && decisions.iter().all(|(_, decision)| *decision == decisions[0].1) {
        return Some(decisions.swap_remove(0).1);
    }
    let mut depends_on: Vec<String> = Vec::new();
    for (clause, decision) in &decisions {
        let verdict = match allowed(decision.verdict) {
            Some(true) => "allowed",
            Some(false) => "denied",
            None => "undecided",
        };
        let clause = clause.as_deref().filter(|_| is_by_case);
        let whether = clause.and_then(|clause| clause.strip_prefix("if "));
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
        self.all().any(|policy| policy.is_open(request))
    }

    /// All policies.
    fn all(&self) -> impl Iterator<Item = &Prepared> + Clone {
        let levels = self.scp.iter().chain(&self.rcp).flatten();
        let others = [&self.identity, &self.session, &self.boundary, &self.endpoint].into_iter().flatten();
        self.resource.iter().chain(others).chain(levels)
    }
}

/// Whether the caller has policies of its own. A request without a caller asks about these alone.
fn has_identity(who: &Who<'_>) -> bool {
    who.account().is_some() || *who == Who::Unknown
}

#[cfg(test)]
mod tests;
