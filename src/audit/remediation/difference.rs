//! What a change would do: the packets that get through after it and did not before, and the other way round.

use crate::judge::{Budget, FamilyAddress, Query, Route, Verdict, Wanted};
use crate::model::{Action, ChainId, HookPoint, Rule, RuleSet, Splice};
use crate::packets::{IntervalSet, PacketSet, StateSet, TcpFlagSet, Union, intersect_all, without_conditions};

use crate::audit::judgement::firewall::View;

use super::change::{Within, changed_without, without_difference};

/// The packets for which a change matters, as the deciding chains see them.
#[derive(Debug, Clone)]
pub(super) struct Difference<A: FamilyAddress> {
    /// Those that get through, or may, and did not before.
    pub(super) opened: Vec<PacketSet<A>>,
    /// Those that got through, or may have, and do no longer.
    pub(super) closed: Vec<PacketSet<A>>,
    /// Those that get through after it, or may.
    pub(super) still: Vec<PacketSet<A>>,
}

/// The most comparisons for finding the difference of two answers.
const MOST_COMPARISONS: usize = 300_000;

/// The most pieces for proving that a set is covered.
const COVER_BUDGET: usize = 4096;

/// The work for each answer.
const BUDGET: Budget = Budget { comparisons: 200_000, regions: 4_000, pieces: 4_000, intervals: 200_000 };

/// The packets of a list whose verdict a change alters, on any of these routes; none where finding them takes too long. `within` holds
/// all of the packets; `after` is the changed rule set, if it was made already. Packets that a large rule refuses before and after
/// may be listed too.
pub(super) fn difference_by<A: FamilyAddress>(
    view: &View<A>,
    after: Option<&View<A>>,
    (within, change): (&Within<A>, &[Splice]),
    packets: &[PacketSet<A>],
    routes: &[Route],
) -> Option<Difference<A>> {
    let left_out = without_difference(&view.judge, change);
    if let Some(after) = after.filter(|_| left_out.is_empty()) {
        return difference(view, after, packets, routes);
    }
    let after = changed_without(&view.judge, within, change, &left_out);
    let after = view.judging(&after);
    if left_out.is_empty() {
        return difference(view, &after, packets, routes);
    }
    let before = changed_without(&view.judge, within, &[], &left_out);
    difference(&view.judging(&before), &after, packets, routes)
}

/// The packets of a list whose verdicts before and after differ, on any of these routes; none where finding them takes too long.
pub(super) fn difference<A: FamilyAddress>(
    before: &View<A>,
    after: &View<A>,
    packets: &[PacketSet<A>],
    routes: &[Route],
) -> Option<Difference<A>> {
    let (mut opened, mut closed, mut still) = (Vec::new(), Vec::new(), Vec::new());
    let mut left = MOST_COMPARISONS;
    for route in routes {
        for set in packets.iter().filter_map(|set| on_the_way(before, *route, set)) {
            let (was, is) = (Passing::of(before, *route, &set)?, Passing::of(after, *route, &set)?);
            opened.extend(beyond(&is.perhaps, &was.perhaps, &mut left)?);
            opened.extend(beyond(&is.surely, &was.surely, &mut left)?);
            closed.extend(beyond(&was.perhaps, &is.perhaps, &mut left)?);
            closed.extend(beyond(&was.surely, &is.surely, &mut left)?);
            still.extend(is.perhaps);
        }
    }
    Some(Difference { opened, closed, still })
}

/// Whether all of these packets are among others.
pub(super) fn covered<A: FamilyAddress>(packets: &[PacketSet<A>], by: &[PacketSet<A>]) -> bool {
    let by = Union::of(by);
    packets.iter().all(|set| by.covers(set, COVER_BUDGET))
}

/// The packets of some sets that are in none of many others. Usually there are none, and proving that is faster than subtracting.
fn beyond<A: FamilyAddress>(
    some: &[PacketSet<A>],
    many: &[PacketSet<A>],
    left: &mut usize,
) -> Option<Vec<PacketSet<A>>> {
    let many = Union::of(many);
    let mut beyond = Vec::new();
    for set in some.iter().filter(|set| !many.covers(set, COVER_BUDGET)) {
        beyond.extend(many.outside(set.clone(), left)?);
    }
    Some(beyond)
}

