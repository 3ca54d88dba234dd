//! A run of the audit: judges every need of every node on every firewall of its side, then looks for excess, then counts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::catalog::Requirement;
use crate::deployment::needs::{Demand, Need, NotJudged, resolve};
use crate::deployment::{AddressPlan, Allow, AvRuleStyle, Family, Zone, interface_pattern};
use crate::findings::{
    self, DeploymentRef, Finding, Input, LineSummary, NeedStatus, RuleCounts, RuleRef, Run, Summary, Tool,
};
use crate::judge::{FamilyAddress, Interfaces};
use crate::model::InterfacePattern;
use crate::packets::{Interface, IntervalSet};

use crate::audit::case::{Case, Export};
use crate::audit::findings as made;
use crate::audit::findings::grouping;
use crate::audit::judgement::excess;
use crate::audit::judgement::firewall::View;
use crate::audit::judgement::near_miss;
use crate::audit::judgement::near_miss::{NearMiss, Search};
use crate::audit::judgement::path;
use crate::audit::judgement::path::Paths;
use crate::audit::judgement::replies;
use crate::audit::judgement::required::{self, Judgement, NeedOutcome, Settled};
use crate::audit::judgement::reverse_path;
use crate::audit::judgement::translation;
use crate::audit::judgement::translation::Fault;
use crate::audit::judgement::unlisted_family;
use crate::audit::remediation::{Cure, Planned, Planner, Taken};
use crate::audit::sanitise;

/// How many findings of excess on a firewall list every rule on the path of their example packet. Further findings list only the
/// rule that permits it.
const MOST_FOLLOWED: usize = 100;

/// Audits a case. The same case always gives the same run, byte for byte.
#[must_use]
pub fn audit(case: &Case) -> Run {
    let deployment = case.deployment;
    let address_plan = AddressPlan::of(deployment);
    let needs = resolve(deployment, &address_plan);
    let allows: Vec<&Allow> = deployment.allows.iter().filter(|allow| holds(allow, case.as_of)).collect();
    let answered: Vec<Option<Export>> = case.exports.iter().map(reverse_path::answered).collect();
    let exports: Vec<&Export> =
        case.exports.iter().zip(&answered).map(|(export, answered)| answered.as_ref().unwrap_or(export)).collect();
    let interfaces: Vec<Interfaces> = exports.iter().map(|export| axis(export)).collect();
    let mut audit = Audit {
        case,
        address_plan: &address_plan,
        allows,
        rows: vec![Vec::new(); needs.len()],
        found: Vec::new(),
        ranks: BTreeMap::new(),
        suspect: BTreeSet::new(),
        paths: Paths::default(),
    };
    for (index, (export, interfaces)) in exports.into_iter().zip(&interfaces).enumerate() {
        let mut taken = Taken::default();
        audit.family::<u32>((index, export), interfaces, &needs, &mut taken);
        audit.family::<u128>((index, export), interfaces, &needs, &mut taken);
    }
    let end_to_end = audit.paths.end_to_end(&needs);
    let rows = audit
        .rows
        .into_iter()
        .zip(&needs)
        .flat_map(|(rows, need)| if rows.is_empty() { vec![unjudged(case, need)] } else { rows });
    let rows: Vec<findings::Need> = rows.collect();
    let mut found = audit.found;
    made::in_order(&mut found, &audit.ranks);
    let inputs = inputs(case);
    let summary = summary(case, &rows, &found, &inputs, &audit.suspect);
    let mut run = Run {
        schema: findings::SCHEMA.to_owned(),
        tool: Tool { name: "edgewarden".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        as_of: case.as_of.to_string(),
        deployment: DeploymentRef {
            sha256: deployment.sha256.clone(),
            product: deployment.product.name().to_owned(),
            topology: deployment.topology.name().to_owned(),
        },
        inputs,
        summary,
        notes: notes(case).into_iter().chain(path::not_through(&end_to_end)).collect(),
        needs: rows,
        end_to_end,
        findings: found,
    };
    sanitise::sanitise_run(&mut run);
    run
}

/// Whether an exception is valid on a day; its last day is included.
fn holds(allow: &Allow, day: Date) -> bool {
    allow.expires.is_none_or(|last| day <= last)
}

/// The interface axis of an export: the interfaces that its rules and zones distinguish.
fn axis(export: &Export) -> Interfaces {
    let patterns: Vec<InterfacePattern> = Zone::ALL
        .into_iter()
        .filter_map(|zone| export.firewall.zones.of(zone))
        .flatten()
        .map(|name| interface_pattern(name))
        .collect();
    Interfaces::new(&export.rule_set, &patterns)
}

/// An audit in progress.
struct Audit<'a> {
    case: &'a Case<'a>,
    address_plan: &'a AddressPlan,
    /// The exceptions that are valid on the date of the audit.
    allows: Vec<&'a Allow>,
    /// For each need, its result on each firewall that judges it.
    rows: Vec<Vec<findings::Need>>,
    found: Vec<Finding>,
    /// The rank of each finding of excess, by its fingerprint.
    ranks: BTreeMap<String, u8>,
    /// Rules that permit something in excess, or might: by export, chain and place.
    suspect: BTreeSet<(usize, crate::model::RuleId)>,
    /// The results from which the end-to-end status of each need follows.
    paths: Paths,
}

