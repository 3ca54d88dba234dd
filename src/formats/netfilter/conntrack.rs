//! Connection tracking: which packets have a connection, and what it keeps of them (kernel `net/netfilter/nf_conntrack_core.c`,
//! `net/netfilter/nf_conntrack_proto.c`).

use crate::packets::{ConnectionState, IntervalSet, StateSet};

/// The states of packets that have a connection. Others are INVALID or UNTRACKED.
pub fn with_connection() -> StateSet {
    StateSet::of(&[ConnectionState::New, ConnectionState::Established, ConnectionState::Related])
}

/// ICMP of both families: an error about a connection belongs to it, whatever that connection's protocol is.
pub fn icmp() -> IntervalSet<u8> {
    IntervalSet::from_intervals(vec![(1, 1), (58, 58)])
}

/// The protocols whose connections have ports: TCP, UDP, DCCP, SCTP and UDP-Lite. Of others the connection keeps an identifier
/// in their place, or nothing.
pub fn with_ports() -> IntervalSet<u8> {
    IntervalSet::from_intervals([6, 17, 33, 132, 136].map(|number| (number, number)).to_vec())
}
