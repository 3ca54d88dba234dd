//! Checks that the later packets of a need's connections get through in both directions.
//!
//! A need is judged by the packet that opens the connection. Here the rules are asked about packets of an established connection.
//! Their addresses have been translated by then, so the packets carry the addresses that the rules name.

use std::collections::BTreeMap;

use crate::catalog::Interface;
use crate::deployment::Zone;
use crate::deployment::needs::{Demand, Need};
use crate::judge::{Budget, FamilyAddress, Judge, Piece, Query, Verdict, Wanted};
use crate::model::RuleId;
use crate::packets::{ConnectionState, IntervalSet, PacketSet, StateSet, TcpFlagSet, coalesce, subtract_all};

use super::exceptions::are_exceptions;
use super::firewall::View;
use super::required::{Judgement, NeedOutcome};

/// Packets of established connections that a rule or policy refuses.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Blocked<'n, A: FamilyAddress> {
    /// The needs whose connections the packets belong to.
    pub(in crate::audit) needs: Vec<(&'n Need, &'n Demand)>,
    /// The packets, by the zone they come from and the zone they go to.
    pub(in crate::audit) packets: BTreeMap<(Zone, Zone), Vec<PacketSet<A>>>,
    /// The rule or policy that refuses them.
    pub(in crate::audit) rule: Option<RuleId>,
}

/// The later packets that are refused, of each need as far as it is permitted. What one rule refuses on one side of the Edge
/// becomes one entry.
pub(in crate::audit) fn of<'n, A: FamilyAddress + 'n>(
    view: &View<A>,
    satisfied: impl Iterator<Item = (&'n Need, &'n Demand, &'n Judgement<A>)>,
) -> Vec<Blocked<'n, A>> {
    let filter = view.filter();
    let mut blocked: BTreeMap<(Option<RuleId>, Interface), Blocked<'n, A>> = BTreeMap::new();
    for (need, demand, judgement) in satisfied {
        for (from, to, set) in later(demand, judgement) {
            for (rule, refused) in refused(view, &filter, demand, from, to, &set) {
                let side = (rule, need.definition.interface);
                let entry = blocked.entry(side).or_insert_with(|| Blocked {
                    needs: Vec::new(),
                    packets: BTreeMap::new(),
                    rule,
                });
                if entry.needs.last().is_none_or(|(last, _)| !std::ptr::eq(*last, need)) {
                    entry.needs.push((need, demand));
                }
                entry.packets.entry((from, to)).or_default().extend(refused);
            }
        }
    }
    blocked
        .into_values()
        .map(|mut blocked| {
            for packets in blocked.packets.values_mut() {
                *packets = coalesce(std::mem::take(packets));
            }
            blocked
        })
        .collect()
}

/// Whether none of the later packets of a need's connections is refused for certain.
pub(in crate::audit) fn go_on<A: FamilyAddress>(view: &View<A>, demand: &Demand, judgement: &Judgement<A>) -> bool {
    let filter = view.filter();
    later(demand, judgement).iter().all(|(from, to, set)| refused(view, &filter, demand, *from, *to, set).is_empty())
}

/// Whether none of these packets of established connections is refused for certain.
pub(in crate::audit) fn let_through<A: FamilyAddress>(
    view: &View<A>,
    from: Zone,
    to: Zone,
    packets: &[PacketSet<A>],
) -> bool {
    let filter = view.filter();
    packets.iter().all(|set| refusals(view, &filter, from, to, set, Wanted::Refused).is_empty())
}

/// The later packets of a need's connections in both directions, with the zones they come from and go to.
fn later<A: FamilyAddress>(demand: &Demand, judgement: &Judgement<A>) -> Vec<(Zone, Zone, PacketSet<A>)> {
    let permitted = match judgement.outcome {
        NeedOutcome::Satisfied => judgement.expected.clone(),
        NeedOutcome::Partial => subtract_all(judgement.expected.clone(), &judgement.gap),
        _ => Vec::new(),
    };
    let mut later = Vec::new();
    for mut opening in permitted {
        opening.ingress = opening.ingress.intersection(&judgement.interfaces.0);
        opening.egress = opening.egress.intersection(&judgement.interfaces.1);
        later.push((demand.from, demand.to, established(&opening, false)));
        later.push((demand.to, demand.from, established(&reversed(&opening), true)));
    }
    later
}

