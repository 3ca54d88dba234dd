//! Which rules no packet ever reaches: shadowed by earlier ones, or behind jumps that never carry what they match.
//!
//! Everything a rule matches is sent along every route that leads there. What arrives proves that the rule decides; if nothing
//! does, the rules that took the packets on the way are what shadows it.

use rustc_hash::FxHashMap;

use crate::model::{Action, ChainId, ChainKind, HookPoint, Rewrite, RuleId};
use crate::packets::{Conditions, IntervalSet, Live, Ordered, Packet, PacketSet, StateSet};

use super::family::FamilyAddress;
use super::walk::Walk;
use super::{Budget, Judge, Query, Route};

/// Whether anything reaches a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reachability<A: crate::packets::Address> {
    /// This packet does, as it arrives, on this route.
    By(Route, Packet<A>),
    /// Nothing does.
    Never(Unreached),
    /// The budget ended first.
    Undecided,
}

/// Why nothing reaches a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreached {
    /// It matches no packet.
    MatchesNothing,
    /// No base chain leads to its chain, or its chain is on a circle of calls.
    NotCalled,
    /// These rules and policies take every packet before it; the first of each run of alike ones. Empty where packets return
    /// before it or are never sent there.
    Shadowed(Vec<RuleId>),
}

/// All hooks.
const HOOKS: [HookPoint; 5] =
    [HookPoint::Prerouting, HookPoint::Input, HookPoint::Forward, HookPoint::Output, HookPoint::Postrouting];

/// Asks of one rule after another whether anything reaches it.
///
/// Most are settled within their chain: no jump carries such packets there, rules before them there cover them, or a packet
/// gets past those and, sent along the route, arrives. Only what is left is sent along the routes as a whole.
#[derive(Debug)]
pub struct Reached<'j, 'r, A: FamilyAddress> {
    judge: &'j Judge<'r, A>,
    /// The packets that may come to each chain.
    contexts: Vec<Vec<PacketSet<A>>>,
    /// Of each chain that was asked about, the sets whose packets end there.
    ending: FxHashMap<ChainId, Ordered<'j, A>>,
    /// What all questions together may still take: looks within chains, and comparisons along routes.
    looks: u64,
    comparisons: u64,
}

/// Looks within chains for all rules together: about a second's worth, and more for each rule.
const LOOKS: u64 = 1 << 27;
const LOOKS_FOR_EACH_RULE: u64 = 1 << 12;

/// Comparisons along routes for all rules together: some seconds' worth.
const COMPARISONS: u64 = 10_000_000;

/// Pieces that proving within a chain may take.
const PIECES_IN_CHAIN: usize = 1200;

impl<'j, 'r, A: FamilyAddress> Reached<'j, 'r, A> {
    /// Nothing asked yet.
    #[must_use]
    pub fn new(judge: &'j Judge<'r, A>) -> Self {
        Self {
            judge,
            contexts: judge.contexts(),
            ending: FxHashMap::default(),
            looks: LOOKS + LOOKS_FOR_EACH_RULE * judge.rule_set.rule_count() as u64,
            comparisons: COMPARISONS,
        }
    }

