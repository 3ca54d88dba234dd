//! A correct rule set gives the same audit in every style as in the plain one.

use std::sync::atomic::{AtomicUsize, Ordering};

use edgewarden::deployment::{AddressPlan, Deployment};
use edgewarden::findings::{Run, Severity};
use edgewarden::generate::draft;
use edgewarden::model::Draft;

use crate::audited;
use crate::deployments;
use crate::entries::{Entry, Wiring};
use crate::random::Random;
use crate::restyle::regroup::regroup;
use crate::restyle::{Pair, STYLES, Style, Wanted};
use crate::work::share;

/// The rule set that a firewall needs, from its draft.
pub fn wanted<'a>(address_plan: &'a AddressPlan, wiring: &'a Wiring, draft: &Draft) -> Wanted<'a> {
    let permits = draft.families.iter().map(|family| (*family, Entry::of_draft(draft, *family))).collect();
    let pair = |translation: &edgewarden::model::Translation| Pair {
        inner: translation.inner,
        outer: translation.outer,
        outside: translation.outside.clone(),
        moved_port: None,
    };
    let translations = draft.translations.iter().map(pair).collect();
    Wanted { address_plan, wiring, permits, translations, replies: true, one_by_one: false }
}

/// Findings that a clean rule set must not have, as one line each.
pub fn alarms(run: &Run) -> Vec<String> {
    let severe = run.findings.iter().filter(|finding| finding.severity < Severity::Info);
    severe.map(summary).collect()
}

/// A finding as one line.
pub fn summary(finding: &edgewarden::findings::Finding) -> String {
    let miss = finding.near_miss.as_ref().map(|miss| format!(" ({})", miss.kind)).unwrap_or_default();
    let rule = finding.rules.last().map(|rule| format!("{}:{}", rule.input, rule.line)).unwrap_or_default();
    format!(
        "{} {}{miss} {} {} {} {rule} {:?} | {}",
        finding.severity.name(),
        finding.kind.name(),
        finding.need.as_deref().unwrap_or(""),
        finding.node.as_deref().unwrap_or(""),
        finding.family.as_deref().unwrap_or(""),
        finding
            .excess
            .iter()
            .map(|row| format!("{}>{} {} {}", row.source, row.destination, row.protocol, row.destination_ports))
            .take(1)
            .collect::<Vec<_>>(),
        finding.why,
    )
}

/// Restyles the rule sets of one deployment and compares their audits. Returns a text for each difference.
fn check(seed: u64, style: &dyn Style, (sets, rewrites): (&AtomicUsize, &AtomicUsize)) -> Vec<String> {
    let deployment = deployments::deployment(seed);
    let address_plan = AddressPlan::of(&deployment);
    let mut random = Random::new(seed ^ 0x57e1);
    let mut wrong = Vec::new();
    for (index, firewall) in deployment.firewalls.iter().enumerate() {
        let wiring = Wiring::of(firewall);
        let plain_draft = draft(&deployment, firewall);
        let mut wanted = wanted(&address_plan, &wiring, &plain_draft);
        let plain = style.write(&wanted, &mut random, true);
        let reference = audited::run(&deployment, index, style.format(), &plain.files);
        let found = alarms(&reference);
        if !found.is_empty() {
            wrong.push(format!("seed {seed}, {}: the plain set has\n  {}\n", firewall.name, found.join("\n  ")));
            continue;
        }
        for round in 0..2 {
            let mut rewritten = 0;
            for (family, entries) in &mut wanted.permits {
                let (other, count) = regroup(std::mem::take(entries), *family, &mut random);
                *entries = other;
                rewritten += count;
            }
            let written = style.write(&wanted, &mut random, false);
            sets.fetch_add(1, Ordering::Relaxed);
            rewrites.fetch_add(rewritten + written.rewrites, Ordering::Relaxed);
            let run = audited::run(&deployment, index, style.format(), &written.files);
            let unread: usize = run.inputs.iter().map(|input| input.lines.unrecognised).sum();
            let found = alarms(&run);
            let (before, after) = (audited::statuses(&reference), audited::statuses(&run));
            let differ: Vec<String> = before
                .iter()
                .zip(&after)
                .filter(|(one, other)| one != other)
                .map(|(one, other)| format!("{one:?} became {other:?}"))
                .collect();
            if unread > 0 || !found.is_empty() || !differ.is_empty() || before.len() != after.len() {
                wrong.push(format!(
                    "seed {seed}, {}, round {round}: {unread} lines unread\n  {}\n  {}\n{}\n",
                    firewall.name,
                    found.join("\n  "),
                    differ.join("\n  "),
                    if std::env::var("EDGEWARDEN_LOOP_SHOW").is_ok() {
                        written.files.join("\n")
                    } else {
                        String::new()
                    },
                ));
            }
            if round == 0 {
                wrong.extend(changed_by_neutral_chains(&deployment, index, style, &written.files, &mut random));
            }
        }
    }
    wrong
}

/// The difference in the audit once chains that accept everything are added to those that decide.
pub fn changed_by_neutral_chains(
    deployment: &Deployment,
    index: usize,
    style: &dyn Style,
    files: &[String],
    random: &mut Random,
) -> Option<String> {
    let (with, without) = style.among_neutral(files, random)?;
    let run = |files: &[String]| audited::run(deployment, index, style.format(), files);
    let difference = audited::difference(&run(&without), &run(&with))?;
    let name = &deployment.firewalls[index].name;
    Some(format!("{name} among chains that accept everything: {difference}\n{}\n", with.join("\n")))
}

#[test]
fn a_correct_rule_set_audits_clean_in_every_style() {
    let mut differing = Vec::new();
    for style in STYLES {
        let quota = ("EDGEWARDEN_LOOP_STYLES", style.quota().restyled);
        let (sets, rewrites) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let wrong = share(*style, quota, |seed| (1, check(seed, *style, (&sets, &rewrites)))).concat();
        let (name, sets, rewrites) = (style.format().name(), sets.into_inner(), rewrites.into_inner());
        println!(
            "{name}: {sets} rule sets written in other ways, {rewrites} rewrites, {} audit otherwise",
            wrong.len()
        );
        assert!(sets > 0 && rewrites > sets, "{name}: {rewrites} rewrites of {sets} rule sets are too small a number");
        differing.extend(wrong);
    }
    let examples: String = differing.iter().take(3).map(String::as_str).collect();
    assert!(differing.is_empty(), "{} sets differ, for example\n{examples}", differing.len());
}
