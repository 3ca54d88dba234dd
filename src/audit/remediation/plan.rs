//! All changes of a firewall together: which of those proved one by one can be made at once, proved by judging the rules with all of
//! them.
//!
//! Changes are taken in the order of the findings. One that makes the same edit as an earlier one shares it; one that would change
//! the same text otherwise is left out. What is left is judged as a whole: every finding is cured, no need is worse off, and
//! nothing gets through beyond what each change by itself was proved to let through. Where that fails, the changes are taken one
//! after another, and those that spoil the rest are left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::{FamilyAddress, Judge};
use crate::model::{Edit, Splice};
use crate::packets::{PacketSet, without_conditions};

use crate::audit::findings::place_in_report;
use crate::audit::judgement::excess::{self, Excess};
use crate::audit::judgement::firewall::View;
use crate::audit::judgement::replies::{self, Blocked};
use crate::audit::judgement::required::{NeedOutcome, Settled};
use crate::findings::Finding;

use super::change::{Within, changed};
use super::difference::covered;
use super::proposal::Proposal;
use super::{Planner, rendering, wording};

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
    /// Fills in the remediations of findings: those changes that can all be made together. `before` is the excess that was found.
    pub(in crate::audit) fn plan(
        &self,
        mut planned: Vec<Planned<A>>,
        before: &[Excess<A>],
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
        if !self.hold(&kept, before) {
            let mut proved: Vec<Planned<A>> = Vec::new();
            for one in kept {
                proved.push(one);
                if !self.hold(&proved, before) {
                    left_out.extend(proved.pop());
                }
            }
            kept = proved;
        }
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

    /// Whether all of these changes can be made at once, whichever of those at one place comes first.
    fn hold(&self, planned: &[Planned<A>], before: &[Excess<A>]) -> bool {
        if planned.len() < 2 {
            return true;
        }
        let mut splices: Vec<Splice> = Vec::new();
        for splice in planned.iter().flat_map(|one| &one.proposal.splices) {
            if !splices.contains(splice) {
                splices.push(splice.clone());
            }
        }
        let together = self.cure_all(planned, before, &splices);
        let places: BTreeSet<(usize, usize)> = splices.iter().map(|splice| (splice.chain, splice.place)).collect();
        if !together || places.len() == splices.len() {
            return together;
        }
        splices.reverse();
        self.cure_all(planned, before, &splices)
    }

    fn cure_all(&self, planned: &[Planned<A>], before: &[Excess<A>], splices: &[Splice]) -> bool {
        let view = self.view;
        if self.spend_on_proof().is_none() {
            return false;
        }
        let rule_set = changed(&view.judge, &Within::all(), splices);
        let after = view.judging(Judge::new(&rule_set, view.judge.interfaces()));
        let opened: Vec<PacketSet<A>> = planned.iter().flat_map(|one| one.proposal.opened.iter().cloned()).collect();
        let excess = excess::of(&after, self.needs, self.allows);
        planned.iter().all(|one| self.is_cured(&after, &one.cure, &excess))
            && self.keeps_all(&after)
            && opens_nothing_else(&excess, before, &opened)
    }

    fn is_cured(&self, after: &View<A>, cure: &Cure<A>, excess: &[Excess<A>]) -> bool {
        match cure {
            Cure::Need(settled) => self.judgement(after, settled.need, settled.demand).is_some_and(|now| {
                now.outcome == NeedOutcome::Satisfied && replies::go_on(after, settled.demand, &now)
            }),
            Cure::Replies(blocked) => {
                blocked.packets.iter().all(|((from, to), packets)| replies::let_through(after, *from, *to, packets))
            }
            Cure::Excess(found) => {
                let same = excess.iter().filter(|other| (other.from, other.to) == (found.from, found.to));
                let mut left = same.filter(|other| other.reasons.is_empty()).flat_map(|other| &other.packets);
                !left.any(|left| found.packets.iter().any(|packets| packets.meets(left)))
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

/// Whether what is in excess was so before, or is what the changes were proved to open each by itself.
fn opens_nothing_else<A: FamilyAddress>(after: &[Excess<A>], before: &[Excess<A>], opened: &[PacketSet<A>]) -> bool {
    after.iter().all(|excess| {
        let same = before.iter().filter(|other| (other.from, other.to) == (excess.from, excess.to));
        let known: Vec<PacketSet<A>> = same.flat_map(|other| &other.packets).chain(opened).cloned().collect();
        covered(&without_conditions(&excess.packets), &without_conditions(&known))
    })
}
