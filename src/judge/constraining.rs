//! Which of the filter chains that let packets through is the one that holds others back.
//!
//! Every filter chain at a hook must accept a packet. A permit is attributed to the chain that constrains: a chain that accepts
//! everything says nothing, a rule says more than a bare policy, and the narrower rule more than the wider one. Start at
//! [`Judge::attributed`].

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::model::{Action, BaseChain, ChainId, ChainKind, HookPoint, Policy, Rewrite, Rule, RuleId};
use crate::packets::{Conditions, ConnectionState, Live, PacketSet, live};

use super::compile::Judge;
use super::decisions::{Decision, Passed};
use super::family::FamilyAddress;
use super::interfaces::Interfaces;
use super::query::{Piece, Verdict};

/// How many pieces proving that a chain accepts everything may take.
const COVER_BUDGET: usize = 256;
/// Accepts that are looked at for that: a chain that takes more is no neutral one.
const MOST_ACCEPTS: usize = 1024;

impl<A: FamilyAddress> Judge<'_, A> {
    /// The rule or policy that a piece is attributed to: of refused or undecided packets the one that decided; of accepted ones,
    /// among the filter chains that let them through, the decision of the chain that constrains. Chains that accept everything
    /// are left out. Then a rule comes before a policy, and the rule that fewer packets match before the one that more match. Where
    /// that leaves several, it is the chain whose priority is nearest to 0, where netfilter has its filter table.
    #[must_use]
    pub fn attributed(&self, piece: &Piece<A>) -> Option<RuleId> {
        if piece.verdict != Verdict::Accept || piece.passed.len() < 2 {
            return piece.decider;
        }
        let far = |decision: &Decision| self.base_chains.get(decision.base).map(|base| base.priority.unsigned_abs());
        let mut constraining: Passed =
            piece.passed.iter().filter(|decision| !self.is_neutral(decision.base)).copied().collect();
        if constraining.is_empty() {
            return piece.passed.iter().min_by_key(|decision| far(decision)).map(|decision| decision.by);
        }
        let is_rule = |decision: &Decision| self.rule_set.rule(decision.by).is_some();
        if constraining.iter().any(is_rule) {
            constraining.retain(|decision| is_rule(decision));
        }
        if constraining.len() > 1 {
            let widths: SmallVec<[f64; 2]> = constraining.iter().map(|decision| self.width(decision.by)).collect();
            let least = widths.iter().copied().fold(f64::INFINITY, f64::min);
            let mut widths = widths.into_iter();
            constraining.retain(|_| widths.next().is_some_and(|width| width <= least));
        }
        constraining.iter().min_by_key(|decision| far(decision)).map(|decision| decision.by)
    }

    /// The same rules without the filter chains that accept everything and change nothing: no packet fares otherwise without them.
    /// Where a hook that a route is named after has no other, the one whose priority is nearest to 0 stays, for there to be one that
    /// decided.
    #[must_use]
    pub fn without_neutral_chains(self) -> Self {
        let changing = self.chains_with(|action| matches!(action, Action::Rewrite(_)));
        let filters = self.base_chains.iter().enumerate().filter(|(_, base)| base.kind == ChainKind::Filter);
        let idle = |(number, base): &(usize, &BaseChain)| self.is_neutral(*number) && !changing[base.chain];
        // By hook: the nearest chain, while all that were seen are idle.
        let mut kept: FxHashMap<HookPoint, Option<(u32, usize)>> = FxHashMap::default();
        for filter in filters {
            let own = idle(&filter).then(|| (filter.1.priority.unsigned_abs(), filter.0));
            let kept = kept.entry(filter.1.hook).or_insert(own);
            *kept = kept.zip(own).map(|(one, other)| one.min(other));
        }
        let stays = |numbered: &(usize, &BaseChain)| {
            let decides = !matches!(numbered.1.hook, HookPoint::Prerouting | HookPoint::Postrouting);
            let only = kept.get(&numbered.1.hook).copied().flatten().filter(|_| decides);
            !idle(numbered) || only.is_some_and(|(_, nearest)| nearest == numbered.0)
        };
        let staying = self.base_chains.iter().enumerate().filter(stays).map(|(_, base)| base.clone());
        let staying: Vec<BaseChain> = staying.collect();
        if staying.len() == self.base_chains.len() { self } else { self.entered_at(staying) }
    }

    /// Whether a base chain, by its place among [`Judge::base_chains`], is a filter chain that accepts every packet.
    #[must_use]
    pub fn is_neutral(&self, base: usize) -> bool {
        let neutral = self.constraints.neutral.get_or_init(|| {
            let refusing =
                self.chains_with(|action| matches!(action, Action::Drop | Action::Reject | Action::Unknown(_)));
            self.base_chains.iter().map(|base| self.accepts_everything(base, &refusing)).collect()
        });
        neutral.get(base).copied().unwrap_or(false)
    }

    /// Whether a base chain accepts whatever comes: nothing in it refuses, or its rules accept everything before one that may. What
    /// rules behind jumps accept is not taken into account, unless every packet takes the jump.
    fn accepts_everything(&self, base: &BaseChain, refusing: &[bool]) -> bool {
        if base.kind != ChainKind::Filter {
            return false;
        }
        if base.policy == Policy::Accept && !refusing.get(base.chain).copied().unwrap_or(true) {
            return true;
        }
        let accepted = self.accepted_first(base.chain, refusing);
        let known = self.interfaces.any().union(&self.interfaces.none());
        let everything = PacketSet { ingress: known.clone(), egress: known, ..PacketSet::full() };
        matches!(live(&everything, &accepted, COVER_BUDGET), Live::Covered(_))
    }

    /// What the rules of a chain accept before the first one that may refuse or send packets to where they are refused, whatever
    /// the conditions are. A jump that every packet takes is followed; what comes back from there is not.
    fn accepted_first(&self, chain: ChainId, refusing: &[bool]) -> Vec<PacketSet<A>> {
        let mut accepted = Vec::new();
        let mut at = chain;
        for _ in 0..self.chains.len() {
            let Some((rules, compiled)) = self.rule_set.chains.get(at).zip(self.chains.get(at)) else { break };
            if self.chains[at].circular || accepted.len() > MOST_ACCEPTS {
                break;
            }
            let mut next = None;
            for (rule, compiled) in rules.rules.iter().zip(&compiled.rules) {
                let plain = compiled.tests.is_empty() && !compiled.volatile;
                let certain = compiled.sets.iter().filter(|set| plain && set.conditions.is_any());
                match &rule.action {
                    _ if accepted.len() > MOST_ACCEPTS => break,
                    Action::Accept => accepted.extend(certain.cloned()),
                    Action::Continue | Action::Rewrite(Rewrite::Mark { .. }) => {}
                    Action::Jump(to) | Action::Goto(to) => {
                        if certain.clone().any(|set| is_everything(set, self.interfaces)) {
                            next = Some(*to);
                            break;
                        }
                        // A chain that refuses nothing accepts, or gives back.
                        if refusing.get(*to).copied().unwrap_or(true) || matches!(rule.action, Action::Goto(_)) {
                            break;
                        }
                    }
                    _ if compiled.sets.is_empty() => {}
                    _ => break,
                }
            }
            match next {
                Some(to) => at = to,
                None => break,
            }
        }
        accepted
    }

    /// For each chain, whether it has a rule with such an action, or calls a chain that has, or is on a circle of calls.
    fn chains_with(&self, such: impl Fn(&Action) -> bool) -> Vec<bool> {
        let chains = &self.rule_set.chains;
        let has = |rule: &Rule| such(&rule.action) && !rule.matches.is_empty();
        let mut having: Vec<bool> = chains
            .iter()
            .zip(self.chains.iter())
            .map(|(chain, compiled)| compiled.circular || chain.rules.iter().any(has))
            .collect();
        let mut callers: Vec<Vec<ChainId>> = vec![Vec::new(); chains.len()];
        for chain in 0..chains.len() {
            for callee in self.rule_set.callees(chain) {
                callers[callee].push(chain);
            }
        }
        let mut work: Vec<ChainId> = (0..chains.len()).filter(|chain| having[*chain]).collect();
        while let Some(chain) = work.pop() {
            for caller in &callers[chain] {
                if !std::mem::replace(&mut having[*caller], true) {
                    work.push(*caller);
                }
            }
        }
        having
    }

    /// The base chains that lead to a chain, by their places among [`Judge::base_chains`].
    pub(super) fn base_chains_to(&self, chain: ChainId) -> &[usize] {
        let leading = self.constraints.leading.get_or_init(|| {
            let mut leading: Vec<Vec<usize>> = vec![Vec::new(); self.rule_set.chains.len()];
            for (number, base) in self.base_chains.iter().enumerate() {
                let mut work = vec![base.chain];
                while let Some(chain) = work.pop() {
                    if let Some(bases) = leading.get_mut(chain).filter(|bases| bases.last() != Some(&number)) {
                        bases.push(number);
                        work.extend(self.rule_set.callees(chain));
                    }
                }
            }
            leading
        });
        leading.get(chain).map_or(&[], Vec::as_slice)
    }

    /// How many packets a rule matches of those that jumps can carry to its chain; not exact where its sets overlap.
    fn width(&self, rule: RuleId) -> f64 {
        let contexts = self.constraints.contexts.get_or_init(|| self.contexts());
        let Some(contexts) = contexts.get(rule.chain) else { return f64::INFINITY };
        let sets = self.sets_of(rule).iter();
        let meeting = sets.flat_map(|set| contexts.iter().filter_map(|context| context.intersection(set)));
        meeting.map(|set| volume(&set)).sum()
    }
}

/// Whether a set holds every packet.
fn is_everything<A: FamilyAddress>(set: &PacketSet<A>, interfaces: &Interfaces) -> bool {
    let known = interfaces.any().union(&interfaces.none());
    PacketSet { ingress: known.clone(), egress: known, conditions: Conditions::any(), ..PacketSet::full() }
        .is_subset(set)
}

/// How many packets a product has.
#[allow(clippy::cast_precision_loss)] // it is compared, not counted
fn volume<A: FamilyAddress>(set: &PacketSet<A>) -> f64 {
    let counts = [
        set.source.count(),
        set.destination.count(),
        set.protocol.count(),
        set.source_port.count(),
        set.destination_port.count(),
        set.ingress.count(),
        set.egress.count(),
        ConnectionState::ALL.iter().filter(|state| set.state.contains(**state)).count() as u128,
        (0..=u8::MAX).filter(|flags| set.tcp_flags.contains(*flags)).count() as u128,
    ];
    counts.into_iter().map(|count| count as f64).product()
}
