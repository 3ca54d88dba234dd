//! Families of difficult sets: many pieces, many boundaries, a cover of many parts, a hole that random packets do not find.

// Each user uses only a part of it.
#![allow(dead_code)]

use edgewarden::packets::{Address, IntervalSet, PacketSet};

use crate::random::Random;

/// A range of 16-bit values that are the upper bits of an address.
pub type FamilyAddress = (u32, u32);

pub fn tile<A: Address>(source: FamilyAddress, destination: FamilyAddress) -> PacketSet<A> {
    let axis = |(low, high): FamilyAddress| {
        let address = |value: u32| u128::from(value) << (A::BITS - 32);
        let below = (1 << (A::BITS - 32)) - 1;
        IntervalSet::range(A::from_u128(address(low)), A::from_u128(address(high) | below))
    };
    PacketSet { source: axis(source), destination: axis(destination), ..PacketSet::full() }
}

/// Points on a diagonal, and last the full set.
pub fn diagonal<A: Address>(count: u32) -> Vec<PacketSet<A>> {
    let mut sets: Vec<_> = (0..count).map(|at| tile((2 * at, 2 * at), (2 * at, 2 * at + 1))).collect();
    sets.push(PacketSet::full());
    sets
}

/// Sets with one source each, sets with one destination each; then each crossing of both, which no packet reaches, and last the
/// full set, which packets reach.
pub fn crossing<A: Address>(count: u32) -> Vec<PacketSet<A>> {
    let all = (0, u32::MAX);
    let mut sets: Vec<_> = (0..count).map(|at| tile((2 * at, 2 * at), all)).collect();
    sets.extend((0..count).map(|at| tile(all, (2 * at, 2 * at))));
    sets.extend((0..count).map(|at| tile((2 * at, 2 * at), (2 * at, 2 * at + 1))));
    sets.push(PacketSet::full());
    sets
}

/// A square cut at random into so many tiles, shuffled, and last the square itself. It is covered, unless `hole` removes one of
/// the smallest tiles.
pub fn tiling<A: Address>(count: usize, hole: bool, seed: u64) -> Vec<PacketSet<A>> {
    let mut random = Random::new(seed);
    let whole = (0, (1 << 24) - 1);
    let mut tiles = vec![(whole, whole)];
    while tiles.len() < count {
        let number = random.below(tiles.len() as u32) as usize;
        let (source, destination) = tiles[number];
        let cut = |random: &mut Random, (low, high): FamilyAddress| low + random.below(high - low);
        if random.once_in(2) && source.0 < source.1 {
            let at = cut(&mut random, source);
            tiles[number] = ((source.0, at), destination);
            tiles.push(((at + 1, source.1), destination));
        } else if destination.0 < destination.1 {
            let at = cut(&mut random, destination);
            tiles[number] = (source, (destination.0, at));
            tiles.push((source, (at + 1, destination.1)));
        }
    }
    for number in (1..tiles.len()).rev() {
        tiles.swap(number, random.below(number as u32 + 1) as usize);
    }
    if hole {
        let size = |(low, high): FamilyAddress| u64::from(high - low) + 1;
        let smallest = (0..tiles.len()).min_by_key(|number| size(tiles[*number].0) * size(tiles[*number].1)).unwrap();
        tiles.remove(smallest);
    }
    let mut sets: Vec<_> = tiles.into_iter().map(|(source, destination)| tile(source, destination)).collect();
    sets.push(tile(whole, whole));
    sets
}

/// Single hosts that are blocked, then networks that are permitted. No packet reaches a network if all of its hosts are blocked.
pub fn block_list<A: Address>(hosts: u32, networks: u32, seed: u64) -> Vec<PacketSet<A>> {
    let mut random = Random::new(seed);
    let all = (0, u32::MAX);
    let mut sets: Vec<_> = (0..hosts)
        .map(|host| {
            // The first half of the hosts are consecutive and block their networks completely; the others have random addresses.
            let address = if host < hosts / 2 { host } else { 0x0a00_0000 | random.below(1 << 20) };
            tile((address, address), all)
        })
        .collect();
    sets.extend((0..networks).map(|network| {
        let low = if network % 2 == 0 { network / 2 * 8 } else { 0x0a00_0000 + network * 8 };
        tile((low, low + 7), all)
    }));
    sets.push(PacketSet::full());
    sets
}

/// Rules on groups: some sources to some destinations on some ports, and occasionally a rule on parts of an earlier rule's
/// groups.
pub fn groups<A: Address>(rules: usize, sources: u32, destinations: u32, ports: u32, seed: u64) -> Vec<PacketSet<A>> {
    let mut random = Random::new(seed);
    let mut sets: Vec<PacketSet<A>> = Vec::new();
    while sets.len() < rules {
        if sets.len() % 5 == 4 {
            let earlier = random.pick(&sets).clone();
            let part = |random: &mut Random, set: &IntervalSet<A>| {
                IntervalSet::from_intervals(set.intervals().iter().copied().filter(|_| random.once_in(3)).collect())
            };
            let (source, destination) = (part(&mut random, &earlier.source), part(&mut random, &earlier.destination));
            sets.push(PacketSet { source, destination, ..earlier });
            continue;
        }
        let mut hosts = |count: u32| {
            let host = |_| {
                let low = A::from_u128(u128::from(random.below(count * 8)) << (A::BITS - 32));
                (low, low)
            };
            IntervalSet::from_intervals((0..count).map(host).collect())
        };
        let (source, destination) = (hosts(sources), hosts(destinations));
        let port = |_| {
            let low = random.below(ports * 8) as u16;
            (low, low)
        };
        let destination_port = IntervalSet::from_intervals((0..ports).map(port).collect());
        sets.push(PacketSet { source, destination, destination_port, ..PacketSet::full() });
    }
    sets.push(PacketSet::full());
    sets
}

/// Sets on several axes that together cover everything, and last the full set. Subtracting them one by one leaves a piece for
/// each choice of sides.
pub fn corners<A: Address>(axes: usize) -> Vec<PacketSet<A>> {
    let full = PacketSet::<A>::full();
    let low = |axis: usize| {
        let mut set = full.clone();
        match axis {
            0 => set.destination_port = IntervalSet::range(0, 9),
            1 => set.source_port = IntervalSet::range(0, 9),
            2 => set.protocol = IntervalSet::range(0, 9),
            3 => set.ingress = IntervalSet::range(0, 9),
            4 => set.egress = IntervalSet::range(0, 9),
            5 => set.source = IntervalSet::range(A::LOWEST, A::from_u128(9)),
            _ => set.destination = IntervalSet::range(A::LOWEST, A::from_u128(9)),
        }
        set
    };
    // Each pair of axes: one low and the other high. Together with all low and all high, they cover everything.
    let mut sets = Vec::new();
    for one in 0..axes {
        let next = (one + 1) % axes;
        sets.extend(low(one).difference(&low(next)));
    }
    let together = |sets: Vec<PacketSet<A>>| {
        sets.into_iter().fold(full.clone(), |all, set| all.intersection(&set).unwrap_or_else(|| all.clone()))
    };
    sets.push(together((0..axes).map(low).collect()));
    sets.push(together((0..axes).flat_map(|axis| full.difference(&low(axis))).collect()));
    sets.push(full.clone());
    sets
}
