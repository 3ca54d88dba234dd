//! One base chain, walked by whole sets of packets: at each rule a set falls into what matches and what does not.
//!
//! Calls are frames on a list, never recursion: how deep they go is the export's to say. What a called chain returns is merged
//! again where it differs on one axis alone, so that a chain of a thousand RETURNs does not leave a thousand pieces.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::{Action, BaseChain, ChainId, HookPoint, NewAddress, NewDestination, Rewrite, RuleId};
use crate::packets::{Address, ConditionId, PacketSet};

use super::decisions::{Decision, Passed};
use super::entries::Entry;
use super::family::FamilyAddress;
use super::lists::Lists;
use super::merging::{MERGE_FROM, merge_regions};
use super::put_off::CutBy;
use super::query::{Partition, Piece, Query, Step, Verdict, Wanted, policy_verdict};
use super::region::Region;
use super::returned::Returned;
use super::rewrite::{is_of_family, marked, redirected, templated, untracked};
use super::{Budget, Judge};

/// Everything that accumulates over a packet set's passage.
pub(super) struct Walk<'w, 'r, A: Address> {
    pub(super) judge: &'w Judge<'r, A>,
    pub(super) record_path: bool,
    pub(super) wanted: Wanted,
    /// A rule that is only asked whether anything reaches it, and what did.
    pub(super) target: Option<RuleId>,
    pub(super) reached: Option<Region<A>>,
    /// Whether the budget ended.
    pub(super) ended: bool,
    /// The hook whose base chain is being walked.
    pub(super) hook: HookPoint,
    pub(super) left: Budget,
    /// The comparisons it began with.
    granted: u64,
    pieces: Vec<Piece<A>>,
    /// How many intervals they have together, those that several share counted once.
    intervals: usize,
    /// What filter chains decided.
    decisions: Lists<Decision>,
    /// Where shared intervals are kept that were counted.
    counted: FxHashSet<usize>,
    /// Paths as a tree: a rule and the path before it. Path 0 is empty.
    paths: Vec<(Step, u32)>,
    /// What the fresh condition numbers stand for.
    pub(super) fresh: Vec<ConditionId>,
    pub(super) fresh_of: FxHashMap<(u32, ConditionId), ConditionId>,
    visits: u32,
    returned: Returned<A>,
    weighed: Weighed,
    /// The cuts that regions put off.
    pub(super) put_off: Lists<CutBy>,
}

/// The last count of the intervals of what is on its way.
#[derive(Default)]
struct Weighed {
    /// For how many rules it has been taken as it was.
    age: usize,
    regions: usize,
    intervals: usize,
}

/// One call of a chain in progress.
struct Frame<A: Address> {
    chain: ChainId,
    /// The entry to look at next; where only some are near, its place among those.
    next: usize,
    /// The entries that may match what entered, where that is worth finding out.
    near: Option<Vec<u32>>,
    /// What has come as far as that rule.
    active: Vec<Region<A>>,
    /// What goes back to the caller.
    returned: Vec<Region<A>>,
    /// Called by goto: what it returns goes back to the caller's caller.
    by_goto: bool,
    /// Number of this call among all; a volatile condition is another one at each.
    visit: u32,
    /// Once so many regions are active, they are merged: twice as many as the last merge left.
    merge_at: usize,
}

/// The intervals of what is on its way are counted once for so many rules, where it has not become much more.
const WEIGHED_EVERY: usize = 16;
/// Calling a chain takes about as long as so many comparisons: chains that each call the next twice are called a million times.
const CALL: u64 = 50;
/// Merging takes about as long as so many comparisons for each region and for each of its conditions: it is hashed once for
/// each axis and each condition.
const MERGE: u64 = 60;
/// Comparisons that each rule adds to the budget: what a long rule set takes without being a hard one.
const FOR_EACH_RULE: u64 = 20;
/// Likewise for each set of a rule that has many.
const FOR_EACH_PRODUCT: u64 = 500;
/// Pieces that each set of such a rule adds: what is in it, and what is beside it.
const PIECES_FOR_EACH_PRODUCT: usize = 3;
/// Intervals that these pieces add.
const INTERVALS_FOR_EACH_PRODUCT: usize = 40;

/// What becomes of packets whose translated source a later chain looks at.
fn source_is_looked_at() -> Verdict {
    Verdict::Undecided("a rule behind the translation of the source looks at it".to_owned())
}

