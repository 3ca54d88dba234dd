//! Compares the packet-set algebra with membership, packet by packet: random unions in a small universe, and difficult shapes.

// The universe has a small number of values on each axis: nothing is truncated.
#![allow(clippy::cast_possible_truncation, clippy::unwrap_used, clippy::panic)]

use edgewarden::packets::{
    Conditions, ConnectionState, IntervalSet, Live, Packet, PacketSet, StateSet, TcpFlagSet, canonical, coalesce,
    cut_along, live, subtract_all, truth, without_conditions,
};
use proptest::prelude::*;

/// Values per axis in the universe below.
const VALUES: u32 = 4;

fn interval() -> impl Strategy<Value = (u32, u32)> {
    (0..VALUES, 0..VALUES).prop_map(|(a, b)| (a.min(b), a.max(b)))
}

fn set() -> impl Strategy<Value = PacketSet<u32>> {
    let whole = Just((0, VALUES - 1));
    let axis = || prop_oneof![1 => whole, 2 => interval()];
    (axis(), axis(), axis(), 1u8..4, proptest::option::of((0u32..2, any::<bool>()))).prop_map(
        |(source, destination, port, states, condition)| {
            let states: Vec<ConnectionState> =
                ConnectionState::ALL.into_iter().filter(|state| states & (1 << *state as u8) != 0).collect();
            PacketSet {
                source: IntervalSet::range(source.0, source.1),
                destination: IntervalSet::range(destination.0, destination.1),
                destination_port: IntervalSet::range(port.0 as u16, port.1 as u16),
                state: StateSet::of(&states),
                conditions: Conditions::all_of(
                    &condition.map(|(id, holds)| (id, truth(holds))).into_iter().collect::<Vec<_>>(),
                )
                .unwrap(),
                ..narrow()
            }
        },
    )
}

/// A set with a single value on every axis that the universe does not vary.
fn narrow() -> PacketSet<u32> {
    PacketSet {
        protocol: IntervalSet::single(6),
        source_port: IntervalSet::single(7),
        ingress: IntervalSet::single(2),
        egress: IntervalSet::single(3),
        tcp_flags: TcpFlagSet::single(2),
        ..PacketSet::full()
    }
}

fn universe() -> Vec<Packet<u32>> {
    let mut packets = Vec::new();
    for source in 0..VALUES {
        for destination in 0..VALUES {
            for port in 0..VALUES as u16 {
                for state in [ConnectionState::New, ConnectionState::Established] {
                    for truths in 0..4u32 {
                        packets.push(Packet {
                            protocol: 6,
                            destination_port: port,
                            destination,
                            source,
                            source_port: 7,
                            ingress: 2,
                            egress: 3,
                            state,
                            tcp_flags: 2,
                            conditions: (0..2).map(|id| (id, u128::from(truths >> id & 1))).collect(),
                        });
                    }
                }
            }
        }
    }
    packets
}

fn holds(sets: &[PacketSet<u32>], packet: &Packet<u32>) -> bool {
    sets.iter().any(|set| set.contains(packet))
}

