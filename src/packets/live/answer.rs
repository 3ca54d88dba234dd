//! What one way of trying to prove comes to.

use crate::packets::{Address, Packet};

/// A packet, or what covers the set.
pub(super) enum Answer<A: Address> {
    /// A packet that gets past.
    Witness(Packet<A>),
    /// What covers the set, in any order and perhaps repeatedly.
    Covered(Vec<usize>),
}
