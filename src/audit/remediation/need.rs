//! The remediation for a need that is missing or permitted only in part: accepts of the refused packets, inserted where they take
//! effect and proved by judging the changed rules. It must also let through the later packets of the need's connections.

use crate::deployment::needs::{Demand, Need};
use crate::judge::{FamilyAddress, Route};
use crate::model::{Action, Insertion, Match, RuleId, Splice};
use crate::packets::{ConnectionState, Packet, PacketSet, StateSet};

use crate::audit::findings::traffic_rows;
use crate::audit::judgement::firewall::View;
use crate::audit::judgement::replies;
use crate::audit::judgement::required::{Judgement, NeedOutcome};

use super::change::{Within, changed};
use super::difference::{Difference, difference_by, routes_to};
use super::proposal::Proposal;
use super::shape::{self, Width};
use super::way::{self, ChainPlace};
use super::wording;
use super::{Planner, established};

/// How many refused packets are followed through the rules.
const MOST_WITNESSES: usize = 12;

/// The change that lets a need's packets through. Tried first is an accept of the packets that open its connections; then, if
/// later packets are refused, an accept of the later packets in the same direction as well; then, if the replies are refused too,
/// an accept of all established connections, at the head of the base chain if necessary.
pub(super) fn remediation<A: FamilyAddress>(
    planner: &Planner<A>,
    need: &Need,
    demand: &Demand,
    judgement: &Judgement<A>,
    misplaced: &[RuleId],
) -> Option<Proposal<A>> {
    let witnesses = refused(planner, judgement);
    let places = way::places(planner.view, &witnesses, &planner.permitters(demand.from, demand.to));
    let shapes: Vec<Vec<Match>> =
        Width::ALL.into_iter().filter_map(|width| shape::of(planner, demand, &judgement.gap, width)).collect();
    let mut attempts = Vec::new();
    for rules in &shapes {
        attempts.extend(places.iter().map(|at| Attempt { planner, need, demand, rules, at, open: Open::New }));
    }
    for open in [Open::New, Open::Onward, Open::Established] {
        let (best, blocked) = first(&attempts, open, misplaced);
        if best.is_some() {
            return best;
        }
        attempts = blocked;
    }
    let heads = way::heads(planner.view, [(demand.from, demand.to), (demand.to, demand.from)].into_iter());
    // At each of the heads alone; then, if several chains may refuse, at all of them.
    let mut choices: Vec<Vec<ChainPlace>> = heads.iter().map(|head| vec![*head]).collect();
    if heads.len() > 1 {
        choices.push(heads.into_iter().collect());
    }
    let mut at_heads = Vec::new();
    for attempt in attempts {
        let others = choices.iter().filter(|choice| *choice != attempt.at);
        at_heads.extend(others.map(|choice| attempt.at(choice, Open::Established)));
    }
    first(&at_heads, Open::Established, misplaced).0
}

/// The first attempt that opens nothing beyond the need, else the first that cures the finding. Also the attempts with which
/// connections of the need can be opened but their later packets are refused.
fn first<'t, 'm, 'a, A: FamilyAddress>(
    attempts: &[Attempt<'t, 'm, 'a, A>],
    open: Open,
    misplaced: &[RuleId],
) -> (Option<Proposal<A>>, Vec<Attempt<'t, 'm, 'a, A>>) {
    let (mut beyond, mut blocked) = (None, Vec::new());
    for attempt in attempts {
        let attempt = attempt.at(attempt.at, open);
        match attempt.proved(misplaced) {
            Proof::Cures { proposal, opens_nothing: true } => return (Some(proposal), blocked),
            Proof::Cures { proposal, opens_nothing: false } => beyond = beyond.or(Some(proposal)),
            Proof::Blocks => blocked.push(attempt),
            Proof::Fails => {}
        }
    }
    (beyond, blocked)
}

/// Example packets of the gap as they are on the wire, one for each part, the largest parts first.
fn refused<A: FamilyAddress>(planner: &Planner<A>, judgement: &Judgement<A>) -> Vec<Packet<A>> {
    let mut gap: Vec<&PacketSet<A>> = judgement.gap.iter().collect();
    gap.sort_by_key(|set| std::cmp::Reverse(set.source.count().saturating_mul(set.destination.count())));
    let witness = |set: &PacketSet<A>| traffic_rows::witness(planner.view, std::slice::from_ref(set), &judgement.wire);
    gap.into_iter().take(MOST_WITNESSES).filter_map(|set| Some(witness(set)?.1)).collect()
}

/// Which packets are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// Those that open connections of the need.
    New,
    /// Those, and the later packets of the connections in the same direction.
    Onward,
    /// Those that open connections of the need, and all packets of established connections.
    Established,
}

/// One attempt: the same accepts at one place in each filter chain that refuses.
struct Attempt<'t, 'm, 'a, A: FamilyAddress> {
    planner: &'t Planner<'m, 'a, A>,
    need: &'t Need,
    demand: &'t Demand,
    rules: &'t [Match],
    at: &'t [ChainPlace],
    open: Open,
}

/// The result of an attempt.
enum Proof<A: FamilyAddress> {
    Cures {
        proposal: Proposal<A>,
        opens_nothing: bool,
    },
    /// The need is permitted, but later packets of its connections are refused.
    Blocks,
    Fails,
}

