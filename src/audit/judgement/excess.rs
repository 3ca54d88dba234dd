//! What a firewall lets through between two zones, to or from an Edge address, that no need calls for and no exception declares.

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
    /// The rule or policy that this is attributed to ([`crate::judge::Judge::attributed`]); none where no base chain stands on the way.
    pub(in crate::audit) rule: Option<RuleId>,
    /// Its class of the ranking, where that is known already.
    pub(in crate::audit) class: Option<&'static ExcessClass>,
    /// All rules, where many that are alike are told together; else none.
    pub(in crate::audit) alike: Vec<RuleId>,
    /// As the rules see them.
    pub(in crate::audit) packets: Vec<PacketSet<A>>,
    /// One of the same packets as it arrives.
    pub(in crate::audit) wire: Vec<PacketSet<A>>,
    /// Empty where they get through for certain; else why nobody can tell.
    pub(in crate::audit) reasons: Vec<String>,
}

/// So many comparisons may working out what hangs on conditions take, for each pair of zones.
const MOST_COMPARISONS: usize = 3_000_000;

/// Pairs of zones between which an Edge address is an end.
fn pairs(role: FirewallRole) -> Vec<(Zone, Zone)> {
    use Zone::{EdgeExternal, EdgeInternal, Internet, Lan};
    let all = [Internet, EdgeExternal, EdgeInternal, Lan];
    let is_edge = |zone| matches!(zone, EdgeExternal | EdgeInternal);
    if role == FirewallRole::Host {
        // The peer's zone follows from its address, and the side of the host from the host's.
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

/// All excess of a firewall in this family. `needs` are those of the same family.
pub(in crate::audit) fn of<A: FamilyAddress>(view: &View<A>, needs: &[&Need], allows: &[&Allow]) -> Vec<Excess<A>> {
    let mut found = Vec::new();
    for (from, to) in pairs(view.export.firewall.role) {
        let stands = (view.zones.stands(from), view.zones.stands(to));
        let named_only = stands != (true, true);
        if stands == (false, false) {
            continue;
        }
        let any = view.judge.interfaces().any();
        let points = |zone, stands| if stands { view.zones.points(zone).clone() } else { any.clone() };
        let (ingress, egress) = (points(from, stands.0), points(to, stands.1));
        let taken = taken(view, needs, allows, from, to, &ingress, &egress);
        let mut groups: BTreeMap<Option<RuleId>, Group<A>> = BTreeMap::new();
        for wire in openers(view, from, to, &ingress, &egress) {
            collect(view, wire, from, to, &mut groups);
        }
        let doubtful = Doubtful::of(groups.values());
        let mut most = MOST_COMPARISONS;
        let named = if named_only { meant(view, from, to, stands, &ingress, &egress) } else { BTreeMap::new() };
        for (rule, group) in groups {
            let excused = rule.is_some_and(|rule| is_excused(view, rule, allows));
            if excused
                || named_only && !rule.is_some_and(|rule| names_other_side(view, named.get(&rule), from, to, stands))
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

/// So many reasons are kept for one rule: behind a thousand rules with conditions of their own there are a thousand.
const MOST_REASONS: usize = 32;

/// What one rule decides of the packets asked about.
struct Group<A: FamilyAddress> {
    /// Let through, perhaps under conditions.
    permitted: Vec<SeenAndWire<A>>,
    /// Nobody knows.
    unknown: Vec<SeenAndWire<A>>,
    /// Refused under some condition: the same packets may be let through under another.
    refused: Vec<SeenAndWire<A>>,
    reasons: Vec<String>,
}

impl<A: FamilyAddress> Default for Group<A> {
    fn default() -> Self {
        Self { permitted: Vec::new(), unknown: Vec::new(), refused: Vec::new(), reasons: Vec::new() }
    }
}

impl<A: FamilyAddress> Group<A> {
    /// What is left once needs and exceptions are taken away: the certain part, and the open part. `doubtful` is everything that
    /// under some condition is not let through.
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
            // Where working it out takes too long, nobody can tell.
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
                    alike: Vec::new(),
                    packets: coalesce(sets.into_iter().map(|(seen, _)| seen).collect()),
                    wire,
                    reasons,
                }
            })
            .collect()
    }
}

/// Everything that under some condition is not let through.
struct Doubtful<A: FamilyAddress> {
    /// As the rules see it, with the interfaces and the state that it has once it comes to the filter.
    seen: Vec<PacketSet<A>>,
    /// As it arrives.
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

    /// What of packets that are let through under a condition is so under all: where their addresses are translated, all of them or
    /// none.
    fn sure(&self, left: &[PacketSet<A>], wire: &PacketSet<A>, most: &mut usize) -> Vec<PacketSet<A>> {
        let translated = left.iter().any(|set| !set.destination.meets(&wire.destination));
        if translated {
            let arriving = without_conditions(std::slice::from_ref(wire));
            let whole = arriving.iter().all(|set| !self.wire.iter().any(|doubtful| doubtful.meets(set)));
            return if whole { left.to_vec() } else { Vec::new() };
        }
        subtract_within(left.to_vec(), &self.seen, most).unwrap_or_default()
    }
}

/// Packets as the rules see them, told with the destination that the piece they are from has on the wire.
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

/// Packets that open connections between two zones: TCP, ICMP that conntrack finds new (docs/semantics.md, 20 and 22), all else.
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

/// Those of these packets that open connections.
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

/// Judges packets on the wire and files them under the rules that decide.
fn collect<A: FamilyAddress>(
    view: &View<A>,
    wire: PacketSet<A>,
    from: Zone,
    to: Zone,
    groups: &mut BTreeMap<Option<RuleId>, Group<A>>,
) {
    let named = wire.destination.clone();
    let translated = view.translates && to != Zone::Internet && !view.mapped();
    // Where destinations are rewritten, any may turn into one of these.
    let wire = if translated { PacketSet { destination: IntervalSet::full(), ..wire } } else { wire };
    let arriving = translated.then_some(named);
    let query = Query { arriving, wanted: Wanted::Passing, ..Query::new(view.route(from, to), wire) };
    let partition = view.judge.partition(&query, Budget::default());
    let (mut known, mut told) = (FxHashSet::default(), FxHashSet::default());
    for piece in &partition.pieces {
        let rule = view.judge.attributed(piece);
        let group = groups.entry(rule).or_default();
        let conditional = !piece.wire.conditions.is_any();
        let mut reason = |text: String| {
            if group.reasons.len() < MOST_REASONS && told.insert((rule, text.clone())) {
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
            // What the firewall itself accepts goes to no Edge.
            _ if piece.own => {}
            Verdict::Accept => group.permitted.push((piece.seen.clone(), piece.wire.clone())),
            Verdict::Undecided(why) => {
                // Before translation has been decided a packet may not be one of these at all.
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

/// What needs and declared exceptions allow between two zones.
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
        // Ports without a protocol are those of the protocols that have ports.
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

/// Whether an exception names this very rule.
fn is_excused<A: FamilyAddress>(view: &View<A>, rule: RuleId, allows: &[&Allow]) -> bool {
    let Some(place) = view.export.place(rule) else { return false };
    allows
        .iter()
        .filter_map(|allow| allow.rule.as_ref())
        .any(|(input, line)| *input == place.input && *line == place.line)
}

/// For each rule, whom it lets through to whom where the end that stands elsewhere is anybody: what it means by that end.
fn meant<A: FamilyAddress>(
    view: &View<A>,
    from: Zone,
    to: Zone,
    stands: (bool, bool),
    ingress: &IntervalSet<Interface>,
    egress: &IntervalSet<Interface>,
) -> BTreeMap<RuleId, (IntervalSet<A>, IntervalSet<A>)> {
    let mut ends: BTreeMap<RuleId, (IntervalSet<A>, IntervalSet<A>)> = BTreeMap::new();
    for mut wire in openers(view, from, to, ingress, egress) {
        if !stands.0 {
            wire.source = IntervalSet::full();
        }
        if !stands.1 || view.translates && to == Zone::EdgeExternal {
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

/// Whether a rule of a one-sided firewall means the side that stands elsewhere, rather than merely containing it in an `any`:
/// what it means by that end holds no address that the Internet reaches and none that lives behind this firewall's own zones.
fn names_other_side<A: FamilyAddress>(
    view: &View<A>,
    meant: Option<&(IntervalSet<A>, IntervalSet<A>)>,
    from: Zone,
    to: Zone,
    stands: (bool, bool),
) -> bool {
    let Some((source, destination)) = meant else { return false };
    let own = Zone::ALL
        .into_iter()
        .filter(|zone| view.zones.stands(*zone) && *zone != Zone::Internet)
        .fold(A::side(&crate::deployment::globally_reachable()).clone(), |all, zone| all.union(&view.behind(zone)));
    let names = |end: &IntervalSet<A>, zone: Zone| {
        let there = view.behind(zone);
        end.meets(&there) && !end.difference(&there).meets(&own)
    };
    (stands.0 || names(source, from)) && (stands.1 || names(destination, to))
}
