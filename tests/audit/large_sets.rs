//! Rules over large sets and lines with many addresses: judged exactly, and without the work of taking them apart.

use std::fmt::Write as _;

use edgewarden::findings::Kind;
use edgewarden::formats::{Options, named, read};
use edgewarden::judge::{Interfaces, Judge, Route};
use edgewarden::model::{Action, Family, NewRule, RuleId};
use edgewarden::packets::{ConnectionState, Packet, TcpFlagSet};
use edgewarden::source::{Limits, Source};

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

fn a_rule_over_a_set_is_written_by_its_name(sets: &str) {
    let dump = filter("-i eth0 -p tcp -m set --match-set partners src -m tcp --dport 443 -j ACCEPT\n");
    let read_in =
        |name: &str, text: &str| Source::read(name, name, &mut text.as_bytes(), &Limits::default()).expect("text");
    let (dump, sets) = (read_in("ext", &dump), read_in("ext.2", sets));
    let reading = read(named("iptables"), &[&dump, &sets], &Options::default()).expect("a dump");
    let set = &reading.rule_set;
    let chain = set.chains.iter().position(|chain| chain.name == "FORWARD").expect("the chain");
    let packets = &set.chains[chain].rules[0].matches[0];
    let dialect = reading.format.dialect().expect("a writer");
    let new = NewRule { set, chain, family: Family::Ipv4, packets, action: &Action::Accept, comment: None };
    let lines = dialect.rule(&new).expect("lines");
    assert_eq!(lines, ["-A FORWARD -i eth0 -p tcp -m tcp --dport 443 -m set --match-set partners src -j ACCEPT"]);
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
    let dump = filter(&(rules + EXTERNAL));
    check(SINGLE, &[("ext", &dump)], "");
    let source = Source::read("ext", "ext", &mut dump.as_bytes(), &Limits::default()).expect("text");
    let reading = read(named("iptables"), &[&source], &Options::default()).expect("a dump");
    let forward = reading.rule_set.chains.iter().find(|chain| chain.name == "FORWARD").expect("the chain");
    assert_eq!(forward.rules.len(), 200 + EXTERNAL.trim().lines().count());
    assert!(forward.rules[..200].iter().all(|rule| rule.count() == 1024 && rule.matches.len() == 1));
    // The third line, source 5 with destination 7: behind two lines of 1,024 rules, and four sources with 32 destinations each.
    let interfaces = Interfaces::new(&reading.rule_set, &[]);
    let judge = Judge::<u32>::new(&reading.rule_set, &interfaces);
    let ip = |number: usize| u32::from(address(number).parse::<std::net::Ipv4Addr>().expect("an address"));
    let (packet, chain) = (
        Packet {
            protocol: 6,
            source: ip(2_004),
            destination: ip(2_506),
            source_port: 45_000,
            destination_port: 2_002,
            ingress: interfaces.point("eth0"),
            egress: interfaces.point("eth1"),
            state: ConnectionState::New,
            tcp_flags: TcpFlagSet::SYN,
            conditions: Vec::new(),
        },
        reading.rule_set.chains.iter().position(|chain| chain.name == "FORWARD").expect("the chain"),
    );
    let trace = judge.trace(Route::Forward, &packet);
    let rule = RuleId { chain, place: 2 };
    assert_eq!((trace.decider, trace.pair), (Some(rule), 4 * 32 + 6));
    let name = reading.rule_set.rule_name(rule, trace.pair, Family::Ipv4, |_| String::new());
    assert_eq!(name, format!("ip filter FORWARD {}", 2 * 1024 + 4 * 32 + 6 + 1));
}

#[test]
fn a_set_has_its_name_where_a_rule_is_written_anew_and_its_line_in_the_evidence() {
    let sets = hosts("partners", 300);
    a_rule_over_a_set_is_written_by_its_name(&sets);
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
