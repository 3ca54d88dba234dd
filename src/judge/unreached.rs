//! Which rules no packet ever reaches: shadowed by earlier ones, or behind jumps that never carry what they match.
//!
//! Everything a rule matches is sent along every route that leads there. What arrives proves that the rule decides; if nothing
//! does, the rules that took the packets on the way are what shadows it.

use crate::model::{Action, ChainKind, HookPoint, Rewrite, RuleId};
use crate::packets::{Conditions, IntervalSet, Packet, PacketSet, StateSet};

use super::compile::Side;
use super::walk::Walk;
use super::{Budget, Judge, Query, Route};

/// Whether anything reaches a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach<A: crate::packets::Address> {
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

impl<A: Side> Judge<'_, A> {
    /// Whether any packet comes as far as a rule and matches it, whatever the conditions are. `budget` is for each route.
    #[must_use]
    pub fn reach(&self, rule: RuleId, budget: Budget) -> Reach<A> {
        let sets = self.sets_of(rule);
        if sets.is_empty() {
            return Reach::Never(Unreached::MatchesNothing);
        }
        let Some(chain) = self.chains.get(rule.chain) else { return Reach::Never(Unreached::NotCalled) };
        let routes = [Route::Forward, Route::Input, Route::Output]
            .into_iter()
            .filter(|route| HOOKS.iter().any(|hook| route.passes(*hook) && chain.reach.is_led_to_from(*hook)));
        let mut called = false;
        let mut takers: Vec<RuleId> = Vec::new();
        let mut undecided = false;
        for route in routes {
            called = true;
            for set in sets {
                let Some(wire) = self.on_route(set, route) else { continue };
                let query = Query { route, wire, arriving: None, record_path: false };
                let mut walk = Walk::new(self, &query, budget);
                walk.target = Some(rule);
                let past = self.pass(&mut walk, &query);
                if let Some(region) = walk.reached.take()
                    && let Some(packet) = region.wire().witness()
                {
                    // A network mapped one to one from everywhere is followed as a choice: the packet alone settles it.
                    if self.meets(rule, route, &packet, budget) {
                        return Reach::By(route, packet);
                    }
                    undecided = true;
                    continue;
                }
                undecided |= walk.ended;
                takers.extend(past.iter().filter(|region| region.now.meets(set)).filter_map(|region| region.decider));
                let partition = walk.into_partition(true);
                let alike = partition.pieces.iter().filter(|piece| piece.seen.meets(set));
                takers.extend(alike.filter_map(|piece| piece.decider));
            }
        }
        if !called {
            return Reach::Never(Unreached::NotCalled);
        }
        if undecided {
            return Reach::Undecided;
        }
        takers.sort_unstable();
        takers.dedup();
        Reach::Never(Unreached::Shadowed(takers))
    }

    /// Whether a packet reaches a rule under some conditions.
    fn meets(&self, rule: RuleId, route: Route, packet: &Packet<A>, budget: Budget) -> bool {
        let query = Query { route, wire: PacketSet::of(packet), arriving: None, record_path: false };
        let mut walk = Walk::new(self, &query, budget);
        walk.target = Some(rule);
        let _ = self.pass(&mut walk, &query);
        walk.reached.is_some()
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
