//! Traffic of an address family that the deployment does not list but that gets through to an Edge node.
//!
//! If the deployment gives the nodes addresses of that family, traffic to those is reported. If it gives none, the nodes'
//! addresses are unknown, and only traffic to a whole network behind the Edge's interface is certain to reach a node.

use std::collections::BTreeSet;

use crate::deployment::Zone;
use crate::judge::{Budget, FamilyAddress, Query, Verdict};
use crate::model::{Family, RuleId};
use crate::packets::{IntervalSet, PacketSet, coalesce};

use super::excess;
use super::firewall::View;

/// Packets of an unlisted family that rules and policies let through from one zone to another.
#[derive(Debug, Clone)]
pub(in crate::audit) struct UnlistedTraffic<A: FamilyAddress> {
    pub(in crate::audit) from: Zone,
    pub(in crate::audit) to: Zone,
    /// All rules that let some of the packets through.
    pub(in crate::audit) rules: Vec<RuleId>,
    pub(in crate::audit) packets: Vec<PacketSet<A>>,
}

/// All such traffic on one firewall, one entry for each pair of zones. However many rules let it through, there is one thing to
/// correct: that the family is not filtered.
pub(in crate::audit) fn of<A: FamilyAddress>(view: &View<A>) -> Vec<UnlistedTraffic<A>> {
    let mut found = Vec::new();
    for (from, to) in [(Zone::Internet, Zone::EdgeExternal), (Zone::Lan, Zone::EdgeInternal)] {
        if !view.zones.has(from) || !view.zones.has(to) || !view.zones.named(to) {
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

/// Whether there are at least as many addresses as a network has: an IPv4 /24, or an IPv6 /64.
fn reaches_a_network<A: FamilyAddress>(addresses: &IntervalSet<A>) -> bool {
    let least = match A::FAMILY {
        Family::Ipv4 => 1 << 8,
        Family::Ipv6 => 1 << 64,
    };
    addresses.count() >= least
}