/// The packets that are refused for certain, by the rule that refuses them. Nothing, where they concern so small a part of the
/// Internet's addresses that they are an exception.
fn refused<A: FamilyAddress>(
    view: &View<A>,
    filter: &Judge<A>,
    demand: &Demand,
    from: Zone,
    to: Zone,
    set: &PacketSet<A>,
) -> BTreeMap<Option<RuleId>, Vec<PacketSet<A>>> {
    let far = |set: &PacketSet<A>| if to.is_edge() { set.source.clone() } else { set.destination.clone() };
    let are_exceptions = |refused: &BTreeMap<Option<RuleId>, Vec<PacketSet<A>>>| {
        let addresses = refused.values().flatten().flat_map(|set| far(set).intervals().to_vec()).collect();
        demand.anyone && are_exceptions(&IntervalSet::from_intervals(addresses), &far(set))
    };
    let at_most = refusals(view, filter, from, to, set, Wanted::AtMostRefused);
    if at_most.is_empty() || are_exceptions(&at_most) {
        return BTreeMap::new();
    }
    let mut refused = refusals(view, filter, from, to, set, Wanted::Refused);
    if are_exceptions(&refused) {
        refused.clear();
    }
    refused
}

/// The packets that are refused for certain, by the rule that refuses them; with [`Wanted::AtMostRefused`], perhaps more packets.
fn refusals<A: FamilyAddress>(
    view: &View<A>,
    filter: &Judge<A>,
    from: Zone,
    to: Zone,
    set: &PacketSet<A>,
    wanted: Wanted,
) -> BTreeMap<Option<RuleId>, Vec<PacketSet<A>>> {
    let several = set.ingress.count() > 1 || set.egress.count() > 1;
    // What gets through by another interface is not blocked.
    let wanted = if several && wanted == Wanted::Refused { Wanted::All } else { wanted };
    let query = Query { wanted, ..Query::new(view.route(from, to), set.clone()) };
    let mut refused: BTreeMap<Option<RuleId>, Vec<PacketSet<A>>> = BTreeMap::new();
    let pieces = filter.partition(&query, Budget::default()).pieces;
    // Each address is behind one of its zone's interfaces: packets that get through by one of them are not blocked.
    let by_any = |piece: &Piece<A>| PacketSet {
        ingress: if view.zones.any_one_suffices(from) { set.ingress.clone() } else { piece.wire.ingress.clone() },
        egress: if view.zones.any_one_suffices(to) { set.egress.clone() } else { piece.wire.egress.clone() },
        ..piece.wire.clone()
    };
    let through: Vec<PacketSet<A>> =
        pieces.iter().filter(|piece| piece.verdict == Verdict::Accept).map(by_any).collect();
    for piece in pieces {
        if matches!(piece.verdict, Verdict::Drop | Verdict::Reject) && piece.wire.conditions.is_any() {
            let bounds = filter.bounds_of(&piece);
            let left = if several { subtract_all(bounds, &through) } else { bounds };
            if !left.is_empty() {
                refused.entry(piece.decider).or_default().extend(left);
            }
        }
    }
    refused
}

/// The same packets in the opposite direction.
pub(in crate::audit) fn reversed<A: FamilyAddress>(set: &PacketSet<A>) -> PacketSet<A> {
    PacketSet {
        source: set.destination.clone(),
        destination: set.source.clone(),
        source_port: set.destination_port.clone(),
        destination_port: set.source_port.clone(),
        ingress: set.egress.clone(),
        egress: set.ingress.clone(),
        ..set.clone()
    }
}

/// The packets as they look in an established connection: TCP with ACK set, the first reply with SYN as well.
fn established<A: FamilyAddress>(set: &PacketSet<A>, reply: bool) -> PacketSet<A> {
    let mut tcp_flags =
        TcpFlagSet::single(TcpFlagSet::ACK).union(TcpFlagSet::single(TcpFlagSet::ACK | TcpFlagSet::PSH));
    if reply {
        tcp_flags = tcp_flags.union(TcpFlagSet::single(TcpFlagSet::SYN | TcpFlagSet::ACK));
    }
    PacketSet {
        state: StateSet::single(ConnectionState::Established),
        tcp_flags: if set.protocol.contains(6) { tcp_flags } else { TcpFlagSet::FULL },
        ..set.clone()
    }
}
