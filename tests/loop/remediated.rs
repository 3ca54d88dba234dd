//! Every remediation of a planted fault cures it: the remediation is applied to the text, and the result is audited again.

use edgewarden::deployment::AddressPlan;
use edgewarden::generate::draft;

use crate::applied::{File, Tally, prove};
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

/// Plants every fault once into each firewall of a deployment, and applies the remediations of the findings.
fn remediate(seed: u64, style: &dyn Style) -> Tally {
    let mut tally = Tally::default();
    let deployment = deployments::deployment(seed);
    let address_plan = AddressPlan::of(&deployment);
    let mut random = Random::new(seed ^ 0x3e4d);
    for (index, firewall) in deployment.firewalls.iter().enumerate() {
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
            let place = random.below(wanted.permits.len());
            let (family, entries) = wanted.permits[place].clone();
            let oracle = Oracle::new(&deployment, firewall, &wiring, &address_plan, family);
            let fixture = Fixture { oracle: &oracle, entries: &entries, translations: &wanted.translations, style };
            let Some(case) = make_case(&fixture, fault, &mut random) else { continue };
            wanted.permits[place].1.clone_from(&case.entries);
            wanted.translations.clone_from(&case.translations);
            wanted.replies = case.replies;
            wanted.one_by_one = matches!(fault, Fault::TranslationMissing | Fault::TranslatedPort);
            let mut written = style.write(&wanted, &mut random, false);
            // Every second rule set gets additional chains that accept everything and have no effect.
            if random.chance(50)
                && let Some((with, without)) = style.among_neutral(&written.files, &mut random)
            {
                let plain = audited::run(&deployment, index, style.format(), &without);
                let difference = audited::difference(&plain, &audited::run(&deployment, index, style.format(), &with));
                assert_eq!(difference, None, "seed {seed}, {}, {fault:?}\n{}", firewall.name, with.join("\n"));
                written.files = with;
            }
            let run = audited::run(&deployment, index, style.format(), &written.files);
            let named = |(place, text): (usize, &String)| (audited::file_id(&firewall.name, place), text.clone());
            let files: Vec<File> = written.files.iter().enumerate().map(named).collect();
            let proved = prove(&format!("seed {seed}, {}, {fault:?}", firewall.name), &files, &run, |files| {
                let texts: Vec<String> = files.iter().map(|(_, text)| text.clone()).collect();
                audited::run(&deployment, index, style.format(), &texts)
            });
            for count in proved.without.values() {
                *tally.faults.entry(format!("{fault:?}")).or_default() += count;
            }
            tally.add(&proved);
        }
    }
    tally
}

/// The least percentage of findings with a remediation, among the kinds that rules can cure.
const LEAST_SHARE: usize = 90;

#[test]
fn every_remediation_of_a_planted_fault_cures_it() {
    for style in STYLES {
        let name = style.format().name();
        let quota = ("EDGEWARDEN_LOOP_REMEDIATIONS", style.quota().remediations);
        let mut tally = Tally::default();
        for part in share(*style, quota, |seed| {
            let tally = remediate(seed, *style);
            (tally.count(), tally)
        }) {
            tally.add(&part);
        }
        let (with, without) = (tally.count(), tally.without.values().sum::<usize>());
        println!(
            "{name}: applied {:?}; {with} of {} findings have a remediation; without: {:?}, by what was planted: {:?}",
            tally.applied,
            with + without,
            tally.without,
            tally.faults
        );
        for kind in ["missing", "partial", "excess"] {
            assert!(tally.applied.contains_key(kind), "{name}: no remediation of a {kind} finding was applied");
        }
        assert!(100 * with >= LEAST_SHARE * (with + without), "{name}: only {with} of {} have one", with + without);
    }
}
