//! Who let packets through: one decision of each filter chain on their way.

use std::sync::OnceLock;

use smallvec::SmallVec;

use crate::model::RuleId;
use crate::packets::{Address, PacketSet};

/// A filter chain's decision to let packets on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Decision {
    /// The base chain, by its place among [`super::Judge::base_chains`].
    pub base: usize,
    /// The rule or policy that accepted.
    pub by: RuleId,
}

/// The decisions on a way, in order. Most packets pass one filter chain.
pub type Passed = SmallVec<[Decision; 1]>;

/// What is known of a rule set's filter chains once somebody asks which of them constrains.
#[derive(Debug)]
pub(super) struct Constraints<A: Address> {
    /// For each base chain, whether it accepts everything.
    pub(super) neutral: OnceLock<Vec<bool>>,
    /// The packets that may come to each chain.
    pub(super) contexts: OnceLock<Vec<Vec<PacketSet<A>>>>,
    /// The base chains that lead to each chain, by their places.
    pub(super) leading: OnceLock<Vec<Vec<usize>>>,
}

impl<A: Address> Default for Constraints<A> {
    fn default() -> Self {
        Self { neutral: OnceLock::new(), contexts: OnceLock::new(), leading: OnceLock::new() }
    }
}
