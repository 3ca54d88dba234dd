//! A packet given by the command line or a probe file, and its verdict.

use std::net::IpAddr;
use std::str::FromStr;

use anyhow::{Context as _, anyhow, bail};
use serde::{Deserialize, Serialize};

use crate::judge::{FamilyAddress, Interfaces, Judge, Route, Trace, Verdict, tracked_state};
use crate::model::{Origin, RuleSet};
use crate::packets::{ConnectionState, Packet, TcpFlagSet};
use crate::source::sanitise;

/// One probe: the fields of a line of a probe file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Probe {
    pub(super) id: serde_json::Value,
    pub(super) hook: Option<String>,
    #[serde(rename = "in")]
    pub(super) ingress: Option<String>,
    #[serde(rename = "out")]
    pub(super) egress: Option<String>,
    pub(super) src: Option<String>,
    pub(super) dst: Option<String>,
    pub(super) proto: Option<Word>,
    pub(super) sport: Option<u16>,
    pub(super) dport: Option<u16>,
    pub(super) tcp_flags: Option<String>,
    #[serde(rename = "type")]
    pub(super) icmp_type: Option<u8>,
    pub(super) code: Option<u8>,
    pub(super) state: Option<String>,
}

/// A word or a number.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Word {
    Text(String),
    Number(u8),
}

/// The answer to a probe.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub(super) id: serde_json::Value,
    pub(super) verdict: &'static str,
    pub(super) rule: Option<String>,
    pub(super) path: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// The default ports of a probe.
const SOURCE_PORT: u16 = 45000;
const DESTINATION_PORT: u16 = 80;

/// A probe's packet and its route.
pub(super) struct Asked<A: FamilyAddress> {
    pub(super) route: Route,
    pub(super) packet: Packet<A>,
}

impl Probe {
    /// Whether it is an IPv6 packet.
    pub(super) fn is_ipv6(&self) -> anyhow::Result<bool> {
        let address = |text: &Option<String>, name: &str| -> anyhow::Result<IpAddr> {
            let text = text.as_deref().with_context(|| format!("{name} is missing"))?;
            text.parse().map_err(|_| anyhow!("{name}: {text:?} is not an address"))
        };
        let (source, destination) = (address(&self.src, "src")?, address(&self.dst, "dst")?);
        if source.is_ipv6() != destination.is_ipv6() {
            bail!("src and dst are of different families");
        }
        Ok(source.is_ipv6())
    }

    /// The packet on the axes of an export.
    pub(super) fn asked<A: FamilyAddress>(&self, interfaces: &Interfaces) -> anyhow::Result<Asked<A>> {
        let route = match self.hook.as_deref().unwrap_or("forward") {
            "forward" => Route::Forward,
            "input" => Route::Input,
            "output" => Route::Output,
            other => bail!("hook: {other:?} is not one of forward, input, output"),
        };
        let address = |text: &Option<String>, name: &str| -> anyhow::Result<A> {
            let parsed: Option<IpAddr> = text.as_deref().and_then(|text| text.parse().ok());
            parsed.and_then(A::from_ip).with_context(|| format!("{name} is not an address of the packet's family"))
        };
        let protocol = protocol(self.proto.as_ref(), A::FAMILY)?;
        let icmp = matches!(protocol, 1 | 58);
        let kind = self.icmp_type.unwrap_or(if protocol == 58 { 128 } else { 8 });
        let ports = matches!(protocol, 6 | 17 | 33 | 132 | 136);
        let state = state(self.state.as_deref().unwrap_or("new"))?;
        let flags = match &self.tcp_flags {
            Some(text) => tcp_flags(text)?,
            None if state == ConnectionState::Established => TcpFlagSet::ACK,
            None => TcpFlagSet::SYN,
        };
        let flags = if protocol == 6 { flags } else { 0 };
        let on = |name: &Option<String>, there: bool| {
            interfaces.point(if there { name.as_deref().unwrap_or("") } else { "" })
        };
        Ok(Asked {
            route,
            packet: Packet {
                protocol,
                source: address(&self.src, "src")?,
                destination: address(&self.dst, "dst")?,
                source_port: if icmp {
                    u16::from(kind)
                } else {
                    self.sport.unwrap_or(if ports { SOURCE_PORT } else { 0 })
                },
                destination_port: if icmp {
                    u16::from(self.code.unwrap_or(0))
                } else {
                    self.dport.unwrap_or(if ports { DESTINATION_PORT } else { 0 })
                },
                ingress: on(&self.ingress, route != Route::Output),
                egress: on(&self.egress, route != Route::Input),
                state: tracked_state(state, protocol, flags, kind),
                tcp_flags: flags,
                conditions: Vec::new(),
            },
        })
    }