    /// Whether any packet comes as far as a rule and matches it, whatever the conditions are. `budget` is for each route and
    /// each of the few sets that are left to send along it.
    #[must_use]
    pub fn of(&mut self, rule: RuleId, budget: Budget) -> Reachability<A> {
        let judge = self.judge;
        let sets = judge.sets_of(rule);
        let routes: Vec<Route> = judge.routes_to(rule.chain).collect();
        let (Some(chain), Ok(place)) = (judge.chains.get(rule.chain), u32::try_from(rule.place)) else {
            return Reachability::Never(Unreached::NotCalled);
        };
        if sets.is_empty() || routes.is_empty() || chain.effects.untracks {
            return judge.reach_within(rule, budget, &mut self.comparisons);
        }
        let ordered = self.ending.entry(rule.chain).or_insert_with(|| judge.ending(rule.chain));
        let (mut by, mut left) = (Vec::new(), Vec::new());
        for set in sets {
            for context in &self.contexts[rule.chain] {
                // A point that is neither an interface nor "no interface" exists on no packet.
                let known = judge.interfaces.any().union(&judge.interfaces.none());
                let query = PacketSet {
                    ingress: set.ingress.intersection(&known),
                    egress: set.egress.intersection(&known),
                    conditions: Conditions::any(),
                    ..set.clone()
                };
                let Some(query) = context.intersection(&query) else { continue };
                match ordered.live_within(place, &query, PIECES_IN_CHAIN, &mut self.looks) {
                    Live::Witness(packet) => {
                        for route in &routes {
                            let sent = judge.as_sent(&packet, *route);
                            if let Some(packet) = judge.meets(rule, *route, &sent, budget, &mut self.comparisons) {
                                return Reachability::By(*route, packet);
                            }
                        }
                        left.push(query);
                    }
                    Live::Covered(indexes) => {
                        let places = indexes.iter().filter_map(|index| ordered.entries().get(*index));
                        by.extend(places.map(|(place, _)| RuleId { place: *place as usize, ..rule }));
                    }
                    Live::Undecided => left.push(query),
                }
            }
        }
        judge.reach_with(rule, &left, by, budget, &mut self.comparisons)
    }
}

