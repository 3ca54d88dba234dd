//! Rule sets in the manner of benchmark generators: prefixes from a hierarchy of networks, some well-known ports and ranges,
//! mostly specific rules before general ones, with some shadowed rules inserted.
//!
//! The three flavours resemble the seeds of `ClassBench` (Taylor and Turner, INFOCOM 2005), without their exact numbers: `Acl`
//! names destinations and their ports, `Fw` more often has any address and uses port ranges, `Ipc` mixes both.

// Each user uses only a part of it.
#![allow(dead_code)]

use std::fmt::Write as _;

use edgewarden::packets::{Address, ConnectionState, IntervalSet, PacketSet, StateSet};

use crate::random::Random;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    Acl,
    Fw,
    Ipc,
}

/// An IPv4 prefix. For IPv6 the same bits are the upper bits of the address.
pub type Prefix = (u32, u8);

#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub source: Prefix,
    pub destination: Prefix,
    pub protocol: Option<u8>,
    pub source_port: (u16, u16),
    pub destination_port: (u16, u16),
    pub ingress: Option<u32>,
    pub new_only: bool,
    pub accept: bool,
}

/// The rules, and the indexes of the inserted rules that one earlier rule shadows, and that two earlier rules together shadow.
pub struct Planted {
    pub rules: Vec<Rule>,
    pub by_one: Vec<usize>,
    pub by_two: Vec<usize>,
}

const ANY: (u16, u16) = (0, u16::MAX);
const PORTS: [u16; 16] = [22, 25, 53, 80, 110, 123, 143, 161, 389, 443, 445, 993, 3306, 3389, 5061, 8080];
const RANGES: [(u16, u16); 5] = [(1024, 65_535), (0, 1023), (50_000, 59_999), (6000, 6063), (135, 139)];

/// This many rules, about 3 % of them shadowed by one rule and 2 % by two.
pub fn generate(flavour: Flavour, count: u32, seed: u64) -> Planted {
    let mut random = Random::new(seed ^ (flavour as u64) << 40);
    let networks: Vec<Prefix> =
        (0..count / 20 + 8).map(|_| mask((random.next() as u32, *random.pick(&[8, 16, 16, 20, 24, 24])))).collect();
    let singles = count * 3 / 100;
    let unions = count * 2 / 100;
    let plain = count - singles - 2 * unions;
    let mut keyed: Vec<(u32, Rule)> = (0..plain)
        .map(|_| {
            let rule = draw(&mut random, flavour, &networks);
            (generality(&rule) * 64 + random.below(2000), rule)
        })
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    let mut rules: Vec<Rule> = keyed.into_iter().map(|(_, rule)| rule).collect();
    // Two halves replace a rule, and the rule itself is inserted somewhere after them.
    let mut late: Vec<(u32, Rule, Late)> = Vec::new();
    for _ in 0..unions {
        let place = random.below(plain) as usize;
        let whole = rules[place];
        let Some((one, other)) = halves(&whole) else { continue };
        rules[place] = one;
        late.push((place as u32, other, Late::Half));
        late.push((place as u32 + 1 + random.below(plain - place as u32), whole, Late::Union));
    }
    for _ in 0..singles {
        let place = random.below(plain);
        let rule = narrower(&mut random, &rules[place as usize]);
        late.push((place + 1 + random.below(plain - place), rule, Late::Narrower));
    }
    merge(rules, late)
}

/// Why a rule is inserted later.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Late {
    Half,
    Narrower,
    Union,
}

/// The plain rules, with each late rule inserted after the plain rule of its number.
fn merge(plain: Vec<Rule>, mut late: Vec<(u32, Rule, Late)>) -> Planted {
    late.sort_by_key(|(behind, ..)| *behind);
    let last = plain.len() - 1;
    let mut planted = Planted { rules: Vec::new(), by_one: Vec::new(), by_two: Vec::new() };
    let mut late = late.into_iter().peekable();
    for (place, rule) in plain.into_iter().enumerate() {
        planted.rules.push(rule);
        while let Some((_, rule, why)) = late.next_if(|(behind, ..)| *behind as usize <= place || place == last) {
            match why {
                Late::Half => {}
                Late::Narrower => planted.by_one.push(planted.rules.len()),
                Late::Union => planted.by_two.push(planted.rules.len()),
            }
            planted.rules.push(rule);
        }
    }
    planted
}

fn mask((address, length): Prefix) -> Prefix {
    (if length == 0 { 0 } else { address & (u32::MAX << (32 - length)) }, length)
}

fn under(random: &mut Random, network: Prefix, lengths: &[u8]) -> Prefix {
    let length = (*random.pick(lengths)).max(network.1);
    let host = if network.1 == 32 { 0 } else { random.next() as u32 & (u32::MAX >> network.1) };
    mask((network.0 | host, length))
}

