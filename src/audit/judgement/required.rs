//! Judges one need on one firewall: whether all, some or none of its packets are permitted, or whether that is undecided.

use std::collections::BTreeSet;

use crate::deployment::Zone;
use crate::deployment::needs::{Alternative, Demand, Need};
use crate::judge::{Budget, FamilyAddress, Query, Route, Verdict};
use crate::model::{Addresses, Match, RuleId};
use crate::packets::{Interface, IntervalSet, PacketSet, Values};

use super::exceptions::are_exceptions;
use super::firewall::View;
use super::outcome::{Judged, Outcome, between, on_the_wire};

/// The result of judging a need on one firewall.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Judgement<A: FamilyAddress> {
    pub(in crate::audit) outcome: NeedOutcome,
    /// The packets that the need calls for, in the addresses that the rules name.
    pub(in crate::audit) expected: Vec<PacketSet<A>>,
    /// Those of them that are refused; of an undecided need, those that are undecided.
    pub(in crate::audit) gap: Vec<PacketSet<A>>,
    /// The rules that permit the need, or part of it.
    pub(in crate::audit) permitters: BTreeSet<RuleId>,
    /// The addresses of the Internet whose packets are refused or undecided although the need counts as satisfied.
    pub(in crate::audit) exceptions: IntervalSet<A>,
    /// Why the need is undecided.
    pub(in crate::audit) reasons: Vec<String>,
    /// The rules that decide undecided packets.
    pub(in crate::audit) doubtful: BTreeSet<RuleId>,
    /// Whether the alternative that was judged opens a media range which may stay closed if other needs are satisfied.
    pub(in crate::audit) media: bool,
    /// Whether each destination port that the need calls for is permitted from some source at least.
    pub(in crate::audit) all_ports: bool,
    /// The interfaces between which the need has this outcome: those of the zone it comes from, and those of the zone it goes to.
    /// Of a zone that the deployment gives no interfaces, these are the ones with the best outcome.
    pub(in crate::audit) interfaces: (IntervalSet<Interface>, IntervalSet<Interface>),
    /// Translated addresses: each pair is the address that the rules name and the one that the packet carries on the wire.
    pub(in crate::audit) wire: Vec<(A, A)>,
}

/// A need with its result on a firewall.
#[derive(Debug)]
pub(in crate::audit) struct Settled<'n, A: FamilyAddress> {
    /// Its index among the needs.
    pub(in crate::audit) place: usize,
    pub(in crate::audit) need: &'n Need,
    pub(in crate::audit) demand: &'n Demand,
    pub(in crate::audit) judgement: Judgement<A>,
}

/// The outcome of a need on one firewall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::audit) enum NeedOutcome {
    /// All of it is permitted.
    Satisfied,
    /// Nothing of it is permitted, which is acceptable as long as these other needs are satisfied.
    Closed(&'static [&'static str]),
    /// The export does not decide it.
    Undecided,
    /// A part of it is permitted.
    Partial,
    /// Nothing of it is permitted.
    Missing,
}

impl NeedOutcome {
    /// Whether this outcome is as good as another, or better.
    pub(in crate::audit) fn is_no_worse_than(self, other: Self) -> bool {
        self.rank() <= other.rank()
    }

    /// Better outcomes have lower ranks. Of a zone that the deployment gives no interfaces, those with the best outcome count.
    fn rank(self) -> u8 {
        match self {
            Self::Satisfied => 0,
            Self::Closed(_) => 1,
            Self::Undecided => 2,
            Self::Partial => 3,
            Self::Missing => 4,
        }
    }
}

/// Judges each alternative of a need, in their order.
pub(in crate::audit) fn judge<A: FamilyAddress>(view: &View<A>, demand: &Demand) -> Vec<Judgement<A>> {
    demand.must.iter().map(|alternative| judge_alternative(view, demand, alternative)).collect()
}