/// The routes on which packets come to a chain.
pub(super) fn routes_to(set: &RuleSet, chain: ChainId) -> Vec<Route> {
    let mut reached = vec![chain];
    let mut next = 0;
    while let Some(callee) = reached.get(next).copied() {
        next += 1;
        for (caller, rules) in set.chains.iter().enumerate() {
            let calls = |rule: &Rule| matches!(rule.action, Action::Jump(to) | Action::Goto(to) if to == callee);
            if !reached.contains(&caller) && rules.rules.iter().any(calls) {
                reached.push(caller);
            }
        }
    }
    let entered =
        |hook: HookPoint| set.base_chains.iter().any(|base| base.hook == hook && reached.contains(&base.chain));
    let hooks =
        [(HookPoint::Forward, Route::Forward), (HookPoint::Input, Route::Input), (HookPoint::Output, Route::Output)];
    if entered(HookPoint::Prerouting) || entered(HookPoint::Postrouting) {
        return hooks.map(|(_, route)| route).to_vec();
    }
    hooks.into_iter().filter(|(hook, _)| entered(*hook)).map(|(_, route)| route).collect()
}

/// The packets that can take a route: packets to the firewall itself leave by no interface.
fn on_the_way<A: FamilyAddress>(view: &View<A>, route: Route, packets: &PacketSet<A>) -> Option<PacketSet<A>> {
    let interfaces = view.judge.interfaces();
    let (ingress, egress) = match route {
        Route::Forward => (interfaces.any(), interfaces.any()),
        Route::Input => (interfaces.any(), interfaces.none()),
        Route::Output => (interfaces.none(), interfaces.any()),
    };
    packets.intersection(&PacketSet { ingress, egress, ..PacketSet::full() })
}

/// The packets of a list that get through.
struct Passing<A: FamilyAddress> {
    /// Whatever the conditions are.
    surely: Vec<PacketSet<A>>,
    /// Under some conditions at least; holds what surely does.
    perhaps: Vec<PacketSet<A>>,
}

impl<A: FamilyAddress> Passing<A> {
    fn of(view: &View<A>, route: Route, packets: &PacketSet<A>) -> Option<Self> {
        let translated = view.translates && !view.mapped();
        // Where destinations are rewritten, any may turn into one of these.
        let wire = if translated {
            PacketSet { destination: IntervalSet::full(), destination_port: IntervalSet::full(), ..packets.clone() }
        } else {
            packets.clone()
        };
        let wire = PacketSet { state: StateSet::FULL, tcp_flags: TcpFlagSet::FULL, ..wire };
        let arriving = translated.then(|| packets.destination.clone());
        let query = Query { arriving, wanted: Wanted::Passing, ..Query::new(route, wire) };
        let partition = view.judge.partition(&query, BUDGET);
        let (mut surely, mut perhaps, mut sometimes) = (Vec::new(), Vec::new(), Vec::new());
        for piece in partition.pieces {
            if piece.own || matches!(piece.verdict, Verdict::Drop | Verdict::Reject) {
                continue;
            }
            if matches!(piece.verdict, Verdict::Undecided(_)) && piece.decider.is_none() {
                return None;
            }
            let seen = intersect_all(&[piece.seen], std::slice::from_ref(packets));
            if piece.verdict == Verdict::Accept {
                let let_through =
                    if seen.iter().all(|set| set.conditions.is_any()) { &mut surely } else { &mut sometimes };
                let_through.extend(seen.iter().cloned());
            }
            perhaps.extend(without_conditions(&seen));
        }
        let together = surely_together(&surely, &sometimes)?;
        surely.extend(together);
        Some(Self { surely, perhaps })
    }
}

/// What several rules let through together, whatever the conditions are: one under a condition, and another where it does not hold.
fn surely_together<A: FamilyAddress>(surely: &[PacketSet<A>], sometimes: &[PacketSet<A>]) -> Option<Vec<PacketSet<A>>> {
    if sometimes.is_empty() {
        return Some(Vec::new());
    }
    let mut left = MOST_COMPARISONS;
    let known: Vec<PacketSet<A>> = surely.iter().chain(sometimes).cloned().collect();
    let plain = without_conditions(sometimes);
    let refused = without_conditions(&beyond(&plain, &known, &mut left)?);
    beyond(&plain, &refused, &mut left)
}
