//! Removes misplaced rules of a need once the need has correct rules, if the misplaced ones serve nothing else.

use crate::judge::{FamilyAddress, Route};
use crate::model::{RuleId, Splice};
use crate::packets::{ConnectionState, PacketSet, StateSet};

use super::Planner;
use super::change::{Within, changed};
use super::difference::difference;
use super::statement;

impl<A: FamilyAddress> Planner<'_, '_, A> {
    /// Splices that remove the misplaced rules, with the packets that this closes. None, if removing them together with inserting
    /// the new rules would close anything but packets of the Edge that no need and no exception allows.
    pub(super) fn removable(
        &self,
        misplaced: &[RuleId],
        inserts: &[Splice],
    ) -> Option<(Vec<Splice>, Vec<PacketSet<A>>)> {
        if misplaced.is_empty() {
            return None;
        }
        let view = self.view;
        let mut change = inserts.to_vec();
        let mut packets: Vec<PacketSet<A>> = Vec::new();
        for rule in misplaced {
            let (place, removed) = statement::of(&view.export.rule_set, *rule)?;
            let splice = Splice { chain: rule.chain, place, removed, inserted: Vec::new() };
            for place in place..place + removed {
                packets.extend_from_slice(view.judge.sets_of(RuleId { chain: rule.chain, place }));
            }
            if !change.contains(&splice) {
                change.push(splice);
            }
        }
        // At whatever hook the rules are, nothing may change for packets that do not belong to the Edge.
        let edge = self.edge();
        if !packets.iter().all(|set| set.source.is_subset(&edge) || set.destination.is_subset(&edge)) {
            return None;
        }
        let inserted = inserts.iter().flat_map(|insert| &insert.inserted);
        packets.extend(inserted.filter_map(|new| view.judge.packets_of(&new.packets)));
        self.spend()?;
        let with = changed(&view.judge, &Within::of(view, &packets), &change);
        let without = changed(&view.judge, &Within::of(view, &packets), inserts);
        let (after, before) = (view.judging(&with), view.judging(&without));
        let all_routes = [Route::Forward, Route::Input, Route::Output];
        let difference = difference(&before, &after, &packets, &all_routes)?;
        let answers = StateSet::of(&[ConnectionState::Established, ConnectionState::Related]);
        let serves = |set: &PacketSet<A>| {
            !set.state.intersection(answers).is_empty() || self.all_may().iter().any(|may| may.meets(set))
        };
        if !difference.opened.is_empty() || difference.closed.iter().any(serves) {
            return None;
        }
        Some((change.split_off(inserts.len()), difference.closed))
    }
}
