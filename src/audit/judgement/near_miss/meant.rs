//! Whether a rule that lets misplaced packets through was meant for them: it opens only some other ports, and it names the Edge.
//!
//! What a rule opens is found by judging the whole rule set, not from the rule's text: rules before it may narrow what reaches
//! it.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::{Budget, FamilyAddress, Judge, Verdict};
use crate::model::{Family, RuleId};
use crate::packets::{IntervalSet, PacketSet, TcpFlagSet};

use super::attempts::{Attempt, SearchPlace};
use super::{Kind, Search, query};

/// A rule that is meant for a need opens at most this many ports that no need calls for.
const MORE_PORTS: u128 = 64;
/// And it opens at most this many protocols.
const MOST_PROTOCOLS: u128 = 2;

/// The rules among `deciders` that were meant for the packets they let through.
pub(super) fn of<'j, A: FamilyAddress>(
    search: &'j Search<'j, 'j, A>,
    filter: &'j Judge<'j, A>,
    attempt: &Attempt<A>,
    evidence: &[(SearchPlace, PacketSet<A>)],
    deciders: &BTreeSet<RuleId>,
) -> BTreeSet<RuleId> {
    let by_source = attempt.kind == Kind::SourcePort;
    let ports = |set: &PacketSet<A>| if by_source { set.source_port.clone() } else { set.destination_port.clone() };
    // One rule may serve several needs: the ports of all needs count as called for.
    let called_for = search.may.iter().fold(IntervalSet::empty(), |all, set| all.union(&called_for(set)));
    let any_service = |set: &PacketSet<A>| PacketSet {
        protocol: IntervalSet::full(),
        source_port: if by_source { IntervalSet::full() } else { set.source_port.clone() },
        destination_port: if by_source { set.destination_port.clone() } else { IntervalSet::full() },
        tcp_flags: if set.protocol.contains(6) { set.tcp_flags } else { TcpFlagSet::FULL },
        ..set.clone()
    };
    let opened = permitted(search, filter, evidence, deciders, &any_service);
    let few_services = |sets: &Vec<PacketSet<A>>| {
        let protocols = sets.iter().fold(IntervalSet::empty(), |all, set| all.union(&set.protocol));
        let opened = sets.iter().fold(IntervalSet::empty(), |all, set| all.union(&ports(set)));
        protocols.count() <= MOST_PROTOCOLS && opened.difference(&called_for).count() <= MORE_PORTS
    };
    let mut meant: BTreeSet<RuleId> =
        deciders.iter().copied().filter(|rule| opened.get(rule).is_some_and(few_services)).collect();
    if attempt.names_edge && !meant.is_empty() {
        let anyone = |set: &PacketSet<A>| attempt.edge.with(set, IntervalSet::full());
        let opened = permitted(search, filter, evidence, &meant, &anyone);
        let names = |sets: &Vec<PacketSet<A>>| {
            let named = sets.iter().fold(IntervalSet::empty(), |all, set| all.union(attempt.edge.of(set)));
            named.count() <= most_addresses(A::FAMILY)
        };
        meant.retain(|rule| opened.get(rule).is_some_and(names));
    }
    meant
}

/// The ports that a need may open; empty where it may open all.
fn called_for<A: FamilyAddress>(may: &PacketSet<A>) -> IntervalSet<u16> {
    if may.destination_port.is_full() { IntervalSet::empty() } else { may.destination_port.clone() }
}

/// A rule that opens more addresses than this does not name the Edge: more than an IPv4 /16 or an IPv6 /64 has.
fn most_addresses(family: Family) -> u128 {
    match family {
        Family::Ipv4 => 1 << 16,
        Family::Ipv6 => 1 << 64,
    }
}

/// The packets that each of these rules lets through, of the evidence as `widen` widens it.
fn permitted<'j, A: FamilyAddress>(
    search: &'j Search<'j, 'j, A>,
    filter: &'j Judge<'j, A>,
    evidence: &[(SearchPlace, PacketSet<A>)],
    deciders: &BTreeSet<RuleId>,
    widen: &dyn Fn(&PacketSet<A>) -> PacketSet<A>,
) -> BTreeMap<RuleId, Vec<PacketSet<A>>> {
    let mut permitted: BTreeMap<RuleId, Vec<PacketSet<A>>> = BTreeMap::new();
    let mut asked: Vec<(SearchPlace, PacketSet<A>)> = Vec::new();
    for (place, set) in evidence {
        let wide = widen(set);
        if asked.iter().any(|(at, known)| at == place && wide.is_subset(known)) {
            continue;
        }
        let judge = search.judge_at(*place, filter);
        for piece in judge.partition(&query(*place, &wide), Budget::default()).pieces {
            if let Some(rule) = judge.attributed(&piece).filter(|rule| deciders.contains(rule))
                && piece.verdict == Verdict::Accept
            {
                permitted.entry(rule).or_default().push(piece.wire);
            }
        }
        asked.push((*place, wide));
    }
    permitted
}