fn draw(random: &mut Random, flavour: Flavour, networks: &[Prefix]) -> Rule {
    let (any_source, any_destination, any_port, ranges) = match flavour {
        Flavour::Acl => (20, 3, 15, 10),
        Flavour::Fw => (45, 12, 25, 30),
        Flavour::Ipc => (15, 10, 30, 20),
    };
    let source = if random.below(100) < any_source {
        (0, 0)
    } else {
        let network = *random.pick(networks);
        under(random, network, &[0, 16, 24, 24, 28, 32])
    };
    let destination = if random.below(100) < any_destination {
        (0, 0)
    } else {
        let network = *random.pick(networks);
        under(random, network, &[0, 24, 28, 32, 32, 32])
    };
    let protocol = match random.below(20) {
        0 => None,
        1 => Some(1),
        2..=5 => Some(17),
        _ => Some(6),
    };
    let ported = matches!(protocol, Some(6 | 17));
    let port = |random: &mut Random| match random.below(100) {
        percent if percent < any_port => ANY,
        percent if percent < any_port + ranges => *random.pick(&RANGES),
        percent if percent < 90 => {
            let port = *random.pick(&PORTS);
            (port, port)
        }
        _ => {
            let port = random.below(65_536) as u16;
            (port, port)
        }
    };
    Rule {
        source,
        destination,
        protocol,
        destination_port: if ported { port(random) } else { ANY },
        source_port: if ported && flavour == Flavour::Fw && random.once_in(10) { (1024, u16::MAX) } else { ANY },
        ingress: (flavour != Flavour::Acl && random.once_in(4)).then(|| random.below(6)),
        new_only: random.once_in(8),
        accept: random.below(100) < 70,
    }
}

fn generality(rule: &Rule) -> u32 {
    let (low, high) = rule.destination_port;
    u32::from(64 - rule.source.1 - rule.destination.1) + (high - low).checked_ilog2().unwrap_or(0) / 2
}

/// The same rule for a part of its packets.
fn narrower(random: &mut Random, rule: &Rule) -> Rule {
    let (source, destination) = (rule.source, rule.destination);
    Rule {
        source: under(random, source, &[0, 28, 32]),
        destination: under(random, destination, &[0, 28, 32]),
        accept: random.once_in(2),
        ..*rule
    }
}

/// Two rules that together match the packets of this rule.
fn halves(rule: &Rule) -> Option<(Rule, Rule)> {
    if rule.destination.1 < 32 {
        let length = rule.destination.1 + 1;
        let upper = (rule.destination.0 | 1 << (32 - length), length);
        let lower = (rule.destination.0, length);
        return Some((Rule { destination: lower, ..*rule }, Rule { destination: upper, ..*rule }));
    }
    let (low, high) = rule.destination_port;
    if low == high {
        return None;
    }
    let middle = low + (high - low) / 2;
    Some((Rule { destination_port: (low, middle), ..*rule }, Rule { destination_port: (middle + 1, high), ..*rule }))
}

impl Rule {
    pub fn set<A: Address>(&self) -> PacketSet<A> {
        PacketSet {
            source: interval(self.source),
            destination: interval(self.destination),
            protocol: self.protocol.map_or_else(IntervalSet::full, IntervalSet::single),
            source_port: IntervalSet::range(self.source_port.0, self.source_port.1),
            destination_port: IntervalSet::range(self.destination_port.0, self.destination_port.1),
            ingress: self.ingress.map_or_else(IntervalSet::full, IntervalSet::single),
            state: if self.new_only { StateSet::single(ConnectionState::New) } else { StateSet::FULL },
            ..PacketSet::full()
        }
    }

    /// The rule as `iptables-save` writes it.
    pub fn write(&self, text: &mut String) {
        text.push_str("-A FORWARD");
        for (option, (address, length)) in [(" -s ", self.source), (" -d ", self.destination)] {
            if length > 0 {
                let _ = write!(text, "{option}{}/{length}", std::net::Ipv4Addr::from(address));
            }
        }
        if let Some(name) = self.ingress {
            let _ = write!(text, " -i eth{name}");
        }
        let protocol = self.protocol.map(|number| {
            if number == 1 {
                "icmp"
            } else if number == 6 {
                "tcp"
            } else {
                "udp"
            }
        });
        if let Some(protocol) = protocol {
            let _ = write!(text, " -p {protocol}");
        }
        if self.source_port != ANY || self.destination_port != ANY {
            let _ = write!(text, " -m {}", protocol.unwrap_or_default());
        }
        for (option, ports) in [(" --sport ", self.source_port), (" --dport ", self.destination_port)] {
            match ports {
                ANY => {}
                (low, high) if low == high => {
                    let _ = write!(text, "{option}{low}");
                }
                (low, high) => {
                    let _ = write!(text, "{option}{low}:{high}");
                }
            }
        }
        if self.new_only {
            text.push_str(" -m conntrack --ctstate NEW");
        }
        text.push_str(if self.accept { " -j ACCEPT\n" } else { " -j DROP\n" });
    }
}

fn interval<A: Address>((address, length): Prefix) -> IntervalSet<A> {
    let low = u128::from(address) << (A::BITS - 32);
    let free = A::BITS - length;
    let size = if free == 0 { 0 } else { u128::MAX >> (128 - u32::from(free)) };
    IntervalSet::range(A::from_u128(low), A::from_u128(low | size))
}
