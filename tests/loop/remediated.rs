//! Every planted fault that comes with a remediation is mended by it: the lines are put into the text, and that audited again.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

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
use crate::{audited, deployments};

/// Plants every fault once into each firewall of a deployment, and mends what is found.
fn mend(seed: u64, style: &dyn Style) -> Tally {
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
            let written = style.write(&wanted, &mut random, false);
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

#[test]
fn every_remediation_of_a_planted_fault_mends_it() {
    let wanted = usize::try_from(crate::asked("EDGEWARDEN_LOOP_MENDS").unwrap_or(600)).unwrap();
    let next = AtomicU64::new(crate::asked("EDGEWARDEN_LOOP_SEED").unwrap_or(0));
    let applied = AtomicUsize::new(0);
    let sum = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for _ in 0..crate::threads() {
            scope.spawn(|| {
                while applied.load(Ordering::Relaxed) < wanted {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    for style in STYLES {
                        let tally = mend(seed, *style);
                        applied.fetch_add(tally.count(), Ordering::Relaxed);
                        sum.lock().unwrap().add(&tally);
                    }
                }
            });
        }
    });
    let tally = sum.into_inner().unwrap();
    println!(
        "applied {:?}; findings without a remediation: {:?}, by what was planted: {:?}",
        tally.applied, tally.without, tally.faults
    );
    for kind in ["missing", "partial", "excess"] {
        assert!(tally.applied.contains_key(kind), "no {kind} was mended");
    }
}
