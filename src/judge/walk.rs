//! One base chain, walked by whole sets of packets: at each rule a set falls into what matches and what does not.
//!
//! Calls are frames on a list, never recursion: how deep they go is the export's to say. What a called chain returns is merged
//! again where it differs on one axis alone, so that a chain of a thousand RETURNs does not leave a thousand pieces.

use rustc_hash::FxHashMap;

use crate::model::{Action, BaseChain, ChainId, Rewrite, RuleId};
use crate::packets::{Address, ConditionId, Conditions, ConnectionState, IntervalSet, PacketSet, StateSet, coalesce};

use super::compile::{CompiledRule, Side};
use super::passage::{Partition, Piece, Query, Region, Verdict, policy_verdict};
use super::{Budget, Judge};

/// Everything that accumulates over a packet set's passage.
pub(super) struct Walk<'w, 'r, A: Address> {
    judge: &'w Judge<'r, A>,
    record_path: bool,
    left: Budget,
    pieces: Vec<Piece<A>>,
    /// How many intervals they have together.
    intervals: usize,
    /// Paths as a tree: a rule and the path before it. Path 0 is empty.
    paths: Vec<(RuleId, u32)>,
    /// What the fresh condition numbers stand for.
    fresh: Vec<ConditionId>,
    fresh_of: FxHashMap<(u32, ConditionId), ConditionId>,
    visits: u32,
}

/// One call of a chain in progress.
struct Frame<A: Address> {
    chain: ChainId,
    /// The rule to look at next.
    next: usize,
    /// What has come as far as that rule.
    active: Vec<Region<A>>,
    /// What goes back to the caller.
    returned: Vec<Region<A>>,
    /// Called by goto: what it returns goes back to the caller's caller.
    by_goto: bool,
    /// Number of this call among all; a fickle condition is another one at each.
    visit: u32,
    /// Once so many regions are active, they are merged: twice as many as the last merge left.
    merge_at: usize,
}

/// From this many regions on, they are merged.
const MERGE_FROM: usize = 8;

/// Calling a chain takes about as long as so many comparisons: chains that each call the next twice are called a million times.
const CALL: u64 = 50;
/// Merging takes about as long as so many comparisons for each region: it is hashed once for each axis.
const MERGE: u64 = 60;
/// Comparisons that each rule adds to the budget: what a long rule set takes without being a hard one.
const FOR_EACH_RULE: u64 = 20;
/// Cutting out a set of so many intervals takes about as long as one comparison more.
const INTERVALS_PER_STEP: usize = 16;

impl<'w, 'r, A: Side> Walk<'w, 'r, A> {
    pub(super) fn new(judge: &'w Judge<'r, A>, query: &Query<A>, budget: Budget) -> Self {
        Self {
            judge,
            record_path: query.record_path,
            left: Budget {
                comparisons: budget.comparisons.saturating_add(FOR_EACH_RULE * judge.rule_set.rule_count() as u64),
                ..budget
            },
            pieces: Vec::new(),
            intervals: 0,
            paths: Vec::new(),
            fresh: Vec::new(),
            fresh_of: FxHashMap::default(),
            visits: 0,
        }
    }

    pub(super) fn into_partition(self, had_own_chain: bool) -> Partition<A> {
        let first_fresh = self.first_fresh_of_judge();
        Partition { pieces: self.pieces, had_own_chain, fresh: self.fresh, first_fresh }
    }

    /// Ends the passage of a region.
    pub(super) fn finish(&mut self, region: &Region<A>, verdict: Verdict, decider: Option<RuleId>) {
        let mut seen = region.now.clone();
        if let Some(egress) = &region.was.egress {
            seen.egress.clone_from(egress);
        }
        let path = self.path(region.path);
        self.intervals += region.now.interval_count();
        self.pieces.push(Piece { wire: region.wire(), seen, verdict, decider, path });
    }

