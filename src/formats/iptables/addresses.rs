//! The values of `-s` and `-d`: addresses with prefix lengths, netmasks with or without holes, ranges, and names that only a
//! resolver knows (iptables(8), "PARAMETERS"; libxtables, `xtables_ipparse_any`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::Addresses;
use ipnet::IpNet;

use crate::packets::IntervalSet;

use crate::formats::netfilter::numbers::{byte, number};

/// The most intervals that one mask may be split into. Beyond that, it becomes a condition.
pub const MOST_INTERVALS: usize = 65_536;

/// One address, prefix or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// These addresses.
    Known(Addresses),
    /// A mask with so many holes that its addresses are not listed.
    TooManyHoles(Holed),
    /// A host or network name. It means the same addresses wherever it occurs.
    Name,
    /// A text that replaced an address. It may represent different addresses in different places.
    Redacted,
}

/// An address and a mask with holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holed {
    /// Whether it is of IPv4, in the low 32 bits.
    pub ipv4: bool,
    /// The bits that are compared.
    pub mask: u128,
    /// The values of these bits; all other bits are 0.
    pub value: u128,
}

impl Holed {
    /// The network of the mask's leading ones, which contains all of its addresses.
    pub fn network(&self) -> Addresses {
        let width = if self.ipv4 { 32 } else { 128 };
        let leading = (self.mask << (128 - width)).leading_ones();
        let host = if leading == 0 { u128::MAX >> (128 - width) } else { (1u128 << (width - leading)) - 1 };
        let (low, high) = (self.value & !host, self.value & !host | host);
        let mut addresses = Addresses::none();
        if self.ipv4 {
            let v4 = |bits: u128| u32::try_from(bits).unwrap_or(u32::MAX);
            addresses.ipv4 = IntervalSet::range(v4(low), v4(high));
        } else {
            addresses.ipv6 = IntervalSet::range(low, high);
        }
        addresses
    }
}

/// The address families that a text names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FamiliesNamed {
    /// An IPv4 address.
    pub ipv4: bool,
    /// An IPv6 address.
    pub ipv6: bool,
}

impl FamiliesNamed {
    /// Records the family of an address.
    pub fn note(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(_) => self.ipv4 = true,
            IpAddr::V6(_) => self.ipv6 = true,
        }
    }
}

/// Reads `address`, `address/length` or `address/mask`. At most `most` intervals are made.
///
/// # Errors
/// What is wrong with it, if it is neither an address nor a name.
pub fn endpoint(text: &str, most: usize, families_named: &mut FamiliesNamed) -> Result<Endpoint, String> {
    let (host, mask) = text.split_once('/').map_or((text, None), |(host, mask)| (host, Some(mask)));
    if mask.is_some_and(|mask| mask == "0") && address(host).is_none() {
        // "any/0": with a null mask the name is ignored.
        return if host.contains(':') {
            Err(format!("bad address {text:?}"))
        } else {
            Ok(Endpoint::Known(Addresses::any()))
        };
    }
    let Some(address) = address(host) else { return name(host).ok_or_else(|| format!("bad address {text:?}")) };
    families_named.note(address);
    let bad_mask = || format!("bad mask in {text:?}");
    let (bits, width) = match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    let all = u128::MAX >> (128 - width);
    let mask = match mask {
        None => all,
        Some(mask) => match number(mask, u64::from(width)).and_then(|length| u32::try_from(length).ok()) {
            Some(0) => 0,
            Some(length) => (all << (width - length)) & all,
            None => match (address, mask.parse::<Ipv6Addr>()) {
                (IpAddr::V6(_), Ok(mask)) => u128::from(mask),
                (IpAddr::V4(_), _) => u128::from(u32::from(dotted(mask, true).ok_or_else(bad_mask)?)),
                _ => return Err(bad_mask()),
            },
        },
    };
    let holed = Holed { ipv4: address.is_ipv4(), mask, value: bits & mask };
    Ok(masked(bits, mask, width, most)
        .map_or(Endpoint::TooManyHoles(holed), |intervals| Endpoint::Known(of_intervals(address, intervals))))
}

