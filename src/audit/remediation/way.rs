//! The chains that refused packets pass, and the last place in each where an accept would take effect before the refusal. If
//! several filter chains in a row refuse, each of them needs an accept.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::{FamilyAddress, Route, Trace, Verdict};
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

/// How many places are tried; where several filter chains refuse, how many combinations of one place in each.
const MOST_PLACES: usize = 8;

/// Where accepts of these packets would let them through, the best first. Each choice has one place in every filter chain on
/// their path that refuses any of them. Empty, if something other than the filter of their path refuses them. `permitters` are
/// the rules that permit other needs between the same zones.
pub(super) fn places<A: FamilyAddress>(
    view: &View<A>,
    packets: &[Packet<A>],
    permitters: &BTreeSet<RuleId>,
) -> Vec<Vec<ChainPlace>> {
    // For each base chain that refuses: the chains it calls, and the places in them.
    let mut found: BTreeMap<ChainId, BTreeMap<ChainId, BTreeSet<usize>>> = BTreeMap::new();
    for packet in packets {
        for (base, visited) in refusals(view, packet) {
            for (chain, place) in visited {
                found.entry(base).or_default().entry(chain).or_default().insert(place);
            }
        }
    }
    let mut choices: Vec<(usize, Vec<ChainPlace>)> = vec![(0, Vec::new())];
    for chains in found.into_values() {
        let places = best_first(view.judge.rule_set(), chains, permitters);
        let longer = choices.iter().flat_map(|(rank, chosen)| {
            let with = |place: &ChainPlace| chosen.iter().chain([place]).copied().collect();
            places.iter().enumerate().map(move |(number, place)| (rank + number, with(place)))
        });
        choices = longer.collect();
        choices.sort_by_key(|(rank, _)| *rank);
        choices.truncate(MOST_PLACES);
    }
    choices.into_iter().map(|(_, chosen)| chosen).filter(|chosen| !chosen.is_empty()).collect()
}

/// Each filter chain at the hook of the packet's route that refuses it, with the places in it ([`visited`]). To find the chains
/// after the first one that refuses, the packet is judged again without that chain.
fn refusals<A: FamilyAddress>(view: &View<A>, packet: &Packet<A>) -> Vec<(ChainId, Vec<(ChainId, usize)>)> {
    let route = view.route_of(packet);
    let mut bases = view.judge.base_chains().to_vec();
    let mut found = Vec::new();
    while !bases.is_empty() {
        let trace = view.judge.entered_at(bases.clone()).trace(route, packet);
        if !found.is_empty() && !matches!(trace.verdict, Verdict::Drop | Verdict::Reject) {
            break;
        }
        let Some((refusing, places)) = visited(view.judge.rule_set(), route, &trace) else { break };
        found.push((refusing, places));
        bases.retain(|base| (base.hook, base.chain) != (route.own_hook(), refusing));
    }
    found
}

/// Sorts places in a base chain and the chains it calls: first the chain with the most `permitters`, then the base chain, then
/// the others; in each chain the latest place first.
fn best_first(
    set: &RuleSet,
    found: BTreeMap<ChainId, BTreeSet<usize>>,
    permitters: &BTreeSet<RuleId>,
) -> Vec<ChainPlace> {
    let permits = |chain: ChainId| permitters.iter().filter(|rule| rule.chain == chain).count();
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

/// The heads of the base chains that filter packets between one of these pairs of zones, except chains that accept everything.
pub(super) fn heads<A: FamilyAddress>(
    view: &View<A>,
    pairs: impl Iterator<Item = (Zone, Zone)>,
) -> BTreeSet<ChainPlace> {
    let hooks: Vec<HookPoint> = pairs.map(|(from, to)| view.route(from, to).own_hook()).collect();
    let bases = view.judge.base_chains().iter().enumerate();
    let filters = bases.filter(|(_, base)| base.kind == ChainKind::Filter && hooks.contains(&base.hook));
    let filters = filters.filter(|(number, _)| !view.judge.is_neutral(*number));
    filters.map(|(_, base)| ChainPlace { chain: base.chain, place: 0 }).collect()
}

/// The filter chain at the route's hook that refused a packet, and the chains that the packet passed from there, each with the
/// last place that it reached in the chain: the call that led to the refusal, the rule that refused, the return, or the end.
fn visited(set: &RuleSet, route: Route, trace: &Trace) -> Option<(ChainId, Vec<(ChainId, usize)>)> {
    let hook = route.own_hook();
    let filters = |chain: ChainId| {
        let mut own = set.base_chains.iter().filter(|base| base.chain == chain);
        own.any(|base| base.hook == hook && base.kind == ChainKind::Filter)
    };
    let end = |chain: ChainId| set.chains.get(chain).map_or(0, |chain| chain.rules.len());
    let decider = trace.decider.or_else(|| trace.deciders.first().copied())?;
    let mut base = None;
    let mut stack: Vec<(ChainId, usize)> = Vec::new();
    let mut left: Vec<(ChainId, usize)> = Vec::new();
    for rule in trace.path.iter().map(|step| &step.rule).chain([&decider]) {
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
            // A return from a base chain, the end of a chain that was left by goto, or a path that is known only in part.
            stack.push((rule.chain, rule.place));
        }
    }
    let base = base.filter(|base| filters(*base))?;
    Some((base, stack.into_iter().chain(left).collect()))
}
