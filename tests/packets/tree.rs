//! Compares the tree with an examination of every set.

use edgewarden::packets::{Address, Packet, PacketSet, Tree};

use crate::random::{Random, packet, set};

/// Sets in order, several to a place, some of them empty.
fn entries<A: Address>(random: &mut Random, count: u32) -> Vec<(u32, PacketSet<A>)> {
    (0..count).map(|number| (number / 3 * 2, set(random))).collect()
}

fn tree<A: Address>(entries: &[(u32, PacketSet<A>)]) -> Tree<A> {
    Tree::new(entries.iter().map(|(place, set)| (*place, set)))
}

fn first<A: Address>(entries: &[(u32, PacketSet<A>)], packet: &Packet<A>, from: u32, to: u32) -> Option<u32> {
    entries
        .iter()
        .filter(|(place, set)| (from..to).contains(place) && set.contains(packet))
        .map(|(place, _)| *place)
        .min()
}

fn check<A: Address>(seed: u64, count: u32) {
    let mut random = Random::new(seed);
    let entries = entries::<A>(&mut random, count);
    let tree = tree(&entries);
    assert_eq!(tree.len(), entries.iter().filter(|(_, set)| !set.is_empty()).count());
    for _ in 0..400 {
        let packet = packet(&mut random);
        let (from, to) = (random.below(count), random.below(count));
        let found = tree.first_holding(&packet, 0, u32::MAX, |index| entries[index].1.contains(&packet));
        assert_eq!(found, first(&entries, &packet, 0, u32::MAX));
        let found = tree.first_holding(&packet, from, to, |index| entries[index].1.contains(&packet));
        assert_eq!(found, first(&entries, &packet, from, to));

        let query = set(&mut random);
        let near = tree.meeting(&query, from);
        assert!(near.is_sorted_by(|a, b| a < b) && near.iter().all(|place| *place >= from));
        for (place, _) in entries.iter().filter(|(place, set)| *place >= from && set.meets(&query)) {
            assert!(query.is_empty() || near.binary_search(place).is_ok());
        }

        let small = PacketSet { conditions: query.conditions.clone(), ..PacketSet::of(&packet) };
        let contains = |set: &PacketSet<A>| small.is_subset(set);
        let expected = entries.iter().any(|(place, set)| *place < to && contains(set));
        let found = tree.containing(&small, to, |index| contains(&entries[index].1));
        assert_eq!(found.is_some(), expected);
        assert!(found.is_none_or(|index| entries[index].0 < to && contains(&entries[index].1)));
    }
}

#[test]
fn the_tree_agrees_with_examining_every_set_for_ipv4() {
    for (seed, count) in [(1, 0), (2, 1), (3, 9), (4, 60), (5, 500), (6, 3000)] {
        check::<u32>(seed, count);
    }
}

#[test]
fn the_tree_agrees_with_examining_every_set_for_ipv6() {
    for (seed, count) in [(11, 8), (12, 100), (13, 1500)] {
        check::<u128>(seed, count);
    }
}

#[test]
fn the_tree_finds_few_sets_that_do_not_meet_the_query() {
    let mut random = Random::new(21);
    let entries: Vec<(u32, PacketSet<u32>)> = entries(&mut random, 2000);
    let tree = tree(&entries);
    let (mut met, mut near) = (0, 0);
    for _ in 0..200 {
        let query = PacketSet::of(&packet::<u32>(&mut random));
        let mut places: Vec<u32> =
            entries.iter().filter(|(_, set)| set.meets(&query)).map(|(place, _)| *place).collect();
        places.dedup();
        met += places.len();
        near += tree.meeting(&query, 0).len();
    }
    assert!(met > 0 && near >= met && near < 4 * met, "{near} places for {met}");
}

#[test]
fn equal_sets_are_distinguished_by_their_order() {
    let set = PacketSet::<u32>::full();
    let entries: Vec<(u32, PacketSet<u32>)> = (0..5000).map(|place| (place, set.clone())).collect();
    let tree = tree(&entries);
    let packet = set.witness().unwrap();
    assert_eq!(tree.first_holding(&packet, 0, u32::MAX, |_| true), Some(0));
    assert_eq!(tree.first_holding(&packet, 3210, 3211, |_| true), Some(3210));
    assert_eq!(tree.first_holding(&packet, 5000, u32::MAX, |_| true), None);
    assert_eq!(tree.meeting(&set, 4990), (4990..5000).collect::<Vec<_>>());
}
