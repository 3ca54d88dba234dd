//! A rule set made ready to be walked, for one family: interface names become points, matches become packet sets,
//! and of each chain it is known whether it can do anything at all.

use std::sync::Arc;

use crate::model::{
    Action, Addresses, BaseChain, ChainId, MarkOf, MarkSource, Match, Rewrite, Rule, RuleId, RuleSet, Test,
};
use crate::packets::{Address, Conditions, IntervalSet, PacketSet, StateSet, Tree};

use super::Interfaces;
use super::calls::{circular_chains, inert_chains};
use super::chain_effects::{self, ChainEffects};
use super::compiled_rule::CompiledRule;
use super::decisions::Constraints;
use super::entries::Entries;
use super::family::FamilyAddress;
use super::region::Region;

/// One family's view of a rule set, ready to judge packets. `A` is `u32` for IPv4 and `u128` for IPv6.
#[derive(Debug)]
pub struct Judge<'r, A: Address> {
    pub(super) rule_set: &'r RuleSet,
    pub(super) interfaces: &'r Interfaces,
    pub(super) chains: Arc<Vec<CompiledChain<A>>>,
    /// The base chains of this family, in order of hook and priority.
    pub(super) base_chains: Vec<BaseChain>,
    /// Whether any rule asks for or copies a connection's mark.
    pub(super) reads_connection_marks: bool,
    /// Which filter chains constrain; worked out once somebody asks.
    pub(super) constraints: Constraints<A>,
    /// How many sets the rules have in addition to one each; raises the budget of queries.
    pub(super) products: usize,
}

/// A chain's rules as packet sets.
#[derive(Debug)]
pub(super) struct CompiledChain<A: Address> {
    pub(super) rules: Vec<CompiledRule<A>>,
    /// The same rules as the walk looks at them, in order.
    pub(super) entries: Entries<A>,
    /// Where the entries lie, of chains that are long enough for it to be worth it.
    pub(super) tree: Option<Tree<A>>,
    /// What any rule of it, or of the chains it calls, looks at and does.
    pub(super) effects: ChainEffects,
    /// No rule of it, nor of any chain it calls, decides or changes anything.
    pub(super) inert: bool,
    /// It can be called from within itself; the kernel refuses such rule sets.
    pub(super) circular: bool,
}

impl<'r, A: FamilyAddress> Judge<'r, A> {
    /// Makes the rule set ready. `interfaces` must know every pattern of the rule set.
    #[must_use]
    pub fn new(rule_set: &'r RuleSet, interfaces: &'r Interfaces) -> Self {
        let circular = circular_chains(rule_set);
        let inert = inert_chains(rule_set, &circular);
        let mut chains: Vec<CompiledChain<A>> = rule_set
            .chains
            .iter()
            .zip(circular.iter().zip(&inert))
            .map(|(chain, (circular, inert))| {
                let sees = chain.families.contains(&A::FAMILY);
                let rules: Vec<CompiledRule<A>> =
                    chain.rules.iter().map(|rule| compiled(rule_set, rule, sees, interfaces)).collect();
                let entries = Entries::of(&rules, &chain.rules);
                let tree = (entries.len() >= WORTH_A_TREE).then(|| Tree::new(entries.sets(&rules)));
                CompiledChain {
                    rules,
                    entries,
                    tree,
                    effects: ChainEffects::default(),
                    inert: *inert,
                    circular: *circular,
                }
            })
            .collect();
        let rules: Vec<&[CompiledRule<A>]> = chains.iter().map(|chain| chain.rules.as_slice()).collect();
        let effects = chain_effects::of_all(rule_set, &rules, &circular);
        for (chain, effects) in chains.iter_mut().zip(effects) {
            chain.effects = effects;
        }
        let rules = chains.iter().flat_map(|chain| &chain.rules);
        let products = rules.filter(|rule| rule.tree.is_some()).map(|rule| rule.sets.len()).sum();
        let mut base_chains: Vec<BaseChain> = rule_set
            .base_chains
            .iter()
            .filter(|base| rule_set.chains.get(base.chain).is_some_and(|chain| chain.families.contains(&A::FAMILY)))
            .cloned()
            .collect();
        base_chains.sort_by_key(|base| (base.hook, base.priority));
        let reads_connection_marks = reads_connection_marks(rule_set);
        let constraints = Constraints::default();
        Self {
            rule_set,
            interfaces,
            chains: Arc::new(chains),
            base_chains,
            reads_connection_marks,
            constraints,
            products,
        }
    }

    /// The same rules, entered at other base chains. They are taken in the order given.
    #[must_use]
    pub fn entered_at(&self, base_chains: Vec<BaseChain>) -> Self {
        Self {
            rule_set: self.rule_set,
            interfaces: self.interfaces,
            chains: Arc::clone(&self.chains),
            products: self.products,
            base_chains,
            reads_connection_marks: self.reads_connection_marks,
            constraints: Constraints::default(),
        }
    }

    /// The base chains of this family, in order of hook and priority.
    #[must_use]
    pub fn base_chains(&self) -> &[BaseChain] {
        &self.base_chains
    }

