//! One need on one firewall: is all of what it calls for permitted, some, none, or can nobody tell?

use std::collections::BTreeSet;

use crate::deployment::Zone;
use crate::deployment::needs::{Alternative, Demand, Need};
use crate::judge::{Budget, FamilyAddress, Query, Route, Verdict};
use crate::model::{Addresses, Match, RuleId};
use crate::packets::{Interface, IntervalSet, PacketSet, Values};

use super::exceptions::are_exceptions;
use super::firewall::View;
use super::outcome::{Judged, Outcome, between, on_the_wire};

/// How a need came out on one firewall.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Judgement<A: FamilyAddress> {
    pub(in crate::audit) outcome: NeedOutcome,
    /// What was called for, in the addresses that the rules name.
    pub(in crate::audit) expected: Vec<PacketSet<A>>,
    /// What of it is refused, or open.
    pub(in crate::audit) gap: Vec<PacketSet<A>>,
    /// The rules that permit it, or part of it.
    pub(in crate::audit) permitters: BTreeSet<RuleId>,
    /// The Internet's addresses that are kept out although the need counts as satisfied.
    pub(in crate::audit) exceptions: IntervalSet<A>,
    /// Why it is undecided.
    pub(in crate::audit) reasons: Vec<String>,
    /// The rules that decide packets nobody can tell of.
    pub(in crate::audit) doubtful: BTreeSet<RuleId>,
    /// Whether it is a way of opening the media range that may as well stay closed.
    pub(in crate::audit) media: bool,
    /// Whether every destination port that it calls for is permitted to somebody.
    pub(in crate::audit) all_ports: bool,
    /// The interfaces it comes out so on, of those that may be the zone it comes from and the one it goes to.
    pub(in crate::audit) meant: (IntervalSet<Interface>, IntervalSet<Interface>),
    /// How the addresses of the gap look on the wire: each pair is an address the rules name and the one a packet carries.
    pub(in crate::audit) wire: Vec<(A, A)>,
}

/// A need and what it comes to on a firewall.
#[derive(Debug)]
pub(in crate::audit) struct Settled<'n, A: FamilyAddress> {
    /// Its index among the needs.
    pub(in crate::audit) place: usize,
    pub(in crate::audit) need: &'n Need,
    pub(in crate::audit) demand: &'n Demand,
    pub(in crate::audit) judgement: Judgement<A>,
}

/// What a need comes to on one firewall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::audit) enum NeedOutcome {
    /// Whole.
    Satisfied,
    /// Nothing of it, and that is fine as long as these other needs are satisfied.
    Closed(&'static [&'static str]),
    /// Nobody can tell.
    Undecided,
    /// Some of it.
    Partial,
    /// None of it.
    Missing,
}

impl NeedOutcome {
    /// Whether the need is at least as well off as with another outcome.
    pub(in crate::audit) fn is_no_worse_than(self, other: Self) -> bool {
        self.rank() <= other.rank()
    }

    /// Better first: of several readings of a zone left out, the best is the one that was meant.
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

/// Judges a need: each of its alternatives, in their order.
pub(in crate::audit) fn judge<A: FamilyAddress>(view: &View<A>, demand: &Demand) -> Vec<Judgement<A>> {
    demand.must.iter().map(|alternative| judge_alternative(view, demand, alternative)).collect()
}

/// The alternative that counts. A media range that is open in part is not one that is closed; one that is closed is fine where
/// `satisfied` says so of every need that stands in for it, else another alternative may still be met.
pub(in crate::audit) fn settle<A: FamilyAddress>(
    mut judgements: Vec<Judgement<A>>,
    declared_as_source: bool,
    satisfied: impl Fn(&str) -> bool,
) -> Option<Judgement<A>> {
    if let Some(first) = judgements.first_mut()
        && let NeedOutcome::Closed(standing_in) = first.outcome
        && !standing_in.iter().all(|need| satisfied(need))
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
    let mut meant = (IntervalSet::empty(), IntervalSet::empty());
    let sides = (
        view.zones.choices(demand.from, pieces.iter().map(|piece| &piece.packets.ingress)),
        view.zones.choices(demand.to, pieces.iter().map(|piece| &piece.packets.egress)),
    );
    for from in &sides.0 {
        for to in &sides.1 {
            let mut outcome = Outcome::of(&between(&pieces, &from.judged, &to.judged), |id| names.text(id));
            let whichever = |zone, points| view.zones.whichever(zone).then_some(points);
            outcome.by_any_interface(whichever(demand.from, &from.judged), whichever(demand.to, &to.judged));
            let (comes_to, exceptions) = outcome_of(demand, alternative, view, &outcome);
            if best.as_ref().is_some_and(|(so_far, ..)| comes_to.rank() == so_far.rank()) {
                meant = (meant.0.union(&from.alike), meant.1.union(&to.alike));
            } else if best.as_ref().is_none_or(|(so_far, ..)| comes_to.rank() < so_far.rank()) {
                meant = (from.alike.clone(), to.alike.clone());
                best = Some((comes_to, outcome, exceptions));
            }
        }
    }
    let Some((comes_to, outcome, exceptions)) = best else {
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
            meant: (ingress.clone(), egress.clone()),
            wire: wire_pairs,
        };
    };
    let ports =
        |sets: &[PacketSet<A>]| sets.iter().fold(IntervalSet::empty(), |all, set| all.union(&set.destination_port));
    let all_ports = ports(&expected).is_subset(&ports(&outcome.permitted));
    let gap = match comes_to {
        NeedOutcome::Undecided => outcome.open,
        _ => outcome.denied,
    };
    Judgement {
        outcome: comes_to,
        expected,
        gap,
        permitters: outcome.permitters,
        exceptions,
        reasons: outcome.reasons,
        doubtful: outcome.doubtful,
        media: !alternative.closed_if.is_empty(),
        all_ports,
        meant,
        wire: wire_pairs,
    }
}

