//! The last attempt of a proof: the set is cut into regions at the boundaries of the earlier sets that meet it. A region is done
//! when one earlier set contains it or none meets it; only the sets that meet it are considered for it.

use super::answer::Answer;
use super::earlier::faces;
use super::{Budget, Earlier};
use crate::packets::tree::Exhausted;
use crate::packets::{Address, IntervalSet, Ordinal, PacketSet};

/// How many sets are sampled to choose a cut.
const SAMPLE: usize = 48;

/// Whether any packet of `query` is in none of the earlier sets.
pub(super) fn prove<A: Address>(
    query: &PacketSet<A>,
    earlier: &impl Earlier<A>,
    budget: &mut Budget,
) -> Result<Answer<A>, Exhausted> {
    let mut used = Vec::new();
    let mut regions = vec![(query.clone(), earlier.meeting(query, budget)?)];
    while let Some((region, near)) = regions.pop() {
        let Some(corner) = region.witness() else { continue };
        if near.is_empty() {
            return Ok(Answer::Witness(corner));
        }
        budget.piece()?;
        budget.look(near.len() as u64)?;
        if let Some(container) = near.iter().find(|index| region.is_subset(earlier.set(**index))) {
            used.push(*container);
            continue;
        }
        let sample: Vec<&PacketSet<A>> =
            near.iter().step_by(near.len().div_ceil(SAMPLE)).map(|index| earlier.set(*index)).collect();
        for part in at_boundary(&region, &sample).unwrap_or_else(|| along_face(&region, &sample)) {
            budget.look(near.len() as u64)?;
            let near_part = near.iter().copied().filter(|index| earlier.set(*index).meets(&part)).collect();
            regions.push((part, near_part));
        }
    }
    Ok(Answer::Covered(used))
}

/// The region cut in two where most of the sets are completely on one side or the other; none if no boundary separates two sets.
fn at_boundary<A: Address>(region: &PacketSet<A>, sets: &[&PacketSet<A>]) -> Option<Vec<PacketSet<A>>> {
    let mut most = 0;
    let mut parts = None;
    macro_rules! try_on {
        ($($axis:ident),*) => {$(
            if let Some((separated, low, high)) = separate(&region.$axis, sets.iter().map(|set| &set.$axis))
                && separated > most
            {
                most = separated;
                parts = Some(vec![
                    PacketSet { $axis: low, ..region.clone() },
                    PacketSet { $axis: high, ..region.clone() },
                ]);
            }
        )*};
    }
    try_on!(destination, source, destination_port, source_port, protocol, ingress, egress);
    parts
}

/// The best cut on an axis of the region: how many sets it separates, and the values before and after it.
fn separate<'a, T: Ordinal + 'a>(
    region: &IntervalSet<T>,
    sets: impl Iterator<Item = &'a IntervalSet<T>>,
) -> Option<(usize, IntervalSet<T>, IntervalSet<T>)> {
    let (lowest, highest) = (region.intervals().first()?.0, region.intervals().last()?.1);
    let mut extents: Vec<(T, T)> = sets
        .filter_map(|set| {
            let (low, high) = (set.intervals().first()?.0, set.intervals().last()?.1);
            Some((low.max(lowest), high.min(highest)))
        })
        .collect();
    if extents.is_empty() {
        return None;
    }
    let half = extents.len() / 2;
    let low = extents.select_nth_unstable_by_key(half, |(low, _)| *low).1.0;
    let high = extents.select_nth_unstable_by_key(half, |(_, high)| *high).1.1;
    let separated = |plane: T| {
        let before = extents.iter().filter(|(_, high)| *high < plane).count();
        let after = extents.iter().filter(|(low, _)| *low >= plane).count();
        (before * after, plane)
    };
    let planes = [Some(low), high.next()].into_iter().flatten().filter(|plane| lowest < *plane && *plane <= highest);
    let (most, plane) = planes.map(separated).max()?;
    let before = region.intersection(&IntervalSet::range(lowest, plane.previous()?));
    let after = region.intersection(&IntervalSet::range(plane, highest));
    (most > 0 && !before.is_empty() && !after.is_empty()).then_some((most, before, after))
}

/// The region cut along a boundary of the set that takes the largest part of it: on one axis, or by its conditions.
fn along_face<A: Address>(region: &PacketSet<A>, sets: &[&PacketSet<A>]) -> Vec<PacketSet<A>> {
    let Some(largest) = sets.iter().min_by_key(|set| faces(region, set)) else { return vec![region.clone()] };
    macro_rules! cut_on {
        ($($axis:ident $other:expr),*) => {$(
            let outside = region.$axis.difference($other);
            if !outside.is_empty() {
                let inside = region.$axis.intersection($other);
                return vec![
                    PacketSet { $axis: outside, ..region.clone() },
                    PacketSet { $axis: inside, ..region.clone() },
                ];
            }
        )*};
    }
    cut_on!(
        destination &largest.destination,
        source &largest.source,
        destination_port &largest.destination_port,
        source_port &largest.source_port,
        protocol &largest.protocol,
        ingress &largest.ingress,
        egress &largest.egress,
        state largest.state,
        tcp_flags largest.tcp_flags
    );
    let demands = PacketSet { conditions: largest.conditions.clone(), ..PacketSet::full() };
    let mut parts = region.difference(&demands);
    parts.extend(region.intersection(&demands));
    parts
}
