//! The mistakes by which a rule for a need can be misplaced, each with the packets that the mistaken rule lets through instead.

use std::net::IpAddr;

use crate::deployment::needs::Demand;
use crate::judge::{FamilyAddress, Route};
use crate::packets::{IntervalSet, PacketSet, TcpFlagSet};

use super::{Kind, Search, edge_end};

/// One mistake to look for.
pub(super) struct Attempt<A: FamilyAddress> {
    pub(super) kind: Kind,
    /// The packets that a rule with this mistake lets through, and where they are looked for.
    pub(super) packets: Vec<(SearchPlace, PacketSet<A>)>,
    /// The end of the packets that is the Edge.
    pub(super) edge: End,
    /// Whether only a rule that names the Edge's addresses counts as meant for the need. Other rules may serve anything.
    pub(super) names_edge: bool,
}

/// Where misplaced packets are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SearchPlace {
    /// On a route through the firewall.
    On(Route),
    /// In the chain with this index among those that nothing leads to.
    Unapplied(usize, Route),
}

impl SearchPlace {
    pub(super) fn route(self) -> Route {
        match self {
            Self::On(route) | Self::Unapplied(_, route) => route,
        }
    }
}

/// One of the two ends of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Source,
    Destination,
}

impl End {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Source => Self::Destination,
            Self::Destination => Self::Source,
        }
    }

    /// The packets with these addresses at this end.
    pub(super) fn with<A: FamilyAddress>(self, set: &PacketSet<A>, addresses: IntervalSet<A>) -> PacketSet<A> {
        match self {
            Self::Source => PacketSet { source: addresses, ..set.clone() },
            Self::Destination => PacketSet { destination: addresses, ..set.clone() },
        }
    }

    /// The addresses at this end.
    pub(super) fn of<A: FamilyAddress>(self, set: &PacketSet<A>) -> &IntervalSet<A> {
        match self {
            Self::Source => &set.source,
            Self::Destination => &set.destination,
        }
    }
}

/// The source ports of clients.
const CLIENTS: (u16, u16) = (1024, u16::MAX);

/// All mistakes with the packets that a need calls for, the most likely first.
pub(super) fn of<A: FamilyAddress>(search: &Search<A>, demand: &Demand, wanted: &[PacketSet<A>]) -> Vec<Attempt<A>> {
    let edge = edge_end(demand);
    let through = SearchPlace::On(search.view.route(demand.from, demand.to));
    let back = SearchPlace::On(search.view.route(demand.to, demand.from));
    let one = |kind, place, edge, misplace: &dyn Fn(&PacketSet<A>) -> PacketSet<A>| Attempt {
        kind,
        packets: wanted.iter().map(|set| (place, misplace(set))).collect(),
        edge,
        names_edge: true,
    };
    let mut attempts = vec![
        one(Kind::Reversed, back, edge.other(), &|set| swapped_interfaces(&swapped_ends(set))),
        one(Kind::Reversed, through, edge.other(), &swapped_ends),
        one(Kind::SourcePort, through, edge, &|set| PacketSet {
            source_port: set.destination_port.clone(),
            destination_port: IntervalSet::range(CLIENTS.0, CLIENTS.1),
            ..set.clone()
        }),
        one(Kind::WrongInterface, back, edge, &swapped_interfaces),
        other_interfaces(search, through, wanted, edge),
    ];
    let interfaces = search.view.judge.interfaces();
    let (none, any) = (interfaces.none(), interfaces.any());
    for (route, ingress, egress) in
        [(Route::Forward, &any, &any), (Route::Input, &any, &none), (Route::Output, &none, &any)]
    {
        if through != SearchPlace::On(route) {
            attempts.push(one(Kind::WrongInterface, SearchPlace::On(route), edge, &|set| PacketSet {
                ingress: ingress.clone(),
                egress: egress.clone(),
                ..set.clone()
            }));
        }
    }
    for index in 0..search.unapplied.len() {
        let place = SearchPlace::Unapplied(index, through.route());
        let mut attempt = one(Kind::NotApplied, place, edge, &Clone::clone);
        // The missing jump may have been the rule that names the address.
        attempt.names_edge = false;
        attempts.push(attempt);
    }
    let own: Vec<&IntervalSet<A>> = wanted.iter().map(|set| edge.of(set)).collect();
    for address in &search.edge {
        if !own.iter().any(|own| own.contains(*address)) {
            attempts.push(one(Kind::WrongAddress, through, edge, &|set| edge.with(set, IntervalSet::single(*address))));
        }
    }
    attempts.push(one(Kind::WrongTransport, through, edge, &other_transport));
    if !demand.public.is_empty() {
        attempts.push(one(Kind::NatView, through, edge, &|set| edge.with(set, beyond_translation(search, demand))));
    }
    attempts
}

/// The same packets with source and destination addresses swapped.
fn swapped_ends<A: FamilyAddress>(set: &PacketSet<A>) -> PacketSet<A> {
    PacketSet { source: set.destination.clone(), destination: set.source.clone(), ..set.clone() }
}

/// The same packets with ingress and egress interfaces swapped.
fn swapped_interfaces<A: FamilyAddress>(set: &PacketSet<A>) -> PacketSet<A> {
    PacketSet { ingress: set.egress.clone(), egress: set.ingress.clone(), ..set.clone() }
}

/// The same packets between all other pairs of interfaces.
fn other_interfaces<A: FamilyAddress>(
    search: &Search<A>,
    through: SearchPlace,
    wanted: &[PacketSet<A>],
    edge: End,
) -> Attempt<A> {
    let any = search.view.judge.interfaces().any();
    let mut packets = Vec::new();
    for set in wanted {
        let (other_in, other_out) = (any.difference(&set.ingress), any.difference(&set.egress));
        let between = |ingress: &IntervalSet<_>, egress: &IntervalSet<_>| PacketSet {
            ingress: ingress.clone(),
            egress: egress.clone(),
            ..set.clone()
        };
        packets.extend([
            between(&set.ingress, &other_out),
            between(&other_in, &set.egress),
            between(&other_in, &other_out),
        ]);
    }
    let packets = packets.into_iter().filter(|set| !set.is_empty());
    Attempt { kind: Kind::WrongInterface, packets: packets.map(|set| (through, set)).collect(), edge, names_edge: true }
}

/// The same packets over the other transport: UDP in place of TCP, TCP in place of UDP.
fn other_transport<A: FamilyAddress>(set: &PacketSet<A>) -> PacketSet<A> {
    if set.protocol.contains(6) {
        PacketSet { protocol: IntervalSet::single(17), tcp_flags: TcpFlagSet::FULL, ..set.clone() }
    } else {
        let tcp_flags = TcpFlagSet::single(TcpFlagSet::SYN);
        PacketSet { protocol: IntervalSet::single(6), tcp_flags, ..set.clone() }
    }
}

/// The Edge's addresses on the side of the translation that this firewall's rules do not name.
fn beyond_translation<A: FamilyAddress>(search: &Search<A>, demand: &Demand) -> IntervalSet<A> {
    let beyond = |pair: &(IpAddr, IpAddr)| A::from_ip(if search.view.mapped() { pair.0 } else { pair.1 });
    let addresses = demand.public.iter().filter_map(beyond);
    IntervalSet::from_intervals(addresses.map(|address| (address, address)).collect())
}
