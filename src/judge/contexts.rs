//! Which packets may come to a chain at all: those that some way of jumps carries there.
//!
//! More than those that do: what rules before a jump take away is not looked at, nor conditions, nor what rules ask beside.

use crate::model::{Action, ChainId};
use crate::packets::{Address, Conditions, PacketSet, StateSet, coalesce};

use super::Judge;
use super::family::FamilyAddress;

/// Sets kept for a chain; more become the one product that holds them all.
const MOST_SETS: usize = 64;

impl<A: FamilyAddress> Judge<'_, A> {
    /// For each chain, sets that hold all packets that can come to it. None for a chain that nothing leads to, or that lies on a
    /// circle of calls.
    pub(super) fn contexts(&self) -> Vec<Vec<PacketSet<A>>> {
        let chains = &self.rule_set.chains;
        let mut open = vec![0usize; chains.len()];
        for (chain, _) in chains.iter().enumerate() {
            for callee in self.rule_set.callees(chain) {
                open[callee] += 1;
            }
        }
        let mut contexts: Vec<Vec<PacketSet<A>>> = vec![Vec::new(); chains.len()];
        for base in &self.base_chains {
            if let Some(context) = contexts.get_mut(base.chain) {
                *context = vec![PacketSet::full()];
            }
        }
        let mut ready: Vec<ChainId> = (0..chains.len()).filter(|chain| open[*chain] == 0).collect();
        while let Some(caller) = ready.pop() {
            let context = fewer(std::mem::take(&mut contexts[caller]));
            for (place, rule) in chains[caller].rules.iter().enumerate() {
                let (Action::Jump(callee) | Action::Goto(callee)) = rule.action else { continue };
                if callee >= chains.len() {
                    continue;
                }
                for set in &self.chains[caller].rules[place].sets {
                    contexts[callee].extend(context.iter().filter_map(|context| carried(context, set)));
                }
                if contexts[callee].len() > 4 * MOST_SETS {
                    contexts[callee] = fewer(std::mem::take(&mut contexts[callee]));
                }
                open[callee] -= 1;
                if open[callee] == 0 {
                    ready.push(callee);
                }
            }
            contexts[caller] = context;
        }
        contexts
    }
}

/// What of a caller's packets a jump carries on, whatever the conditions; of any state, since rules before may change it.
fn carried<A: Address>(context: &PacketSet<A>, set: &PacketSet<A>) -> Option<PacketSet<A>> {
    let set = PacketSet { conditions: Conditions::any(), state: StateSet::FULL, ..set.clone() };
    context.intersection(&set)
}

/// The same packets, and perhaps more, in few sets.
fn fewer<A: Address>(sets: Vec<PacketSet<A>>) -> Vec<PacketSet<A>> {
    let mut sets = coalesce(sets);
    let all = sets.clone();
    let mut place = 0;
    sets.retain(|set| {
        let own = place;
        place += 1;
        !all.iter().enumerate().any(|(other, wide)| other != own && set.is_subset(wide) && (other < own || set != wide))
    });
    if sets.len() <= MOST_SETS {
        return sets;
    }
    let mut hull = sets[0].clone();
    for set in &sets {
        hull.extend_to(set);
    }
    vec![hull]
}
