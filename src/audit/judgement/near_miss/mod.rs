//! Near misses: rules that would permit a missing need if one field were different.
//!
//! The need's packets are changed in one way at a time (source and destination swapped, the port used as source port …) and
//! judged by the rules as they are. A rule that lets such packets through and little else was meant for the need, unless another
//! need may open those packets. Start at [`Search::of`].

mod attempts;
mod meant;
mod spoofing;
mod unapplied;

use std::collections::BTreeSet;

use crate::deployment::needs::{Demand, Need};
use crate::deployment::{Deployment, Zone};
use crate::judge::{Budget, FamilyAddress, Judge, Query, Verdict};
use crate::model::{BaseChain, ChainKind, HookPoint, Policy, RuleId, RuleSet};
use crate::packets::{IntervalSet, PacketSet, coalesce, subtract_all};

use super::exceptions::are_exceptions;
use super::firewall::View;
use super::required::{Judgement, NeedOutcome};
use attempts::{Attempt, End, SearchPlace};
pub(in crate::audit) use spoofing::set_aside;

/// What is wrong with a rule that was meant for a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::audit) enum Kind {
    /// Source and destination are swapped.
    Reversed,
    /// The destination port is matched as source port.
    SourcePort,
    /// It matches the right packets, but at another interface or in a chain for another direction.
    WrongInterface,
    /// It is in a chain that nothing leads to.
    NotApplied,
    /// It is written for another address of the Edge.
    WrongAddress,
    /// It has TCP in place of UDP, or UDP in place of TCP.
    WrongTransport,
    /// It has the address on the other side of a translation.
    NatView,
}

impl Kind {
    /// The name of this kind in a run.
    pub(in crate::audit) fn name(self) -> &'static str {
        match self {
            Self::Reversed => "reversed",
            Self::SourcePort => "source_port",
            Self::WrongInterface => "wrong_interface",
            Self::NotApplied => "not_applied",
            Self::WrongAddress => "wrong_address",
            Self::WrongTransport => "wrong_transport",
            Self::NatView => "nat_view",
        }
    }
}

/// A near miss that was found.
#[derive(Debug, Clone)]
pub(in crate::audit) struct NearMiss {
    pub(in crate::audit) kind: Kind,
    /// The misplaced rules, in the order of the export.
    pub(in crate::audit) rules: Vec<RuleId>,
}

/// How much of a need the misplaced rules would permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Coverage {
    Part,
    Whole,
}

/// Looks for near misses on one firewall in one family.
pub(in crate::audit) struct Search<'s, 'a, A: FamilyAddress> {
    view: &'s View<'a, A>,
    /// The filter rules alone: without translation, and without rules before connection tracking.
    filter: Judge<'a, A>,
    /// The same without rules against spoofed sources; none where there are no such rules.
    unguarded: Option<Judge<'s, A>>,
    /// Chains that nothing leads to, each judged as if packets entered it at every hook of the filter.
    unapplied: Vec<Judge<'a, A>>,
    /// The packets that the needs may open, between the interfaces of their zones.
    may: Vec<PacketSet<A>>,
    /// The Edge's addresses of both sides, as the rules name them.
    edge: Vec<A>,
    /// The packets that the needs may open, between any interfaces, and with every address outside the zone of the need's peers
    /// added at the peers' end.
    may_anywhere: Vec<PacketSet<A>>,
    /// Rules that permit a need, or part of one. For that need such a rule is not misplaced.
    placed: BTreeSet<RuleId>,
}

