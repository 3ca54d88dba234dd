//! What rules match of the regions that come by, and what not; and which rule of a run it was.

use crate::model::{Action, ChainId, RuleId};
use crate::packets::{Address, ConditionId, Conditions, PacketSet, coalesce};

use super::asked::ask;
use super::compiled_rule::CompiledRule;
use super::entries::Entry;
use super::family::FamilyAddress;
use super::merging::MERGE_FROM;
use super::query::Verdict;
use super::region::Region;
use super::walk::Walk;

/// Cutting out a set of so many intervals takes about as long as one comparison more.
const INTERVALS_PER_STEP: usize = 16;

/// Rules of a run that are named one by one for what they refuse.
const MOST_NAMED: usize = 64;

impl<A: FamilyAddress> Walk<'_, '_, A> {
    /// Takes what the rule matches out of the regions.
    pub(super) fn split(&mut self, id: RuleId, visit: u32, regions: &mut Vec<Region<A>>) -> Vec<Region<A>> {
        let judge = self.judge;
        let compiled = &judge.chains[id.chain].rules[id.place];
        let renamed = if compiled.volatile { Some(self.renamed(compiled, visit)) } else { None };
        let sets = renamed.as_deref().unwrap_or(&compiled.sets);
        let without_effect = matches!(judge.rule_set.rule(id).map(|rule| &rule.action), Some(Action::Continue));
        let (mut matched, mut more) = (Vec::new(), Vec::new());
        let (mut size, mut place) = (0, 0);
        while let Some(region) = regions.get(place) {
            let whole = region.chosen.is_nothing() && !without_effect;
            if let Some(near) = if whole { compiled.near(&region.now) } else { None } {
                if let Some((inside, outside)) = self.put_off(id, region, &near) {
                    matched.push(inside);
                    regions[place] = outside;
                    place += 1;
                    continue;
                }
                if let Some(cut) = self.cut_along_all(&region.now, &near) {
                    let longer = if cut.inside.is_empty() { 0 } else { self.longer(region.path, id, &region.now) };
                    matched.extend(cut.inside.into_iter().map(|now| Region { path: longer, ..region.with(now) }));
                    let outside = cut.outside.into_iter().map(|now| region.with(now)).collect();
                    replace(regions, &mut place, outside, &mut more);
                    continue;
                }
            }
            if region.chosen.is_nothing() && !sets.iter().any(|set| set.meets(&region.now)) {
                place += 1;
                continue;
            }
            if without_effect && self.target != Some(id) {
                // Only here to be named on the path: where it is not certain to match, it is not named.
                let certain = compiled.tests.is_empty()
                    && region.chosen.is_nothing()
                    && sets.iter().any(|set| region.now.is_subset(set));
                let path = if certain { self.longer(region.path, id, &region.now) } else { region.path };
                regions[place].path = path;
                place += 1;
                continue;
            }
            // Cutting a set of many intervals costs as much as looking at many sets.
            size += region.now.interval_count();
            let longer = self.longer(region.path, id, &region.now);
            let mut left = vec![region.clone()];
            for (place, set) in sets.iter().enumerate() {
                let mut still = Vec::new();
                for piece in left {
                    let Some((inside, outside)) = cut(&piece, set) else {
                        still.push(piece);
                        continue;
                    };
                    still.extend(outside);
                    let tests = compiled.tests.get(place).map_or(&[][..], Vec::as_slice);
                    let (holding, others) = ask(inside, tests, self.hook, |condition| self.number(visit, condition));
                    still.extend(others);
                    matched.extend(holding.into_iter().map(|region| Region { path: longer, ..region }));
                }
                left = still;
            }
            replace(regions, &mut place, left, &mut more);
        }
        let steps = (size * sets.len() / INTERVALS_PER_STEP) as u64;
        self.left.comparisons = self.left.comparisons.saturating_sub(steps);
        self.add(regions, more);
        matched
    }

