//! Which zone each address belongs to, as far as the deployment file says.

use crate::model::Addresses;
use crate::packets::IntervalSet;

use super::{Deployment, Zone};

/// The addresses of each zone of a deployment.
#[derive(Debug, Clone)]
pub struct AddressPlan {
    /// The Edge's external addresses as configured on its hosts, virtual addresses included.
    pub edge_external: Addresses,
    /// Their public addresses, where they are translated.
    pub edge_public: Addresses,
    /// The Edge's internal addresses, virtual addresses included.
    pub edge_internal: Addresses,
    /// The internal networks and all named hosts except those on the Internet.
    pub lan: Addresses,
    /// All other addresses that packets are forwarded to or from.
    pub internet: Addresses,
}

impl AddressPlan {
    /// The plan of a deployment. An address in several zones counts for the Edge first, then for the LAN.
    #[must_use]
    pub fn of(deployment: &Deployment) -> Self {
        let mut external = Vec::new();
        let mut public = Vec::new();
        let mut internal = Vec::new();
        for node in &deployment.edge.nodes {
            for service in [&node.access, &node.webconf, &node.av] {
                external.extend(&service.addr);
                public.extend(&service.public);
            }
            internal.extend(&node.internal.addr);
        }
        if let Some(vip) = &deployment.edge.vip {
            external.extend(vip.access.iter().chain(&vip.webconf).chain(&vip.av));
            internal.extend(&vip.internal);
        }
        let edge_external = Addresses::of_ips(external);
        let edge_public = Addresses::of_ips(public).difference(&edge_external);
        let edge_internal = Addresses::of_ips(internal);
        let hosts = &deployment.hosts;
        let edge = edge_external.union(&edge_public).union(&edge_internal);
        let lan = Addresses::of_nets(hosts.inside().into_iter().chain([&hosts.internal_networks]).flatten())
            .difference(&edge);
        let internet = Addresses::any().difference(&edge).difference(&lan).difference(&never_forwarded());
        Self { edge_external, edge_public, edge_internal, lan, internet }
    }

    /// The addresses of a zone.
    #[must_use]
    pub fn behind(&self, zone: Zone) -> &Addresses {
        match zone {
            Zone::Internet => &self.internet,
            Zone::EdgeExternal => &self.edge_external,
            Zone::EdgeInternal => &self.edge_internal,
            Zone::Lan => &self.lan,
        }
    }

    /// What `any` on the Internet means for a need: the globally reachable unicast addresses of the Internet zone.
    #[must_use]
    pub fn anyone(&self) -> Addresses {
        self.internet.intersection(&globally_reachable())
    }
}

/// Addresses that no router forwards packets to or from: 0.0.0.0/8, 127.0.0.0/8 and the limited broadcast of IPv4 (RFC 1122
/// section 3.2.1.3; the kernel calls them martian), the unspecified and the loopback address of IPv6 (RFC 4291 section 2.5).
fn never_forwarded() -> Addresses {
    Addresses {
        ipv4: IntervalSet::from_intervals(vec![
            (0, 0x00ff_ffff),
            (0x7f00_0000, 0x7fff_ffff),
            (0xffff_ffff, 0xffff_ffff),
        ]),
        ipv6: IntervalSet::range(0, 1),
    }
}

/// IPv4 networks that are not globally reachable, by first and last address: IANA's IPv4 Special-Purpose Address Registry
/// (RFC 6890 and its updates) where "Globally Reachable" is not True, and multicast and class E (RFC 1112, RFC 5771).
const IPV4_SPECIAL: [(u32, u32); 15] = [
    (0x0000_0000, 0x00ff_ffff), // 0.0.0.0/8 this network
    (0x0a00_0000, 0x0aff_ffff), // 10.0.0.0/8 private use
    (0x6440_0000, 0x647f_ffff), // 100.64.0.0/10 shared address space
    (0x7f00_0000, 0x7fff_ffff), // 127.0.0.0/8 loopback
    (0xa9fe_0000, 0xa9fe_ffff), // 169.254.0.0/16 link local
    (0xac10_0000, 0xac1f_ffff), // 172.16.0.0/12 private use
    (0xc000_0000, 0xc000_00ff), // 192.0.0.0/24 IETF protocol assignments
    (0xc000_0200, 0xc000_02ff), // 192.0.2.0/24 documentation
    (0xc058_6300, 0xc058_63ff), // 192.88.99.0/24 deprecated 6to4 relay anycast
    (0xc0a8_0000, 0xc0a8_ffff), // 192.168.0.0/16 private use
    (0xc612_0000, 0xc613_ffff), // 198.18.0.0/15 benchmarking
    (0xc633_6400, 0xc633_64ff), // 198.51.100.0/24 documentation
    (0xcb00_7100, 0xcb00_71ff), // 203.0.113.0/24 documentation
    (0xe000_0000, 0xefff_ffff), // 224.0.0.0/4 multicast
    (0xf000_0000, 0xffff_ffff), // 240.0.0.0/4 reserved, broadcast
];

/// Of IPv6 only `2000::/3` is assigned for global unicast (IANA, RFC 4291); within it these are not globally reachable
/// (IANA's IPv6 Special-Purpose Address Registry).
const IPV6_SPECIAL: [(u128, u128); 4] = [
    (0x2001_0000 << 96, (0x2001_0200 << 96) - 1), // 2001::/23 IETF protocol assignments
    (0x2001_0db8 << 96, (0x2001_0db9 << 96) - 1), // 2001:db8::/32 documentation
    (0x2002 << 112, (0x2003 << 112) - 1),         // 2002::/16 6to4
    (0x3fff << 112, (0x3fff_1000 << 96) - 1),     // 3fff::/20 documentation
];

/// The globally reachable unicast addresses of both families.
#[must_use]
pub fn globally_reachable() -> Addresses {
    Addresses {
        ipv4: IntervalSet::from_intervals(IPV4_SPECIAL.to_vec()).complement(),
        ipv6: IntervalSet::range(0x2000 << 112, (0x4000 << 112) - 1)
            .difference(&IntervalSet::from_intervals(IPV6_SPECIAL.to_vec())),
    }
}
