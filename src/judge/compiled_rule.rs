//! A rule as the walk looks at it.

use crate::model::Test;
use crate::packets::{Address, PacketSet, Tree};

/// A rule's packet sets; its action stays in the rule set.
#[derive(Debug)]
pub(super) struct CompiledRule<A: Address> {
    pub(super) sets: Vec<PacketSet<A>>,
    /// What each of the sets asks beside; empty where none asks anything.
    pub(super) tests: Vec<Vec<Test>>,
    /// Whether it names a condition that may turn out otherwise at each evaluation.
    pub(super) volatile: bool,
    /// Where the sets lie, of rules with so many that it is worth it.
    pub(super) tree: Option<Box<Tree<A>>>,
}

impl<A: Address> CompiledRule<A> {
    /// Those of its sets that some packets may meet; none where it has no tree to find them by.
    pub(super) fn near(&self, packets: &PacketSet<A>) -> Option<Vec<&PacketSet<A>>> {
        let places = self.tree.as_ref()?.meeting(packets, 0).into_iter();
        Some(places.filter_map(|place| self.sets.get(place as usize)).collect())
    }
}
