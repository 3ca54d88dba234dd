//! Writes an entry as lines: its interfaces, addresses and ports, each in one of the notations of iptables.

use edgewarden::model::{Family, InterfacePattern};
use edgewarden::packets::IntervalSet;

use crate::entries::{Condition, Entry, Wiring, whole};
use crate::random::Random;

use super::Knobs;
use super::line::{Field, Line, Part, address, networks};
use super::sets::Sets;

/// The lines of one entry, which has the index `index` in its list.
pub fn lines(
    entry: &Entry,
    index: usize,
    family: Family,
    wiring: &Wiring,
    (knobs, sets, random): (&mut Knobs, &mut Sets, &mut Random),
) -> Vec<Line> {
    let state = knobs.state_of(random);
    let (ingress, egress) = (interfaces(&entry.ingress, Field::Ingress), interfaces(&entry.egress, Field::Egress));
    let source = hosts(&entry.source, Field::Source, family, (&mut *knobs, &mut *sets, &mut *random));
    let destination = hosts(&entry.destination, Field::Destination, family, (&mut *knobs, &mut *sets, &mut *random));
    let services = services(entry, knobs, sets, random);
    let mut lines = Vec::new();
    for (ingress_part, ingress_pattern) in &ingress {
        for (egress_part, egress_pattern) in &egress {
            for (source_part, sources) in &source {
                for (destination_part, destinations) in &destination {
                    for service in &services {
                        let part = Entry {
                            ingress: ingress_pattern.clone(),
                            egress: egress_pattern.clone(),
                            source: sources.clone(),
                            destination: destinations.clone(),
                            ..service.entry.clone()
                        };
                        let protocol = service.protocol.clone();
                        let parts = [ingress_part, egress_part, source_part, destination_part, &protocol, &state];
                        lines.push(Line {
                            parts: parts.into_iter().flatten().cloned().collect(),
                            rest: service.ports.clone(),
                            target: String::new(),
                            entries: vec![index],
                            packets: vec![part.packets(wiring)],
                            disabled: false,
                        });
                    }
                }
            }
        }
    }
    for line in &mut lines {
        if let Some(condition) = entry.condition {
            join(&mut line.rest, conditional(condition));
        }
        if !knobs.plain && random.chance(knobs.comments) {
            let comment = *random.pick(&[
                "SfB",
                "\"Lync Edge, CHG0031337\"",
                "\"do not touch\"",
                "\"any -> edge\"",
                "ticket-4711",
            ]);
            join(&mut line.rest, &format!("-m comment --comment {comment}"));
        }
        "-j ACCEPT".clone_into(&mut line.target);
    }
    lines
}

/// Appends words, separated by a blank.
pub fn join(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}

fn conditional(condition: Condition) -> &'static str {
    match condition {
        Condition::Time => "-m time --timestart 08:00:00 --timestop 18:00:00 --weekdays Mon,Tue,Wed,Thu,Fri",
        Condition::Recent => "-m recent --rcheck --seconds 60 --name KNOWN --mask 255.255.255.255 --rsource",
        Condition::Rate => "-m limit --limit 5/sec --limit-burst 10",
        Condition::Payload => "-m string --string \"INVITE\" --algo bm --to 65535",
        Condition::Length => "-m length --length 0:128",
    }
}

type Spelt = (Option<Part>, Vec<InterfacePattern>);

fn interfaces(patterns: &[InterfacePattern], field: Field) -> Vec<Spelt> {
    if patterns.is_empty() {
        return vec![(None, Vec::new())];
    }
    let option = if field == Field::Ingress { "-i" } else { "-o" };
    let spelt = |pattern: &InterfacePattern| {
        let value = format!("{}{}", pattern.name, if pattern.prefix { "+" } else { "" });
        let part = Part { negated: pattern.negated, ..Part::new(field, "", option, value) };
        (Some(part), vec![pattern.clone()])
    };
    patterns.iter().map(spelt).collect()
}

/// Addresses as prefixes, ranges or a set.
fn hosts(
    addresses: &IntervalSet<u128>,
    field: Field,
    family: Family,
    (knobs, sets, random): (&mut Knobs, &mut Sets, &mut Random),
) -> Vec<(Option<Part>, IntervalSet<u128>)> {
    if *addresses == whole(family) {
        return vec![(None, addresses.clone())];
    }
    let (option, range_option, direction) =
        if field == Field::Source { ("-s", "--src-range", "src") } else { ("-d", "--dst-range", "dst") };
    let count: usize = addresses.intervals().iter().map(|(low, high)| networks(*low, *high, family).len()).sum();
    if !knobs.plain && random.chance(if count > 1 { knobs.sets } else { knobs.sets / 4 }) {
        knobs.rewrites += 1;
        let name = sets.of_addresses(addresses, family, random);
        return vec![(Some(Part::new(field, "set", "--match-set", format!("{name} {direction}"))), addresses.clone())];
    }
    let mut spelt = Vec::new();
    for (low, high) in addresses.intervals() {
        let prefixes = networks(*low, *high, family);
        let wide = prefixes.len() > 1 && (count > 24 || !knobs.plain && random.chance(knobs.ranges));
        if wide {
            knobs.rewrites += 1;
            let value = format!("{}-{}", address(*low, family), address(*high, family));
            spelt.push((Some(Part::new(field, "iprange", range_option, value)), IntervalSet::range(*low, *high)));
            continue;
        }
        let width = if family == Family::Ipv4 { 32 } else { 128 };
        for (first, length) in prefixes {
            let mask = if length == width && !knobs.plain && random.chance(20) {
                String::new()
            } else if family == Family::Ipv4 && !knobs.plain && random.chance(knobs.old) {
                format!("/{}", address(u128::from(u32::MAX) & !((1 << (width - length)) - 1), family))
            } else {
                format!("/{length}")
            };
            let value = format!("{}{mask}", address(first, family));
            let last = if length == 0 { u128::MAX } else { first + ((1_u128 << (width - length)) - 1) };
            spelt.push((Some(Part::new(field, "", option, value)), IntervalSet::range(first, last)));
        }
    }
    spelt
}

