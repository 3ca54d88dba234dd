//! The finding of a need: what it calls for, what of that is refused or undecided, and the rules that cause it.

use crate::deployment::Zone;
use crate::deployment::needs::{Demand, Need};
use crate::findings::fingerprint::{Identity, fingerprint};
use crate::findings::{Category, Disposition, Finding, Kind, RuleEvidence, Severity, TrafficRow, notation};
use crate::judge::FamilyAddress;
use crate::model::RuleId;

use super::near_miss;
use crate::audit::findings::evidence;
use crate::audit::findings::traffic_rows;
use crate::audit::findings::wording;
use crate::audit::judgement::firewall::View;
use crate::audit::judgement::near_miss::NearMiss;
use crate::audit::judgement::required::{Judgement, NeedOutcome};
use crate::audit::judgement::translation::Fault;

/// How many reasons a sentence lists.
pub(super) const MOST_REASONS: usize = 3;
/// Why a closed media range is acceptable.
const RELAYED: &str =
    "A policy of 443/tcp and 3478/udp alone is accepted for the media range: calls are relayed through them (C09).";

/// The finding of a need that is not satisfied, or whose media range is acceptably closed. A need that is satisfied has no
/// finding.
pub(in crate::audit) fn of_need<A: FamilyAddress>(
    view: &View<A>,
    need: &Need,
    demand: &Demand,
    judgement: &Judgement<A>,
    near_miss: Option<&NearMiss>,
    fault: Option<&Fault<A>>,
) -> Option<Finding> {
    let kind = match judgement.outcome {
        NeedOutcome::Satisfied => return None,
        NeedOutcome::Closed(_) => Kind::MediaRangeClosed,
        NeedOutcome::Undecided => Kind::Undecided,
        NeedOutcome::Partial => Kind::Partial,
        NeedOutcome::Missing if near_miss.is_some() => Kind::Misdirected,
        NeedOutcome::Missing => Kind::Missing,
    };
    let expected = traffic_rows::rows(view, demand.from, demand.to, &judgement.expected);
    let gap = traffic_rows::rows(view, demand.from, demand.to, &judgement.gap);
    let what = wording::need(need.definition, &ports_of(&expected, demand), &need.node);
    let firewall = &view.export.firewall.name;
    let mut shadowed = Vec::new();
    let (witness, mut rules) = match traffic_rows::witness(view, &judgement.gap, &judgement.wire) {
        Some((shown, packet)) => {
            let trace = view.judge.trace(view.route_of(&packet), &packet);
            if kind == Kind::Missing {
                shadowed = evidence::shadowed(view, view.route(demand.from, demand.to), &judgement.expected);
            }
            (Some(shown), evidence::on_the_path(view, &trace))
        }
        None => (None, Vec::new()),
    };
    let title = match kind {
        Kind::Missing => format!("{what} is not permitted by {firewall}"),
        Kind::Partial => format!("{what} is permitted only in part by {firewall}"),
        Kind::Misdirected => format!("{what} is misdirected on {firewall}"),
        Kind::MediaRangeClosed => format!("{what} is closed on {firewall}; 443/tcp and 3478/udp replace it"),
        _ => format!("{what}: cannot be determined from {firewall}'s export"),
    };
    let mut why = match kind {
        Kind::Misdirected => near_miss.map(|found| near_miss::why(view, found)).unwrap_or_default(),
        Kind::Missing if fault.is_some() && !shadowed.is_empty() => {
            why_untranslated(view, &shadowed, demand.from == Zone::EdgeExternal)
        }
        Kind::Missing if shadowed.is_empty() => "No rule permits any of it.".to_owned(),
        Kind::Missing => why_shadowed(view, &shadowed),
        Kind::Partial => "Some of it is permitted and some is not; the gap is listed.".to_owned(),
        Kind::MediaRangeClosed => RELAYED.to_owned(),
        _ => format!("It depends on: {}.", wording::listed(&judgement.reasons, MOST_REASONS)),
    };
    why.push_str(&consequence(kind, need));
    let effect = if fault.is_some() { "would permit" } else { "shadowed" };
    let too_late = shadowed.iter().filter_map(|one| evidence::quote(view.export, one.rule, effect));
    rules.splice(0..0, too_late);
    let near_miss = near_miss.map(|found| near_miss::evidence(view, found));
    if let Some(near_miss) = &near_miss {
        rules.splice(0..0, near_miss.rules.iter().cloned());
    }
    if kind == Kind::Partial {
        let mut permitting = evidence::permitting(view.export, &judgement.permitters);
        permitting.retain(|rule| !rules.iter().any(|there| (&there.input, there.line) == (&rule.input, rule.line)));
        rules.splice(0..0, permitting);
    }
    if kind == Kind::Undecided {
        add_new(&mut rules, evidence::doubtful(view.export, &judgement.doubtful));
    }
    let identity = Identity {
        kind: kind.name(),
        need: &need.definition.id,
        role: need.definition.role.name(),
        firewall,
        interface: need.definition.interface.name(),
        direction: need.definition.direction.name(),
        node: &need.node,
        family: need.family.name(),
        packets: &expected,
    };
    let (fingerprint, id) = fingerprint(&identity);
    Some(Finding {
        id,
        fingerprint,
        kind,
        severity: if kind == Kind::MediaRangeClosed { Severity::Info } else { demand.call.severity },
        category: Category::Service,
        disposition: Disposition::Open,
        title,
        why,
        need: Some(need.definition.id.clone()),
        role: Some(need.definition.role.name().to_owned()),
        interface: Some(need.definition.interface.name().to_owned()),
        direction: Some(need.definition.direction.name().to_owned()),
        firewall: Some(firewall.clone()),
        node: Some(need.node.clone()),
        family: Some(need.family.name().to_owned()),
        expected,
        gap,
        excess: Vec::new(),
        near_miss,
        witness,
        rules,
        remediation: None,
    })
}

