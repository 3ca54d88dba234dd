//! Rule sets that are made to take long: the audit ends in time, and is undecided if the budget is used up.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::harness::{EXTERNAL, Exports, SINGLE, filter};

/// Audits, and checks that this takes less than a generous limit for a debug build.
fn in_time(rules: &str) -> edgewarden::findings::Run {
    let exports = Exports::of(SINGLE, &[("ext", &filter(rules))]);
    let begun = Instant::now();
    let run = exports.audit();
    let took = begun.elapsed();
    eprintln!("{took:?}, {} findings", run.findings.len());
    assert!(took < Duration::from_secs(150), "{took:?}");
    run
}

#[test]
fn crossing_permits_and_denies_end_in_time() {
    let mut rules = String::new();
    for n in 0..1500_u32 {
        let (a, b) = (n % 250 + 1, n / 250);
        let _ =
            writeln!(rules, "-s {}.{b}.0.0/16 -p tcp --sport {}:{} -j DROP", a.max(11), 1024 + n * 7, 40000 + n * 5);
        let _ = writeln!(
            rules,
            "-d 10.45.16.10/31 -p tcp --dport {}:{} -s {}.0.0.0/9 -j ACCEPT",
            n * 11,
            n * 11 + 3000,
            a.max(11)
        );
    }
    let run = in_time(&format!("{rules}{EXTERNAL}"));
    assert!(run.summary.findings.critical > 0);
}

#[test]
fn thousands_of_returns_and_conditions_end_in_time() {
    let mut rules = ":MAZE - [0:0]\n-i eth0 -j MAZE\n".to_owned();
    for n in 0..500_u32 {
        let _ = writeln!(rules, "-A MAZE -s {}.{}.7.0/255.255.0.255 -j RETURN", n % 200 + 11, n % 256);
        let _ = writeln!(rules, "-A MAZE -p tcp --sport {}:{} -m set --match-set s{n} src -j RETURN", n * 13, n * 29);
        let _ = writeln!(rules, "-A MAZE -p tcp --dport {n} -m limit --limit 3/s -j ACCEPT");
    }
    in_time(&format!("{rules}{EXTERNAL}"));
}

#[test]
fn calls_that_double_at_each_level_end_in_time() {
    let mut rules = "-i eth0 -j L0\n".to_owned();
    for level in 0..25 {
        let _ = writeln!(rules, ":L{level} - [0:0]");
        let _ = writeln!(rules, "-A L{level} -s {}.0.0.0/8 -j L{}", level + 20, level + 1);
        let _ = writeln!(rules, "-A L{level} -p tcp --sport {}:60000 -j L{}", 2000 + level * 100, level + 1);
    }
    rules +=
        ":L25 - [0:0]\n-A L25 -p tcp --dport 9 -j ACCEPT\n-A L25 -m limit --limit 3/s -p tcp --dport 10 -j ACCEPT\n";
    in_time(&format!("{rules}{EXTERNAL}"));
}

#[test]
fn a_circle_of_calls_ends_and_is_undecided() {
    let run = in_time(&format!(":A - [0:0]\n:B - [0:0]\n-i eth0 -j A\n-A A -p tcp -j B\n-A B -p tcp -j A\n{EXTERNAL}"));
    assert_eq!(run.summary.needs.missing, 0);
}

#[test]
fn a_blocklist_of_thousands_leaves_exceptions() {
    let mut rules = String::new();
    for n in 0..4000_u32 {
        let _ = writeln!(rules, "-i eth0 -s {}.{}.{}.0/24 -j DROP", n % 90 + 11, n % 251, n / 17);
    }
    let run = in_time(&format!("{rules}{EXTERNAL}"));
    assert_eq!(run.summary.needs.missing + run.summary.needs.partial, 0);
}
