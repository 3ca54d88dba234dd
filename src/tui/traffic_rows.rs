//! For filters: whether the ports or addresses of a finding's traffic rows overlap with given ones.
//!
//! The sets are those of the report: comma-separated numbers, CIDRs, ranges and `any`.

use std::net::IpAddr;

use ipnet::IpNet;

/// Ports or addresses from the first to the last. Addresses of different families never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    v6: bool,
    first: u128,
    last: u128,
}

/// A port or a range of ports: `5061`, `50000-59999`.
pub fn ports(text: &str) -> Option<Span> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.trim().parse::<u16>().ok().map(u128::from);
    Some(Span { v6: false, first: number(first)?, last: number(last)? })
}

/// An address, a CIDR or a range of addresses; IPv4 may be short: `10/8`, `192.168/16`.
pub fn addresses(text: &str) -> Option<Span> {
    if let Some((first, last)) = text.split_once('-') {
        let (first, last) = (number(first.trim().parse().ok()?), number(last.trim().parse().ok()?));
        return (first.0 == last.0).then_some(Span { v6: first.0, first: first.1, last: last.1 });
    }
    let network = match text.split_once('/') {
        None => IpNet::from(text.parse::<IpAddr>().ok()?),
        Some((address, length)) if !address.contains(':') => {
            let missing = 3_usize.checked_sub(address.matches('.').count())?;
            format!("{address}{}/{length}", ".0".repeat(missing)).parse().ok()?
        }
        Some(_) => text.parse().ok()?,
    };
    let (v6, first) = number(network.network());
    let last = number(network.broadcast()).1;
    Some(Span { v6, first, last })
}

/// Whether any element of the set overlaps with the span; `any` overlaps with everything, an invalid element with nothing.
pub fn overlaps(set: &str, span: Span, element: impl Fn(&str) -> Option<Span>) -> bool {
    set.split(',').map(str::trim).any(|text| {
        text == "any"
            || element(text)
                .is_some_and(|other| other.v6 == span.v6 && other.first <= span.last && span.first <= other.last)
    })
}

fn number(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(address) => (false, u128::from(address.to_bits())),
        IpAddr::V6(address) => (true, address.to_bits()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_overlap_where_they_share_one_element() {
        let ten = addresses("10/8").unwrap();
        assert!(overlaps("192.0.2.1, 10.45.16.10", ten, addresses));
        assert!(overlaps("9.0.0.0-10.0.0.0", ten, addresses));
        assert!(overlaps("any", ten, addresses));
        assert!(!overlaps("11.0.0.0/8,2001:db8::/32,nonsense", ten, addresses));
        assert!(overlaps("1024-65535", ports("5061").unwrap(), ports));
        assert!(!overlaps("443,3478", ports("5061").unwrap(), ports));
        assert!(addresses("10.1.1.1.1/8").is_none() && addresses("x/8").is_none() && ports("70000").is_none());
    }
}
