//! The packets of a need: alternatives that must be permitted, and those that may be.

use crate::catalog::{Direction, NeedDefinition, PortSource};
use crate::model::{Addresses, Match};
use crate::packets::IntervalSet;

use super::path::{CLIENT_PORTS, Path};
use super::peers::Peers;
use super::{Alternative, Deployment, media};

/// What must be permitted, as alternatives, and what may be. `others` are addresses that together can replace the Edge's: what
/// leaves a virtual address may leave from all nodes' own addresses instead (docs/domain.md, C18).
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
