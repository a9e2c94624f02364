use crate::lint::rule::{Check, rule};

rule! {
    /// A suppression has nothing to suppress any more, or its last day has passed.
    ///
    /// ## Why
    ///
    /// An entry that is left behind hides the next finding of the same rule in the same place, which
    /// nobody has looked at. An entry with an `expires` was meant to be looked at again: from the day
    /// after, its finding is shown. Entries are judged in runs that see all files that they are for.
    ///
    /// ## Examples
    ///
    /// ```toml bad
    /// [[suppress]]
    /// glob = "queue-policy.json"
    /// rule = "principal-any"
    /// reason = "the queue is for a demonstration"
    /// expires = "2020-01-31"
    /// ```
    ///
    /// ```toml good
    /// [[suppress]]
    /// glob = "queue-policy.json"
    /// rule = "principal-any"
    /// reason = "the queue takes messages from everyone, see the decision of March"
    /// ```
    name: "unused-suppression", group: Practice, severity: Warning, since: "0.1.0",
    rows: ["BPR-09"],
    peers: [],
    check: Check::Configuration,
}
