//! The media range outbound, which may be opened by destination ports, by source ports, or not at all (docs/domain.md, C09).
//!
//! The tables call 50,000–59,999 the destination; the product's audio and video requirements call it the source, towards 443
//! and 3478. Both are accepted, and so is a closed range where 443/tcp and 3478/udp outbound are satisfied.

use crate::catalog::Transport;
use crate::deployment::{AvRuleStyle, Deployment};
use crate::model::Match;
use crate::packets::IntervalSet;

use super::Alternative;
use super::path::{CLIENT_PORTS, Path};
use super::peers::Peers;

/// The needs that must both be satisfied where the range is closed.
const REPLACING_CLOSED_RANGE: &[&str] = &["external.av.tcp-443.out", "external.av.udp-3478.out"];
/// The need for the range over TCP.
pub const CLOSED_RANGE_TCP: &str = "external.av.tcp-50000-59999.out";
/// The need for the range over UDP.
pub const CLOSED_RANGE_UDP: &str = "external.av.udp-50000-59999.out";

/// The alternatives for the range, and the packets that may be permitted without being excess.
pub(super) fn of(
    deployment: &Deployment,
    path: &Path,
    peers: &Peers,
    range: &IntervalSet<u16>,
) -> (Vec<Alternative>, Vec<Match>) {
    let (source, port) = match path.definition.transport {
        Transport::Tcp => (range.clone(), 443),
        Transport::Udp => (IntervalSet::single(3478), 3478),
    };
    let clients = IntervalSet::range(CLIENT_PORTS.0, CLIENT_PORTS.1);
    let as_destination = Alternative {
        name: "the range as destination ports",
        packets: vec![path.opening(&peers.must, clients, range.clone())],
        closed_if: REPLACING_CLOSED_RANGE,
    };
    let as_source = Alternative {
        name: "the range as source ports",
        packets: vec![path.opening(&peers.must, source.clone(), IntervalSet::single(port))],
        closed_if: &[],
    };
    let must = match deployment.av_rule_style {
        AvRuleStyle::Destination => vec![as_destination],
        AvRuleStyle::SourceAndDestination | AvRuleStyle::Either => vec![as_destination, as_source],
    };
    let may = vec![
        path.any_state(&peers.may, IntervalSet::full(), range.clone()),
        path.any_state(&peers.may, source, IntervalSet::single(port)),
    ];
    (must, may)
}
