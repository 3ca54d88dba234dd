//! The kernel's loaders accept the files that the styles write, and the dumps that they print afterwards give the same audit.
//!
//! If a style's loader cannot run (no root, no programs, no module), the test prints that and continues with the next style.

use std::path::Path;

use edgewarden::deployment::AddressPlan;
use edgewarden::generate::draft;

use crate::entries::Wiring;
use crate::random::Random;
use crate::restyle::regroup::regroup;
use crate::restyle::{Loaded, STYLES, Style};
use crate::styles::{alarms, wanted};
use crate::{audited, deployments};

/// Loads one styled rule set; returns whether it was loaded. The dump that is then printed must audit clean.
fn check(seed: u64, style: &dyn Style, folder: &Path) -> Result<usize, String> {
    let deployment = deployments::deployment(seed);
    let address_plan = AddressPlan::of(&deployment);
    let mut random = Random::new(seed ^ 0x10ad);
    let mut loaded = 0;
    for (index, firewall) in deployment.firewalls.iter().enumerate() {
        let wiring = Wiring::of(firewall);
        let mut wanted = wanted(&address_plan, &wiring, &draft(&deployment, firewall));
        for (family, entries) in &mut wanted.permits {
            *entries = regroup(std::mem::take(entries), *family, &mut random).0;
        }
        let written = style.write(&wanted, &mut random, false);
        match style.load(folder, &written.files) {
            Loaded::Impossible(why) => return Err(why),
            Loaded::Refused(why) => panic!("seed {seed}, {}: {why}\n{}", firewall.name, written.files.join("\n")),
            Loaded::Saved(saved) => {
                let before = audited::run(&deployment, index, style.format(), &written.files);
                let after = audited::run(&deployment, index, style.format(), &saved);
                assert_eq!(audited::statuses(&before), audited::statuses(&after), "seed {seed}, {}", firewall.name);
                assert_eq!(alarms(&after), Vec::<String>::new(), "seed {seed}, {}", firewall.name);
                loaded += 1;
            }
        }
    }
    Ok(loaded)
}

#[test]
fn the_loaders_of_devices_accept_the_files_of_all_styles() {
    let folder = tempfile::tempdir().expect("a folder");
    for style in STYLES {
        let name = style.format().name();
        let first = crate::asked("EDGEWARDEN_LOOP_SEED").unwrap_or(style.seed());
        let count = crate::asked("EDGEWARDEN_LOOP_LOADS").unwrap_or(style.quota().loads as u64);
        let loaded: Result<Vec<usize>, String> =
            (first..first + count).map(|seed| check(seed, *style, folder.path())).collect();
        match loaded {
            Ok(counts) => println!(
                "{name}: {} rule sets loaded, and the dumps printed afterwards audit the same",
                counts.iter().sum::<usize>()
            ),
            Err(why) => println!("{name}: skipped, this machine cannot load it: {}", why.trim()),
        }
    }
}
