//! One fault put into a correct rule set, and what follows from it by the design: which needs are lost, how, and what is open that
//! should not be.
//!
//! A fault spoils one permit of the list, or something beside it. What follows is the oracle's to say; a fault from which nothing
//! follows is not planted.

use std::collections::BTreeMap;

use edgewarden::deployment::{FirewallRole, NatView, Zone};
use edgewarden::packets::{IntervalSet, PacketSet, subtract_all};

use crate::entries::{Condition, Entry, Packets, Placement, whole};
use crate::fault::Fault;
use crate::oracle::{Name, Oracle, Standing, demand, name, number};
use crate::random::Random;
use crate::restyle::{Pair, Style};

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

/// What the audit has to say.
#[derive(Debug, Default)]
pub struct Expected {
    /// Every need that is judged.
    pub standings: BTreeMap<Name, Standing>,
    /// Of those that are missing, which a rule nearly permits, and how it misses them.
    pub misses: BTreeMap<Name, &'static str>,
    /// Whether the spoilt entries permit what no need may open.
    pub excess: bool,
    /// A finding about neither a need nor a rule.
    pub besides: Option<&'static str>,
}

impl Expected {
    /// Whether there is anything to be said.
    fn says_something(&self) -> bool {
        self.excess
            || self.besides.is_some()
            || self.standings.values().any(|standing| *standing != Standing::Satisfied)
    }
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
    let mut doubtful = Vec::new();
    match fault {
        Fault::Removed => {
            plant.entries.remove(place);
            plant.spoilt.clear();
        }
        Fault::Management | Fault::ExposedInside => {
            plant.entries.push(intruder(ground, fault, random)?);
            plant.spoilt = vec![plant.entries.len() - 1];
        }
        Fault::TranslationMissing => {
            let pair = plant
                .translations
                .remove(random.below(plant.translations.len().max(1)).min(plant.translations.len().checked_sub(1)?));
            plant.spoilt.clear();
            let same = |other: &&Pair| other.inner.is_ipv4() == pair.inner.is_ipv4();
            if edgewarden::model::Family::of(pair.inner) != ground.oracle.family
                || !plant.translations.iter().any(|other| same(&other))
            {
                return None;
            }
            doubtful.push(number(pair.inner));
        }
        Fault::TranslatedPort => {
            plant.spoilt.clear();
            lost.push(move_port(ground, &mut plant, place, random)?);
        }
        Fault::RepliesBlocked => {
            plant.replies = false;
            plant.spoilt.clear();
            plant.expected.besides = Some("replies_blocked");
        }
        _ => plant.entries[place] = spoil(ground, fault, &ground.entries[place], random)?,
    }
    expect(ground.oracle, &mut plant, &lost, &doubtful);
    plant.expected.says_something().then_some(plant)
}

