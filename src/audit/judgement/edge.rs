//! The addresses of the Edge as the rules of a firewall name them, each with the service it belongs to.

use crate::catalog::EdgeAddress;
use crate::deployment::Deployment;
use crate::judge::FamilyAddress;

use super::firewall::View;

/// An address of the Edge: the public one where the firewall's rules name public addresses, else the node's own.
pub(in crate::audit) struct EdgeEnd<A> {
    pub(in crate::audit) address: A,
    pub(in crate::audit) role: EdgeAddress,
    pub(in crate::audit) node: String,
}

/// All addresses of the Edge: those of the services of each node, and those of the load balancer.
pub(in crate::audit) fn edge_addresses<A: FamilyAddress>(view: &View<A>, deployment: &Deployment) -> Vec<EdgeEnd<A>> {
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
