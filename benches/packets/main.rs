//! How long the packet-set algebra takes, as ratios to a yardstick Y that is measured in the same run: reading the same rules as
//! `iptables-save` text and splitting them at line ends and spaces. Run with `cargo bench --bench packets`, or with `-- 1000000`
//! behind it for other numbers of rules; `-- hard` runs the families that are made to hurt, alone.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_precision_loss)] // a wrong figure ends the run

#[path = "../../tests/packets/families.rs"]
mod families;
mod hard;
mod memory;
mod queries;
#[path = "../../tests/packets/random.rs"]
mod random;
#[path = "../../tests/packets/rules.rs"]
mod rules;
mod yardstick;

use std::time::{Duration, Instant};

use edgewarden::packets::{Ordered, PacketSet};

use random::Random;
use rules::{Flavour, Planted, Rule, generate};

/// Runs something and tells how long it took.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let sizes: Vec<u32> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if arguments.is_empty() || !sizes.is_empty() {
        let sizes = if sizes.is_empty() { vec![1000, 10_000, 100_000] } else { sizes };
        // Memory that an earlier rule set gave back would be counted for nothing: only the first and any larger one tell.
        let mut largest = 0;
        for size in sizes {
            for flavour in [Flavour::Acl, Flavour::Fw, Flavour::Ipc] {
                rule_set(flavour, size, size > largest);
                largest = largest.max(size);
            }
        }
    }
    if arguments.is_empty() || arguments.iter().any(|argument| argument == "hard") {
        hard::all();
    }
}

fn rule_set(flavour: Flavour, size: u32, tells_memory: bool) {
    let Planted { rules, by_one, by_two } = generate(flavour, size, 1);
    let mut text = String::new();
    for rule in &rules {
        rule.write(&mut text);
    }
    let yardstick = yardstick::measure(&text);
    println!(
        "\n{flavour:?}, {} rules, {} kB of text: Y = {:.3} ms",
        rules.len(),
        text.len() / 1000,
        milliseconds(yardstick)
    );
    drop(text);
    let report = |what: &str, time: Duration, more: &str| {
        let ratio = time.as_secs_f64() / yardstick.as_secs_f64();
        println!("  {what:<22} {:>10.2} ms {ratio:>8.1} Y  {more}", milliseconds(time));
    };

    let memory = memory::Peak::start();
    let sets: Vec<PacketSet<u32>> = rules.iter().map(Rule::set).collect();
    let (ordered, time) = timed(|| Ordered::new((0u32..).zip(&sets)));
    report("build", time, "");
    let (shadows, time) = timed(|| ordered.shadowed(Ordered::<u32>::LOOKS));
    let covers: usize = shadows.dead.iter().map(|shadowed| shadowed.by.len()).sum();
    let missed = by_one
        .iter()
        .chain(&by_two)
        .filter(|index| shadows.dead.binary_search_by_key(*index, |dead| dead.index).is_err())
        .count();
    let more = format!(
        "{} dead, {:.2} sets to a cover, {} undecided; of {} planted {missed} missed",
        shadows.dead.len(),
        covers as f64 / shadows.dead.len().max(1) as f64,
        shadows.undecided.len(),
        by_one.len() + by_two.len()
    );
    report("shadowed, with covers", time, &more);
    let accepts = |place: u32| rules[place as usize].accept;
    let (found, time) = timed(|| ordered.redundant(&shadows, accepts, false, Ordered::<u32>::LOOKS));
    report(
        "redundant, given those",
        time,
        &format!("{} redundant, {} undecided", found.redundant.len(), found.undecided.len()),
    );
    drop(found);
    if let Some(bytes) = memory.bytes().filter(|_| tells_memory) {
        println!("  {:<22} {:>10} bytes a rule", "peak memory", bytes / sets.len() as u64);
    }

    let mut random = Random::new(9);
    let ((near, deciders), time) = timed(|| queries::forty(&rules, &ordered, &mut random));
    report("40 requirements", time, &format!("{near} near rules, {deciders} deciders"));
    let (by_tree, by_scan) = queries::trace(&rules, &sets, &ordered, &mut random);
    println!(
        "  {:<22} {:>10.2} us a packet; a linear scan {:.1} us: 1/{:.0}",
        "trace",
        by_tree.as_secs_f64() * 1e6,
        by_scan.as_secs_f64() * 1e6,
        by_scan.as_secs_f64() / by_tree.as_secs_f64()
    );
}
