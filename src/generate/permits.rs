//! One need as the packets that rules name: at least what must be permitted, at most what may be.

use crate::catalog::{Interface, Role};
use crate::deployment::needs::{Alternative, CLOSED_RANGE_TCP, CLOSED_RANGE_UDP, Demand, Need, VIP};
use crate::deployment::{AvRuleStyle, Deployment, Firewall, FirewallRole, NatView, Vip, Zone};
use crate::model::{Addresses, Match};
use crate::packets::{StateSet, TcpFlagSet};

/// The packets of a need, one match for each permit to write. `exclusive`: the interfaces at the other end belong to its zone
/// only.
pub(super) fn of(
    deployment: &Deployment,
    firewall: &Firewall,
    need: &Need,
    demand: &Demand,
    exclusive: bool,
) -> Vec<Match> {
    let mut packets = Vec::new();
    for alternative in chosen(deployment, need, demand) {
        for must in &alternative.packets {
            packets.push(in_the_firewalls_view(firewall, demand, simplified(demand, must, exclusive)));
        }
    }
    packets
}

/// The alternatives to write. For the media range the declared style decides (docs/domain.md, C09). For what leaves a virtual
/// address, `edge.vip.snat` decides between that address and the nodes' own; where it is not given, both are written (C18).
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

/// Whether the load balancer translates sources; `None` where the deployment file does not say.
fn rewritten(need: &Need, vip: &Vip) -> Option<bool> {
    match (need.definition.interface, need.definition.role) {
        (Interface::Internal, _) => None,
        (_, Role::Webconf) => vip.snat.webconf,
        (_, Role::Av) => vip.snat.av,
        _ => vip.snat.access,
    }
}

/// What must be permitted, widened as far as it may be: any source port, and any address where the other end is everyone.
fn simplified(demand: &Demand, must: &Match, exclusive: bool) -> Match {
    let mut packets = Match { state: StateSet::FULL, tcp_flags: TcpFlagSet::FULL, ..must.clone() };
    let Some(may) = demand.may.iter().find(|may| contains(may, must)) else { return packets };
    packets.source_port.clone_from(&may.source_port);
    if demand.anyone {
        let (from, to) = match (inbound(demand), exclusive) {
            (true, true) => (Addresses::any(), packets.destination.clone()),
            (true, false) => (may.source.clone(), packets.destination.clone()),
            (false, true) => (packets.source.clone(), Addresses::any()),
            (false, false) => (packets.source.clone(), may.destination.clone()),
        };
        (packets.source, packets.destination) = (from, to);
    }
    packets
}

/// Whether `may` contains all packets of `must`.
fn contains(may: &Match, must: &Match) -> bool {
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

/// The packets in the addresses that this firewall's rules name: the public ones with `nat_view = "mapped"`, except on a host.
fn in_the_firewalls_view(firewall: &Firewall, demand: &Demand, mut packets: Match) -> Match {
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
