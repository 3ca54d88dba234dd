//! Rules over large sets and lines with many addresses: judged exactly, and without the work of taking them apart.

use std::fmt::Write as _;

use edgewarden::findings::Kind;

use crate::harness::{EXTERNAL, SINGLE, check, filter};

/// Addresses of the Internet, another one for each number.
fn address(number: usize) -> String {
    format!("20.{}.{}.{}", number / 65_536, number / 256 % 256, number % 256)
}

/// A set of pairs of an address and a port.
fn pairs(count: usize) -> String {
    let mut text = format!("create pairs hash:ip,port maxelem {count}\n");
    for number in 0..count {
        let _ = writeln!(text, "add pairs {},tcp:{}", address(number), 1024 + number % 60_000);
    }
    text
}

/// A set of addresses.
fn hosts(name: &str, count: usize) -> String {
    let mut text = format!("create {name} hash:ip maxelem {count}\n");
    for number in 0..count {
        let _ = writeln!(text, "add {name} {}", address(2 * number));
    }
    text
}

fn list(numbers: impl Iterator<Item = usize>) -> String {
    numbers.map(address).collect::<Vec<_>>().join(",")
}

#[test]
fn denies_of_a_hundred_thousand_pairs_in_each_style_change_nothing_that_needs_call_for() {
    let sets = pairs(100_000);
    for rules in [
        "-m set --match-set pairs src,dst -j DROP\n",
        "-i eth0 -o eth1 -m conntrack --ctstate NEW -m set --match-set pairs src,dst -j DROP\n",
        "-m set --match-set pairs src,dst -j DROP\n-m set --match-set pairs src,dst -j REJECT\n",
        ":LOGDROP - [0:0]\n-A LOGDROP -j LOG\n-A LOGDROP -j DROP\n-m set --match-set pairs src,dst -g LOGDROP\n",
        ":SEEN - [0:0]\n-A SEEN -p udp -j DROP\n-p tcp -m set --match-set pairs src,dst -j SEEN\n",
    ] {
        check(SINGLE, &[("ext", &filter(&(rules.to_owned() + EXTERNAL))), ("ext", &sets)], "");
    }
}

#[test]
fn what_a_large_set_opens_is_found_and_said_by_its_elements() {
    let sets = pairs(20_000) + "add pairs 20.99.1.2,tcp:3389\n";
    let sets = sets.replace("maxelem 20000", "maxelem 30000");
    let rules = EXTERNAL.to_owned() + "-i eth0 -o eth1 -d 10.45.16.10/32 -m set --match-set pairs src,dst -j ACCEPT\n";
    let run = check(
        SINGLE,
        &[("ext", &filter(&rules)), ("ext", &sets)],
        "critical excess ext: -A FORWARD -i eth0 -o eth1 -d 10.45.16.10/32 -m set --match-set pairs src,dst -j ACCEPT",
    );
    assert!(run.findings.iter().all(|finding| finding.kind == Kind::Excess));
}

#[test]
fn a_line_with_many_addresses_is_one_rule_that_says_which_pair_decided() {
    let mut rules = String::new();
    for line in 0..200 {
        let from = |start: usize| list((0..32).map(move |place| 1000 * line + start + place));
        let _ = writeln!(rules, "-s {} -d {} -p tcp -m tcp --dport {} -j DROP", from(0), from(500), 2000 + line);
    }
    check(SINGLE, &[("ext", &filter(&(rules + EXTERNAL)))], "");
}

#[test]
fn a_set_has_its_name_where_a_rule_is_written_anew_and_its_line_in_the_evidence() {
    let sets = hosts("partners", 300);
    let rules =
        EXTERNAL.to_owned() + "-i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m set --match-set partners src -j ACCEPT\n";
    let run = check(
        SINGLE,
        &[("ext", &filter(&rules)), ("ext", &sets)],
        "critical excess ext: -A FORWARD -i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m set --match-set partners src -j ACCEPT",
    );
    for finding in &run.findings {
        let named = finding.rules.iter().find(|rule| rule.effect == "is named").expect("the set's line");
        assert_eq!((named.input.as_str(), named.line), ("ext.2", 1), "{named:?}");
        assert!(named.text.starts_with("create partners"), "{named:?}");
    }
}