impl<'w, 'r, A: FamilyAddress> Walk<'w, 'r, A> {
    pub(super) fn new(judge: &'w Judge<'r, A>, query: &Query<A>, budget: Budget) -> Self {
        let products = judge.products;
        let granted = budget
            .comparisons
            .saturating_add(FOR_EACH_RULE * judge.rule_set.rule_count() as u64)
            .saturating_add(FOR_EACH_PRODUCT * products as u64);
        let budget = Budget {
            regions: budget.regions.saturating_add(PIECES_FOR_EACH_PRODUCT * products),
            pieces: budget.pieces.saturating_add(PIECES_FOR_EACH_PRODUCT * products),
            intervals: budget.intervals.saturating_add(INTERVALS_FOR_EACH_PRODUCT * products),
            ..budget
        };
        Self {
            granted,
            judge,
            record_path: query.record_path,
            wanted: query.wanted,
            target: None,
            reached: None,
            ended: false,
            hook: HookPoint::Prerouting,
            left: Budget { comparisons: granted, ..budget },
            pieces: Vec::new(),
            intervals: 0,
            decisions: Lists::default(),
            counted: FxHashSet::default(),
            paths: Vec::new(),
            fresh: Vec::new(),
            fresh_of: FxHashMap::default(),
            visits: 0,
            returned: Returned::default(),
            weighed: Weighed::default(),
            put_off: Lists::default(),
        }
    }

    /// The comparisons it took.
    pub(super) fn spent(&self) -> u64 {
        self.granted.saturating_sub(self.left.comparisons)
    }

    pub(super) fn into_partition(self, had_own_chain: bool) -> Partition<A> {
        let first_fresh = self.first_fresh_of_judge();
        Partition { pieces: self.pieces, had_own_chain, fresh: self.fresh, first_fresh }
    }

    /// Ends the passage of a region that got through.
    pub(super) fn accept(&mut self, region: &Region<A>) {
        self.finish(region, Verdict::Accept, self.decider(region));
    }

    /// The last decision at the route's own hook.
    pub(super) fn decider(&self, region: &Region<A>) -> Option<RuleId> {
        self.decisions.last(region.passed).map(|(decision, _)| decision.by)
    }

    /// The decisions at the route's own hook.
    pub(super) fn passed(&self, region: &Region<A>) -> Passed {
        let mut passed: Passed = self.decisions.backwards(region.passed).collect();
        passed.reverse();
        passed
    }

    /// Ends the passage of a region.
    pub(super) fn finish(&mut self, region: &Region<A>, verdict: Verdict, decider: Option<RuleId>) {
        self.finish_run(region, verdict, decider, None);
    }

    pub(super) fn finish_run(
        &mut self,
        region: &Region<A>,
        verdict: Verdict,
        decider: Option<RuleId>,
        through: Option<usize>,
    ) {
        let refuses = matches!(verdict, Verdict::Drop | Verdict::Reject);
        if self.wanted == Wanted::Passing && refuses && region.now.conditions.is_any()
            || matches!(self.wanted, Wanted::Refused | Wanted::AtMostRefused) && verdict == Verdict::Accept
        {
            return;
        }
        let uncut = self.bound(region).filter(|_| self.wanted == Wanted::AtMostRefused && refuses);
        if region.put_off != 0 && uncut.is_none() {
            match self.settled(region.clone()) {
                Some(pieces) => {
                    for piece in pieces {
                        self.finish_run(&piece, verdict.clone(), decider, through);
                    }
                }
                None => self.end_at(region),
            }
            return;
        }
        let path = self.path(region.path);
        let passed = if verdict == Verdict::Accept { self.passed(region) } else { Passed::new() };
        let (wire, seen, own) = (region.wire(), region.seen(), region.own);
        let Self { counted, intervals, .. } = self;
        *intervals += wire.unshared_intervals(|address| counted.insert(address));
        self.pieces.push(Piece { wire, seen, verdict, decider, passed, through, uncut, own, path });
    }

