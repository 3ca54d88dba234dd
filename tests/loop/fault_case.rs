//! Plants one fault into a correct rule set.
//!
//! A fault changes one permit of the list ([`crate::mutate`]), or something else in the rule set. [`crate::expected`] computes
//! the expected result; a fault without any effect is not planted.

use edgewarden::deployment::{FirewallRole, Zone};
use edgewarden::model::Family;
use edgewarden::packets::{IntervalSet, PacketSet};

use crate::entries::{Entry, Packets, Placement, whole};
use crate::expected::{Expected, expect};
use crate::fault::Fault;
use crate::mutate::{Ends, members, mutate};
use crate::oracle::{Oracle, demand, number};
use crate::random::Random;
use crate::restyle::{Pair, Style};

/// A rule set with one fault, and the expected result of its audit.
pub struct FaultCase {
    pub fault: Fault,
    pub entries: Vec<Entry>,
    /// The indexes of the mutated entries.
    pub mutated: Vec<usize>,
    pub translations: Vec<Pair>,
    pub replies: bool,
    pub expected: Expected,
}

/// The correct rule set into which a fault is planted.
pub struct Fixture<'a> {
    pub oracle: &'a Oracle<'a>,
    pub entries: &'a [Entry],
    pub translations: &'a [Pair],
    pub style: &'a dyn Style,
}

/// Plants a fault; none if it would have no effect anywhere in this rule set.
pub fn make_case(fixture: &Fixture, fault: Fault, random: &mut Random) -> Option<FaultCase> {
    let mut places: Vec<usize> = (0..fixture.entries.len()).collect();
    random.shuffle(&mut places);
    places.truncate(12);
    places.into_iter().find_map(|place| make_case_at(fixture, fault, place, random))
}

fn make_case_at(fixture: &Fixture, fault: Fault, place: usize, random: &mut Random) -> Option<FaultCase> {
    let mut case = FaultCase {
        fault,
        entries: fixture.entries.to_vec(),
        mutated: vec![place],
        translations: fixture.translations.to_vec(),
        replies: true,
        expected: Expected::default(),
    };
    let mut lost = Vec::new();
    match fault {
        Fault::Removed => {
            case.entries.remove(place);
            case.mutated.clear();
        }
        Fault::Management | Fault::ExposedInside => {
            case.entries.push(intruder(fixture, fault, random)?);
            case.mutated = vec![case.entries.len() - 1];
        }
        Fault::JumpMissing => {
            let path = |entry: &Entry| (entry.ingress.clone(), entry.egress.clone(), entry.protocol.clone());
            let same_path = |index: &usize| path(&case.entries[*index]) == path(&fixture.entries[place]);
            case.mutated = (0..fixture.entries.len()).filter(same_path).collect();
            for index in &case.mutated {
                case.entries[*index] = mutate(fixture, Fault::Unapplied, &fixture.entries[*index], random)?;
            }
        }
        Fault::TranslationMissing => {
            case.mutated.clear();
            lost.push(forget_translation(fixture, &mut case, random)?);
        }
        Fault::TranslatedPort => {
            case.mutated.clear();
            lost.push(move_port(fixture, &mut case, place, random)?);
            case.expected.besides = Some("nat.port");
        }
        Fault::RepliesBlocked => {
            case.replies = false;
            case.mutated.clear();
            case.expected.besides = Some("replies_blocked");
        }
        // The files also have rules of another family. Those of the judged family are correct.
        Fault::FamilyUnaudited => {
            case.mutated.clear();
            case.expected.besides = Some("family_unaudited");
        }
        _ => case.entries[place] = mutate(fixture, fault, &fixture.entries[place], random)?,
    }
    expect(fixture.oracle, &mut case, &lost);
    case.expected.has_findings().then_some(case)
}

/// A permit that no need calls for.
fn intruder(fixture: &Fixture, fault: Fault, random: &mut Random) -> Option<Entry> {
    let oracle = fixture.oracle;
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

/// Removes a translation that needs depend on. Returns the packets that no longer arrive. None if no other translation is left,
/// since another device might then translate all addresses.
fn forget_translation(fixture: &Fixture, case: &mut FaultCase, random: &mut Random) -> Option<Packets> {
    let used: Vec<u128> =
        fixture.oracle.needs.iter().flat_map(|need| &demand(need).public).map(|(inner, _)| number(*inner)).collect();
    let family = |pair: &Pair| Family::of(pair.inner) == fixture.oracle.family && used.contains(&number(pair.inner));
    let places: Vec<usize> = (0..case.translations.len()).filter(|place| family(&case.translations[*place])).collect();
    if places.len() < 2 {
        return None;
    }
    case.expected.besides = Some("nat.symmetric");
    let inner = number(case.translations.remove(*random.pick(&places)).inner);
    Some(PacketSet { destination: IntervalSet::single(inner), ..PacketSet::full() })
}

/// Changes a translation so that a port of an inbound permit becomes one that no permit opens. Returns the packets that no longer
/// arrive.
fn move_port(fixture: &Fixture, case: &mut FaultCase, place: usize, random: &mut Random) -> Option<Packets> {
    let entry = &fixture.entries[place];
    let ends = Ends::of(fixture.oracle, entry)?;
    if !ends.inbound || ends.zone != Zone::EdgeExternal {
        return None;
    }
    let pair = case.translations.iter_mut().find(|pair| entry.destination.contains(number(pair.inner)))?;
    let port = random.pick(entry.destination_port.intervals()).0;
    let opened = fixture.entries.iter().fold(IntervalSet::empty(), |all, entry| all.union(&entry.destination_port));
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
