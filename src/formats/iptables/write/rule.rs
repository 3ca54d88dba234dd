//! One match as the lines of rules: one rule for every combination of the options of the axes.

use crate::model::{Addresses, Family, Match, NamedSet, Unwritable};
use crate::packets::IntervalSet;

use super::addresses::{Term, terms};
use super::{cannot, fields, flag, ports, words};

/// The most lines for one match. More would not be readable.
const MOST_LINES: usize = 65_536;

/// The chain, family, target and comment of rules.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    /// The packets' family.
    pub(super) family: Family,
    /// The family that the rules name, in a file for both families.
    pub(super) named: Option<Family>,
    /// The chain's name.
    pub(super) chain: &'a str,
    /// The target with its options.
    pub(super) target: String,
    /// The comment.
    pub(super) comment: Option<&'a str>,
}

impl Line<'_> {
    /// The rules that together match the packets of a match in the line's family; none if there are no such packets.
    ///
    /// # Errors
    /// What the syntax cannot express.
    pub(super) fn of(&self, packets: &Match) -> Result<Vec<String>, Unwritable> {
        self.of_sets(packets, &[])
    }

    /// Likewise; addresses that are one of these sets are said by its name.
    ///
    /// # Errors
    /// What the syntax cannot say.
    pub(super) fn of_sets(&self, packets: &Match, sets: &[NamedSet]) -> Result<Vec<String>, Unwritable> {
        let options = options(packets, self.family, sets)?;
        Ok(options.iter().map(|options| self.with(options)).collect())
    }

    /// The rule with these options.
    pub(super) fn with(&self, options: &[String]) -> String {
        let mut words = vec!["-A", self.chain];
        words.extend(self.named.map(flag));
        words.extend(options.iter().map(String::as_str));
        let comment = self.comment.filter(|text| !text.is_empty()).map(words::comment);
        words.extend(comment.as_deref());
        words.push(&self.target);
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// The options of each rule: addresses, interfaces, protocol, ports, range of addresses, state, in the order of iptables-save.
fn options(packets: &Match, family: Family, sets: &[NamedSet]) -> Result<Vec<Vec<String>>, Unwritable> {
    if !packets.conditions.is_empty() {
        return Err(cannot("a condition whose value is not in the export"));
    }
    if !packets.tests.is_empty() {
        return Err(cannot("a test of what earlier rules did to the packet"));
    }
    let end = |end: &Addresses| match sets.iter().find(|set| set.is_end(end, family) && words::is_plain(&set.name)) {
        Some(set) => vec![Term::Set { name: set.name.clone() }],
        None if family == Family::Ipv4 => terms(&end.ipv4),
        None => terms(&end.ipv6),
    };
    let (sources, destinations) = (end(&packets.source), end(&packets.destination));
    let ends = (fields::interface(&packets.ingress, "-i")?, fields::interface(&packets.egress, "-o")?);
    let (Some(ingress), Some(egress)) = ends else { return Ok(Vec::new()) };
    if packets.state.is_empty() || packets.tcp_flags.is_empty() {
        return Ok(Vec::new());
    }
    let services = services(packets, family)?;
    let count = sources.len().saturating_mul(destinations.len()).saturating_mul(services.len());
    if count > MOST_LINES {
        return Err(cannot(format!("{count} rules for one match")));
    }
    let state = fields::states(packets.state);
    let mut lines = Vec::with_capacity(count);
    for source in &sources {
        for destination in &destinations {
            for (protocol, modules) in &services {
                let mut line: Vec<String> = source.generic("-s").into_iter().chain(destination.generic("-d")).collect();
                line.extend([ingress.clone(), egress.clone(), protocol.clone()]);
                line.extend(modules.iter().cloned());
                line.extend(range(source, destination));
                line.extend(source.set("src").into_iter().chain(destination.set("dst")));
                line.push(state.clone());
                lines.push(line);
            }
        }
    }
    Ok(lines)
}

/// `-m iprange` for the ends that need it.
fn range(source: &Term, destination: &Term) -> Option<String> {
    let ends: Vec<String> = source.range("--src-range").into_iter().chain(destination.range("--dst-range")).collect();
    (!ends.is_empty()).then(|| format!("-m iprange {}", ends.join(" ")))
}

/// Protocols with their ports, messages and flags: the option of the protocol, and the modules after it.
fn services(packets: &Match, family: Family) -> Result<Vec<(String, Vec<String>)>, Unwritable> {
    let axes = packets.source_port.is_full() && packets.destination_port.is_full();
    let no_flags = packets.tcp_flags == crate::packets::TcpFlagSet::FULL;
    if axes && no_flags {
        let protocols = fields::protocols(&packets.protocol)?;
        return Ok(protocols.into_iter().map(|protocol| (protocol, Vec::new())).collect());
    }
    if packets.source_port.is_empty() || packets.destination_port.is_empty() {
        return Ok(Vec::new());
    }
    if packets.protocol.is_full() {
        return Err(cannot("ports or flags of any protocol"));
    }
    let mut services = Vec::new();
    for number in fields::each(&packets.protocol) {
        let modules = modules(packets, number, family)?;
        services.extend(modules.into_iter().map(|modules| (format!("-p {}", fields::protocol(number)), modules)));
    }
    Ok(services)
}

/// The modules for ports, messages and flags of one protocol.
fn modules(packets: &Match, protocol: u8, family: Family) -> Result<Vec<Vec<String>>, Unwritable> {
    let axes = (&packets.source_port, &packets.destination_port);
    if protocol != 6 && packets.tcp_flags != crate::packets::TcpFlagSet::FULL {
        return Err(cannot("TCP flags of another protocol"));
    }
    let own = match protocol {
        6 => Some("tcp"),
        17 => Some("udp"),
        33 | 132 | 136 => None,
        1 | 58 => return messages(axes, protocol, family),
        0 => return Err(cannot("protocol 0, which iptables takes for any protocol")),
        _ if axes.0.is_full() && axes.1.is_full() => return Ok(vec![Vec::new()]),
        other => return Err(cannot(format!("ports of protocol {other}"))),
    };
    let flags = fields::flags(packets.tcp_flags)?;
    let sources = ports::alternatives(axes.0, 's', own);
    let destinations = ports::alternatives(axes.1, 'd', own);
    let mut all = Vec::new();
    for source in &sources {
        for destination in &destinations {
            all.push(together(&[source, destination, &flags]));
        }
    }
    Ok(all)
}

/// Options of the same module, combined after one `-m`.
fn together(options: &[&String]) -> Vec<String> {
    let mut modules: Vec<String> = Vec::new();
    for option in options.iter().filter(|option| !option.is_empty()) {
        let module = |text: &str| text.split(' ').nth(1).unwrap_or_default().to_owned();
        match modules.iter_mut().find(|known| module(known) == module(option) && module(option) != "multiport") {
            Some(known) => {
                let rest = option.splitn(3, ' ').nth(2).unwrap_or_default();
                known.push(' ');
                known.push_str(rest);
            }
            None => modules.push((*option).clone()),
        }
    }
    modules
}

/// Messages of ICMP. Each family has its own.
fn messages(
    (types, codes): (&IntervalSet<u16>, &IntervalSet<u16>),
    protocol: u8,
    family: Family,
) -> Result<Vec<Vec<String>>, Unwritable> {
    let ipv6 = protocol == 58;
    if types.is_full() && codes.is_full() {
        return Ok(vec![Vec::new()]);
    }
    if ipv6 != (family == Family::Ipv6) {
        return Err(cannot(format!("ICMP messages of the other family in {}", family.name())));
    }
    let messages = ports::messages(types, codes, ipv6)
        .ok_or_else(|| cannot("ICMP type 255, which iptables takes for any type"))?;
    Ok(messages.into_iter().map(|message| together(&[&message])).collect())
}
