//! The tables of all dumps, put together: which family each speaks for, which replaces which, and the numbers of chains.

use rustc_hash::FxHashMap;

use crate::formats::netfilter::hooks::is_before_tracking;
use crate::model::{Action, BaseChain, Chain, Family, Labels, Match, Policy, Rule, RuleSet};
use crate::source::Source;

use super::addresses::FamiliesNamed;
use super::block::Block;

/// The most notes of one kind.
const MOST_NOTES: usize = 16;

/// Puts the tables into the rule set.
pub fn assemble(rule_set: &mut RuleSet, mut blocks: Vec<Block>, sources: &[&Source]) {
    let families = families(&blocks);
    let (families, replaced) = without_replaced(rule_set, &blocks, families, sources);
    for (earlier, later) in replaced {
        let dropping = blocks[earlier].dropping();
        for name in dropping {
            blocks[later].keep_drop(rule_set, &name);
        }
    }
    for (block, families) in blocks.into_iter().zip(families) {
        if !families.is_empty() {
            add(rule_set, block, &families);
        }
    }
    rule_set.base_chains.sort_by_key(|base| (base.hook, base.priority));
    rule_set.families.sort_unstable();
}

/// The families of each table: by the header that names the loader, else by the addresses in it, else by spellings that
/// only one family has, else by those of its dump, else of its input, else both.
fn families(blocks: &[Block]) -> Vec<Vec<Family>> {
    let mut by_dump: FxHashMap<usize, Vec<Family>> = FxHashMap::default();
    let mut by_input: FxHashMap<u32, Vec<Family>> = FxHashMap::default();
    for block in blocks {
        for family in own_families(block).unwrap_or_default() {
            for known in
                [by_dump.entry(block.dump).or_default(), by_input.entry(block.origin.origin.input).or_default()]
            {
                if !known.contains(&family) {
                    known.push(family);
                }
            }
        }
    }
    let of = |block: &Block| {
        own_families(block)
            .or_else(|| by_dump.get(&block.dump).cloned())
            // A whole input of one family has no table of the other.
            .or_else(|| by_input.get(&block.origin.origin.input).filter(|known| known.len() == 1).cloned())
            .unwrap_or_else(|| Family::ALL.to_vec())
    };
    blocks.iter().map(of).collect()
}

/// What a table by itself says of its families.
fn own_families(block: &Block) -> Option<Vec<Family>> {
    let of = |families_named: FamiliesNamed| match (families_named.ipv4, families_named.ipv6) {
        (true, false) => Some(vec![Family::Ipv4]),
        (false, true) => Some(vec![Family::Ipv6]),
        (true, true) => Some(Family::ALL.to_vec()),
        (false, false) => None,
    };
    // Rules of each family by name are a file for both loaders; of one alone, either may have loaded it.
    let names = |family: Family| block.selected.values().any(|selected| *selected == family);
    let both = (names(Family::Ipv4) && names(Family::Ipv6)).then(|| Family::ALL.to_vec());
    block
        .header
        .map(|family| vec![family])
        .or(both)
        .or_else(|| of(block.families_named))
        .or_else(|| of(block.spellings))
}

/// The families without those for which a later table of the same name takes a table's place; and which replaces which, in
/// order.
fn without_replaced(
    rule_set: &mut RuleSet,
    blocks: &[Block],
    mut families: Vec<Vec<Family>>,
    sources: &[&Source],
) -> (Vec<Vec<Family>>, Vec<(usize, usize)>) {
    let mut replaced = Vec::new();
    let mut current: FxHashMap<(&str, Family), usize> = FxHashMap::default();
    let mut count = 0;
    for (index, block) in blocks.iter().enumerate() {
        for family in families[index].clone() {
            let Some(earlier) = current.insert((&block.table, family), index) else { continue };
            replaced.push((earlier, index));
            families[earlier].retain(|other| *other != family);
            count += 1;
            if count <= MOST_NOTES {
                let place = |block: &Block| {
                    let input = sources
                        .get(block.origin.origin.input as usize)
                        .map(|source| source.id.as_str())
                        .unwrap_or_default();
                    format!("{input} line {}", block.origin.line)
                };
                rule_set.notes.push(format!(
                    "{}: this {} table ({}) replaces the one at {}",
                    place(block),
                    block.table,
                    family.name(),
                    place(&blocks[earlier])
                ));
            }
        }
    }
    if count > MOST_NOTES {
        rule_set.notes.push(format!("{} more tables replace earlier ones", count - MOST_NOTES));
    }
    (families, replaced)
}

