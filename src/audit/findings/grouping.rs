//! Many rules that permit the same kind of excess are one thing to read: they become one excess, which names them all.
//!
//! Alike are rules of one chain whose excess goes the same way, concerns the same part of the Edge and falls into the same class
//! of the ranking. A few of them stay apart.

use std::collections::BTreeMap;

use crate::deployment::Deployment;
use crate::judge::FamilyAddress;
use crate::model::RuleId;
use crate::packets::coalesce;

use crate::audit::findings::{class_of, node_of};
use crate::audit::judgement::excess::Excess;
use crate::audit::judgement::firewall::View;

/// More alike rules than this are told together.
const MOST_APART: usize = 20;
/// Sets of packets up to which merging them is worth the time.
const MOST_MERGED: usize = 2_000;

/// The same excess, alike rules told together where they are many.
pub(in crate::audit) fn together<A: FamilyAddress>(
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
        // A policy is no rule among others.
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
    let mut told = Vec::new();
    for key in order {
        let Some(alike) = groups.remove(&key) else { continue };
        if key.2.is_some() && alike.len() > MOST_APART {
            told.extend(merged(alike));
        } else {
            told.extend(alike);
        }
    }
    told
}

/// One excess of all of these, told by the first rule.
fn merged<A: FamilyAddress>(alike: Vec<Excess<A>>) -> Option<Excess<A>> {
    let mut rules: Vec<RuleId> = alike.iter().filter_map(|excess| excess.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let mut parts = alike.into_iter();
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
