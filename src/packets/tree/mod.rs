//! A tree of bounding hulls over packet sets in an order, such as the rules of a chain. It finds the sets that may contain a
//! packet or meet a set without examining the others, and the first of them in order without examining later ones.
//!
//! The tree stores hulls and numbers, not the sets. If a hull does not decide a question, the caller is asked about the entry by
//! its index. Memory is linear in the entries (under 100 bytes each for IPv4). Start at [`Tree::first_holding`] and
//! [`Tree::meeting`].

mod build;
mod hull;
mod search;

use std::ops::Range;

use hull::{Flags, Hull};
pub(super) use search::Exhausted;

use super::{Address, PacketSet};

/// Packet sets in order, which can be searched by their hulls.
#[derive(Debug, Clone)]
pub struct Tree<A: Address> {
    nodes: Vec<Node<A>>,
    entries: Vec<Entry<A>>,
}

/// One packet set: its hull, its place in the order, and its index among the given sets.
#[derive(Debug, Clone, Copy)]
struct Entry<A: Address> {
    hull: Hull<A>,
    place: u32,
    index: u32,
}

/// A run of entries, or up to three adjacent nodes in the order of their lowest places.
#[derive(Debug, Clone, Copy)]
struct Node<A: Address> {
    hull: Hull<A>,
    lowest: u32,
    highest: u32,
    first: u32,
    count: u8,
    leaf: bool,
}

impl<A: Address> Tree<A> {
    /// The tree over these sets, each with its place in the order; several may share one place, such as the sets of one rule.
    /// A set's index, by which searches ask about it, is its position here. There may be up to 2³² sets, and places below
    /// `u32::MAX`. Empty sets are never found.
    #[must_use]
    pub fn new<'a>(entries: impl IntoIterator<Item = (u32, &'a PacketSet<A>)>) -> Self
    where
        A: 'a,
    {
        let mut flags = Flags::new();
        let mut entries: Vec<Entry<A>> = (0..=u32::MAX)
            .zip(entries)
            .filter_map(|(index, (place, set))| Some(Entry { hull: Hull::of(set, &mut flags)?, place, index }))
            .collect();
        let nodes = build::build(&mut entries);
        Self { nodes, entries }
    }

    /// How many sets are in it, not counting empty ones.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no set is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<A: Address> Node<A> {
    /// A node whose contents are set later.
    fn blank(hull: Hull<A>) -> Self {
        Self { hull, lowest: u32::MAX, highest: 0, first: 0, count: 0, leaf: true }
    }

    fn set_entries(&mut self, first: usize, count: usize) {
        self.set(first, count, true);
    }

    fn set_children(&mut self, first: usize, count: usize) {
        self.set(first, count, false);
    }

    /// Both numbers fit: there are fewer nodes than entries, at most 2³² entries, and a run or family is small.
    #[allow(clippy::cast_possible_truncation)]
    fn set(&mut self, first: usize, count: usize, leaf: bool) {
        (self.first, self.count, self.leaf) = (first as u32, count as u8, leaf);
    }

    fn is_leaf(&self) -> bool {
        self.leaf
    }

    /// The entries of a leaf, or the children of another node.
    fn range(&self) -> Range<usize> {
        let first = self.first as usize;
        first..first + usize::from(self.count)
    }

    /// Sets hull and places from the children or entries below.
    fn measure<'a>(&mut self, below: impl Iterator<Item = (&'a Hull<A>, u32, u32)>)
    where
        A: 'a,
    {
        let mut hull: Option<Hull<A>> = None;
        for (part, lowest, highest) in below {
            match &mut hull {
                Some(hull) => hull.widen(part),
                None => hull = Some(*part),
            }
            self.lowest = self.lowest.min(lowest);
            self.highest = self.highest.max(highest);
        }
        self.hull = hull.unwrap_or(self.hull);
    }
}
