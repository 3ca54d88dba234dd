//! Cuts that are put off.
//!
//! A rule over a set of a hundred thousand pairs cuts what passes it into as many pieces, and later rules let only a small part of
//! them through. A region that passes such a rule notes the rule instead; what the rule took is cut out of what is left at the end.

use rustc_hash::FxHashMap;

use crate::model::RuleId;
use crate::packets::{PacketSet, StateSet, cut_along};

use super::Judge;
use super::compiled_rule::CompiledRule;
use super::family::FamilyAddress;
use super::query::{Piece, Wanted};
use super::region::Region;
use super::walk::Walk;

/// From so many sets on that meet a region, the cut is put off.
pub(super) const WORTH_PUTTING_OFF: usize = 64;

/// Lists of rules by number: equal lists have equal numbers. Number 0 is the empty list.
#[derive(Debug, Default)]
pub(super) struct PutOff {
    /// The last rule of each list, and the list before it. The list with number n is at n - 1.
    lists: Vec<(RuleId, u32)>,
    numbers: FxHashMap<(u32, RuleId), u32>,
}

impl PutOff {
    /// The list that is one rule longer.
    pub(super) fn longer(&mut self, list: u32, rule: RuleId) -> u32 {
        let Self { lists, numbers } = self;
        *numbers.entry((list, rule)).or_insert_with(|| {
            lists.push((rule, list));
            u32::try_from(lists.len()).unwrap_or(0)
        })
    }

    /// The rules of a list, the last first.
    fn rules(&self, mut number: u32) -> impl Iterator<Item = RuleId> {
        std::iter::from_fn(move || {
            let (rule, before) = self.lists.get((number as usize).checked_sub(1)?).copied()?;
            number = before;
            Some(rule)
        })
    }
}

impl<A: FamilyAddress> Judge<'_, A> {
    /// The packets of a piece, as they arrive; of an uncut piece those that the deciding rule's sets hold. They may overlap.
    #[must_use]
    pub fn refused_of(&self, piece: &Piece<A>) -> Vec<PacketSet<A>> {
        let rule = piece.decider.filter(|_| piece.uncut);
        let rule = rule.and_then(|rule| self.chains.get(rule.chain)?.rules.get(rule.place));
        let Some(CompiledRule { sets, tree: Some(tree), .. }) = rule else { return vec![piece.wire.clone()] };
        let near = tree.meeting(&piece.seen, 0).into_iter().filter_map(|place| sets.get(place as usize));
        let held = near.filter_map(|set| piece.seen.intersection(set));
        // Nothing else was changed or hidden by then.
        held.map(|held| PacketSet { state: piece.wire.state, egress: piece.wire.egress.clone(), ..held }).collect()
    }
}

impl<A: FamilyAddress> Walk<'_, '_, A> {
    /// Whether the cut of a region along these sets of a rule can be put off: they hold all that the region has on the axes that
    /// may change on its way, unless by a rewrite, before which cuts are made up for.
    pub(super) fn can_put_off(&self, region: &Region<A>, near: &[&PacketSet<A>]) -> bool {
        let hidden = (region.was.state.is_some(), region.was.egress.is_some());
        near.len() >= WORTH_PUTTING_OFF
            && !self.record_path
            && self.target.is_none()
            && !region.own
            && near.iter().all(|set| {
                region.now.state.difference(set.state).is_empty()
                    && region.now.tcp_flags.difference(set.tcp_flags).is_empty()
                    && (!hidden.0 || set.state == StateSet::FULL)
                    && (!hidden.1 || set.egress.is_full())
            })
    }

    /// Whether the answer can do without the packets of a region that a refusing rule takes, or with the whole region in their place.
    pub(super) fn need_not_cut(&self, region: &Region<A>) -> bool {
        match self.wanted {
            Wanted::All => false,
            Wanted::Passing => region.now.conditions.is_any(),
            // A second rule takes what the first one left: then both are cut out.
            Wanted::Refused => {
                region.put_off == 0 && region.was.destination.is_none() && region.was.destination_port.is_none()
            }
        }
    }

    /// The region with all cuts made that were put off, in pieces; none where that takes more steps than are left.
    pub(super) fn settled(&mut self, region: Region<A>) -> Option<Vec<Region<A>>> {
        if region.put_off == 0 {
            return Some(vec![region]);
        }
        let judge = self.judge;
        let mut pieces = vec![region.now.clone()];
        for rule in self.put_off.rules(region.put_off) {
            let CompiledRule { sets, tree: Some(tree), .. } = &judge.chains[rule.chain].rules[rule.place] else {
                continue;
            };
            let mut outside = Vec::new();
            for piece in pieces {
                let near: Vec<&PacketSet<A>> =
                    tree.meeting(&piece, 0).into_iter().filter_map(|place| sets.get(place as usize)).collect();
                if near.is_empty() {
                    outside.push(piece);
                    continue;
                }
                let most = usize::try_from(self.left.comparisons).unwrap_or(usize::MAX);
                let cut = cut_along(&piece, &near, most)?;
                let steps = near.len() + cut.inside.len() + cut.outside.len();
                self.left.comparisons = self.left.comparisons.saturating_sub(steps as u64);
                outside.extend(cut.outside);
            }
            pieces = outside;
        }
        let settled = Region { put_off: 0, ..region };
        Some(pieces.into_iter().map(|now| settled.with(now)).collect())
    }

    /// Regions about to be rewritten, with all cuts made that were put off. Where that takes too long, their verdict is undecided.
    pub(super) fn all_settled(&mut self, regions: Vec<Region<A>>) -> Vec<Region<A>> {
        if regions.iter().all(|region| region.put_off == 0) {
            return regions;
        }
        let mut all = Vec::new();
        for region in regions {
            match self.settled(region.clone()) {
                Some(pieces) => all.extend(pieces),
                None => self.end_at(&region),
            }
        }
        all
    }
}