    /// Takes what a run of rules with one action matches out of the regions.
    pub(super) fn split_run(
        &mut self,
        first: RuleId,
        union: &PacketSet<A>,
        regions: &mut Vec<Region<A>>,
    ) -> Vec<Region<A>> {
        let (mut matched, mut more) = (Vec::new(), Vec::new());
        let (mut size, mut place) = (0, 0);
        while let Some(region) = regions.get(place) {
            let Some((inside, outside)) = cut(region, union) else {
                place += 1;
                continue;
            };
            size += region.now.interval_count() + union.interval_count();
            let longer = if self.record_path { self.path_in_run(&inside, first, region.path) } else { 0 };
            matched.push(Region { path: longer, ..inside });
            replace(regions, &mut place, outside, &mut more);
        }
        self.left.comparisons = self.left.comparisons.saturating_sub((size / INTERVALS_PER_STEP) as u64);
        self.add(regions, more);
        matched
    }

    /// The path by the first rule of a run that holds the whole region; as it was where none does alone.
    fn path_in_run(&mut self, region: &Region<A>, first: RuleId, path: u32) -> u32 {
        let rules = &self.judge.chains[first.chain].rules[first.place..];
        let holds = |rule: &CompiledRule<A>| {
            rule.sets.iter().any(|set| region.adapted(set).is_some_and(|set| region.now.is_subset(&set)))
        };
        match rules.iter().position(holds) {
            Some(offset) => self.longer(path, RuleId { place: first.place + offset, ..first }, &region.now),
            None => path,
        }
    }

    /// Decides what a run of alike rules matched, rule by rule as far as that is worth it: of what is let through, each rule is
    /// named; of what is refused, the first ones are, and one piece says which the others are.
    pub(super) fn attribute(
        &mut self,
        region: Region<A>,
        verdict: &Verdict,
        chain: ChainId,
        entry: &Entry<A>,
        own: Option<usize>,
        past: &mut Vec<Region<A>>,
    ) {
        let judge = self.judge;
        let most = if *verdict == Verdict::Accept { usize::MAX } else { MOST_NAMED };
        let rules = judge.chains[chain].rules[entry.first..=entry.last].iter().zip(entry.first..);
        let mut sets = rules.filter_map(|(rule, place)| Some((rule.sets.first()?, RuleId { chain, place })));
        let mut named: Vec<PacketSet<A>> = Vec::new();
        let mut left = vec![region];
        while named.len() < most
            && let Some((set, by)) = sets.next()
        {
            if left.is_empty() {
                return;
            }
            self.left.comparisons = self.left.comparisons.saturating_sub(left.len() as u64);
            if entry.disjoint {
                // What one of them takes is no other's: it is taken away from the rest at the end, all at once.
                let inside: Vec<Region<A>> = left.iter().filter_map(|region| meet(region, set)).collect();
                if !inside.is_empty() {
                    named.push(set.clone());
                }
                for region in inside {
                    self.decide(region, verdict, by, own, past);
                }
                continue;
            }
            let mut still = Vec::new();
            for region in left {
                match cut(&region, set) {
                    Some((inside, outside)) => {
                        named.push(set.clone());
                        self.decide(inside, verdict, by, own, past);
                        still.extend(outside);
                    }
                    None => still.push(region),
                }
            }
            left = still;
        }
        if *verdict == Verdict::Accept {
            return;
        }
        let Some((_, by)) = sets.find(|(set, _)| left.iter().any(|region| meet(region, set).is_some())) else {
            return;
        };
        for set in if entry.disjoint { coalesce(named) } else { Vec::new() } {
            left = left
                .into_iter()
                .flat_map(|region| match cut(&region, &set) {
                    Some((_, outside)) => outside,
                    None => vec![region],
                })
                .collect();
        }
        for region in left {
            self.finish_run(&region, verdict.clone(), Some(by), Some(entry.last));
        }
    }

