//! Chains, the hooks they are entered at, and the rule set they make together.

use rustc_hash::FxHashMap;

use crate::packets::ConditionId;

use super::{Condition, ConditionKind, Family, Origin, Rule};

/// A chain's index in [`RuleSet::chains`].
pub type ChainId = usize;

/// A rule by its chain and its place there, from 0; the place behind the last rule is the chain's policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId {
    /// The chain.
    pub chain: ChainId,
    /// Place in it.
    pub place: usize,
}

/// An ordered list of rules.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The families whose packets it sees.
    pub families: Vec<Family>,
    /// The table it belongs to, where the format has tables.
    pub table: String,
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub origin: Option<Origin>,
    /// Its rules, in order.
    pub rules: Vec<Rule>,
}

/// Where in a packet's way through the machine a base chain is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // netfilter's own names
pub enum HookPoint {
    Prerouting,
    Input,
    Forward,
    Output,
    Postrouting,
}

/// What a base chain is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChainKind {
    /// It decides whether the packet goes on.
    Filter,
    /// It decides the translation of the packet that opens a connection; others skip it.
    Nat,
}

/// What happens at the end of a base chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Policy {
    Accept,
    Drop,
}

/// A chain that is entered at a hook.
#[derive(Debug, Clone)]
pub struct BaseChain {
    /// Where.
    pub hook: HookPoint,
    /// In which order among those of the same hook: lower first.
    pub priority: i32,
    /// Whether it comes before connection tracking: there no packet has a state yet, and nothing is translated. True at
    /// [`HookPoint::Prerouting`] and [`HookPoint::Output`] alone.
    pub before_tracking: bool,
    /// What for.
    pub kind: ChainKind,
    /// Which chain.
    pub chain: ChainId,
    /// What happens at its end.
    pub policy: Policy,
}

/// How rules are named in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// `ip filter FORWARD 3`, `ip filter FORWARD policy`.
    Netfilter,
    /// `INPUT:LINE`.
    Lines,
}

/// Everything one firewall's exports say, normalized.
#[derive(Debug, Clone)]
pub struct RuleSet {
    /// All chains.
    pub chains: Vec<Chain>,
    /// Those that are entered at a hook, in order of hook and priority.
    pub base_chains: Vec<BaseChain>,
    /// Conditions that rules name.
    pub conditions: Vec<Condition>,
    /// The families that the exports speak for; a family that is not here was not exported.
    pub families: Vec<Family>,
    /// How its rules are named.
    pub naming: Naming,
    /// The interface by which the device talks to itself, by its name, where it has one.
    pub loopback: Option<String>,
    /// What the run should say of how it was read.
    pub notes: Vec<String>,
    condition_ids: FxHashMap<String, ConditionId>,
}

impl RuleSet {
    /// One without any chain.
    #[must_use]
    pub fn new(naming: Naming) -> Self {
        Self {
            chains: Vec::new(),
            base_chains: Vec::new(),
            conditions: Vec::new(),
            families: Vec::new(),
            naming,
            loopback: None,
            notes: Vec::new(),
            condition_ids: FxHashMap::default(),
        }
    }

    /// The number of a condition. One that is not volatile is the same wherever the same text stands.
    pub fn condition(&mut self, text: &str, volatile: bool) -> ConditionId {
        self.field(text, ConditionKind::Truth, volatile)
    }

    /// The number of a condition with values of a kind.
    pub fn field(&mut self, text: &str, kind: ConditionKind, volatile: bool) -> ConditionId {
        if !volatile && let Some(id) = self.condition_ids.get(text) {
            return *id;
        }
        let id = ConditionId::try_from(self.conditions.len()).unwrap_or(ConditionId::MAX);
        self.conditions.push(Condition { text: text.to_owned(), kind, volatile });
        if !volatile {
            self.condition_ids.insert(text.to_owned(), id);
        }
        id
    }

    /// A rule, unless the id is a policy's.
    #[must_use]
    pub fn rule(&self, id: RuleId) -> Option<&Rule> {
        self.chains.get(id.chain)?.rules.get(id.place)
    }

    /// The line a rule or policy stands on.
    #[must_use]
    pub fn origin(&self, id: RuleId) -> Option<Origin> {
        match self.rule(id) {
            Some(rule) => Some(rule.origin),
            None => self.chains.get(id.chain)?.origin,
        }
    }

    /// How many rules there are.
    #[must_use]
    pub fn rule_count(&self) -> usize {
        self.chains.iter().map(|chain| chain.rules.len()).sum()
    }

    /// A rule's name as a trace gives it: `ip filter FORWARD 3`, `ip6 filter INPUT policy`, or `INPUT:LINE` with the id that
    /// `input_id` gives for an input's index.
    pub fn rule_name(&self, id: RuleId, family: Family, input_id: impl Fn(usize) -> String) -> String {
        let Some(chain) = self.chains.get(id.chain) else { return String::new() };
        match self.naming {
            Naming::Netfilter => {
                let family = if family == Family::Ipv4 { "ip" } else { "ip6" };
                let number =
                    if id.place < chain.rules.len() { (id.place + 1).to_string() } else { "policy".to_owned() };
                format!("{family} {} {} {number}", chain.table, chain.name)
            }
            Naming::Lines => {
                self.origin(id).map(|origin| format!("{}:{}", input_id(origin.input), origin.line)).unwrap_or_default()
            }
        }
    }
}
