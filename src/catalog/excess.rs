//! What permitted-but-not-needed packets mean: a ranked list, first hit decides. Read from `data/excess.toml`.
//!
//! Start at [`super::excess_class`]; [`ExcessProbe`] is what it is asked about.

use serde::{Deserialize, Serialize};

use super::feature::{Feature, FeatureSet};
use super::words::{PortSpan, vocabulary};
use super::zone::Zone;
use crate::findings::Severity;

/// One entry of the ranking (EDGE.md section 5, "Excess rules, ranked"). An empty list fits anything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExcessClass {
    /// A word for it, unique.
    pub name: String,
    /// The rank of EDGE.md section 5, 1 to 12; not the order of trial.
    pub rank: u8,
    /// How bad it is.
    pub severity: Severity,
    /// The zone the packet comes from.
    #[serde(default)]
    pub from: Vec<Zone>,
    /// The zone it goes to.
    #[serde(default)]
    pub to: Vec<Zone>,
    /// Its protocol.
    #[serde(default)]
    pub protocols: Vec<ExcessProtocol>,
    /// Its destination ports.
    #[serde(default)]
    pub ports: Vec<PortSpan>,
    /// Whose address the Edge's end is.
    #[serde(default)]
    pub roles: Vec<EdgeAddress>,
    /// Fits only where all of these are off.
    #[serde(default)]
    pub features_off: Vec<Feature>,
    /// Fits only where so much is permitted at once.
    pub whole: Option<Whole>,
    /// Fits only where the other end is so.
    pub peers: Option<ExcessPeers>,
    /// What it is, in a few words.
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

    /// Whether it has no condition, and so fits everything.
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

/// Packets to be ranked: alike in everything that the ranking looks at.
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
    /// Whose address the Edge's end is; several with `single_ip`.
    pub roles: &'a [EdgeAddress],
    /// What is on in the deployment.
    pub features: FeatureSet,
    /// Every protocol and every port is permitted between these two ends.
    pub whole: bool,
    /// All of the other zone is permitted: of the Internet, or of `hosts.internal_networks`.
    pub every_peer: bool,
    /// The other end is in `hosts.admin_hosts`.
    pub admin_hosts: bool,
}

vocabulary! {
    /// A protocol, as far as the ranking tells them apart.
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
    /// By IP protocol number (IANA): 6, 17, and 1 or 58.
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
    /// An address of the Edge, by what it serves.
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
