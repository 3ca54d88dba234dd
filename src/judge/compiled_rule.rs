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
