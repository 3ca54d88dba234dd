//! Excess: packets to or from an Edge address that a firewall lets through although no need calls for them and no exception
//! declares them.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use crate::catalog::ExcessClass;
use crate::deployment::needs::Need;
use crate::deployment::{Allow, FirewallRole, Zone};
use crate::judge::{Budget, FamilyAddress, Query, Verdict, Wanted};
use crate::model::{Addresses, Match, RuleId};
use crate::packets::{
    ConnectionState, Interface, IntervalSet, PacketSet, StateSet, TcpFlagSet, coalesce, subtract_all, subtract_within,
    without_conditions,
};

use super::firewall::View;

/// Packets that one rule lets through in excess, between two zones.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Excess<A: FamilyAddress> {
    pub(in crate::audit) from: Zone,
    pub(in crate::audit) to: Zone,
    /// The rule or policy that permits them ([`crate::judge::Judge::attributed`]); none where no base chain filters their path.
    pub(in crate::audit) rule: Option<RuleId>,
    /// Its class in the ranking, if that is known already.
    pub(in crate::audit) class: Option<&'static ExcessClass>,
    /// All rules, where the excess of many similar rules was grouped into this one; else empty.
    pub(in crate::audit) grouped: Vec<RuleId>,
    /// The packets as the rules see them: after translation of destinations.
    pub(in crate::audit) packets: Vec<PacketSet<A>>,
    /// The same packets as they arrive, before translation.
    pub(in crate::audit) wire: Vec<PacketSet<A>>,
    /// Why it is undecided whether they get through; empty where they do for certain.
    pub(in crate::audit) reasons: Vec<String>,
}

/// How many comparisons may be spent, for each pair of zones, on finding which packets depend on conditions.
const MOST_COMPARISONS: usize = 3_000_000;

/// Pairs of zones between which an Edge address is an end.
fn pairs(role: FirewallRole) -> Vec<(Zone, Zone)> {
    use Zone::{EdgeExternal, EdgeInternal, Internet, Lan};
    let all = [Internet, EdgeExternal, EdgeInternal, Lan];
    let is_edge = |zone| matches!(zone, EdgeExternal | EdgeInternal);
    if role == FirewallRole::Host {
        // The zone of the peer follows from the peer's address, and the side of the Edge from the host's.
        return vec![
            (Internet, EdgeExternal),
            (Internet, EdgeInternal),
            (Lan, EdgeInternal),
            (EdgeExternal, Internet),
            (EdgeInternal, Lan),
        ];
    }
    all.into_iter()
        .flat_map(|from| all.into_iter().map(move |to| (from, to)))
        .filter(|(from, to)| from != to && (is_edge(*from) || is_edge(*to)))
        .collect()
}

/// All excess of a firewall in this family. `needs` are the needs of the same family.
pub(in crate::audit) fn of<A: FamilyAddress>(view: &View<A>, needs: &[&Need], allows: &[&Allow]) -> Vec<Excess<A>> {
    let mut found = Vec::new();
    for (from, to) in pairs(view.export.firewall.role) {
        let present = (view.zones.has(from), view.zones.has(to));
        let named_only = present != (true, true);
        if present == (false, false) {
            continue;
        }
        let any = view.judge.interfaces().any();
        let points = |zone, present| if present { view.zones.points(zone).clone() } else { any.clone() };
        let (ingress, egress) = (points(from, present.0), points(to, present.1));
        let taken = taken(view, needs, allows, from, to, &ingress, &egress);
        let mut groups: BTreeMap<Option<RuleId>, Group<A>> = BTreeMap::new();
        for wire in openers(view, from, to, &ingress, &egress) {
            collect(view, wire, from, to, &mut groups);
        }
        let doubtful = Doubtful::of(groups.values());
        let mut most = MOST_COMPARISONS;
        let named = if named_only { widened_ends(view, from, to, present, &ingress, &egress) } else { BTreeMap::new() };
        for (rule, group) in groups {
            let excused = rule.is_some_and(|rule| is_excused(view, rule, allows));
            if excused
                || named_only && !rule.is_some_and(|rule| names_other_side(view, named.get(&rule), from, to, present))
            {
                continue;
            }
            found.extend(group.excess(from, to, rule, &taken, &doubtful, &mut most));
        }
    }
    found
}

/// Packets as the rules see them, and as they arrive.
type SeenAndWire<A> = (PacketSet<A>, PacketSet<A>);

/// How many reasons are kept for one rule. A rule behind a thousand rules with conditions of their own would have a thousand.
const MOST_REASONS: usize = 32;

