//! Changes of the rules that cure findings. Each is proved by judging the changed rules, and all changes that are offered are
//! proved together.
//!
//! `need` permits refused packets of needs, `established` permits refused packets of established connections, `surplus` closes
//! excess: each makes a [`proposal::Proposal`]. `plan` decides which proposals can be made together, `rendering` describes them
//! in words. A change that cannot be proved is not offered. This folder knows rules and needs; how a change is written in a file
//! is known to the format of the export ([`Dialect::edits`]).

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

/// How many rules may be examined for all changed rule sets of one firewall and family. Beyond that no remediation is computed.
const MOST_WORK: usize = 2_000_000;
/// The fixed cost of each changed rule set, in rules, in addition to its rules.
const EACH: usize = 2_000;

/// Packets between two zones.
type Between<A> = ((Zone, Zone), Vec<PacketSet<A>>);

/// Packet sets that are made once and handed out often.
type Shared<A> = Rc<[PacketSet<A>]>;

/// Everything from which remediations are computed, for one firewall and family.
pub(super) struct Planner<'m, 'a, A: FamilyAddress> {
    view: &'m View<'a, A>,
    needs: &'m [&'m Need],
    allows: &'m [&'m Allow],
    settled: &'m [Settled<'m, A>],
    /// Undecided excess between two zones of which this firewall does not have both.
    open: Vec<Between<A>>,
    dialect: &'static dyn Dialect,
    /// Whether the deployment writes rules for media by their source ports.
    declared_as_source: bool,
    /// Whether a rule gives packets another destination port.
    translates_ports: bool,
    /// What may get through between two zones, once somebody asked.
    may: RefCell<BTreeMap<(Zone, Zone), Shared<A>>>,
    left: Cell<usize>,
    left_for_proof: Cell<usize>,
}

impl<'m, 'a, A: FamilyAddress> Planner<'m, 'a, A> {
    /// A planner for one firewall and family; none where this program cannot write the firewall's syntax. `found` is all excess.
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
                .filter(|one| !view.zones.has(one.from) || !view.zones.has(one.to))
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

    /// A change that cures a finding of a need. If there is none, the reason is added to the finding.
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

    /// A change that lets through the packets of established connections that a rule blocks. If there is none, the reason is
    /// added to the finding.
    pub(super) fn replies(&self, blocked: &Blocked<A>, finding: &mut Finding) -> Option<Proposal<A>> {
        let proposal = established::remediation(self, blocked);
        if proposal.is_none() {
            finding.why.push_str(&self.why_none(wording::NO_ESTABLISHED.to_owned()));
        }
        proposal
    }

    /// A change that closes excess. If there is none, the reason is added to the finding. `all` is all excess on this firewall.
    pub(super) fn surplus(&self, excess: &Excess<A>, all: &[Excess<A>], finding: &mut Finding) -> Option<Proposal<A>> {
        if finding.kind != Kind::Excess {
            return None;
        }
        let same = all.iter().filter(|other| other.rule == excess.rule && other.reasons.is_empty());
        let of_same_rule: Vec<PacketSet<A>> = same.flat_map(|other| other.packets.iter().cloned()).collect();
        let proposal = surplus::remediation(self, excess, &of_same_rule, &finding.excess);
        if proposal.is_none() {
            finding.why.push_str(&self.why_none(wording::NO_REWRITE.to_owned()));
        }
        proposal
    }

    /// The reason why a finding has no remediation: `why`, unless the bound on the work was reached.
    fn why_none(&self, why: String) -> String {
        if self.left.get() < EACH { wording::TOO_MANY.to_owned() } else { why }
    }

    /// The packets that needs and exceptions allow between two zones, by the zones' interfaces.
    fn may(&self, from: Zone, to: Zone) -> Shared<A> {
        let known = self.may.borrow().get(&(from, to)).cloned();
        known.unwrap_or_else(|| {
            let zones = &self.view.zones;
            let (ingress, egress) = (zones.points(from), zones.points(to));
            let may: Shared<A> = excess::taken(self.view, self.needs, self.allows, from, to, ingress, egress).into();
            self.may.borrow_mut().insert((from, to), Rc::clone(&may));
            may
        })
    }

    /// A test whether needs and exceptions allow all packets of a set, among those whose source and destination addresses belong
    /// to the two zones. Interfaces, state and flags are ignored.
    fn allowed(&self, from: Zone, to: Zone) -> impl Fn(&PacketSet<A>) -> bool + use<A> {
        let may: Vec<PacketSet<A>> = self.may(from, to).iter().map(shape::between_zones).collect();
        let (source, destination) = (self.view.behind(from), self.view.behind(to));
        move |set| {
            let own = PacketSet {
                source: set.source.intersection(&source),
                destination: set.destination.intersection(&destination),
                ..set.clone()
            };
            own.is_empty() || subtract_all(vec![own], &may).is_empty()
        }
    }

