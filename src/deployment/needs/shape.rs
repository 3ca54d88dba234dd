//! A need as packets: addresses and ports in the direction the connection opens.

use crate::catalog::{Direction, NeedDefinition, PortSource, Transport};
use crate::model::{Addresses, Match};
use crate::packets::{IntervalSet, StateSet, TcpFlagSet};

use super::peers::Peers;
use super::{Alternative, Deployment, media};

/// Source ports that a client opens from, where a need names no others (RFC 6335 section 6: all but the system ports).
pub(super) const CLIENT_PORTS: (u16, u16) = (1024, u16::MAX);

/// What must be permitted, as alternatives, and what may be. `others` are addresses that stand in for the Edge's, all of them
/// together: what leaves a virtual address may leave from the nodes' own instead (EDGE.md C18).
pub(super) fn of(
    deployment: &Deployment,
    definition: &NeedDefinition,
    edge: &Addresses,
    others: Option<&Addresses>,
    peers: &Peers,
) -> (Vec<Alternative>, Vec<Match>) {
    let path = Path { definition, edge };
    let span = definition.ports_in(&deployment.edge.ports, deployment.edge.media_ports);
    let ports = IntervalSet::range(span.first(), span.last());
    let clients = IntervalSet::range(CLIENT_PORTS.0, CLIENT_PORTS.1);
    if definition.port == PortSource::Media && definition.direction == Direction::Out {
        return media::of(deployment, &path, peers, &ports);
    }
    let mut must = Vec::new();
    let mut may = Vec::new();
    for (name, edge) in [("", Some(edge)), ("from the nodes' own addresses", others)] {
        let Some(edge) = edge else { continue };
        let path = Path { definition, edge };
        let packets = vec![path.opening(&peers.must, clients.clone(), ports.clone())];
        must.push(Alternative { name, packets, closed_if: &[] });
        may.push(path.any_state(&peers.may, IntervalSet::full(), ports.clone()));
    }
    (must, may)
}

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

    /// Packets between the two ends, whatever their state.
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
