//! How severe it is that packets are permitted which no need calls for: an ordered list of which the first entry that
//! fits decides. Read from `data/excess.toml`.
//!
//! Start at [`super::excess_class`], which ranks an [`ExcessProbe`].

use serde::{Deserialize, Serialize};

use super::feature::{Feature, FeatureSet};
use super::words::{PortSpan, vocabulary};
use super::zone::Zone;
use crate::findings::Severity;

/// One entry of the ranking (docs/domain.md, "Excess, ranked"). An empty list fits anything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExcessClass {
    /// Its name, unique.
    pub name: String,
    /// The rank in docs/domain.md, 1 to 12. Entries are tried in the order of the file, not of the rank.
    pub rank: u8,
    /// The severity.
    pub severity: Severity,
    /// Zones the packet comes from.
    #[serde(default)]
    pub from: Vec<Zone>,
    /// Zones it goes to.
    #[serde(default)]
    pub to: Vec<Zone>,
    /// Protocols.
    #[serde(default)]
    pub protocols: Vec<ExcessProtocol>,
    /// Destination ports.
    #[serde(default)]
    pub ports: Vec<PortSpan>,
    /// Services whose address the Edge's end is.
    #[serde(default)]
    pub roles: Vec<EdgeAddress>,
    /// Fits only where all of these are off.
    #[serde(default)]
    pub features_off: Vec<Feature>,
    /// Fits only where this much is permitted at once.
    pub whole: Option<Whole>,
    /// Fits only where the other end is this.
    pub peers: Option<ExcessPeers>,
    /// What it is, for a heading.
    pub title: String,
    /// The risk, in one or two sentences.
    pub why: String,
}

impl ExcessClass {
    /// Whether the entry fits the packets of `probe`.
    #[must_use]
    pub fn fits(&self, probe: &ExcessProbe<'_>) -> bool {
        fits(&self.from, &probe.from)
            && fits(&self.to, &probe.to)
            && (self.protocols.is_empty() || probe.protocol.is_some_and(|protocol| self.protocols.contains(&protocol)))
            && (self.ports.is_empty()
                || probe.port.is_some_and(|port| self.ports.iter().any(|span| span.contains(port))))
            && (self.roles.is_empty() || probe.roles.iter().any(|role| self.roles.contains(role)))
            && !self.features_off.iter().any(|&feature| probe.features.has(feature))
            && (self.whole.is_none() || probe.whole)
            && match self.peers {
                None => true,
                Some(ExcessPeers::Every) => probe.every_peer,
                Some(ExcessPeers::AdminHosts) => probe.admin_hosts,
            }
    }

    /// Whether it has no conditions, and so fits all packets.
    #[must_use]
    pub fn is_unconditional(&self) -> bool {
        self.from.is_empty()
            && self.to.is_empty()
            && self.protocols.is_empty()
            && self.ports.is_empty()
            && self.roles.is_empty()
            && self.features_off.is_empty()
            && self.whole.is_none()
            && self.peers.is_none()
    }
}

fn fits<T: PartialEq>(list: &[T], word: &T) -> bool {
    list.is_empty() || list.contains(word)
}

/// Packets to rank, given by the properties that the ranking looks at.
#[derive(Debug, Clone, Copy)]
pub struct ExcessProbe<'a> {
    /// The zone they come from.
    pub from: Zone,
    /// The zone they go to.
    pub to: Zone,
    /// Their protocol; `None` for one that is neither TCP, UDP nor ICMP.
    pub protocol: Option<ExcessProtocol>,
    /// Their destination port; `None` where the protocol has none.
    pub port: Option<u16>,
    /// Services whose address the Edge's end is; several with `single_ip`.
    pub roles: &'a [EdgeAddress],
    /// The features that are on in the deployment.
    pub features: FeatureSet,
    /// Every protocol and every port is permitted between these two ends.
    pub whole: bool,
    /// The permit covers the other zone completely: the Internet, or `hosts.internal_networks`.
    pub every_peer: bool,
    /// The other end is in `hosts.admin_hosts`.
    pub admin_hosts: bool,
}

vocabulary! {
    /// The protocols that the ranking distinguishes.
    ExcessProtocol {
        /// TCP.
        Tcp = "tcp",
        /// UDP.
        Udp = "udp",
        /// ICMP and `ICMPv6`.
        Icmp = "icmp",
    }
}

impl ExcessProtocol {
    /// From an IP protocol number (IANA): 6, 17, and 1 or 58.
    #[must_use]
    pub fn of(number: u8) -> Option<Self> {
        match number {
            6 => Some(Self::Tcp),
            17 => Some(Self::Udp),
            1 | 58 => Some(Self::Icmp),
            _ => None,
        }
    }
}

vocabulary! {
    /// An address of the Edge, by the service it carries.
    EdgeAddress {
        /// Access Edge, and the XMPP proxy with it.
        Access = "access",
        /// Web Conferencing Edge.
        Webconf = "webconf",
        /// A/V Edge.
        Av = "av",
        /// The internal interface.
        Internal = "internal",
    }
}

vocabulary! {
    /// How much is permitted at once.
    Whole {
        /// Every protocol and every port.
        Any = "any",
    }
}

vocabulary! {
    /// Who the other end is.
    ExcessPeers {
        /// All of the other zone.
        Every = "every",
        /// One of `hosts.admin_hosts`.
        AdminHosts = "admin_hosts",
    }
}
