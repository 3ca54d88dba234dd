//! Searches in the tree. Each search is a visitor that decides which nodes to enter and what to do with an entry. Nodes still to
//! be visited are kept in a list, those with earlier places first. If a hull does not decide whether its set contains a packet or
//! another set, the caller's closure is asked with the entry's index.

use std::ops::{ControlFlow, Range, RangeInclusive};

use smallvec::SmallVec;

use super::hull::{Flags, Hull, Point};
use super::{Entry, Node, Tree};
use crate::packets::{Address, Packet, PacketSet};

/// The error that the limit on nodes and entries was reached before the search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::packets) struct Exhausted;

/// What a search does with nodes and entries.
trait Visitor<A: Address> {
    /// Whether to look below this node.
    fn enters(&self, node: &Node<A>) -> bool;
    /// Looks at an entry; `Break` ends the search.
    fn sees(&mut self, entry: &Entry<A>) -> ControlFlow<()>;
}

impl<A: Address> Tree<A> {
    /// The places, ascending and each once, of the sets from `from` on whose hulls meet the hull of `query`. All sets that have a
    /// packet in common with `query` are among them.
    #[must_use]
    pub fn meeting(&self, query: &PacketSet<A>, from: u32) -> Vec<u32> {
        let mut places = Vec::new();
        // No limit is needed: a search visits no node twice.
        let _ = self.try_each_meeting(query, from..=u32::MAX, &mut u64::MAX.clone(), |place, _| {
            places.push(place);
            ControlFlow::Continue(())
        });
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The lowest place from `from` on and before `to` whose set contains the packet. `holds` is asked about entries by their
    /// index, only if the hull contains the packet but the set may not.
    #[must_use]
    pub fn first_holding(
        &self,
        packet: &Packet<A>,
        from: u32,
        to: u32,
        holds: impl FnMut(usize) -> bool,
    ) -> Option<u32> {
        self.find_first(packet, from..to, &mut u64::MAX.clone(), |_| true, holds).ok().flatten()
    }

    /// The index of some entry before the place `before` that contains the whole of `query`. `contains` is asked only if the
    /// hull of an entry contains that of `query` but the set may not.
    #[must_use]
    pub fn containing(&self, query: &PacketSet<A>, before: u32, contains: impl FnMut(usize) -> bool) -> Option<usize> {
        self.find_containing(query, before, &mut u64::MAX.clone(), |_| true, contains).ok().flatten()
    }

    /// Calls `visit` with the place and index of each entry whose place is among `places` and whose hull meets that of `query`,
    /// until it breaks.
    pub(in crate::packets) fn try_each_meeting(
        &self,
        query: &PacketSet<A>,
        places: RangeInclusive<u32>,
        left: &mut u64,
        visit: impl FnMut(u32, usize) -> ControlFlow<()>,
    ) -> Result<(), Exhausted> {
        let Some(query) = Hull::of(query, &mut Flags::new()) else { return Ok(()) };
        self.visit(&mut Meeting { query, places, visit }, left)
    }

    /// The lowest place among `places` that is admitted and whose set holds the packet.
    pub(in crate::packets) fn find_first(
        &self,
        packet: &Packet<A>,
        places: Range<u32>,
        left: &mut u64,
        admits: impl Fn(u32) -> bool,
        holds: impl FnMut(usize) -> bool,
    ) -> Result<Option<u32>, Exhausted> {
        let mut search = FirstHolding { point: Point::of(packet), places, found: None, admits, holds };
        self.visit(&mut search, left)?;
        Ok(search.found)
    }

    /// The index of some entry before a place, at an admitted place, that contains the packet.
    pub(in crate::packets) fn find_holding(
        &self,
        packet: &Packet<A>,
        before: u32,
        left: &mut u64,
        admits: impl Fn(u32) -> bool,
        holds: impl FnMut(usize) -> bool,
    ) -> Result<Option<usize>, Exhausted> {
        let mut search = AnyHolding { point: Point::of(packet), before, found: None, admits, holds };
        self.visit(&mut search, left)?;
        Ok(search.found)
    }

    /// The index of an entry before a place, at an admitted place, that contains the packet. Of several, the one whose hull has
    /// most in common with that of `piece`; of equal ones, the first in order.
    pub(in crate::packets) fn find_largest(
        &self,
        packet: &Packet<A>,
        piece: &PacketSet<A>,
        before: u32,
        left: &mut u64,
        admits: impl Fn(u32) -> bool,
        holds: impl FnMut(usize) -> bool,
    ) -> Result<Option<usize>, Exhausted> {
        let Some(piece) = Hull::of(piece, &mut Flags::new()) else { return Ok(None) };
        let mut search = LargestHolding { point: Point::of(packet), piece, before, found: None, admits, holds };
        self.visit(&mut search, left)?;
        Ok(search.found.map(|(_, _, index)| index))
    }

    /// The index of some entry before a place, at an admitted place, that contains `query`.
    pub(in crate::packets) fn find_containing(
        &self,
        query: &PacketSet<A>,
        before: u32,
        left: &mut u64,
        admits: impl Fn(u32) -> bool,
        contains: impl FnMut(usize) -> bool,
    ) -> Result<Option<usize>, Exhausted> {
        let Some(query) = Hull::of(query, &mut Flags::new()) else { return Ok(None) };
        let mut search = Containing { query, before, found: None, admits, contains };
        self.visit(&mut search, left)?;
        Ok(search.found)
    }

    /// Walks the tree with a visitor. `left` is the number of nodes and entries that it may still look at.
    fn visit(&self, visitor: &mut impl Visitor<A>, left: &mut u64) -> Result<(), Exhausted> {
        let mut waiting: SmallVec<[u32; 64]> = SmallVec::new();
        if !self.nodes.is_empty() {
            waiting.push(0);
        }
        while let Some(node) = waiting.pop() {
            let node = &self.nodes[node as usize];
            *left = left.checked_sub(1).ok_or(Exhausted)?;
            if !visitor.enters(node) {
                continue;
            }
            if node.is_leaf() {
                *left = left.checked_sub(u64::from(node.count)).ok_or(Exhausted)?;
                for entry in &self.entries[node.range()] {
                    if visitor.sees(entry).is_break() {
                        return Ok(());
                    }
                }
            } else {
                waiting.extend((node.first..node.first + u32::from(node.count)).rev());
            }
        }
        Ok(())
    }
}

struct Meeting<A: Address, F> {
    query: Hull<A>,
    places: RangeInclusive<u32>,
    visit: F,
}

impl<A: Address, F: FnMut(u32, usize) -> ControlFlow<()>> Visitor<A> for Meeting<A, F> {
    fn enters(&self, node: &Node<A>) -> bool {
        node.highest >= *self.places.start() && node.lowest <= *self.places.end() && node.hull.meets(&self.query)
    }