/// The packets that one rule decides.
struct Group<A: FamilyAddress> {
    /// Let through, perhaps under conditions.
    permitted: Vec<SeenAndWire<A>>,
    /// The verdict is undecided.
    unknown: Vec<SeenAndWire<A>>,
    /// Refused under a condition: the same packets may be let through under another.
    refused: Vec<SeenAndWire<A>>,
    reasons: Vec<String>,
}

impl<A: FamilyAddress> Default for Group<A> {
    fn default() -> Self {
        Self { permitted: Vec::new(), unknown: Vec::new(), refused: Vec::new(), reasons: Vec::new() }
    }
}

impl<A: FamilyAddress> Group<A> {
    /// The packets that remain once those of needs and exceptions are removed: first those that get through for certain, then
    /// those for which it is undecided. `doubtful` is everything that is not let through under some condition.
    fn excess(
        self,
        from: Zone,
        to: Zone,
        rule: Option<RuleId>,
        taken: &[PacketSet<A>],
        doubtful: &Doubtful<A>,
        most: &mut usize,
    ) -> Vec<Excess<A>> {
        let (mut certain, mut open) = (Vec::new(), Vec::new());
        for (seen, wire) in self.permitted {
            let certain_anyway = seen.conditions.is_any();
            let left = subtract_all(without_conditions(&[seen]), taken);
            if certain_anyway {
                certain.extend(left.into_iter().map(|set| (set, wire.clone())));
                continue;
            }
            // Where this takes too many comparisons, the packets count as undecided.
            let sure = doubtful.sure(&left, &wire, most);
            open.extend(subtract_all(left, &sure).into_iter().map(|set| (set, wire.clone())));
            certain.extend(sure.into_iter().map(|set| (set, wire.clone())));
        }
        for (seen, wire) in self.unknown {
            let left = subtract_all(without_conditions(&[seen]), taken);
            open.extend(left.into_iter().map(|set| (set, wire.clone())));
        }
        [(certain, Vec::new()), (open, self.reasons)]
            .into_iter()
            .filter(|(sets, _)| !sets.is_empty())
            .map(|(sets, reasons)| {
                let wire = sets.iter().map(|(seen, wire)| on_wire(seen, wire)).collect();
                Excess {
                    from,
                    to,
                    rule,
                    class: None,
                    grouped: Vec::new(),
                    packets: coalesce(sets.into_iter().map(|(seen, _)| seen).collect()),
                    wire,
                    reasons,
                }
            })
            .collect()
    }
}

/// All packets that are not let through under some condition.
struct Doubtful<A: FamilyAddress> {
    /// As the rules see them, with the interfaces and the state that they have in the filter.
    seen: Vec<PacketSet<A>>,
    /// As they arrive.
    wire: Vec<PacketSet<A>>,
}

impl<A: FamilyAddress> Doubtful<A> {
    fn of<'g>(groups: impl Iterator<Item = &'g Group<A>>) -> Self
    where
        A: 'g,
    {
        let (mut seen, mut wire) = (Vec::new(), Vec::new());
        for (as_seen, arriving) in groups.flat_map(|group| group.refused.iter().chain(&group.unknown)) {
            seen.push(PacketSet {
                ingress: arriving.ingress.clone(),
                egress: arriving.egress.clone(),
                state: arriving.state,
                ..as_seen.clone()
            });
            wire.push(arriving.clone());
        }
        Self { seen: without_conditions(&seen), wire: without_conditions(&wire) }
    }

    /// Of packets that are let through under a condition, those that are let through under every condition. Where their addresses
    /// are translated, the answer is all of the packets or none.
    fn sure(&self, left: &[PacketSet<A>], wire: &PacketSet<A>, most: &mut usize) -> Vec<PacketSet<A>> {
        let translated = left.iter().any(|set| !set.destination.meets(&wire.destination));
        if translated {
            let arriving = without_conditions(std::slice::from_ref(wire));
            let all = arriving.iter().all(|set| !self.wire.iter().any(|doubtful| doubtful.meets(set)));
            return if all { left.to_vec() } else { Vec::new() };
        }
        subtract_within(left.to_vec(), &self.seen, most).unwrap_or_default()
    }
}

/// Packets as the rules see them, but with the destination that their piece has on the wire.
fn on_wire<A: FamilyAddress>(seen: &PacketSet<A>, wire: &PacketSet<A>) -> PacketSet<A> {
    let mut packets = seen.clone();
    packets.state = wire.state;
    if !seen.destination.meets(&wire.destination) {
        packets.destination = wire.destination.clone();
    }
    if !seen.destination_port.meets(&wire.destination_port) {
        packets.destination_port = wire.destination_port.clone();
    }
    packets
}

