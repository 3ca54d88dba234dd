//! The chains that refused packets pass on their way, and the place in each where an accept would still come in time.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::{FamilyAddress, Route, Trace};
use crate::model::{Action, ChainId, ChainKind, HookPoint, RuleId, RuleSet};
use crate::packets::Packet;

use crate::audit::judgement::firewall::View;
use crate::deployment::Zone;

/// A place in a chain where an accept may be put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ChainPlace {
    pub(super) chain: ChainId,
    pub(super) place: usize,
}

/// How many places are tried.
const MOST_PLACES: usize = 8;

/// Places for an accept of these packets, the best first: in the chain that permits most of what goes the same way, then in the
/// base chain, then in others; in each as late as possible. None where something other than the filter of their way refuses.
pub(super) fn places<A: FamilyAddress>(
    view: &View<A>,
    packets: &[Packet<A>],
    alike: &BTreeSet<RuleId>,
) -> Vec<ChainPlace> {
    let set = view.judge.rule_set();
    let mut found: BTreeMap<ChainId, BTreeSet<usize>> = BTreeMap::new();
    for packet in packets {
        let route = view.route_of(packet);
        let trace = view.judge.trace(route, packet);
        for (chain, place) in visited(set, route, &trace) {
            found.entry(chain).or_default().insert(place);
        }
    }
    let permits = |chain: ChainId| alike.iter().filter(|rule| rule.chain == chain).count();
    let is_base = |chain: ChainId| set.base_chains.iter().any(|base| base.chain == chain);
    let mut places: Vec<ChainPlace> = found
        .into_iter()
        .flat_map(|(chain, places)| places.into_iter().map(move |place| ChainPlace { chain, place }))
        .collect();
    places.sort_by_key(|at| {
        let others = usize::from(!is_base(at.chain));
        (usize::MAX - permits(at.chain), others, at.chain, usize::MAX - at.place)
    });
    places.truncate(MOST_PLACES);
    places
}

/// The heads of the base chains that filter what goes from one of these zones to another.
pub(super) fn heads<A: FamilyAddress>(
    view: &View<A>,
    ways: impl Iterator<Item = (Zone, Zone)>,
) -> BTreeSet<ChainPlace> {
    let hooks: Vec<HookPoint> = ways.map(|(from, to)| view.route(from, to).own_hook()).collect();
    let bases = view.export.rule_set.base_chains.iter();
    let filters = bases.filter(|base| base.kind == ChainKind::Filter && hooks.contains(&base.hook));
    filters.map(|base| ChainPlace { chain: base.chain, place: 0 }).collect()
}

/// The chains of the way's own filter that a refused packet passed, each with the place where it stood last: at the call that led to
/// the refusal, at the rule that refused, at the return, or at the end.
fn visited(set: &RuleSet, route: Route, trace: &Trace) -> Vec<(ChainId, usize)> {
    let hook = route.own_hook();
    let filters = |chain: ChainId| {
        let mut own = set.base_chains.iter().filter(|base| base.chain == chain);
        own.any(|base| base.hook == hook && base.kind == ChainKind::Filter)
    };
    let end = |chain: ChainId| set.chains.get(chain).map_or(0, |chain| chain.rules.len());
    let Some(decider) = trace.decider.or_else(|| trace.deciders.first().copied()) else { return Vec::new() };
    let mut base = None;
    let mut stack: Vec<(ChainId, usize)> = Vec::new();
    let mut left: Vec<(ChainId, usize)> = Vec::new();
    for rule in trace.path.iter().chain([&decider]) {
        if base != Some(rule.chain) && set.base_chains.iter().any(|base| base.chain == rule.chain) {
            base = Some(rule.chain);
            stack = vec![(rule.chain, 0)];
            left.clear();
        }
        while let Some((chain, place)) = stack.last().copied()
            && chain != rule.chain
        {
            stack.pop();
            left.push((chain, place));
        }
        if let Some(last) = stack.last_mut() {
            last.1 = rule.place;
        }
        match set.rule(*rule).map(|rule| &rule.action) {
            Some(Action::Jump(callee)) => stack.push((*callee, end(*callee))),
            Some(Action::Goto(callee)) => {
                left.extend(stack.pop());
                stack.push((*callee, end(*callee)));
            }
            Some(Action::Return) => {
                left.extend(stack.pop());
            }
            _ => {}
        }
        if stack.is_empty() {
            // A return from a base chain, the end of one that was left by goto, or a path that is known in part only.
            stack.push((rule.chain, rule.place));
        }
    }
    if !base.is_some_and(filters) {
        return Vec::new();
    }
    stack.into_iter().chain(left).collect()
}