proptest! {
    #[test]
    fn subtraction_leaves_exactly_the_packets_outside_in_disjoint_pieces(
        from in set(), taken in proptest::collection::vec(set(), 0..5)
    ) {
        let left = subtract_all(vec![from.clone()], &taken);
        for packet in universe() {
            let expected = usize::from(from.contains(&packet) && !holds(&taken, &packet));
            prop_assert_eq!(left.iter().filter(|set| set.contains(&packet)).count(), expected);
        }
    }

    #[test]
    fn a_cut_along_a_union_separates_inside_and_outside_in_disjoint_pieces(
        from in set(), union in proptest::collection::vec(set(), 0..8)
    ) {
        let sets: Vec<&PacketSet<u32>> = union.iter().collect();
        // `cut_along` does not accept sets that restrict states, flags or conditions.
        let whole = |set: &&&PacketSet<u32>| {
            from.state.difference(set.state).is_empty()
                && from.tcp_flags.difference(set.tcp_flags).is_empty()
                && from.conditions.is_subset(&set.conditions)
        };
        let expected = sets.iter().filter(|set| set.meets(&from)).all(|set| whole(&set));
        let Some(cut) = cut_along(&from, &sets, 100_000) else {
            prop_assert!(!expected, "such sets can be cut along");
            return Ok(());
        };
        for packet in universe() {
            let inside = from.contains(&packet) && holds(&union, &packet);
            let outside = from.contains(&packet) && !inside;
            prop_assert_eq!(cut.inside.iter().filter(|set| set.contains(&packet)).count(), usize::from(inside));
            prop_assert_eq!(cut.outside.iter().filter(|set| set.contains(&packet)).count(), usize::from(outside));
        }
        let cuts = sets.iter().any(|set| set.meets(&from) && !from.is_subset(set));
        prop_assert_eq!(cut_along(&from, &sets, 0).is_none(), cuts, "a cut takes a step, and nothing else does");
    }

    #[test]
    fn merging_keeps_the_packets_and_keeps_disjoint_sets_disjoint(
        from in set(), taken in proptest::collection::vec(set(), 0..5)
    ) {
        let pieces = subtract_all(vec![from], &taken);
        let merged = coalesce(pieces.clone());
        prop_assert!(merged.len() <= pieces.len());
        for packet in universe() {
            prop_assert_eq!(
                merged.iter().filter(|set| set.contains(&packet)).count(),
                usize::from(holds(&pieces, &packet))
            );
        }
    }

    #[test]
    fn live_agrees_with_brute_force_and_its_answers_are_proofs(
        query in set(), earlier in proptest::collection::vec(set(), 0..8)
    ) {
        let past: Vec<Packet<u32>> =
            universe().into_iter().filter(|packet| query.contains(packet) && !holds(&earlier, packet)).collect();
        match live(&query, &earlier, 100_000) {
            Live::Witness(packet) => {
                prop_assert!(query.contains(&packet));
                prop_assert!(!holds(&earlier, &packet));
                prop_assert!(!past.is_empty());
            }
            Live::Covered(by) => {
                prop_assert!(past.is_empty());
                let covering: Vec<PacketSet<u32>> = by.into_iter().map(|index| earlier[index].clone()).collect();
                prop_assert!(universe().iter().filter(|packet| query.contains(packet)).all(|packet| holds(&covering, packet)));
            }
            Live::Undecided => prop_assert!(false, "the budget is large enough here"),
        }
    }

    #[test]
    fn the_canonical_form_has_the_same_packets_and_does_not_depend_on_the_pieces(
        one in set(), other in set(), third in set()
    ) {
        let union = without_conditions(&[one.clone(), other.clone(), third.clone()]);
        let mut cut = vec![union[0].clone()];
        for set in union.iter().skip(1) {
            cut.extend(subtract_all(vec![set.clone()], &cut));
        }
        let form = canonical(&union, 1000);
        prop_assert_eq!(&form, &canonical(&cut, 1000));
        cut.reverse();
        prop_assert_eq!(&form, &canonical(&cut, 1000));
        for packet in universe() {
            prop_assert_eq!(form.iter().filter(|set| set.contains(&packet)).count(), usize::from(holds(&union, &packet)));
        }
    }
}

fn tile(source: (u32, u32), destination: (u32, u32)) -> PacketSet<u32> {
    PacketSet {
        source: IntervalSet::range(source.0, source.1),
        destination: IntervalSet::range(destination.0, destination.1),
        ..narrow()
    }
}

#[test]
fn a_tiling_covers_and_one_missing_tile_is_found() {
    let whole = tile((0, 399), (0, 399));
    let mut tiles: Vec<PacketSet<u32>> = Vec::new();
    for row in 0..20 {
        for column in 0..20 {
            tiles.push(tile((row * 20, row * 20 + 19), (column * 20, column * 20 + 19)));
        }
    }
    assert!(matches!(live(&whole, &tiles, 10_000), Live::Covered(_)));
    let hole = tiles.remove(237);
    let Live::Witness(packet) = live(&whole, &tiles, 10_000) else { panic!("one tile is open") };
    assert!(hole.contains(&packet));
}

#[test]
fn a_budget_that_is_used_up_gives_undecided() {
    let whole = tile((0, 999), (0, 999));
    let diagonal: Vec<PacketSet<u32>> = (0..500).map(|i| tile((2 * i, 2 * i), (2 * i, 2 * i + 1))).rev().collect();
    assert_eq!(live(&whole, &diagonal, 0), Live::Undecided);
    assert!(matches!(live(&whole, &diagonal, 100_000), Live::Witness(_)));
}