impl<'a> Audit<'a> {
    /// Judges one export in one family.
    fn family<A: FamilyAddress>(
        &mut self,
        (index, export): (usize, &'a Export<'a>),
        interfaces: &'a Interfaces,
        needs: &[Need],
        taken: &mut Taken,
    ) {
        let family = A::FAMILY;
        if !export.rule_set.families.contains(&family) {
            return;
        }
        if !self.case.deployment.families.contains(&family) {
            let view = View::<A>::new(export, interfaces, self.address_plan, self.case.deployment);
            let finding = |found| made::of_unlisted_family(&view, self.case.deployment, found);
            self.found.extend(unlisted_family::of(&view).iter().filter_map(finding));
            return;
        }
        let mut view = View::<A>::new(export, interfaces, self.address_plan, self.case.deployment);
        let of_family: Vec<(usize, &Need)> =
            needs.iter().enumerate().filter(|(_, need)| need.family == family && need.is_of(export.firewall)).collect();
        let plain: Vec<&Need> = of_family.iter().map(|(_, need)| *need).collect();
        let translations = translation::of(&view, &plain);
        view.translates_edge = translations.any;
        view.touches_edge = translations.any || translations.touches;
        self.found.extend(translations.faults.iter().filter_map(|fault| made::of_fault(&view, fault)));
        let settled = self.settled(&view, &of_family);
        let of_family = plain;
        let mut common_interfaces = BTreeMap::new();
        let missing = settled.iter().any(|settled| settled.judgement.outcome == NeedOutcome::Missing);
        let unguarded = if missing { near_miss::set_aside(&view) } else { None };
        let search = missing.then(|| {
            let placed = settled.iter().flat_map(|settled| settled.judgement.permitters.iter().copied()).collect();
            Search::new(&view, unguarded.as_ref(), self.case.deployment, &of_family, placed)
        });
        let mut faults = Vec::new();
        for settled in &settled {
            note_interfaces(&mut common_interfaces, settled.demand, &settled.judgement);
            let near_miss = search.as_ref().and_then(|search| search.of(settled.demand, &settled.judgement));
            let number = self.found.len();
            let fault = translations.of(settled.need);
            self.record(&view, settled, near_miss.as_ref(), fault);
            if self.found.len() > number {
                faults.push((number, settled, near_miss.map(|found| found.rules).unwrap_or_default()));
            }
        }
        let satisfied = settled.iter().map(|settled| (settled.need, settled.demand, &settled.judgement));
        let blocked = replies::of(&view, satisfied);
        view.zones.separate(&common_interfaces);
        let found = excess::of(&view, &of_family, &self.allows);
        let given = (of_family.as_slice(), self.allows.as_slice());
        let planner = Planner::new(&view, given, &settled, &found, self.declared_as_source());
        let mut changes = Vec::new();
        for (number, settled, misplaced) in faults {
            let finding = self.found.get_mut(number);
            let proposal =
                planner.as_ref().zip(finding).and_then(|(planner, finding)| planner.need(settled, &misplaced, finding));
            changes.extend(proposal.map(|proposal| Planned { finding: number, cure: Cure::Need(settled), proposal }));
        }
        for blocked in &blocked {
            let Some(mut finding) = made::of_blocked(&view, blocked) else { continue };
            let proposal = planner.as_ref().and_then(|planner| planner.replies(blocked, &mut finding));
            let (number, cure) = (self.found.len(), Cure::Replies(blocked));
            changes.extend(proposal.map(|proposal| Planned { finding: number, cure, proposal }));
            self.found.push(finding);
        }
        for rule in found.iter().filter_map(|excess| excess.rule) {
            if export.rule_set.rule(rule).is_some() {
                self.suspect.insert((index, rule));
            }
        }
        let surplus = grouping::grouped(&view, self.case.deployment, found);
        for (number, excess) in surplus.iter().enumerate() {
            let mut finding = made::of_excess(&view, self.case.deployment, excess, number < MOST_FOLLOWED);
            let proposal = planner.as_ref().and_then(|planner| planner.surplus(excess, &surplus, &mut finding));
            let (number, cure) = (self.found.len(), Cure::Excess(excess));
            changes.extend(proposal.map(|proposal| Planned { finding: number, cure, proposal }));
            let rank = made::class_of(&view, self.case.deployment, excess).rank;
            self.ranks.insert(finding.fingerprint.clone(), rank);
            self.found.push(finding);
        }
        if let Some(planner) = &planner {
            planner.plan(changes, &mut self.found, &self.ranks, taken);
        }
    }

