//! Regions that differ on one axis alone become one.

use rustc_hash::FxHashMap;

use crate::packets::{Address, PacketSet, coalesce};

use super::region::Region;

/// From this many regions on, they are merged.
pub(super) const MERGE_FROM: usize = 8;

/// The same regions in fewer, where they differ on one axis alone.
pub(super) fn merge_regions<A: Address>(regions: Vec<Region<A>>) -> Vec<Region<A>> {
    if regions.len() < 2 {
        return regions;
    }
    let mut places: FxHashMap<Region<A>, usize> = FxHashMap::default();
    let mut groups: Vec<(Region<A>, Vec<PacketSet<A>>)> = Vec::new();
    for mut region in regions {
        let now = std::mem::replace(&mut region.now, PacketSet::full());
        let place = *places.entry(region).or_insert_with_key(|key| {
            groups.push((key.clone(), Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(now);
    }
    groups
        .into_iter()
        .flat_map(|(key, sets)| coalesce(sets).into_iter().map(move |now| Region { now, ..key.clone() }))
        .collect()
}
