//! Decides whether any packet of a set gets past earlier sets, which means that it is in none of them. The answer is such a
//! packet, or the earlier sets that cover the set, or neither if the budget is used up.
//!
//! The question is coNP-hard in the number of axes, so a budget is necessary. `proof.rs` has the attempts at an answer, in the
//! order in which they are made. They access the earlier sets through [`Earlier`], which is a slice or a tree.

mod answer;
mod budget;
mod earlier;
mod proof;
mod random;
mod regions;

pub(super) use budget::Budget;
pub(super) use earlier::{Earlier, Slice};
pub(super) use proof::prove;

use super::{Address, Packet, PacketSet};

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Live<A: Address> {
    /// This packet gets past all of them.
    Witness(Packet<A>),
    /// No packet gets past: the sets with these indexes together cover the set. Sorted; not always the smallest number of sets.
    Covered(Vec<usize>),
    /// The budget was used up before either was proved.
    Undecided,
}

/// Whether any packet of `query` is in none of `earlier`. `budget` is the number of pieces to examine before giving up; a
/// piece counts more if there are many earlier sets.
#[must_use]
pub fn live<A: Address>(query: &PacketSet<A>, earlier: &[PacketSet<A>], budget: usize) -> Live<A> {
    prove(query, &Slice::new(query, earlier), &mut Budget::of_pieces(budget))
}
