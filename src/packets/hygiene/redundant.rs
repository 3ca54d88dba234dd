//! Redundant places: each could be removed alone without changing the outcome of any packet, since the packets that earlier sets
//! leave to it would get the same outcome from later ones.
//!
//! This is proved piece by piece. A piece is decided by earlier sets, or by one later set with the same outcome, or by a default
//! with the same outcome. A set with another outcome in between must not decide any packet of the piece; each such set is one
//! question to [`crate::packets::live()`]. One packet with a changed outcome proves that the place is needed.

use std::ops::ControlFlow;

use super::shadowed::{Shadows, first_budget, second_budget};
use super::spread::spread;
use crate::packets::live::{Budget, Earlier, prove};
use crate::packets::ordered::{Before, Ordered};
use crate::packets::tree::Exhausted;
use crate::packets::{Address, Live, PacketSet};

/// A place that can be removed. Of two places with the same effect, each is redundant as long as the other stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redundant {
    /// The place.
    pub place: u32,
    /// Indexes of earlier sets that decide some of its packets.
    pub before: Vec<usize>,
    /// Indexes of later sets with the same outcome that would decide the others. Empty if no packet reaches the place.
    pub after: Vec<usize>,
    /// Whether some packets would be decided by the default, which has the same outcome.
    pub default: bool,
}

/// The places that can be removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redundancies {
    /// The places that are proved redundant, in order.
    pub redundant: Vec<Redundant>,
    /// Places whose budget was used up first. Every place in neither list changes the outcome of some packet if it is removed.
    pub undecided: Vec<u32>,
}

/// The outcome of each place, and the default for packets that no set contains.
struct Outcomes<F, T> {
    of: F,
    default: T,
}

impl<A: Address + Send + Sync> Ordered<'_, A> {
    /// The places that can be removed, each alone. `outcome` is the outcome of packets that a place decides, `default` that of
    /// packets that no place decides. Places that decide nothing, such as rules that log, must not be among the sets. `shadows`
    /// is the result of [`Ordered::shadowed`]; `looks` bounds the total work as it does there.
    #[must_use]
    pub fn redundant<T: PartialEq + Sync>(
        &self,
        shadows: &Shadows,
        outcome: impl Fn(u32) -> T + Sync,
        default: T,
        looks: u64,
    ) -> Redundancies {
        let outcomes = Outcomes { of: outcome, default };
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_key(|index| self.entries[*index].0);
        let places: Vec<&[usize]> =
            order.chunk_by(|one, other| self.entries[*one].0 == self.entries[*other].0).collect();
        let mut found = self.ask_places(&places, shadows, &outcomes, first_budget(looks, places.len()));
        if !found.undecided.is_empty() {
            let hard = |place: &&[usize]| found.undecided.binary_search(&self.place_of(place)).is_ok();
            let hard: Vec<&[usize]> = places.into_iter().filter(hard).collect();
            let more = self.ask_places(&hard, shadows, &outcomes, second_budget(looks, hard.len()));
            found.undecided = more.undecided;
            found.redundant.extend(more.redundant);
            found.redundant.sort_unstable_by_key(|redundant| redundant.place);
        }
        found
    }

    /// The place of sets that share it.
    fn place_of(&self, sets: &[usize]) -> u32 {
        sets.first().map_or(0, |index| self.entries[*index].0)
    }

    fn ask_places<T: PartialEq + Sync>(
        &self,
        places: &[&[usize]],
        shadows: &Shadows,
        outcomes: &Outcomes<impl Fn(u32) -> T + Sync, T>,
        each: Budget,
    ) -> Redundancies {
        let answers = spread(places, |sets| {
            let mut found =
                Redundant { place: self.place_of(sets), before: Vec::new(), after: Vec::new(), default: false };
            for index in *sets {
                if let Ok(dead) = shadows.dead.binary_search_by_key(index, |shadowed| shadowed.index) {
                    found.before.extend(&shadows.dead[dead].by);
                    continue;
                }
                match self.is_redundant(*index, outcomes, &mut each.clone(), &mut found) {
                    Ok(true) => {}
                    Ok(false) => return None,
                    Err(Exhausted) => return Some(Err(found.place)),
                }
            }
            for sets in [&mut found.before, &mut found.after] {
                sets.sort_unstable();
                sets.dedup();
            }
            Some(Ok(found))
        });
        let mut all = Redundancies::default();
        for answer in answers {
            match answer {
                Ok(redundant) => all.redundant.push(redundant),
                Err(place) => all.undecided.push(place),
            }
        }
        all
    }

    /// Whether all packets that this set decides would get the same outcome without its place. The sets that would decide them
    /// are added to `found`.
    fn is_redundant<T: PartialEq>(
        &self,
        index: usize,
        outcomes: &Outcomes<impl Fn(u32) -> T, T>,
        budget: &mut Budget,
        found: &mut Redundant,
    ) -> Result<bool, Exhausted> {
        let (place, set) = self.entries[index];
        let own = (outcomes.of)(place);
        let differs = |other: u32| other > place && (outcomes.of)(other) != own;
        let before = Before { ordered: self, place, admits: |_| true };
        let mut pieces = vec![set.clone()];
        while let Some(piece) = pieces.pop() {
            let Some(corner) = piece.witness() else { continue };
            budget.piece()?;
            if let Some(largest) = before.largest(&corner, &piece, budget)? {
                let container = before.containing(&piece, budget)?;
                found.before.push(container.unwrap_or(largest));
                if container.is_none() {
                    pieces.extend(piece.difference(self.entries[largest].1));
                }
                continue;
            }
            // Finds the first later set with another outcome that contains the corner; and before that set, the one with the same
            // outcome that takes the largest part of the piece.
            let holds = |index: usize| self.entries[index].1.contains(&corner);
            let first =
                self.tree.find_first(&corner, place.saturating_add(1)..u32::MAX, &mut budget.looks, differs, holds)?;
            let same_outcome = |other: u32| other > place && (outcomes.of)(other) == own;
            let later = Before { ordered: self, place: first.unwrap_or(u32::MAX), admits: same_outcome };
            let (same, until) = if let Some(next) = later.largest(&corner, &piece, budget)? {
                found.after.push(next);
                let (until, next) = self.entries[next];
                let same = piece.intersection(next).ok_or(Exhausted)?;
                pieces.extend(piece.difference(next));
                (same, until)
            } else if first.is_none() && outcomes.default == own {
                found.default = true;
                (piece, u32::MAX)
            } else {
                return Ok(false);
            };
            if !self.undisturbed(&same, place, until, differs, budget)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether no set with another outcome between two places decides a packet of `part` if the first place is left out.
    fn undisturbed(
        &self,
        part: &PacketSet<A>,
        place: u32,
        until: u32,
        differs: impl Fn(u32) -> bool,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        let mut verdict = Ok(true);
        let allowed = budget.looks;
        let mut looks = allowed;
        let between = place.saturating_add(1)..=until;
        self.tree.try_each_meeting(part, between, &mut looks, |other, index| {
            if differs(other)
                && let Some(both) = part.intersection(self.entries[index].1)
            {
                let others = Before { ordered: self, place: other, admits: |earlier| earlier != place };
                verdict = match prove(&both, &others, budget) {
                    Live::Witness(_) => Ok(false),
                    Live::Covered(_) => Ok(true),
                    Live::Undecided => Err(Exhausted),
                };
            }
            if verdict == Ok(true) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        budget.look(allowed - looks)?;
        verdict
    }
}