/// Packets that open connections between two zones: TCP without a connection, ICMP types that conntrack treats as new
/// (docs/semantics.md, 20 and 22), and every other protocol.
fn openers<A: FamilyAddress>(
    view: &View<A>,
    from: Zone,
    to: Zone,
    ingress: &IntervalSet<Interface>,
    egress: &IntervalSet<Interface>,
) -> Vec<PacketSet<A>> {
    opening(&PacketSet {
        source: view.behind(from),
        destination: view.behind(to),
        ingress: ingress.clone(),
        egress: egress.clone(),
        ..PacketSet::full()
    })
}

/// The packets of a set that open connections.
pub(in crate::audit) fn opening<A: FamilyAddress>(packets: &PacketSet<A>) -> Vec<PacketSet<A>> {
    let base = PacketSet { state: StateSet::single(ConnectionState::New), ..packets.clone() };
    let own_icmp = match A::FAMILY {
        crate::model::Family::Ipv4 => (1, vec![8, 13, 15, 17]),
        crate::model::Family::Ipv6 => (58, vec![128, 139]),
    };
    let types = own_icmp.1.into_iter().map(|number| (number, number)).collect();
    let rest = IntervalSet::from_intervals(vec![(6, 6), (own_icmp.0, own_icmp.0)]).complement();
    [
        PacketSet { protocol: IntervalSet::single(6), tcp_flags: TcpFlagSet::openers(), ..base.clone() },
        PacketSet {
            protocol: IntervalSet::single(own_icmp.0),
            source_port: IntervalSet::from_intervals(types),
            destination_port: IntervalSet::range(0, 255),
            ..base.clone()
        },
        PacketSet { protocol: rest, ..base },
    ]
    .into_iter()
    .filter(|set| !set.is_empty())
    .collect()
}

/// Judges packets on the wire and groups them by the rule that decides them.
fn collect<A: FamilyAddress>(
    view: &View<A>,
    wire: PacketSet<A>,
    from: Zone,
    to: Zone,
    groups: &mut BTreeMap<Option<RuleId>, Group<A>>,
) {
    let named = wire.destination.clone();
    let translated = view.translates && to != Zone::Internet && !view.mapped();
    // Where destinations are rewritten, any destination may become one of these.
    let wire = if translated { PacketSet { destination: IntervalSet::full(), ..wire } } else { wire };
    let arriving = translated.then_some(named);
    let query = Query { arriving, wanted: Wanted::Passing, ..Query::new(view.route(from, to), wire) };
    let partition = view.judge.partition(&query, Budget::default());
    let (mut known, mut recorded) = (FxHashSet::default(), FxHashSet::default());
    for piece in &partition.pieces {
        let rule = view.judge.attributed(piece);
        let group = groups.entry(rule).or_default();
        let conditional = !piece.wire.conditions.is_any();
        let mut reason = |text: String| {
            if group.reasons.len() < MOST_REASONS && recorded.insert((rule, text.clone())) {
                group.reasons.push(text);
            }
        };
        for (id, values) in piece.wire.conditions.literals() {
            let condition = view.export.rule_set.conditions.get(partition.original(*id) as usize);
            if let Some(condition) = condition
                && known.insert((rule, *id, values.clone()))
            {
                reason(condition.words(values));
            }
        }
        match &piece.verdict {
            // What is addressed to the firewall itself does not go to the Edge.
            _ if piece.own => {}
            Verdict::Accept => group.permitted.push((piece.seen.clone(), piece.wire.clone())),
            Verdict::Undecided(why) => {
                // While its translation is undecided, a packet may have a destination that is not asked about.
                if translated
                    && !piece.seen.destination.meets(query.arriving.as_ref().unwrap_or(&piece.seen.destination))
                {
                    continue;
                }
                reason(why.clone());
                group.unknown.push((piece.seen.clone(), piece.wire.clone()));
            }
            Verdict::Drop | Verdict::Reject if conditional => {
                group.refused.push((piece.seen.clone(), piece.wire.clone()));
            }
            Verdict::Drop | Verdict::Reject => {}
        }
    }
}

/// The packets that needs and declared exceptions allow between two zones.
#[allow(clippy::too_many_arguments)] // two lists and a path, each of two ends
pub(in crate::audit) fn taken<A: FamilyAddress>(
    view: &View<A>,
    needs: &[&Need],
    allows: &[&Allow],
    from: Zone,
    to: Zone,
    ingress: &IntervalSet<Interface>,
    egress: &IntervalSet<Interface>,
) -> Vec<PacketSet<A>> {
    let is_edge = Zone::is_edge;
    let both_ends = is_edge(from) && is_edge(to);
    let of_needs = needs
        .iter()
        .filter_map(|need| need.demand.as_ref().ok())
        .filter(|demand| demand.from == from && demand.to == to);
    let of_needs = of_needs.flat_map(|demand| demand.may.iter().map(move |may| view.as_named(demand, may)));
    let of_allows = allows
        .iter()
        .filter(|allow| allow.rule.is_none())
        .filter(|allow| allow.firewall.as_ref().is_none_or(|name| *name == view.export.firewall.name))
        .flat_map(|allow| allowed(allow));
    of_needs
        .chain(of_allows)
        .chain(view.within_a_node.iter().filter(|_| both_ends).cloned())
        .map(|matching| View::packets(&matching, ingress, egress))
        .filter(|set| !set.is_empty())
        .collect()
}

