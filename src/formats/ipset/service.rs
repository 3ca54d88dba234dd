//! The port part of an element: `tcp:80`, `80`, `udp:5000-5100`, `icmp:8/0`, `ospf:0` (ipset(8), "hash:ip,port").

use crate::formats::netfilter::values;

/// A protocol with a range of ports. A protocol without ports has port 0. For ICMP, the type is the upper byte and the code
/// the lower one (kernel `net/netfilter/ipset/ip_set_getport.c`, `get_port`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Service {
    /// The protocol; 0 for both TCP and UDP.
    pub protocol: u8,
    /// The lowest port.
    pub low: u16,
    /// The highest port.
    pub high: u16,
}

/// The protocol of sets whose elements are ports: both TCP and UDP (kernel `ip_set_bitmap_port.c`, `ip_set_get_ip_port`).
pub const TCP_AND_UDP: u8 = 0;

impl Service {
    /// The service of elements without this part.
    pub const ANY: Self = Self { protocol: TCP_AND_UDP, low: 0, high: u16::MAX };

    /// Reads `[protocol:]port[-port]`; TCP if no protocol is named.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (protocol, port) = match text.split_once(':') {
            None => (6, text),
            Some((name, port)) => {
                let protocol = values::protocol(name).filter(|number| *number != 0);
                (protocol.ok_or_else(|| format!("unknown protocol {name:?}"))?, port)
            }
        };
        let (low, high) = match protocol {
            6 | 17 | 132 | 136 => range(port)?,
            1 | 58 => {
                let port = message(port, protocol == 58)?;
                (port, port)
            }
            _ if port == "0" => (0, 0),
            _ => return Err(format!("bad port {text:?}: this protocol has only port 0")),
        };
        Ok(Self { protocol, low, high })
    }

    /// Reads `port[-port]`, of TCP and of UDP. A protocol before it has no effect: `tcp:5` is saved as `5` (seen with ipset
    /// 7.17).
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse_port(text: &str) -> Result<Self, String> {
        let port = text.split_once(':').map_or(text, |(_, port)| port);
        range(port).map(|(low, high)| Self { protocol: TCP_AND_UDP, low, high })
    }
}

/// Reads `port` or `port-port`. A name with a dash in it is in brackets.
fn range(text: &str) -> Result<(u16, u16), String> {
    let plain = |part: &str| values::port(part.trim_start_matches('[').trim_end_matches(']'));
    let dash = match text.strip_prefix('[').and_then(|rest| rest.find(']')) {
        Some(end) => text.get(end + 2..).and_then(|rest| rest.strip_prefix('-')).map(|high| (&text[..end + 2], high)),
        None => text.split_once('-'),
    };
    let (low, high) = match dash {
        Some((low, high)) => (plain(low)?, plain(high)?),
        None => (plain(text)?, plain(text)?),
    };
    if low > high { Err(format!("the port range {text:?} is reversed")) } else { Ok((low, high)) }
}

/// Reads `type/code`, or a name, which means one type and one code: `echo-request` is 8/0.
fn message(text: &str, version6: bool) -> Result<u16, String> {
    let bad = || format!("bad ICMP type and code {text:?}");
    let (kind, code) = match text.split_once('/') {
        Some((kind, code)) => (kind.parse().map_err(|_| bad())?, code.parse().map_err(|_| bad())?),
        // A type without a code is an error.
        None if text.starts_with(|first: char| first.is_ascii_digit()) => return Err(bad()),
        None => {
            let (kind, low, _) = values::icmp_type(text, version6).map_err(|_| bad())?;
            (kind, low)
        }
    };
    Ok(u16::from_be_bytes([kind, code]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(text: &str) -> Option<(u8, u16, u16)> {
        Service::parse(text).ok().map(|service| (service.protocol, service.low, service.high))
    }

    #[test]
    fn a_port_without_protocol_is_of_tcp() {
        assert_eq!(service("80"), Some((6, 80, 80)));
        assert_eq!(service("http"), Some((6, 80, 80)));
        assert_eq!(service("udp:5000-5100"), Some((17, 5000, 5100)));
        assert_eq!(service("tcp:[ftp-data]-[ftp]"), Some((6, 20, 21)));
        assert_eq!(service("tcp:[ftp-data]"), Some((6, 20, 20)));
    }

    #[test]
    fn icmp_names_are_one_type_and_one_code() {
        assert_eq!(service("icmp:ping"), Some((1, 0x0800, 0x0800)));
        assert_eq!(service("icmp:8/0"), service("icmp:echo-request"));
        assert_eq!(service("icmp:host-unreachable"), Some((1, 0x0301, 0x0301)));
        assert_eq!(service("ipv6-icmp:neighbour-advertisement"), Some((58, 0x8800, 0x8800)));
        assert_eq!(service("icmp:8"), None);
    }

    #[test]
    fn other_protocols_have_only_port_0() {
        assert_eq!(service("ospf:0"), Some((89, 0, 0)));
        assert_eq!(service("47:0"), Some((47, 0, 0)));
        assert_eq!(service("dccp:5"), None);
        assert_eq!(service("0:0"), None);
        assert_eq!(service("ospf"), None);
        assert_eq!(service("tcp:9-8"), None);
    }
}
