//! What rules that change packets make of a region.

use std::net::IpAddr;

use crate::model::{MarkOf, MarkSource, NewAddress, NewDestination};
use crate::packets::{Address, ConditionId, ConnectionState, IntervalSet, StateSet};

use super::family::FamilyAddress;
use super::region::{Before, Mark, Region, TRACKED, shifted};

/// Blocks of a network that are mapped one by one; more are the kernel's choice as far as this goes.
const MOST_BLOCKS: usize = 64;

/// The region taken out of connection tracking.
pub(super) fn untracked<A: Address>(mut region: Region<A>) -> Region<A> {
    let state = region.now.state;
    if region.was.state.is_some() && state != StateSet::single(ConnectionState::Invalid) {
        // Something was said about tracking it before, which stands (kernel `net/netfilter/xt_CT.c`).
        return region;
    }
    region.was.state.get_or_insert(state);
    region.now.state = StateSet::single(ConnectionState::Untracked);
    region
}

/// The region after a `CT` target chose how to track it: until it is tracked, such a packet looks new. Once it is tracked, nothing
/// changes.
pub(super) fn templated<A: Address>(mut region: Region<A>) -> Region<A> {
    if region.was.state.is_some() && region.now.state == StateSet::single(ConnectionState::Invalid) {
        region.now.state = StateSet::single(ConnectionState::New);
    }
    region
}

/// The region with a mark changed. A packet without a connection has no connection mark to change or to be given.
pub(super) fn marked<A: Address>(region: Region<A>, of: MarkOf, keep: u32, by: MarkSource) -> Vec<Region<A>> {
    let needs_connection = of == MarkOf::Connection || matches!(by, MarkSource::OtherMark(_));
    let (changing, others) =
        if needs_connection { region.split_states(StateSet::of(&TRACKED)) } else { (Some(region), None) };
    let changed = changing.map(|mut region| {
        let other = if of == MarkOf::Packet { region.marks.connection } else { region.marks.packet };
        let source = match by {
            MarkSource::Value(value) => Mark { known: u32::MAX, value },
            MarkSource::OtherMark(mask) => other.under(mask),
            MarkSource::Unknown => Mark::UNKNOWN,
        };
        let mark = if of == MarkOf::Packet { &mut region.marks.packet } else { &mut region.marks.connection };
        *mark = mark.changed(keep, source);
        region
    });
    changed.into_iter().chain(others).collect()
}

/// The region with its new destination: as it is written, or in blocks, or as a choice of which `number` gives the condition.
/// The address must be of this family.
pub(super) fn redirected<A: FamilyAddress>(
    mut region: Region<A>,
    new: &NewDestination,
    sent: bool,
    mut number: impl FnMut(ConditionId) -> ConditionId,
) -> Vec<Region<A>> {
    region.translated = true;
    if let Some((low, high)) = new.ports {
        let before = std::mem::replace(&mut region.now.destination_port, IntervalSet::full());
        region.was.destination_port.get_or_insert(before);
        if low == high {
            region.now.destination_port = IntervalSet::single(low);
        } else {
            region.chosen.destination_port = Some((number(new.port_choice), IntervalSet::range(low, high)));
        }
    }
    let choose = |mut region: Region<A>, range: IntervalSet<A>, number: &mut dyn FnMut(ConditionId) -> ConditionId| {
        let before = std::mem::replace(&mut region.now.destination, IntervalSet::full());
        region.was.destination.get_or_insert(Before::Set(before));
        if let Some(only) = range.only() {
            region.now.destination = IntervalSet::single(only);
        } else {
            region.chosen.destination = Some((number(new.choice), range));
        }
        region
    };
    match &new.address {
        NewAddress::Same => vec![region],
        NewAddress::Between(low, high) => {
            vec![choose(region, between(*low, *high), &mut number)]
        }
        NewAddress::Own => {
            region.own = true;
            // Sent from here, it goes to the loopback address (kernel `net/netfilter/nf_nat_redirect.c`).
            let own = if sent { IntervalSet::single(A::loopback()) } else { IntervalSet::full() };
            vec![choose(region, own, &mut number)]
        }
        NewAddress::Network(network) => {
            let range = between(network.network(), network.broadcast());
            let base = range.lowest().unwrap_or(A::LOWEST);
            let Some(blocks) = blocks(&region.now.destination, range.count().saturating_sub(1)) else {
                return vec![choose(region, range, &mut number)];
            };
            blocks
                .into_iter()
                .map(|(from, part)| {
                    let mut mapped = region.clone();
                    mapped.now.destination = shifted(&part, from, base);
                    mapped.was.destination.get_or_insert(Before::Shifted { from, to: base });
                    mapped
                })
                .collect()
        }
    }
}

/// Whether a new address is of this family, or of none.
pub(super) fn is_of_family<A: Address>(address: &NewAddress) -> bool {
    match address {
        NewAddress::Same | NewAddress::Own => true,
        NewAddress::Between(low, high) => A::from_ip(*low).is_some() && A::from_ip(*high).is_some(),
        NewAddress::Network(network) => A::from_ip(network.network()).is_some(),
    }
}

/// The addresses from one to another; none where they are of the other family.
fn between<A: Address>(low: IpAddr, high: IpAddr) -> IntervalSet<A> {
    match (A::from_ip(low), A::from_ip(high)) {
        (Some(low), Some(high)) => IntervalSet::range(low, high),
        _ => IntervalSet::empty(),
    }
}

/// The set cut along blocks of `size + 1` addresses, a power of two: each with the block's first address. None where there
/// are too many.
fn blocks<A: Address>(set: &IntervalSet<A>, size: u128) -> Option<Vec<(A, IntervalSet<A>)>> {
    let mut blocks: Vec<(A, IntervalSet<A>)> = Vec::new();
    for (low, high) in set.intervals() {
        let mut first = low.to_u128() & !size;
        loop {
            let start = A::from_u128(first);
            let part = set.intersection(&IntervalSet::range(start, A::from_u128(first | size)));
            if blocks.last().is_none_or(|(last, _)| *last != start) {
                if blocks.len() == MOST_BLOCKS {
                    return None;
                }
                blocks.push((start, part));
            }
            match (first | size).checked_add(1) {
                Some(next) if next <= high.to_u128() => first = next,
                _ => break,
            }
        }
    }
    Some(blocks)
}

#[cfg(test)]
mod tests {
    use super::blocks;
    use crate::packets::IntervalSet;

    #[test]
    fn a_set_falls_into_blocks_of_a_network_s_size() {
        let set = IntervalSet::from_intervals(vec![(0x0a00_0005u32, 0x0a00_0103), (0x0a00_0110, 0x0a00_0110)]);
        let blocks = blocks(&set, 0xff).unwrap();
        assert_eq!(blocks.len(), 2);
        assert_eq!(blocks[0], (0x0a00_0000, IntervalSet::range(0x0a00_0005, 0x0a00_00ff)));
        assert_eq!(blocks[1].0, 0x0a00_0100);
        assert_eq!(blocks[1].1.intervals().len(), 2);
        assert!(super::blocks(&IntervalSet::<u32>::full(), 0xff).is_none());
    }
}