    /// Walks regions through a base chain; what comes back got past it.
    pub(super) fn base_chain(&mut self, base: &BaseChain, regions: Vec<Region<A>>, own: bool) -> Vec<Region<A>> {
        let policy = RuleId { chain: base.chain, place: self.judge.chains[base.chain].rules.len() };
        let mut past = Vec::new();
        let mut frames = vec![self.frame(base.chain, regions, false)];
        while let Some(frame) = frames.last_mut() {
            let rules = self.judge.chains[frame.chain].rules.len();
            if frame.next >= rules || frame.active.is_empty() {
                let Some(mut done) = frames.pop() else { break };
                done.returned.append(&mut done.active);
                let returned = self.merged(done.returned);
                match frames.last_mut() {
                    None => {
                        for region in returned {
                            self.decide(region, policy_verdict(base.policy), policy, own, &mut past);
                        }
                    }
                    Some(caller) if done.by_goto => caller.returned.extend(returned),
                    Some(caller) => {
                        caller.active.extend(returned);
                        if caller.active.len() >= caller.merge_at {
                            caller.active = self.merged(std::mem::take(&mut caller.active));
                            caller.merge_at = MERGE_FROM.max(2 * caller.active.len());
                        }
                    }
                }
                continue;
            }
            let id = RuleId { chain: frame.chain, place: frame.next };
            frame.next += 1;
            if self.passes_over(id) {
                continue;
            }
            if self.exhausted(&frame.active) {
                self.give_up(frames);
                return past;
            }
            let active = std::mem::take(&mut frame.active);
            let visit = frame.visit;
            let (matched, rest) = self.split(id, visit, active);
            let Some(frame) = frames.last_mut() else { break };
            frame.active = rest;
            if matched.is_empty() {
                continue;
            }
            let Some(rule) = self.judge.rule_set.rule(id) else { continue };
            match &rule.action {
                Action::Accept => self.decide_all(matched, &Verdict::Accept, id, own, &mut past),
                Action::Drop => self.decide_all(matched, &Verdict::Drop, id, own, &mut past),
                Action::Reject => self.decide_all(matched, &Verdict::Reject, id, own, &mut past),
                Action::Unknown(why) => self.decide_all(matched, &Verdict::Undecided(why.clone()), id, own, &mut past),
                Action::Return => frame.returned.extend(matched),
                Action::Continue => frame.active.extend(matched),
                Action::Rewrite(Rewrite::Untrack) => frame.active.extend(matched.into_iter().map(untracked)),
                Action::Rewrite(Rewrite::Source) => past.extend(matched),
                Action::Rewrite(Rewrite::Destination { address, port }) => {
                    if address.is_some_and(|address| A::from_ip(address).is_none()) {
                        let why = "the translation names an address of the other family".to_owned();
                        self.decide_all(matched, &Verdict::Undecided(why), id, own, &mut past);
                    } else {
                        let address = address.and_then(A::from_ip);
                        past.extend(matched.into_iter().map(|region| redirected(region, address, *port)));
                    }
                }
                Action::Jump(callee) | Action::Goto(callee) => {
                    if self.judge.chains.get(*callee).is_none_or(|chain| chain.circular) {
                        let why = "the chains call each other in a circle".to_owned();
                        self.decide_all(matched, &Verdict::Undecided(why), id, own, &mut past);
                    } else {
                        let by_goto = matches!(rule.action, Action::Goto(_));
                        let call = self.frame(*callee, matched, by_goto);
                        frames.push(call);
                    }
                }
            }
        }
        past
    }

    fn frame(&mut self, chain: ChainId, active: Vec<Region<A>>, by_goto: bool) -> Frame<A> {
        self.visits += 1;
        self.left.comparisons = self.left.comparisons.saturating_sub(CALL);
        Frame { chain, next: 0, active, returned: Vec::new(), by_goto, visit: self.visits, merge_at: MERGE_FROM }
    }