/// A declared exception as packets.
fn allowed(allow: &Allow) -> Vec<Match> {
    let addresses = |nets: &[ipnet::IpNet]| if nets.is_empty() { Addresses::any() } else { Addresses::of_nets(nets) };
    let ports =
        if allow.ports.is_empty() { IntervalSet::full() } else { IntervalSet::from_intervals(allow.ports.clone()) };
    let protocol = match (allow.protocol_number(), &allow.protocol) {
        (Some(number), _) => IntervalSet::single(number),
        // Ports without a protocol apply to every protocol that has ports: TCP, UDP, SCTP and UDP-Lite.
        (None, None) if !allow.ports.is_empty() => {
            IntervalSet::from_intervals(vec![(6, 6), (17, 17), (132, 132), (136, 136)])
        }
        (None, None) => IntervalSet::full(),
        (None, Some(_)) => IntervalSet::empty(),
    };
    vec![Match {
        source: addresses(&allow.source),
        destination: addresses(&allow.destination),
        protocol,
        destination_port: ports,
        ..Match::any()
    }]
}

/// Whether an exception names this rule by its line.
fn is_excused<A: FamilyAddress>(view: &View<A>, rule: RuleId, allows: &[&Allow]) -> bool {
    let Some(place) = view.export.place(rule) else { return false };
    allows
        .iter()
        .filter_map(|allow| allow.rule.as_ref())
        .any(|(input, line)| *input == place.input && *line == place.line)
}

/// For each rule, the sources and the destinations that it lets through if any address is allowed at an end whose zone this
/// firewall does not have. This shows which addresses the rule itself accepts at that end.
fn widened_ends<A: FamilyAddress>(
    view: &View<A>,
    from: Zone,
    to: Zone,
    present: (bool, bool),
    ingress: &IntervalSet<Interface>,
    egress: &IntervalSet<Interface>,
) -> BTreeMap<RuleId, (IntervalSet<A>, IntervalSet<A>)> {
    let mut ends: BTreeMap<RuleId, (IntervalSet<A>, IntervalSet<A>)> = BTreeMap::new();
    for mut wire in openers(view, from, to, ingress, egress) {
        if !present.0 {
            wire.source = IntervalSet::full();
        }
        if !present.1 || view.translates && to == Zone::EdgeExternal {
            wire.destination = IntervalSet::full();
        }
        let query = Query { wanted: Wanted::Passing, ..Query::new(view.route(from, to), wire) };
        for piece in view.judge.partition(&query, Budget::default()).pieces {
            let lets = !piece.own && matches!(piece.verdict, Verdict::Accept | Verdict::Undecided(_));
            let rule = view.judge.attributed(&piece).filter(|rule| lets && view.export.rule_set.rule(*rule).is_some());
            let Some(rule) = rule else { continue };
            let (source, destination) =
                ends.entry(rule).or_insert_with(|| (IntervalSet::empty(), IntervalSet::empty()));
            *source = source.union(&piece.seen.source);
            *destination = destination.union(&piece.seen.destination);
        }
    }
    ends
}

/// Whether a rule of a firewall with one side only (external or internal) names the zone that this firewall does not have, rather
/// than merely including it in an `any`. It does if the addresses it accepts at that end (`accepted`, from [`widened_ends`]),
/// apart from those of the zone itself, are neither reachable from the Internet nor behind this firewall's own zones.
fn names_other_side<A: FamilyAddress>(
    view: &View<A>,
    accepted: Option<&(IntervalSet<A>, IntervalSet<A>)>,
    from: Zone,
    to: Zone,
    present: (bool, bool),
) -> bool {
    let Some((source, destination)) = accepted else { return false };
    let own = Zone::ALL
        .into_iter()
        .filter(|zone| view.zones.has(*zone) && *zone != Zone::Internet)
        .fold(A::side(&crate::deployment::globally_reachable()).clone(), |all, zone| all.union(&view.behind(zone)));
    let names = |end: &IntervalSet<A>, zone: Zone| {
        let there = view.behind(zone);
        end.meets(&there) && !end.difference(&there).meets(&own)
    };
    (present.0 || names(source, from)) && (present.1 || names(destination, to))
}
