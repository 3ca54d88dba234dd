//! Packet sets in an order in which the first one that contains a packet decides it, such as the rules of a chain, each with one
//! set or several. A [`Tree`] over them answers the question for a whole chain: which packets get past the sets before a place?

use std::ops::ControlFlow;

use super::live::{Budget, Earlier, prove};
use super::tree::Exhausted;
use super::{Address, Live, Packet, PacketSet, Tree};

/// Packet sets in order, with their tree.
#[derive(Debug, Clone)]
pub struct Ordered<'a, A: Address> {
    pub(super) entries: Vec<(u32, &'a PacketSet<A>)>,
    pub(super) tree: Tree<A>,
}

impl<'a, A: Address> Ordered<'a, A> {
    /// These sets, each with its place in the order; several may share one place. A set's index is its position here.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = (u32, &'a PacketSet<A>)>) -> Self {
        let entries: Vec<_> = entries.into_iter().collect();
        Self { tree: Tree::new(entries.iter().copied()), entries }
    }

    /// The sets with their places, as they were given.
    #[must_use]
    pub fn entries(&self) -> &[(u32, &'a PacketSet<A>)] {
        &self.entries
    }

    /// The tree over them.
    #[must_use]
    pub fn tree(&self) -> &Tree<A> {
        &self.tree
    }

    /// The lowest place whose set holds the packet.
    #[must_use]
    pub fn first_holding(&self, packet: &Packet<A>) -> Option<u32> {
        self.tree.first_holding(packet, 0, u32::MAX, |index| self.entries[index].1.contains(packet))
    }

    /// Whether any packet of `query` is in none of the sets before `place`; covering sets are given by index. `budget` is the
    /// number of pieces to examine before giving up, as for [`super::live()`].
    #[must_use]
    pub fn live(&self, place: u32, query: &PacketSet<A>, budget: usize) -> Live<A> {
        self.prove(place, query, &mut Budget::of_pieces(budget))
    }

    /// The same with a limit on looks that several questions share. One look at a set or a node takes some nanoseconds.
    #[must_use]
    pub fn live_within(&self, place: u32, query: &PacketSet<A>, budget: usize, looks: &mut u64) -> Live<A> {
        let mut own = Budget::of_pieces(budget);
        own.looks = own.looks.min(*looks);
        let granted = own.looks;
        let answer = self.prove(place, query, &mut own);
        *looks -= granted - own.looks;
        answer
    }

    pub(super) fn prove(&self, place: u32, query: &PacketSet<A>, budget: &mut Budget) -> Live<A> {
        prove(query, &Before { ordered: self, place, admits: |_| true }, budget)
    }
}

/// The sets before a place, restricted to admitted places, in the form that a proof needs.
pub(super) struct Before<'a, A: Address, P> {
    pub(super) ordered: &'a Ordered<'a, A>,
    pub(super) place: u32,
    pub(super) admits: P,
}

impl<A: Address, P: Fn(u32) -> bool> Earlier<A> for Before<'_, A, P> {
    fn set(&self, index: usize) -> &PacketSet<A> {
        self.ordered.entries[index].1
    }

    fn holding(&self, packet: &Packet<A>, budget: &mut Budget) -> Result<Option<usize>, Exhausted> {
        let holds = |index| self.set(index).contains(packet);
        self.ordered.tree.find_holding(packet, self.place, &mut budget.looks, &self.admits, holds)
    }

    fn containing(&self, piece: &PacketSet<A>, budget: &mut Budget) -> Result<Option<usize>, Exhausted> {
        let contains = |index| piece.is_subset(self.set(index));
        self.ordered.tree.find_containing(piece, self.place, &mut budget.looks, &self.admits, contains)
    }

    fn largest(
        &self,
        packet: &Packet<A>,
        piece: &PacketSet<A>,
        budget: &mut Budget,
    ) -> Result<Option<usize>, Exhausted> {
        let holds = |index| self.set(index).contains(packet);
        self.ordered.tree.find_largest(packet, piece, self.place, &mut budget.looks, &self.admits, holds)
    }

    fn meeting(&self, piece: &PacketSet<A>, budget: &mut Budget) -> Result<Vec<usize>, Exhausted> {
        let mut near = Vec::new();
        if let Some(last) = self.place.checked_sub(1) {
            self.ordered.tree.try_each_meeting(piece, 0..=last, &mut budget.looks, |place, index| {
                if (self.admits)(place) && self.set(index).meets(piece) {
                    near.push(index);
                }
                ControlFlow::Continue(())
            })?;
        }
        near.sort_unstable();
        Ok(near)
    }
}
