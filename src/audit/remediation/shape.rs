//! Rules for packets that have to get through, in the form that administrators write: with interface names, without a source
//! address where any source is allowed, and without source ports where any port is allowed.

use crate::deployment::needs::Demand;
use crate::deployment::{FirewallRole, Zone, interface_pattern};
use crate::judge::FamilyAddress;
use crate::model::{Addresses, InterfacePattern, Match};
use crate::packets::{Conditions, ConnectionState, IntervalSet, PacketSet, StateSet, TcpFlagSet, canonical, coalesce};

use super::Planner;
use crate::audit::judgement::firewall::View;

/// How many rules one remediation may have. More would not be readable.
const MOST_RULES: usize = 12;

/// How far the matches of rules are widened beyond the packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// To any source port that the need allows, and to any address of the Internet, since the interface already restricts it.
    People,
    /// To any source port that the need allows. Addresses are as the need calls for them.
    Addresses,
    /// Not at all.
    Exact,
}

impl Width {
    pub(super) const ALL: [Self; 3] = [Self::People, Self::Addresses, Self::Exact];
}

/// Rules that match these packets of a need between its zones; none if more rules than the limit would be needed.
pub(super) fn of<A: FamilyAddress>(
    planner: &Planner<A>,
    demand: &Demand,
    packets: &[PacketSet<A>],
    width: Width,
) -> Option<Vec<Match>> {
    let plain: Vec<PacketSet<A>> = packets.iter().map(between_zones).collect();
    let allowed = planner.allowed(demand.from, demand.to);
    let mut sets: Vec<PacketSet<A>> = Vec::new();
    for mut set in canonical(&coalesce(plain), MOST_RULES * 4) {
        if width != Width::Exact {
            widen(&mut set, |set| set.source_port = IntervalSet::full(), &allowed);
        }
        if width == Width::People {
            // The Edge's own address is always in the rule.
            if demand.from == Zone::Internet {
                let others = planner.open.iter().filter(|((_, to), _)| *to == demand.to);
                let others: Vec<&PacketSet<A>> = others.flat_map(|(_, packets)| packets).collect();
                widen(&mut set, |set| set.source = anyone(set, &others, |set| &mut set.source), &allowed);
            }
            if demand.to == Zone::Internet {
                let others = planner.open.iter().filter(|((from, _), _)| *from == demand.from);
                let others: Vec<&PacketSet<A>> = others.flat_map(|(_, packets)| packets).collect();
                widen(&mut set, |set| set.destination = anyone(set, &others, |set| &mut set.destination), &allowed);
            }
        }
        if !sets.iter().any(|other| set.is_subset(other)) {
            sets.retain(|other| !other.is_subset(&set));
            sets.push(set);
        }
    }
    let sets = coalesce(sets);
    let pairs = interfaces(planner, demand, packets);
    if sets.is_empty() || sets.len() * pairs.len() > MOST_RULES {
        return None;
    }
    let rules = sets.iter().flat_map(|set| pairs.iter().map(|(ingress, egress)| as_match(set, ingress, egress)));
    Some(rules.collect())
}

/// Every address at one end of a set's packets, except those of other packets that are not certain to get through.
fn anyone<A: FamilyAddress>(
    set: &PacketSet<A>,
    others: &[&PacketSet<A>],
    end: fn(&mut PacketSet<A>) -> &mut IntervalSet<A>,
) -> IntervalSet<A> {
    let mut wide = set.clone();
    let own = std::mem::replace(end(&mut wide), IntervalSet::full());
    let ends = others.iter().filter(|other| other.meets(&wide)).map(|other| end(&mut (*other).clone()).clone());
    let strangers = ends.fold(IntervalSet::empty(), |all, end| all.union(&end));
    IntervalSet::full().difference(&strangers.difference(&own))
}

/// Widens a set, if all packets that it then holds are allowed.
pub(super) fn widen<A: FamilyAddress>(
    set: &mut PacketSet<A>,
    wider: impl Fn(&mut PacketSet<A>),
    allowed: &impl Fn(&PacketSet<A>) -> bool,
) {
    let mut wide = set.clone();
    wider(&mut wide);
    if allowed(&wide) {
        *set = wide;
    }
}

/// The set without interfaces, state, flags and conditions, which are the same for all rules of a need.
pub(super) fn between_zones<A: FamilyAddress>(set: &PacketSet<A>) -> PacketSet<A> {
    PacketSet {
        ingress: IntervalSet::full(),
        egress: IntervalSet::full(),
        state: StateSet::FULL,
        tcp_flags: TcpFlagSet::FULL,
        conditions: Conditions::any(),
        ..set.clone()
    }
}

/// The interfaces that packets arrive on, and those that they leave by.
type InAndOut = (Vec<InterfacePattern>, Vec<InterfacePattern>);

/// The interfaces of a zone, one list with one pattern for each. For a zone without named interfaces, one empty list.
pub(super) fn named<A: FamilyAddress>(view: &View<A>, zone: Zone) -> Vec<Vec<InterfacePattern>> {
    // On a host's own firewall the Edge's side is the host, not an interface.
    let host = view.export.firewall.role == FirewallRole::Host;
    match view.export.firewall.zones.of(zone) {
        Some(names) if !host || matches!(zone, Zone::Internet | Zone::Lan) => {
            names.iter().map(|name| vec![interface_pattern(name)]).collect()
        }
        _ => vec![Vec::new()],
    }
}

/// The pairs of named interfaces that some of the packets use. For a zone without named interfaces, that side of the pair is
/// empty.
fn interfaces<A: FamilyAddress>(planner: &Planner<A>, demand: &Demand, packets: &[PacketSet<A>]) -> Vec<InAndOut> {
    let view = planner.view;
    let points = |patterns: &[InterfacePattern]| view.judge.interfaces().matching_all(patterns);
    let mut pairs = Vec::new();
    for ingress in named(view, demand.from) {
        for egress in named(view, demand.to) {
            let (into, out) = (points(&ingress), points(&egress));
            if packets.iter().any(|set| set.ingress.meets(&into) && set.egress.meets(&out)) {
                pairs.push((ingress.clone(), egress));
            }
        }
    }
    pairs
}

/// A match of packets that open connections, at these interfaces. TCP flags are left out, as administrators do.
fn as_match<A: FamilyAddress>(set: &PacketSet<A>, ingress: &[InterfacePattern], egress: &[InterfacePattern]) -> Match {
    Match {
        source: addresses(&set.source),
        destination: addresses(&set.destination),
        protocol: set.protocol.clone(),
        source_port: set.source_port.clone(),
        destination_port: set.destination_port.clone(),
        ingress: ingress.to_vec(),
        egress: egress.to_vec(),
        state: StateSet::single(ConnectionState::New),
        ..Match::any()
    }
}

/// Addresses of one family in the form of a rule.
pub(super) fn addresses<A: FamilyAddress>(set: &IntervalSet<A>) -> Addresses {
    if set.is_full() {
        return Addresses::any();
    }
    let wide: Vec<(u128, u128)> = set.intervals().iter().map(|(low, high)| (low.to_u128(), high.to_u128())).collect();
    let mut addresses = Addresses::none();
    match A::FAMILY {
        crate::model::Family::Ipv4 => {
            let narrow = |value: u128| u32::try_from(value).unwrap_or(u32::MAX);
            addresses.ipv4 =
                IntervalSet::from_intervals(wide.into_iter().map(|(low, high)| (narrow(low), narrow(high))).collect());
        }
        crate::model::Family::Ipv6 => addresses.ipv6 = IntervalSet::from_intervals(wide),
    }
    addresses
}