/// Chooses the alternative whose judgement counts. A media range that is open in part does not count as closed. A closed one is
/// acceptable if `satisfied` is true of every need that replaces it; otherwise another alternative may still be met.
pub(in crate::audit) fn settle<A: FamilyAddress>(
    mut judgements: Vec<Judgement<A>>,
    declared_as_source: bool,
    satisfied: impl Fn(&str) -> bool,
) -> Option<Judgement<A>> {
    if let Some(first) = judgements.first_mut()
        && let NeedOutcome::Closed(replacements) = first.outcome
        && !replacements.iter().all(|need| satisfied(need))
    {
        first.outcome = NeedOutcome::Missing;
    }
    let is_media = judgements.len() > 1 && judgements[0].media;
    if is_media && judgements[0].outcome == NeedOutcome::Partial && !judgements[0].all_ports {
        return judgements.into_iter().next();
    }
    if is_media && matches!(judgements[0].outcome, NeedOutcome::Closed(_)) && !declared_as_source {
        return judgements.into_iter().next();
    }
    judgements.into_iter().reduce(|best, other| if other.outcome.rank() < best.outcome.rank() { other } else { best })
}

fn judge_alternative<A: FamilyAddress>(view: &View<A>, demand: &Demand, alternative: &Alternative) -> Judgement<A> {
    let (ingress, egress) = (view.zones.points(demand.from), view.zones.points(demand.to));
    let route = view.route(demand.from, demand.to);
    let mut expected = Vec::new();
    let mut pieces = Vec::new();
    let mut wire_pairs = Vec::new();
    let mut names = Names::default();
    for matching in &alternative.packets {
        for aim in aims(view, demand, matching) {
            let set = View::packets(&aim.matching, ingress, egress);
            if set.is_empty() {
                continue;
            }
            pieces.extend(judge_aim(view, route, &aim, &set, &mut names));
            wire_pairs.extend(aim.translated);
            expected.push(set);
        }
    }
    let mut best: Option<(NeedOutcome, Outcome<A>, IntervalSet<A>)> = None;
    let mut best_interfaces = (IntervalSet::empty(), IntervalSet::empty());
    let sides = (
        view.zones.choices(demand.from, pieces.iter().map(|piece| &piece.packets.ingress)),
        view.zones.choices(demand.to, pieces.iter().map(|piece| &piece.packets.egress)),
    );
    for from in &sides.0 {
        for to in &sides.1 {
            let mut outcome = Outcome::of(&between(&pieces, &from.judged, &to.judged), |id| names.text(id));
            let any_one = |zone, points| view.zones.any_one_suffices(zone).then_some(points);
            outcome.by_any_interface(any_one(demand.from, &from.judged), any_one(demand.to, &to.judged));
            let (result, exceptions) = outcome_of(demand, alternative, view, &outcome);
            if best.as_ref().is_some_and(|(so_far, ..)| result.rank() == so_far.rank()) {
                best_interfaces = (best_interfaces.0.union(&from.equivalent), best_interfaces.1.union(&to.equivalent));
            } else if best.as_ref().is_none_or(|(so_far, ..)| result.rank() < so_far.rank()) {
                best_interfaces = (from.equivalent.clone(), to.equivalent.clone());
                best = Some((result, outcome, exceptions));
            }
        }
    }
    let Some((result, outcome, exceptions)) = best else {
        return Judgement {
            outcome: NeedOutcome::Undecided,
            expected,
            gap: Vec::new(),
            permitters: BTreeSet::new(),
            exceptions: IntervalSet::empty(),
            doubtful: BTreeSet::new(),
            reasons: vec!["no interface of the export can be one of the two zones".to_owned()],
            media: !alternative.closed_if.is_empty(),
            all_ports: false,
            interfaces: (ingress.clone(), egress.clone()),
            wire: wire_pairs,
        };
    };
    let ports =
        |sets: &[PacketSet<A>]| sets.iter().fold(IntervalSet::empty(), |all, set| all.union(&set.destination_port));
    let all_ports = ports(&expected).is_subset(&ports(&outcome.permitted));
    let gap = match result {
        NeedOutcome::Undecided => outcome.open,
        _ => outcome.denied,
    };
    Judgement {
        outcome: result,
        expected,
        gap,
        permitters: outcome.permitters,
        exceptions,
        reasons: outcome.reasons,
        doubtful: outcome.doubtful,
        media: !alternative.closed_if.is_empty(),
        all_ports,
        interfaces: best_interfaces,
        wire: wire_pairs,
    }
}

