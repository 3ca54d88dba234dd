//! How to mend what was found: a change to the rules for each finding, in the export's own syntax, proved by judging the changed
//! rules as the export's own were.
//!
//! `need` puts in accepts for what is refused, `surplus` takes back what is permitted without need. What cannot be proved is not
//! offered. It knows rules and needs; how a device writes them is its [`Dialect`]'s to know. Start at [`mend`].

mod change;
mod difference;
mod established;
mod misplaced;
mod need;
mod shape;
mod spot;
mod surplus;
mod way;
mod wording;

use std::cell::Cell;
use std::collections::BTreeSet;

use crate::deployment::needs::{Demand, Need};
use crate::deployment::{Allow, Zone};
use crate::findings::{Finding, Kind, TrafficRow};
use crate::judge::FamilyAddress;
use crate::model::{Action, ChainId, Dialect, Match, NewDestination, NewRule, Rewrite, RuleId};
use crate::packets::{IntervalSet, PacketSet, coalesce, subtract_all};

use crate::audit::findings::traffic_rows;
use crate::audit::judgement::excess;
use crate::audit::judgement::excess::Excess;
use crate::audit::judgement::firewall::View;
use crate::audit::judgement::replies::Blocked;
use crate::audit::judgement::required::Settled;
use crate::audit::judgement::required::{self, Judgement, NeedOutcome};

/// Rules that are looked at for all changed rule sets of a firewall and family together; beyond that no mend is worked out.
const MOST_WORK: usize = 2_000_000;
/// What a changed rule set costs beside its rules, in rules.
const EACH: usize = 2_000;

/// What mends are worked out from, on one firewall in one family.
pub(super) struct Planner<'m, 'a, A: FamilyAddress> {
    view: &'m View<'a, A>,
    needs: &'m [&'m Need],
    allows: &'m [&'m Allow],
    settled: &'m [Settled<'m, A>],
    dialect: &'static dyn Dialect,
    /// Whether the deployment writes rules for media by their source ports.
    declared_as_source: bool,
    /// Whether a rule gives packets another destination port.
    translates_ports: bool,
    left: Cell<usize>,
}

impl<'m, 'a, A: FamilyAddress> Planner<'m, 'a, A> {
    /// None where nobody can write the firewall's syntax.
    pub(super) fn new(
        view: &'m View<'a, A>,
        needs: &'m [&'m Need],
        allows: &'m [&'m Allow],
        settled: &'m [Settled<'m, A>],
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
            dialect,
            declared_as_source,
            translates_ports,
            left: Cell::new(MOST_WORK),
        })
    }

    /// Fills in how to mend a finding of a need.
    pub(super) fn need(&self, settled: &Settled<A>, misplaced: &[RuleId], finding: &mut Finding) {
        if !matches!(settled.judgement.outcome, NeedOutcome::Missing | NeedOutcome::Partial)
            || !matches!(finding.kind, Kind::Missing | Kind::Partial | Kind::Misdirected)
        {
            return;
        }
        finding.remediation = need::remediation(self, settled.need, settled.demand, &settled.judgement, misplaced);
        if finding.remediation.is_none() {
            finding.why.push_str(&self.unremediated(finding));
        }
    }

    /// Fills in how to let connections go on that a rule blocks.
    pub(super) fn replies(&self, blocked: &Blocked<A>, finding: &mut Finding) {
        finding.remediation = established::remediation(self, blocked);
        if finding.remediation.is_none() {
            let why = if self.left.get() < EACH { wording::TOO_MANY } else { wording::NO_WAY_BACK };
            finding.why.push_str(why);
        }
    }

    /// Fills in how to take back what is permitted without need. `all` is everything of that kind on this firewall.
    pub(super) fn surplus(&self, excess: &Excess<A>, all: &[Excess<A>], finding: &mut Finding) {
        if finding.kind != Kind::Excess {
            return;
        }
        let same = all.iter().filter(|other| other.rule == excess.rule && other.reasons.is_empty());
        let whole: Vec<PacketSet<A>> = same.flat_map(|other| other.packets.iter().cloned()).collect();
        finding.remediation = surplus::remediation(self, excess, &whole, &finding.excess);
        if finding.remediation.is_none() {
            let why = if self.left.get() < EACH { wording::TOO_MANY } else { wording::NO_REWRITE };
            finding.why.push_str(why);
        }
    }

    /// Why a need has no remediation.
    fn unremediated(&self, finding: &Finding) -> String {
        if self.left.get() < EACH {
            return wording::TOO_MANY.to_owned();
        }
        wording::nothing_helps(finding.rules.last().filter(|rule| rule.effect == "denies"))
    }

    /// What needs and exceptions allow between two zones, by their interfaces.
    fn may(&self, from: Zone, to: Zone) -> Vec<PacketSet<A>> {
        let zones = &self.view.zones;
        excess::taken(self.view, self.needs, self.allows, from, to, zones.points(from), zones.points(to))
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
                let source = view.export.sources.get(rule.origin.input);
                if source.is_some_and(|source| excused.contains(&(source.id.as_str(), rule.origin.line))) {
                    packets.extend_from_slice(view.judge.sets_of(RuleId { chain, place }));
                }
            }
        }
        packets
    }

    /// What needs and exceptions allow between any two zones.
    fn all_may(&self) -> Vec<PacketSet<A>> {
        Zone::pairs().flat_map(|(from, to)| self.may(from, to)).collect()
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
    /// destination living behind the interfaces they use.
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
        rows
    }

    /// The lines of rules in the export's syntax; none where it cannot say them, or where a line could not be shown as it is.
    fn lines(&self, chain: ChainId, rules: &[Match], action: &Action, comment: &str) -> Option<Vec<String>> {
        let mut lines = Vec::new();
        for packets in rules {
            let set = &self.view.export.rule_set;
            let new = NewRule { set, chain, family: A::FAMILY, packets, action, comment: Some(comment) };
            lines.extend(self.dialect.rule(&new).ok()?);
        }
        let plain = lines.iter().all(|line| crate::source::sanitise(line) == line.as_str());
        (plain && !lines.is_empty()).then_some(lines)
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

    /// Notes that a changed rule set is to be judged; none where that would be too many.
    fn spend(&self) -> Option<()> {
        let cost = EACH + self.view.export.rule_set.rule_count();
        self.left.set(self.left.get().checked_sub(cost)?);
        Some(())
    }
}
