//! The remediation for excess: the smallest rewrite of the rule that permits it. The rewrite must keep every need, and everything
//! else that the rule permits.
//!
//! Three rewrites are tried: the rule is removed; it is replaced by the part of it that needs call for; or, if it also serves
//! other hosts, accepts of what the Edge needs and drops of the Edge's other packets are inserted before it.

use crate::deployment::Zone;
use crate::findings::TrafficRow;
use crate::judge::FamilyAddress;
use crate::model::{Action, Insertion, Match, RuleId, Splice};
use crate::packets::{ConnectionState, IntervalSet, PacketSet, StateSet, Union, canonical, coalesce, intersect_all};

use crate::audit::judgement::excess::Excess;
use crate::audit::judgement::required::NeedOutcome;

use super::change::{Within, changed};
use super::difference::{Difference, covered, difference_by, routes_to};
use super::proposal::Proposal;
use super::statement;
use super::wording;
use super::{Planner, shape};

/// How many rules a rewrite may consist of.
const MOST_RULES: usize = 12;
/// The data for rewriting one rule, or for inserting rules before it.
struct Rewriting<'t, 'm, 'a, A: FamilyAddress> {
    planner: &'t Planner<'m, 'a, A>,
    rule: RuleId,
    /// The excess to be closed.
    excess: &'t Excess<A>,
    /// All packets of excess that the same rule permits.
    of_same_rule: &'t [PacketSet<A>],
    /// The excess as rows of a report.
    rows: &'t [TrafficRow],
}

/// The rewrite of a rule that closes one excess. `of_same_rule` are the packets of all excess that the rule permits.
pub(super) fn remediation<A: FamilyAddress>(
    planner: &Planner<A>,
    excess: &Excess<A>,
    of_same_rule: &[PacketSet<A>],
    rows: &[TrafficRow],
) -> Option<Proposal<A>> {
    let rewriting = Rewriting { planner, rule: excess.rule?, excess, of_same_rule, rows };
    if excess.grouped.is_empty() { rewriting.in_place().or_else(|| rewriting.in_front()) } else { rewriting.in_front() }
}

