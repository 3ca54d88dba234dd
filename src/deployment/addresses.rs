//! Reads addresses, networks and port ranges of the deployment file, and tells public addresses from private ones.
//!
//! Nothing is guessed: a network with host bits, a mapped address or a reversed range is refused, with the correct spelling.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use toml::de::DeValue;

use super::error::DeploymentError;
use super::reader::{Section, Value};
use super::wording;

/// A list of host addresses of either family; empty where the key is missing.
pub(super) fn hosts(section: &Section<'_, '_>, name: &str) -> Result<Vec<IpAddr>, DeploymentError> {
    let Some(value) = section.get(name) else { return Ok(Vec::new()) };
    value.list("addresses in quotes")?.iter().map(host).collect()
}

/// A list of networks; a single address is a network of one. Empty where the key is missing.
pub(super) fn networks(section: &Section<'_, '_>, name: &str) -> Result<Vec<IpNet>, DeploymentError> {
    let Some(value) = section.get(name) else { return Ok(Vec::new()) };
    value.list("addresses or networks in quotes")?.iter().map(network).collect()
}

/// One address that a host can have and a firewall can forward to.
fn host(value: &Value<'_, '_>) -> Result<IpAddr, DeploymentError> {
    let text = value.string()?;
    let Ok(address) = text.parse::<IpAddr>() else {
        let advice = if text.parse::<IpNet>().is_ok() {
            "name each address by itself, without a prefix length"
        } else {
            "write an IPv4 or IPv6 address such as \"192.0.2.10\""
        };
        return Err(value.refuse(&format!("{} is not an address", wording::quoted(text)), advice));
    };
    unmapped(value, address)?;
    match unusable(address) {
        Some(why) => Err(value.refuse(&format!("{address} is {why}"), "use an address that a host can have")),
        None => Ok(address),
    }
}

/// One network in prefix notation, or one address.
pub(super) fn network(value: &Value<'_, '_>) -> Result<IpNet, DeploymentError> {
    let text = value.string()?;
    let parsed = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let Ok(network) = parsed else {
        let advice = if text.eq_ignore_ascii_case("any") {
            "for any address leave the list empty, or write \"0.0.0.0/0\" and \"::/0\""
        } else {
            "write an address or a network such as \"192.0.2.10\" or \"192.0.2.0/24\""
        };
        return Err(value.refuse(&format!("{} is not an address or network", wording::quoted(text)), advice));
    };
    unmapped(value, network.addr())?;
    if network.trunc() == network {
        Ok(network)
    } else {
        let advice =
            format!("write \"{}\" for the network, or \"{}\" for the address", network.trunc(), network.addr());
        Err(value.refuse(&format!("{network} has bits set beyond its prefix"), &advice))
    }
}

/// Refuses `::ffff:a.b.c.d`: it never appears in packets.
fn unmapped(value: &Value<'_, '_>, address: IpAddr) -> Result<(), DeploymentError> {
    match address {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => {
                Err(value.refuse(&format!("{v6} is an IPv4 address written as IPv6"), &format!("write \"{v4}\"")))
            }
            None => Ok(()),
        },
        IpAddr::V4(_) => Ok(()),
    }
}

/// Why no host behind a firewall can have this address (RFC 6890); `None` where one can.
fn unusable(address: IpAddr) -> Option<&'static str> {
    let link_local = match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    if address.is_unspecified() || matches!(address, IpAddr::V4(v4) if v4.octets()[0] == 0) {
        Some("the unspecified address")
    } else if address.is_loopback() {
        Some("a loopback address")
    } else if address.is_multicast() {
        Some("a multicast address")
    } else if link_local {
        Some("a link-local address, which no firewall forwards")
    } else if matches!(address, IpAddr::V4(v4) if v4.octets()[0] >= 240) {
        Some("in the reserved range from 240.0.0.0 up")
    } else {
        None
    }
}

/// Special-purpose networks of IPv4 that the Internet cannot reach (IANA registry, RFC 6890). The documentation networks are
/// not listed: examples and anonymised files use them as public addresses.
const PRIVATE_IPV4: [([u8; 4], u32); 11] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// Whether the Internet can reach an address: global unicast, the documentation networks included.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !PRIVATE_IPV4.iter().any(|(base, length)| {
            let mask = u32::MAX << (32 - length);
            u32::from(v4) & mask == u32::from(Ipv4Addr::from(*base))
        }),
        IpAddr::V6(v6) => is_public_ipv6(v6),
    }
}

/// `2000::/3` without the IETF protocol assignments `2001::/23`.
fn is_public_ipv6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    first & 0xe000 == 0x2000 && !(first == 0x2001 && second < 0x200)
}

/// A port, or a range `FIRST-LAST`, as a whole number or in quotes; 0 to 65535.
pub(super) fn ports(value: &Value<'_, '_>) -> Result<(u16, u16), DeploymentError> {
    let text = match value.raw() {
        DeValue::Integer(_) => return value.number(0, u16::MAX).map(|port| (port, port)),
        DeValue::String(_) => value.string()?.trim(),
        _ => return Err(value.expected("a port or a range of ports", "write 443, \"443\" or \"50000-59999\"")),
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (port(first), port(last)) {
        (Some(first), Some(last)) if first <= last => Ok((first, last)),
        (Some(first), Some(last)) => Err(value.refuse("the range is reversed", &format!("write \"{last}-{first}\""))),
        _ => {
            let problem = format!("{} is not a port or a range of ports", wording::quoted(text));
            Err(value.refuse(&problem, "write \"443\" or \"50000-59999\"; ports go from 0 to 65535"))
        }
    }
}

fn port(digits: &str) -> Option<u16> {
    let digits = digits.trim();
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_addresses_count_as_public_and_private_ones_do_not() {
        for public in
            ["131.107.155.10", "192.0.2.1", "203.0.113.9", "172.32.0.1", "100.63.255.255", "2001:db8::1", "2a00::1"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in
            ["10.0.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "198.19.0.1", "fd00::1", "fe80::1", "2001::1"]
        {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }
}
