//! The products and topologies of the documents.

use super::words::vocabulary;

vocabulary! {
    /// The product, as `deployment.product` names it.
    Product {
        /// Lync Server 2013.
        Lync2013 = "lync2013",
        /// Skype for Business Server 2015.
        Sfb2015 = "sfb2015",
        /// Skype for Business Server 2019.
        Sfb2019 = "sfb2019",
    }
}

vocabulary! {
    /// The topology, as `deployment.topology` names it.
    Topology {
        /// One Edge behind one-to-one NAT.
        SingleNat = "single-nat",
        /// One Edge with public addresses.
        SinglePublic = "single-public",
        /// A pool balanced by DNS behind one-to-one NAT.
        ScaledDnslbNat = "scaled-dnslb-nat",
        /// A pool balanced by DNS with public addresses.
        ScaledDnslbPublic = "scaled-dnslb-public",
        /// A pool behind a hardware load balancer, with public addresses.
        ScaledHlb = "scaled-hlb",
    }
}

impl Topology {
    /// Whether the external addresses are translated, one to one.
    #[must_use]
    pub fn is_nat(self) -> bool {
        matches!(self, Self::SingleNat | Self::ScaledDnslbNat)
    }

    /// Whether a hardware load balancer is in front of the nodes.
    #[must_use]
    pub fn is_hlb(self) -> bool {
        self == Self::ScaledHlb
    }

    /// Whether it may have more than one node.
    #[must_use]
    pub fn is_scaled(self) -> bool {
        !matches!(self, Self::SingleNat | Self::SinglePublic)
    }
}
