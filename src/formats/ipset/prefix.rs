//! Addresses of elements as prefixes, stored as intervals of numbers. Of two prefixes, one contains the other or they are
//! disjoint.
//!
//! IPv4 addresses use the same axis with their 32 bits. A set has one family, so the two are never compared.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::Family;

/// The lowest and the highest address of a prefix.
pub type Prefix = (u128, u128);

/// The value for elements without this dimension.
pub const ANY: Prefix = (0, u128::MAX);

/// The number of bits of an address.
pub fn width(family: Family) -> u32 {
    match family {
        Family::Ipv4 => 32,
        Family::Ipv6 => 128,
    }
}

/// `address`, `address/length` or `address-address`, widened to whole networks of `netmask` bits, as prefixes.
///
/// # Errors
/// What is wrong with it. A host name is an error too, since only a resolver knows its address.
pub fn prefixes(text: &str, family: Family, netmask: Option<u32>) -> Result<Vec<Prefix>, String> {
    let bad = || format!("bad address {text:?}");
    let (low, high) = match (text.split_once('/'), text.split_once('-')) {
        (Some((host, length)), _) => {
            let length = length.parse::<u32>().ok().filter(|length| *length <= width(family)).ok_or_else(bad)?;
            network(address(host, family).ok_or_else(bad)?, length, family)
        }
        (None, Some((low, high))) => {
            address(low, family).zip(address(high, family)).filter(|(low, high)| low <= high).ok_or_else(bad)?
        }
        (None, None) => address(text, family).map(|only| (only, only)).ok_or_else(bad)?,
    };
    let length = netmask.unwrap_or_else(|| width(family));
    Ok(split(network(low, length, family).0, network(high, length, family).1))
}

/// The value of an address of this family.
fn address(text: &str, family: Family) -> Option<u128> {
    let address: IpAddr = match family {
        Family::Ipv4 => text.parse::<Ipv4Addr>().ok()?.into(),
        Family::Ipv6 => text.parse::<Ipv6Addr>().ok()?.into(),
    };
    Some(match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => v6.into(),
    })
}

/// The network with this prefix length that contains an address.
fn network(address: u128, length: u32, family: Family) -> Prefix {
    let host = u128::MAX.checked_shr(128 - width(family) + length).unwrap_or(0);
    (address & !host, address | host)
}

/// All addresses from one to another as prefixes, at most two of each length.
fn split(low: u128, high: u128) -> Vec<Prefix> {
    let mut prefixes = Vec::new();
    let mut from = low;
    loop {
        // The largest prefix that the alignment of its start and the end of the range allow.
        let mut host = if from == 0 { u128::MAX } else { (1 << from.trailing_zeros()) - 1 };
        while high - from < host {
            host >>= 1;
        }
        prefixes.push((from, from | host));
        match (from | host).checked_add(1) {
            Some(next) if next <= high => from = next,
            _ => return prefixes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_as_few_prefixes_as_the_kernel_makes_of_it() {
        // `ipset add n 10.0.0.1-10.0.0.6`, as it was saved: .1, .2/31, .4/31, .6.
        let base = 0x0a00_0000;
        let found = prefixes("10.0.0.1-10.0.0.6", Family::Ipv4, None).expect("a range");
        let wanted = [(1, 1), (2, 3), (4, 5), (6, 6)].map(|(low, high)| (base + low, base + high));
        assert_eq!(found, wanted);
    }

    #[test]
    fn the_whole_axis_and_its_ends_are_prefixes_too() {
        assert_eq!(prefixes("::/0", Family::Ipv6, None), Ok(vec![ANY]));
        assert_eq!(prefixes("0.0.0.0/0", Family::Ipv4, None), Ok(vec![(0, u128::from(u32::MAX))]));
        let last = prefixes("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Family::Ipv6, None);
        assert_eq!(last, Ok(vec![(u128::MAX, u128::MAX)]));
    }

    #[test]
    fn a_netmask_widens_each_address_to_its_network() {
        assert_eq!(prefixes("10.0.9.5", Family::Ipv4, Some(24)), Ok(vec![(0x0a00_0900, 0x0a00_09ff)]));
    }

    #[test]
    fn text_that_is_not_an_address_of_the_family_is_an_error() {
        for text in ["10.1", "10.0.0.0/33", "10.0.0.9-10.0.0.1", "host.example", "::1", "10.0.0.0/", ""] {
            assert!(prefixes(text, Family::Ipv4, None).is_err(), "{text}");
        }
    }
}