/// Texts of conditions, by numbers that are unique across several partitions.
#[derive(Default)]
struct Names {
    texts: Vec<String>,
}

impl Names {
    fn text(&self, id: u32) -> String {
        self.texts.get(id as usize).cloned().unwrap_or_default()
    }

    /// Gives a condition of one partition a number that no other condition has.
    fn number(&mut self, text: String) -> u32 {
        self.texts.push(text);
        u32::try_from(self.texts.len() - 1).unwrap_or(u32::MAX)
    }
}

/// A part of what a need calls for, with the destination address that its packets have on the wire.
struct Aim<A> {
    /// The packets, in the addresses the rules name.
    matching: Match,
    /// The address the rules name and the one on the wire, where this firewall translates it.
    translated: Option<(A, A)>,
}

/// The need's packets as this firewall's rules name them, split by translated address where it translates.
fn aims<A: FamilyAddress>(view: &View<A>, demand: &Demand, matching: &Match) -> Vec<Aim<A>> {
    let whole = || vec![Aim { matching: matching.clone(), translated: None }];
    let inbound = demand.to == Zone::EdgeExternal;
    let outbound = demand.from == Zone::EdgeExternal;
    if demand.public.is_empty() || !(inbound || outbound) {
        return whole();
    }
    if view.mapped() {
        return vec![Aim { matching: view.as_named(demand, matching), translated: None }];
    }
    if !inbound || !view.touches_edge {
        return whole();
    }
    demand
        .public
        .iter()
        .filter_map(|(real, public)| {
            let (named, wire) = (A::from_ip(*real)?, A::from_ip(*public)?);
            let mut aimed = matching.clone();
            aimed.destination = Addresses::of_ips([real]);
            Some(Aim { matching: aimed, translated: (named != wire).then_some((named, wire)) })
        })
        .collect()
}

/// Judges one aim. The pieces that are returned use the addresses that the rules name.
fn judge_aim<A: FamilyAddress>(
    view: &View<A>,
    route: Route,
    aim: &Aim<A>,
    set: &PacketSet<A>,
    conditions: &mut Names,
) -> Vec<Judged<A>> {
    let Some((named, wire)) = aim.translated else { return ask(view, route, set.clone(), conditions) };
    let mut direct: Option<Vec<Judged<A>>> = None;
    let query = PacketSet { destination: IntervalSet::single(wire), ..set.clone() };
    let named_alone = IntervalSet::single(named);
    let asked = ask_with_arrival(view, route, query, conditions);
    // If this firewall translates the address for some of the packets, what it refuses of the others is refused for certain.
    // The same holds if this firewall translates other addresses of the Edge.
    let translates_some = view.translates_edge || asked.iter().any(|(_, arrived)| *arrived == named_alone);
    let refused = |judged: &Judged<A>| matches!(judged.verdict, Verdict::Drop | Verdict::Reject);
    let mut pieces = Vec::new();
    for (mut piece, arrived) in asked {
        piece.packets.destination = named_alone.clone();
        let settled = matches!(piece.verdict, Verdict::Undecided(_)) || translates_some && refused(&piece);
        // Packets that are sent to another address do not arrive at the Edge, whatever happens to them there.
        let sent_elsewhere = arrived != named_alone && (arrived != IntervalSet::single(wire) || view.translates_edge);
        if sent_elsewhere && piece.verdict == Verdict::Accept {
            piece.verdict = Verdict::Drop;
        } else if arrived != named_alone && !settled {
            // The destination does not become the address that the rules name. The packet is refused if it is refused with either
            // address; otherwise it is undecided.
            let direct = direct.get_or_insert_with(|| ask(view, route, set.clone(), conditions));
            if !(refused(&piece) && direct.iter().filter(|other| other.packets.meets(&piece.packets)).all(refused)) {
                piece.verdict = Verdict::Undecided(format!(
                    "this firewall does not translate {} to {}; its export does not state whether another device does",
                    wire.to_ip(),
                    named.to_ip()
                ));
            }
        }
        pieces.push(piece);
    }
    pieces
}

