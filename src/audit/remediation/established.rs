//! How to mend that connections open and do not go on: packets of standing connections are accepted before the rule that refuses
//! them, proved by asking for the same packets again.

use crate::deployment::Zone;
use crate::findings::Remediation;
use crate::judge::{FamilyAddress, Judge};
use crate::model::{Action, Match};
use crate::packets::{ConnectionState, PacketSet, StateSet};

use crate::audit::judgement::replies::{self, Blocked};

use super::Planner;
use super::change::{NewRule, Splice, Within, changed};
use super::spot::spot;
use super::way::{self, ChainPlace};
use super::wording;

/// The administrator's remark on the accept.
const COMMENT: &str = "standing connections";

/// An accept of whatever belongs to connections that stand.
pub(super) fn accept() -> NewRule {
    let state = StateSet::of(&[ConnectionState::Related, ConnectionState::Established]);
    NewRule { matching: Match { state, ..Match::any() }, action: Action::Accept }
}

/// Its lines in a chain; none where the export's syntax cannot say them.
pub(super) fn lines<A: FamilyAddress>(planner: &Planner<A>, chain: usize) -> Option<Vec<String>> {
    planner.lines(chain, &[accept().matching], &Action::Accept, COMMENT)
}

/// The accept before the rule that refuses, or, where that stands in a chain that others call, at the head of the base chain.
pub(super) fn remediation<A: FamilyAddress>(planner: &Planner<A>, blocked: &Blocked<A>) -> Option<Remediation> {
    let set = &planner.view.export.rule_set;
    let rule = blocked.rule?;
    let before = ChainPlace { chain: rule.chain, place: rule.place };
    let mut places = Vec::new();
    if !set.base_chains.iter().any(|base| base.chain == rule.chain) {
        places.extend(way::heads(planner.view, blocked.packets.keys().copied()));
    }
    places.push(before);
    places.into_iter().find_map(|at| at_place(planner, blocked, at))
}

fn at_place<A: FamilyAddress>(planner: &Planner<A>, blocked: &Blocked<A>, at: ChainPlace) -> Option<Remediation> {
    let view = planner.view;
    let spot = spot(view.export, at.chain, at.place)?;
    let lines = lines(planner, at.chain)?;
    let insert = Splice { chain: at.chain, place: at.place, removed: 0, inserted: vec![accept()] };
    planner.spend()?;
    let concerned: Vec<PacketSet<A>> = blocked.packets.values().flatten().cloned().collect();
    let rule_set = changed(&view.judge, &Within::of(view, &concerned), std::slice::from_ref(&insert));
    let after = view.judging(Judge::new(&rule_set, view.judge.interfaces()));
    let mut packets = blocked.packets.iter();
    if !packets.all(|((from, to), packets): (&(Zone, Zone), _)| replies::let_through(&after, *from, *to, packets)) {
        return None;
    }
    Some(Remediation {
        dialect: planner.dialect.name().to_owned(),
        snippet: lines.join("\n"),
        r#where: spot.words(),
        also_opens: wording::ESTABLISHED.to_owned(),
        undo: wording::take_out(&lines),
    })
}
