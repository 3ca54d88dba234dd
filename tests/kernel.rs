//! Compares `edgewarden trace` with the Linux kernel: random rule sets and real dumps are loaded into a network namespace, every
//! probe is sent as a real packet, and the verdict and the deciding rule of both must be equal.
//!
//! This needs root, Python, iptables and ipset. If they are missing, the tests print that and pass. `EDGEWARDEN_KERNEL_SETS` sets
//! the number of rule sets of each family; if it is set, the tests fail if they cannot run. `EDGEWARDEN_KERNEL_SEED` repeats a
//! run, `EDGEWARDEN_KERNEL_PROFILE` selects rule sets of one profile. See `kernel/README.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // these are helpers of tests

#[path = "kernel/referee.rs"]
mod referee;
#[path = "kernel/tally.rs"]
mod tally;

use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use referee::{Case, python, referee};
use tally::Tally;

/// Rule sets of each family in an ordinary `cargo test`: one of each profile.
const SETS: u64 = 7;
const PROBES: u64 = 400;
/// How many rule sets are generated, loaded and compared together. This limits the space needed on the disk.
const BATCH: u64 = 24;
const SECONDS_OF_A_WEEK: u64 = 7 * 24 * 60 * 60;

/// A number from the environment; an unreadable one is an error, not a default.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}: {text:?} is not a number")))
}

/// The kinds of ipset that this kernel does not have, or the reason why the kernel cannot be asked.
fn ready() -> Result<String, String> {
    let output = python(&["oracle.py", "--missing-set-kinds"])?;
    Ok(output.split_whitespace().collect::<Vec<&str>>().join(" "))
}

/// The kinds of ipset that this kernel does not have. `None`, after the reason is printed, if the kernel cannot be asked and
/// `EDGEWARDEN_KERNEL_SETS` is not set.
fn missing_set_kinds() -> Option<String> {
    match ready() {
        Ok(missing) => Some(missing),
        Err(reason) if number("EDGEWARDEN_KERNEL_SETS").is_some() => panic!("the kernel cannot be asked: {reason}"),
        Err(reason) => {
            println!("skipped: the kernel cannot be asked: {reason}");
            None
        }
    }
}

/// Judges this many random rule sets of one kind (`iptables` or `ip6tables`), and compares.
fn random_sets(kind: &'static str, first: u64, sets: u64, without: &str, cpu: usize) -> Tally {
    let mut tally = Tally::new(kind);
    let profile = std::env::var("EDGEWARDEN_KERNEL_PROFILE").ok();
    let mut seed = first;
    while seed < first + sets {
        let count = BATCH.min(first + sets - seed);
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().to_str().expect("a name in UTF-8");
        let (seed_text, count_text, probes) = (seed.to_string(), count.to_string(), PROBES.to_string());
        let mut arguments = vec!["gen.py", kind, "--seed", &seed_text, "--sets", &count_text, "--probes", &probes];
        arguments.extend(["--without", without, "--out", out]);
        if let Some(profile) = &profile {
            arguments.extend(["--profile", profile]);
        }
        python(&arguments).expect("rule sets");
        referee(folder.path(), cpu, &mut tally, |case: &Case| {
            // Every second one is read as the tool prints it, the others as they were written.
            if case.place.is_multiple_of(2) { case.written.clone() } else { case.saved.clone() }
        });
        seed += count;
    }
    tally
}

#[test]
fn the_kernel_says_the_same_of_random_rule_sets() {
    let Some(without) = missing_set_kinds() else { return };
    let sets = number("EDGEWARDEN_KERNEL_SETS").unwrap_or(SETS);
    let week = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() / SECONDS_OF_A_WEEK);
    let seed = number("EDGEWARDEN_KERNEL_SEED").unwrap_or(week * 100_000);
    println!(
        "{sets} rule sets of each family; EDGEWARDEN_KERNEL_SEED={seed} EDGEWARDEN_KERNEL_SETS={sets} repeats this"
    );
    if !without.is_empty() {
        println!("this kernel was built without ipsets of {without}");
    }
    let start = Instant::now();
    let (v4, v6) = std::thread::scope(|scope| {
        let v4 = scope.spawn(|| random_sets("iptables", seed, sets, &without, 0));
        let v6 = scope.spawn(|| random_sets("ip6tables", seed, sets, &without, 1));
        (v4.join().expect("IPv4"), v6.join().expect("IPv6"))
    });
    println!("{v4}\n{v6}\n{:.1} s", start.elapsed().as_secs_f64());
    for tally in [&v4, &v6] {
        assert_eq!(tally.not_loaded, Vec::<String>::new(), "{}: the generator writes what loads", tally.name);
        assert!(
            tally.probes == sets * PROBES && tally.undecided < tally.probes,
            "{}: every probe is answered",
            tally.name
        );
    }
    assert!(v4.agrees() && v6.agrees(), "the kernel disagrees, as told above");
}

/// The real exports, where they are at hand.
fn corpus() -> Option<PathBuf> {
    let shared = std::env::var_os("EDGEWARDEN_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let corpus = shared.join("corpus/iptables");
    corpus.is_dir().then_some(corpus)
}

#[test]
fn the_kernel_says_the_same_of_real_dumps() {
    let Some(corpus) = corpus() else {
        println!("skipped: no corpus at hand (set EDGEWARDEN_SHARED)");
        return;
    };
    if missing_set_kinds().is_none() {
        return;
    }
    let tally = dumps("real dumps", &corpus, 500);
    assert!(tally.agrees(), "the kernel disagrees, as told above");
}

#[test]
fn the_kernel_says_the_same_of_rule_sets_written_by_hand() {
    if missing_set_kinds().is_none() {
        return;
    }
    let tally = dumps("by hand", &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kernel/by_hand.rules"), 100);
    assert!(tally.sets > 90, "nearly all of them load: {tally}");
    assert!(tally.agrees(), "the kernel disagrees, as told above");
}

/// Judges dumps with so many probes from each one's own words, and compares.
fn dumps(name: &'static str, from: &Path, probes: u64) -> Tally {
    let start = Instant::now();
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("a name in UTF-8");
    let from = from.to_str().expect("a name in UTF-8");
    python(&["corpus.py", from, "--probes", &probes.to_string(), "--out", out]).expect("probes of the dumps");
    let mut tally = Tally::new(name);
    referee(folder.path(), 0, &mut tally, |case: &Case| case.written.clone());
    println!("{tally}\n{:.1} s", start.elapsed().as_secs_f64());
    tally
}
