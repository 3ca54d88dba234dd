//! How to mend a need that is not, or not wholly, permitted: accepts for what is refused, where they take effect, proved by judging
//! the rules with them. Connections that would open and not go on are no mend.

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

/// Refused packets whose way is followed.
const MOST_WITNESSES: usize = 12;

/// A mend of a need: the accept of what opens its connections; where those do not go on with that, of their onward packets too;
/// where nothing lets them back either, of standing connections altogether, if need be at the head of the base chain.
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
    // At one of them, and at all of them, where more than one chain stands in the way.
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

/// The first attempt that opens nothing beyond the need, else the first that mends; and those with which the connections of the
/// need would open and not go on.
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

/// Packets of the gap, those of the largest parts first, as they are on the wire.
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
    /// Their onward packets too.
    Onward,
    /// Those that open them, and whatever belongs to a standing connection.
    Established,
}

/// Accepts at one place of each filter chain that refuses.
struct Attempt<'t, 'm, 'a, A: FamilyAddress> {
    planner: &'t Planner<'m, 'a, A>,
    need: &'t Need,
    demand: &'t Demand,
    rules: &'t [Match],
    at: &'t [ChainPlace],
    open: Open,
}

/// What judging the changed rules showed.
enum Proof<A: FamilyAddress> {
    Cures {
        proposal: Proposal<A>,
        opens_nothing: bool,
    },
    /// The need is permitted with it, and its connections do not go on.
    Blocks,
    Fails,
}

/// What a change that mends opens, or why it is none.
enum Outcome<A: FamilyAddress> {
    Opens(Vec<PacketSet<A>>),
    Blocks,
    Fails,
}

impl<'t, A: FamilyAddress> Attempt<'t, '_, '_, A> {
    /// The same accepts at these places, for such packets.
    fn at(&self, at: &'t [ChainPlace], open: Open) -> Self {
        let Self { planner, need, demand, rules, .. } = *self;
        Self { planner, need, demand, rules, at, open }
    }

    /// What judging the changed rules shows, with the remediation where they mend.
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

    /// The accepts of the need, in the states they are for.
    fn accepts(&self) -> impl Iterator<Item = Match> {
        let more =
            if self.open == Open::Onward { StateSet::single(ConnectionState::Established) } else { StateSet::of(&[]) };
        self.rules.iter().map(move |rule| Match { state: rule.state.union(more), ..rule.clone() })
    }

    fn first_of_established(&self) -> Option<Insertion> {
        (self.open == Open::Established).then(established::accept::<A>)
    }

    /// The change, with the misplaced rules taken out where they serve nothing else.
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

    /// What opens connections with the change and did not before, where the need is satisfied with it, its connections go on and
    /// nothing is closed.
    fn outcome(&self, inserts: &[Splice]) -> Outcome<A> {
        let view = self.planner.view;
        let interfaces = view.judge.interfaces();
        // What is accepted of standing connections opens none, and an accept closes nothing: of new ones alone it is asked.
        let packets: Vec<PacketSet<A>> = self.rules.iter().filter_map(|rule| view.judge.packets_of(rule)).collect();
        let called_for = self.demand.must.iter().flat_map(|alternative| &alternative.packets);
        let any = interfaces.any();
        let called_for = called_for.map(|matching| View::packets(&view.as_named(self.demand, matching), &any, &any));
        let concerned: Vec<PacketSet<A>> = packets.iter().cloned().chain(called_for).collect();
        let answers: Vec<PacketSet<A>> = concerned.iter().map(replies::turned).collect();
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