/// The packets that a change opens if it cures the finding, else why it does not.
enum Outcome<A: FamilyAddress> {
    Opens(Vec<PacketSet<A>>),
    Blocks,
    Fails,
}

impl<'t, A: FamilyAddress> Attempt<'t, '_, '_, A> {
    /// The same attempt at other places and for other packets.
    fn at(&self, at: &'t [ChainPlace], open: Open) -> Self {
        let Self { planner, need, demand, rules, .. } = *self;
        Self { planner, need, demand, rules, at, open }
    }

    /// Judges the changed rules. The result holds the remediation if they cure the finding.
    fn proved(&self, misplaced: &[RuleId]) -> Proof<A> {
        let comment = format!("{} {}", self.need.definition.id, self.need.node);
        let accept =
            |packets| Insertion { family: A::FAMILY, packets, action: Action::Accept, comment: comment.clone() };
        let accepts: Vec<Insertion> = self.accepts().map(accept).collect();
        let splice = |at: &ChainPlace, inserted| Splice { chain: at.chain, place: at.place, removed: 0, inserted };
        let mut inserts: Vec<Splice> = Vec::new();
        for at in self.at {
            // One by itself: needs that call for it share it.
            inserts.extend(self.first_of_established().map(|accept| splice(at, vec![accept])));
            inserts.push(splice(at, accepts.clone()));
        }
        if self.planner.edits(&inserts).is_none() {
            return Proof::Fails;
        }
        match self.outcome(&inserts) {
            Outcome::Opens(opened) => self.proposal(inserts, opened, misplaced).unwrap_or(Proof::Fails),
            Outcome::Blocks => Proof::Blocks,
            Outcome::Fails => Proof::Fails,
        }
    }

    /// The accepts of the need, with the connection states they match.
    fn accepts(&self) -> impl Iterator<Item = Match> {
        let more =
            if self.open == Open::Onward { StateSet::single(ConnectionState::Established) } else { StateSet::of(&[]) };
        self.rules.iter().map(move |rule| Match { state: rule.state.union(more), ..rule.clone() })
    }

    /// The accept of established connections, if this attempt has one. It comes before the others.
    fn first_of_established(&self) -> Option<Insertion> {
        (self.open == Open::Established).then(established::accept::<A>)
    }

    /// The change, which also removes the misplaced rules if they serve nothing else.
    fn proposal(&self, inserts: Vec<Splice>, opened: Vec<PacketSet<A>>, misplaced: &[RuleId]) -> Option<Proof<A>> {
        let planner = self.planner;
        let rows = planner.beyond(&opened);
        let with_established = self.open == Open::Established;
        let also_opens = if with_established { wording::opens_with_established(&rows) } else { wording::opens(&rows) };
        let accepted = inserts.iter().flat_map(|insert| &insert.inserted).filter(|_| with_established);
        let opened: Vec<PacketSet<A>> =
            accepted.filter_map(|new| planner.view.judge.packets_of(&new.packets)).chain(opened).collect();
        let with_removals = planner.removable(misplaced, &inserts).and_then(|(removals, closed)| {
            let splices = inserts.iter().cloned().chain(removals).collect();
            Proposal::of(planner, splices, (opened.clone(), closed), also_opens.clone())
        });
        let proposal = with_removals.or_else(|| Proposal::of(planner, inserts, (opened, Vec::new()), also_opens))?;
        Some(Proof::Cures { proposal, opens_nothing: rows.is_empty() })
    }

    /// The packets that open connections with the change but did not before, if the change satisfies the need, lets later packets
    /// through and closes nothing.
    fn outcome(&self, inserts: &[Splice]) -> Outcome<A> {
        let view = self.planner.view;
        let interfaces = view.judge.interfaces();
        // An accept of established connections opens no new ones, and no accept closes anything, so only the packets of the
        // accepts for new connections are compared.
        let packets: Vec<PacketSet<A>> = self.rules.iter().filter_map(|rule| view.judge.packets_of(rule)).collect();
        let called_for = self.demand.must.iter().flat_map(|alternative| &alternative.packets);
        let any = interfaces.any();
        let called_for = called_for.map(|matching| View::packets(&view.as_named(self.demand, matching), &any, &any));
        let concerned: Vec<PacketSet<A>> = packets.iter().cloned().chain(called_for).collect();
        let answers: Vec<PacketSet<A>> = concerned.iter().map(replies::reversed).collect();
        if self.planner.spend().is_none() {
            return Outcome::Fails;
        }
        let within = Within::of(view, &concerned).and(Within::of(view, &answers));
        let rule_set = changed(&view.judge, &within, inserts);
        let after = view.judging(&rule_set);
        let judgement = match self.planner.judgement(&after, self.need, self.demand) {
            Some(judgement) if judgement.outcome == NeedOutcome::Satisfied => judgement,
            _ => return Outcome::Fails,
        };
        if !replies::go_on(&after, self.demand, &judgement) {
            return Outcome::Blocks;
        }
        let mut routes: Vec<Route> = Vec::new();
        for at in self.at {
            let more = routes_to(view.judge.rule_set(), at.chain);
            routes.extend(more.into_iter().filter(|route| !routes.contains(route)).collect::<Vec<_>>());
        }
        match difference_by(view, Some(&after), (&within, inserts), &packets, &routes) {
            Some(Difference { opened, closed, still: _ }) if closed.is_empty() => Outcome::Opens(opened),
            _ => Outcome::Fails,
        }
    }
}
