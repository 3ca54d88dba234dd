//! The questions that a proof asks about the earlier sets, with the answers for a plain slice.

use super::Budget;
use crate::packets::tree::Exhausted;
use crate::packets::{Address, Packet, PacketSet};

/// Finds, by index, the sets that contain or meet something. Each question counts its looks.
pub(in crate::packets) trait Earlier<A: Address> {
    /// The set of this index.
    fn set(&self, index: usize) -> &PacketSet<A>;
    /// Some set that contains the packet.
    fn holding(&self, packet: &Packet<A>, budget: &mut Budget) -> Result<Option<usize>, Exhausted>;
    /// Some set that contains the piece.
    fn containing(&self, piece: &PacketSet<A>, budget: &mut Budget) -> Result<Option<usize>, Exhausted>;
    /// Of the sets that contain the packet, the one that takes the largest part of the piece.
    fn largest(
        &self,
        packet: &Packet<A>,
        piece: &PacketSet<A>,
        budget: &mut Budget,
    ) -> Result<Option<usize>, Exhausted>;
    /// All sets that meet the piece, ascending.
    fn meeting(&self, piece: &PacketSet<A>, budget: &mut Budget) -> Result<Vec<usize>, Exhausted>;
}

/// A slice of sets, which are looked at one after the other.
pub(in crate::packets) struct Slice<'a, A: Address> {
    sets: &'a [PacketSet<A>],
    /// The indexes of the sets that meet the query.
    near: Vec<usize>,
}

impl<'a, A: Address> Slice<'a, A> {
    /// The sets of a slice that meet `query`.
    pub(in crate::packets) fn new(query: &PacketSet<A>, sets: &'a [PacketSet<A>]) -> Self {
        Self { sets, near: (0..sets.len()).filter(|index| sets[*index].meets(query)).collect() }
    }

    fn find(&self, budget: &mut Budget, is_it: impl Fn(&PacketSet<A>) -> bool) -> Result<Option<usize>, Exhausted> {
        budget.look(self.near.len() as u64)?;
        Ok(self.near.iter().copied().find(|index| is_it(&self.sets[*index])))
    }
}

impl<A: Address> Earlier<A> for Slice<'_, A> {
    fn set(&self, index: usize) -> &PacketSet<A> {
        &self.sets[index]
    }

    fn holding(&self, packet: &Packet<A>, budget: &mut Budget) -> Result<Option<usize>, Exhausted> {
        self.find(budget, |set| set.contains(packet))
    }

    fn containing(&self, piece: &PacketSet<A>, budget: &mut Budget) -> Result<Option<usize>, Exhausted> {
        self.find(budget, |set| piece.is_subset(set))
    }

    fn largest(
        &self,
        packet: &Packet<A>,
        piece: &PacketSet<A>,
        budget: &mut Budget,
    ) -> Result<Option<usize>, Exhausted> {
        budget.look(self.near.len() as u64)?;
        let holding = self.near.iter().copied().filter(|index| self.sets[*index].contains(packet));
        Ok(holding.min_by_key(|index| faces(piece, &self.sets[*index])))
    }

    fn meeting(&self, piece: &PacketSet<A>, budget: &mut Budget) -> Result<Vec<usize>, Exhausted> {
        budget.look(self.near.len() as u64)?;
        Ok(self.near.iter().copied().filter(|index| self.sets[*index].meets(piece)).collect())
    }
}

/// On how many axes a set does not contain all values of the piece. Subtracting the set leaves at most this many pieces, or some
/// more if it has several conditions.
pub(super) fn faces<A: Address>(piece: &PacketSet<A>, set: &PacketSet<A>) -> usize {
    usize::from(!piece.source.is_subset(&set.source))
        + usize::from(!piece.destination.is_subset(&set.destination))
        + usize::from(!piece.protocol.is_subset(&set.protocol))
        + usize::from(!piece.source_port.is_subset(&set.source_port))
        + usize::from(!piece.destination_port.is_subset(&set.destination_port))
        + usize::from(!piece.ingress.is_subset(&set.ingress))
        + usize::from(!piece.egress.is_subset(&set.egress))
        + usize::from(!piece.state.difference(set.state).is_empty())
        + usize::from(!piece.tcp_flags.difference(set.tcp_flags).is_empty())
        + usize::from(!piece.conditions.is_subset(&set.conditions))
}
