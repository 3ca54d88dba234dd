//! The packets between the two ends of a need, in the direction in which the connection opens.

use crate::catalog::{Direction, NeedDefinition, Transport};
use crate::model::{Addresses, Match};
use crate::packets::{IntervalSet, StateSet, TcpFlagSet};

/// Source ports that a client opens from, where a need names no others (RFC 6335 section 6: all but the system ports).
pub(super) const CLIENT_PORTS: (u16, u16) = (1024, u16::MAX);

/// A need's transport and its two ends.
pub(super) struct Path<'a> {
    pub(super) definition: &'a NeedDefinition,
    pub(super) edge: &'a Addresses,
}

impl Path<'_> {
    /// Packets that open connections: conntrack NEW and, for TCP, SYN alone.
    pub(super) fn opening(&self, peers: &Addresses, source: IntervalSet<u16>, destination: IntervalSet<u16>) -> Match {
        let mut packets = self.any_state(peers, source, destination);
        packets.state = StateSet::single(crate::packets::ConnectionState::New);
        if self.definition.transport == Transport::Tcp {
            packets.tcp_flags = TcpFlagSet::single(TcpFlagSet::SYN);
        }
        packets
    }

    /// Packets between the two ends in any connection state.
    pub(super) fn any_state(
        &self,
        peers: &Addresses,
        source: IntervalSet<u16>,
        destination: IntervalSet<u16>,
    ) -> Match {
        let (from, to) = match self.definition.direction {
            Direction::In => (peers, self.edge),
            Direction::Out => (self.edge, peers),
        };
        Match {
            source: from.clone(),
            destination: to.clone(),
            protocol: IntervalSet::single(self.definition.transport.number()),
            source_port: source,
            destination_port: destination,
            ..Match::any()
        }
    }
}
