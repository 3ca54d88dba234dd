//! Mutates one permit of a correct rule set in one way.

use edgewarden::deployment::{NatView, Zone};
use edgewarden::model::Family;
use edgewarden::packets::IntervalSet;

use crate::entries::{Entry, Placement, whole};
use crate::fault::Fault;
use crate::fault_case::Fixture;
use crate::oracle::{Oracle, demand, number};
use crate::random::Random;

/// The mutated permit; none if the fault does not apply to it.
pub fn mutate(fixture: &Fixture, fault: Fault, entry: &Entry, random: &mut Random) -> Option<Entry> {
    let mut mutated = entry.clone();
    match fault {
        Fault::BehindDeny => mutated.placement = placed(fixture, Placement::BehindDeny)?,
        Fault::ForTheMachine => mutated.placement = placed(fixture, Placement::ForTheMachine)?,
        Fault::Unapplied => mutated.placement = placed(fixture, Placement::Unapplied)?,
        Fault::CommentedOut => mutated.placement = placed(fixture, Placement::CommentedOut)?,
        Fault::Conditional => mutated.condition = Some(*random.pick(fixture.style.conditions())),
        Fault::Reversed | Fault::ReversedWithInterfaces | Fault::InterfacesSwapped => swap(fault, &mut mutated),
        Fault::WrongInterface | Fault::NoInterface => other_interfaces(fixture.oracle, fault, &mut mutated, random)?,
        Fault::SourcePort
        | Fault::OtherPort
        | Fault::NarrowedPorts
        | Fault::HoledRange
        | Fault::WidenedPorts
        | Fault::WrongTransport => other_service(fault, &mut mutated, random)?,
        _ => other_hosts(fixture.oracle, fault, &mut mutated, random)?,
    }
    Some(mutated)
}

/// Swaps the ends or the interfaces.
fn swap(fault: Fault, mutated: &mut Entry) {
    if fault != Fault::InterfacesSwapped {
        std::mem::swap(&mut mutated.source, &mut mutated.destination);
    }
    if fault != Fault::Reversed {
        std::mem::swap(&mut mutated.ingress, &mut mutated.egress);
    }
}

/// Replaces the interfaces at one end.
fn other_interfaces(oracle: &Oracle, fault: Fault, mutated: &mut Entry, random: &mut Random) -> Option<()> {
    let names = oracle.wiring.names(*random.pick(&oracle.wiring.named()));
    let side = if random.chance(50) { &mut mutated.ingress } else { &mut mutated.egress };
    let instead = if fault == Fault::NoInterface { Vec::new() } else { names };
    if *side == instead {
        return None;
    }
    *side = instead;
    Some(())
}

/// Replaces the ports or the protocol.
fn other_service(fault: Fault, mutated: &mut Entry, random: &mut Random) -> Option<()> {
    let ports = mutated.destination_port.clone();
    match fault {
        Fault::SourcePort => {
            if !mutated.source_port.is_full() {
                return None;
            }
            mutated.source_port = ports;
            mutated.destination_port = IntervalSet::full();
        }
        Fault::OtherPort => {
            let only = ports.only()?;
            mutated.destination_port = IntervalSet::single(only ^ 1);
        }
        Fault::NarrowedPorts => mutated.destination_port = narrowed(&ports, random)?,
        Fault::HoledRange => {
            let (low, high) = *ports.intervals().iter().find(|(low, high)| high - low > 40)?;
            let hole = low + u16::try_from(random.between(1, usize::from(high - low) - 20)).unwrap();
            mutated.destination_port = ports.difference(&IntervalSet::range(hole, hole + 10));
        }
        Fault::WidenedPorts => {
            mutated.destination_port = match random.below(3) {
                0 => IntervalSet::full(),
                1 => ports.union(&IntervalSet::range(1024, u16::MAX)),
                _ => {
                    let (low, high) = ports.intervals()[0];
                    ports.union(&IntervalSet::range(low, high.saturating_add(10)))
                }
            };
        }
        Fault::WrongTransport => {
            mutated.protocol = IntervalSet::single(if mutated.protocol.only()? == 6 { 17 } else { 6 });
        }
        _ => return None,
    }
    Some(())
}

/// Replaces the addresses at one end.
fn other_hosts(oracle: &Oracle, fault: Fault, mutated: &mut Entry, random: &mut Random) -> Option<()> {
    let ends = Ends::of(oracle, mutated)?;
    match fault {
        Fault::NarrowedPeers => *ends.far(mutated) = narrowed_peers(ends.far(mutated), oracle, random)?,
        Fault::WidenedPeers => {
            if *ends.far(mutated) == whole(oracle.family) {
                return None;
            }
            *ends.far(mutated) = whole(oracle.family);
        }
        Fault::WidenedEdge => {
            let edge = ends.edge(mutated);
            let low = edge.lowest()?;
            *edge = if random.chance(60) { IntervalSet::range(low & !0xff, low | 0xff) } else { whole(oracle.family) };
        }
        Fault::WrongAddress => {
            let own = ends.edge(mutated);
            let others: Vec<u128> = members(&oracle.behind(ends.zone).difference(own));
            *own = IntervalSet::single(*random.pick(if others.is_empty() { return None } else { &others }));
        }
        Fault::ForgottenMember => {
            let set = if random.chance(50) { ends.edge(mutated) } else { ends.far(mutated) };
            if !(2..=64).contains(&set.count()) {
                return None;
            }
            let forgotten = *random.pick(&members(set));
            *set = set.difference(&IntervalSet::single(forgotten));
        }
        Fault::NatView => {
            if oracle.firewall.nat_view == NatView::Mapped || ends.zone != Zone::EdgeExternal {
                return None;
            }
            let own = ends.edge(mutated);
            let pairs: Vec<(u128, u128)> = oracle
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
        _ => return None,
    }
    Some(())
}

fn placed(fixture: &Fixture, placement: Placement) -> Option<Placement> {
    fixture.style.placements().contains(&placement).then_some(placement)
}

/// Which end of an entry is the Edge.
pub struct Ends {
    pub inbound: bool,
    pub zone: Zone,
}

impl Ends {
    pub fn of(oracle: &Oracle, entry: &Entry) -> Option<Self> {
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

/// Some of the first addresses of a set.
pub fn members(set: &IntervalSet<u128>) -> Vec<u128> {
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

/// Fewer peers: a network in place of any address, half of a network, or the first of a list.
fn narrowed_peers(peers: &IntervalSet<u128>, oracle: &Oracle, random: &mut Random) -> Option<IntervalSet<u128>> {
    if *peers == whole(oracle.family) {
        let (width, first) =
            if oracle.family == Family::Ipv4 { (32, 80_u128 << 24) } else { (128, 0x2a00_u128 << 112) };
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