    /// A part of what an entry matched that comes as far as one rule of it.
    pub(super) fn reaching(&self, target: RuleId, entry: &Entry<A>, matched: &[Region<A>]) -> Option<Region<A>> {
        if entry.union.is_none() {
            return matched.first().cloned();
        }
        let rules = &self.judge.chains.get(target.chain)?.rules;
        let own = rules.get(target.place)?.sets.first()?;
        matched.iter().find_map(|region| {
            let mut left = vec![meet(region, own)?];
            if entry.disjoint {
                return left.pop();
            }
            for before in rules.get(entry.first..target.place)? {
                let set = before.sets.first()?;
                left = left
                    .into_iter()
                    .flat_map(|region| match cut(&region, set) {
                        Some((_, outside)) => outside,
                        None => vec![region],
                    })
                    .collect();
            }
            left.into_iter().next()
        })
    }

    /// Adds what cutting made more of, and merges where that makes many.
    fn add(&mut self, regions: &mut Vec<Region<A>>, more: Vec<Region<A>>) {
        if more.is_empty() {
            return;
        }
        regions.extend(more);
        if regions.len() >= 4 * MERGE_FROM && regions.len().is_power_of_two() {
            *regions = self.merged(std::mem::take(regions));
        }
    }

    /// The rule's sets with a fresh number for each volatile condition in this call of the chain.
    fn renamed(&mut self, rule: &CompiledRule<A>, visit: u32) -> Vec<PacketSet<A>> {
        rule.sets
            .iter()
            .filter_map(|set| {
                let literals: Vec<_> = set
                    .conditions
                    .literals()
                    .iter()
                    .map(|(id, values)| (self.number(visit, *id), values.clone()))
                    .collect();
                Some(PacketSet { conditions: Conditions::all_of(&literals)?, ..set.clone() })
            })
            .collect()
    }

    /// A condition's number in one call of a chain: a fresh one where it may turn out otherwise each time.
    pub(super) fn number(&mut self, visit: u32, condition: ConditionId) -> ConditionId {
        if !self.judge.rule_set.is_volatile(condition) {
            return condition;
        }
        let first = self.first_fresh_of_judge();
        let Self { fresh, fresh_of, .. } = self;
        *fresh_of.entry((visit, condition)).or_insert_with(|| {
            fresh.push(condition);
            first + ConditionId::try_from(fresh.len() - 1).unwrap_or(0)
        })
    }

    pub(super) fn first_fresh_of_judge(&self) -> ConditionId {
        ConditionId::try_from(self.judge.rule_set.conditions.len()).unwrap_or(ConditionId::MAX / 2)
    }
}

/// Puts the pieces that are left of a region in its place: the first where it stood, the others aside. The place is then that of
/// the next region to look at.
fn replace<A: Address>(
    regions: &mut Vec<Region<A>>,
    place: &mut usize,
    pieces: Vec<Region<A>>,
    more: &mut Vec<Region<A>>,
) {
    let mut pieces = pieces.into_iter();
    match pieces.next() {
        Some(first) => {
            regions[*place] = first;
            *place += 1;
        }
        None => {
            regions.swap_remove(*place);
        }
    }
    more.extend(pieces);
}

/// What of a region lies in a set, if anything does.
fn meet<A: Address>(region: &Region<A>, set: &PacketSet<A>) -> Option<Region<A>> {
    if region.chosen.is_nothing() {
        return Some(region.with(region.now.intersection(set)?));
    }
    let inside = region.with(region.now.intersection(&region.adapted(set)?)?);
    (!inside.is_impossible()).then_some(inside)
}

/// What of a region lies in a set, and what not; none if nothing does.
fn cut<A: Address>(region: &Region<A>, set: &PacketSet<A>) -> Option<(Region<A>, Vec<Region<A>>)> {
    if region.chosen.is_nothing() {
        let inside = region.now.intersection(set)?;
        let outside = region.now.difference(set).into_iter().map(|now| region.with(now)).collect();
        return Some((region.with(inside), outside));
    }
    let set = region.adapted(set)?;
    let inside = region.with(region.now.intersection(&set)?);
    if inside.is_impossible() {
        return None;
    }
    let outside = region.now.difference(&set).into_iter().map(|now| region.with(now));
    Some((inside, outside.filter(|region| !region.is_impossible()).collect()))
}
