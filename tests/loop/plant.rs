//! One fault put into a correct rule set.
//!
//! A fault spoils one permit of the list ([`crate::spoil`]), or something beside it. What follows from it is worked out in
//! [`crate::expected`]; a fault from which nothing follows is not planted.

use edgewarden::deployment::{FirewallRole, Zone};
use edgewarden::model::Family;
use edgewarden::packets::{IntervalSet, PacketSet};

use crate::entries::{Entry, Packets, Placement, whole};
use crate::expected::{Expected, expect};
use crate::fault::Fault;
use crate::oracle::{Oracle, demand, number};
use crate::random::Random;
use crate::restyle::{Pair, Style};
use crate::spoil::{Ends, members, spoil};

/// A rule set with one fault, and what must be said of it.
pub struct Plant {
    pub fault: Fault,
    pub entries: Vec<Entry>,
    /// The spoilt entries among them.
    pub spoilt: Vec<usize>,
    pub translations: Vec<Pair>,
    pub replies: bool,
    pub expected: Expected,
}

/// What a fault is planted into.
pub struct Ground<'a> {
    pub oracle: &'a Oracle<'a>,
    pub entries: &'a [Entry],
    pub translations: &'a [Pair],
    pub style: &'a dyn Style,
}

/// Plants a fault; none where this rule set has no place where it would matter.
pub fn plant(ground: &Ground, fault: Fault, random: &mut Random) -> Option<Plant> {
    let mut places: Vec<usize> = (0..ground.entries.len()).collect();
    random.shuffle(&mut places);
    places.truncate(12);
    places.into_iter().find_map(|place| plant_at(ground, fault, place, random))
}

fn plant_at(ground: &Ground, fault: Fault, place: usize, random: &mut Random) -> Option<Plant> {
    let mut plant = Plant {
        fault,
        entries: ground.entries.to_vec(),
        spoilt: vec![place],
        translations: ground.translations.to_vec(),
        replies: true,
        expected: Expected::default(),
    };
    let mut lost = Vec::new();
    match fault {
        Fault::Removed => {
            plant.entries.remove(place);
            plant.spoilt.clear();
        }
        Fault::Management | Fault::ExposedInside => {
            plant.entries.push(intruder(ground, fault, random)?);
            plant.spoilt = vec![plant.entries.len() - 1];
        }
        Fault::JumpMissing => {
            let way = |entry: &Entry| (entry.ingress.clone(), entry.egress.clone(), entry.protocol.clone());
            let alike = |index: &usize| way(&plant.entries[*index]) == way(&ground.entries[place]);
            plant.spoilt = (0..ground.entries.len()).filter(alike).collect();
            for index in &plant.spoilt {
                plant.entries[*index] = spoil(ground, Fault::Unapplied, &ground.entries[*index], random)?;
            }
        }
        Fault::TranslationMissing => {
            plant.spoilt.clear();
            lost.push(forget_translation(ground, &mut plant, random)?);
        }
        Fault::TranslatedPort => {
            plant.spoilt.clear();
            lost.push(move_port(ground, &mut plant, place, random)?);
            plant.expected.besides = Some("nat.port");
        }
        Fault::RepliesBlocked => {
            plant.replies = false;
            plant.spoilt.clear();
            plant.expected.besides = Some("replies_blocked");
        }
        // The files hold another family than the one judged, whose rules are right.
        Fault::FamilyUnaudited => {
            plant.spoilt.clear();
            plant.expected.besides = Some("family_unaudited");
        }
        _ => plant.entries[place] = spoil(ground, fault, &ground.entries[place], random)?,
    }
    expect(ground.oracle, &mut plant, &lost);
    plant.expected.says_something().then_some(plant)
}

/// A permit that nothing calls for.
fn intruder(ground: &Ground, fault: Fault, random: &mut Random) -> Option<Entry> {
    let oracle = ground.oracle;
    let combined = oracle.firewall.role == FirewallRole::Combined;
    let named = oracle.wiring.named();
    let (from, to, ports): (Zone, Zone, &[u16]) = match fault {
        Fault::ExposedInside if combined => {
            (Zone::Internet, Zone::EdgeInternal, &[443, 3478, 4443, 5061, 5062, 8057, 23456, 50001, 50002, 50003])
        }
        Fault::ExposedInside => return None,
        _ => {
            let (from, to) = *random.pick(&[(Zone::Internet, Zone::EdgeExternal), (Zone::Lan, Zone::EdgeInternal)]);
            (from, to, &[3389, 22, 445, 5985, 5986, 135, 1433, 161])
        }
    };
    if !named.contains(&from) || !named.contains(&to) {
        return None;
    }
    let hosts = members(&oracle.behind(to));
    let destination = if hosts.is_empty() { return None } else { IntervalSet::single(*random.pick(&hosts)) };
    let port = *random.pick(ports);
    Some(Entry {
        ingress: oracle.wiring.names(from),
        egress: oracle.wiring.names(to),
        source: if random.chance(70) { whole(oracle.family) } else { oracle.behind(from) },
        destination,
        protocol: IntervalSet::single(if port == 3478 || port == 161 { 17 } else { 6 }),
        source_port: IntervalSet::full(),
        destination_port: IntervalSet::single(port),
        placement: Placement::Applied,
        condition: None,
        of: Vec::new(),
    })
}

/// One translation less, of those that needs go through; the packets that do not arrive any more. Where no other is left,
/// another device may translate them all.
fn forget_translation(ground: &Ground, plant: &mut Plant, random: &mut Random) -> Option<Packets> {
    let used: Vec<u128> =
        ground.oracle.needs.iter().flat_map(|need| &demand(need).public).map(|(inner, _)| number(*inner)).collect();
    let family = |pair: &Pair| Family::of(pair.inner) == ground.oracle.family && used.contains(&number(pair.inner));
    let places: Vec<usize> =
        (0..plant.translations.len()).filter(|place| family(&plant.translations[*place])).collect();
    if places.len() < 2 {
        return None;
    }
    plant.expected.besides = Some("nat.symmetric");
    let inner = number(plant.translations.remove(*random.pick(&places)).inner);
    Some(PacketSet { destination: IntervalSet::single(inner), ..PacketSet::full() })
}

/// A translation that moves a port of an inbound permit to one that no permit opens; the packets that no longer arrive.
fn move_port(ground: &Ground, plant: &mut Plant, place: usize, random: &mut Random) -> Option<Packets> {
    let entry = &ground.entries[place];
    let ends = Ends::of(ground.oracle, entry)?;
    if !ends.inbound || ends.zone != Zone::EdgeExternal {
        return None;
    }
    let pair = plant.translations.iter_mut().find(|pair| entry.destination.contains(number(pair.inner)))?;
    let port = random.pick(entry.destination_port.intervals()).0;
    let opened = ground.entries.iter().fold(IntervalSet::empty(), |all, entry| all.union(&entry.destination_port));
    let moved = [8443, 8080, 444, 10443].into_iter().find(|moved| !opened.contains(*moved))?;
    let protocol = entry.protocol.only()?;
    pair.moved_port = Some((protocol, port, moved));
    Some(PacketSet {
        destination: IntervalSet::single(number(pair.inner)),
        protocol: IntervalSet::single(protocol),
        destination_port: IntervalSet::single(port),
        ..PacketSet::full()
    })
}