/// A protocol and its ports.
struct Service {
    protocol: Option<Part>,
    ports: String,
    entry: Entry,
}

fn services(entry: &Entry, knobs: &mut Knobs, sets: &mut Sets, random: &mut Random) -> Vec<Service> {
    if entry.protocol.is_full() {
        return vec![Service { protocol: None, ports: String::new(), entry: entry.clone() }];
    }
    let mut services = Vec::new();
    for protocol in entry.protocol.intervals().iter().flat_map(|(low, high)| *low..=*high) {
        let name = match protocol {
            6 => "tcp",
            17 => "udp",
            other => panic!("no entry is of protocol {other}"),
        };
        let number = !knobs.plain && random.chance(knobs.old);
        let word = if number { protocol.to_string() } else { name.to_owned() };
        let part = Part::new(Field::Protocol, "", "-p", word);
        for (mut text, source_port, destination_port) in
            ports(entry, name, number, (&mut *knobs, &mut *sets, &mut *random))
        {
            if protocol == 6 && !knobs.plain && random.chance(knobs.syn) {
                let syn = ["--tcp-flags FIN,SYN,RST,ACK SYN", "--syn"];
                if !text.starts_with("-m tcp ") {
                    join(&mut text, "-m tcp");
                }
                let syn = *random.pick(&syn);
                join(&mut text, syn);
            }
            let entry =
                Entry { source_port, destination_port, protocol: IntervalSet::single(protocol), ..entry.clone() };
            services.push(Service { protocol: Some(part.clone()), ports: text, entry });
        }
    }
    services
}

type Ports = (String, IntervalSet<u16>, IntervalSet<u16>);

/// The options for an entry's ports: one text for each line that is needed, with the source and destination ports of that line.
fn ports(
    entry: &Entry,
    protocol: &str,
    bare: bool,
    (knobs, sets, random): (&mut Knobs, &mut Sets, &mut Random),
) -> Vec<Ports> {
    let (from, to) = (&entry.source_port, &entry.destination_port);
    let module =
        if bare || !knobs.plain && random.chance(knobs.old) { String::new() } else { format!("-m {protocol} ") };
    if from.is_full() && to.is_full() {
        return vec![(String::new(), from.clone(), to.clone())];
    }
    if from.is_full() != to.is_full() {
        let (set, options) = if to.is_full() {
            (from, ("--sport", "--sports", "src"))
        } else {
            (
                to,
                (
                    if !knobs.plain && random.chance(knobs.old) { "--destination-port" } else { "--dport" },
                    "--dports",
                    "dst",
                ),
            )
        };
        let product = |part: IntervalSet<u16>| if to.is_full() { (part, to.clone()) } else { (from.clone(), part) };
        if !knobs.plain && set.count() < 2000 && random.chance(knobs.sets / 3) {
            knobs.rewrites += 1;
            let name = sets.of_ports(set, random);
            let (source, destination) = product(set.clone());
            return vec![(format!("-m set --match-set {name} {}", options.2), source, destination)];
        }
        let mut texts = Vec::new();
        let many = set.intervals().len() > 1;
        for chunk in chunks(set, if many { 15 } else { 2 }) {
            let part = IntervalSet::from_intervals(chunk.clone());
            let (source, destination) = product(part);
            let multiport = chunk.len() > 1 || !knobs.plain && random.chance(15);
            let text = if multiport {
                let list: Vec<String> = chunk.iter().map(|range| span(*range, knobs, random)).collect();
                format!("-m multiport {} {}", options.1, list.join(","))
            } else {
                let (low, high) = chunk[0];
                // Only the multiport module needs the last port of a range.
                let open = high == u16::MAX && low < high && !knobs.plain && random.chance(knobs.old);
                let range = if open { format!("{low}:") } else { span((low, high), knobs, random) };
                format!("{module}{} {range}", options.0)
            };
            texts.push((text, source, destination));
        }
        return texts;
    }
    let mut texts = Vec::new();
    for source in from.intervals() {
        for destination in to.intervals() {
            let text = format!(
                "{module}--sport {} --dport {}",
                span(*source, knobs, random),
                span(*destination, knobs, random)
            );
            texts.push((
                text,
                IntervalSet::range(source.0, source.1),
                IntervalSet::range(destination.0, destination.1),
            ));
        }
    }
    texts
}

/// Splits ports into groups that need at most so many slots; a range needs two.
fn chunks(set: &IntervalSet<u16>, most: usize) -> Vec<Vec<(u16, u16)>> {
    let mut chunks: Vec<Vec<(u16, u16)>> = vec![Vec::new()];
    let mut used = 0;
    for (low, high) in set.intervals() {
        let slots = if low == high { 1 } else { 2 };
        if used + slots > most {
            chunks.push(Vec::new());
            used = 0;
        }
        chunks.last_mut().unwrap().push((*low, *high));
        used += slots;
    }
    chunks
}

/// A port or a range, in the notation of all options.
fn span((low, high): (u16, u16), knobs: &Knobs, random: &mut Random) -> String {
    let old = !knobs.plain && random.chance(knobs.old);
    match (low, high) {
        (443, 443) if old => "https".to_owned(),
        (53, 53) if old => "domain".to_owned(),
        (80, 80) if old => "http".to_owned(),
        (low, high) if low == high => low.to_string(),
        (low, high) => format!("{low}:{high}"),
    }
}