fn ask<A: FamilyAddress>(view: &View<A>, route: Route, wire: PacketSet<A>, conditions: &mut Names) -> Vec<Judged<A>> {
    ask_with_arrival(view, route, wire, conditions).into_iter().map(|(judged, _)| judged).collect()
}

/// The pieces of a query for packets on the wire, each with the destinations it had when the filter decided it.
fn ask_with_arrival<A: FamilyAddress>(
    view: &View<A>,
    route: Route,
    wire: PacketSet<A>,
    conditions: &mut Names,
) -> Vec<(Judged<A>, IntervalSet<A>)> {
    let query = Query::new(route, wire);
    let partition = view.judge.partition(&query, Budget::default());
    let mut numbers = rustc_hash::FxHashMap::default();
    on_the_wire(&view.judge, &partition)
        .into_iter()
        .zip(&partition.pieces)
        .map(|(mut judged, piece)| {
            let literals: Vec<(u32, Values)> = judged
                .packets
                .conditions
                .literals()
                .iter()
                .map(|(id, values)| {
                    let number = *numbers.entry(*id).or_insert_with(|| {
                        let condition = view.export.rule_set.conditions.get(partition.original(*id) as usize);
                        conditions.number(condition.map(|condition| condition.text.clone()).unwrap_or_default())
                    });
                    (number, values.clone())
                })
                .collect();
            judged.packets.conditions = crate::packets::Conditions::all_of(&literals).unwrap_or_default();
            (judged, piece.seen.destination.clone())
        })
        .collect()
}

/// The outcome of a need that follows from an outcome of packets, with the addresses that count as exceptions.
fn outcome_of<A: FamilyAddress>(
    demand: &Demand,
    alternative: &Alternative,
    view: &View<A>,
    outcome: &Outcome<A>,
) -> (NeedOutcome, IntervalSet<A>) {
    let none = IntervalSet::empty();
    let may_close = !alternative.closed_if.is_empty();
    if outcome.denied.is_empty() && outcome.open.is_empty() {
        return (if outcome.permitted.is_empty() { NeedOutcome::Missing } else { NeedOutcome::Satisfied }, none);
    }
    let far = |sets: &[PacketSet<A>]| far_end(demand, sets);
    let everyone = far_end_of_must(demand, alternative, view);
    let exceptional = |addresses: &IntervalSet<A>| are_exceptions(addresses, &everyone);
    if demand.anyone && !outcome.permitted.is_empty() {
        let kept_out = far(&outcome.denied).union(&far(&outcome.open));
        if exceptional(&kept_out) {
            return (NeedOutcome::Satisfied, kept_out);
        }
    }
    if outcome.permitted.is_empty() {
        // A small number of addresses that might get through does not make the need undecided for the rest of the Internet.
        if !outcome.open.is_empty()
            && (outcome.denied.is_empty() || !demand.anyone || !exceptional(&far(&outcome.open)))
        {
            return (NeedOutcome::Undecided, none);
        }
        return (if may_close { NeedOutcome::Closed(alternative.closed_if) } else { NeedOutcome::Missing }, none);
    }
    if outcome.denied.is_empty() || (demand.anyone && exceptional(&far(&outcome.denied))) {
        return (NeedOutcome::Undecided, none);
    }
    if may_close && demand.anyone && exceptional(&far(&outcome.permitted)) {
        // A rule for a small number of addresses is not meant to open the range.
        return (NeedOutcome::Closed(alternative.closed_if), none);
    }
    (NeedOutcome::Partial, none)
}

/// The addresses at the end of packets that is not the Edge.
fn far_end<A: FamilyAddress>(demand: &Demand, sets: &[PacketSet<A>]) -> IntervalSet<A> {
    let inbound = demand.to.is_edge();
    sets.iter().fold(IntervalSet::empty(), |all, set| all.union(if inbound { &set.source } else { &set.destination }))
}

/// The same for the packets that an alternative calls for.
fn far_end_of_must<A: FamilyAddress>(demand: &Demand, alternative: &Alternative, view: &View<A>) -> IntervalSet<A> {
    let any = view.judge.interfaces().any();
    let sets: Vec<PacketSet<A>> = alternative.packets.iter().map(|m| View::packets(m, &any, &any)).collect();
    far_end(demand, &sets)
}
