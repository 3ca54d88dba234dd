//! Groups the excess of many similar rules into one excess, which lists all of them.
//!
//! Rules of one chain belong to the same group if their excess is between the same zones, concerns the same part of the Edge and
//! falls into the same class of the ranking. Small groups are left as they are.

use std::collections::BTreeMap;

use crate::deployment::Deployment;
use crate::judge::FamilyAddress;
use crate::model::RuleId;
use crate::packets::coalesce;

use crate::audit::findings::{class_of, node_of};
use crate::audit::judgement::excess::Excess;
use crate::audit::judgement::firewall::View;

/// Groups of more rules than this become one excess.
const MOST_APART: usize = 20;
/// Up to this many sets of packets, adjacent sets are merged; of more, merging would take too long.
const MOST_MERGED: usize = 2_000;

/// The same excess, with large groups of similar rules made into one excess each.
pub(in crate::audit) fn grouped<A: FamilyAddress>(
    view: &View<A>,
    deployment: &Deployment,
    found: Vec<Excess<A>>,
) -> Vec<Excess<A>> {
    if found.len() <= MOST_APART {
        return found;
    }
    let mut order = Vec::new();
    let mut groups: BTreeMap<_, Vec<Excess<A>>> = BTreeMap::new();
    for mut excess in found {
        // A policy is never grouped.
        let rule = excess.rule.filter(|rule| view.export.rule_set.rule(*rule).is_some());
        let class = class_of(view, deployment, &excess);
        excess.class = Some(class);
        let key = (
            excess.from.name(),
            excess.to.name(),
            rule.map(|rule| rule.chain),
            excess.reasons.is_empty(),
            &class.name,
            node_of(view, deployment, &excess),
        );
        if !groups.contains_key(&key) {
            order.push(key.clone());
        }
        groups.entry(key).or_default().push(excess);
    }
    let mut result = Vec::new();
    for key in order {
        let Some(group) = groups.remove(&key) else { continue };
        if key.2.is_some() && group.len() > MOST_APART {
            result.extend(merged(group));
        } else {
            result.extend(group);
        }
    }
    result
}

/// One excess made of all of these, attributed to the first rule.
fn merged<A: FamilyAddress>(group: Vec<Excess<A>>) -> Option<Excess<A>> {
    let mut rules: Vec<RuleId> = group.iter().filter_map(|excess| excess.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let mut parts = group.into_iter();
    let mut whole = parts.next()?;
    for part in parts {
        whole.packets.extend(part.packets);
        whole.wire.extend(part.wire);
        for reason in part.reasons {
            if !whole.reasons.contains(&reason) && whole.reasons.len() < MOST_APART {
                whole.reasons.push(reason);
            }
        }
    }
    if whole.packets.len() <= MOST_MERGED {
        whole.packets = coalesce(whole.packets);
    }
    whole.rule = rules.first().copied();
    whole.grouped = rules;
    Some(whole)
}