    /// A test whether needs and exceptions between two zones allow none of the packets of a set.
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
                let line = rule.origin.and_then(|origin| view.export.line_of(origin));
                if line.is_some_and(|(source, line)| excused.contains(&(source.id.as_str(), line))) {
                    packets.extend_from_slice(view.judge.sets_of(RuleId { chain, place }));
                }
            }
        }
        packets
    }

    /// The packets that needs and exceptions allow between any two zones.
    fn all_may(&self) -> Vec<PacketSet<A>> {
        Zone::pairs().flat_map(|(from, to)| self.may(from, to).to_vec()).collect()
    }

    /// The Edge's addresses: its own and its public ones.
    fn edge(&self) -> IntervalSet<A> {
        let address_plan = self.view.address_plan;
        let parts = [&address_plan.edge_external, &address_plan.edge_public, &address_plan.edge_internal];
        parts.into_iter().fold(IntervalSet::empty(), |all, part| all.union(A::side(part)))
    }

    /// The rules that permit the satisfied needs between two zones.
    fn permitters(&self, from: Zone, to: Zone) -> BTreeSet<RuleId> {
        let same_zones = self.settled.iter().filter(|other| (other.demand.from, other.demand.to) == (from, to));
        same_zones.flat_map(|other| other.judgement.permitters.iter().copied()).collect()
    }

    /// The packets that no need and no exception allows, as rows of a report. Only packets between two zones count, with a source
    /// and a destination that belong behind the interfaces the packets use; for a zone the firewall does not have, those that rules
    /// meant for it may have let through before.
    fn beyond(&self, packets: &[PacketSet<A>]) -> Vec<TrafficRow> {
        let mut rows = Vec::new();
        for (from, to) in Zone::pairs() {
            let zones = &self.view.zones;
            if !zones.has(from) || !zones.has(to) {
                continue;
            }
            let between = PacketSet {
                source: self.view.behind(from),
                destination: self.view.behind(to),
                ingress: zones.points(from).clone(),
                egress: zones.points(to).clone(),
                ..PacketSet::full()
            };
            let present: Vec<PacketSet<A>> = packets.iter().filter_map(|set| set.intersection(&between)).collect();
            let left = subtract_all(present, &self.may(from, to));
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

    /// The edits of the export's texts that make a change. None, if the syntax cannot express the change, or if the removed or
    /// inserted text would have to be sanitised before it is shown.
    fn edits(&self, splices: &[Splice]) -> Option<Vec<Edit>> {
        let export = self.view.export;
        let texts: Vec<&str> = export.sources.iter().map(Source::text).collect();
        let edits = self.dialect.edits(&export.rule_set, &texts, splices).ok()?;
        let is_plain = |text: &str| statement::lines_of(text).all(|line| sanitise(line) == line);
        let removed = |edit: &Edit| texts.get(edit.input as usize).and_then(|text| text.get(edit.span.range()));
        let plain = edits.iter().all(|edit| is_plain(&edit.text) && removed(edit).is_some_and(is_plain));
        (plain && edits.iter().all(|edit| !edit.span.is_empty() || !edit.text.is_empty())).then_some(edits)
    }

    /// The result of a need with changed rules. The needs that may replace it keep the results they had.
    fn judgement(&self, after: &View<A>, need: &Need, demand: &Demand) -> Option<Judgement<A>> {
        let is_satisfied = |id: &str| {
            let mut others = self.settled.iter().filter(|other| other.need.definition.id == id);
            others.any(|other| other.need.node == need.node && other.judgement.outcome == NeedOutcome::Satisfied)
        };
        let judgements = required::judge(after, demand);
        required::settle(judgements, self.declared_as_source, is_satisfied)
    }

    /// Counts the judging of a changed rule set for one finding; none once the bound is reached.
    fn spend(&self) -> Option<()> {
        self.spend_of(&self.left, 1)
    }

    /// Counts the judging of a changed rule set for every need; none once the bound is reached.
    fn spend_on_proof(&self) -> Option<()> {
        self.spend_of(&self.left_for_proof, 1 + self.settled.len() / 8)
    }

    fn spend_of(&self, left: &Cell<usize>, times: usize) -> Option<()> {
        let cost = times * (EACH + self.view.export.rule_set.rule_count());
        left.set(left.get().checked_sub(cost)?);
        Some(())
    }
}
