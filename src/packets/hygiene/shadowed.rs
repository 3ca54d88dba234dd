//! Finds, for every set, whether the sets before its place leave any packet to it. Each set has its own budget, so that its
//! answer does not depend on the other sets.

use super::spread::spread;
use crate::packets::live::Budget;
use crate::packets::ordered::Ordered;
use crate::packets::{Address, Live};

/// Pieces and looks that each set has at first. The sets that are then undecided share the other half of the total.
const FIRST_PIECES: usize = 1200;
const FEWEST_LOOKS: u64 = 16_384;

/// A set that no packet reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shadowed {
    /// Its index.
    pub index: usize,
    /// The indexes of earlier sets that together contain all its packets; not always the smallest number. None for an empty set.
    pub by: Vec<usize>,
}

/// The sets that no packet reaches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shadows {
    /// The sets that are proved unreachable, by index.
    pub dead: Vec<Shadowed>,
    /// The sets whose budget was used up first, by index. All others are reached by some packet.
    pub undecided: Vec<usize>,
}

impl<A: Address + Send + Sync> Ordered<'_, A> {
    /// The default limit on looks for [`Ordered::shadowed`] and [`Ordered::redundant`]: a minute in the worst case.
    pub const LOOKS: u64 = 1 << 33;

    /// The sets that no packet reaches, because sets before their places contain all of their packets. `looks` bounds the total
    /// work: a look at a set or a node of the tree takes some nanoseconds.
    #[must_use]
    pub fn shadowed(&self, looks: u64) -> Shadows {
        let all: Vec<usize> = (0..self.entries.len()).collect();
        let mut shadows = self.ask(&all, first_budget(looks, all.len()));
        if !shadows.undecided.is_empty() {
            let hard = self.ask(&shadows.undecided, second_budget(looks, shadows.undecided.len()));
            shadows.undecided = hard.undecided;
            shadows.dead.extend(hard.dead);
            shadows.dead.sort_unstable_by_key(|shadowed| shadowed.index);
        }
        shadows
    }

    /// Asks about each of these sets.
    fn ask(&self, indexes: &[usize], each: Budget) -> Shadows {
        let answers = spread(indexes, |index| {
            let (place, set) = self.entries[*index];
            match self.prove(place, set, &mut each.clone()) {
                Live::Witness(_) => None,
                Live::Covered(by) => Some((*index, Some(by))),
                Live::Undecided => Some((*index, None)),
            }
        });
        let mut shadows = Shadows::default();
        for (index, by) in answers {
            match by {
                Some(by) => shadows.dead.push(Shadowed { index, by }),
                None => shadows.undecided.push(index),
            }
        }
        shadows
    }
}

/// The budget of each set at first, for so many sets.
pub(super) fn first_budget(looks: u64, among: usize) -> Budget {
    Budget { pieces: FIRST_PIECES, looks: share(looks, among).max(FEWEST_LOOKS) }
}

/// The budget of each set that was left undecided, for so many sets.
pub(super) fn second_budget(looks: u64, among: usize) -> Budget {
    Budget { pieces: usize::MAX, looks: share(looks, among) }
}

/// The share of each of so many sets in half of the looks.
fn share(looks: u64, among: usize) -> u64 {
    looks / 2 / (among as u64).max(1)
}