/// A permit spoilt; none where the fault is not one for it.
fn spoil(ground: &Ground, fault: Fault, entry: &Entry, random: &mut Random) -> Option<Entry> {
    let oracle = ground.oracle;
    let mut spoilt = entry.clone();
    let ends = Ends::of(oracle, entry)?;
    let ports = &entry.destination_port;
    match fault {
        Fault::Reversed => std::mem::swap(&mut spoilt.source, &mut spoilt.destination),
        Fault::ReversedWithInterfaces => {
            std::mem::swap(&mut spoilt.source, &mut spoilt.destination);
            std::mem::swap(&mut spoilt.ingress, &mut spoilt.egress);
        }
        Fault::InterfacesSwapped => std::mem::swap(&mut spoilt.ingress, &mut spoilt.egress),
        Fault::SourcePort => {
            if !entry.source_port.is_full() {
                return None;
            }
            spoilt.source_port = ports.clone();
            spoilt.destination_port = IntervalSet::full();
        }
        Fault::OtherPort => {
            let only = ports.only()?;
            spoilt.destination_port = IntervalSet::single(only ^ 1);
        }
        Fault::NarrowedPorts => spoilt.destination_port = narrowed(ports, random)?,
        Fault::HoledRange => {
            let (low, high) = *ports.intervals().iter().find(|(low, high)| high - low > 40)?;
            let hole = low + u16::try_from(random.between(1, usize::from(high - low) - 20)).unwrap();
            spoilt.destination_port = ports.difference(&IntervalSet::range(hole, hole + 10));
        }
        Fault::WidenedPorts => {
            spoilt.destination_port = match random.below(3) {
                0 => IntervalSet::full(),
                1 => ports.union(&IntervalSet::range(1024, u16::MAX)),
                _ => {
                    let (low, high) = ports.intervals()[0];
                    ports.union(&IntervalSet::range(low, high.saturating_add(10)))
                }
            };
        }
        Fault::NarrowedPeers => *ends.far(&mut spoilt) = narrowed_peers(ends.far(&mut entry.clone()), oracle, random)?,
        Fault::WidenedPeers => {
            if *ends.far(&mut spoilt) == whole(oracle.family) {
                return None;
            }
            *ends.far(&mut spoilt) = whole(oracle.family);
        }
        Fault::WidenedEdge => {
            let edge = ends.edge(&mut spoilt);
            let low = edge.lowest()?;
            *edge = if random.chance(60) { IntervalSet::range(low & !0xff, low | 0xff) } else { whole(oracle.family) };
        }
        Fault::WrongTransport => {
            spoilt.protocol = IntervalSet::single(if entry.protocol.only()? == 6 { 17 } else { 6 });
        }
        Fault::WrongAddress => {
            let own = ends.edge(&mut spoilt);
            let others: Vec<u128> = members(&oracle.behind(ends.zone).difference(own));
            *own = IntervalSet::single(*random.pick(if others.is_empty() { return None } else { &others }));
        }
        Fault::ForgottenMember => {
            let set = if random.chance(50) { ends.edge(&mut spoilt) } else { ends.far(&mut spoilt) };
            if !(2..=64).contains(&set.count()) {
                return None;
            }
            let forgotten = *random.pick(&members(set));
            *set = set.difference(&IntervalSet::single(forgotten));
        }
        Fault::WrongInterface => {
            let named = oracle.wiring.named();
            let zone = *random.pick(&named);
            let names = oracle.wiring.names(zone);
            let side = if random.chance(50) { &mut spoilt.ingress } else { &mut spoilt.egress };
            if *side == names {
                return None;
            }
            *side = names;
        }
        Fault::NoInterface => {
            let side = if random.chance(50) { &mut spoilt.ingress } else { &mut spoilt.egress };
            side.clear();
        }
        Fault::NatView => {
            if ground.oracle.firewall.nat_view == NatView::Mapped || ends.zone != Zone::EdgeExternal {
                return None;
            }
            let own = ends.edge(&mut spoilt);
            let pairs: Vec<(u128, u128)> = ground
                .oracle
                .needs
                .iter()
                .flat_map(|need| &demand(need).public)
                .map(|(inner, outer)| (number(*inner), number(*outer)))
                .collect();
            let outer =
                pairs.iter().filter(|(inner, _)| own.contains(*inner)).map(|(_, outer)| (*outer, *outer)).collect();
            *own = IntervalSet::from_intervals(outer);
            if own.is_empty() {
                return None;
            }
        }
        Fault::BehindDeny => spoilt.placement = placed(ground, Placement::BehindDeny)?,
        Fault::ForTheMachine => spoilt.placement = placed(ground, Placement::ForTheMachine)?,
        Fault::Unapplied => spoilt.placement = placed(ground, Placement::Unapplied)?,
        Fault::CommentedOut => spoilt.placement = placed(ground, Placement::CommentedOut)?,
        Fault::Conditional => {
            let conditions: Vec<Condition> = ground.style.conditions().to_vec();
            spoilt.condition = Some(*random.pick(&conditions));
        }
        Fault::Removed
        | Fault::Management
        | Fault::ExposedInside
        | Fault::TranslationMissing
        | Fault::TranslatedPort
        | Fault::RepliesBlocked => return None,
    }
    Some(spoilt)
}

fn placed(ground: &Ground, placement: Placement) -> Option<Placement> {
    ground.style.placements().contains(&placement).then_some(placement)
}

/// Which end of an entry is the Edge's.
struct Ends {
    inbound: bool,
    zone: Zone,
}

impl Ends {
    fn of(oracle: &Oracle, entry: &Entry) -> Option<Self> {
        [Zone::EdgeExternal, Zone::EdgeInternal].into_iter().find_map(|zone| {
            let own = oracle.behind(zone);
            let of = |set: &IntervalSet<u128>| !set.is_empty() && set.is_subset(&own);
            (of(&entry.destination) || of(&entry.source)).then(|| Self { inbound: of(&entry.destination), zone })
        })
    }

    fn edge<'e>(&self, entry: &'e mut Entry) -> &'e mut IntervalSet<u128> {
        if self.inbound { &mut entry.destination } else { &mut entry.source }
    }

    fn far<'e>(&self, entry: &'e mut Entry) -> &'e mut IntervalSet<u128> {
        if self.inbound { &mut entry.source } else { &mut entry.destination }
    }
}

fn members(set: &IntervalSet<u128>) -> Vec<u128> {
    set.intervals().iter().flat_map(|(low, high)| *low..=*high).take(256).collect()
}

/// Fewer ports: one range less, or half of the only one.
fn narrowed(ports: &IntervalSet<u16>, random: &mut Random) -> Option<IntervalSet<u16>> {
    if ports.intervals().len() > 1 {
        let (low, high) = *random.pick(ports.intervals());
        return Some(ports.difference(&IntervalSet::range(low, high)));
    }
    let (low, high) = *ports.intervals().first()?;
    (high > low).then(|| IntervalSet::range(low, low + (high - low) / 2))
}

