//! Questions to a rule set: which rules decide what a requirement asks for, and which one decides a packet.

use std::hint::black_box;
use std::time::Duration;

use edgewarden::packets::{ConnectionState, IntervalSet, Ordered, Packet, PacketSet, StateSet};

use crate::random::Random;
use crate::rules::Rule;

/// Asks for forty services at addresses that rules name: the rules near each, and how many of them decide some packet of it.
pub fn forty(rules: &[Rule], ordered: &Ordered<u32>, random: &mut Random) -> (usize, usize) {
    let (mut near, mut deciders) = (0, 0);
    for number in 0..40 {
        let rule = random.pick(rules);
        let asked: PacketSet<u32> = rule.set();
        let query = PacketSet {
            // Half of them from anywhere, as a service for the Internet is.
            source: if number % 2 == 0 { IntervalSet::full() } else { asked.source },
            destination: IntervalSet::single(asked.destination.lowest().unwrap_or_default()),
            protocol: IntervalSet::single(6),
            destination_port: IntervalSet::single(asked.destination_port.lowest().unwrap_or_default()),
            state: StateSet::single(ConnectionState::New),
            ..PacketSet::full()
        };
        let clipped: Vec<(u32, PacketSet<u32>)> = ordered
            .tree()
            .meeting(&query, 0)
            .into_iter()
            .filter_map(|place| Some((place, ordered.entries()[place as usize].1.intersection(&query)?)))
            .collect();
        let local = Ordered::new(clipped.iter().map(|(place, set)| (*place, set)));
        let shadows = local.shadowed(Ordered::<u32>::LOOKS);
        near += clipped.len();
        deciders += clipped.len() - shadows.dead.len();
        black_box(local.live(u32::MAX, &query, 1 << 20));
    }
    (near, deciders)
}

/// What a packet takes by the tree, and by a look at one rule after the other.
pub fn trace(
    rules: &[Rule],
    sets: &[PacketSet<u32>],
    ordered: &Ordered<u32>,
    random: &mut Random,
) -> (Duration, Duration) {
    let packets: Vec<Packet<u32>> = (0..20_000)
        .map(|_| {
            let (one, other) = (random.pick(rules).set::<u32>(), random.pick(rules).set::<u32>());
            let mut packet = one.witness().unwrap();
            if random.once_in(2) {
                packet.source = random.next() as u32;
            }
            if random.once_in(4) {
                packet.destination_port = other.destination_port.lowest().unwrap_or_default();
            }
            packet
        })
        .collect();
    let (found, by_tree) =
        crate::timed(|| packets.iter().map(|packet| ordered.first_holding(packet)).collect::<Vec<_>>());
    let few = (20_000_000 / sets.len()).clamp(20, packets.len());
    let (scanned, by_scan) = crate::timed(|| {
        let scan = |packet| sets.iter().position(|set| set.contains(packet)).map(|place| place as u32);
        packets[..few].iter().map(scan).collect::<Vec<_>>()
    });
    assert_eq!(found[..few], scanned);
    (by_tree / packets.len() as u32, by_scan / few as u32)
}