    /// Whether the deployment's rules for media name source ports as well.
    fn declared_as_source(&self) -> bool {
        self.case.deployment.av_rule_style == AvRuleStyle::SourceAndDestination
    }

    /// The result of each need. Needs with a media range come last, since their results depend on other needs.
    fn settled<'n, A: FamilyAddress>(&self, view: &View<A>, needs: &[(usize, &'n Need)]) -> Vec<Settled<'n, A>> {
        let (mut settled, mut open) = (Vec::new(), Vec::new());
        for (place, need) in needs {
            let Ok(demand) = &need.demand else { continue };
            let judgements = required::judge(view, demand);
            if judgements.iter().any(|judgement| matches!(judgement.outcome, NeedOutcome::Closed(_))) {
                open.push((*place, *need, demand, judgements));
            } else if let Some(judgement) = required::settle(judgements, false, |_| false) {
                settled.push(Settled { place: *place, need, demand, judgement });
            }
        }
        let satisfied: BTreeSet<(&str, &str)> = settled
            .iter()
            .filter(|settled| settled.judgement.outcome == NeedOutcome::Satisfied)
            .map(|settled| (settled.need.definition.id.as_str(), settled.need.node.as_str()))
            .collect();
        for (place, need, demand, judgements) in open {
            let is_satisfied = |id: &str| satisfied.contains(&(id, need.node.as_str()));
            if let Some(judgement) = required::settle(judgements, self.declared_as_source(), is_satisfied) {
                settled.push(Settled { place, need, demand, judgement });
            }
        }
        settled
    }

    /// Records the result of a need, with its finding.
    fn record<A: FamilyAddress>(
        &mut self,
        view: &View<A>,
        settled: &Settled<A>,
        near_miss: Option<&NearMiss>,
        fault: Option<&Fault<A>>,
    ) {
        let Settled { place, need, demand, judgement } = settled;
        let finding = made::of_need(view, need, demand, judgement, near_miss, fault);
        let status = match judgement.outcome {
            NeedOutcome::Satisfied | NeedOutcome::Closed(_) => NeedStatus::Satisfied,
            NeedOutcome::Undecided => NeedStatus::Undecided,
            NeedOutcome::Partial => NeedStatus::Partial,
            NeedOutcome::Missing if near_miss.is_some() => NeedStatus::Misdirected,
            NeedOutcome::Missing => NeedStatus::Missing,
        };
        self.paths.add(*place, &view.export.firewall.name, status, judgement);
        let exceptions = if judgement.exceptions.is_empty() {
            Vec::new()
        } else {
            vec![findings::notation::addresses(&judgement.exceptions, &IntervalSet::empty())]
        };
        self.rows[*place].push(findings::Need {
            id: need.definition.id.clone(),
            node: need.node.clone(),
            family: need.family.name().to_owned(),
            firewall: Some(view.export.firewall.name.clone()),
            status,
            requirement: demand.call.requirement.name().to_owned(),
            rows: row_ids(need),
            permitted_by: permitted_by(view.export, judgement),
            exceptions,
            reason: (status == NeedStatus::Undecided).then(|| judgement.reasons.join("; ")),
            finding: finding.as_ref().map(|finding| finding.id.clone()),
        });
        self.found.extend(finding);
    }
}

/// Narrows, for each zone of a satisfied need, the interfaces on which all satisfied needs so far are permitted.
fn note_interfaces<A: FamilyAddress>(
    common: &mut BTreeMap<Zone, IntervalSet<Interface>>,
    demand: &Demand,
    judgement: &Judgement<A>,
) {
    if judgement.outcome == NeedOutcome::Satisfied {
        for (zone, points) in [(demand.from, &judgement.interfaces.0), (demand.to, &judgement.interfaces.1)] {
            let so_far = common.entry(zone).or_insert_with(IntervalSet::full);
            *so_far = so_far.intersection(points);
        }
    }
}

