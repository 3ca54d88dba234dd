//! Packets that have to get through as rules that people write: interfaces by name, no source where it is anyone, no source
//! ports where any will do.

use crate::deployment::needs::Demand;
use crate::deployment::{FirewallRole, Zone, interface_pattern};
use crate::judge::FamilyAddress;
use crate::model::{Addresses, InterfacePattern, Match};
use crate::packets::{Conditions, ConnectionState, IntervalSet, PacketSet, StateSet, TcpFlagSet, canonical, coalesce};

use super::Planner;
use crate::audit::judgement::firewall::View;

/// Rules for one mend; more are no mend that anyone reads.
const MOST_RULES: usize = 12;

/// How freely packets are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// Whatever the need may open, and anyone where the interface says who that is.
    People,
    /// The addresses as they are called for.
    Addresses,
    /// Nothing but what is called for.
    Exact,
}

impl Width {
    pub(super) const ALL: [Self; 3] = [Self::People, Self::Addresses, Self::Exact];
}

/// Rules that match these packets of a need between its zones; none where they would be too many.
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
            // The Edge's own address always stands in the rule.
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
    let ways = interfaces(planner, demand, packets);
    if sets.is_empty() || sets.len() * ways.len() > MOST_RULES {
        return None;
    }
    let rules = sets.iter().flat_map(|set| ways.iter().map(|(ingress, egress)| as_match(set, ingress, egress)));
    Some(rules.collect())
}

/// Anyone at one end of a set's packets, but for those of other packets that are not let through for certain.
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

/// Makes a set wider, if all that it then holds may get through.
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

/// The set without what every rule of the need shares: interfaces, state and flags.
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

/// An interface to come in by, and one to leave by.
type InAndOut = (Vec<InterfacePattern>, Vec<InterfacePattern>);

/// The interfaces of a zone, one pattern each; one empty list of a zone that names none.
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

/// The pairs of named interfaces that some of the packets use; nothing is said of a zone that names none.
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

/// Packets that open connections, by these interfaces. TCP stands without flags, as people write it.
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

/// Addresses of one family, as a rule has them.
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
