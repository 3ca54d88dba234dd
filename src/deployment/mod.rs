//! The deployment file, `edgewarden.toml`: the Edge's addresses, the hosts around it, features, and firewalls.
//!
//! [`parse`] reads and validates it; every error has file, line, key and advice. Nothing here knows a firewall's syntax.
//! Start at [`Deployment`].

mod address_plan;
mod addresses;
mod allow;
mod edge;
mod error;
mod evidence;
mod file;
mod firewalls;
mod format;
mod interface;
mod lookup;
mod names;
pub mod needs;
mod placement;
mod reader;
mod validate;
mod warnings;
mod wording;

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::civil::Date;

use crate::catalog::vocabulary;

pub use crate::catalog::{Feature, FeatureSet, Ports, Product, Topology, Zone};
pub use crate::model::Family;
pub use address_plan::{AddressPlan, globally_reachable};
pub use error::DeploymentError;
pub use file::parse;
pub use format::DeclaredFormat;
pub use interface::interface_pattern;

/// A validated deployment. Every list keeps the order of the file.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
    /// The product and its version.
    pub product: Product,
    /// One of the five topologies.
    pub topology: Topology,
    /// One external address carries all services, on different ports.
    pub single_ip: bool,
    /// The families to audit.
    pub families: Vec<Family>,
    /// SIP domains.
    pub sip_domains: Vec<String>,
    /// How the rule for the media range is written.
    pub av_rule_style: AvRuleStyle,
    /// The features that are on: from `[features]`, and from the number of nodes.
    pub features: FeatureSet,
    /// The firewalls around it.
    pub firewalls: Vec<Firewall>,
    /// The Edge itself.
    pub edge: Edge,
    /// The hosts around it.
    pub hosts: Hosts,
    /// The peers on the Internet; an empty list means everyone.
    pub peers: Peers,
    /// Declared exceptions.
    pub allows: Vec<Allow>,
    /// Keys that were read but are not judged yet, for example `evidence` or `hosts.reverse_proxy`.
    pub not_evaluated: Vec<String>,
    /// Warnings, for example `xmpp` with `sfb2019`: text and line.
    pub warnings: Vec<(String, u32)>,
}

vocabulary! {
    /// How the rule for the media range is written (docs/domain.md, C09).
    AvRuleStyle {
        /// By destination ports.
        Destination = "destination",
        /// By source and destination ports.
        SourceAndDestination = "source-and-destination",
        /// Either way.
        Either = "either",
    }
}

/// One `[[firewall]]`.
#[derive(Debug, Clone)]
pub struct Firewall {
    /// Its name, unique; findings and `rule = "NAME:LINE"` refer to it.
    pub name: String,
    /// Its position relative to the Edge.
    pub role: FirewallRole,
    /// The node it runs on, with role `host`.
    pub node: Option<String>,
    /// The export's format, as the file names it.
    pub format: DeclaredFormat,
    /// The export and its companions, relative to the deployment file; empty where they are given on the command line.
    pub exports: Vec<String>,
    /// Whether its rules name real or public addresses.
    pub nat_view: NatView,
    /// Interfaces (or, for CSV, zone names) by zone.
    pub zones: Zones,
    /// Whether replies are permitted automatically; used for CSV only, whose files do not say.
    pub stateful: bool,
    /// Line of its `[[firewall]]` header.
    pub line: u32,
}

vocabulary! {
    /// A firewall's position relative to the Edge.
    FirewallRole {
        /// Between the Internet and the Edge.
        External = "external",
        /// Between the Edge and the internal network.
        Internal = "internal",
        /// Both, in one machine.
        Combined = "combined",
        /// On a node itself.
        Host = "host",
    }
}

vocabulary! {
    /// Whether a firewall's rules name real or public addresses.
    NatView {
        /// By its format.
        Auto = "auto",
        /// The addresses configured on the hosts.
        Real = "real",
        /// The public addresses.
        Mapped = "mapped",
    }
}

/// `firewall.zones`: interface names by zone; a trailing `*` or `+` matches any ending.
/// `None`: the zone was left out and gets the interfaces that no other zone lists.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Zones {
    pub internet: Option<Vec<String>>,
    pub edge_external: Option<Vec<String>>,
    pub edge_internal: Option<Vec<String>>,
    pub lan: Option<Vec<String>>,
}

