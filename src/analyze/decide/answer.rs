//! What a decision says: the verdict, and what it is by.

use super::Exception;
use crate::kind::Kind;
use crate::policy::Effect;

/// What a policy is attached to, as far as the decision goes. In the order in which they are asked.
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
    /// What its policy is attached to.
    pub layer: Layer,
    /// Its policy's place among those of the layer, from 0, levels one after the other.
    pub index: usize,
    /// Its place in the policy, from 0.
    pub statement: usize,
    /// Its Sid.
    pub sid: Option<&'p str>,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// Whether it is known that it matches.
    pub is_sure: bool,
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
    /// The role that a session is taken to be of, as a condition names it: the session does not show the role's path.
    pub assumed_role: Option<String>,
}

/// A condition key that the request does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing<'p> {
    /// The key, as the policy writes it.
    pub key: &'p str,
    /// The first statement that asks for it.
    pub by: By<'p>,
}

impl Decision<'_> {
    /// Applies a rule that outranks the policies, unless it depends on what is not known.
    pub(super) fn except(&mut self, exception: Exception, depends_on: Option<&str>) {
        let is_free = matches!(exception, Exception::Free(_));
        let is_denied = matches!(self.verdict, Verdict::ImplicitlyDenied | Verdict::ExplicitlyDenied);
        if let Some(depends_on) = depends_on {
            let agrees = if is_free { self.verdict == Verdict::Allowed } else { is_denied };
            self.exception = Some(exception).filter(|_| is_free);
            if !agrees {
                self.depends_on.push(depends_on.to_owned());
                self.verdict = Verdict::Undecided;
            }
            return;
        }
        self.exception = Some(exception);
        let verdict = match is_free {
            true => Verdict::Allowed,
            false if self.verdict == Verdict::ExplicitlyDenied => return,
            false => Verdict::ImplicitlyDenied,
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
            assumed_role: None,
        };
    }
}