impl<A: FamilyAddress> Judge<'_, A> {
    /// The routes on which packets may come to a chain.
    fn routes_to(&self, chain: ChainId) -> impl Iterator<Item = Route> {
        let reach = self.chains.get(chain).map(|chain| &chain.effects);
        [Route::Forward, Route::Input, Route::Output].into_iter().filter(move |route| {
            HOOKS.iter().any(|hook| route.passes(*hook) && reach.is_some_and(|reach| reach.is_led_to_from(*hook)))
        })
    }

    /// The sets of a chain whose packets never go on to its next rule, in order.
    fn ending(&self, chain: ChainId) -> Ordered<'_, A> {
        let rules = self.rule_set.chains.get(chain).map_or(&[][..], |chain| &chain.rules);
        let compiled = self.chains.get(chain).map_or(&[][..], |chain| &chain.rules);
        Ordered::new(rules.iter().zip(compiled).zip(0u32..).flat_map(|((rule, compiled), place)| {
            let ends = match &rule.action {
                Action::Accept
                | Action::Drop
                | Action::Reject
                | Action::Return
                | Action::Goto(_)
                | Action::Unknown(_) => !compiled.volatile && compiled.tests.is_empty(),
                _ => false,
            };
            let sets = if ends { compiled.sets.as_slice() } else { &[] };
            sets.iter().map(move |set| (place, set))
        }))
    }

    /// Whether any packet comes as far as a rule and matches it, whatever the conditions are: everything it matches is sent
    /// along every route that leads there. `budget` is for each route.
    #[must_use]
    pub fn reach(&self, rule: RuleId, budget: Budget) -> Reachability<A> {
        self.reach_within(rule, budget, &mut u64::MAX.clone())
    }

    fn reach_within(&self, rule: RuleId, budget: Budget, allowance: &mut u64) -> Reachability<A> {
        let sets = self.sets_of(rule);
        if sets.is_empty() {
            return Reachability::Never(Unreached::MatchesNothing);
        }
        if self.routes_to(rule.chain).next().is_none() {
            return Reachability::Never(Unreached::NotCalled);
        }
        self.reach_with(rule, sets, Vec::new(), budget, allowance)
    }

    /// Whether any of these packets comes as far as a rule; `takers` are known to take what else it matches.
    fn reach_with(
        &self,
        rule: RuleId,
        sets: &[PacketSet<A>],
        mut takers: Vec<RuleId>,
        budget: Budget,
        allowance: &mut u64,
    ) -> Reachability<A> {
        let mut undecided = false;
        let leading = self.base_chains_to(rule.chain);
        for route in self.routes_to(rule.chain) {
            for set in sets {
                let Some(wire) = self.on_route(set, route) else { continue };
                let query = Query::new(route, wire);
                if *allowance == 0 {
                    return Reachability::Undecided;
                }
                let mut walk = Walk::new(self, &query, budget);
                walk.target = Some(rule);
                let past = self.pass(&mut walk, &query);
                *allowance = allowance.saturating_sub(walk.spent());
                if let Some(region) = walk.reached.take()
                    && let Some(packet) = region.wire().witness()
                {
                    // A network mapped one to one from everywhere is followed as a choice: the packet alone settles it.
                    if let Some(packet) = self.meets(rule, route, &packet, budget, allowance) {
                        return Reachability::By(route, packet);
                    }
                    undecided = true;
                    continue;
                }
                undecided |= walk.ended;
                let alike = past.iter().filter(|region| region.now.meets(set));
                let decisions = alike.flat_map(|region| walk.passed(region));
                takers
                    .extend(decisions.filter(|decision| leading.contains(&decision.base)).map(|decision| decision.by));
                let partition = walk.into_partition(true);
                let alike = partition.pieces.iter().filter(|piece| piece.seen.meets(set));
                takers.extend(alike.filter_map(|piece| piece.decider));
            }
        }
        if undecided {
            return Reachability::Undecided;
        }
        takers.sort_unstable();
        takers.dedup();
        Reachability::Never(Unreached::Shadowed(takers))
    }

    /// The packet, with conditions under which it reaches a rule, if there are any.
    fn meets(
        &self,
        rule: RuleId,
        route: Route,
        packet: &Packet<A>,
        budget: Budget,
        allowance: &mut u64,
    ) -> Option<Packet<A>> {
        let query = Query::new(route, PacketSet::of(packet));
        let mut walk = Walk::new(self, &query, budget);
        walk.target = Some(rule);
        let _ = self.pass(&mut walk, &query);
        *allowance = allowance.saturating_sub(walk.spent());
        walk.reached.take()?.wire().witness()
    }

    /// A packet that a chain may see, with interfaces as the route has them.
    fn as_sent(&self, packet: &Packet<A>, route: Route) -> Packet<A> {
        let none = self.interfaces.none().lowest().unwrap_or_default();
        let some = |point| if point == none { self.interfaces.point("other") } else { point };
        let (ingress, egress) = match route {
            Route::Forward => (some(packet.ingress), some(packet.egress)),
            Route::Input => (some(packet.ingress), none),
            Route::Output => (none, some(packet.egress)),
        };
        Packet { ingress, egress, ..packet.clone() }
    }

    /// The packets on the wire that may be these by the time a rule of a route sees them.
    fn on_route(&self, set: &PacketSet<A>, route: Route) -> Option<PacketSet<A>> {
        let none = self.interfaces.none();
        let some = self.interfaces.any().difference(&none);
        let mut wire = PacketSet { conditions: Conditions::any(), state: StateSet::FULL, ..set.clone() };
        (wire.ingress, wire.egress) = match route {
            Route::Forward => (some.clone(), some),
            Route::Input => (some, none),
            Route::Output => (none, some),
        };
        // Before routing no outgoing interface is known, and what is redirected loses it: those two look at less.
        wire.ingress = wire.ingress.intersection(&set.ingress);
        if !set.egress.meets(&self.interfaces.none()) {
            wire.egress = wire.egress.intersection(&set.egress);
        }
        if self.translates() {
            wire.destination = IntervalSet::full();
            wire.destination_port = IntervalSet::full();
        }
        (!wire.is_empty()).then_some(wire)
    }

    /// Whether any rule changes destinations.
    fn translates(&self) -> bool {
        self.base_chains.iter().any(|base| base.kind == ChainKind::Nat)
            && self
                .rule_set
                .chains
                .iter()
                .flat_map(|chain| &chain.rules)
                .any(|rule| matches!(rule.action, Action::Rewrite(Rewrite::Destination(_))))
    }
}

impl Route {
    /// Whether packets of this route pass a hook; what is forwarded may be redirected to the firewall itself.
    fn passes(self, hook: HookPoint) -> bool {
        match self {
            Self::Forward => hook != HookPoint::Output,
            Self::Input => matches!(hook, HookPoint::Prerouting | HookPoint::Input),
            Self::Output => matches!(hook, HookPoint::Output | HookPoint::Postrouting),
        }
    }
}