/// The addresses from one to another, both included; empty if the first is the higher one. `None` if the families differ.
pub fn between(low: IpAddr, high: IpAddr) -> Option<Addresses> {
    let mut addresses = Addresses::none();
    match (low, high) {
        (IpAddr::V4(low), IpAddr::V4(high)) => addresses.ipv4 = IntervalSet::range(low.into(), high.into()),
        (IpAddr::V6(low), IpAddr::V6(high)) => addresses.ipv6 = IntervalSet::range(low.into(), high.into()),
        _ => return None,
    }
    Some(addresses)
}

/// One numeric address of either family.
pub fn address(text: &str) -> Option<IpAddr> {
    match dotted(text, false) {
        Some(address) => Some(address.into()),
        None => text.parse::<Ipv6Addr>().ok().map(IpAddr::from),
    }
}

/// All addresses of one family and none of the other.
pub fn of_family(ipv4: bool) -> Addresses {
    let (any, none) = (Addresses::any(), Addresses::none());
    if ipv4 { Addresses { ipv6: none.ipv6, ..any } } else { Addresses { ipv4: none.ipv4, ..any } }
}

/// A network by its prefix length or its dotted mask. A single address is a network of one address.
pub fn network(text: &str) -> Option<IpNet> {
    let (base, mask) = text.split_once('/').map_or((text, None), |(base, mask)| (base, Some(mask)));
    let base = address(base)?;
    let width = if base.is_ipv4() { 32 } else { 128 };
    let length = match mask {
        None => width,
        Some(mask) => match number(mask, u64::from(width)) {
            Some(length) => u8::try_from(length).ok()?,
            None => ipnet::ip_mask_to_prefix(dotted(mask, true)?.into()).ok()?,
        },
    };
    Some(IpNet::new(base, length).ok()?.trunc())
}

/// Up to four numbers with dots between them. Missing numbers at the end are zero; in a mask none may be missing
/// (libxtables, `numeric_to_ipaddr`).
fn dotted(text: &str, mask: bool) -> Option<Ipv4Addr> {
    let mut bytes = [0_u8; 4];
    let mut count = 0;
    for part in text.split('.') {
        *bytes.get_mut(count)? = byte(part)?;
        count += 1;
    }
    (count == 4 || !mask).then(|| bytes.into())
}

/// The meaning of a text that is not an address: a name, or a text that replaced an address; none if it is a mistake.
fn name(text: &str) -> Option<Endpoint> {
    let damaged =
        |character: char| matches!(character, '<' | '>' | '*' | '#' | '?' | '[' | ']' | '{' | '}' | '$' | '\u{fffd}');
    let lower = text.to_ascii_lowercase();
    let redacted = ["redact", "private", "hidden", "anonym", "removed", "masked", "snip"];
    let crossed_out = lower.split(['.', ':']).any(|part| !part.is_empty() && part.bytes().all(|byte| byte == b'x'));
    if text.contains(damaged) || crossed_out || redacted.iter().any(|word| lower.contains(word)) {
        return Some(Endpoint::Redacted);
    }
    let host = lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        && lower.bytes().any(|byte| byte.is_ascii_lowercase())
        && lower.starts_with(|first: char| first.is_ascii_alphanumeric())
        && !lower.starts_with("0x");
    host.then_some(Endpoint::Name)
}

/// All addresses whose bits under the mask are those given; `None` for more than `most` intervals.
fn masked(bits: u128, mask: u128, width: u32, most: usize) -> Option<Vec<(u128, u128)>> {
    let all = u128::MAX >> (128 - width);
    let free = !mask & all;
    let tail = free.trailing_ones().min(width);
    let low_end = if tail == 128 { u128::MAX } else { (1 << tail) - 1 };
    let holes = free & !low_end;
    if holes.count_ones() > 16 || (1_usize << holes.count_ones()) > most {
        return None;
    }
    let base = bits & mask;
    let mut intervals = Vec::with_capacity(1 << holes.count_ones());
    let mut inside = 0_u128;
    loop {
        intervals.push((base | inside, base | inside | low_end));
        inside = inside.wrapping_sub(holes) & holes;
        if inside == 0 {
            return Some(intervals);
        }
    }
}

