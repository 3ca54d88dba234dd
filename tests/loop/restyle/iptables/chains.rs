//! Splits a flat chain into several: lines with the same matches move into a separate chain that a jump or a goto leads to. The
//! common matches are in the jump, or in the chain as lines that return.

use edgewarden::packets::PacketSet;

use crate::entries::Packets;
use crate::random::Random;

use super::Knobs;
use super::line::{Field, Line, Part};

/// A chain and its lines.
pub type Chain = (String, Vec<Line>);

/// The fields by which lines are grouped into chains.
const KEYS: [(&[Field], &str); 6] = [
    (&[Field::Ingress, Field::Egress], "way"),
    (&[Field::Destination], "to"),
    (&[Field::Source], "from"),
    (&[Field::Protocol], "proto"),
    (&[Field::Destination, Field::Protocol], "service"),
    (&[Field::Ingress, Field::Egress, Field::Destination], "zone"),
];

/// The lines in chains: those that stay, and the chains that these jump to. `outside` are the packets that lines after all of
/// these let through.
pub fn structure(
    lines: Vec<Line>,
    outside: &[Packets],
    depth: usize,
    chains: &mut Vec<Chain>,
    (knobs, random): (&mut Knobs, &mut Random),
) -> Vec<Line> {
    if depth == 0 || lines.len() < 2 {
        return lines;
    }
    let (fields, word) = *random.pick(&KEYS);
    let mut groups: Vec<(Vec<Part>, Vec<Line>)> = Vec::new();
    for line in lines {
        let key: Vec<Part> = fields.iter().filter_map(|field| line.part(*field)).cloned().collect();
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, members)) => members.push(line),
            None => groups.push((key, vec![line])),
        }
    }
    let mut stay: Vec<Line> = Vec::new();
    let mut groups: std::collections::VecDeque<_> = groups.into();
    while let Some((key, members)) = groups.pop_front() {
        if key.is_empty() || random.chance(15) {
            stay.extend(members);
            continue;
        }
        knobs.rewrites += 1;
        let name = knobs.chain_name(word, &key, random);
        let packets: Vec<Packets> = members.iter().flat_map(|line| line.packets.clone()).collect();
        let guard = guard(&members[0], &key);
        let later: Vec<Packets> =
            groups.iter().flat_map(|(_, lines)| lines).flat_map(|line| line.packets.clone()).collect();
        // Packets that match the guard match no later line, in this chain or in others.
        let exclusive = !later.iter().any(|packets| packets.meets(&guard));
        let alone = exclusive && !outside.iter().any(|packets| packets.meets(&guard));
        let outside: Vec<Packets> = outside.iter().chain(&later).cloned().collect();
        let strip = random.chance(85);
        let mut body: Vec<Line> =
            members.into_iter().map(|line| if strip { without(line, &key) } else { line }).collect();
        body = structure(body, &outside, depth - 1, chains, (&mut *knobs, &mut *random));
        let asked_inside = if exclusive { 0 } else { *random.pick(&[0, 0, 0, key.len(), 1]) }.min(key.len());
        let (at_jump, inside) = key.split_at(key.len() - asked_inside);
        let returns = inside.iter().map(|part| Line { parts: vec![part.negate()], ..Line::plain("", "-j RETURN") });
        body.splice(0..0, returns.collect::<Vec<_>>());
        let goes = (if knobs.accepts_by_policy { alone } else { exclusive }) && random.chance(50);
        if alone && (goes && knobs.accepts_by_policy || random.chance(20)) {
            body.push(Line::plain("", "-j DROP"));
        }
        let verb = if goes { "-g" } else { "-j" };
        stay.push(Line { parts: at_jump.to_vec(), packets, ..Line::plain("", &format!("{verb} {name}")) });
        chains.push((name, body));
    }
    stay
}

/// The packets that match the fields of a key, taken from a line with these matches.
fn guard(line: &Line, key: &[Part]) -> Packets {
    let mut guard = PacketSet::full();
    // A line for several permits has several products, and none of them alone gives its matches.
    let [packets] = line.packets.as_slice() else { return guard };
    for part in key {
        match part.field {
            Field::Source => guard.source.clone_from(&packets.source),
            Field::Destination => guard.destination.clone_from(&packets.destination),
            Field::Ingress => guard.ingress.clone_from(&packets.ingress),
            Field::Egress => guard.egress.clone_from(&packets.egress),
            Field::Protocol => guard.protocol.clone_from(&packets.protocol),
            Field::State => {}
        }
    }
    guard
}

/// A line without the matches that were made before. A port match keeps its protocol.
fn without(mut line: Line, key: &[Part]) -> Line {
    let ports = !line.rest.is_empty();
    line.parts.retain(|part| !key.contains(part) || part.field == Field::Protocol && ports);
    line
}
