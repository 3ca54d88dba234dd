//! Rewrites a list of permits: splits and joins them along one axis at a time, and changes their order.
//!
//! The order of permits does not matter, and every rewrite keeps the union of the products, so the rule set stays equivalent.

use edgewarden::model::Family;
use edgewarden::packets::IntervalSet;

use crate::entries::{Entry, whole};
use crate::random::Random;

/// Another list of permits for the same packets, and how many rewrites it took.
pub fn regroup(mut entries: Vec<Entry>, family: Family, random: &mut Random) -> (Vec<Entry>, usize) {
    let mut rewrites = 0;
    if random.chance(60) {
        let percent = *random.pick(&[20, 50, 100]);
        entries = split_each(entries, random, percent, &mut rewrites, by_ports);
    }
    if random.chance(50) {
        let percent = *random.pick(&[20, 50, 100]);
        entries =
            split_each(entries, random, percent, &mut rewrites, |entry, random| by_addresses(entry, family, random));
    }
    if random.chance(50) {
        join(&mut entries, random, &mut rewrites);
    }
    if random.chance(70) {
        random.shuffle(&mut entries);
        rewrites += 1;
    }
    (entries, rewrites)
}

fn split_each(
    entries: Vec<Entry>,
    random: &mut Random,
    percent: usize,
    rewrites: &mut usize,
    split: impl Fn(&Entry, &mut Random) -> Vec<Entry>,
) -> Vec<Entry> {
    let mut result = Vec::new();
    for entry in entries {
        let parts = if random.chance(percent) { split(&entry, random) } else { vec![entry] };
        *rewrites += parts.len() - 1;
        result.extend(parts);
    }
    result
}

/// One permit for each range of destination ports; a wide range in two.
fn by_ports(entry: &Entry, random: &mut Random) -> Vec<Entry> {
    let with = |low: u16, high: u16| Entry { destination_port: IntervalSet::range(low, high), ..entry.clone() };
    match entry.destination_port.intervals() {
        [(low, high)] if high - low > 100 && *high != u16::MAX && random.chance(30) => {
            let cut = low + u16::try_from(random.between(1, usize::from(high - low) - 1)).unwrap();
            vec![with(*low, cut), with(cut + 1, *high)]
        }
        [(low, high)] if (1..5).contains(&(high - low)) => (*low..=*high).map(|port| with(port, port)).collect(),
        [] | [_] => vec![entry.clone()],
        several => several.iter().map(|(low, high)| with(*low, *high)).collect(),
    }
}

/// One permit for each address of a short list, each of several ranges, or each half of a network.
fn by_addresses(entry: &Entry, family: Family, random: &mut Random) -> Vec<Entry> {
    let by_source = random.chance(50);
    let set = if by_source { &entry.source } else { &entry.destination };
    let parts: Vec<(u128, u128)> = match set.intervals() {
        _ if *set == whole(family) => vec![],
        several if several.len() > 1 && several.len() < 9 => several.to_vec(),
        [(low, high)] if (1..6).contains(&(high - low)) => (*low..=*high).map(|one| (one, one)).collect(),
        [(low, high)] if high > low => {
            let half = low + (high - low) / 2;
            vec![(*low, half), (half + 1, *high)]
        }
        _ => vec![],
    };
    if parts.is_empty() {
        return vec![entry.clone()];
    }
    let part = |(low, high): (u128, u128)| {
        let set = IntervalSet::range(low, high);
        if by_source { Entry { source: set, ..entry.clone() } } else { Entry { destination: set, ..entry.clone() } }
    };
    parts.into_iter().map(part).collect()
}

/// Joins permits that differ on only one axis.
fn join(entries: &mut Vec<Entry>, random: &mut Random, rewrites: &mut usize) {
    let percent = *random.pick(&[30, 70, 100]);
    let mut first = 0;
    while first < entries.len() {
        let mut second = first + 1;
        while second < entries.len() {
            match joined(&entries[first], &entries[second]) {
                Some(one) if random.chance(percent) => {
                    entries[first] = one;
                    entries.remove(second);
                    *rewrites += 1;
                }
                _ => second += 1,
            }
        }
        first += 1;
    }
}

fn joined(one: &Entry, other: &Entry) -> Option<Entry> {
    let equal = [
        one.ingress == other.ingress && one.egress == other.egress && one.protocol == other.protocol,
        one.source_port == other.source_port,
    ];
    if equal.contains(&false) {
        return None;
    }
    let same = (
        one.source == other.source,
        one.destination == other.destination,
        one.destination_port == other.destination_port,
    );
    let mut union = one.clone();
    match same {
        (true, true, _) => union.destination_port = one.destination_port.union(&other.destination_port),
        (true, false, true) => union.destination = one.destination.union(&other.destination),
        (false, true, true) => union.source = one.source.union(&other.source),
        _ => return None,
    }
    union.of.extend(other.of.iter().copied());
    Some(union)
}
