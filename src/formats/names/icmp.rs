//! Names of ICMP messages of both families, with the type and the codes of each.
//!
//! The lists are those of netfilter's tools (`iptables -p icmp -h`, `ip6tables -p icmpv6 -h`; iptables
//! `extensions/libxt_icmp.h`), which have the IANA's names in lower case. A format with other names for the same messages has its
//! own list.

/// Every code of a type.
const ALL: (u8, u8) = (0, 255);

/// One code.
const fn only(code: u8) -> (u8, u8) {
    (code, code)
}

/// A name, its type, and its codes from the first to the last.
pub type Named = (&'static str, u8, (u8, u8));

/// `iptables -p icmp -h` (`extensions/libxt_icmp.h`). Type 255 is any.
pub const ICMP: &[Named] = &[
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
pub const ICMPV6: &[Named] = &[
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
