//! One need as the packets that a rule names: what must get through, worded as people word it, and nothing past what may.

use crate::catalog::{Interface, Role};
use crate::deployment::needs::{Alternative, CLOSED_RANGE_TCP, CLOSED_RANGE_UDP, Demand, Need, VIP};
use crate::deployment::{AvRuleStyle, Deployment, Firewall, FirewallRole, NatView, Vip, Zone};
use crate::model::{Addresses, Match};
use crate::packets::{StateSet, TcpFlagSet};

/// The packets of a need, one match for each that has to be written. `alone` says whether the interfaces by themselves tell who
/// is at the other end.
pub(super) fn of(
    deployment: &Deployment,
    firewall: &Firewall,
    need: &Need,
    demand: &Demand,
    alone: bool,
) -> Vec<Match> {
    let mut packets = Vec::new();
    for alternative in chosen(deployment, need, demand) {
        for must in &alternative.packets {
            packets.push(as_named(firewall, demand, worded(demand, must, alone)));
        }
    }
    packets
}

/// The alternatives to write. The media range goes by the declared style; what leaves a virtual address leaves with it or with
/// the nodes' own, by what the load balancer is said to do, and where nothing is said it may be either (EDGE.md C09, C18).
fn chosen<'d>(deployment: &Deployment, need: &Need, demand: &'d Demand) -> Vec<&'d Alternative> {
    let media = matches!(need.definition.id.as_str(), CLOSED_RANGE_TCP | CLOSED_RANGE_UDP);
    let (first, second) = (demand.must.first(), demand.must.get(1));
    let both = || first.into_iter().chain(second).collect();
    if media && deployment.av_rule_style == AvRuleStyle::SourceAndDestination {
        return second.or(first).into_iter().collect();
    }
    if need.node == VIP && second.is_some() {
        let translated = deployment.edge.vip.as_ref().and_then(|vip| rewritten(need, vip));
        return match translated {
            Some(true) => first.into_iter().collect(),
            Some(false) => second.into_iter().collect(),
            None => both(),
        };
    }
    first.into_iter().collect()
}

/// Whether the load balancer rewrites sources, where the deployment says so.
fn rewritten(need: &Need, vip: &Vip) -> Option<bool> {
    match (need.definition.interface, need.definition.role) {
        (Interface::Internal, _) => None,
        (_, Role::Webconf) => vip.snat.webconf,
        (_, Role::Av) => vip.snat.av,
        _ => vip.snat.access,
    }
}

/// What must be permitted, without the ports that clients happen to use and, where it is anyone, without saying who: as far as
/// what may be permitted allows it.
fn worded(demand: &Demand, must: &Match, alone: bool) -> Match {
    let mut packets = Match { state: StateSet::FULL, tcp_flags: TcpFlagSet::FULL, ..must.clone() };
    let Some(may) = demand.may.iter().find(|may| holds(may, must)) else { return packets };
    packets.source_port.clone_from(&may.source_port);
    if demand.anyone {
        let (from, to) = match (inbound(demand), alone) {
            (true, true) => (Addresses::any(), packets.destination.clone()),
            (true, false) => (may.source.clone(), packets.destination.clone()),
            (false, true) => (packets.source.clone(), Addresses::any()),
            (false, false) => (packets.source.clone(), may.destination.clone()),
        };
        (packets.source, packets.destination) = (from, to);
    }
    packets
}

/// Whether what may be permitted holds all of what must.
fn holds(may: &Match, must: &Match) -> bool {
    let within = |inner: &Addresses, outer: &Addresses| inner.difference(outer).is_empty();
    within(&must.source, &may.source)
        && within(&must.destination, &may.destination)
        && must.protocol.is_subset(&may.protocol)
        && must.source_port.is_subset(&may.source_port)
        && must.destination_port.is_subset(&may.destination_port)
}

fn inbound(demand: &Demand) -> bool {
    demand.to.is_edge()
}

/// In the addresses this firewall's rules name: where it sees what the Internet sees, the public ones. A host sees its own.
fn as_named(firewall: &Firewall, demand: &Demand, mut packets: Match) -> Match {
    let mapped = firewall.nat_view == NatView::Mapped && firewall.role != FirewallRole::Host;
    if mapped && !demand.public.is_empty() {
        let public = Addresses::of_ips(demand.public.iter().map(|(_, public)| public));
        match (demand.from, demand.to) {
            (_, Zone::EdgeExternal) => packets.destination = public,
            (Zone::EdgeExternal, _) => packets.source = public,
            _ => {}
        }
    }
    packets
}
