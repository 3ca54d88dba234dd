//! The primitive: does any packet of a set get past the earlier ones? Answered with a packet, with the few that cover it,
//! or, where the budget ends, with neither.
//!
//! The question is coNP-hard in the number of axes, so a budget there must be. What answers it stands in `proof.rs`, in the
//! order in which it is tried; it sees the earlier sets through [`Earlier`], as a slice or as a tree.

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
    /// None gets past: these, by their index, cover the set together. Sorted; few, not always fewest.
    Covered(Vec<usize>),
    /// The budget ended before either was proved.
    Undecided,
}

/// Whether any packet of `query` is in none of `earlier`. `budget` is the number of pieces to look at before giving up; to look
/// at one among many sets counts for more.
#[must_use]
pub fn live<A: Address>(query: &PacketSet<A>, earlier: &[PacketSet<A>], budget: usize) -> Live<A> {
    prove(query, &Slice::new(query, earlier), &mut Budget::of_pieces(budget))
}
