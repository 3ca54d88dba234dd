//! What a whole rule set costs from its text to its answers, as ratios to the yardstick: reading and tokenising the same text.
//!
//! `cargo bench --bench judge` measures made rule sets of 10,000 and 100,000 rules, flat and in chains; paths of dumps behind
//! `--` are measured instead.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, clippy::cast_possible_truncation)] // a bench

mod made;

use std::time::{Duration, Instant};

use edgewarden::formats;
use edgewarden::judge::{Budget, Interfaces, Judge, Query, Reachability, Reached, Route, Verdict};
use edgewarden::model::RuleId;
use edgewarden::packets::{ConnectionState, IntervalSet, Packet, PacketSet, StateSet, TcpFlagSet};
use edgewarden::source::{Limits, Source};

fn main() {
    let paths: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    println!("{:>34} {:>9} {:>9} {:>8}", "", "ms", "Y", "");
    if paths.is_empty() {
        for rules in [5_000, 10_000, 100_000] {
            measure(&format!("flat, {rules} rules"), &made::flat(rules));
            measure(&format!("a hundred chains, {rules} rules"), &made::in_chains(rules));
            measure(&format!("block list, {rules} rules"), &made::block_list(rules));
        }
    }
    for path in paths {
        measure(&path, &std::fs::read_to_string(&path).unwrap());
    }
}

/// Prints what a step took, in milliseconds and in yardsticks.
fn step<T>(name: &str, yard: Duration, work: impl FnOnce() -> (T, String)) -> T {
    let start = Instant::now();
    let (result, remark) = work();
    let took = start.elapsed();
    println!("{name:>34} {:>9.2} {:>9.1} {remark}", took.as_secs_f64() * 1e3, took.as_secs_f64() / yard.as_secs_f64());
    result
}

fn measure(name: &str, text: &str) {
    println!("{name}, {:.1} MB", text.len() as f64 / 1e6);
    let yard = (0..3).map(|_| yardstick(text)).min().unwrap();
    println!("{:>34} {:>9.2} {:>9.1}", "yardstick", yard.as_secs_f64() * 1e3, 1.0);
    let reading = step("reading", yard, || {
        let source = Source::read("fw", "fw", &mut text.as_bytes(), &Limits::default()).unwrap();
        (formats::iptables::read(&[&source]), String::new())
    });
    let rules = &reading.rule_set;
    let interfaces = Interfaces::new(rules, &[]);
    let judge = step("compiling and index", yard, || (Judge::<u32>::new(rules, &interfaces), String::new()));
    step("40 requirement queries", yard, || {
        let (mut pieces, mut undecided) = (0, 0);
        for number in 0..40 {
            let partition = judge.partition(&requirement(number), Budget::default());
            pieces += partition.pieces.len();
            undecided += usize::from(
                partition
                    .pieces
                    .iter()
                    .any(|piece| matches!(piece.verdict, Verdict::Undecided(_)) && piece.decider.is_none()),
            );
        }
        ((), format!("{pieces} pieces, {undecided} over budget"))
    });
    step("1,000 packets traced", yard, || {
        let mut random = made::Random(7);
        let mut accepted = 0;
        for _ in 0..1000 {
            let trace = judge.trace(Route::Forward, &packet(&mut random, &interfaces));
            accepted += usize::from(trace.verdict == Verdict::Accept);
        }
        ((), format!("{accepted} accepted"))
    });
    step("unreached rules, all", yard, || {
        let start = Instant::now();
        let mut reached = Reached::new(&judge);
        let (mut asked, mut never, mut undecided, mut all) = (0, 0, 0, 0);
        for (chain, of_chain) in rules.chains.iter().enumerate() {
            for place in 0..of_chain.rules.len() {
                all += 1;
                if start.elapsed() > Duration::from_secs(60) {
                    continue;
                }
                asked += 1;
                match reached.of(RuleId { chain, place }, Budget::default()) {
                    Reachability::By(..) => {}
                    Reachability::Never(_) => never += 1,
                    Reachability::Undecided => undecided += 1,
                }
            }
        }
        ((), format!("{never} of {asked} (of {all}) never, {undecided} undecided"))
    });
    println!("{:>34} {:>9} MB", "peak memory so far", peak_memory());
}

/// Reading and tokenising the same text: lines, and words between blanks.
fn yardstick(text: &str) -> Duration {
    let start = Instant::now();
    let words: usize = text.lines().map(|line| line.split(' ').filter(|word| !word.is_empty()).count()).sum();
    std::hint::black_box(words);
    start.elapsed()
}

/// What an Edge Server needs from everywhere, by number: one address, one port.
fn requirement(number: u32) -> Query<u32> {
    let ports = [443, 5061, 3478, 80, 53, 5269, 8057, 4443];
    let wire = PacketSet {
        protocol: IntervalSet::single(if number % 4 == 3 { 17 } else { 6 }),
        source_port: IntervalSet::range(1024, 65535),
        destination_port: IntervalSet::single(ports[number as usize % ports.len()]),
        destination: IntervalSet::single(made::EDGE + number % 5),
        state: StateSet::single(ConnectionState::New),
        tcp_flags: TcpFlagSet::openers(),
        ..PacketSet::full()
    };
    Query::new(Route::Forward, wire)
}

fn packet(random: &mut made::Random, interfaces: &Interfaces) -> Packet<u32> {
    Packet {
        protocol: 6,
        destination_port: [443, 80, 22, 5061][random.below(4) as usize],
        destination: made::EDGE + random.below(256) as u32,
        source: random.below(1 << 32) as u32,
        source_port: 40_000,
        ingress: interfaces.point("eth0"),
        egress: interfaces.point("eth1"),
        state: ConnectionState::New,
        tcp_flags: TcpFlagSet::SYN,
        conditions: Vec::new(),
    }
}

/// In megabytes, since the process began; 0 where the system does not say.
fn peak_memory() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find(|line| line.starts_with("VmHWM:"))?.to_owned();
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        })
        .map_or(0, |kilobytes| kilobytes / 1024)
}
