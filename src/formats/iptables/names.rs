//! Names that stand for numbers: protocols, services, ICMP types and codes, as iptables knows them.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::numbers::{byte, number};

static PROTOCOLS: LazyLock<FxHashMap<&str, u16>> = LazyLock::new(|| table(include_str!("data/protocols.tsv")));
static SERVICES: LazyLock<FxHashMap<&str, u16>> = LazyLock::new(|| table(include_str!("data/services.tsv")));

/// Rows of a name, a tab, a number; the first of a name holds.
fn table(rows: &'static str) -> FxHashMap<&'static str, u16> {
    let mut names = FxHashMap::default();
    for (name, value) in rows.lines().filter_map(|row| row.split_once('\t')) {
        if let Ok(value) = value.parse() {
            names.entry(name).or_insert(value);
        }
    }
    names
}

/// A protocol by number or name; names are taken in any case.
pub fn protocol(text: &str) -> Option<u8> {
    byte(text).or_else(|| u8::try_from(*PROTOCOLS.get(text.to_ascii_lowercase().as_str())?).ok())
}

/// A port by number or service name.
///
/// # Errors
/// What is wrong with it.
pub fn port(text: &str) -> Result<u16, String> {
    number(text, u64::from(u16::MAX))
        .and_then(|value| u16::try_from(value).ok())
        .or_else(|| SERVICES.get(text.trim()).copied())
        .ok_or_else(|| format!("bad port {text:?}"))
}

/// An ICMP type with the codes that are meant: from the first to the last.
pub type TypeAndCodes = (u8, u8, u8);

/// Every code of a type.
const ALL: (u8, u8) = (0, 255);

/// One code.
const fn only(code: u8) -> (u8, u8) {
    (code, code)
}

/// A name, its type, its codes.
type Named = (&'static str, u8, (u8, u8));

/// `iptables -p icmp -h` (`extensions/libxt_icmp.h`). Type 255 is any.
const ICMP: &[Named] = &[
    ("any", 255, ALL),
    ("echo-reply", 0, ALL),
    ("pong", 0, ALL),
    ("destination-unreachable", 3, ALL),
    ("network-unreachable", 3, only(0)),
    ("host-unreachable", 3, only(1)),
    ("protocol-unreachable", 3, only(2)),
    ("port-unreachable", 3, only(3)),
    ("fragmentation-needed", 3, only(4)),
    ("source-route-failed", 3, only(5)),
    ("network-unknown", 3, only(6)),
    ("host-unknown", 3, only(7)),
    ("network-prohibited", 3, only(9)),
    ("host-prohibited", 3, only(10)),
    ("TOS-network-unreachable", 3, only(11)),
    ("TOS-host-unreachable", 3, only(12)),
    ("communication-prohibited", 3, only(13)),
    ("host-precedence-violation", 3, only(14)),
    ("precedence-cutoff", 3, only(15)),
    ("source-quench", 4, ALL),
    ("redirect", 5, ALL),
    ("network-redirect", 5, only(0)),
    ("host-redirect", 5, only(1)),
    ("TOS-network-redirect", 5, only(2)),
    ("TOS-host-redirect", 5, only(3)),
    ("echo-request", 8, ALL),
    ("ping", 8, ALL),
    ("router-advertisement", 9, ALL),
    ("router-solicitation", 10, ALL),
    ("time-exceeded", 11, ALL),
    ("ttl-exceeded", 11, ALL),
    ("ttl-zero-during-transit", 11, only(0)),
    ("ttl-zero-during-reassembly", 11, only(1)),
    ("parameter-problem", 12, ALL),
    ("ip-header-bad", 12, only(0)),
    ("required-option-missing", 12, only(1)),
    ("timestamp-request", 13, ALL),
    ("timestamp-reply", 14, ALL),
    ("address-mask-request", 17, ALL),
    ("address-mask-reply", 18, ALL),
];

/// `ip6tables -p icmpv6 -h` (`extensions/libxt_icmp.h`). There is no "any", and 255 is type 255.
const ICMPV6: &[Named] = &[
    ("destination-unreachable", 1, ALL),
    ("no-route", 1, only(0)),
    ("communication-prohibited", 1, only(1)),
    ("beyond-scope", 1, only(2)),
    ("address-unreachable", 1, only(3)),
    ("port-unreachable", 1, only(4)),
    ("failed-policy", 1, only(5)),
    ("reject-route", 1, only(6)),
    ("packet-too-big", 2, ALL),
    ("time-exceeded", 3, ALL),
    ("ttl-exceeded", 3, ALL),
    ("ttl-zero-during-transit", 3, only(0)),
    ("ttl-zero-during-reassembly", 3, only(1)),
    ("parameter-problem", 4, ALL),
    ("bad-header", 4, only(0)),
    ("unknown-header-type", 4, only(1)),
    ("unknown-option", 4, only(2)),
    ("echo-request", 128, ALL),
    ("ping", 128, ALL),
    ("echo-reply", 129, ALL),
    ("pong", 129, ALL),
    ("mld-listener-query", 130, ALL),
    ("mld-listener-report", 131, ALL),
    ("mld-listener-done", 132, ALL),
    ("mld-listener-reduction", 132, ALL),
    ("router-solicitation", 133, ALL),
    ("router-advertisement", 134, ALL),
    ("neighbour-solicitation", 135, ALL),
    ("neighbor-solicitation", 135, ALL),
    ("neighbour-advertisement", 136, ALL),
    ("neighbor-advertisement", 136, ALL),
    ("redirect", 137, ALL),
];

/// What `--icmp-type` (or `--icmpv6-type`) takes: a name or an unambiguous beginning of one, `type`, `type/code`,
/// `type/code:code`.
///
/// # Errors
/// What is wrong with it.
pub fn icmp_type(text: &str, version6: bool) -> Result<TypeAndCodes, String> {
    let bad = || format!("bad ICMP type {text:?}");
    let names = if version6 { ICMPV6 } else { ICMP };
    let begins = |name: &str| name.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text));
    let mut found = names.iter().filter(|(name, ..)| !text.is_empty() && begins(name));
    if let Some((_, kind, (low, high))) = found.next() {
        let exact = names.iter().find(|(name, ..)| name.eq_ignore_ascii_case(text));
        return match exact {
            Some((_, kind, (low, high))) => Ok((*kind, *low, *high)),
            None if found.next().is_none() => Ok((*kind, *low, *high)),
            None => Err(format!("ambiguous ICMP type {text:?}")),
        };
    }
    match text.split_once('/') {
        None => byte(text).map(|kind| (kind, 0, 255)).ok_or_else(bad),
        Some((kind, code)) => {
            let (low, high) = code.split_once(':').unwrap_or((code, code));
            let (kind, (low, high)) = byte(kind).zip(byte(low).zip(byte(high))).ok_or_else(bad)?;
            Ok((kind, low, high))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_come_to_the_same() {
        assert_eq!(protocol("TCP"), Some(6));
        assert_eq!(protocol("ipv6-icmp"), protocol("icmpv6"));
        assert_eq!(protocol("300"), None);
        assert_eq!(port("https"), Ok(443));
        assert_eq!(port("sip-tls"), Ok(5061));
        assert!(port("65536").is_err());
        assert!(port("no-such-service").is_err());
    }

    #[test]
    fn icmp_names_may_be_cut_short_but_not_ambiguous() {
        assert_eq!(icmp_type("ping", false), Ok((8, 0, 255)));
        assert_eq!(icmp_type("echo-req", false), Ok((8, 0, 255)));
        assert!(icmp_type("ech", false).is_err());
        assert_eq!(icmp_type("host-unreachable", false), Ok((3, 1, 1)));
        assert_eq!(icmp_type("8/0", false), Ok((8, 0, 0)));
        assert_eq!(icmp_type("neighbour-solicitation", true), Ok((135, 0, 255)));
        assert!(icmp_type("256", false).is_err());
        assert_eq!(icmp_type("3/0:4", false), Ok((3, 0, 4)));
        assert!(icmp_type("8/", false).is_err());
    }
}
