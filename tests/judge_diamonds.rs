//! Chains that each call the next twice: a million ways through twenty of them, more than anybody could walk one by one. The
//! answers are known in advance, and have to come without the budget ending first.

#![allow(clippy::unwrap_used, clippy::panic)] // these are tests

use std::fmt::Write as _;

use edgewarden::formats::iptables;
use edgewarden::judge::{Budget, Interfaces, Judge, Query, Reachability, Reached, Route, Verdict};
use edgewarden::model::{RuleId, RuleSet};
use edgewarden::packets::{ConnectionState, IntervalSet, Packet, PacketSet, TcpFlagSet};
use edgewarden::source::{Limits, Source};

const LEVELS: usize = 40;

/// Forty levels; `rules` gives what stands in each before and at its two calls of the next. The last accepts TCP to port 80.
fn diamond(rules: impl Fn(usize, &str) -> String) -> RuleSet {
    let mut text = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n".to_owned();
    for level in 0..=LEVELS {
        writeln!(text, ":L{level} - [0:0]").unwrap();
    }
    text.push_str("-A FORWARD -j L0\n");
    for level in 0..LEVELS {
        for rule in rules(level, &format!("L{}", level + 1)).lines() {
            writeln!(text, "-A L{level} {rule}").unwrap();
        }
    }
    writeln!(text, "-A L{LEVELS} -p tcp -m tcp --dport 80 -j ACCEPT\nCOMMIT").unwrap();
    let source = Source::read("fw", "fw", &mut text.as_bytes(), &Limits::default()).unwrap();
    iptables::read(&[&source]).rule_set
}

fn packet(interfaces: &Interfaces, source: u32, port: u16) -> Packet<u32> {
    Packet {
        protocol: 6,
        destination_port: port,
        destination: 0x0a00_0001,
        source,
        source_port: 40_000,
        ingress: interfaces.point("eth0"),
        egress: interfaces.point("eth1"),
        state: ConnectionState::New,
        tcp_flags: TcpFlagSet::SYN,
        conditions: Vec::new(),
    }
}

/// Checks that exactly these sources get through to port 80, by whole sets and packet by packet, and that every rule is reached.
fn check(rules: &RuleSet, accepted: &IntervalSet<u32>) {
    let interfaces = Interfaces::new(rules, &[]);
    let judge = Judge::<u32>::new(rules, &interfaces);
    let query = Query::new(Route::Forward, PacketSet::full());
    let partition = judge.partition(&query, Budget::default());
    assert!(partition.pieces.iter().all(|piece| !matches!(piece.verdict, Verdict::Undecided(_))), "over budget");
    let sources = partition
        .pieces
        .iter()
        .filter(|piece| piece.verdict == Verdict::Accept)
        .inspect(|piece| {
            assert_eq!(piece.wire.destination_port, IntervalSet::single(80));
            assert_eq!(piece.wire.protocol, IntervalSet::single(6));
        })
        .fold(IntervalSet::empty(), |all, piece| all.union(&piece.wire.source));
    assert_eq!(&sources, accepted);
    for source in [0x0a00_0000, 0x0a7f_ffff, 0x0a80_0000, 0x0aff_ffff, 0x0b00_0000] {
        let verdict = judge.trace(Route::Forward, &packet(&interfaces, source, 80)).verdict;
        assert_eq!(verdict == Verdict::Accept, accepted.contains(source), "{source:#x}");
        assert_eq!(judge.trace(Route::Forward, &packet(&interfaces, source, 81)).verdict, Verdict::Drop);
    }
}

/// Which of the rules at each level something reaches.
fn reached_calls(rules: &RuleSet) -> Vec<bool> {
    let interfaces = Interfaces::new(rules, &[]);
    let judge = Judge::<u32>::new(rules, &interfaces);
    let mut reached = Reached::new(&judge);
    let mut calls = Vec::new();
    for level in 0..LEVELS {
        let chain = rules.chains.iter().position(|chain| chain.name == format!("L{level}")).unwrap();
        for place in 0..rules.chains[chain].rules.len() {
            match reached.of(RuleId { chain, place }, Budget::default()) {
                Reachability::By(..) => calls.push(true),
                Reachability::Never(_) => calls.push(false),
                Reachability::Undecided => panic!("L{level} {place} is undecided"),
            }
        }
    }
    calls
}

fn network(length: u32) -> IntervalSet<u32> {
    IntervalSet::range(0x0a00_0000, 0x0a00_0000 | (u32::MAX >> length))
}

#[test]
fn the_same_guard_twice_is_walked_once() {
    let rules = diamond(|_, next| format!("-s 10.0.0.0/8 -j {next}\n-s 10.0.0.0/8 -j {next}"));
    check(&rules, &network(8));
    assert!(reached_calls(&rules).into_iter().all(|reached| reached));
}

#[test]
fn overlapping_guards_are_walked_once() {
    let rules = diamond(|_, next| format!("-s 10.0.0.0/9 -j {next}\n-s 10.0.0.0/8 -j {next}"));
    check(&rules, &network(8));
    assert!(reached_calls(&rules).into_iter().all(|reached| reached));
}

#[test]
fn returns_between_the_calls_are_kept() {
    let rules = diamond(|_, next| format!("-s 10.0.0.0/9 -j {next}\n-s 10.128.0.0/9 -j RETURN\n-j {next}"));
    // From outside 10.0.0.0/8 the second call is open at every level; from 10.128.0.0/9 none is.
    let others = network(8).complement().union(&network(9));
    check(&rules, &others);
    // What returns at the first level never comes to the return at the others.
    let expected: Vec<bool> = (0..LEVELS).flat_map(|level| [true, level == 0, true]).collect();
    assert_eq!(reached_calls(&rules), expected);
}

#[test]
fn a_condition_at_each_call_leaves_open_what_hangs_on_them_and_nothing_else() {
    let rules = diamond(|level, next| {
        format!("-m string --string a{level} --algo bm -j {next}\n-m string --string b{level} --algo bm -j {next}")
    });
    let interfaces = Interfaces::new(&rules, &[]);
    let judge = Judge::<u32>::new(&rules, &interfaces);
    let trace = judge.trace(Route::Forward, &packet(&interfaces, 1, 80));
    assert!(matches!(trace.verdict, Verdict::Undecided(_)), "{trace:?}");
    let trace = judge.trace(Route::Forward, &packet(&interfaces, 1, 81));
    assert_eq!(trace.verdict, Verdict::Drop);
}