    /// Whether the rule changes nothing for the answer: it only counts or logs, or calls what only counts or logs.
    fn passes_over(&self, id: RuleId) -> bool {
        if self.record_path {
            return false;
        }
        match self.judge.rule_set.rule(id).map(|rule| &rule.action) {
            Some(Action::Continue) => true,
            Some(Action::Jump(callee)) => self.judge.chains.get(*callee).is_some_and(|chain| chain.inert),
            _ => false,
        }
    }

    /// Whether looking at one more rule with so many regions would go over the budget.
    fn exhausted(&mut self, regions: &[Region<A>]) -> bool {
        let cost = regions.len() as u64;
        let intervals: usize = regions.iter().map(|region| region.now.interval_count()).sum();
        let over = self.left.comparisons < cost
            || regions.len() > self.left.regions
            || self.pieces.len() > self.left.pieces
            || intervals.max(self.intervals) > self.left.intervals;
        self.left.comparisons = if over { 0 } else { self.left.comparisons - cost };
        over
    }

    /// The same regions in fewer, as long as the budget lasts.
    fn merged(&mut self, regions: Vec<Region<A>>) -> Vec<Region<A>> {
        if regions.len() < 2 {
            return regions;
        }
        self.left.comparisons = self.left.comparisons.saturating_sub(MERGE * regions.len() as u64);
        if self.left.comparisons == 0 { regions } else { merge_regions(regions) }
    }

    /// Everything still on its way is undecided.
    fn give_up(&mut self, frames: Vec<Frame<A>>) {
        let why = "working out this set of packets takes more steps than the budget allows";
        for region in frames.into_iter().flat_map(|frame| frame.active.into_iter().chain(frame.returned)) {
            self.finish(&region, Verdict::Undecided(why.to_owned()), None);
        }
    }

    /// What of the regions the rule matches, and what not.
    fn split(&mut self, id: RuleId, visit: u32, regions: Vec<Region<A>>) -> (Vec<Region<A>>, Vec<Region<A>>) {
        let judge = self.judge;
        let compiled = &judge.chains[id.chain].rules[id.place];
        let renamed = if compiled.fickle { Some(self.renamed(compiled, visit)) } else { None };
        let sets = renamed.as_deref().unwrap_or(&compiled.sets);
        let harmless = matches!(judge.rule_set.rule(id).map(|rule| &rule.action), Some(Action::Continue));
        let (mut matched, mut rest) = (Vec::new(), Vec::new());
        let mut size = 0;
        for region in regions {
            if !sets.iter().any(|set| set.meets(&region.now)) {
                rest.push(region);
                continue;
            }
            if harmless {
                // Only here to be named on the path: where it is not certain to match, it is not named.
                let path = if sets.iter().any(|set| region.now.is_subset(set)) {
                    self.longer(region.path, id)
                } else {
                    region.path
                };
                rest.push(Region { path, ..region });
                continue;
            }
            let path = self.longer(region.path, id);
            // Cutting a set of many intervals costs as much as looking at many sets.
            size += region.now.interval_count();
            let mut left = vec![region.now.clone()];
            for set in sets {
                let mut still = Vec::new();
                for piece in left {
                    if let Some(inside) = piece.intersection(set) {
                        matched.push(Region { now: inside, path, ..region.clone() });
                        still.extend(piece.difference(set));
                    } else {
                        still.push(piece);
                    }
                }
                left = still;
            }
            rest.extend(left.into_iter().map(|now| Region { now, ..region.clone() }));
        }
        self.left.comparisons = self.left.comparisons.saturating_sub((size * sets.len() / INTERVALS_PER_STEP) as u64);
        if rest.len() >= 4 * MERGE_FROM && rest.len().is_power_of_two() {
            rest = self.merged(rest);
        }
        (matched, rest)
    }

