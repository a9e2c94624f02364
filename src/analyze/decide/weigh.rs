//! Whether the sides that have to allow a request do: the caller's, and that of the thing.

use super::seen::{Seen, look_at};
use super::{Lack, Layer, Policies, no_say};
use crate::analyze::evaluate::{Asked, Grip, Prepared, Who};
use crate::kind::Kind;

/// How to take what AWS's documentation leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// So that it allows less.
    Strict,
    /// So that it allows more.
    Generous,
}

/// What a reading leaves open about an implicit deny of a boundary or session policy.
pub(in crate::analyze) const EVERYONE: &str = "whether a permissions boundary or session policy limits what `Principal: \"*\"` grants \
                        within the account: AWS documents it only with a condition on `aws:PrincipalArn`";

/// What the layers that have to allow a request come to, in one reading.
#[derive(Clone, Debug, Default)]
pub(super) struct Weighed {
    /// The layers whose Allows decide.
    pub deciding: Vec<Layer>,
    /// What has to allow and does not.
    pub lacks: Vec<Lack>,
}

/// Whether the policy of the thing must allow, also within one account. KMS guide, "Key policies in
/// AWS KMS"; IAM guide, "Granting a user permissions to switch roles".
fn needs_resource_policy(policies: &Policies, asked: &Asked<'_>) -> bool {
    let needed = policies.resource.as_ref().filter(|policy| matches!(policy.kind, Kind::Kms | Kind::Trust));
    if needed.is_some_and(|policy| no_say(policy.kind, policy.is_sure, asked).is_none()) {
        return true;
    }
    let Some(arn) = asked.resource else { return false };
    match (asked.service(), arn.service) {
        ("kms", "kms") => arn.resource.starts_with("key/"),
        ("sts", "iam") => asked.action_name().starts_with("assumerole") && arn.resource.starts_with("role/"),
        _ => false,
    }
}

/// Whether it is a session of the root user for one task, which has a policy. STS API reference, "AssumeRoot".
pub(super) fn is_task(asked: &Asked<'_>) -> bool {
    matches!(asked.who, Who::Root(_)) && asked.says("aws:assumedroot", "true")
}

/// What the caller's own policies say.
pub(super) struct Own {
    identity: bool,
    boundary: bool,
    session: bool,
}

impl Own {
    pub fn of<'p>(policies: &'p Policies, asked: &Asked<'_>, seen: &mut Seen<'p>) -> Self {
        // The root user needs no policy and has neither boundary nor session policy.
        let mut allows = |policies: &'p [Prepared], layer| look_at(policies, layer, 0, asked, seen).is_some();
        if matches!(asked.who, Who::Root(_)) {
            let is_limited = is_task(asked) && !policies.session.is_empty();
            let session = !is_limited || allows(&policies.session, Layer::Session);
            return Own { identity: true, boundary: true, session };
        }
        // STS API reference, "GetFederationToken", under "Permissions": without a session policy the session has none.
        let needs_session = matches!(asked.who, Who::FederatedUser(..));
        Own {
            identity: allows(&policies.identity, Layer::Identity),
            boundary: allows(&policies.boundary, Layer::Boundary) || policies.boundary.is_empty(),
            session: allows(&policies.session, Layer::Session)
                || policies.session.is_empty() && !needs_session,
        }
    }

    /// Weighs the caller's side against that of the thing, whose policy allows by `resource`, on top of
    /// what the other layers come to.
    pub fn weigh(
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
