//! A need as the catalogue defines it, before any deployment gives it addresses. Read from `data/needs.toml`.
//!
//! Start at [`NeedDefinition::call`]: whether and how strongly a product with its features calls for the need.

use serde::{Deserialize, Serialize};

use super::feature::{Feature, FeatureSet};
use super::ports::Ports;
use super::product::Product;
use super::words::{Direction, Interface, PortSpan, Requirement, Role, Transport, vocabulary};
use crate::findings::Severity;

/// One of the 28 needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NeedDefinition {
    /// For example `external.av.udp-3478.in`; the same where the deployment moves the port.
    pub id: String,
    /// The side of the Edge.
    pub interface: Interface,
    /// The Edge service.
    pub role: Role,
    /// The transport.
    pub transport: Transport,
    /// The direction in which connections open.
    pub direction: Direction,
    /// Where the destination port comes from.
    pub port: PortSource,
    /// The destination port or ports by default, as the id has them.
    pub ports: PortSpan,
    /// The other end of the connection.
    pub peer: Peer,
    /// The severity when missing, unless a clause has its own.
    pub severity: Severity,
    /// What it is for, in one sentence.
    pub purpose: String,
    /// What users see when it is missing, in one sentence.
    pub when_missing: String,
    /// When it is called for: the first clause that holds decides.
    pub called_for: Vec<CalledFor>,
}

impl NeedDefinition {
    /// How strongly `product` with `features` calls for the need; `None` where it is not applicable.
    #[must_use]
    pub fn call(&self, product: Product, features: FeatureSet) -> Option<Call> {
        self.called_for
            .iter()
            .find(|clause| clause.holds(product, features))
            .map(|clause| Call { requirement: clause.requirement, severity: clause.severity.unwrap_or(self.severity) })
    }

    /// The destination ports in a deployment with these ports and this media range (first and last).
    #[must_use]
    pub fn ports_in(&self, ports: &Ports, media_ports: (u16, u16)) -> PortSpan {
        match self.port {
            PortSource::Access => PortSpan::single(ports.access),
            PortSource::Federation => PortSpan::single(ports.federation),
            PortSource::Webconf => PortSpan::single(ports.webconf),
            PortSource::AvTcp => PortSpan::single(ports.av_tcp),
            PortSource::AvUdp => PortSpan::single(ports.av_udp),
            PortSource::Media => PortSpan::new(media_ports.0, media_ports.1).unwrap_or(self.ports),
            PortSource::Fixed(port) => PortSpan::single(port),
        }
    }
}

/// How strongly a deployment calls for a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// How binding it is.
    pub requirement: Requirement,
    /// The severity when missing.
    pub severity: Severity,
}

/// A clause of [`NeedDefinition::called_for`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CalledFor {
    /// The products it holds for; empty: all.
    #[serde(default)]
    pub products: Vec<Product>,
    /// The condition.
    pub when: When,
    /// How binding the need is then.
    pub requirement: Requirement,
    /// The severity when missing, in place of the need's own.
    pub severity: Option<Severity>,
}

impl CalledFor {
    /// Whether the clause holds for `product` with `features`.
    #[must_use]
    pub fn holds(&self, product: Product, features: FeatureSet) -> bool {
        (self.products.is_empty() || self.products.contains(&product))
            && match &self.when {
                When::Always(_) => true,
                When::AnyOf(any_of) => features.has_any(any_of),
            }
    }
}

/// The condition of a clause.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum When {
    /// `"always"`.
    Always(Always),
    /// One of these features is on.
    AnyOf(Vec<Feature>),
}

vocabulary! {
    /// The word `always`.
    Always {
        /// Whatever the features.
        Always = "always",
    }
}

/// Where a need's destination port comes from. Inbound, the Edge listens on it and the deployment file sets it; outbound, the
/// peer does, and only the media range is set by the deployment file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PortSource {
    /// `edge.ports.access`.
    Access,
    /// `edge.ports.federation`.
    Federation,
    /// `edge.ports.webconf`.
    Webconf,
    /// `edge.ports.av_tcp`.
    AvTcp,
    /// `edge.ports.av_udp`.
    AvUdp,
    /// `edge.media_ports`.
    Media,
    /// The same in every deployment.
    Fixed(u16),
}

vocabulary! {
    /// The other end of a need (docs/domain.md, "Needs").
    Peer {
        /// `peers.remote_clients`, else the Internet.
        RemoteClients = "remote_clients",
        /// `peers.federation` ∪ `peers.pic`, else the Internet.
        Federation = "federation",
        /// `hosts.crl_hosts`, else the Internet.
        CrlHosts = "crl_hosts",
        /// `hosts.dns_resolvers`, else the Internet.
        DnsResolvers = "dns_resolvers",
        /// `peers.xmpp`, else the Internet.
        XmppPeers = "xmpp_peers",
        /// The Internet.
        Internet = "internet",
        /// `hosts.director` ∪ `hosts.front_end`, with their VIPs.
        SipServers = "sip_servers",
        /// Every member of `hosts.front_end`.
        FrontEnd = "front_end",
        /// `hosts.front_end`, its VIP, and `hosts.sba`.
        MediaAuth = "media_auth",
        /// `hosts.internal_networks` ∪ `hosts.front_end` ∪ `hosts.sba`.
        InternalClients = "internal_clients",
        /// `hosts.cms`.
        Cms = "cms",
        /// `hosts.xmpp_gateway`.
        XmppGateway = "xmpp_gateway",
        /// `hosts.admin_hosts`, else `hosts.front_end`.
        LoggingHosts = "logging_hosts",
    }
}
