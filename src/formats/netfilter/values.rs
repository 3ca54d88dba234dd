//! Values as iptables and ipset spell them: protocols, ports and ICMP messages by number or by name.

use crate::formats::names::{self, ICMP, ICMPV6};

use super::numbers::{byte, number};

/// A protocol by number or name; names are taken in any case.
pub fn protocol(text: &str) -> Option<u8> {
    byte(text).or_else(|| names::protocol(text))
}

/// A port by number or service name.
///
/// # Errors
/// What is wrong with it.
pub fn port(text: &str) -> Result<u16, String> {
    number(text, u64::from(u16::MAX))
        .and_then(|value| u16::try_from(value).ok())
        .or_else(|| names::service(text.trim()))
        .ok_or_else(|| format!("bad port {text:?}"))
}

/// An ICMP type with its first and its last code.
pub type TypeAndCodes = (u8, u8, u8);

/// Reads the value of `--icmp-type` or `--icmpv6-type`: a name, an unambiguous abbreviation of one, `type`, `type/code` or
/// `type/code:code`.
///
/// # Errors
/// What is wrong with it.
pub fn icmp_type(text: &str, version6: bool) -> Result<TypeAndCodes, String> {
    let bad = || format!("bad ICMP type {text:?}");
    let known = if version6 { ICMPV6 } else { ICMP };
    let begins = |name: &str| name.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text));
    let mut found = known.iter().filter(|(name, ..)| !text.is_empty() && begins(name));
    if let Some((_, kind, (low, high))) = found.next() {
        let exact = known.iter().find(|(name, ..)| name.eq_ignore_ascii_case(text));
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
    fn names_and_numbers_give_the_same_value() {
        assert_eq!(protocol("TCP"), Some(6));
        assert_eq!(protocol("ipv6-icmp"), protocol("icmpv6"));
        assert_eq!(protocol("300"), None);
        assert_eq!(port("https"), Ok(443));
        assert_eq!(port("sip-tls"), Ok(5061));
        assert!(port("65536").is_err());
        assert!(port("no-such-service").is_err());
    }

    #[test]
    fn icmp_names_may_be_abbreviated_but_not_ambiguous() {
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
