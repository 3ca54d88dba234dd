//! The result of one attempt at a proof.

use crate::packets::{Address, Packet};

/// A packet that gets past the earlier sets, or the sets that cover the query.
pub(super) enum Answer<A: Address> {
    /// A packet that gets past the earlier sets.
    Witness(Packet<A>),
    /// The sets that cover the query, in any order and with possible repetitions.
    Covered(Vec<usize>),
}
