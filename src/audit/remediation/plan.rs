//! All changes of a firewall together: which of those proved one by one can be made at once, proved by judging the rules with all of
//! them.
//!
//! Changes are taken in the order of the findings. One that makes the same edit as an earlier one shares it; one that would change
//! the same text otherwise is left out. What is left is judged as a whole: every finding is cured, and nothing is opened or closed
//! that one of the changes was not proved to open or close by itself. Where that fails, it is tried with fewer.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::{FamilyAddress, Route};
use crate::model::{Edit, RuleId, Splice};
use crate::packets::{ConnectionState, PacketSet, StateSet, Union};

use crate::audit::findings::place_in_report;
use crate::audit::judgement::excess::Excess;
use crate::audit::judgement::firewall::View;
use crate::audit::judgement::replies::{self, Blocked};
use crate::audit::judgement::required::{NeedOutcome, Settled};
use crate::findings::Finding;

use super::change::{Within, changed};
use super::difference::{Difference, covered, difference_by};
use super::proposal::Proposal;
use super::{Planner, rendering, wording};

/// How often changed rules are judged to find out which changes hold together.
const MOST_PROOFS: usize = 12;

/// How to ask whether a finding is cured.
#[derive(Debug, Clone, Copy)]
pub(in crate::audit) enum Cure<'c, A: FamilyAddress> {
    /// The need is satisfied, and its connections go on.
    Need(&'c Settled<'c, A>),
    /// The packets of established connections get through.
    Replies(&'c Blocked<'c, A>),
    /// None of the packets gets through.
    Excess(&'c Excess<A>),
}

/// A finding's change.
pub(in crate::audit) struct Planned<'c, A: FamilyAddress> {
    /// The finding's place among those of the run.
    pub(in crate::audit) finding: usize,
    pub(in crate::audit) cure: Cure<'c, A>,
    pub(in crate::audit) proposal: Proposal<A>,
}

/// Edits of an export that are taken already, each with the id of its finding.
#[derive(Debug, Default)]
pub(in crate::audit) struct Taken {
    edits: Vec<(Edit, String)>,
}

/// What an edit is to those that are taken.
enum Fit {
    Free,
    /// The same edit, of the finding with this id.
    Shared(String),
    /// Another edit of the same text.
    Clashes,
}

impl Taken {
    fn fit(&self, edit: &Edit) -> Fit {
        for (other, finding) in &self.edits {
            if other == edit {
                return Fit::Shared(finding.clone());
            }
            let (one, two) = (&edit.span, &other.span);
            if edit.input == other.input && one.start < two.end && two.start < one.end {
                return Fit::Clashes;
            }
        }
        Fit::Free
    }

    fn clashes(&self, edits: &[Edit]) -> bool {
        edits.iter().any(|edit| matches!(self.fit(edit), Fit::Clashes))
    }
}

impl<A: FamilyAddress> Planner<'_, '_, A> {
    /// Fills in the remediations of findings: those changes that can all be made together.
    pub(in crate::audit) fn plan(
        &self,
        mut planned: Vec<Planned<A>>,
        findings: &mut [Finding],
        ranks: &BTreeMap<String, u8>,
        taken: &mut Taken,
    ) {
        planned.sort_by_key(|one| place_in_report(&findings[one.finding], ranks));
        let (mut kept, mut left_out) = (Vec::new(), Vec::new());
        let mut edits = Taken { edits: taken.edits.clone() };
        for one in planned {
            if edits.clashes(&one.proposal.edits) {
                left_out.push(one);
            } else {
                let id = &findings[one.finding].id;
                edits.edits.extend(one.proposal.edits.iter().map(|edit| (edit.clone(), id.clone())));
                kept.push(one);
            }
        }
        let kept = self.together(kept, &mut left_out);
        for one in kept {
            let finding = &mut findings[one.finding];
            let mut own = Vec::new();
            let mut made_by: Vec<String> = Vec::new();
            for edit in &one.proposal.edits {
                match taken.fit(edit) {
                    Fit::Shared(by) if !made_by.contains(&by) => made_by.push(by),
                    Fit::Shared(_) => {}
                    Fit::Free | Fit::Clashes => {
                        own.push(edit.clone());
                        taken.edits.push((edit.clone(), finding.id.clone()));
                    }
                }
            }
            finding.remediation = Some(rendering::remediation(self, &one.proposal, &own, made_by));
        }
        for one in left_out {
            findings[one.finding].why.push_str(wording::NOT_TOGETHER);
        }
    }