/// Fewer peers: a network for anyone, half of a network, the first of a list.
fn narrowed_peers(peers: &IntervalSet<u128>, oracle: &Oracle, random: &mut Random) -> Option<IntervalSet<u128>> {
    if *peers == whole(oracle.family) {
        let (width, first) = if oracle.family == edgewarden::model::Family::Ipv4 {
            (32, 80_u128 << 24)
        } else {
            (128, 0x2a00_u128 << 112)
        };
        let length = *random.pick(&[1_u32, 2, 6, 8, 12, 24]);
        let low = first & !((1_u128 << (width - length)) - 1);
        return Some(IntervalSet::range(low, low + ((1_u128 << (width - length)) - 1)));
    }
    let (low, high) = *peers.intervals().first()?;
    if peers.intervals().len() > 1 {
        return Some(IntervalSet::range(low, high));
    }
    (high > low).then(|| IntervalSet::range(low, low + (high - low) / 2))
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

/// What follows from a plant. `lost` is what does not arrive any more, `doubtful` the addresses that nothing translates to.
fn expect(oracle: &Oracle, plant: &mut Plant, lost: &[Packets], doubtful: &[u128]) {
    plant.expected.standings = oracle.standings(&plant.entries, lost);
    for need in &oracle.needs {
        let (inbound, edge) =
            (demand(need).to == Zone::EdgeExternal, crate::entries::addresses(&demand(need).edge, oracle.family));
        if inbound && doubtful.iter().any(|address| edge.contains(*address)) {
            plant.expected.standings.insert(name(need), Standing::Undecided);
        }
    }
    let Some(kind) = plant.fault.near_miss() else {
        plant.expected.excess = opens(oracle, plant);
        return;
    };
    let may = if matches!(plant.fault, Fault::Unapplied | Fault::ForTheMachine) { Vec::new() } else { oracle.may() };
    for need in &oracle.needs {
        if plant.expected.standings.get(&name(need)) != Some(&Standing::Missing) {
            continue;
        }
        let nearly = |way: &Vec<Packets>| {
            let images: Vec<Packets> = way.iter().flat_map(|set| image(oracle, plant.fault, need, set)).collect();
            let there: Vec<Packets> = plant
                .spoilt
                .iter()
                .map(|place| plant.entries[*place].packets(oracle.wiring))
                .flat_map(|spoilt| images.iter().filter_map(|image| image.intersection(&spoilt)).collect::<Vec<_>>())
                .collect();
            let left = subtract_all(there, &may);
            !left.is_empty() && !oracle.negligible(need, &left, &images)
        };
        if oracle.called_for(need).iter().any(nearly) {
            plant.expected.misses.insert(name(need), kind);
        }
    }
    plant.expected.excess = opens(oracle, plant);
}

/// Whether spoilt entries permit what no need may open.
fn opens(oracle: &Oracle, plant: &Plant) -> bool {
    let applied =
        plant.spoilt.iter().map(|place| &plant.entries[*place]).filter(|entry| entry.placement == Placement::Applied);
    applied.map(|entry| entry.packets(oracle.wiring)).any(|packets| !oracle.excess(&packets).is_empty())
}

/// A need's packets, misplaced as a fault misplaces them.
fn image(oracle: &Oracle, fault: Fault, need: &Need, set: &Packets) -> Vec<Packets> {
    let set = set.clone();
    let inbound = matches!(demand(need).to, Zone::EdgeExternal | Zone::EdgeInternal);
    let with_edge = |set: &Packets, edge: IntervalSet<u128>| {
        if inbound { PacketSet { destination: edge, ..set.clone() } } else { PacketSet { source: edge, ..set.clone() } }
    };
    let any = IntervalSet::full();
    match fault {
        Fault::Reversed => {
            vec![PacketSet { source: set.destination.clone(), destination: set.source.clone(), ..set }]
        }
        Fault::ReversedWithInterfaces => vec![PacketSet {
            source: set.destination.clone(),
            destination: set.source.clone(),
            ingress: set.egress.clone(),
            egress: set.ingress.clone(),
            ..set
        }],
        Fault::SourcePort => {
            vec![PacketSet { source_port: set.destination_port.clone(), destination_port: IntervalSet::full(), ..set }]
        }
        Fault::WrongInterface | Fault::InterfacesSwapped | Fault::ForTheMachine => {
            vec![PacketSet { ingress: any.clone(), egress: any, ..set }]
        }
        Fault::Unapplied => vec![set],
        Fault::WrongTransport => {
            vec![PacketSet { protocol: IntervalSet::single(if set.protocol.contains(6) { 17 } else { 6 }), ..set }]
        }
        Fault::WrongAddress => {
            let own = if inbound { &set.destination } else { &set.source };
            let zone = if inbound { demand(need).to } else { demand(need).from };
            vec![with_edge(&set, oracle.behind(zone).difference(own))]
        }
        Fault::NatView => {
            let outer = demand(need).public.iter().map(|(_, outer)| (number(*outer), number(*outer))).collect();
            vec![with_edge(&set, IntervalSet::from_intervals(outer))]
        }
        _ => Vec::new(),
    }
}

use edgewarden::deployment::needs::Need;
