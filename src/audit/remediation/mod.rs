//! Changes of the rules that cure findings, each proved by judging the changed rules, and all that are offered proved together.
//!
//! `need` lets through what is refused, `established` the packets of connections that do not go on, `surplus` closes what is
//! permitted without need: each makes a [`proposal::Proposal`]. `plan` says which of them can be made at once, `rendering` says them
//! in words. What cannot be proved is not offered. All of it knows rules and needs; how a change is written is the export's format's
//! to know ([`Dialect::edits`]).

mod change;
mod difference;
mod established;
mod misplaced;
mod need;
mod plan;
mod proposal;
mod rendering;
mod shape;
mod statement;
mod surplus;
mod way;
mod wording;

pub(super) use plan::{Cure, Planned, Taken};

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::deployment::needs::{Demand, Need};
use crate::deployment::{Allow, Zone};
use crate::findings::{Finding, Kind, TrafficRow};
use crate::judge::FamilyAddress;
use crate::model::{Action, Dialect, Edit, NewDestination, Rewrite, RuleId, Splice};
use crate::packets::{IntervalSet, PacketSet, coalesce, intersect_all, subtract_all};
use crate::source::{Source, sanitise};

use crate::audit::findings::traffic_rows;
use crate::audit::judgement::excess;
use crate::audit::judgement::excess::Excess;
use crate::audit::judgement::firewall::View;
use crate::audit::judgement::replies::Blocked;
use crate::audit::judgement::required::{self, Judgement, NeedOutcome, Settled};
use proposal::Proposal;

/// Rules that are looked at for all changed rule sets of a firewall and family together; beyond that no remediation is worked out.
const MOST_WORK: usize = 2_000_000;
/// What a changed rule set costs beside its rules, in rules.
const EACH: usize = 2_000;

/// What remediations are worked out from, on one firewall in one family.
pub(super) struct Planner<'m, 'a, A: FamilyAddress> {
    view: &'m View<'a, A>,
    needs: &'m [&'m Need],
    allows: &'m [&'m Allow],
    settled: &'m [Settled<'m, A>],
    /// What may get through without need, nobody can tell, to or from a zone that stands nowhere on this firewall.
    open: Vec<((Zone, Zone), Vec<PacketSet<A>>)>,
    dialect: &'static dyn Dialect,
    /// Whether the deployment writes rules for media by their source ports.
    declared_as_source: bool,
    /// Whether a rule gives packets another destination port.
    translates_ports: bool,
    /// What may get through between two zones, once somebody asked.
    may: RefCell<BTreeMap<(Zone, Zone), Rc<[PacketSet<A>]>>>,
    left: Cell<usize>,
    left_for_proof: Cell<usize>,
}

