//! What a chain and all chains it calls look at and do, taken together: what its answer can depend on.
//!
//! Packets that differ only on axes no rule looks at get the same answer. So packets that a chain returned once, it returns again.

use rustc_hash::FxHashSet;

use crate::model::{Action, ChainId, HookPoint, Rewrite, RuleSet};
use crate::packets::{Address, ConditionId, Conditions, IntervalSet, PacketSet, StateSet, TcpFlagSet};

use super::compiled_rule::CompiledRule;

/// What a chain's answer can depend on.
#[derive(Debug, Default, Clone)]
pub(super) struct ChainEffects {
    /// The axes that some rule restricts.
    axes: Axes,
    /// The conditions that some rule names; none where there are too many to keep.
    conditions: Option<FxHashSet<ConditionId>>,
    /// Its answer to a packet is always the same, and a packet that it returns is unchanged: no rule changes packets, asks what
    /// earlier rules did, or names a volatile condition.
    pub(super) steady: bool,
    /// Some rule takes packets out of connection tracking.
    pub(super) untracks: bool,
    /// The hooks whose base chains lead to it, as bits by their place in [`HookPoint`].
    hooks: u8,
    /// It can be entered in more than one way.
    pub(super) shared: bool,
}

#[derive(Debug, Default, Clone, Copy)]
#[allow(clippy::struct_excessive_bools)] // one for each axis
struct Axes {
    protocol: bool,
    destination_port: bool,
    destination: bool,
    source: bool,
    source_port: bool,
    ingress: bool,
    egress: bool,
    state: bool,
    tcp_flags: bool,
}

/// Conditions that are kept for a chain; with more, all are taken to matter.
const MOST_CONDITIONS: usize = 512;

impl ChainEffects {
    /// A set, wider on every axis that nothing here looks at.
    pub(super) fn widened<A: Address>(&self, set: &PacketSet<A>) -> PacketSet<A> {
        let mut wide = set.clone();
        macro_rules! widen {
            ($($axis:ident),*) => {$(
                if !self.axes.$axis {
                    wide.$axis = IntervalSet::full();
                }
            )*};
        }
        widen!(protocol, destination_port, destination, source, source_port, ingress, egress);
        if !self.axes.state {
            wide.state = StateSet::FULL;
        }
        if !self.axes.tcp_flags {
            wide.tcp_flags = TcpFlagSet::FULL;
        }
        if let Some(conditions) = &self.conditions {
            wide.conditions = std::mem::take(&mut wide.conditions).only(|condition| conditions.contains(&condition));
        }
        wide
    }

    /// Whether some rule looks at a packet's source.
    pub(super) fn looks_at_source(&self) -> bool {
        self.axes.source || self.axes.source_port
    }

    /// Whether a base chain of a hook leads here.
    pub(super) fn is_led_to_from(&self, hook: HookPoint) -> bool {
        self.hooks & 1 << hook as u8 != 0
    }

    fn of<A: Address>(rules: &[CompiledRule<A>]) -> Self {
        let mut reach = Self { steady: true, conditions: Some(FxHashSet::default()), ..Self::default() };
        for rule in rules {
            for set in &rule.sets {
                reach.axes.see(set);
                reach.name(&set.conditions);
            }
            reach.steady &= !rule.volatile && rule.tests.is_empty();
        }
        reach
    }

    fn name(&mut self, conditions: &Conditions) {
        if let Some(named) = &mut self.conditions {
            named.extend(conditions.literals().iter().map(|(id, _)| *id));
            if named.len() > MOST_CONDITIONS {
                self.conditions = None;
            }
        }
    }

    fn take_in(&mut self, callee: &Self) {
        let Axes { protocol, destination_port, destination, source, source_port, ingress, egress, state, tcp_flags } =
            callee.axes;
        self.axes.protocol |= protocol;
        self.axes.destination_port |= destination_port;
        self.axes.destination |= destination;
        self.axes.source |= source;
        self.axes.source_port |= source_port;
        self.axes.ingress |= ingress;
        self.axes.egress |= egress;
        self.axes.state |= state;
        self.axes.tcp_flags |= tcp_flags;
        self.steady &= callee.steady;
        self.untracks |= callee.untracks;
        self.conditions = match (self.conditions.take(), &callee.conditions) {
            (Some(mut own), Some(others)) if own.len() + others.len() <= MOST_CONDITIONS => {
                own.extend(others);
                Some(own)
            }
            _ => None,
        };
    }
}

impl Axes {
    fn see<A: Address>(&mut self, set: &PacketSet<A>) {
        self.protocol |= !set.protocol.is_full();
        self.destination_port |= !set.destination_port.is_full();
        self.destination |= !set.destination.is_full();
        self.source |= !set.source.is_full();
        self.source_port |= !set.source_port.is_full();
        self.ingress |= !set.ingress.is_full();
        self.egress |= !set.egress.is_full();
        self.state |= set.state != StateSet::FULL;
        self.tcp_flags |= set.tcp_flags != TcpFlagSet::FULL;
    }
}

/// The effects of every chain, worked out callees first; chains on a circle are left as they are, neither steady nor shared.
pub(super) fn of_all<A: Address>(
    rule_set: &RuleSet,
    rules: &[&[CompiledRule<A>]],
    circular: &[bool],
) -> Vec<ChainEffects> {
    let mut effects: Vec<ChainEffects> = rules.iter().map(|_| ChainEffects::default()).collect();
    let count = rules.len();
    let mut callers: Vec<Vec<ChainId>> = vec![Vec::new(); count];
    let mut open = vec![0usize; count];
    let mut ways = vec![0usize; count];
    let mut hooks = vec![0u8; count];
    for (chain, open) in open.iter_mut().enumerate() {
        for callee in rule_set.callees(chain) {
            callers[callee].push(chain);
            *open += 1;
        }
    }
    for base in &rule_set.base_chains {
        if let Some(ways) = ways.get_mut(base.chain) {
            *ways += 1;
            hooks[base.chain] |= 1 << base.hook as u8;
        }
    }
    let mut order: Vec<ChainId> = Vec::with_capacity(count);
    let mut ready: Vec<ChainId> = (0..count).filter(|chain| open[*chain] == 0).collect();
    while let Some(chain) = ready.pop() {
        order.push(chain);
        for caller in &callers[chain] {
            open[*caller] -= 1;
            if open[*caller] == 0 {
                ready.push(*caller);
            }
        }
    }
    for chain in &order {
        let mut of_chain = ChainEffects::of(rules[*chain]);
        for rule in &rule_set.chains[*chain].rules {
            if let Action::Rewrite(rewrite) = &rule.action {
                of_chain.steady = false;
                of_chain.untracks |= matches!(rewrite, Rewrite::Untrack | Rewrite::Template);
            }
        }
        let mut seen = FxHashSet::default();
        for callee in rule_set.callees(*chain).filter(|callee| seen.insert(*callee)) {
            of_chain.take_in(&effects[callee]);
        }
        effects[*chain] = of_chain;
    }
    for chain in order.iter().rev() {
        for callee in rule_set.callees(*chain) {
            ways[callee] = ways[callee].saturating_add(ways[*chain]);
            hooks[callee] |= hooks[*chain];
        }
    }
    for (((effects, circular), ways), hooks) in effects.iter_mut().zip(circular).zip(ways).zip(hooks) {
        effects.shared = ways > 1;
        effects.hooks = if *circular { 0 } else { hooks };
    }
    effects
}
