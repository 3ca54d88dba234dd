//! Who let packets through: one decision of each filter chain on their way.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;
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

/// Lists of decisions by number: equal lists have equal numbers, so that packets on their way carry the number alone. Number 0 is
/// the empty list.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    /// The last decision of each list, and the list before it. The list with number n stands at n - 1.
    lists: Vec<(Decision, u32)>,
    numbers: FxHashMap<(u32, Decision), u32>,
}

impl Decisions {
    /// The list that is one decision longer.
    pub(super) fn longer(&mut self, list: u32, decision: Decision) -> u32 {
        let Self { lists, numbers } = self;
        *numbers.entry((list, decision)).or_insert_with(|| {
            lists.push((decision, list));
            u32::try_from(lists.len()).unwrap_or(0)
        })
    }

    /// The decisions of a list, in order.
    pub(super) fn list(&self, mut number: u32) -> Passed {
        let mut passed = Passed::new();
        while let Some((decision, before)) = self.last(number) {
            passed.push(decision);
            number = before;
        }
        passed.reverse();
        passed
    }

    /// The last decision of a list, and the number of the list before it.
    pub(super) fn last(&self, number: u32) -> Option<(Decision, u32)> {
        self.lists.get((number as usize).checked_sub(1)?).copied()
    }
}

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