/// Texts of conditions, by the numbers that pieces of several partitions carry.
#[derive(Default)]
struct Names {
    texts: Vec<String>,
}

impl Names {
    fn text(&self, id: u32) -> String {
        self.texts.get(id as usize).cloned().unwrap_or_default()
    }

    /// A number of its own for a condition of one partition.
    fn number(&mut self, text: String) -> u32 {
        self.texts.push(text);
        u32::try_from(self.texts.len() - 1).unwrap_or(u32::MAX)
    }
}

/// Part of what a need calls for, aimed as a packet on the wire is.
struct Aim<A> {
    /// In the addresses the rules name.
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

/// Judges one aim; the pieces come back in the addresses the rules name.
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
    // Where this firewall translates the address for some of the packets, what it refuses of the others is refused for good.
    // So it is where it is this firewall that translates the Edge's other addresses.
    let translates_some = view.translates_edge || asked.iter().any(|(_, arrived)| *arrived == named_alone);
    let refused = |judged: &Judged<A>| matches!(judged.verdict, Verdict::Drop | Verdict::Reject);
    let mut pieces = Vec::new();
    for (mut piece, arrived) in asked {
        piece.packets.destination = named_alone.clone();
        let settled = matches!(piece.verdict, Verdict::Undecided(_)) || translates_some && refused(&piece);
        // What is sent elsewhere does not arrive, whatever becomes of it there.
        let sent_elsewhere = arrived != named_alone && (arrived != IntervalSet::single(wire) || view.translates_edge);
        if sent_elsewhere && piece.verdict == Verdict::Accept {
            piece.verdict = Verdict::Drop;
        } else if arrived != named_alone && !settled {
            // It does not become the address the rules name. If either way it is refused, it is refused; else who knows.
            let direct = direct.get_or_insert_with(|| ask(view, route, set.clone(), conditions));
            if !(refused(&piece) && direct.iter().filter(|other| other.packets.meets(&piece.packets)).all(refused)) {
                piece.verdict = Verdict::Undecided(format!(
                    "this firewall does not translate {} to {}; whether another device does, its export cannot tell",
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

/// The pieces of a query on the wire, each with the destinations it had when it was decided.
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

/// What an outcome comes to.
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
        // A few addresses that might get through do not make the rest of the Internet uncertain.
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
        // A rule for a few addresses does not claim to open the range.
        return (NeedOutcome::Closed(alternative.closed_if), none);
    }
    (NeedOutcome::Partial, none)
}

/// The addresses at the other end of packets: not the Edge's.
fn far_end<A: FamilyAddress>(demand: &Demand, sets: &[PacketSet<A>]) -> IntervalSet<A> {
    let inbound = demand.to.is_edge();
    sets.iter().fold(IntervalSet::empty(), |all, set| all.union(if inbound { &set.source } else { &set.destination }))
}

fn far_end_of_must<A: FamilyAddress>(demand: &Demand, alternative: &Alternative, view: &View<A>) -> IntervalSet<A> {
    let any = view.judge.interfaces().any();
    let sets: Vec<PacketSet<A>> = alternative.packets.iter().map(|m| View::packets(m, &any, &any)).collect();
    far_end(demand, &sets)
}
