//! What chains handed back before, so that it need not go through them again.
//!
//! Chains that each call the next twice are walked once instead of a million times: the second time round, everything that
//! arrives has been handed back already.

use rustc_hash::FxHashMap;

use crate::model::ChainId;
use crate::packets::{Address, PacketSet, coalesce};

use super::chain_effects::ChainEffects;
use super::region::Region;

/// The packets that chains are known to hand back as they came.
#[derive(Debug)]
pub(super) struct Returned<A: Address> {
    of_chain: FxHashMap<ChainId, Vec<PacketSet<A>>>,
}

/// Sets that are kept for a chain; looking through more would take longer than it saves.
const MOST_SETS: usize = 32;

impl<A: Address> Default for Returned<A> {
    fn default() -> Self {
        Self { of_chain: FxHashMap::default() }
    }
}

impl<A: Address> Returned<A> {
    /// Regions that are about to enter a chain: those that are known to come back, and the others.
    pub(super) fn split(&self, chain: ChainId, regions: Vec<Region<A>>) -> (Vec<Region<A>>, Vec<Region<A>>) {
        let Some(known) = self.of_chain.get(&chain) else { return (Vec::new(), regions) };
        let (mut back, mut others) = (Vec::new(), Vec::new());
        for region in regions {
            if !region.chosen.is_nothing() {
                others.push(region);
                continue;
            }
            let mut left = vec![region.now.clone()];
            for set in known {
                let mut still = Vec::new();
                for piece in left {
                    if let Some(inside) = piece.intersection(set) {
                        back.push(region.with(inside));
                        still.extend(piece.difference(set));
                    } else {
                        still.push(piece);
                    }
                }
                left = still;
            }
            others.extend(left.into_iter().map(|now| region.with(now)));
        }
        (back, others)
    }

    /// Takes note of what a chain handed back.
    pub(super) fn note(&mut self, chain: ChainId, effects: &ChainEffects, regions: &[Region<A>]) {
        let known = self.of_chain.entry(chain).or_default();
        for region in regions.iter().filter(|region| region.chosen.is_nothing()) {
            if known.len() >= MOST_SETS {
                return;
            }
            let wide = effects.widened(&region.now);
            if !known.iter().any(|set| wide.is_subset(set)) {
                known.retain(|set| !set.is_subset(&wide));
                known.push(wide);
            }
        }
        if known.len() > MOST_SETS / 2 {
            *known = coalesce(std::mem::take(known));
        }
    }
}
