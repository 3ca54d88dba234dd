//! Packet sets as rows of a report, and one example packet of them to replay.

use crate::deployment::{Zone, globally_reachable};
use crate::findings::{Packet, TrafficRow, notation};
use crate::judge::{FamilyAddress, Route};
use crate::packets::{ConnectionState, IntervalSet, PacketSet, TcpFlagSet, canonical};

use crate::audit::judgement::firewall::View;

/// More sets than this are shown as they were computed, not cut into canonical rows.
const MOST_ROWS: usize = 400;

/// At least this many destination ports together with one source port mean answers to clients.
const CLIENT_PORTS: u128 = 10_000;

/// Packet sets between two zones as rows. As an address, `any` means every address behind the zone.
pub(in crate::audit) fn rows<A: FamilyAddress>(
    view: &View<A>,
    from: Zone,
    to: Zone,
    sets: &[PacketSet<A>],
) -> Vec<TrafficRow> {
    let mut plain: Vec<PacketSet<A>> = sets.to_vec();
    for set in &mut plain {
        // Rows show the first packet of a connection; its state and flags are the same in all of them, so they are left out.
        set.state = crate::packets::StateSet::FULL;
        set.tcp_flags = TcpFlagSet::FULL;
    }
    canonical(&plain, MOST_ROWS).iter().map(|set| row(view, from, to, set)).collect()
}

fn row<A: FamilyAddress>(view: &View<A>, from: Zone, to: Zone, set: &PacketSet<A>) -> TrafficRow {
    let interfaces = view.judge.interfaces();
    let shown = |points: &IntervalSet<u32>, zone: Zone| {
        if view.zones.points(zone).is_subset(points) && view.zones.anywhere(zone, interfaces) {
            notation::ANY.to_owned()
        } else {
            interfaces.describe(points)
        }
    };
    TrafficRow {
        source: notation::addresses(&set.source, &everyone(view, from)),
        destination: notation::addresses(&set.destination, &everyone(view, to)),
        protocol: notation::protocols(&set.protocol),
        source_ports: notation::ports(&set.source_port),
        destination_ports: codes_or_ports(set),
        ingress: shown(&set.ingress, from),
        egress: shown(&set.egress, to),
    }
}

/// Destination ports; of ICMP the codes, which are 0 to 255.
fn codes_or_ports<A: FamilyAddress>(set: &PacketSet<A>) -> String {
    let icmp = IntervalSet::from_intervals(vec![(1, 1), (58, 58)]);
    if set.protocol.is_subset(&icmp) && IntervalSet::range(0, 255).is_subset(&set.destination_port) {
        return notation::ANY.to_owned();
    }
    notation::ports(&set.destination_port)
}

/// The addresses shown as `any`: for the Internet every reachable address, for other zones none.
fn everyone<A: FamilyAddress>(view: &View<A>, zone: Zone) -> IntervalSet<A> {
    match zone {
        Zone::Internet => A::side(&view.address_plan.anyone()).clone(),
        _ => IntervalSet::empty(),
    }
}

/// An example packet of the sets, in the form of a probe. Addresses that the firewall translates are given as they are on the
/// wire: each pair in `wire` is the address that the rules name and the address on the wire.
pub(in crate::audit) fn witness<A: FamilyAddress>(
    view: &View<A>,
    sets: &[PacketSet<A>],
    wire: &[(A, A)],
) -> Option<(Packet, crate::packets::Packet<A>)> {
    // The largest part is used: a small one may be refused for another reason, such as a rule against spoofing. Of parts of one
    // size, one with a destination that the Internet can reach: the others receive packets only by translation.
    let reachable = globally_reachable();
    let size = |set: &&PacketSet<A>| {
        let public = set.destination.meets(A::side(&reachable));
        (set.source.count().saturating_mul(set.destination.count()), public)
    };
    let set = sets.iter().rev().filter(|set| !set.is_empty()).max_by_key(size)?;
    let mut packet = set.witness()?;
    packet.source = likely(&set.source)?;
    packet.destination = likely(&set.destination)?;
    packet.source_port = likely_port(&set.source_port, &[45000, 50000])?;
    let reply = set.source_port.only().is_some() && set.destination_port.count() > CLIENT_PORTS;
    let preferred: &[u16] = if reply { &[45000, 50000] } else { &[443, 3389, 22, 80] };
    packet.destination_port = likely_port(&set.destination_port, preferred)?;
    if packet.protocol == 1 {
        packet.source_port = likely_port(&set.source_port, &[8])?;
    }
    if set.protocol.contains(6) {
        packet.protocol = 6;
    }
    if packet.protocol == 6 && set.tcp_flags.contains(TcpFlagSet::SYN) {
        packet.tcp_flags = TcpFlagSet::SYN;
    }
    if let Some((_, on_wire)) = wire.iter().find(|(named, _)| *named == packet.destination) {
        packet.destination = *on_wire;
    }
    Some((probe(view, &packet), packet))
}

/// The packet in the form of a probe.
fn probe<A: FamilyAddress>(view: &View<A>, packet: &crate::packets::Packet<A>) -> Packet {
    let interfaces = view.judge.interfaces();
    let icmp = matches!(packet.protocol, 1 | 58);
    let ports = matches!(packet.protocol, 6 | 17 | 132 | 136);
    let small = |number: u16| u8::try_from(number).unwrap_or(u8::MAX);
    Packet {
        hook: match view.route_of(packet) {
            Route::Forward => "forward",
            Route::Input => "input",
            Route::Output => "output",
        }
        .to_owned(),
        ingress: (!interfaces.none().contains(packet.ingress)).then(|| interfaces.example(packet.ingress)),
        egress: (!interfaces.none().contains(packet.egress)).then(|| interfaces.example(packet.egress)),
        src: packet.source.to_ip().to_string(),
        dst: packet.destination.to_ip().to_string(),
        proto: notation::protocol(packet.protocol),
        sport: ports.then_some(packet.source_port),
        dport: ports.then_some(packet.destination_port),
        icmp_type: icmp.then(|| small(packet.source_port)),
        icmp_code: icmp.then(|| small(packet.destination_port)),
        tcp_flags: (packet.protocol == 6).then(|| TcpFlagSet::names(packet.tcp_flags)),
        state: if packet.state == ConnectionState::New { "new".to_owned() } else { packet.state.name().to_owned() },
    }
}

/// A host address, if there is one. The lowest address of a larger interval is skipped, since it is often the network address.
fn likely<A: FamilyAddress>(set: &IntervalSet<A>) -> Option<A> {
    let (low, high) = *set.intervals().iter().find(|(low, high)| low != high).or_else(|| set.intervals().first())?;
    Some(if low < high { low.next().unwrap_or(low) } else { low })
}

fn likely_port(set: &IntervalSet<u16>, preferred: &[u16]) -> Option<u16> {
    preferred.iter().copied().find(|port| set.contains(*port)).or_else(|| set.lowest())
}