/// Intervals of addresses of the same family as `family`.
fn of_intervals(family: IpAddr, intervals: Vec<(u128, u128)>) -> Addresses {
    let mut addresses = Addresses::none();
    match family {
        IpAddr::V6(_) => addresses.ipv6 = IntervalSet::from_intervals(intervals),
        IpAddr::V4(_) => {
            let narrow = |value| u32::try_from(value).unwrap_or(u32::MAX);
            addresses.ipv4 = IntervalSet::from_intervals(
                intervals.into_iter().map(|(low, high)| (narrow(low), narrow(high))).collect(),
            );
        }
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intervals(text: &str) -> Vec<(String, String)> {
        match endpoint(text, MOST_INTERVALS, &mut FamiliesNamed::default()) {
            Ok(Endpoint::Known(addresses)) => {
                let v4 = addresses.ipv4.intervals().iter();
                let v6 = addresses.ipv6.intervals().iter();
                v4.map(|(low, high)| (Ipv4Addr::from(*low).to_string(), Ipv4Addr::from(*high).to_string()))
                    .chain(v6.map(|(low, high)| (Ipv6Addr::from(*low).to_string(), Ipv6Addr::from(*high).to_string())))
                    .collect()
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    fn one(low: &str, high: &str) -> Vec<(String, String)> {
        vec![(low.to_owned(), high.to_owned())]
    }

    #[test]
    fn host_bits_are_masked_and_masks_may_be_dotted() {
        assert_eq!(intervals("10.0.0.77/24"), one("10.0.0.0", "10.0.0.255"));
        assert_eq!(intervals("10.0.0.77/255.255.255.0"), one("10.0.0.0", "10.0.0.255"));
        assert_eq!(intervals("10.0.0.77"), one("10.0.0.77", "10.0.0.77"));
        assert_eq!(intervals("0.0.0.0/0"), one("0.0.0.0", "255.255.255.255"));
        assert_eq!(intervals("2001:db8::1/ffff:ffff::"), one("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"));
        assert_eq!(intervals("::/0"), one("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
    }

    #[test]
    fn numbers_are_read_as_iptables_1_8_9_was_seen_to_read_them() {
        assert_eq!(intervals("010.0.0.1"), one("8.0.0.1", "8.0.0.1"));
        assert_eq!(intervals("10.1/16"), one("10.1.0.0", "10.1.255.255"));
        assert_eq!(intervals("1.2.3.4/032"), one("1.2.3.0", "1.2.3.63"));
    }

    #[test]
    fn a_mask_with_holes_is_many_intervals() {
        let found = intervals("10.0.7.0/255.0.255.0");
        assert_eq!(found.len(), 256);
        assert_eq!(found[1], ("10.1.7.0".to_owned(), "10.1.7.255".to_owned()));
    }

    #[test]
    fn a_mask_with_too_many_holes_is_reported_and_not_listed() {
        let found = endpoint("0.0.0.1/0.0.0.1", MOST_INTERVALS, &mut FamiliesNamed::default());
        assert!(matches!(found, Ok(Endpoint::TooManyHoles(_))));
        let found = endpoint("1.0.0.1/255.255.0.1", MOST_INTERVALS, &mut FamiliesNamed::default());
        assert!(matches!(found, Ok(Endpoint::Known(addresses)) if addresses.ipv4.intervals().len() == 32_768));
    }

    #[test]
    fn mistakes_are_errors_and_names_and_redactions_are_distinguished() {
        let read = |text| endpoint(text, MOST_INTERVALS, &mut FamiliesNamed::default());
        for text in [
            "1.2.3.4/33",
            "1.2.3.400",
            "1.2.3.4.5",
            "1.2.3.4/",
            "::1/129",
            "fe80::g",
            "1.2.3.4/255.255.0",
            "",
            "08.1.1.1",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert_eq!(read("host.example.com"), Ok(Endpoint::Name));
        assert_eq!(read("intranet/24"), Ok(Endpoint::Name));
        for text in ["XX.XX.XX.XX", "<private_ip>", "192.168.x.x/24", "XX:XX::1", "1.2.3.*"] {
            assert_eq!(read(text), Ok(Endpoint::Redacted), "{text}");
        }
    }
}