impl<A: FamilyAddress> Rewriting<'_, '_, '_, A> {
    /// Removes the rule, or replaces it by the part of it that needs call for.
    fn in_place(&self) -> Option<Proposal<A>> {
        let view = self.planner.view;
        let set = &view.export.rule_set;
        let (place, removed) = statement::of(set, self.rule)?;
        let of_line = (place..place + removed).map(|place| RuleId { chain: self.rule.chain, place });
        let region: Vec<PacketSet<A>> = of_line.clone().flat_map(|id| view.judge.sets_of(id)).cloned().collect();
        let splice = Splice { chain: self.rule.chain, place, removed, inserted: Vec::new() };
        let without = self.judged(&splice, &region)?;
        if !Self::closes(&without, &region, self.of_same_rule) || without.closed.iter().any(is_answer) {
            return None;
        }
        let proposal = |splice: Splice, difference: Difference<A>| {
            let change = (Vec::new(), difference.closed);
            Proposal::of(self.planner, vec![splice], change, wording::closes(self.rows))
        };
        if self.is_right(&without) {
            if !self.keeps_needs(&splice) {
                return None;
            }
            return proposal(splice, without);
        }
        let mut inserted = Vec::new();
        for id in of_line {
            for matching in &set.rule(id)?.matches {
                inserted.extend(self.kept_accepts(matching, &without.closed, matching.state)?);
            }
        }
        if inserted.is_empty() || inserted.len() > MOST_RULES {
            return None;
        }
        let replaced = Splice { inserted, ..splice };
        let result = self.judged(&replaced, &region)?;
        if !Self::closes(&result, &region, self.of_same_rule)
            || !self.is_right(&result)
            || result.closed.iter().any(is_answer)
        {
            return None;
        }
        if !self.keeps_needs(&replaced) {
            return None;
        }
        proposal(replaced, result)
    }

    /// Inserts, before the rule or at the end of the chain, accepts of what the Edge needs and drops of its other packets.
    fn in_front(&self) -> Option<Proposal<A>> {
        let view = self.planner.view;
        let set = &view.export.rule_set;
        let any = [Match::any()];
        let (place, matches): (usize, &[Match]) = match set.rule(self.rule) {
            // Before the first rule of a group. The inserted rules apply to any packet, since the rules of the group match
            // different ones.
            Some(_) if !self.excess.grouped.is_empty() => (statement::of(set, self.rule)?.0, &any),
            Some(rule) => (statement::of(set, self.rule)?.0, &rule.matches),
            None => (self.rule.place, &any),
        };
        let mut best: Option<Proposal<A>> = None;
        for narrow in [true, false] {
            let drops: Vec<Insertion> = matches.iter().flat_map(|matching| self.drops(matching, narrow)).collect();
            let Some((inserted, closed)) = self.before_it(place, matches, &drops) else { continue };
            let splice = Splice { chain: self.rule.chain, place, removed: 0, inserted };
            let also_opens = wording::closes(self.rows);
            let Some(proposal) = Proposal::of(self.planner, vec![splice], (Vec::new(), closed), also_opens) else {
                continue;
            };
            if best.as_ref().is_none_or(|best| proposal.line_count() < best.line_count()) {
                best = Some(proposal);
            }
        }
        best
    }

    /// The drops at a place, with accepts of what needs call for before them; none unless the result is proved right.
    fn before_it(
        &self,
        place: usize,
        matches: &[Match],
        drops: &[Insertion],
    ) -> Option<(Vec<Insertion>, Vec<PacketSet<A>>)> {
        if drops.is_empty() || drops.len() > MOST_RULES {
            return None;
        }
        let judge = &self.planner.view.judge;
        let region: Vec<PacketSet<A>> = drops.iter().filter_map(|drop| judge.packets_of(&drop.packets)).collect();
        let splice = |inserted: Vec<Insertion>| Splice { chain: self.rule.chain, place, removed: 0, inserted };
        let mut inserted = drops.to_vec();
        let mut result = self.judged(&splice(inserted.clone()), &region)?;
        if !self.is_right(&result) {
            let mut accepts = Vec::new();
            for matching in matches {
                accepts.extend(self.kept_accepts(matching, &result.closed, StateSet::single(ConnectionState::New))?);
            }
            if accepts.is_empty() || accepts.len() + drops.len() > MOST_RULES {
                return None;
            }
            inserted = accepts;
            inserted.extend_from_slice(drops);
            result = self.judged(&splice(inserted.clone()), &region)?;
        }
        let right = self.is_right(&result) && Self::closes(&result, &region, &self.excess.packets);
        (right && self.keeps_needs(&splice(inserted.clone()))).then_some((inserted, result.closed))
    }

    /// The difference that a change makes to the packets of a region.
    fn judged(&self, splice: &Splice, region: &[PacketSet<A>]) -> Option<Difference<A>> {
        let view = self.planner.view;
        self.planner.spend()?;
        let (within, change) = (Within::of(view, region), std::slice::from_ref(splice));
        let routes = routes_to(view.judge.rule_set(), splice.chain);
        difference_by(view, None, (&within, change), region, &routes)
    }

    /// Whether the change closes all of these packets. They all get through before it, and must be in the region it was judged
    /// for.
    fn closes(difference: &Difference<A>, region: &[PacketSet<A>], packets: &[PacketSet<A>]) -> bool {
        let still = Union::of(&difference.still);
        covered(packets, region) && !packets.iter().any(|set| still.meets(set))
    }

    /// Whether a change opens nothing, and closes only packets to or from the Edge that no need and no exception allows.
    fn is_right(&self, difference: &Difference<A>) -> bool {
        let edge = self.planner.edge();
        let mut stay = self.planner.all_may();
        stay.extend(self.planner.excused());
        let stay = Union::of(&stay);
        let is_surplus =
            |set: &PacketSet<A>| (set.source.is_subset(&edge) || set.destination.is_subset(&edge)) && !stay.meets(set);
        difference.opened.is_empty() && difference.closed.iter().all(is_surplus)
    }

    /// New accepts for the packets of a rule that would be closed although needs or exceptions allow them; none if these take too
    /// many rules.
    fn kept_accepts(&self, matching: &Match, closed: &[PacketSet<A>], state: StateSet) -> Option<Vec<Insertion>> {
        let planner = self.planner;
        let own = planner.view.judge.packets_of(matching)?;
        let mut rules = Vec::new();
        for (from, to) in Zone::pairs() {
            let kept = intersect_all(&intersect_all(closed, &planner.may(from, to)), std::slice::from_ref(&own));
            if kept.is_empty() {
                continue;
            }
            let allowed = planner.allowed(from, to);
            let plain: Vec<PacketSet<A>> = kept.iter().map(shape::between_zones).collect();
            let mut sets: Vec<PacketSet<A>> = Vec::new();
            for mut set in canonical(&coalesce(plain), MOST_RULES * 4) {
                shape::widen(&mut set, |set| set.source_port.clone_from(&own.source_port), &allowed);
                shape::widen(&mut set, |set| set.destination_port.clone_from(&own.destination_port), &allowed);
                shape::widen(&mut set, |set| set.source.clone_from(&own.source), &allowed);
                shape::widen(&mut set, |set| set.destination.clone_from(&own.destination), &allowed);
                shape::widen(&mut set, |set| set.protocol.clone_from(&own.protocol), &allowed);
                if !sets.iter().any(|other| set.is_subset(other)) {
                    sets.retain(|other| !other.is_subset(&set));
                    sets.push(set);
                }
            }
            for set in coalesce(sets) {
                rules.extend(self.narrowed(matching, &set, from, to, state, &Action::Accept));
            }
            if rules.len() > MOST_RULES {
                return None;
            }
        }
        Some(rules)
    }

    /// Drops of packets of a rule that open connections to or from the Edge's addresses: of the packets in excess (`narrow`), or
    /// of all packets.
    fn drops(&self, matching: &Match, narrow: bool) -> Vec<Insertion> {
        let Some(own) = self.planner.view.judge.packets_of(matching) else { return Vec::new() };
        let own = shape::between_zones(&own);
        let inbound = self.excess.to.is_edge();
        let plain: Vec<PacketSet<A>> = self.excess.packets.iter().map(shape::between_zones).collect();
        let mut sets = Vec::new();
        if narrow && plain.len() > MOST_RULES * 4 {
            return Vec::new();
        }
        if narrow {
            let needless = self.planner.needless(self.excess.from, self.excess.to);
            for mut set in canonical(&intersect_all(&coalesce(plain), std::slice::from_ref(&own)), MOST_RULES * 4) {
                shape::widen(&mut set, |set| set.source_port.clone_from(&own.source_port), &needless);
                shape::widen(&mut set, |set| set.destination_port.clone_from(&own.destination_port), &needless);
                shape::widen(&mut set, |set| set.protocol.clone_from(&own.protocol), &needless);
                if inbound {
                    shape::widen(&mut set, |set| set.source.clone_from(&own.source), &needless);
                } else {
                    shape::widen(&mut set, |set| set.destination.clone_from(&own.destination), &needless);
                }
                sets.push(set);
            }
            sets = coalesce(sets);
        } else {
            let end = |end: fn(&PacketSet<A>) -> &IntervalSet<A>| {
                let ends = plain.iter().flat_map(|set| end(set).intervals());
                IntervalSet::from_intervals(ends.copied().collect())
            };
            let mut set = own;
            if inbound {
                set.destination = set.destination.intersection(&end(|set| &set.destination));
            } else {
                set.source = set.source.intersection(&end(|set| &set.source));
            }
            sets.push(set);
        }
        let state = StateSet::single(ConnectionState::New);
        let (from, to) = (self.excess.from, self.excess.to);
        let sets = sets.iter().filter(|set| !set.is_empty());
        sets.flat_map(|set| self.narrowed(matching, set, from, to, state, &Action::Drop)).collect()
    }

    /// Whether every need has the same outcome with the change. This is judged only where ports are translated, since then a
    /// need's packets are not recognised among those that the change closes.
    fn keeps_needs(&self, splice: &Splice) -> bool {
        let planner = self.planner;
        if !planner.translates_ports {
            return true;
        }
        let view = planner.view;
        if planner.spend().is_none() {
            return false;
        }
        let rule_set = changed(&view.judge, &Within::all(), std::slice::from_ref(splice));
        let after = view.judging(&rule_set);
        planner.settled.iter().all(|settled| {
            let was = settled.judgement.outcome;
            let is = || planner.judgement(&after, settled.need, settled.demand);
            matches!(was, NeedOutcome::Missing) || is().is_some_and(|is| is.outcome == was)
        })
    }

    /// A rule's match narrowed to a set between two zones. If it names no interface, the zones' interfaces are used.
    fn narrowed(
        &self,
        matching: &Match,
        set: &PacketSet<A>,
        from: Zone,
        to: Zone,
        state: StateSet,
        action: &Action,
    ) -> Vec<Insertion> {
        let zones = &self.planner.view.zones;
        let sides = |own: &[crate::model::InterfacePattern], zone: Zone| {
            if own.is_empty() && zones.has(zone) { shape::named(self.planner.view, zone) } else { vec![own.to_vec()] }
        };
        let mut rules = Vec::new();
        for ingress in sides(&matching.ingress, from) {
            for egress in sides(&matching.egress, to) {
                let packets = Match {
                    source: shape::addresses(&set.source),
                    destination: shape::addresses(&set.destination),
                    protocol: set.protocol.clone(),
                    source_port: set.source_port.clone(),
                    destination_port: set.destination_port.clone(),
                    ingress: ingress.clone(),
                    egress,
                    state: matching.state.intersection(state),
                    ..matching.clone()
                };
                let comment = if *action == Action::Drop { "not needed by the Edge" } else { "needed by the Edge" };
                rules.push(Insertion {
                    family: A::FAMILY,
                    packets,
                    action: action.clone(),
                    comment: comment.to_owned(),
                });
            }
        }
        rules
    }
}

/// Whether a set contains packets of established or related connections.
fn is_answer<A: FamilyAddress>(set: &PacketSet<A>) -> bool {
    !set.state.intersection(StateSet::of(&[ConnectionState::Established, ConnectionState::Related])).is_empty()
}