    /// Walks regions through a base chain; what comes back got past it. With `own` its decisions are noted, under that number.
    pub(super) fn base_chain(
        &mut self,
        base: &BaseChain,
        regions: Vec<Region<A>>,
        own: Option<usize>,
    ) -> Vec<Region<A>> {
        let judge = self.judge;
        let policy = RuleId { chain: base.chain, place: judge.chains[base.chain].rules.len() };
        let sent = base.hook == HookPoint::Output;
        self.hook = base.hook;
        let mut past = Vec::new();
        let mut frames = vec![self.frame(base.chain, regions, false)];
        while let Some(frame) = frames.last_mut() {
            let Some(entry) = self.next_entry(frame) else {
                let Some(mut done) = frames.pop() else { break };
                done.returned.append(&mut done.active);
                let back = self.handed_back(done.chain, done.returned);
                match frames.last_mut() {
                    None => self.decide_all(back, &policy_verdict(base.policy), policy, own, &mut past),
                    Some(caller) => self.give_back(caller, back, done.by_goto),
                }
                continue;
            };
            let id = RuleId { chain: frame.chain, place: entry.first };
            if self.passes_over(id) {
                continue;
            }
            if self.exhausted(&frame.active) {
                self.give_up(frames);
                return past;
            }
            let visit = frame.visit;
            let matched = match &entry.union {
                None => self.split(id, visit, &mut frame.active),
                Some(union) => self.split_run(id, union, &mut frame.active),
            };
            if let Some(target) = self.target.filter(|target| entry.holds(*target, id.chain)) {
                self.reached = self.reaching(target, entry, &matched);
                if self.reached.is_some() {
                    return Vec::new();
                }
            }
            let Some(rule) = judge.rule_set.rule(id).filter(|_| !matched.is_empty()) else { continue };
            if entry.last > entry.first && rule.action != Action::Return {
                let verdict = verdict_of(&rule.action);
                for region in matched {
                    self.attribute(region, &verdict, id.chain, entry, own, &mut past);
                }
                continue;
            }
            match &rule.action {
                Action::Accept | Action::Drop | Action::Reject | Action::Unknown(_) => {
                    let verdict = verdict_of(&rule.action);
                    self.decide_all(matched, &verdict, id, own, &mut past);
                }
                Action::Return => frame.returned.extend(matched),
                Action::Continue => frame.active.extend(matched),
                Action::Rewrite(Rewrite::Untrack) => {
                    frame.active.extend(self.all_settled(matched).into_iter().map(untracked));
                }
                Action::Rewrite(Rewrite::Template) => {
                    frame.active.extend(self.all_settled(matched).into_iter().map(templated));
                }
                Action::Rewrite(Rewrite::Mark { of, keep, by }) => {
                    frame.active.extend(matched.into_iter().flat_map(|region| marked(region, *of, *keep, *by)));
                }
                Action::Rewrite(Rewrite::Source(_)) if judge.looks_at_source_behind(base) => {
                    self.decide_all(matched, &source_is_looked_at(), id, own, &mut past);
                }
                Action::Rewrite(Rewrite::Source(_)) => past.extend(matched),
                // Behind routing it is the source whose network is replaced.
                Action::Rewrite(Rewrite::Destination(NewDestination { address: NewAddress::Network(_), .. }))
                    if matches!(base.hook, HookPoint::Postrouting | HookPoint::Input) =>
                {
                    past.extend(matched);
                }
                Action::Rewrite(Rewrite::Destination(new)) => {
                    if !is_of_family::<A>(&new.address) {
                        let why = "the translation names an address of the other family".to_owned();
                        self.decide_all(matched, &Verdict::Undecided(why), id, own, &mut past);
                        continue;
                    }
                    for region in self.all_settled(matched) {
                        past.extend(redirected(region, new, sent, |condition| self.number(visit, condition)));
                    }
                }
                Action::Jump(callee) | Action::Goto(callee) => {
                    let by_goto = matches!(rule.action, Action::Goto(_));
                    let Some(chain) = judge.chains.get(*callee).filter(|chain| !chain.circular) else {
                        let why = "the chains call each other in a circle".to_owned();
                        self.decide_all(matched, &Verdict::Undecided(why), id, own, &mut past);
                        continue;
                    };
                    let known = chain.effects.shared && chain.effects.steady && !self.record_path;
                    let (back, entering) =
                        if known { self.returned.split(*callee, matched) } else { (Vec::new(), matched) };
                    self.give_back(frame, back, by_goto);
                    if !entering.is_empty() {
                        let call = self.frame(*callee, entering, by_goto);
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
        let near = self.judge.near(chain, &active);
        Frame { chain, next: 0, near, active, returned: Vec::new(), by_goto, visit: self.visits, merge_at: MERGE_FROM }
    }

    /// The next entry that what is active in a call may match.
    fn next_entry(&self, frame: &mut Frame<A>) -> Option<&'w Entry<A>> {
        if frame.active.is_empty() {
            return None;
        }
        let number = match &frame.near {
            Some(near) => *near.get(frame.next)? as usize,
            None => frame.next,
        };
        frame.next += 1;
        self.judge.chains[frame.chain].entries.get(number)
    }

    /// What a call of a chain ends with, to be given back; noted for the next call where it comes to the same.
    fn handed_back(&mut self, chain: ChainId, regions: Vec<Region<A>>) -> Vec<Region<A>> {
        let back = self.merged(regions);
        let reach = &self.judge.chains[chain].effects;
        if reach.shared && reach.steady && !self.record_path {
            let back = self.all_settled(back);
            self.returned.note(chain, reach, &back);
            return back;
        }
        back
    }

    /// Gives back what a called chain returned.
    fn give_back(&mut self, caller: &mut Frame<A>, regions: Vec<Region<A>>, by_goto: bool) {
        if by_goto {
            caller.returned.extend(regions);
            return;
        }
        caller.active.extend(regions);
        if caller.active.len() >= caller.merge_at {
            caller.active = self.merged(std::mem::take(&mut caller.active));
            caller.merge_at = MERGE_FROM.max(2 * caller.active.len());
        }
    }

    /// Whether the rule changes nothing for the answer: it only counts or logs, or calls what only counts or logs.
    fn passes_over(&self, id: RuleId) -> bool {
        if self.record_path || self.target.is_some() {
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
        let over = self.left.comparisons < cost
            || regions.len() > self.left.regions
            || self.pieces.len() > self.left.pieces
            || self.weight(regions).max(self.intervals) > self.left.intervals;
        self.left.comparisons = if over { 0 } else { self.left.comparisons - cost };
        over
    }

    /// How many intervals the regions have together. Counted anew where they are twice as many as at the last count, and from time
    /// to time.
    fn weight(&mut self, regions: &[Region<A>]) -> usize {
        self.weighed.age += 1;
        if self.weighed.age < WEIGHED_EVERY && regions.len() <= 2 * self.weighed.regions {
            return self.weighed.intervals;
        }
        // Neighbours mostly share what they have many of.
        let mut last = [usize::MAX; 4];
        let mut unshared = |region: &Region<A>| {
            region.now.unshared_intervals(|address| {
                let known = last.contains(&address);
                if !known {
                    last.rotate_right(1);
                    last[0] = address;
                }
                !known
            })
        };
        let intervals = regions.iter().map(&mut unshared).sum();
        self.weighed = Weighed { age: 0, regions: regions.len(), intervals };
        intervals
    }

    /// The same regions in fewer, as long as the budget lasts.
    pub(super) fn merged(&mut self, regions: Vec<Region<A>>) -> Vec<Region<A>> {
        if regions.len() < 2 {
            return regions;
        }
        let sides: usize = regions.iter().map(|region| 1 + 2 * region.now.conditions.literals().len()).sum();
        self.left.comparisons = self.left.comparisons.saturating_sub(MERGE * sides as u64);
        if self.left.comparisons == 0 { regions } else { merge_regions(self.rejoined(regions)) }
    }

    /// Everything still on its way is undecided.
    fn give_up(&mut self, frames: Vec<Frame<A>>) {
        self.ended = true;
        for region in frames.into_iter().flat_map(|frame| frame.active.into_iter().chain(frame.returned)) {
            self.end_at(&region);
        }
    }

    /// A region whose verdict would take more steps than are left.
    pub(super) fn end_at(&mut self, region: &Region<A>) {
        self.ended = true;
        let why = "working out this set of packets takes more steps than the budget allows";
        let region = Region { put_off: 0, ..region.clone() };
        self.finish(&region, Verdict::Undecided(why.to_owned()), None);
    }

    fn decide_all(
        &mut self,
        matched: Vec<Region<A>>,
        verdict: &Verdict,
        by: RuleId,
        own: Option<usize>,
        past: &mut Vec<Region<A>>,
    ) {
        for region in matched {
            self.decide(region, verdict, by, own, past);
        }
    }

    /// An accept ends this base chain alone; anything else ends the passage.
    pub(super) fn decide(
        &mut self,
        mut region: Region<A>,
        verdict: &Verdict,
        by: RuleId,
        own: Option<usize>,
        past: &mut Vec<Region<A>>,
    ) {
        if *verdict == Verdict::Accept {
            if let Some(base) = own {
                region.passed = self.decisions.longer(region.passed, Decision { base, by });
            }
            past.push(region);
        } else {
            self.finish(&region, verdict.clone(), Some(by));
        }
    }

    /// The path by one rule more, which matches these packets.
    pub(super) fn longer(&mut self, path: u32, rule: RuleId, packets: &PacketSet<A>) -> u32 {
        if !self.record_path {
            return 0;
        }
        let pair = self.judge.pair_of(rule, packets);
        self.paths.push((Step { rule, pair }, path));
        u32::try_from(self.paths.len()).unwrap_or(0)
    }

    fn path(&self, mut end: u32) -> Vec<Step> {
        let mut path = Vec::new();
        while let Some((step, before)) = (end as usize).checked_sub(1).and_then(|index| self.paths.get(index)) {
            path.push(*step);
            end = *before;
        }
        path.reverse();
        path
    }
}

/// What an action that ends a walk comes to.
fn verdict_of(action: &Action) -> Verdict {
    match action {
        Action::Accept => Verdict::Accept,
        Action::Drop => Verdict::Drop,
        Action::Reject => Verdict::Reject,
        Action::Unknown(why) => Verdict::Undecided(why.clone()),
        _ => Verdict::Undecided("the rule decides nothing".to_owned()),
    }
}
