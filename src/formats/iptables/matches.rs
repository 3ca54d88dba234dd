//! The match extensions that are understood exactly, one function for each; `-m conntrack` has its own file.
//!
//! Each function returns the alternatives that the extension matches. An invalid value is an error: the extension is left out and
//! the rule becomes uncertain. A reversed range matches nothing, and the ledger reports it.

use crate::model::{Addresses, Match};
use crate::packets::{IntervalSet, TcpFlagSet};

use super::addresses::{address, between};
use super::context::{Context, both, of_protocol, words_of};
use super::statement::{Given, Module};
use super::volatility::Volatility;
use crate::formats::netfilter::values;

type Alternatives = Result<Vec<Match>, String>;

/// `-m comment`: has no effect on packets.
#[allow(clippy::unnecessary_wraps)] // all have one signature, for the table
pub fn comment(context: &mut Context<'_>, module: &Module<'_>, _: Option<u8>) -> Alternatives {
    if let Some(given) = module.options.last() {
        context.comment = Some(given.value().to_owned());
    }
    Ok(vec![Match::any()])
}

/// `-m rt`, `frag`, `hbh`, `dst`, `srh`: require an extension header that packets here do not have, and match no packet without
/// it, negated or not (kernel `net/ipv6/netfilter/ip6t_rt.c` and its siblings).
#[allow(clippy::unnecessary_wraps)] // all have one signature, for the table
pub fn extension_header(_: &mut Context<'_>, _: &Module<'_>, _: Option<u8>) -> Alternatives {
    Ok(Vec::new())
}

/// `-m nfacct`: counts, and matches.
#[allow(clippy::unnecessary_wraps)] // all have one signature, for the table
pub fn nfacct(_: &mut Context<'_>, _: &Module<'_>, _: Option<u8>) -> Alternatives {
    Ok(vec![Match::any()])
}

/// `-m recent`: `--set` always matches (kernel `net/netfilter/xt_recent.c`); the other options use a list that rules change.
#[allow(clippy::unnecessary_wraps)] // all have one signature, for the table
pub fn recent(context: &mut Context<'_>, module: &Module<'_>, _: Option<u8>) -> Alternatives {
    let asks = |given: &&Given<'_>| matches!(given.name, "rcheck" | "update" | "remove");
    match module.options.iter().find(|given| given.name == "set") {
        Some(set) if !module.options.iter().any(|given| asks(&given)) => {
            Ok(if set.negated { Vec::new() } else { vec![Match::any()] })
        }
        _ => Ok(vec![context.extension(module, Volatility::Volatile)]),
    }
}

/// `-m tcp`: ports, flags (`libxt_tcp`).
pub fn tcp(context: &mut Context<'_>, module: &Module<'_>, protocol: Option<u8>) -> Alternatives {
    transport(context, module, protocol, 6)
}

/// `-m udp`: ports.
pub fn udp(context: &mut Context<'_>, module: &Module<'_>, protocol: Option<u8>) -> Alternatives {
    transport(context, module, protocol, 17)
}

/// UDP-Lite: ports.
pub fn udplite(context: &mut Context<'_>, module: &Module<'_>, protocol: Option<u8>) -> Alternatives {
    transport(context, module, protocol, 136)
}

/// `-m sctp`: ports; chunk types are a condition.
pub fn sctp(context: &mut Context<'_>, module: &Module<'_>, protocol: Option<u8>) -> Alternatives {
    transport(context, module, protocol, 132)
}

/// `-m dccp`: ports; packet types and options are conditions.
pub fn dccp(context: &mut Context<'_>, module: &Module<'_>, protocol: Option<u8>) -> Alternatives {
    transport(context, module, protocol, 33)
}

/// A transport protocol with ports.
fn transport(context: &mut Context<'_>, module: &Module<'_>, protocol: Option<u8>, own: u8) -> Alternatives {
    let mut product = of_protocol(own);
    if protocol.is_none() {
        if let Some(given) = module.options.first() {
            return Err(format!("--{} needs -p {}", given.name, module.name));
        }
        // iptables accepts it but the kernel does not: no such rule is ever loaded.
        let text = format!("-m {} without -p", module.name);
        return Ok(vec![product.intersection(&context.when(&text, true, true))]);
    }
    for given in &module.options {
        let narrower = match given.name {
            "source-port" => Match { source_port: signed(given, ports(context, given.value())?), ..Match::any() },
            "destination-port" => {
                Match { destination_port: signed(given, ports(context, given.value())?), ..Match::any() }
            }
            "tcp-flags" => {
                let (mask, value) =
                    (tcp_flags(given.value())?, tcp_flags(given.values.get(1).copied().unwrap_or_default())?);
                flags(given, mask, value)
            }
            "syn" => {
                flags(given, TcpFlagSet::SYN | TcpFlagSet::RST | TcpFlagSet::ACK | TcpFlagSet::FIN, TcpFlagSet::SYN)
            }
            _ => context.when(&words_of(module.name, [given], false), !given.negated, false),
        };
        product = product.intersection(&narrower);
    }
    Ok(vec![product])
}

/// A set, or its complement where the option is negated.
fn signed(given: &Given<'_>, set: IntervalSet<u16>) -> IntervalSet<u16> {
    if given.negated { set.complement() } else { set }
}

/// Reads `port`, `port:port`, `port:` or `:port`.
fn ports(context: &mut Context<'_>, text: &str) -> Result<IntervalSet<u16>, String> {
    let Some((low, high)) = text.split_once(':') else { return values::port(text).map(IntervalSet::single) };
    let low = if low.is_empty() { 0 } else { values::port(low)? };
    let high = if high.is_empty() { u16::MAX } else { values::port(high)? };
    if low > high {
        context.remark(format!("the port range {text} is reversed and never matches"));
    }
    Ok(IntervalSet::range(low, high))
}

