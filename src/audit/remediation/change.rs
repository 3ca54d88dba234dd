//! A changed rule set: in some chains rules are removed and others inserted in their place.
//!
//! The result is a complete rule set, so the effect of a change is found by judging it.

use std::collections::BTreeSet;

use crate::judge::{FamilyAddress, Judge};
use crate::model::{Action, BaseChain, Chain, ChainId, Match, Rule, RuleId, RuleSet, Splice};
use crate::packets::{IntervalSet, PacketSet};

use crate::audit::judgement::firewall::View;

/// The packets that a changed rule set will be asked about: those in at least one of these hulls.
#[derive(Debug)]
pub(super) struct Within<A: FamilyAddress> {
    hulls: Vec<Hull<A>>,
}

/// A hull of packets. It bounds only the fields that the firewall does not change before it filters.
#[derive(Debug)]
struct Hull<A: FamilyAddress> {
    protocol: IntervalSet<u8>,
    source: IntervalSet<A>,
    /// Destination addresses and ports; none where the firewall may translate them before it filters.
    destination: Option<(IntervalSet<A>, IntervalSet<u16>)>,
}

impl<A: FamilyAddress> Within<A> {
    /// The hull of these packets.
    pub(super) fn of(view: &View<A>, packets: &[PacketSet<A>]) -> Self {
        let hull = Hull {
            protocol: IntervalSet::from_intervals(
                packets.iter().flat_map(|set| set.protocol.intervals()).copied().collect(),
            ),
            source: IntervalSet::from_intervals(
                packets.iter().flat_map(|set| set.source.intervals()).copied().collect(),
            ),
            destination: (!view.translates).then(|| {
                let addresses = packets.iter().flat_map(|set| set.destination.intervals()).copied().collect();
                let ports = packets.iter().flat_map(|set| set.destination_port.intervals()).copied().collect();
                (IntervalSet::from_intervals(addresses), IntervalSet::from_intervals(ports))
            }),
        };
        Self { hulls: vec![hull] }
    }

    /// Every packet.
    pub(super) fn all() -> Self {
        Self { hulls: vec![Hull { protocol: IntervalSet::full(), source: IntervalSet::full(), destination: None }] }
    }

    /// The union of these packets and others.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.hulls.extend(other.hulls);
        self
    }

    /// Whether a rule with these packet sets may match any of the packets, in any table.
    fn meets(&self, sets: &[PacketSet<A>]) -> bool {
        self.hulls.iter().any(|hull| hull.meets(sets))
    }
}

impl<A: FamilyAddress> Hull<A> {
    fn meets(&self, sets: &[PacketSet<A>]) -> bool {
        sets.iter().any(|set| {
            set.protocol.meets(&self.protocol)
                && set.source.meets(&self.source)
                && self.destination.as_ref().is_none_or(|(addresses, ports)| {
                    set.destination.meets(addresses) && set.destination_port.meets(ports)
                })
        })
    }
}

/// From so many packet sets on, a rule is worth leaving out.
const MANY_SETS: usize = 256;

/// Large rules that may be left out before a change as well as after it where only the difference matters: what they match is refused
/// either way, since no packet meets anything that changes before it meets them. What differs without them is all that differs, and
/// perhaps more: packets that they match.
pub(super) fn without_difference<A: FamilyAddress>(judge: &Judge<A>, change: &[Splice]) -> Vec<RuleId> {
    let set = judge.rule_set();
    let mut left_out = Vec::new();
    // Chains that a packet may have been through before it comes to the rule.
    let mut earlier: BTreeSet<ChainId> = BTreeSet::new();
    let mut bases: Vec<&BaseChain> = set.base_chains.iter().collect();
    bases.sort_by_key(|base| (base.hook, base.priority));
    for base in bases {
        let Some(chain) = set.chains.get(base.chain) else { continue };
        for (place, rule) in chain.rules.iter().enumerate() {
            let id = RuleId { chain: base.chain, place };
            // What the rule itself calls, a change may alter too.
            if let Action::Jump(callee) | Action::Goto(callee) = rule.action {
                called(set, callee, &mut earlier);
            }
            let changes_before = |splice: &Splice| {
                earlier.contains(&splice.chain) || (splice.chain == base.chain && splice.place <= place)
            };
            if judge.sets_of(id).len() >= MANY_SETS && refuses(set, &rule.action) && !change.iter().any(changes_before)
            {
                left_out.push(id);
            }
        }
        earlier.insert(base.chain);
    }
    left_out
}

/// Whether every packet that a rule with this action matches is refused.
fn refuses(set: &RuleSet, action: &Action) -> bool {
    match action {
        Action::Drop | Action::Reject => true,
        Action::Jump(callee) | Action::Goto(callee) => {
            let rules = set.chains.get(*callee).map_or(&[][..], |chain| &chain.rules);
            let decides = rules.iter().find(|rule| rule.action != Action::Continue);
            decides.is_some_and(|rule| {
                matches!(rule.action, Action::Drop | Action::Reject) && rule.matches.contains(&Match::any())
            })
        }
        _ => false,
    }
}

