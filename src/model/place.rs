//! Places in a rule set: hooks, chains, and rules in them.

/// A chain's index in [`super::RuleSet::chains`].
pub type ChainId = usize;

/// A rule by its chain and its place there, from 0; the place behind the last rule is the chain's policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId {
    /// The chain.
    pub chain: ChainId,
    /// Place in it.
    pub place: usize,
}

/// Where in a packet's way through the machine a base chain is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // netfilter's own names
pub enum HookPoint {
    Prerouting,
    Input,
    Forward,
    Output,
    Postrouting,
}