/// Adds one table's chains. A table with rules marked `-4` or `-6` becomes one table for each family, as the two loaders
/// make of it.
fn add(rule_set: &mut RuleSet, block: Block, families: &[Family]) {
    if !block.selected.is_empty() && families.len() > 1 {
        for family in families {
            add_for(rule_set, block.clone(), &[*family]);
        }
    } else {
        add_for(rule_set, block, families);
    }
}

fn add_for(rule_set: &mut RuleSet, block: Block, families: &[Family]) {
    let selected = block.selected.clone();
    let concerns = |rule: &Rule| {
        rule.origin.and_then(|origin| selected.get(&origin)).is_none_or(|family| families.contains(family))
    };
    for family in families {
        if !rule_set.families.contains(family) {
            rule_set.families.push(*family);
        }
    }
    let mut next = rule_set.chains.len();
    let numbers: Vec<usize> = block
        .chains
        .iter()
        .map(|chain| {
            let number = next;
            next += usize::from(chain.exists);
            number
        })
        .collect();
    let builtins: Vec<_> = block.chains.iter().map(|chain| block.builtin(&chain.name)).collect();
    for ((chain, builtin), number) in block.chains.into_iter().zip(builtins).zip(&numbers) {
        if !chain.exists {
            continue;
        }
        if let Some(builtin) = builtin {
            rule_set.base_chains.push(BaseChain {
                hook: builtin.hook,
                priority: builtin.priority,
                before_tracking: is_before_tracking(builtin.hook, builtin.priority),
                kind: builtin.kind,
                chain: *number,
                policy: chain.policy.unwrap_or(Policy::Accept),
            });
        }
        let (name, origin) = (chain.name.clone(), Some(chain.origin.origin));
        let mut rules = chain.into_rules(concerns);
        for rule in &mut rules {
            settle(rule, families, &numbers);
        }
        let label = |family: &str| format!("{family} {} {name}", block.table);
        let labels = Labels::Numbered { ipv4: label("ip"), ipv6: label("ip6"), more: more_than_places(&rules) };
        let (families, table) = (families.to_vec(), block.table.clone());
        rule_set.chains.push(Chain { families, table, name, labels, origin, rules });
    }
}

/// The rules that stand for several, each with how many more than places there are up to it.
fn more_than_places(rules: &[Rule]) -> Vec<(usize, usize)> {
    let several = rules.iter().enumerate().filter(|(_, rule)| rule.count() > 1);
    let more = several.scan(0, |sum, (place, rule)| {
        *sum += rule.count() - 1;
        Some((place, *sum))
    });
    more.collect()
}

/// Gives a rule's jump its number, and leaves out what no packet of these families can be.
fn settle(rule: &mut Rule, families: &[Family], numbers: &[usize]) {
    if let Action::Jump(chain) | Action::Goto(chain) = &mut rule.action
        && let Some(number) = numbers.get(*chain)
    {
        *chain = *number;
    }
    rule.matches.retain(|product| is_of(product, families));
}

/// Whether a packet of these families can be in a product.
fn is_of(product: &Match, families: &[Family]) -> bool {
    families.iter().any(|family| match family {
        Family::Ipv4 => !product.source.ipv4.is_empty() && !product.destination.ipv4.is_empty(),
        Family::Ipv6 => !product.source.ipv6.is_empty() && !product.destination.ipv6.is_empty(),
    })
}
