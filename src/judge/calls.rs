//! Which chains call which: those on a circle of calls, and those that change nothing.

use crate::model::{Action, ChainId, RuleSet};

/// Which chains cannot be put in an order of calls: they lie on a circle, or call one that does.
///
/// Chains whose callees are all ordered are ordered themselves; what never becomes so is circular.
pub(super) fn circular_chains(rule_set: &RuleSet) -> Vec<bool> {
    let count = rule_set.chains.len();
    let mut callers: Vec<Vec<ChainId>> = vec![Vec::new(); count];
    let mut open: Vec<usize> = vec![0; count];
    for (chain, open) in open.iter_mut().enumerate() {
        for callee in rule_set.callees(chain) {
            callers[callee].push(chain);
            *open += 1;
        }
    }
    let mut ready: Vec<ChainId> = (0..count).filter(|chain| open[*chain] == 0).collect();
    while let Some(chain) = ready.pop() {
        for caller in &callers[chain] {
            open[*caller] -= 1;
            if open[*caller] == 0 {
                ready.push(*caller);
            }
        }
    }
    open.iter().map(|open| *open > 0).collect()
}

/// Which chains decide and change nothing, whatever the packet: no rule of theirs does, nor of those they call.
pub(super) fn inert_chains(rule_set: &RuleSet, circular: &[bool]) -> Vec<bool> {
    let mut active: Vec<bool> = rule_set
        .chains
        .iter()
        .zip(circular)
        .map(|(chain, circular)| {
            *circular
                || chain.rules.iter().any(|rule| {
                    !matches!(rule.action, Action::Continue | Action::Return | Action::Jump(_) | Action::Goto(_))
                })
        })
        .collect();
    let mut callers: Vec<Vec<ChainId>> = vec![Vec::new(); active.len()];
    for chain in 0..active.len() {
        for callee in rule_set.callees(chain) {
            callers[callee].push(chain);
        }
    }
    let mut work: Vec<ChainId> = (0..active.len()).filter(|chain| active[*chain]).collect();
    while let Some(chain) = work.pop() {
        for caller in &callers[chain] {
            if !active[*caller] {
                active[*caller] = true;
                work.push(*caller);
            }
        }
    }
    active.into_iter().map(|active| !active).collect()
}