/// Adds a chain and all that it calls.
fn called(set: &RuleSet, chain: ChainId, all: &mut BTreeSet<ChainId>) {
    let mut work = vec![chain];
    while let Some(chain) = work.pop() {
        if all.insert(chain) {
            work.extend(set.callees(chain));
        }
    }
}

/// The rule set after the change, reduced to the rules that may match one of the packets `within`. The others have no effect on
/// these packets and are left out, so rules have other places than in the complete rule set.
pub(super) fn changed<A: FamilyAddress>(judge: &Judge<A>, within: &Within<A>, change: &[Splice]) -> RuleSet {
    changed_without(judge, within, change, &[])
}

/// Likewise, and without some more rules.
pub(super) fn changed_without<A: FamilyAddress>(
    judge: &Judge<A>,
    within: &Within<A>,
    change: &[Splice],
    left_out: &[RuleId],
) -> RuleSet {
    let whole = judge.rule_set();
    let mut set = RuleSet::default();
    set.loopback.clone_from(&whole.loopback);
    set.base_chains.clone_from(&whole.base_chains);
    set.conditions.clone_from(&whole.conditions);
    set.families.clone_from(&whole.families);
    for (number, chain) in whole.chains.iter().enumerate() {
        let mut rules = Vec::new();
        for place in 0..=chain.rules.len() {
            for splice in change.iter().filter(|splice| (splice.chain, splice.place) == (number, place)) {
                rules.extend(splice.inserted.iter().map(|new| Rule {
                    origin: None,
                    matches: vec![new.packets.clone()],
                    action: new.action.clone(),
                    comment: None,
                    pairs: None,
                }));
            }
            let goes = |splice: &Splice| {
                splice.chain == number && (splice.place..splice.place + splice.removed).contains(&place)
            };
            if let Some(rule) = chain.rules.get(place)
                && !change.iter().any(goes)
                && !left_out.contains(&RuleId { chain: number, place })
                && within.meets(judge.sets_of(RuleId { chain: number, place }))
            {
                rules.push(rule.clone());
            }
        }
        set.chains.push(Chain {
            families: chain.families.clone(),
            table: chain.table.clone(),
            name: chain.name.clone(),
            labels: chain.labels.clone(),
            origin: chain.origin,
            rules,
        });
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Interfaces;
    use crate::model::{Addresses, ChainKind, Family, HookPoint, Labels, Policy};

    fn rule(matches: Vec<Match>, action: Action) -> Rule {
        Rule { origin: None, matches, action, comment: None, pairs: None }
    }

    fn chain(name: &str, rules: Vec<Rule>) -> Chain {
        let (families, table) = (vec![Family::Ipv4], "filter".to_owned());
        Chain { families, table, name: name.to_owned(), labels: Labels::Lines, origin: None, rules }
    }

    /// FORWARD: an accept, a large rule that sends what it matches to a chain, an accept. The chain logs and drops.
    fn rule_set() -> RuleSet {
        let pair = |number: u16| Match {
            source: Addresses { ipv4: IntervalSet::single(u32::from(number)), ..Addresses::none() },
            destination_port: IntervalSet::single(number),
            ..Match::any()
        };
        let mut set = RuleSet::default();
        set.families = vec![Family::Ipv4];
        set.chains = vec![
            chain(
                "FORWARD",
                vec![
                    rule(vec![Match::any()], Action::Accept),
                    rule((0..300).map(pair).collect(), Action::Jump(1)),
                    rule(vec![Match::any()], Action::Accept),
                ],
            ),
            chain("LOGDROP", vec![rule(vec![Match::any()], Action::Continue), rule(vec![Match::any()], Action::Drop)]),
        ];
        set.base_chains = vec![BaseChain {
            hook: HookPoint::Forward,
            priority: 0,
            before_tracking: false,
            kind: ChainKind::Filter,
            chain: 0,
            policy: Policy::Drop,
        }];
        set
    }

    #[test]
    fn a_large_rule_is_left_out_only_where_nothing_changes_before_it_or_in_what_it_calls() {
        let set = rule_set();
        let interfaces = Interfaces::new(&set, &[]);
        let judge = Judge::<u32>::new(&set, &interfaces);
        let left_out = |chain: ChainId, place: usize, removed: usize| {
            without_difference(&judge, &[Splice { chain, place, removed, inserted: Vec::new() }])
        };
        let large = RuleId { chain: 0, place: 1 };
        assert_eq!(left_out(0, 2, 1), [large], "a change behind it");
        assert_eq!(left_out(0, 3, 0), [large], "a change at the end");
        assert_eq!(left_out(0, 0, 1), [], "a change before it");
        assert_eq!(left_out(0, 1, 0), [], "a change right before it");
        assert_eq!(left_out(0, 1, 1), [], "its own removal");
        assert_eq!(left_out(1, 1, 0), [], "a change in the chain that it calls");
    }
}