fn row_ids(need: &Need) -> Vec<String> {
    need.rows.iter().map(|row| row.id.clone()).collect()
}

fn permitted_by<A: FamilyAddress>(export: &Export, judgement: &Judgement<A>) -> Vec<RuleRef> {
    let mut places: Vec<RuleRef> = judgement.permitters.iter().filter_map(|rule| export.place(*rule)).collect();
    places.sort();
    places.dedup();
    places
}

/// The row of a need that no firewall judged, with the reason.
fn unjudged(case: &Case, need: &Need) -> findings::Need {
    let side = need.definition.interface;
    let (status, requirement, reason) = match &need.demand {
        Err(NotJudged::NotApplicable(why)) => (NeedStatus::NotApplicable, None, why.clone()),
        Err(NotJudged::NotEvaluated(why)) => (NeedStatus::NotEvaluated, None, why.clone()),
        Ok(demand) => {
            let given = case.exports.iter().any(|export| need.is_of(export.firewall));
            let why = if given {
                format!("no export of that side holds {} rules", need.family.name())
            } else {
                format!("no export of an {} or combined firewall is given", side.name())
            };
            (NeedStatus::NotEvaluated, Some(demand.call.requirement), why)
        }
    };
    findings::Need {
        id: need.definition.id.clone(),
        node: need.node.clone(),
        family: need.family.name().to_owned(),
        firewall: None,
        status,
        requirement: requirement
            .unwrap_or(need.definition.called_for.first().map_or(Requirement::Mandatory, |call| call.requirement))
            .name()
            .to_owned(),
        rows: row_ids(need),
        permitted_by: Vec::new(),
        exceptions: Vec::new(),
        reason: Some(reason),
        finding: None,
    }
}

fn inputs(case: &Case) -> Vec<Input> {
    let of = |export: &Export| -> Vec<Input> {
        let files = export.sources.iter().zip(&export.lines).zip(&export.formats);
        let firewall = Some(export.firewall.name.as_str());
        files.map(|((source, lines), format)| Input::of(source, firewall, format, *lines)).collect()
    };
    case.exports.iter().flat_map(of).collect()
}

fn summary(
    case: &Case,
    needs: &[findings::Need],
    found: &[Finding],
    inputs: &[Input],
    suspect: &BTreeSet<(usize, crate::model::RuleId)>,
) -> Summary {
    let mut summary = Summary::default();
    for need in needs {
        summary.needs.add(need.status);
    }
    for finding in found {
        summary.findings.add(finding.severity);
    }
    let total = case.exports.iter().map(|export| export.rule_set.rule_count()).sum();
    summary.rules = RuleCounts { total, explained: total - suspect.len() };
    summary.lines = LineSummary {
        total: inputs.iter().map(|input| input.lines.total).sum(),
        understood: inputs.iter().map(|input| input.lines.understood).sum(),
    };
    summary
}

/// Notes on everything that limits the run.
fn notes(case: &Case) -> Vec<String> {
    let deployment = case.deployment;
    let mut notes: Vec<String> =
        deployment.warnings.iter().map(|(text, line)| format!("deployment line {line}: {text}")).collect();
    for key in &deployment.not_evaluated {
        notes.push(format!("{key} was read and is not evaluated by this version"));
    }
    for allow in deployment.allows.iter().filter(|allow| !holds(allow, case.as_of)) {
        let last = allow.expires.map(|date| date.to_string()).unwrap_or_default();
        notes.push(format!(
            "the exception at deployment line {} ({}) expired on {last} and no longer counts",
            allow.line, allow.reason
        ));
    }
    for export in &case.exports {
        let missing = deployment.families.iter().filter(|family| !export.rule_set.families.contains(family));
        let missing: Vec<&str> = missing.map(|family: &Family| family.name()).collect();
        if !missing.is_empty() {
            notes.push(format!("{}: the export holds no {} rules", export.firewall.name, missing.join(" and no ")));
        }
        if reverse_path::asked(export) {
            notes.push(format!("{}: {}", export.firewall.name, reverse_path::NOTE));
        }
        notes.extend(export.rule_set.notes.iter().map(|note| format!("{}: {note}", export.firewall.name)));
    }
    notes
}
