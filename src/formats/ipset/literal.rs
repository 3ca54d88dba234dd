//! A test that compares `contents()` with a literal copy of the kernel's lookup, packet by packet.
//!
//! The lookup is `mtype_test_cidrs` of `net/netfilter/ipset/ip_set_hash_gen.h`: for each prefix length of the first network, the
//! longest first, and within it for each of the second, the element that has exactly these networks. An element with a timeout
//! may be absent.

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::super::contents::{Contents, Direction, Look, contents};
    use super::super::kind::{Dimension, Kind};
    use super::super::outside::outside;
    use super::super::ports::PortAxis;
    use super::super::reader::Sets;
    use crate::model::InterfacePattern;
    use crate::packets::{IntervalSet, PacketSet};
    use crate::source::{Limits, Source};

    const KINDS: [&str; 10] = [
        "hash:ip",
        "hash:net",
        "hash:ip,port",
        "hash:net,port",
        "hash:ip,port,ip",
        "hash:ip,port,net",
        "hash:net,net",
        "hash:net,port,net",
        "hash:net,iface",
        "bitmap:port",
    ];
    const BASE: u32 = 0x0a00_0000;
    const INTERFACES: [&str; 4] = ["eth0", "eth1", "eth", "lan"];

    /// An element before it is written as text.
    #[derive(Debug, Clone)]
    struct Given {
        networks: [(u32, u32); 2],
        protocol: u8,
        ports: (u16, u16),
        interface: usize,
        hole: bool,
        timed: bool,
    }

    #[derive(Debug, Clone)]
    struct Packet {
        addresses: [u32; 2],
        protocol: u8,
        ports: [u16; 2],
        interfaces: [usize; 2],
    }

    fn given() -> impl Strategy<Value = Given> {
        let network = || (0..8_u32, 29..33_u32);
        let protocol = prop::sample::select(vec![6_u8, 6, 17, 1, 89]);
        (network(), network(), protocol, 1..5_u16, 0..3_u16, 0..4_usize, any::<bool>()).prop_map(
            |(one, other, protocol, port, more, interface, hole)| Given {
                networks: [one, other].map(|(address, length)| (address & !((1 << (32 - length)) - 1), length)),
                protocol,
                ports: (port, port + more),
                interface,
                hole,
                timed: false,
            },
        )
    }

    fn packet() -> impl Strategy<Value = Packet> {
        let protocol = prop::sample::select(vec![6_u8, 17, 1, 89, 47]);
        let two = || (0..4_usize, 0..4_usize);
        (0..9_u32, 0..9_u32, protocol, 0..8_u16, 0..8_u16, two()).prop_map(|(a, b, protocol, one, other, (x, y))| {
            Packet { addresses: [a, b], protocol, ports: [one, other], interfaces: [x, y] }
        })
    }

    impl Given {
        /// The same element with single hosts and single ports, if the type has only these.
        fn of_kind(mut self, kind: &Kind, timeouts: bool) -> Self {
            let addresses = kind.dimensions.iter().filter(|d| matches!(d, Dimension::Address | Dimension::Network));
            for (network, dimension) in self.networks.iter_mut().zip(addresses) {
                if *dimension == Dimension::Address {
                    network.1 = 32;
                }
            }
            match self.protocol {
                1 => self.ports = (0x0800 + self.ports.0, 0x0800 + self.ports.0),
                89 => self.ports = (0, 0),
                _ => {}
            }
            self.hole &= kind.has_holes();
            // All elements of the same network have a timeout, or none has, so that an element that replaces another does not
            // change it.
            self.timed = timeouts && self.networks[0].0.is_multiple_of(3);
            self
        }

        fn text(&self, kind: &Kind) -> String {
            let mut networks = self.networks.iter();
            let parts: Vec<String> = kind
                .dimensions
                .iter()
                .map(|dimension| match dimension {
                    Dimension::Address | Dimension::Network => {
                        let (address, length) = networks.next().expect("two at most");
                        let address = Ipv4Addr::from(BASE + address);
                        if *length == 32 { address.to_string() } else { format!("{address}/{length}") }
                    }
                    Dimension::Service => match self.protocol {
                        1 => format!("icmp:8/{}", self.ports.0 & 0xff),
                        89 => "ospf:0".to_owned(),
                        6 => format!("{}-{}", self.ports.0, self.ports.1),
                        _ => format!("udp:{}-{}", self.ports.0, self.ports.1),
                    },
                    Dimension::Port => format!("{}-{}", self.ports.0, self.ports.1),
                    Dimension::Interface => INTERFACES[self.interface].to_owned(),
                    _ => unreachable!("not among the kinds"),
                })
                .collect();
            let wildcard = kind.has(Dimension::Interface) && INTERFACES[self.interface] == "eth";
            let flags = [(wildcard, " wildcard"), (self.hole, " nomatch"), (self.timed, " timeout 9")];
            let flags: String = flags.iter().filter(|(there, _)| *there).map(|(_, word)| *word).collect();
            format!("{}{flags}", parts.join(","))
        }
    }

    /// Whether the kernel finds the packet among these elements.
    fn found(kind: &Kind, elements: &[&Given], directions: &[Direction], packet: &Packet, holes_match: bool) -> bool {
        let side = |place: usize| usize::from(directions[place] == Direction::Destination);
        let (mut networks, mut interface) = (Vec::new(), "");
        let mut service = None;
        for (place, dimension) in kind.dimensions.iter().enumerate() {
            match dimension {
                Dimension::Address | Dimension::Network => networks.push(packet.addresses[side(place)]),
                Dimension::Interface => interface = INTERFACES[packet.interfaces[side(place)]],
                Dimension::Port if !matches!(packet.protocol, 6 | 17) => return false,
                _ => {
                    let port = match packet.protocol {
                        1 => 0x0800 + packet.ports[0],
                        6 | 17 => packet.ports[side(place)],
                        _ => 0,
                    };
                    service = Some(port);
                }
            }
        }
        let serves = |element: &&&Given| {
            service.is_none_or(|port| {
                let protocol = kind.has(Dimension::Port) || element.protocol == packet.protocol;
                protocol && (element.ports.0..=element.ports.1).contains(&port)
            })
        };
        let here: Vec<&&Given> = elements.iter().filter(serves).collect();
        let mask = |address: u32, length: u32| address & !((1 << (32 - length)) - 1);
        let lengths = [32, 31, 30, 29];
        let has = |element: &&Given, place: usize, length: u32| {
            networks.get(place).is_none_or(|address| element.networks[place] == (mask(*address, length), length))
        };
        let answer = |element: &Given| element.hole == (holes_match && kind.has_holes());
        for first in lengths {
            if kind.has(Dimension::Interface) {
                let network: Vec<_> = here.iter().filter(|element| has(element, 0, first)).collect();
                let fits = |element: &&&&&Given| match INTERFACES[element.interface] {
                    "eth" => interface.starts_with("eth"),
                    name => name == interface,
                };
                if let Some(element) = network.iter().find(fits) {
                    // If an element is given twice, the last one counts.
                    let last = network.iter().rfind(|other| other.interface == element.interface);
                    return last.is_some_and(|element| answer(element));
                }
                if !network.is_empty() {
                    return false;
                }
                continue;
            }
            for second in lengths {
                if let Some(element) = here.iter().rfind(|element| has(element, 0, first) && has(element, 1, second)) {
                    return answer(element);
                }
            }
        }
        false
    }

    /// Whether a packet is in one of the boxes.
    fn holds(axis: &PortAxis, boxes: &[PacketSet<u32>], packet: &Packet) -> bool {
        let ports = if packet.protocol == 1 { [8, packet.ports[0]] } else { packet.ports };
        let meets = |points: &IntervalSet<u32>, interface: usize| {
            let name = INTERFACES[interface];
            let is = |pattern: &InterfacePattern| {
                (if pattern.prefix { name.starts_with(&pattern.name) } else { name == pattern.name }) != pattern.negated
            };
            axis.patterns(points).iter().any(|list| list.iter().all(is))
        };
        boxes.iter().any(|set| {
            set.protocol.contains(packet.protocol)
                && set.source.contains(BASE + packet.addresses[0])
                && set.destination.contains(BASE + packet.addresses[1])
                && set.source_port.contains(ports[0])
                && set.destination_port.contains(ports[1])
                && meets(&set.ingress, packet.interfaces[0])
                && meets(&set.egress, packet.interfaces[1])
        })
    }

    fn read(kind: &Kind, elements: &[Given]) -> Sets {
        let range = if kind.has(Dimension::Port) { "range 0-65535 " } else { "" };
        let mut text = format!("create it {} {range}timeout 0\n", kind.name);
        for element in elements {
            let _ = writeln!(text, "add -exist it {}", element.text(kind));
        }
        let source = Source::read("sets", "sets", &mut text.as_bytes(), &Limits::default()).expect("text");
        let mut sets = Sets::default();
        let ledger = sets.read(0, &source);
        assert_eq!(ledger.counts().unrecognised, 0, "{text}{:?}", ledger.unrecognised().collect::<Vec<_>>());
        sets
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn whole_sets_hold_the_packets_that_the_kernel_finds_in_them(
            kind in prop::sample::select(KINDS.to_vec()),
            elements in prop::collection::vec(given(), 0..14),
            packets in prop::collection::vec(packet(), 60),
            sides in prop::collection::vec(any::<bool>(), 3),
            holes_match in any::<bool>(),
            timeouts in any::<bool>(),
        ) {
            let kind = Kind::of(kind).expect("a kind");
            let elements: Vec<Given> = elements.into_iter().map(|element| element.of_kind(kind, timeouts)).collect();
            let directions: Vec<Direction> =
                sides.into_iter().map(|source| if source { Direction::Source } else { Direction::Destination }).collect();
            let sets = read(kind, &elements);
            let set = sets.get("it").expect("it is created");
            let axis = PortAxis::new(set.interfaces.iter());
            let Contents { inside, open } =
                contents::<u32>(set, Look { directions: &directions, holes_match, axis: &axis }).expect("a few boxes");
            let held: Vec<_> = inside.iter().chain(&open).cloned().collect();
            let out = outside(&[PacketSet::full()], &held).expect("a few boxes");
            for packet in packets {
                let answers: Vec<bool> = [true, false].into_iter().map(|there| {
                    let alive: Vec<&Given> = elements.iter().filter(|element| there || !element.timed).collect();
                    found(kind, &alive, &directions, &packet, holes_match)
                }).collect();
                let (is_in, is_open, is_out) = (holds(&axis, &inside, &packet), holds(&axis, &open, &packet), holds(&axis, &out, &packet));
                prop_assert!(u8::from(is_in) + u8::from(is_open) + u8::from(is_out) == 1, "{packet:?}");
                if elements.iter().all(|element| !element.timed) {
                    prop_assert_eq!(is_in, answers[0], "{} {:?}", kind.name, packet);
                } else if !is_open {
                    prop_assert!(answers.iter().all(|answer| *answer == is_in), "{} {:?}", kind.name, packet);
                }
            }
        }
    }
}
