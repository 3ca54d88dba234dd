//! The types of addresses: those that the address itself determines, and those that the kernel's routing tables determine (kernel
//! `include/uapi/linux/rtnetlink.h`, `net/ipv4/fib_frontend.c`, `net/ipv6/addrconf_core.c`).

use crate::model::Addresses;
use crate::packets::IntervalSet;

/// The names of the types by the kernel's numbers (`RTN_UNSPEC` to `RTN_XRESOLVE`).
pub const NAMES: [&str; 12] = [
    "UNSPEC",
    "UNICAST",
    "LOCAL",
    "BROADCAST",
    "ANYCAST",
    "MULTICAST",
    "BLACKHOLE",
    "UNREACHABLE",
    "PROHIBIT",
    "THROW",
    "NAT",
    "XRESOLVE",
];

/// Index in [`NAMES`].
pub const UNSPEC: usize = 0;
/// An address of some other host.
pub const UNICAST: usize = 1;
/// One of this host's own.
pub const LOCAL: usize = 2;
/// All hosts of a network.
pub const BROADCAST: usize = 3;
/// A group of hosts.
pub const MULTICAST: usize = 5;

/// The multicast addresses of both families (RFC 5771, RFC 4291 section 2.7).
pub fn multicast() -> Addresses {
    Addresses { ipv4: IntervalSet::range(0xe000_0000, 0xefff_ffff), ipv6: IntervalSet::range(0xff << 120, u128::MAX) }
}

/// The addresses that are always broadcast (`inet_addr_type`): 0.0.0.0/8 and 255.255.255.255.
pub fn v4_broadcast() -> IntervalSet<u32> {
    IntervalSet::from_intervals(vec![(0, 0x00ff_ffff), (u32::MAX, u32::MAX)])
}

/// 127.0.0.0/8.
pub fn v4_loopback() -> IntervalSet<u32> {
    IntervalSet::range(0x7f00_0000, 0x7fff_ffff)
}

/// The addresses that the kernel calls unicast: neither multicast, nor unspecified, nor an embedded IPv4 address
/// (`__ipv6_addr_type`).
pub fn v6_unicast() -> IntervalSet<u128> {
    let mapped = 0xffff_u128 << 32;
    let others = [(0, 0), (mapped, mapped | 0xffff_ffff)];
    multicast().ipv6.complement().difference(&IntervalSet::from_intervals(others.to_vec()))
}
