//! Putting cuts off, and making up for them ([`super::put_off`]).

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::model::RuleId;
use crate::packets::{Cut, PacketSet, StateSet, cut_along};

use super::Judge;
use super::family::FamilyAddress;
use super::put_off::CutBy;
use super::query::Piece;
use super::region::Region;
use super::walk::Walk;

/// From so many sets on that meet a region, the cut is put off.
const WORTH_PUTTING_OFF: usize = 64;

/// The most cuts that one region puts off.
const MOST_PUT_OFF: usize = 8;

impl<A: FamilyAddress> Judge<'_, A> {
    /// An upper bound of a piece, as its packets arrive: of an uncut piece, what it has in common with each set of the rule. The
    /// sets may overlap.
    #[must_use]
    pub fn bounds_of(&self, piece: &Piece<A>) -> Vec<PacketSet<A>> {
        let rule = piece.uncut.and_then(|rule| self.chains.get(rule.chain)?.rules.get(rule.place));
        let Some(near) = rule.and_then(|rule| rule.near(&piece.seen)) else { return vec![piece.wire.clone()] };
        let held = near.into_iter().filter_map(|set| piece.seen.intersection(set));
        // Nothing else was changed or hidden by then.
        held.map(|held| PacketSet { state: piece.wire.state, egress: piece.wire.egress.clone(), ..held }).collect()
    }
}

impl<A: FamilyAddress> Walk<'_, '_, A> {
    /// Puts off the cut of a region along a rule: what the rule matched, and what it left. None where the cut must be made at once.
    ///
    /// The rule's sets must hold everything the region has on the axes that may change along the route. Before any other change the
    /// cuts are made.
    pub(super) fn put_off(
        &mut self,
        rule: RuleId,
        region: &Region<A>,
        near: &[&PacketSet<A>],
    ) -> Option<(Region<A>, Region<A>)> {
        let hidden = (region.was.state.is_some(), region.was.egress.is_some());
        let can = near.len() >= WORTH_PUTTING_OFF
            && !self.record_path
            && self.target.is_none()
            && !region.own
            && self.put_off.backwards(region.put_off).count() < MOST_PUT_OFF
            && near.iter().all(|set| {
                region.now.state.difference(set.state).is_empty()
                    && region.now.tcp_flags.difference(set.tcp_flags).is_empty()
                    && (!hidden.0 || set.state == StateSet::FULL)
                    && (!hidden.1 || set.egress.is_full())
            });
        if !can {
            return None;
        }
        self.left.comparisons = self.left.comparisons.saturating_sub(near.len() as u64);
        let mut part = |matched| Region {
            put_off: self.put_off.longer(region.put_off, CutBy { rule, matched }),
            ..region.clone()
        };
        Some((part(true), part(false)))
    }

    /// Cuts packets along the sets of a rule that they may meet; none where that takes more steps than are left, or where only
    /// cutting along one set after the other will do.
    pub(super) fn cut_along_all(&mut self, packets: &PacketSet<A>, near: &[&PacketSet<A>]) -> Option<Cut<A>> {
        let most = usize::try_from(self.left.comparisons).unwrap_or(usize::MAX);
        let cut = cut_along(packets, near, most)?;
        let steps = near.len() + cut.inside.len() + cut.outside.len();
        self.left.comparisons = self.left.comparisons.saturating_sub(steps as u64);
        Some(cut)
    }

    /// A rule whose matches contain the whole region, where that still holds for the packets as they arrive.
    pub(super) fn bound(&self, region: &Region<A>) -> Option<RuleId> {
        let unchanged = region.was.destination.is_none() && region.was.destination_port.is_none();
        self.put_off.backwards(region.put_off).find(|cut| cut.matched && unchanged).map(|cut| cut.rule)
    }

    /// The region with all cuts made that were put off, in pieces; none where that takes more steps than are left.
    pub(super) fn settled(&mut self, region: Region<A>) -> Option<Vec<Region<A>>> {
        if region.put_off == 0 {
            return Some(vec![region]);
        }
        let judge = self.judge;
        let mut pieces = vec![region.now.clone()];
        let cuts: SmallVec<[CutBy; MOST_PUT_OFF]> = self.put_off.backwards(region.put_off).collect();
        for CutBy { rule, matched } in cuts {
            let mut meant = Vec::new();
            for piece in pieces {
                let near = judge.chains[rule.chain].rules[rule.place].near(&piece)?;
                let cut = self.cut_along_all(&piece, &near)?;
                meant.extend(if matched { cut.inside } else { cut.outside });
            }
            pieces = meant;
        }
        let settled = Region { put_off: 0, ..region };
        Some(pieces.into_iter().map(|now| settled.with(now)).collect())
    }

    /// Regions about to be changed, with all cuts made that were put off. Where that takes too long, they are undecided.
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

    /// Where both halves of a cut are present, the region as it was before the cut, in place of the halves.
    pub(super) fn rejoined(&self, regions: Vec<Region<A>>) -> Vec<Region<A>> {
        if regions.iter().all(|region| region.put_off == 0) {
            return regions;
        }
        let mut sides: FxHashMap<(Region<A>, RuleId), (bool, usize)> = FxHashMap::default();
        let mut all: Vec<Option<Region<A>>> = Vec::new();
        for region in regions {
            let mut region = region;
            // The other side of its last cut, as long as that is there.
            while let Some((CutBy { rule, matched }, before)) = self.put_off.last(region.put_off) {
                let whole = Region { put_off: before, ..region.clone() };
                match sides.get(&(whole.clone(), rule)) {
                    Some((other, place)) if *other != matched && all.get(*place).is_some_and(Option::is_some) => {
                        all[*place] = None;
                        region = whole;
                    }
                    _ => {
                        sides.insert((whole, rule), (matched, all.len()));
                        break;
                    }
                }
            }
            all.push(Some(region));
        }
        all.into_iter().flatten().collect()
    }
}