impl<'s, 'a, A: FamilyAddress> Search<'s, 'a, A> {
    /// A search among the needs of this family and this firewall. `unguarded` is the result of [`set_aside`].
    pub(in crate::audit) fn new(
        view: &'s View<'a, A>,
        unguarded: Option<&'s RuleSet>,
        deployment: &Deployment,
        needs: &[&Need],
        placed: BTreeSet<RuleId>,
    ) -> Self {
        let filter = view.filter();
        let unguarded =
            unguarded.map(|rules| Judge::new(rules, view.judge.interfaces()).entered_at(filter.base_chains().to_vec()));
        let unapplied = unapplied::roots(view.judge.rule_set(), A::FAMILY)
            .into_iter()
            .map(|chain| {
                let entered = |hook| BaseChain {
                    hook,
                    priority: 0,
                    before_tracking: false,
                    kind: ChainKind::Filter,
                    chain,
                    policy: Policy::Drop,
                };
                view.judge.entered_at([HookPoint::Input, HookPoint::Forward, HookPoint::Output].map(entered).to_vec())
            })
            .collect();
        let may = needs
            .iter()
            .filter_map(|need| need.demand.as_ref().ok())
            .flat_map(|demand| {
                let (ingress, egress) = (view.zones.points(demand.from), view.zones.points(demand.to));
                demand.may.iter().map(move |may| View::packets(&view.as_named(demand, may), ingress, egress))
            })
            .filter(|set| !set.is_empty())
            .collect();
        let may_anywhere = needs
            .iter()
            .filter_map(|need| need.demand.as_ref().ok())
            .flat_map(|demand| demand.may.iter().map(move |may| (demand, view.as_named(demand, may))))
            .map(|(demand, may)| {
                let set = View::packets(&may, &IntervalSet::full(), &IntervalSet::full());
                // The need does not restrict addresses outside the zone of its peers.
                let far_zone = if edge_end(demand) == End::Destination { demand.from } else { demand.to };
                let far = edge_end(demand).other();
                let outside = view.behind(far_zone).complement();
                far.with(&set, far.of(&set).union(&outside))
            })
            .collect();
        let mut edge: Vec<A> =
            super::edge::edge_addresses(view, deployment).into_iter().map(|end| end.address).collect();
        edge.sort_unstable();
        edge.dedup();
        Self { view, filter, unguarded, unapplied, may, edge, may_anywhere, placed }
    }

    /// The near miss of a missing need. Of several, the first that covers the whole need, else the first that covers a part.
    pub(in crate::audit) fn of(&self, demand: &Demand, judgement: &Judgement<A>) -> Option<NearMiss> {
        if judgement.outcome != NeedOutcome::Missing {
            return None;
        }
        let mut partly = None;
        let mut spoofed = Vec::new();
        for alternative in &demand.must {
            let wanted: Vec<PacketSet<A>> = alternative
                .packets
                .iter()
                .map(|packets| {
                    let (ingress, egress) = (self.view.zones.points(demand.from), self.view.zones.points(demand.to));
                    View::packets(&self.view.as_named(demand, packets), ingress, egress)
                })
                .filter(|set| !set.is_empty())
                .collect();
            if wanted.iter().all(|set| self.lets_through(demand, set)) {
                // The filter permits the need: what stops the packets comes before the filter.
                return None;
            }
            for attempt in attempts::of(self, demand, &wanted) {
                match self.judge(demand, &attempt, &self.filter) {
                    Some((Coverage::Whole, found)) => return Some(found),
                    Some((Coverage::Part, found)) => partly = partly.or(Some(found)),
                    None => {}
                }
                if matches!(attempt.kind, Kind::Reversed | Kind::WrongInterface) {
                    spoofed.push(attempt);
                }
            }
        }
        let unguarded = self.unguarded.iter();
        for (attempt, unguarded) in unguarded.flat_map(|judge| spoofed.iter().map(move |attempt| (attempt, judge))) {
            match self.judge(demand, attempt, unguarded) {
                Some((Coverage::Whole, found)) => return Some(found),
                Some((Coverage::Part, found)) => partly = partly.or(Some(found)),
                None => {}
            }
        }
        partly
    }

