//! The media range outbound, which can be opened in more than one way, or not at all (EDGE.md C09, CONTRACT.md).
//!
//! The tables call 50,000–59,999 the destination; the product's own requirements for audio and video call it the source, towards
//! 443 and 3478. Either is accepted, and so is a closed range where 443/tcp and 3478/udp stand.

use crate::catalog::Transport;
use crate::deployment::{AvRuleStyle, Deployment};
use crate::model::Match;
use crate::packets::IntervalSet;

use super::Alternative;
use super::path::{CLIENT_PORTS, Path};
use super::peers::Peers;

/// The needs that stand in for the closed range, both of them.
const STANDING_IN: &[&str] = &["external.av.tcp-443.out", "external.av.udp-3478.out"];
/// The need of the TCP range.
pub const CLOSED_RANGE_TCP: &str = "external.av.tcp-50000-59999.out";
/// The need of the UDP range.
pub const CLOSED_RANGE_UDP: &str = "external.av.udp-50000-59999.out";

/// The alternatives for the range, and what may be open.
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
        closed_if: STANDING_IN,
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
