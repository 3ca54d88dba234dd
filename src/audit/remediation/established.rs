//! The remediation for refused packets of established connections: an accept of such packets before the rule that refuses them.
//! It is proved by judging the same packets with the changed rules.

use crate::deployment::Zone;
use crate::judge::FamilyAddress;
use crate::model::{Action, Insertion, Match, Splice};
use crate::packets::{ConnectionState, PacketSet, StateSet};

use crate::audit::judgement::replies::{self, Blocked};

use super::Planner;
use super::change::{Within, changed};
use super::proposal::Proposal;
use super::way::{self, ChainPlace};
use super::wording;

/// The comment on the inserted accept rule.
const COMMENT: &str = "established connections";

/// A rule that accepts all packets of established and related connections.
pub(super) fn accept<A: FamilyAddress>() -> Insertion {
    let state = StateSet::of(&[ConnectionState::Related, ConnectionState::Established]);
    let packets = Match { state, ..Match::any() };
    Insertion { family: A::FAMILY, packets, action: Action::Accept, comment: COMMENT.to_owned() }
}

/// The change with the accept. Places are tried in this order: the head of a base chain, if the rule that refuses is in a chain
/// that others call; before the rule that refuses; the head of every filter chain on the path, if there are several.
pub(super) fn remediation<A: FamilyAddress>(planner: &Planner<A>, blocked: &Blocked<A>) -> Option<Proposal<A>> {
    let set = &planner.view.export.rule_set;
    let rule = blocked.rule?;
    let before = ChainPlace { chain: rule.chain, place: rule.place };
    let heads = way::heads(planner.view, blocked.packets.keys().copied());
    let mut choices: Vec<Vec<ChainPlace>> = Vec::new();
    if !set.base_chains.iter().any(|base| base.chain == rule.chain) {
        choices.extend(heads.iter().map(|head| vec![*head]));
    }
    choices.push(vec![before]);
    if heads.len() > 1 {
        choices.push(heads.into_iter().collect());
    }
    choices.iter().find_map(|at| at_places(planner, blocked, at))
}

/// The change with the accept at each of these places, if it is proved.
fn at_places<A: FamilyAddress>(planner: &Planner<A>, blocked: &Blocked<A>, at: &[ChainPlace]) -> Option<Proposal<A>> {
    let view = planner.view;
    let splice =
        |at: &ChainPlace| Splice { chain: at.chain, place: at.place, removed: 0, inserted: vec![accept::<A>()] };
    let inserts: Vec<Splice> = at.iter().map(splice).collect();
    planner.edits(&inserts)?;
    planner.spend()?;
    let concerned: Vec<PacketSet<A>> = blocked.packets.values().flatten().cloned().collect();
    let rule_set = changed(&view.judge, &Within::of(view, &concerned), &inserts);
    let after = view.judging(&rule_set);
    let mut packets = blocked.packets.iter();
    if !packets.all(|((from, to), packets): (&(Zone, Zone), _)| replies::let_through(&after, *from, *to, packets)) {
        return None;
    }
    let opened = view.judge.packets_of(&accept::<A>().packets).into_iter().collect();
    Proposal::of(planner, inserts, (opened, Vec::new()), wording::ESTABLISHED.to_owned())
}