    /// Judges misplaced packets: how much of them gets through by rules that were meant for them.
    fn judge<'j>(
        &'j self,
        demand: &Demand,
        attempt: &Attempt<A>,
        filter: &'j Judge<'j, A>,
    ) -> Option<(Coverage, NearMiss)> {
        let evidence: Vec<(SearchPlace, PacketSet<A>)> = attempt
            .packets
            .iter()
            .flat_map(|(place, set)| {
                let set = vec![set.clone()];
                // A chain that nothing leads to does not permit any other need either, so all packets count.
                let left = if attempt.kind == Kind::NotApplied { set } else { subtract_all(set, &self.may) };
                left.into_iter().map(move |set| (*place, set))
            })
            .collect();
        let mut permitted = Vec::new();
        for (place, set) in &evidence {
            let judge = self.judge_at(*place, filter);
            for piece in judge.partition(&query(*place, set), Budget::default()).pieces {
                let certain = piece.verdict == Verdict::Accept && piece.wire.conditions.is_any() && !piece.own;
                if let Some(rule) =
                    judge.attributed(&piece).filter(|rule| certain && self.rules().rule(*rule).is_some())
                {
                    permitted.push((rule, *place, piece.wire));
                }
            }
        }
        // A rule that permits another need also lets that need's packets through at other interfaces and for other peers, if it
        // does not restrict these. That does not make it misplaced.
        permitted.retain(|(rule, _, set)| {
            !self.placed.contains(rule) || !subtract_all(vec![set.clone()], &self.may_anywhere).is_empty()
        });
        let deciders: BTreeSet<RuleId> = permitted.iter().map(|(rule, ..)| *rule).collect();
        if deciders.is_empty() {
            return None;
        }
        let meant = meant::of(self, filter, attempt, &evidence, &deciders);
        permitted.retain(|(rule, ..)| meant.contains(rule));
        let packets: Vec<PacketSet<A>> = coalesce(permitted.into_iter().map(|(.., set)| set).collect());
        let wanted: Vec<PacketSet<A>> = evidence.into_iter().map(|(_, set)| set).collect();
        let coverage = coverage(demand, attempt.edge, &wanted, &packets)?;
        let mut rules: Vec<RuleId> = meant.into_iter().collect();
        rules.sort_by_key(|rule| self.rules().origin(*rule));
        Some((coverage, NearMiss { kind: attempt.kind, rules }))
    }

    /// Whether the filter alone lets all of these packets through.
    fn lets_through(&self, demand: &Demand, set: &PacketSet<A>) -> bool {
        let place = SearchPlace::On(self.view.route(demand.from, demand.to));
        let partition = self.filter.partition(&query(place, set), Budget::default());
        partition.pieces.iter().all(|piece| piece.verdict == Verdict::Accept)
    }

    fn judge_at<'j>(&'j self, place: SearchPlace, filter: &'j Judge<'j, A>) -> &'j Judge<'j, A> {
        match place {
            SearchPlace::Unapplied(index, _) => self.unapplied.get(index).unwrap_or(filter),
            SearchPlace::On(_) => filter,
        }
    }

    fn rules(&self) -> &'a crate::model::RuleSet {
        self.view.judge.rule_set()
    }
}

fn query<A: FamilyAddress>(place: SearchPlace, set: &PacketSet<A>) -> Query<A> {
    Query::new(place.route(), set.clone())
}

/// How much of the wanted packets is among `there`; interfaces are ignored.
fn coverage<A: FamilyAddress>(
    demand: &Demand,
    edge: End,
    wanted: &[PacketSet<A>],
    there: &[PacketSet<A>],
) -> Option<Coverage> {
    let anywhere = |sets: &[PacketSet<A>]| -> Vec<PacketSet<A>> {
        let free =
            |set: &PacketSet<A>| PacketSet { ingress: IntervalSet::full(), egress: IntervalSet::full(), ..set.clone() };
        sets.iter().map(free).collect()
    };
    let far = |sets: &[PacketSet<A>]| {
        let end = |set: &PacketSet<A>| match edge {
            End::Source => set.destination.clone(),
            End::Destination => set.source.clone(),
        };
        sets.iter().fold(IntervalSet::empty(), |all, set| all.union(&end(set)))
    };
    let (wanted, there) = (anywhere(wanted), anywhere(there));
    let negligible = |sets: &[PacketSet<A>]| demand.anyone && are_exceptions(&far(sets), &far(&wanted));
    if there.is_empty() || negligible(&there) {
        return None;
    }
    let left = subtract_all(wanted.clone(), &there);
    Some(if left.is_empty() || negligible(&left) { Coverage::Whole } else { Coverage::Part })
}

/// The end of a need's packets that is the Edge.
fn edge_end(demand: &Demand) -> End {
    match demand.to {
        Zone::EdgeExternal | Zone::EdgeInternal => End::Destination,
        Zone::Internet | Zone::Lan => End::Source,
    }
}
