//! The evidence of a finding: packet sets in the notation of reports, a packet to replay, and rules with their lines.

use serde::{Deserialize, Serialize};

use super::notation::ANY;

/// A rule by its place: the input's id and the line, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleRef {
    /// Id of the input, as in [`super::Input::id`].
    pub input: String,
    /// Line in that input, from 1.
    pub line: u32,
}

/// A rule that a packet passes, with its sanitised text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleEvidence {
    /// Id of the input.
    pub input: String,
    /// Line in that input, from 1.
    pub line: u32,
    /// The rule's text as the input has it, sanitised for display.
    pub text: String,
    /// What the rule does here: `permits`, `denies`, `jumps`, `undecided`, `translates`, `shadowed`, …
    pub effect: String,
}

/// One product of packet sets, each field a comma-separated list of CIDRs, ranges or `any`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrafficRow {
    /// Source addresses: CIDRs, ranges or `any`.
    pub source: String,
    /// Destination addresses: CIDRs, ranges or `any`.
    pub destination: String,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `sctp`, `udplite`, a number, a list of them, or `any`.
    pub protocol: String,
    /// Source ports (for ICMP: types), or `any`.
    pub source_ports: String,
    /// Destination ports (for ICMP: codes), or `any`.
    pub destination_ports: String,
    /// Interfaces the packet arrives on, `any`, or `none`.
    #[serde(rename = "in")]
    pub ingress: String,
    /// Interfaces the packet leaves by, `any`, or `none`.
    #[serde(rename = "out")]
    pub egress: String,
}

impl TrafficRow {
    /// The row in one line, such as `tcp from 10.0.0.1 to any port 443, in by eth1, out by eth0`.
    #[must_use]
    pub fn words(&self) -> String {
        let port = |ports: &str| if ports == ANY { String::new() } else { format!(" port {ports}") };
        let (from, to) = (port(&self.source_ports), port(&self.destination_ports));
        let protocol = if self.protocol == ANY { "any protocol" } else { self.protocol.as_str() };
        let ways = [("in", &self.ingress), ("out", &self.egress)];
        let ways = ways.into_iter().filter(|(_, interfaces)| *interfaces != ANY);
        let ways: String = ways.flat_map(|(side, interfaces)| [", ", side, " by ", interfaces]).collect();
        format!("{protocol} from {}{from} to {}{to}{ways}", self.source, self.destination)
    }
}

/// One packet, in the fields of `edgewarden trace --probes`, so that anyone can replay it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// `forward`, `input` or `output`.
    pub hook: String,
    /// Interface it arrives on; absent on `output`.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub ingress: Option<String>,
    /// Interface it leaves by; absent on `input`.
    #[serde(rename = "out", skip_serializing_if = "Option::is_none")]
    pub egress: Option<String>,
    /// Source address as the firewall receives it.
    pub src: String,
    /// Destination address as the firewall receives it.
    pub dst: String,
    /// `tcp`, `udp`, … or a number.
    pub proto: String,
    /// Source port, where the protocol has ports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sport: Option<u16>,
    /// Destination port, where the protocol has ports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dport: Option<u16>,
    /// ICMP type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub icmp_type: Option<u8>,
    /// ICMP code.
    #[serde(rename = "code", skip_serializing_if = "Option::is_none")]
    pub icmp_code: Option<u8>,
    /// TCP flags, comma-separated, for TCP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_flags: Option<String>,
    /// Connection tracking state.
    pub state: String,
}
