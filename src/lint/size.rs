//! How much of its limit on size a policy uses.

use crate::document::Document;
use crate::kind::{Inline, Kind};
use crate::policy::quota::{Quota, inline, quota};

/// A policy's size against the limit that counts for it.
pub(crate) struct Size {
    pub(crate) quota: Quota,
    /// How much is used, together with the inline policies of the same identity that come before it in the file.
    pub(crate) used: usize,
    /// Whether this policy uses just that, and not more.
    pub(crate) is_exact: bool,
    /// How much of that those use.
    pub(crate) before: usize,
    /// Whose inline policy it is, where the file tells.
    pub(crate) of: Option<Inline>,
}

/// The size of a policy; `None` if its kind has no one limit.
pub(crate) fn size(document: &Document) -> Option<Size> {
    let inlined = document.inline().filter(|_| document.kind == Kind::Identity);
    let quota = inlined.map(|(of, _)| inline(of)).or_else(|| quota(document.kind))?;
    let before = inlined.map_or(0, |(_, before)| before);
    let own = document.used(quota.unit);
    let of = inlined.map(|(of, _)| of);
    Some(Size { quota, used: before + own.amount, is_exact: own.is_exact, before, of })
}

impl Size {
    /// "the policy has", or what has together with it.
    pub(crate) fn subject(&self) -> String {
        let at_least = if self.is_exact { "" } else { " at least" };
        match self.of {
            Some(of) if self.before > 0 => {
                format!("the {}'s inline policies, up to this one, have{at_least}", of.owner())
            }
            _ => format!("the policy has{at_least}"),
        }
    }
}
