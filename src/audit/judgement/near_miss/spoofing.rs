//! The rules without those against spoofed sources. A misplaced rule often matches packets that arrive on an interface where
//! their source address does not belong, and many firewalls drop such packets before any other rule.

use crate::judge::FamilyAddress;
use crate::model::{Action, ChainId, Match, RuleSet};

use crate::audit::judgement::firewall::View;

/// The rules without those that refuse packets by source and interface only; none where there are no such rules.
pub(in crate::audit) fn set_aside<A: FamilyAddress>(view: &View<A>) -> Option<RuleSet> {
    let set = &view.export.rule_set;
    let refuses: Vec<bool> = (0..set.chains.len()).map(|chain| only_refuses(set, chain)).collect();
    let mut rest: Option<RuleSet> = None;
    for (chain, rules) in set.chains.iter().enumerate().map(|(number, chain)| (number, &chain.rules)) {
        for (place, rule) in rules.iter().enumerate() {
            let refuses_packets = match rule.action {
                Action::Drop | Action::Reject => true,
                Action::Jump(callee) | Action::Goto(callee) => refuses.get(callee).copied().unwrap_or(false),
                _ => false,
            };
            if refuses_packets && !rule.matches.is_empty() && rule.matches.iter().all(by_source_alone::<A>) {
                rest.get_or_insert_with(|| set.clone()).chains[chain].rules[place].matches.clear();
            }
        }
    }
    rest
}

/// Whether a match tests the source address and nothing else except interfaces.
fn by_source_alone<A: FamilyAddress>(matching: &Match) -> bool {
    !A::side(&matching.source).is_full()
        && A::side(&matching.destination).is_full()
        && matching.protocol.is_full()
        && matching.source_port.is_full()
        && matching.destination_port.is_full()
        && matching.conditions.is_empty()
        && matching.tests.is_empty()
}

/// Whether a chain only logs and refuses.
fn only_refuses(set: &RuleSet, chain: ChainId) -> bool {
    let rules = &set.chains[chain].rules;
    rules.iter().all(|rule| matches!(rule.action, Action::Continue | Action::Drop | Action::Reject))
        && rules.iter().any(|rule| matches!(rule.action, Action::Drop | Action::Reject))
}
