//! Merges several permits into one line: destinations and ports become pairs in a set.

use edgewarden::model::Family;

use crate::entries::{Entry, Placement, Wiring};
use crate::random::Random;

use super::Knobs;
use super::line::{Field, Line, Part};
use super::sets::Sets;
use super::spell;

/// Lines for entries that differ only in destination, protocol and port.
pub fn services(
    entries: &[Entry],
    family: Family,
    wiring: &Wiring,
    knobs: &mut Knobs,
    sets: &mut Sets,
    random: &mut Random,
) -> Vec<Line> {
    let mut lines = Vec::new();
    if !random.chance(knobs.sets / 2) {
        return lines;
    }
    let is_small = |entry: &Entry| {
        entry.placement == Placement::Applied
            && entry.condition.is_none()
            && entry.source_port.is_full()
            && entry.destination.count() <= 8
            && entry.destination_port.count() <= 8
            && entry.protocol.count() == 1
    };
    let mut left: Vec<usize> = (0..entries.len()).filter(|index| is_small(&entries[*index])).collect();
    while let Some(first) = left.first().copied() {
        let mergeable = |index: &usize| {
            let (one, other) = (&entries[first], &entries[*index]);
            one.ingress == other.ingress && one.egress == other.egress && one.source == other.source
        };
        let (together, others): (Vec<usize>, Vec<usize>) = left.into_iter().partition(mergeable);
        left = others;
        if together.len() < 2 {
            continue;
        }
        knobs.rewrites += 1;
        let mut pairs = Vec::new();
        for index in &together {
            let entry = &entries[*index];
            let protocol = if entry.protocol.contains(6) { "tcp" } else { "udp" };
            for host in entry.destination.intervals().iter().flat_map(|(low, high)| *low..=*high) {
                let ports = entry.destination_port.intervals().iter().flat_map(|(low, high)| *low..=*high);
                pairs.extend(ports.map(|port| (host, protocol, port)));
            }
        }
        random.shuffle(&mut pairs);
        let name = sets.of_services(&pairs, family);
        let packets: Vec<_> = together.iter().map(|index| entries[*index].packets(wiring)).collect();
        // The rest of the line is written like that of an entry for any destination.
        let anything = Entry {
            destination: crate::entries::whole(family),
            protocol: edgewarden::packets::IntervalSet::full(),
            destination_port: edgewarden::packets::IntervalSet::full(),
            ..entries[first].clone()
        };
        for mut line in spell::lines(&anything, first, family, wiring, (&mut *knobs, &mut *sets, &mut *random)) {
            line.entries.clone_from(&together);
            line.packets.clone_from(&packets);
            line.parts.push(Part::new(Field::Destination, "set", "--match-set", format!("{name} dst,dst")));
            lines.push(line);
        }
    }
    lines
}
