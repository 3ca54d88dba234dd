//! Connection tracking: the packets that belong to a connection, and the protocols whose ports a connection records (kernel
//! `net/netfilter/nf_conntrack_core.c`, `net/netfilter/nf_conntrack_proto.c`).

use crate::packets::{ConnectionState, IntervalSet, StateSet};

/// The states of packets that have a connection. Others are INVALID or UNTRACKED.
pub fn with_connection() -> StateSet {
    StateSet::of(&[ConnectionState::New, ConnectionState::Established, ConnectionState::Related])
}

/// ICMP of both families. An ICMP error about a connection belongs to that connection, whatever its protocol is.
pub fn icmp() -> IntervalSet<u8> {
    IntervalSet::from_intervals(vec![(1, 1), (58, 58)])
}

/// The protocols whose connections have ports: TCP, UDP, DCCP, SCTP and UDP-Lite. For other protocols a connection records an
/// identifier in place of ports, or nothing.
pub fn with_ports() -> IntervalSet<u8> {
    IntervalSet::from_intervals([6, 17, 33, 132, 136].map(|number| (number, number)).to_vec())
}
