//! A packet's passage through the machine: which base chains it meets on its route, in order, and what each sees of it.
//!
//! Prerouting sees no outgoing interface; before connection tracking (priority -200) every packet looks invalid; translation
//! changes the destination for whatever comes after it. A [`Region`] carries both: the packets as they are now and, for each
//! field that was changed or hidden, what it was on the wire.

use crate::model::{BaseChain, ChainKind, HookPoint, Policy, RuleId};
use crate::packets::{Address, ConnectionState, Interface, IntervalSet, PacketSet, StateSet};

use super::Judge;
use super::compile::Side;
use super::walk::Walk;

/// Which way a packet takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// From one interface to another.
    Forward,
    /// To the firewall itself.
    Input,
    /// From the firewall itself.
    Output,
}

impl Route {
    /// The hooks on the way, in order.
    fn hooks(self) -> [HookPoint; 3] {
        match self {
            Self::Forward => [HookPoint::Prerouting, HookPoint::Forward, HookPoint::Postrouting],
            Self::Input => [HookPoint::Prerouting, HookPoint::Input, HookPoint::Input],
            Self::Output => [HookPoint::Output, HookPoint::Output, HookPoint::Postrouting],
        }
    }

    /// The hook the route is named after: the last decision there is the one an accepted packet is told by.
    fn own_hook(self) -> HookPoint {
        match self {
            Self::Forward => HookPoint::Forward,
            Self::Input => HookPoint::Input,
            Self::Output => HookPoint::Output,
        }
    }
}

/// What becomes of the packets of a piece.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// They get through.
    Accept,
    /// They are discarded silently.
    Drop,
    /// They are discarded with an answer.
    Reject,
    /// Nobody could know; the text says why.
    Undecided(String),
}

/// Packets that share a verdict and the rule that decided it.
#[derive(Debug, Clone)]
pub struct Piece<A: Address> {
    /// The packets as they arrive, with the conditions under which the verdict holds.
    pub wire: PacketSet<A>,
    /// The same packets as the deciding chain saw them.
    pub seen: PacketSet<A>,
    /// What becomes of them.
    pub verdict: Verdict,
    /// The rule or policy that decided; none where no base chain stood on the way.
    pub decider: Option<RuleId>,
    /// Every rule they matched on their way, where the walk was asked to record it.
    pub path: Vec<RuleId>,
}

/// A set of packets cut into pieces: disjoint, and together the whole of it.
#[derive(Debug, Clone)]
pub struct Partition<A: Address> {
    /// The pieces.
    pub pieces: Vec<Piece<A>>,
    /// The base chains at the route's own hook, the last of which decides an accept.
    pub had_own_chain: bool,
    /// Fresh numbers that were given to fickle conditions: number minus [`Self::first_fresh`] is the index here.
    pub(super) fresh: Vec<crate::packets::ConditionId>,
    pub(super) first_fresh: crate::packets::ConditionId,
}

impl<A: Address> Partition<A> {
    /// The condition of the rule set that a condition of a piece stands for.
    #[must_use]
    pub fn original(&self, id: crate::packets::ConditionId) -> crate::packets::ConditionId {
        match id.checked_sub(self.first_fresh) {
            None => id,
            Some(index) => self.fresh.get(index as usize).copied().unwrap_or(id),
        }
    }
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Query<A: Address> {
    /// Which way.
    pub route: Route,
    /// The packets as they arrive.
    pub wire: PacketSet<A>,
    /// Only those whose destination is one of these once the destination is translated, if given.
    pub arriving: Option<IntervalSet<A>>,
    /// Whether to record the rules on the way. For sets of more than one packet this costs much.
    pub record_path: bool,
}

/// How much work may be done before the rest is undecided.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Comparisons of two packet sets, beside a number that grows with the rule set.
    pub comparisons: u64,
    /// Pieces in work at the same time.
    pub regions: usize,
    /// Pieces of the answer.
    pub pieces: usize,
    /// Intervals of all pieces in work together, and of all pieces of the answer together: what bounds memory.
    pub intervals: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { comparisons: 1_000_000, regions: 20_000, pieces: 10_000, intervals: 1_000_000 }
    }
}

/// Packets on their way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Region<A: Address> {
    /// As the chain at hand sees them.
    pub(super) now: PacketSet<A>,
    /// What the fields that were changed or hidden were on the wire.
    pub(super) was: Hidden<A>,
    /// Set once translation has been decided: no further translation of the destination.
    pub(super) translated: bool,
    /// The last decision at the route's own hook.
    pub(super) decider: Option<RuleId>,
    /// The rules on the way, as the walk numbers paths; 0 where they are not recorded.
    pub(super) path: u32,
}

/// Fields as they were on the wire, where they are another now.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Hidden<A: Address> {
    pub(super) destination: Option<IntervalSet<A>>,
    pub(super) destination_port: Option<IntervalSet<u16>>,
    pub(super) state: Option<StateSet>,
    pub(super) egress: Option<IntervalSet<Interface>>,
}