/// A list of flag names as a byte.
fn tcp_flags(text: &str) -> Result<u8, String> {
    text.split(',').try_fold(0, |byte, name| {
        Ok(byte
            | match name.to_ascii_uppercase().as_str() {
                "FIN" => TcpFlagSet::FIN,
                "SYN" => TcpFlagSet::SYN,
                "RST" => TcpFlagSet::RST,
                "PSH" => TcpFlagSet::PSH,
                "ACK" => TcpFlagSet::ACK,
                "URG" => TcpFlagSet::URG,
                "ALL" => 0x3f,
                "NONE" => 0,
                _ => return Err(format!("bad TCP flag {name:?}")),
            })
    })
}

/// The flag bytes that have this value under the mask. If the value has a bit outside the mask, nothing matches.
fn flags(given: &Given<'_>, mask: u8, value: u8) -> Match {
    let set = if value & !mask == 0 { TcpFlagSet::masked(mask, value) } else { TcpFlagSet::EMPTY };
    Match { tcp_flags: if given.negated { set.complement() } else { set }, ..Match::any() }
}

/// `-m multiport`: up to 15 ports, a range counting as two.
pub fn multiport(context: &mut Context<'_>, module: &Module<'_>, protocol: Option<u8>) -> Alternatives {
    if !matches!(protocol, Some(6 | 17 | 33 | 132 | 136)) {
        return Err("multiport needs -p tcp, udp, udplite, sctp or dccp".to_owned());
    }
    if module.options.is_empty() {
        return Err("multiport without ports".to_owned());
    }
    let mut alternatives = vec![Match::any()];
    for given in &module.options {
        let set = signed(given, port_list(context, given.value())?);
        let source = Match { source_port: set.clone(), ..Match::any() };
        let destination = Match { destination_port: set, ..Match::any() };
        let these = match (given.name, given.negated) {
            ("source-ports", _) => vec![source],
            ("destination-ports", _) => vec![destination],
            // Either of them; negated, neither.
            (_, false) => vec![source, destination],
            (_, true) => vec![source.intersection(&destination)],
        };
        alternatives = both(&alternatives, &these).ok_or("too many alternatives")?;
    }
    Ok(alternatives)
}

/// Reads `port,port:port,…`.
fn port_list(context: &mut Context<'_>, text: &str) -> Result<IntervalSet<u16>, String> {
    let mut intervals = Vec::new();
    let mut count = 0;
    for part in text.split(',') {
        count += if part.contains(':') { 2 } else { 1 };
        intervals.extend(ports(context, part)?.intervals());
    }
    if count > 15 {
        return Err("too many ports for one multiport".to_owned());
    }
    Ok(IntervalSet::from_intervals(intervals))
}

/// `-m icmp --icmp-type`: type 255 is any.
pub fn icmp(_: &mut Context<'_>, module: &Module<'_>, protocol: Option<u8>) -> Alternatives {
    message(module, protocol, 1)
}

/// `-m icmp6 --icmpv6-type`.
pub fn icmp6(_: &mut Context<'_>, module: &Module<'_>, protocol: Option<u8>) -> Alternatives {
    message(module, protocol, 58)
}

/// ICMP types and codes, which use the axes of the ports.
fn message(module: &Module<'_>, protocol: Option<u8>, own: u8) -> Alternatives {
    if protocol.is_none() {
        return Err(format!("-m {} needs -p {}", module.name, if own == 1 { "icmp" } else { "icmpv6" }));
    }
    let mut alternatives = vec![of_protocol(own)];
    for given in &module.options {
        let (kind, low, high) = values::icmp_type(given.value(), own == 58)?;
        let any = own == 1 && kind == 255;
        let kinds = if any { IntervalSet::full() } else { IntervalSet::single(u16::from(kind)) };
        // A code has one byte: all codes together are every value of the axis.
        let all = any || (low, high) == (0, 255);
        let codes = if all { IntervalSet::full() } else { IntervalSet::range(u16::from(low), u16::from(high)) };
        let these = if given.negated {
            vec![
                Match { source_port: kinds.complement(), ..Match::any() },
                Match { source_port: kinds, destination_port: codes.complement(), ..Match::any() },
            ]
        } else {
            vec![Match { source_port: kinds, destination_port: codes, ..Match::any() }]
        };
        alternatives = both(&alternatives, &these).ok_or("too many alternatives")?;
    }
    Ok(alternatives)
}

/// `-m iprange`: addresses from one to another.
pub fn iprange(context: &mut Context<'_>, module: &Module<'_>, _: Option<u8>) -> Alternatives {
    if module.options.is_empty() {
        return Err("iprange without a range".to_owned());
    }
    let mut product = Match::any();
    for given in &module.options {
        let text = given.value();
        let (low, high) = text.split_once('-').unwrap_or((text, text));
        let bad = || format!("bad address range {text:?}");
        let (low, high) = address(low).zip(address(high)).ok_or_else(bad)?;
        context.families_named.note(low);
        let range = between(low, high).ok_or_else(bad)?;
        if range.is_empty() {
            context.remark(format!("the address range {text} is reversed and never matches"));
        }
        let any = super::addresses::of_family(low.is_ipv4());
        let range: Addresses = if given.negated { any.difference(&range) } else { range };
        product = product.intersection(&match given.name {
            "src-range" => Match { source: range, ..Match::any() },
            _ => Match { destination: range, ..Match::any() },
        });
    }
    Ok(vec![product])
}