/// Adds the rules that are not in the list yet.
fn add_new(rules: &mut Vec<RuleEvidence>, more: Vec<RuleEvidence>) {
    for rule in more {
        if !rules.iter().any(|there| (&there.input, there.line) == (&rule.input, rule.line)) {
            rules.push(rule);
        }
    }
}

/// The sentence that the filter rules are right but the translation is wrong.
fn why_untranslated<A: FamilyAddress>(view: &View<A>, right: &[evidence::Shadowed], outbound: bool) -> String {
    let lines: Vec<String> =
        right.iter().filter_map(|one| view.export.place(one.rule)).map(|place| place.line.to_string()).collect();
    let (line, verb) = if lines.len() == 1 { ("Line", "permits") } else { ("Lines", "permit") };
    let whose = if outbound { "leaves with the public address" } else { "arrives with the Edge's own address" };
    format!("{line} {} {verb} what {whose}; it is the translation that is wrong.", lines.join(", "))
}

/// The sentence on why rules that would permit a need do not: it names the rules before them, if these are known.
fn why_shadowed<A: FamilyAddress>(view: &View<A>, shadowed: &[evidence::Shadowed]) -> String {
    let lines = |rules: &[RuleId]| {
        let places = rules.iter().filter_map(|rule| view.export.place(*rule));
        places.map(|place| place.line.to_string()).collect::<Vec<_>>().join(", ")
    };
    let sentences: Vec<String> = shadowed
        .iter()
        .map(|one| {
            let late = lines(&[one.rule]);
            if one.by.is_empty() {
                format!("Line {late} would permit it, but no such packet reaches it: an earlier rule decides.")
            } else {
                format!("Line {late} would permit it, but line {} comes first.", lines(&one.by))
            }
        })
        .collect();
    sentences.join(" ")
}

/// The destination ports of rows, for a title. If a zone has no interface and there are no rows, the ports the need calls for.
fn ports_of(rows: &[TrafficRow], demand: &Demand) -> String {
    let mut ports: Vec<String> = rows.iter().map(|row| row.destination_ports.clone()).collect();
    if ports.is_empty() {
        let called_for = demand.must.first().into_iter().flat_map(|alternative| &alternative.packets);
        ports.extend(called_for.map(|packets| notation::ports(&packets.destination_port)));
    }
    ports.dedup();
    ports.join(",")
}

/// The consequence of the finding, and the documents that call for the need.
fn consequence(kind: Kind, need: &Need) -> String {
    let when_missing = &need.definition.when_missing;
    match kind {
        Kind::MediaRangeClosed => format!(" {}", needed_by(need)),
        Kind::Partial => format!(" For what is refused: {when_missing} {}", needed_by(need)),
        _ => format!(" {when_missing} {}", needed_by(need)),
    }
}

/// `Needed by external.access.tcp-443.in (S004.T1.R05).`
fn needed_by(need: &Need) -> String {
    let rows: Vec<&str> = need.rows.iter().map(|row| row.id.as_str()).collect();
    if rows.is_empty() {
        format!("Needed by {}.", need.definition.id)
    } else {
        format!("Needed by {} ({}).", need.definition.id, rows.join(", "))
    }
}
