//! The deployment file's own words for its types, and the questions one asks of them.
//!
//! A word is written here once: the file is read by these names and reports print them.

use super::{
    AvRuleStyle, Deployment, ExportFormat, Features, FirewallRole, LoadBalancing, NatView, Node, Product, Topology,
    Zone,
};

impl Deployment {
    /// The node of that name; not the VIP.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.edge.nodes.iter().find(|node| node.name == name)
    }

    /// The firewall of that name.
    #[must_use]
    pub fn firewall(&self, name: &str) -> Option<&super::Firewall> {
        self.firewalls.iter().find(|firewall| firewall.name == name)
    }
}

impl Product {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Lync2013, Self::Sfb2015, Self::Sfb2019];

    /// As the file has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lync2013 => "lync2013",
            Self::Sfb2015 => "sfb2015",
            Self::Sfb2019 => "sfb2019",
        }
    }
}

impl Topology {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::SingleNat, Self::SinglePublic, Self::ScaledDnslbNat, Self::ScaledDnslbPublic, Self::ScaledHlb];

    /// As the file has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SingleNat => "single-nat",
            Self::SinglePublic => "single-public",
            Self::ScaledDnslbNat => "scaled-dnslb-nat",
            Self::ScaledDnslbPublic => "scaled-dnslb-public",
            Self::ScaledHlb => "scaled-hlb",
        }
    }

    /// Whether the external addresses are translated, one to one.
    #[must_use]
    pub fn is_nat(self) -> bool {
        matches!(self, Self::SingleNat | Self::ScaledDnslbNat)
    }

    /// Whether a hardware load balancer stands before the nodes.
    #[must_use]
    pub fn is_hlb(self) -> bool {
        self == Self::ScaledHlb
    }

    /// Whether it may have more than one node.
    #[must_use]
    pub fn is_scaled(self) -> bool {
        !matches!(self, Self::SingleNat | Self::SinglePublic)
    }

    /// How both interfaces are balanced, where the file does not say.
    #[must_use]
    pub fn load_balancing(self) -> LoadBalancing {
        match self {
            Self::SingleNat | Self::SinglePublic => LoadBalancing::None,
            Self::ScaledDnslbNat | Self::ScaledDnslbPublic => LoadBalancing::Dns,
            Self::ScaledHlb => LoadBalancing::Hlb,
        }
    }
}

impl AvRuleStyle {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Destination, Self::SourceAndDestination, Self::Either];

    /// As the file has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Destination => "destination",
            Self::SourceAndDestination => "source-and-destination",
            Self::Either => "either",
        }
    }
}

impl FirewallRole {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::External, Self::Internal, Self::Combined, Self::Host];

    /// As the file has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::External => "external",
            Self::Internal => "internal",
            Self::Combined => "combined",
            Self::Host => "host",
        }
    }
}

impl ExportFormat {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Auto, Self::Iptables, Self::Nft, Self::NftJson, Self::Asa, Self::Csv];

    /// As the file has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Iptables => "iptables",
            Self::Nft => "nft",
            Self::NftJson => "nft-json",
            Self::Asa => "asa",
            Self::Csv => "csv",
        }
    }
}

impl NatView {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Real, Self::Mapped];

    /// As the file has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Real => "real",
            Self::Mapped => "mapped",
        }
    }
}

impl LoadBalancing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Dns, Self::Hlb];

    /// As the file has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Dns => "dns",
            Self::Hlb => "hlb",
        }
    }
}

impl Zone {
    /// All of them, from the Internet inwards.
    pub const ALL: [Self; 4] = [Self::Internet, Self::EdgeExternal, Self::EdgeInternal, Self::Lan];

    /// As the file has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::EdgeExternal => "edge_external",
            Self::EdgeInternal => "edge_internal",
            Self::Lan => "lan",
        }
    }
}

impl super::Zones {
    /// The interfaces of a zone; `None` where it was left out.
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

impl Features {
    /// The keys of `[features]`.
    pub const NAMES: [&str; 13] = [
        "federation",
        "hybrid",
        "push",
        "pic",
        "pic_av",
        "xmpp",
        "webconf",
        "cls",
        "cac",
        "ocs2007_partners",
        "legacy_exchange_um",
        "legacy_clients",
        "other_edge_pools",
    ];

    /// Whether the feature of that key is on; false for a key that is none.
    #[must_use]
    pub fn enabled(&self, name: &str) -> bool {
        match name {
            "federation" => self.federation,
            "hybrid" => self.hybrid,
            "push" => self.push,
            "pic" => self.pic,
            "pic_av" => self.pic_av,
            "xmpp" => self.xmpp,
            "webconf" => self.webconf,
            "cls" => self.cls,
            "cac" => self.cac,
            "ocs2007_partners" => self.ocs2007_partners,
            "legacy_exchange_um" => self.legacy_exchange_um,
            "legacy_clients" => self.legacy_clients,
            "other_edge_pools" => self.other_edge_pools,
            _ => false,
        }
    }
}
