//! All remediations of a run together: several faults are planted in one rule set, all edits that its audit proposes are made,
//! and the result is audited again. Each remediation must have the effect that was proved for it alone.

use edgewarden::deployment::AddressPlan;
use edgewarden::generate::draft;

use crate::applied::{File, prove_together};
use crate::entries::{Wiring, all_zones_named};
use crate::fault::Fault;
use crate::fault_case::{Fixture, make_case};
use crate::oracle::Oracle;
use crate::random::Random;
use crate::restyle::regroup::regroup;
use crate::restyle::{STYLES, Style};
use crate::styles::wanted;
use crate::work::share;
use crate::{audited, deployments};

/// Plants two to five faults into each firewall of a deployment and makes all edits. Returns how many findings had a remediation.
fn remediate_all(seed: u64, style: &dyn Style) -> usize {
    let deployment = deployments::deployment(seed);
    let address_plan = AddressPlan::of(&deployment);
    let mut random = Random::new(seed ^ 0xa11);
    let mut cured = 0;
    for (index, firewall) in deployment.firewalls.iter().enumerate() {
        if !all_zones_named(&deployment, index) {
            continue;
        }
        let wiring = Wiring::of(firewall);
        let mut wanted = wanted(&address_plan, &wiring, &draft(&deployment, firewall));
        for (family, entries) in &mut wanted.permits {
            *entries = regroup(std::mem::take(entries), *family, &mut random).0;
        }
        let mut planted = Vec::new();
        for _ in 0..2 + random.below(4) {
            let fault = *random.pick(&Fault::ALL);
            let place = random.below(wanted.permits.len());
            let (family, entries) = wanted.permits[place].clone();
            let oracle = Oracle::new(&deployment, firewall, &wiring, &address_plan, family);
            let fixture = Fixture { oracle: &oracle, entries: &entries, translations: &wanted.translations, style };
            let Some(case) = make_case(&fixture, fault, &mut random) else { continue };
            wanted.permits[place].1.clone_from(&case.entries);
            wanted.translations.clone_from(&case.translations);
            wanted.replies &= case.replies;
            wanted.one_by_one |= matches!(fault, Fault::TranslationMissing | Fault::TranslatedPort);
            planted.push(fault);
        }
        let written = style.write(&wanted, &mut random, false);
        let run = audited::run(&deployment, index, style.format(), &written.files);
        let named = |(place, text): (usize, &String)| (audited::file_id(&firewall.name, place), text.clone());
        let files: Vec<File> = written.files.iter().enumerate().map(named).collect();
        let what = format!("seed {seed}, {}, {planted:?}", firewall.name);
        cured += prove_together(&what, &files, &run, |files| {
            let texts: Vec<String> = files.iter().map(|(_, text)| text.clone()).collect();
            audited::run(&deployment, index, style.format(), &texts)
        });
    }
    cured
}

#[test]
fn all_edits_of_a_run_can_be_made_together() {
    for style in STYLES {
        let quota = ("EDGEWARDEN_LOOP_TOGETHER", style.quota().remediations);
        let cured: Vec<usize> = share(*style, quota, |seed| {
            let cured = remediate_all(seed, *style);
            (cured, cured)
        });
        let (rule_sets, all) = (cured.iter().filter(|count| **count > 0).count(), cured.iter().sum::<usize>());
        println!("{}: {all} findings of {rule_sets} deployments cured by all edits together", style.format().name());
        assert!(all > 2 * rule_sets, "{all} findings in {rule_sets} deployments are too few to test edits together");
    }
}
