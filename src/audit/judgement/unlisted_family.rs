//! Traffic of a family that the deployment does not list, and that gets through to an Edge node all the same.
//!
//! Where the deployment gives the nodes addresses of that family, those are meant. Where it gives none, nobody knows them: only
//! what is open to a whole network behind the Edge's interface is certain to reach one.

use std::collections::BTreeSet;

use crate::deployment::Zone;
use crate::judge::{Budget, FamilyAddress, Query, Verdict};
use crate::model::{Family, RuleId};
use crate::packets::{IntervalSet, PacketSet, coalesce};

use super::excess;
use super::firewall::View;

/// What rules and policies let through to the Edge.
#[derive(Debug, Clone)]
pub(in crate::audit) struct UnlistedTraffic<A: FamilyAddress> {
    pub(in crate::audit) from: Zone,
    pub(in crate::audit) to: Zone,
    /// All that do.
    pub(in crate::audit) rules: Vec<RuleId>,
    pub(in crate::audit) packets: Vec<PacketSet<A>>,
}

/// All of it on one firewall, by where it goes: that nobody filters the family there is one thing to mend, however many rules.
pub(in crate::audit) fn of<A: FamilyAddress>(view: &View<A>) -> Vec<UnlistedTraffic<A>> {
    let mut found = Vec::new();
    for (from, to) in [(Zone::Internet, Zone::EdgeExternal), (Zone::Lan, Zone::EdgeInternal)] {
        if !view.zones.stands(from) || !view.zones.stands(to) || !view.zones.named(to) {
            continue;
        }
        let known = view.behind(to);
        let destination = if known.is_empty() { IntervalSet::full() } else { known.clone() };
        let packets = PacketSet {
            source: if from == Zone::Lan { IntervalSet::full() } else { view.behind(Zone::Internet) },
            destination,
            ingress: view.zones.points(from).clone(),
            egress: view.zones.points(to).clone(),
            ..PacketSet::full()
        };
        let (mut rules, mut through) = (BTreeSet::new(), Vec::new());
        for wire in excess::opening(&packets) {
            let query = Query::new(view.route(from, to), wire);
            for piece in view.judge.partition(&query, Budget::default()).pieces {
                let certain = piece.verdict == Verdict::Accept && piece.wire.conditions.is_any() && !piece.own;
                if certain && (!known.is_empty() || reaches_a_network(&piece.seen.destination)) {
                    rules.extend(view.judge.attributed(&piece));
                    through.push(piece.wire);
                }
            }
        }
        if !through.is_empty() {
            found.push(UnlistedTraffic { from, to, rules: rules.into_iter().collect(), packets: coalesce(through) });
        }
    }
    found
}

/// Whether so many addresses are open that every host of a network is among them: a /24, or a /64 of IPv6.
fn reaches_a_network<A: FamilyAddress>(addresses: &IntervalSet<A>) -> bool {
    let least = match A::FAMILY {
        Family::Ipv4 => 1 << 8,
        Family::Ipv6 => 1 << 64,
    };
    addresses.count() >= least
}