    /// The numbers of the entries of a chain that regions may match as they enter it; none where looking at all is as well.
    pub(super) fn near(&self, chain: ChainId, regions: &[Region<A>]) -> Option<Vec<u32>> {
        let chain = self.chains.get(chain)?;
        let tree = chain.tree.as_ref()?;
        let (first, others) = regions.split_first()?;
        let mut hull = first.now.clone();
        for region in others {
            hull.extend_to(&region.now);
        }
        if chain.effects.untracks {
            hull.state = StateSet::FULL;
        }
        Some(tree.meeting(&hull, 0))
    }

    /// Whether a base chain that packets enter behind this one, at the same hook, looks at their source. There a source that was
    /// translated is the new one.
    pub(super) fn looks_at_source_behind(&self, base: &BaseChain) -> bool {
        let own =
            |other: &BaseChain| (other.hook, other.priority, other.chain) == (base.hook, base.priority, base.chain);
        let behind = self.base_chains.iter().skip_while(|other| !own(other)).skip(1);
        behind
            .filter(|other| other.hook == base.hook)
            .any(|other| self.chains.get(other.chain).is_some_and(|chain| chain.effects.looks_at_source()))
    }

    /// The rule set it judges by.
    #[must_use]
    pub fn rule_set(&self) -> &'r RuleSet {
        self.rule_set
    }

    /// The interface axis.
    #[must_use]
    pub fn interfaces(&self) -> &'r Interfaces {
        self.interfaces
    }

    /// The packets of a match that need not be in the rule set; its tests are ignored. None if it is empty.
    #[must_use]
    pub fn packets_of(&self, matching: &Match) -> Option<PacketSet<A>> {
        packet_set(matching, self.interfaces)
    }

    /// Which of the rules that the device makes of this one is the first to match these packets, or some of them; 0 where it is
    /// one rule.
    #[must_use]
    pub fn pair_of(&self, rule: RuleId, packets: &PacketSet<A>) -> usize {
        let Some(pairs) = self.rule_set.rule(rule).and_then(|rule| rule.pairs.as_ref()) else { return 0 };
        let first = |all: &[Addresses], own: &IntervalSet<A>| all.iter().position(|one| A::side(one).meets(own));
        let source = first(&pairs.sources, &packets.source).unwrap_or(0);
        source * pairs.destinations.len() + first(&pairs.destinations, &packets.destination).unwrap_or(0)
    }

    /// The packet sets that a rule matches in this family; empty for a policy.
    #[must_use]
    pub fn sets_of(&self, rule: RuleId) -> &[PacketSet<A>] {
        self.chains.get(rule.chain).and_then(|chain| chain.rules.get(rule.place)).map_or(&[], |rule| &rule.sets)
    }
}

/// From this many entries on, a chain's near ones are looked up instead of looking at all.
const WORTH_A_TREE: usize = 48;

/// A rule's packet sets.
fn compiled<A: FamilyAddress>(
    rule_set: &RuleSet,
    rule: &Rule,
    visible: bool,
    interfaces: &Interfaces,
) -> CompiledRule<A> {
    let matches: &[Match] = if visible { &rule.matches } else { &[] };
    let asks = matches.iter().any(|matching| !matching.tests.is_empty());
    let mut sets = Vec::with_capacity(matches.len());
    let mut asked = Vec::with_capacity(if asks { matches.len() } else { 0 });
    for matching in matches {
        if let Some(set) = packet_set(matching, interfaces) {
            sets.push(set);
            if asks {
                asked.push(matching.tests.clone());
            }
        }
    }
    let volatile = rule.matches.iter().flat_map(|m| &m.conditions).any(|(id, _)| rule_set.is_volatile(*id));
    let plain = asked.is_empty() && !volatile && sets.iter().all(|set| set.conditions.is_any());
    let tree = (plain && sets.len() >= WORTH_A_TREE).then(|| Box::new(Tree::new((0u32..).zip(&sets))));
    CompiledRule { sets, tests: asked, volatile, tree }
}

/// Whether any rule asks for or copies a connection's mark.
fn reads_connection_marks(rule_set: &RuleSet) -> bool {
    rule_set.chains.iter().flat_map(|chain| &chain.rules).any(|rule| {
        matches!(rule.action, Action::Rewrite(Rewrite::Mark { by: MarkSource::OtherMark(_), .. }))
            || rule
                .matches
                .iter()
                .flat_map(|matching| &matching.tests)
                .any(|test| matches!(test, Test::Mark { of: MarkOf::Connection, .. }))
    })
}

/// A match as a packet set; none if it can match nothing in this family.
fn packet_set<A: FamilyAddress>(matching: &Match, interfaces: &Interfaces) -> Option<PacketSet<A>> {
    let set = PacketSet {
        protocol: matching.protocol.clone(),
        destination_port: matching.destination_port.clone(),
        destination: A::side(&matching.destination).clone(),
        source: A::side(&matching.source).clone(),
        source_port: matching.source_port.clone(),
        ingress: interfaces.matching_all(&matching.ingress),
        egress: interfaces.matching_all(&matching.egress),
        state: matching.state,
        tcp_flags: matching.tcp_flags,
        conditions: Conditions::all_of(&matching.conditions)?,
    };
    (!set.is_empty()).then_some(set)
}
