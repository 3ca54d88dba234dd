//! How grave excess is: the ranking of the catalogue, asked about every kind of packet that gets through.

use crate::catalog::{self, EdgeAddress, ExcessClass, ExcessProbe, ExcessProtocol, FeatureSet};
use crate::deployment::{Deployment, Zone};
use crate::judge::Side;
use crate::packets::{IntervalSet, PacketSet};

use crate::audit::excess::Excess;
use crate::audit::firewall::View;

/// The gravest class that any packet of the excess falls into; of equally grave ones the first of the ranking.
pub(in crate::audit) fn class_of<A: Side>(
    view: &View<A>,
    deployment: &Deployment,
    excess: &Excess<A>,
) -> &'static ExcessClass {
    if let Some(class) = excess.class {
        return class;
    }
    let inbound = matches!(excess.to, Zone::EdgeExternal | Zone::EdgeInternal);
    let ends = edge_addresses(view, deployment);
    let features = FeatureSet::of(deployment);
    let whole = is_whole(excess);
    let mut gravest: Option<&'static ExcessClass> = None;
    for set in &excess.packets {
        let (edge, far) = if inbound { (&set.destination, &set.source) } else { (&set.source, &set.destination) };
        let far_zone = if inbound { excess.from } else { excess.to };
        let mut addresses: Vec<A> =
            ends.iter().map(|end| end.address).filter(|address| edge.contains(*address)).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let everyone = match far_zone {
            Zone::Internet => A::side(&view.territory.anyone()).clone(),
            Zone::Lan => A::side(&crate::model::Addresses::of_nets(&deployment.hosts.internal_networks)).clone(),
            zone => view.behind(zone),
        };
        let admins = A::side(&crate::model::Addresses::of_nets(&deployment.hosts.admin_hosts)).clone();
        for address in addresses {
            let roles: Vec<EdgeAddress> =
                ends.iter().filter(|end| end.address == address).map(|end| end.role).collect();
            for (protocol, port) in samples(set) {
                let class = catalog::excess_class(&ExcessProbe {
                    from: excess.from,
                    to: excess.to,
                    protocol,
                    port,
                    roles: &roles,
                    features,
                    whole,
                    every_peer: !everyone.is_empty() && everyone.is_subset(far),
                    admin_hosts: !admins.is_empty() && far.is_subset(&admins),
                });
                if gravest.is_none_or(|so_far| class.severity < so_far.severity) {
                    gravest = Some(class);
                }
            }
        }
    }
    gravest.unwrap_or_else(|| {
        catalog::excess_class(&ExcessProbe {
            from: excess.from,
            to: excess.to,
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

/// Whether nearly every protocol and port gets through: more than half of the ports of TCP and of UDP, and other protocols.
/// What a rule says counts for nothing here: an earlier rule, or a jump that leads to it, may leave it little.
fn is_whole<A: Side>(excess: &Excess<A>) -> bool {
    let ports = |protocol: u8| {
        let sets = excess.packets.iter().filter(|set| set.protocol.contains(protocol));
        sets.fold(IntervalSet::<u16>::empty(), |all, set| all.union(&set.destination_port)).count()
    };
    let most = u128::from(u16::MAX / 2);
    let others = excess.packets.iter().any(|set| set.protocol.count() > 128);
    others && ports(6) > most && ports(17) > most
}

/// A protocol and port for each way in which the ranking tells the packets of a set apart: one port in each span it names, and
/// one in none of them.
fn samples<A: Side>(set: &PacketSet<A>) -> Vec<(Option<ExcessProtocol>, Option<u16>)> {
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

/// An address of the Edge as the rules name it.
pub(in crate::audit) struct EdgeEnd<A> {
    pub(in crate::audit) address: A,
    pub(in crate::audit) role: EdgeAddress,
    pub(in crate::audit) node: String,
}

/// All of them.
pub(in crate::audit) fn edge_addresses<A: Side>(view: &View<A>, deployment: &Deployment) -> Vec<EdgeEnd<A>> {
    let mut ends = Vec::new();
    let mut add = |addresses: &[std::net::IpAddr], role, node: &str| {
        ends.extend(
            addresses
                .iter()
                .filter_map(|address| Some(EdgeEnd { address: A::from_ip(*address)?, role, node: node.to_owned() })),
        );
    };
    for node in &deployment.edge.nodes {
        for (service, role) in
            [(&node.access, EdgeAddress::Access), (&node.webconf, EdgeAddress::Webconf), (&node.av, EdgeAddress::Av)]
        {
            let mapped = view.mapped() && !service.public.is_empty();
            add(if mapped { &service.public } else { &service.addr }, role, &node.name);
        }
        add(&node.internal.addr, EdgeAddress::Internal, &node.name);
    }
    if let Some(vip) = &deployment.edge.vip {
        for (addresses, role) in [
            (&vip.access, EdgeAddress::Access),
            (&vip.webconf, EdgeAddress::Webconf),
            (&vip.av, EdgeAddress::Av),
            (&vip.internal, EdgeAddress::Internal),
        ] {
            add(addresses, role, crate::deployment::needs::VIP);
        }
    }
    ends
}
