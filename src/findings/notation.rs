//! Sets of addresses and ports in the notation of a report.

use std::fmt::Write as _;

use ipnet::{Ipv4Subnets, Ipv6Subnets};

use crate::packets::{Address, IntervalSet};

/// The word for a complete set.
pub const ANY: &str = "any";

/// Addresses as CIDRs and ranges; `any` where the set contains every address of `all`.
#[must_use]
pub fn addresses<A: Address>(set: &IntervalSet<A>, all: &IntervalSet<A>) -> String {
    if set.is_full() || (!all.is_empty() && all.is_subset(set)) {
        return ANY.to_owned();
    }
    let mut text = String::new();
    for (low, high) in set.intervals() {
        if !text.is_empty() {
            text.push(',');
        }
        interval(&mut text, *low, *high);
    }
    text
}

/// One interval: an address, a CIDR if it is one, a range otherwise.
fn interval<A: Address>(text: &mut String, low: A, high: A) {
    use std::net::IpAddr::{V4, V6};
    let (low, high) = (low.to_ip(), high.to_ip());
    let _ = match (low, high) {
        _ if low == high => write!(text, "{low}"),
        (V4(first), V4(last)) => match only_item(Ipv4Subnets::new(first, last, 0)) {
            Some(net) => write!(text, "{net}"),
            None => write!(text, "{low}-{high}"),
        },
        (V6(first), V6(last)) => match only_item(Ipv6Subnets::new(first, last, 0)) {
            Some(net) => write!(text, "{net}"),
            None => write!(text, "{low}-{high}"),
        },
        _ => Ok(()),
    };
}

/// The only item, if there is only one.
fn only_item<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}

/// Ports as numbers and ranges; `any` for all.
#[must_use]
pub fn ports(set: &IntervalSet<u16>) -> String {
    numbers(set, |port| port.to_string())
}

/// Protocols by name; `any` for all.
#[must_use]
pub fn protocols(set: &IntervalSet<u8>) -> String {
    if set.is_full() {
        return ANY.to_owned();
    }
    if set.count() <= 8 {
        let all = set.intervals().iter().flat_map(|(low, high)| *low..=*high);
        return all.map(protocol).collect::<Vec<_>>().join(",");
    }
    numbers(set, protocol)
}

/// The name of a protocol number (IANA), or the number.
#[must_use]
pub fn protocol(number: u8) -> String {
    match number {
        1 => "icmp".to_owned(),
        6 => "tcp".to_owned(),
        17 => "udp".to_owned(),
        58 => "icmpv6".to_owned(),
        132 => "sctp".to_owned(),
        136 => "udplite".to_owned(),
        _ => number.to_string(),
    }
}

fn numbers<T: crate::packets::Ordinal>(set: &IntervalSet<T>, name: impl Fn(T) -> String) -> String {
    if set.is_full() {
        return ANY.to_owned();
    }
    let parts: Vec<String> = set
        .intervals()
        .iter()
        .map(|(low, high)| if low == high { name(*low) } else { format!("{}-{}", name(*low), name(*high)) })
        .collect();
    parts.join(",")
}
