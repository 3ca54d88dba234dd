//! The primitive: does any packet of a set get past the earlier ones? Answered with a packet, with the few that cover it,
//! or, where the budget ends, with neither.

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

/// Whether any packet of `query` is in none of `earlier`.
///
/// A stack of pieces is worked off: a piece that one earlier set contains is done; the lowest packet of a piece that no earlier
/// set holds is a witness; else the set that holds it and takes most away is taken away. `budget` is the number of pieces to
/// look at before giving up. The question is coNP-hard in the number of axes, so a budget there must be.
#[must_use]
pub fn live<A: Address>(query: &PacketSet<A>, earlier: &[PacketSet<A>], budget: usize) -> Live<A> {
    let near: Vec<usize> = (0..earlier.len()).filter(|index| earlier[*index].meets(query)).collect();
    let mut used = Vec::new();
    let mut pieces = vec![query.clone()];
    let mut looked_at = 0;
    while let Some(piece) = pieces.pop() {
        let Some(corner) = piece.witness() else { continue };
        looked_at += 1;
        if looked_at > budget {
            return Live::Undecided;
        }
        if let Some(container) = near.iter().find(|index| piece.is_subset(&earlier[**index])) {
            used.push(*container);
            continue;
        }
        let Some(largest) = near
            .iter()
            .filter(|index| earlier[**index].contains(&corner))
            .min_by_key(|index| left_after(&piece, &earlier[**index]))
        else {
            return Live::Witness(corner);
        };
        used.push(*largest);
        pieces.extend(piece.difference(&earlier[*largest]));
    }
    used.sort_unstable();
    used.dedup();
    Live::Covered(used)
}

/// How many pieces taking `taken` from `piece` leaves: fewer is better.
fn left_after<A: Address>(piece: &PacketSet<A>, taken: &PacketSet<A>) -> usize {
    usize::from(!piece.source.is_subset(&taken.source))
        + usize::from(!piece.destination.is_subset(&taken.destination))
        + usize::from(!piece.protocol.is_subset(&taken.protocol))
        + usize::from(!piece.source_port.is_subset(&taken.source_port))
        + usize::from(!piece.destination_port.is_subset(&taken.destination_port))
        + usize::from(!piece.ingress.is_subset(&taken.ingress))
        + usize::from(!piece.egress.is_subset(&taken.egress))
        + usize::from(!piece.state.difference(taken.state).is_empty())
        + usize::from(!piece.tcp_flags.difference(taken.tcp_flags).is_empty())
        + usize::from(!piece.conditions.is_subset(&taken.conditions))
}