    fn sees(&mut self, entry: &Entry<A>) -> ControlFlow<()> {
        if self.places.contains(&entry.place) && entry.hull.meets(&self.query) {
            return (self.visit)(entry.place, entry.index as usize);
        }
        ControlFlow::Continue(())
    }
}

struct FirstHolding<A: Address, P, F> {
    point: Point<A>,
    places: Range<u32>,
    found: Option<u32>,
    admits: P,
    holds: F,
}

impl<A: Address, P: Fn(u32) -> bool, F: FnMut(usize) -> bool> Visitor<A> for FirstHolding<A, P, F> {
    fn enters(&self, node: &Node<A>) -> bool {
        node.lowest < self.places.end && node.highest >= self.places.start && node.hull.holds(&self.point)
    }

    fn sees(&mut self, entry: &Entry<A>) -> ControlFlow<()> {
        if self.places.contains(&entry.place)
            && entry.hull.holds(&self.point)
            && (self.admits)(entry.place)
            && (entry.hull.is_exact() || (self.holds)(entry.index as usize))
        {
            // From here on, only entries before this one can be the result.
            self.places.end = entry.place;
            self.found = Some(entry.place);
        }
        ControlFlow::Continue(())
    }
}

struct AnyHolding<A: Address, P, F> {
    point: Point<A>,
    before: u32,
    found: Option<usize>,
    admits: P,
    holds: F,
}

impl<A: Address, P: Fn(u32) -> bool, F: FnMut(usize) -> bool> Visitor<A> for AnyHolding<A, P, F> {
    fn enters(&self, node: &Node<A>) -> bool {
        node.lowest < self.before && node.hull.holds(&self.point)
    }

    fn sees(&mut self, entry: &Entry<A>) -> ControlFlow<()> {
        if entry.place < self.before
            && entry.hull.holds(&self.point)
            && (self.admits)(entry.place)
            && (entry.hull.is_exact() || (self.holds)(entry.index as usize))
        {
            self.found = Some(entry.index as usize);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

struct LargestHolding<A: Address, P, F> {
    point: Point<A>,
    piece: Hull<A>,
    before: u32,
    /// What it has in common with the piece, its place, its index.
    found: Option<(f64, u32, usize)>,
    admits: P,
    holds: F,
}

impl<A: Address, P: Fn(u32) -> bool, F: FnMut(usize) -> bool> Visitor<A> for LargestHolding<A, P, F> {
    fn enters(&self, node: &Node<A>) -> bool {
        node.lowest < self.before && node.hull.holds(&self.point)
    }

    fn sees(&mut self, entry: &Entry<A>) -> ControlFlow<()> {
        if entry.place < self.before && entry.hull.holds(&self.point) && (self.admits)(entry.place) {
            let common = entry.hull.common(&self.piece);
            let larger = self.found.is_none_or(|(most, place, index)| {
                common > most || (common >= most && (entry.place, entry.index as usize) < (place, index))
            });
            if larger && (entry.hull.is_exact() || (self.holds)(entry.index as usize)) {
                self.found = Some((common, entry.place, entry.index as usize));
            }
        }
        ControlFlow::Continue(())
    }
}

struct Containing<A: Address, P, F> {
    query: Hull<A>,
    before: u32,
    found: Option<usize>,
    admits: P,
    contains: F,
}

impl<A: Address, P: Fn(u32) -> bool, F: FnMut(usize) -> bool> Visitor<A> for Containing<A, P, F> {
    fn enters(&self, node: &Node<A>) -> bool {
        node.lowest < self.before && node.hull.contains(&self.query)
    }

    fn sees(&mut self, entry: &Entry<A>) -> ControlFlow<()> {
        if entry.place < self.before
            && entry.hull.contains(&self.query)
            && (self.admits)(entry.place)
            && (entry.hull.is_exact() || (self.contains)(entry.index as usize))
        {
            self.found = Some(entry.index as usize);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}
