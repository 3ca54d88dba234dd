//! The severity of excess, from the catalogue's ranking of every kind of packet that gets through.

use crate::catalog::{self, EdgeAddress, ExcessClass, ExcessProbe, ExcessProtocol};
use crate::deployment::{Deployment, Zone};
use crate::judge::FamilyAddress;
use crate::packets::{IntervalSet, PacketSet};

use crate::audit::judgement::edge::edge_addresses;
use crate::audit::judgement::excess::Excess;
use crate::audit::judgement::firewall::View;
use crate::audit::judgement::unlisted_family::UnlistedTraffic;

/// The most severe class of any packet of the excess; of classes with equal severity the first in the ranking.
pub(in crate::audit) fn class_of<A: FamilyAddress>(
    view: &View<A>,
    deployment: &Deployment,
    excess: &Excess<A>,
) -> &'static ExcessClass {
    if let Some(class) = excess.class {
        return class;
    }
    let ends = edge_addresses(view, deployment);
    let roles_at = |edge: &IntervalSet<A>| {
        let mut addresses: Vec<A> =
            ends.iter().map(|end| end.address).filter(|address| edge.contains(*address)).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let roles = |address| ends.iter().filter(move |end| end.address == address).map(|end| end.role).collect();
        addresses.into_iter().map(roles).collect()
    };
    most_severe(view, deployment, (excess.from, excess.to), &excess.packets, &roles_at)
}

/// The same for packets of a family that the deployment does not list. If the deployment gives the Edge no address of that
/// family, packets to a whole network count as open to every service of that side of the Edge.
pub(super) fn class_of_unlisted_family<A: FamilyAddress>(
    view: &View<A>,
    deployment: &Deployment,
    found: &UnlistedTraffic<A>,
) -> &'static ExcessClass {
    let excess = Excess {
        from: found.from,
        to: found.to,
        rule: None,
        class: None,
        grouped: Vec::new(),
        packets: found.packets.clone(),
        wire: Vec::new(),
        reasons: Vec::new(),
    };
    if !view.behind(found.to).is_empty() {
        return class_of(view, deployment, &excess);
    }
    let services: &[EdgeAddress] = match found.to {
        Zone::EdgeInternal => &[EdgeAddress::Internal],
        _ => &[EdgeAddress::Access, EdgeAddress::Webconf, EdgeAddress::Av],
    };
    let every = |_: &IntervalSet<A>| services.iter().map(|role| vec![*role]).collect();
    most_severe(view, deployment, (found.from, found.to), &found.packets, &every)
}

/// The most severe class of packets from one zone to another. `roles_at` returns, for each of the Edge's addresses in a set, the
/// services at that address.
fn most_severe<A: FamilyAddress>(
    view: &View<A>,
    deployment: &Deployment,
    (from, to): (Zone, Zone),
    packets: &[PacketSet<A>],
    roles_at: &dyn Fn(&IntervalSet<A>) -> Vec<Vec<EdgeAddress>>,
) -> &'static ExcessClass {
    let inbound = to.is_edge();
    let features = deployment.features;
    let whole = opens_nearly_everything(packets);
    let everyone = match if inbound { from } else { to } {
        Zone::Internet => A::side(&view.address_plan.anyone()).clone(),
        Zone::Lan => A::side(&crate::model::Addresses::of_nets(&deployment.hosts.internal_networks)).clone(),
        zone => view.behind(zone),
    };
    // The hosts and peers of needs are excluded: once their needs are subtracted, excess no longer contains them.
    let everyone = everyone.difference(&hosts::<A>(deployment));
    let admins = A::side(&crate::model::Addresses::of_nets(&deployment.hosts.admin_hosts)).clone();
    let mut most_severe: Option<&'static ExcessClass> = None;
    for set in packets {
        let (edge, far) = if inbound { (&set.destination, &set.source) } else { (&set.source, &set.destination) };
        let every_peer = if everyone.is_empty() { far.is_full() } else { everyone.is_subset(far) };
        let admin_hosts = !admins.is_empty() && far.is_subset(&admins);
        let samples = samples(set);
        for roles in roles_at(edge) {
            for (protocol, port) in &samples {
                let class = catalog::excess_class(&ExcessProbe {
                    from,
                    to,
                    protocol: *protocol,
                    port: *port,
                    roles: &roles,
                    features,
                    whole,
                    every_peer,
                    admin_hosts,
                });
                if most_severe.is_none_or(|so_far| class.severity < so_far.severity) {
                    most_severe = Some(class);
                }
            }
        }
    }
    most_severe.unwrap_or_else(|| {
        catalog::excess_class(&ExcessProbe {
            from,
            to,
            protocol: None,
            port: None,
            roles: &[],
            features,
            whole,
            every_peer: false,
            admin_hosts: false,
        })
    })
}

/// The hosts and peers that the deployment names.
fn hosts<A: FamilyAddress>(deployment: &Deployment) -> IntervalSet<A> {
    let (hosts, peers) = (&deployment.hosts, &deployment.peers);
    let beyond = [
        &hosts.dns_resolvers,
        &hosts.crl_hosts,
        &peers.federation,
        &peers.pic,
        &peers.live_messenger,
        &peers.xmpp,
        &peers.remote_clients,
    ];
    A::side(&crate::model::Addresses::of_nets(hosts.inside().into_iter().chain(beyond).flatten())).clone()
}

/// Whether nearly every protocol and port gets through: more than half of the ports of TCP and of UDP, and other protocols. The
/// packets count, not the text of the rule: earlier rules, or the jump to its chain, may leave only a part of what it matches.
fn opens_nearly_everything<A: FamilyAddress>(packets: &[PacketSet<A>]) -> bool {
    let ports = |protocol: u8| {
        let sets = packets.iter().filter(|set| set.protocol.contains(protocol));
        IntervalSet::from_intervals(sets.flat_map(|set| set.destination_port.intervals()).copied().collect()).count()
    };
    let most = u128::from(u16::MAX / 2);
    let others = packets.iter().any(|set| set.protocol.count() > 128);
    others && ports(6) > most && ports(17) > most
}

/// Sample protocols and ports of a set, one for each case that the ranking distinguishes: one port in each port range that it
/// names, and one outside all of them.
fn samples<A: FamilyAddress>(set: &PacketSet<A>) -> Vec<(Option<ExcessProtocol>, Option<u16>)> {
    let mut samples = Vec::new();
    for number in [6u8, 17] {
        if !set.protocol.contains(number) {
            continue;
        }
        let protocol = ExcessProtocol::of(number);
        let mut rest = set.destination_port.clone();
        for span in catalog::excess_classes().iter().flat_map(|class| &class.ports) {
            let span = IntervalSet::range(span.first(), span.last());
            if let Some(port) = set.destination_port.intersection(&span).lowest() {
                samples.push((protocol, Some(port)));
            }
            rest = rest.difference(&span);
        }
        samples.extend(rest.lowest().map(|port| (protocol, Some(port))));
    }
    if set.protocol.contains(1) || set.protocol.contains(58) {
        samples.push((Some(ExcessProtocol::Icmp), None));
    }
    let others = IntervalSet::from_intervals(vec![(1, 1), (6, 6), (17, 17), (58, 58)]).complement();
    if set.protocol.meets(&others) {
        samples.push((None, None));
    }
    samples
}