    /// The changes that are proved to hold together. Where all of them do not, halves are tried, and halves of those.
    fn together<'c>(&self, all: Vec<Planned<'c, A>>, left_out: &mut Vec<Planned<'c, A>>) -> Vec<Planned<'c, A>> {
        let mut kept: Vec<Planned<A>> = Vec::new();
        let mut work = vec![all];
        for _ in 0..MOST_PROOFS {
            let Some(mut next) = work.pop() else { return kept };
            let before = kept.len();
            kept.append(&mut next);
            if self.hold(&kept) {
                continue;
            }
            let mut first = kept.split_off(before);
            if first.len() > 1 {
                work.push(first.split_off(first.len() / 2));
                work.push(first);
            } else {
                left_out.append(&mut first);
            }
        }
        left_out.extend(work.into_iter().flatten());
        kept
    }

    /// Whether all changes hold together, in either order of those at one position.
    fn hold(&self, planned: &[Planned<A>]) -> bool {
        if planned.len() < 2 {
            return true;
        }
        let mut splices: Vec<Splice> = Vec::new();
        for splice in planned.iter().flat_map(|one| &one.proposal.splices) {
            if !splices.contains(splice) {
                splices.push(splice.clone());
            }
        }
        let places: BTreeSet<(usize, usize)> = splices.iter().map(|splice| (splice.chain, splice.place)).collect();
        let in_order = self.cures_all(planned, &splices);
        if !in_order || places.len() == splices.len() {
            return in_order;
        }
        splices.reverse();
        self.cures_all(planned, &splices)
    }

    /// Whether every finding is cured by all changes together, which open and close nothing that one of them does not by itself.
    fn cures_all(&self, planned: &[Planned<A>], splices: &[Splice]) -> bool {
        let view = self.view;
        if self.spend_on_proof().is_none() {
            return false;
        }
        let region = self.concerned(splices);
        let within = Within::all();
        let rule_set = changed(&view.judge, &within, splices);
        let after = view.judging(&rule_set);
        let every_way = [Route::Forward, Route::Input, Route::Output];
        let Some(difference) = difference_by(view, Some(&after), (&within, splices), &region, &every_way) else {
            return false;
        };
        let each = |of: fn(&Proposal<A>) -> &Vec<PacketSet<A>>| -> Vec<PacketSet<A>> {
            planned.iter().flat_map(|one| of(&one.proposal).iter().cloned()).collect()
        };
        covered(&difference.opened, &each(|proposal| &proposal.opened))
            && covered(&difference.closed, &each(|proposal| &proposal.closed))
            && planned.iter().all(|one| self.is_cured(&after, &one.cure, &difference))
            && (!self.translates_ports || self.keeps_all(&after))
    }

    /// The packets that a change can be about: of rules that come, those that open connections; of rules that go, all.
    fn concerned(&self, splices: &[Splice]) -> Vec<PacketSet<A>> {
        let judge = &self.view.judge;
        let new = StateSet::single(ConnectionState::New);
        let mut packets = Vec::new();
        for splice in splices {
            let comes = splice.inserted.iter().filter(|new| new.family == A::FAMILY);
            packets.extend(comes.filter_map(|insertion| {
                let set = judge.packets_of(&insertion.packets)?;
                let state = set.state.intersection(new);
                (!state.is_empty()).then_some(PacketSet { state, ..set })
            }));
            for place in splice.place..splice.place + splice.removed {
                packets.extend_from_slice(judge.sets_of(RuleId { chain: splice.chain, place }));
            }
        }
        packets
    }

    fn is_cured(&self, after: &View<A>, cure: &Cure<A>, difference: &Difference<A>) -> bool {
        match cure {
            Cure::Need(settled) => self.judgement(after, settled.need, settled.demand).is_some_and(|now| {
                now.outcome == NeedOutcome::Satisfied && replies::go_on(after, settled.demand, &now)
            }),
            Cure::Replies(blocked) => {
                blocked.packets.iter().all(|((from, to), packets)| replies::let_through(after, *from, *to, packets))
            }
            Cure::Excess(excess) => {
                let still = Union::of(&difference.still);
                !excess.packets.iter().any(|set| still.meets(set))
            }
        }
    }

    /// Whether every need is as well off as it was, and its connections go on if they did.
    fn keeps_all(&self, after: &View<A>) -> bool {
        self.settled.iter().all(|settled| {
            let was = &settled.judgement;
            let Some(now) = self.judgement(after, settled.need, settled.demand) else { return false };
            now.outcome.is_no_worse_than(was.outcome)
                && (!replies::go_on(self.view, settled.demand, was) || replies::go_on(after, settled.demand, &now))
        })
    }
}