impl<'m, 'a, A: FamilyAddress> Planner<'m, 'a, A> {
    /// None where nobody can write the firewall's syntax. `found` is all excess.
    pub(super) fn new(
        view: &'m View<'a, A>,
        (needs, allows): (&'m [&'m Need], &'m [&'m Allow]),
        settled: &'m [Settled<'m, A>],
        found: &[Excess<A>],
        declared_as_source: bool,
    ) -> Option<Self> {
        let dialect = view.export.dialect?;
        let mut rules = view.export.rule_set.chains.iter().flat_map(|chain| &chain.rules);
        let translates_ports = rules.any(|rule| {
            matches!(rule.action, Action::Rewrite(Rewrite::Destination(NewDestination { ports: Some(_), .. })))
        });
        Some(Self {
            view,
            needs,
            allows,
            settled,
            open: found
                .iter()
                .filter(|one| !one.reasons.is_empty())
                .filter(|one| !view.zones.stands(one.from) || !view.zones.stands(one.to))
                .map(|one| ((one.from, one.to), one.packets.clone()))
                .collect(),
            dialect,
            declared_as_source,
            translates_ports,
            may: RefCell::default(),
            left: Cell::new(MOST_WORK),
            left_for_proof: Cell::new(2 * MOST_WORK),
        })
    }

    /// A change that cures a finding of a need; where there is none, the finding says why.
    pub(super) fn need(
        &self,
        settled: &Settled<A>,
        misplaced: &[RuleId],
        finding: &mut Finding,
    ) -> Option<Proposal<A>> {
        if !matches!(settled.judgement.outcome, NeedOutcome::Missing | NeedOutcome::Partial)
            || !matches!(finding.kind, Kind::Missing | Kind::Partial | Kind::Misdirected)
        {
            return None;
        }
        let proposal = need::remediation(self, settled.need, settled.demand, &settled.judgement, misplaced);
        if proposal.is_none() {
            let refusing = finding.rules.last().filter(|rule| rule.effect == "denies");
            finding.why.push_str(&self.why_none(wording::nothing_helps(refusing)));
        }
        proposal
    }

    /// A change that lets connections go on that a rule blocks; where there is none, the finding says why.
    pub(super) fn replies(&self, blocked: &Blocked<A>, finding: &mut Finding) -> Option<Proposal<A>> {
        let proposal = established::remediation(self, blocked);
        if proposal.is_none() {
            finding.why.push_str(&self.why_none(wording::NO_WAY_BACK.to_owned()));
        }
        proposal
    }

    /// A change that closes what is permitted without need; where there is none, the finding says why. `all` is everything of that
    /// kind on this firewall.
    pub(super) fn surplus(&self, excess: &Excess<A>, all: &[Excess<A>], finding: &mut Finding) -> Option<Proposal<A>> {
        if finding.kind != Kind::Excess {
            return None;
        }
        let same = all.iter().filter(|other| other.rule == excess.rule && other.reasons.is_empty());
        let whole: Vec<PacketSet<A>> = same.flat_map(|other| other.packets.iter().cloned()).collect();
        let proposal = surplus::remediation(self, excess, &whole, &finding.excess);
        if proposal.is_none() {
            finding.why.push_str(&self.why_none(wording::NO_REWRITE.to_owned()));
        }
        proposal
    }

    /// Why a finding has no remediation: this, unless the work for it went beyond the bound.
    fn why_none(&self, why: String) -> String {
        if self.left.get() < EACH { wording::TOO_MANY.to_owned() } else { why }
    }

    /// What needs and exceptions allow between two zones, by their interfaces.
    fn may(&self, from: Zone, to: Zone) -> Rc<[PacketSet<A>]> {
        let known = self.may.borrow().get(&(from, to)).cloned();
        known.unwrap_or_else(|| {
            let zones = &self.view.zones;
            let (ingress, egress) = (zones.points(from), zones.points(to));
            let may: Rc<[PacketSet<A>]> =
                excess::taken(self.view, self.needs, self.allows, from, to, ingress, egress).into();
            self.may.borrow_mut().insert((from, to), Rc::clone(&may));
            may
        })
    }

    /// Whether packets between two zones may all get through, as far as source and destination live there. Of interfaces, state
    /// and flags nothing is asked.
    fn allowed(&self, from: Zone, to: Zone) -> impl Fn(&PacketSet<A>) -> bool + use<A> {
        let may: Vec<PacketSet<A>> = self.may(from, to).iter().map(shape::between_zones).collect();
        let (source, destination) = (self.view.behind(from), self.view.behind(to));
        move |set| {
            let lived = PacketSet {
                source: set.source.intersection(&source),
                destination: set.destination.intersection(&destination),
                ..set.clone()
            };
            lived.is_empty() || subtract_all(vec![lived], &may).is_empty()
        }
    }

    /// Whether no packet between two zones, of those whose source and destination live there, is one that needs or exceptions allow.
    fn needless(&self, from: Zone, to: Zone) -> impl Fn(&PacketSet<A>) -> bool + use<A> {
        let may: Vec<PacketSet<A>> = self.may(from, to).iter().map(shape::between_zones).collect();
        move |set| !may.iter().any(|may| may.meets(set))
    }

    /// The packets of rules that an exception names.
    fn excused(&self) -> Vec<PacketSet<A>> {
        let view = self.view;
        let places = self.allows.iter().filter_map(|allow| allow.rule.as_ref());
        let excused: BTreeSet<(&str, u32)> = places.map(|(input, line)| (input.as_str(), *line)).collect();
        let mut packets = Vec::new();
        for (chain, rules) in view.export.rule_set.chains.iter().enumerate() {
            for (place, rule) in rules.rules.iter().enumerate().filter(|_| !excused.is_empty()) {
                let stands = rule.origin.and_then(|origin| view.export.line_of(origin));
                if stands.is_some_and(|(source, line)| excused.contains(&(source.id.as_str(), line))) {
                    packets.extend_from_slice(view.judge.sets_of(RuleId { chain, place }));
                }
            }
        }
        packets
    }

    /// What needs and exceptions allow between any two zones.
    fn all_may(&self) -> Vec<PacketSet<A>> {
        Zone::pairs().flat_map(|(from, to)| self.may(from, to).to_vec()).collect()
    }

    /// The Edge's addresses, as its hosts carry them and as the Internet knows them.
    fn edge(&self) -> IntervalSet<A> {
        let address_plan = self.view.address_plan;
        let parts = [&address_plan.edge_external, &address_plan.edge_public, &address_plan.edge_internal];
        parts.into_iter().fold(IntervalSet::empty(), |all, part| all.union(A::side(part)))
    }

    /// The rules that permit the satisfied needs between two zones.
    fn permitters(&self, from: Zone, to: Zone) -> BTreeSet<RuleId> {
        let alike = self.settled.iter().filter(|other| (other.demand.from, other.demand.to) == (from, to));
        alike.flat_map(|other| other.judgement.permitters.iter().copied()).collect()
    }

    /// What of these packets no need and no exception allows, as rows of a report: packets between two zones, with source and
    /// destination living behind the interfaces they use; and of zones that stand nowhere, those that rules meant for them may have
    /// let through before.
    fn beyond(&self, packets: &[PacketSet<A>]) -> Vec<TrafficRow> {
        let mut rows = Vec::new();
        for (from, to) in Zone::pairs() {
            let zones = &self.view.zones;
            if !zones.stands(from) || !zones.stands(to) {
                continue;
            }
            let lived = PacketSet {
                source: self.view.behind(from),
                destination: self.view.behind(to),
                ingress: zones.points(from).clone(),
                egress: zones.points(to).clone(),
                ..PacketSet::full()
            };
            let there: Vec<PacketSet<A>> = packets.iter().filter_map(|set| set.intersection(&lived)).collect();
            let left = subtract_all(there, &self.may(from, to));
            if !left.is_empty() {
                rows.extend(traffic_rows::rows(self.view, from, to, &coalesce(left)));
            }
        }
        for ((from, to), open) in &self.open {
            let there = coalesce(intersect_all(packets, open));
            for row in traffic_rows::rows(self.view, *from, *to, &there) {
                if !rows.contains(&row) {
                    rows.push(row);
                }
            }
        }
        rows
    }

    /// The edits of the export's texts that make a change; none where its syntax cannot say it, or where what comes or goes could not
    /// be shown as it is.
    fn edits(&self, splices: &[Splice]) -> Option<Vec<Edit>> {
        let export = self.view.export;
        let texts: Vec<&str> = export.sources.iter().map(Source::text).collect();
        let edits = self.dialect.edits(&export.rule_set, &texts, splices).ok()?;
        let is_plain = |text: &str| statement::lines_of(text).all(|line| sanitise(line) == line);
        let goes = |edit: &Edit| texts.get(edit.input as usize).and_then(|text| text.get(edit.span.range()));
        let plain = edits.iter().all(|edit| is_plain(&edit.text) && goes(edit).is_some_and(is_plain));
        (plain && edits.iter().all(|edit| !edit.span.is_empty() || !edit.text.is_empty())).then_some(edits)
    }

    /// What a need comes to by changed rules, where the needs that may stand in for it come to what they did.
    fn judgement(&self, after: &View<A>, need: &Need, demand: &Demand) -> Option<Judgement<A>> {
        let stands_in = |id: &str| {
            let mut others = self.settled.iter().filter(|other| other.need.definition.id == id);
            others.any(|other| other.need.node == need.node && other.judgement.outcome == NeedOutcome::Satisfied)
        };
        let judgements = required::judge(after, demand);
        required::settle(judgements, self.declared_as_source, stands_in)
    }

    /// Notes that a changed rule set is to be judged for one finding; none where that would be too many.
    fn spend(&self) -> Option<()> {
        self.spend_of(&self.left, 1)
    }

    /// Notes that a changed rule set is to be judged for every need.
    fn spend_on_proof(&self) -> Option<()> {
        self.spend_of(&self.left_for_proof, 1 + self.settled.len() / 8)
    }

    fn spend_of(&self, left: &Cell<usize>, times: usize) -> Option<()> {
        let cost = times * (EACH + self.view.export.rule_set.rule_count());
        left.set(left.get().checked_sub(cost)?);
        Some(())
    }
}