    /// Its path and verdict.
    pub(super) fn follow<A: FamilyAddress>(&self, judge: &Judge<A>) -> anyhow::Result<Trace> {
        let asked = self.asked::<A>(judge.interfaces())?;
        Ok(judge.trace(asked.route, &asked.packet))
    }

    /// A trace as an answer. `place` gives the input and line of an origin.
    pub(super) fn answer<A: FamilyAddress>(
        &self,
        trace: &Trace,
        rules: &RuleSet,
        place: impl Fn(Origin) -> String,
    ) -> Answer {
        let name = |rule, pair| sanitise(&rules.rule_name(rule, pair, A::FAMILY, &place)).into_owned();
        let (verdict, reason) = match &trace.verdict {
            Verdict::Accept => ("accept", None),
            Verdict::Drop => ("drop", None),
            Verdict::Reject => ("reject", None),
            Verdict::Undecided(why) => ("undecided", Some(sanitise(why).into_owned())),
        };
        Answer {
            id: self.id.clone(),
            verdict,
            rule: trace.decider.map(|rule| name(rule, trace.pair)),
            path: trace.path.iter().map(|step| name(step.rule, step.pair)).collect(),
            reason,
        }
    }
}

/// A protocol by name or number; TCP where none is named.
fn protocol(word: Option<&Word>, family: crate::model::Family) -> anyhow::Result<u8> {
    let text = match word {
        None => return Ok(6),
        Some(Word::Number(number)) => return Ok(*number),
        Some(Word::Text(text)) => text.to_ascii_lowercase(),
    };
    Ok(match text.as_str() {
        "icmp" if family == crate::model::Family::Ipv6 => 58,
        "icmp" => 1,
        "tcp" => 6,
        "udp" => 17,
        "dccp" => 33,
        "gre" => 47,
        "esp" => 50,
        "ah" => 51,
        "icmpv6" | "icmp6" | "ipv6-icmp" => 58,
        "ospf" => 89,
        "sctp" => 132,
        "udplite" => 136,
        other => u8::from_str(other)
            .map_err(|_| anyhow!("proto: {other:?} is neither the name of a protocol nor a number from 0 to 255"))?,
    })
}

fn state(text: &str) -> anyhow::Result<ConnectionState> {
    ConnectionState::ALL
        .into_iter()
        .find(|state| state.name() == text.to_ascii_lowercase())
        .with_context(|| format!("state: {text:?} is not one of new, established, related, invalid, untracked"))
}

/// Flag names, comma-separated; `NONE` and `ALL` as iptables has them.
fn tcp_flags(text: &str) -> anyhow::Result<u8> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).try_fold(0, |flags, name| {
        let bit = match name.to_ascii_uppercase().as_str() {
            "FIN" => TcpFlagSet::FIN,
            "SYN" => TcpFlagSet::SYN,
            "RST" => TcpFlagSet::RST,
            "PSH" => TcpFlagSet::PSH,
            "ACK" => TcpFlagSet::ACK,
            "URG" => TcpFlagSet::URG,
            "ECE" => TcpFlagSet::ECE,
            "CWR" => TcpFlagSet::CWR,
            "NONE" => 0,
            "ALL" => 0x3f,
            _ => bail!("tcp_flags: {name:?} is not one of FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, NONE, ALL"),
        };
        Ok(flags | bit)
    })
}
