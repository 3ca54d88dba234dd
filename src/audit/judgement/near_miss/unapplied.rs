//! Chains that no packet enters, because no base chain and no rule leads to them.

use crate::model::{ChainId, ChainKind, Family, HookPoint, RuleSet};

/// How many such chains are examined.
const MOST: usize = 64;

/// Chains of the filter tables that no base chain leads to and that no other such chain calls. Chains that call each other in a
/// circle are left out.
pub(super) fn roots(set: &RuleSet, family: Family) -> Vec<ChainId> {
    let mut reached = vec![false; set.chains.len()];
    let mut work: Vec<ChainId> = set.base_chains.iter().map(|base| base.chain).collect();
    while let Some(chain) = work.pop() {
        if chain < reached.len() && !std::mem::replace(&mut reached[chain], true) {
            work.extend(set.callees(chain));
        }
    }
    let mut called = vec![false; set.chains.len()];
    for chain in (0..set.chains.len()).filter(|chain| !reached[*chain]) {
        for callee in set.callees(chain) {
            called[callee] = true;
        }
    }
    let filters = |table: &str| {
        set.base_chains.iter().any(|base| {
            let own = matches!(base.hook, HookPoint::Input | HookPoint::Forward | HookPoint::Output);
            base.kind == ChainKind::Filter && own && base.priority == 0 && set.chains[base.chain].table == table
        })
    };
    (0..set.chains.len())
        .filter(|chain| !reached[*chain] && !called[*chain])
        .filter(|chain| {
            let chain = &set.chains[*chain];
            chain.families.contains(&family) && !chain.rules.is_empty() && filters(&chain.table)
        })
        .take(MOST)
        .collect()
}
