//! Finding the parts of a deployment by their names.

use super::{Deployment, Firewall, LoadBalancing, Node, Topology, Zone, Zones};

impl Deployment {
    /// The node with this name; the VIP is not one.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.edge.nodes.iter().find(|node| node.name == name)
    }

    /// The firewall with this name.
    #[must_use]
    pub fn firewall(&self, name: &str) -> Option<&Firewall> {
        self.firewalls.iter().find(|firewall| firewall.name == name)
    }
}

impl LoadBalancing {
    /// The default for both interfaces.
    #[must_use]
    pub fn of(topology: Topology) -> Self {
        match topology {
            Topology::SingleNat | Topology::SinglePublic => Self::None,
            Topology::ScaledDnslbNat | Topology::ScaledDnslbPublic => Self::Dns,
            Topology::ScaledHlb => Self::Hlb,
        }
    }
}

impl Zones {
    /// The interfaces of a zone; `None` where the file leaves it out.
    #[must_use]
    pub fn of(&self, zone: Zone) -> Option<&[String]> {
        match zone {
            Zone::Internet => self.internet.as_deref(),
            Zone::EdgeExternal => self.edge_external.as_deref(),
            Zone::EdgeInternal => self.edge_internal.as_deref(),
            Zone::Lan => self.lan.as_deref(),
        }
    }
}