/// `[edge]`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Edge {
    pub internal_fqdn: Option<String>,
    pub access_fqdn: Option<String>,
    pub webconf_fqdn: Option<String>,
    pub av_fqdn: Option<String>,
    pub external_lb: LoadBalancing,
    pub internal_lb: LoadBalancing,
    /// First and last port of the media range, first ≤ last.
    pub media_ports: (u16, u16),
    pub ports: Ports,
    /// At least one.
    pub nodes: Vec<Node>,
    pub vip: Option<Vip>,
}

vocabulary! {
    /// The kind of load balancing of an interface.
    LoadBalancing {
        /// None.
        None = "none",
        /// By DNS.
        Dns = "dns",
        /// By a hardware load balancer.
        Hlb = "hlb",
    }
}

/// One `[[edge.node]]`. With `single_ip`, `webconf` and `av` default to `access`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Node {
    pub name: String,
    pub internal: Addresses,
    pub access: Addresses,
    pub webconf: Addresses,
    pub av: Addresses,
    /// Line of its `[[edge.node]]` header.
    pub line: u32,
}

/// Addresses of one interface or service, of both families, and the public addresses they are translated to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// As configured on the host.
    pub addr: Vec<IpAddr>,
    /// The public addresses: empty, or as long as `addr` and of the same family at each index.
    pub public: Vec<IpAddr>,
}

/// `[edge.vip]`, with a hardware load balancer.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Vip {
    pub access: Vec<IpAddr>,
    pub webconf: Vec<IpAddr>,
    pub av: Vec<IpAddr>,
    /// Empty where the internal VIP is not used.
    pub internal: Vec<IpAddr>,
    pub snat: Snat,
}

/// Whether the load balancer translates the source of packets to the nodes; `None` where the file does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Snat {
    pub access: Option<bool>,
    pub webconf: Option<bool>,
    pub av: Option<bool>,
}

/// `[hosts]`. `cms` and `xmpp_gateway` have their default, `front_end`, where they are left out.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Hosts {
    pub front_end: Vec<IpNet>,
    pub front_end_vip: Vec<IpNet>,
    pub director: Vec<IpNet>,
    pub director_vip: Vec<IpNet>,
    pub cms: Vec<IpNet>,
    pub xmpp_gateway: Vec<IpNet>,
    pub sba: Vec<IpNet>,
    pub admin_hosts: Vec<IpNet>,
    pub internal_networks: Vec<IpNet>,
    pub dns_resolvers: Vec<IpNet>,
    pub crl_hosts: Vec<IpNet>,
    pub reverse_proxy: Vec<IpNet>,
}

impl Hosts {
    /// The lists of internal hosts, without `internal_networks`.
    pub(crate) fn inside(&self) -> [&Vec<IpNet>; 8] {
        [
            &self.front_end,
            &self.front_end_vip,
            &self.director,
            &self.director_vip,
            &self.cms,
            &self.xmpp_gateway,
            &self.sba,
            &self.admin_hosts,
        ]
    }
}

/// `[peers]`. An empty list means everyone.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Peers {
    pub federation: Vec<IpNet>,
    pub pic: Vec<IpNet>,
    pub live_messenger: Vec<IpNet>,
    pub xmpp: Vec<IpNet>,
    pub remote_clients: Vec<IpNet>,
}

/// One `[[allow]]`: a declared exception. Either a rule or a packet set; a field that is left out means any.
#[derive(Debug, Clone)]
pub struct Allow {
    /// `rule = "NAME:LINE"`: everything that this rule permits. The name is the input's id: the firewall's name, for
    /// further exports with `.2`, `.3` …
    pub rule: Option<(String, u32)>,
    /// The firewall it holds for; all where left out.
    pub firewall: Option<String>,
    /// Source addresses.
    pub source: Vec<IpNet>,
    /// Destination addresses.
    pub destination: Vec<IpNet>,
    /// In lower case: `tcp`, `udp`, `icmp`, `icmpv6`, `sctp`, `udplite`, `igmp`, `ipip`, `gre`, `esp`, `ah`; any other as a
    /// decimal number.
    pub protocol: Option<String>,
    /// Destination ports: first and last, first ≤ last.
    pub ports: Vec<(u16, u16)>,
    /// The reason; never empty.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<Date>,
    /// Line of its `[[allow]]` header.
    pub line: u32,
}