impl<A: Address> Region<A> {
    /// The packets as they arrived.
    pub(super) fn wire(&self) -> PacketSet<A> {
        let mut wire = self.now.clone();
        if let Some(destination) = &self.was.destination {
            wire.destination.clone_from(destination);
        }
        if let Some(port) = &self.was.destination_port {
            wire.destination_port.clone_from(port);
        }
        if let Some(state) = self.was.state {
            wire.state = state;
        }
        if let Some(egress) = &self.was.egress {
            wire.egress.clone_from(egress);
        }
        wire
    }
}

/// Connection tracking's own priority at prerouting and output.
const CONNTRACK: i32 = -200;

impl<A: Side> Judge<'_, A> {
    /// Cuts the packets of a query into pieces with one verdict and one deciding rule each.
    #[must_use]
    pub fn partition(&self, query: &Query<A>, budget: Budget) -> Partition<A> {
        let mut walk = Walk::new(self, query, budget);
        let mut regions = vec![Region {
            now: query.wire.clone(),
            was: Hidden { destination: None, destination_port: None, state: None, egress: None },
            translated: false,
            decider: None,
            path: 0,
        }];
        regions.retain(|region| !region.now.is_empty());
        let own_hook = query.route.own_hook();
        let mut seen_hooks = Vec::new();
        for hook in query.route.hooks() {
            if seen_hooks.contains(&hook) {
                continue;
            }
            seen_hooks.push(hook);
            let tracking = matches!(hook, HookPoint::Prerouting | HookPoint::Output);
            if hook == HookPoint::Prerouting {
                for region in &mut regions {
                    region.was.egress = Some(std::mem::replace(&mut region.now.egress, self.interfaces.none()));
                }
            }
            let at_hook = self.base_chains.iter().filter(|base| base.hook == hook);
            let (before, after): (Vec<&BaseChain>, Vec<&BaseChain>) =
                at_hook.partition(|base| tracking && base.priority <= CONNTRACK);
            if tracking && !before.is_empty() {
                hide_state(&mut regions);
                for base in before {
                    regions = walk.base_chain(base, regions, hook == own_hook);
                }
                for region in &mut regions {
                    if region.now.state == StateSet::single(ConnectionState::Invalid)
                        && let Some(state) = region.was.state.take()
                    {
                        region.now.state = state;
                    }
                }
            }
            for base in after {
                regions = match base.kind {
                    ChainKind::Filter => walk.base_chain(base, regions, hook == own_hook),
                    ChainKind::Nat => nat_chain(&mut walk, base, regions),
                };
            }
            if hook == HookPoint::Prerouting {
                for region in &mut regions {
                    if let Some(egress) = region.was.egress.take() {
                        region.now.egress = egress;
                    }
                }
                if let Some(arriving) = &query.arriving {
                    regions = arriving_at(regions, arriving);
                }
            }
        }
        for region in regions {
            let decider = region.decider;
            walk.finish(&region, Verdict::Accept, decider);
        }
        walk.into_partition(self.base_chains.iter().any(|base| base.hook == own_hook && base.kind == ChainKind::Filter))
    }
}

/// Before connection tracking a packet has no state: matches find it invalid.
fn hide_state<A: Address>(regions: &mut [Region<A>]) {
    for region in regions {
        region.was.state = Some(region.now.state);
        region.now.state = StateSet::single(ConnectionState::Invalid);
    }
}

/// Only what opens a connection is looked up in nat chains, and only until one has decided.
fn nat_chain<A: Side>(walk: &mut Walk<'_, '_, A>, base: &BaseChain, regions: Vec<Region<A>>) -> Vec<Region<A>> {
    let new = StateSet::single(ConnectionState::New);
    let destination = matches!(base.hook, HookPoint::Prerouting | HookPoint::Output);
    let (mut looked_up, mut passed) = (Vec::new(), Vec::new());
    for region in regions {
        if destination && region.translated {
            passed.push(region);
            continue;
        }
        let others = region.now.state.difference(new);
        if !others.is_empty() {
            let mut other = region.clone();
            other.now.state = others;
            passed.push(other);
        }
        let opening = region.now.state.intersection(new);
        if !opening.is_empty() {
            let mut region = region;
            region.now.state = opening;
            looked_up.push(region);
        }
    }
    if !looked_up.is_empty() {
        passed.extend(walk.base_chain(base, looked_up, false));
    }
    passed
}

/// Those that go to one of these destinations now.
fn arriving_at<A: Address>(regions: Vec<Region<A>>, arriving: &IntervalSet<A>) -> Vec<Region<A>> {
    regions
        .into_iter()
        .filter_map(|mut region| {
            region.now.destination = region.now.destination.intersection(arriving);
            (!region.now.destination.is_empty()).then_some(region)
        })
        .collect()
}

/// The verdict of a policy.
pub(super) fn policy_verdict(policy: Policy) -> Verdict {
    match policy {
        Policy::Accept => Verdict::Accept,
        Policy::Drop => Verdict::Drop,
    }
}
