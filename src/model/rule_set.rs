//! Chains, the hooks they are entered at, and the rule set they make together.

use rustc_hash::FxHashMap;

use crate::packets::ConditionId;

use super::{Action, ChainId, Condition, ConditionKind, Family, HookPoint, NamedSet, Origin, Rule, RuleId};

/// An ordered list of rules.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The families whose packets it sees.
    pub families: Vec<Family>,
    /// The table it belongs to, where the format has tables.
    pub table: String,
    /// Its name.
    pub name: String,
    /// How a trace names its rules.
    pub labels: Labels,
    /// Where it is declared; none where nobody wrote that.
    pub origin: Option<Origin>,
    /// Its rules, in order.
    pub rules: Vec<Rule>,
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

/// How a trace names the rules of a chain, as their format would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Labels {
    /// By their number in the chain, from 1, behind words that may differ by family; behind the last stands `policy`.
    Numbered {
        /// The words for packets of IPv4.
        ipv4: String,
        /// The words for packets of IPv6.
        ipv6: String,
        /// For each rule of which the device makes several ([`super::AddressPairs`]): its index, and how many rules more than one it
        /// and all such rules before it make.
        more: Vec<(usize, usize)>,
    },
    /// By the input and the line they stand on.
    Lines,
}

/// Everything one firewall's exports say, normalized.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    /// All chains.
    pub chains: Vec<Chain>,
    /// Those that are entered at a hook, in order of hook and priority.
    pub base_chains: Vec<BaseChain>,
    /// Conditions that rules name.
    pub conditions: Vec<Condition>,
    /// The sets of addresses that the exports name, as far as rules name them.
    pub sets: Vec<NamedSet>,
    /// The families that the exports speak for; a family that is not here was not exported.
    pub families: Vec<Family>,
    /// The interface by which the device talks to itself, by its name, where it has one.
    pub loopback: Option<String>,
    /// What the run should say of how it was read.
    pub notes: Vec<String>,
    condition_ids: FxHashMap<String, ConditionId>,
}

impl RuleSet {
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

    /// The chains that a chain calls, once for each rule that does.
    pub fn callees(&self, chain: ChainId) -> impl Iterator<Item = ChainId> {
        let rules = self.chains.get(chain).map_or(&[][..], |chain| &chain.rules);
        rules.iter().filter_map(|rule| match rule.action {
            Action::Jump(callee) | Action::Goto(callee) if callee < self.chains.len() => Some(callee),
            _ => None,
        })
    }

    /// Whether a condition may turn out otherwise at each evaluation.
    #[must_use]
    pub fn is_volatile(&self, id: ConditionId) -> bool {
        self.conditions.get(id as usize).is_none_or(|condition| condition.volatile)
    }

    /// Where a rule stands, or the chain of a policy.
    #[must_use]
    pub fn origin(&self, id: RuleId) -> Option<Origin> {
        match self.rule(id) {
            Some(rule) => rule.origin,
            None => self.chains.get(id.chain)?.origin,
        }
    }

    /// How many rules there are.
    #[must_use]
    pub fn rule_count(&self) -> usize {
        self.chains.iter().map(|chain| chain.rules.len()).sum()
    }

    /// A rule's name as a trace gives it, for packets of a family. `pair` says which of the rules it is that the device makes of
    /// it ([`super::AddressPairs`], from 0); `place` gives the input and line of what has no number.
    pub fn rule_name(&self, id: RuleId, pair: usize, family: Family, place: impl Fn(Origin) -> String) -> String {
        let Some(chain) = self.chains.get(id.chain) else { return String::new() };
        match &chain.labels {
            Labels::Numbered { ipv4, ipv6, more } => {
                let words = if family == Family::Ipv4 { ipv4 } else { ipv6 };
                if id.place < chain.rules.len() {
                    let before = more.get(..more.partition_point(|(place, _)| *place < id.place));
                    let more = before.and_then(<[_]>::last).map_or(0, |(_, more)| *more);
                    format!("{words} {}", id.place + more + pair + 1)
                } else {
                    format!("{words} policy")
                }
            }
            Labels::Lines => self.origin(id).map(place).unwrap_or_default(),
        }
    }
}