    /// The rule's sets with a fresh number for each fickle condition in this call of the chain.
    fn renamed(&mut self, rule: &CompiledRule<A>, visit: u32) -> Vec<PacketSet<A>> {
        let first = self.first_fresh_of_judge();
        let Self { judge, fresh, fresh_of, .. } = self;
        rule.sets
            .iter()
            .filter_map(|set| {
                let literals: Vec<(ConditionId, bool)> = set
                    .conditions
                    .literals()
                    .iter()
                    .map(|(id, value)| {
                        if judge.rule_set.conditions.get(*id as usize).is_some_and(|condition| !condition.fickle) {
                            return (*id, *value);
                        }
                        let number = *fresh_of.entry((visit, *id)).or_insert_with(|| {
                            fresh.push(*id);
                            first + ConditionId::try_from(fresh.len() - 1).unwrap_or(0)
                        });
                        (number, *value)
                    })
                    .collect();
                Some(PacketSet { conditions: Conditions::all_of(&literals)?, ..set.clone() })
            })
            .collect()
    }

    fn first_fresh_of_judge(&self) -> ConditionId {
        ConditionId::try_from(self.judge.rule_set.conditions.len()).unwrap_or(ConditionId::MAX / 2)
    }

    fn decide_all(
        &mut self,
        matched: Vec<Region<A>>,
        verdict: &Verdict,
        by: RuleId,
        own: bool,
        past: &mut Vec<Region<A>>,
    ) {
        for region in matched {
            self.decide(region, verdict.clone(), by, own, past);
        }
    }

    /// An accept ends this base chain alone; anything else ends the passage.
    fn decide(&mut self, mut region: Region<A>, verdict: Verdict, by: RuleId, own: bool, past: &mut Vec<Region<A>>) {
        if verdict == Verdict::Accept {
            if own {
                region.decider = Some(by);
            }
            past.push(region);
        } else {
            self.finish(&region, verdict, Some(by));
        }
    }

    fn longer(&mut self, path: u32, id: RuleId) -> u32 {
        if !self.record_path {
            return 0;
        }
        self.paths.push((id, path));
        u32::try_from(self.paths.len()).unwrap_or(0)
    }

    fn path(&self, mut end: u32) -> Vec<RuleId> {
        let mut path = Vec::new();
        while let Some((id, before)) = (end as usize).checked_sub(1).and_then(|index| self.paths.get(index)) {
            path.push(*id);
            end = *before;
        }
        path.reverse();
        path
    }
}

/// The same regions in fewer, where they differ on one axis alone.
fn merge_regions<A: Address>(regions: Vec<Region<A>>) -> Vec<Region<A>> {
    if regions.len() < 2 {
        return regions;
    }
    let mut places: FxHashMap<Region<A>, usize> = FxHashMap::default();
    let mut groups: Vec<(Region<A>, Vec<PacketSet<A>>)> = Vec::new();
    for mut region in regions {
        let now = std::mem::replace(&mut region.now, PacketSet::full());
        let place = *places.entry(region).or_insert_with_key(|key| {
            groups.push((key.clone(), Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(now);
    }
    groups
        .into_iter()
        .flat_map(|(key, sets)| coalesce(sets).into_iter().map(move |now| Region { now, ..key.clone() }))
        .collect()
}

/// The region with connection tracking told to leave it alone.
fn untracked<A: Address>(mut region: Region<A>) -> Region<A> {
    let state = region.now.state;
    region.was.state.get_or_insert(state);
    region.now.state = StateSet::single(ConnectionState::Untracked);
    region
}

/// The region with its new destination.
fn redirected<A: Address>(mut region: Region<A>, address: Option<A>, port: Option<u16>) -> Region<A> {
    if let Some(address) = address {
        let before = std::mem::replace(&mut region.now.destination, IntervalSet::single(address));
        region.was.destination.get_or_insert(before);
    }
    if let Some(port) = port {
        let before = std::mem::replace(&mut region.now.destination_port, IntervalSet::single(port));
        region.was.destination_port.get_or_insert(before);
    }
    region.translated = true;
    region
}
