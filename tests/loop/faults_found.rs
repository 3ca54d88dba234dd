//! Every planted fault is found, and reported as exactly that fault.

use std::collections::BTreeSet;

use edgewarden::deployment::AddressPlan;
use edgewarden::generate::draft;

use crate::entries::{Wiring, all_zones_named};
use crate::fault::Fault;
use crate::fault_case::{Fixture, make_case};
use crate::oracle::{Oracle, Status};
use crate::random::Random;
use crate::restyle::regroup::regroup;
use crate::restyle::{STYLES, Style};
use crate::score::{Outcome, Table, judge};
use crate::styles::wanted;
use crate::work::share;
use crate::{audited, deployments};

/// What went wrong with one case.
struct Report {
    fault: Fault,
    outcome: Outcome,
    text: String,
}

/// Plants every fault once into each firewall of a deployment.
fn check(seed: u64, style: &dyn Style) -> (Table, Vec<Report>) {
    let (mut table, mut reports) = (Table::default(), Vec::new());
    let deployment = deployments::deployment(seed);
    let address_plan = AddressPlan::of(&deployment);
    let mut random = Random::new(seed ^ 0xfa17);
    for (index, firewall) in deployment.firewalls.iter().enumerate() {
        // If a zone is not named, the expected result is unknown, since the audit has to find the zone's interfaces.
        if !all_zones_named(&deployment, index) {
            continue;
        }
        let wiring = Wiring::of(firewall);
        let clean = draft(&deployment, firewall);
        for fault in Fault::ALL {
            let mut wanted = wanted(&address_plan, &wiring, &clean);
            for (family, entries) in &mut wanted.permits {
                *entries = regroup(std::mem::take(entries), *family, &mut random).0;
            }
            let narrowed = if fault == Fault::FamilyUnaudited { deployments::with_one_family(seed) } else { None };
            if fault == Fault::FamilyUnaudited && narrowed.is_none() {
                continue;
            }
            // In that case the audited family has no fault.
            let place = if narrowed.is_some() { 0 } else { random.below(wanted.permits.len()) };
            let (family, entries) = wanted.permits[place].clone();
            let oracle = Oracle::new(&deployment, firewall, &wiring, &address_plan, family);
            if oracle.statuses(&entries, &[]).values().any(|status| *status != Status::Satisfied) {
                let text = format!("seed {seed}, {}: the oracle finds the draft incorrect", firewall.name);
                reports.push(Report { fault, outcome: Outcome::FalseAlarm, text });
                continue;
            }
            let fixture = Fixture { oracle: &oracle, entries: &entries, translations: &wanted.translations, style };
            let Some(case) = make_case(&fixture, fault, &mut random) else { continue };
            wanted.permits[place].1.clone_from(&case.entries);
            wanted.translations.clone_from(&case.translations);
            wanted.replies = case.replies;
            wanted.one_by_one = matches!(fault, Fault::TranslationMissing | Fault::TranslatedPort);
            let written = style.write(&wanted, &mut random, false);
            let lines: BTreeSet<(String, u32)> = case
                .mutated
                .iter()
                .flat_map(|entry| &written.places[place][*entry])
                .map(|(file, line)| (audited::file_id(&firewall.name, *file), *line))
                .collect();
            let run = audited::run(narrowed.as_ref().unwrap_or(&deployment), index, style.format(), &written.files);
            let (outcome, wrong) = judge(&run, &case.expected, &lines);
            table.count(fault, outcome);
            if outcome != Outcome::Found {
                let before: Vec<String> = case
                    .mutated
                    .iter()
                    .filter_map(|place| entries.get(*place))
                    .map(|entry| format!("{entry:?}"))
                    .collect();
                let mutated: Vec<String> =
                    case.mutated.iter().map(|place| format!("{:?}", case.entries[*place])).collect();
                let files = if crate::asked("EDGEWARDEN_LOOP_SHOW").is_some() {
                    written.files.join("\n")
                } else {
                    String::new()
                };
                let text = format!(
                    "seed {seed}, {}, {fault:?} in {}, lines {lines:?}\n  {}\n  was {}\n  is  {}\n{files}",
                    firewall.name,
                    family.name(),
                    wrong.join("\n  "),
                    before.join("\n      "),
                    mutated.join("\n      "),
                );
                reports.push(Report { fault, outcome, text });
            }
        }
    }
    (table, reports)
}

#[test]
fn every_planted_fault_is_found_as_that_fault() {
    let mut wrong = Vec::new();
    for style in STYLES {
        let name = style.format().name();
        let quota = ("EDGEWARDEN_LOOP_PLANTS", style.quota().faults);
        let (mut table, mut reports) = (Table::default(), Vec::new());
        for (part, found) in share(*style, quota, |seed| {
            let (table, reports) = check(seed, *style);
            (table.count_all(), (table, reports))
        }) {
            table.add(part);
            reports.extend(found);
        }
        println!("{name}: the outcome of each planted fault\n{}", table.text());
        let expected = Fault::ALL.into_iter().filter(|fault| !style.cannot_have().contains(fault)).collect();
        assert_eq!(table.planted(), expected, "{name}: not every fault was planted");
        wrong.extend(examples(reports));
    }
    assert!(wrong.is_empty(), "faults were not reported correctly:\n{}", wrong.join("\n"));
}

/// The first reports of each fault and outcome, as examples.
fn examples(mut reports: Vec<Report>) -> Vec<String> {
    let each = usize::try_from(crate::asked("EDGEWARDEN_LOOP_EACH").unwrap_or(1)).unwrap();
    reports.sort_by_key(|report| (report.fault, report.outcome));
    let mut kept: Vec<Report> = Vec::new();
    for report in reports {
        let same = |other: &&Report| (other.fault, other.outcome) == (report.fault, report.outcome);
        if kept.iter().filter(same).count() < each {
            kept.push(report);
        }
    }
    kept.into_iter().map(|report| report.text).collect()
}
