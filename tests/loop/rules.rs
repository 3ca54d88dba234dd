//! Single rules: the lines written for a match read back as exactly the same packets.

use edgewarden::formats::{self, Reading};
use edgewarden::judge::{FamilyAddress, Interfaces};
use edgewarden::model::{
    Action, Addresses, Chain, Family, InterfacePattern, Labels, Match, NewRule, RuleSet, Unwritable,
};
use edgewarden::packets::{Address, Conditions, IntervalSet, PacketSet, StateSet, TcpFlagSet, subtract_all};
use edgewarden::source::{Limits, LineState, Source, sanitise};
use proptest::prelude::*;
use proptest::sample::select;

const COMMENT: &str = "a \"remark\" with \\ and \u{1b}[31m";

/// An empty chain that rules are written for.
fn chain(families: &[Family]) -> RuleSet {
    let mut set = RuleSet::default();
    set.chains.push(Chain {
        families: families.to_vec(),
        table: "filter".to_owned(),
        name: "FORWARD".to_owned(),
        labels: Labels::Lines,
        origin: None,
        rules: Vec::new(),
    });
    set
}

/// The lines for a match.
fn lines(packets: &Match, family: Family, families: &[Family]) -> Result<Vec<String>, Unwritable> {
    let rule =
        NewRule { set: &chain(families), chain: 0, family, packets, action: &Action::Accept, comment: Some(COMMENT) };
    formats::dialect("iptables").expect("the dialect").rule(&rule)
}

/// Reads the lines as the FORWARD chain of a dump, and checks that all are understood.
fn read(lines: &[String], header: &str) -> Reading {
    let text = format!("{header}*filter\n:FORWARD DROP [0:0]\n{}\nCOMMIT\n", lines.join("\n"));
    let source = Source::read("fw", "fw", &mut text.as_bytes(), &Limits::default()).expect("text");
    let reading = formats::iptables::read(&[&source]);
    for (line, words) in source.lines().filter(|(_, words)| words.starts_with("-A")) {
        assert_eq!(reading.ledgers[0].state(line), Some(LineState::Understood), "{words}");
    }
    reading
}

/// A match as packets. Types and codes of ICMP are limited to bytes.
fn packets<A: FamilyAddress>(matching: &Match, interfaces: &Interfaces) -> Vec<PacketSet<A>> {
    assert!(matching.conditions.is_empty() && matching.tests.is_empty(), "{matching:?}");
    let icmp = IntervalSet::from_intervals(vec![(1, 1), (58, 58)]);
    let bytes = IntervalSet::range(0, 255);
    let whole = PacketSet {
        protocol: matching.protocol.difference(&icmp),
        destination_port: matching.destination_port.clone(),
        destination: A::side(&matching.destination).clone(),
        source: A::side(&matching.source).clone(),
        source_port: matching.source_port.clone(),
        ingress: interfaces.matching_all(&matching.ingress),
        egress: interfaces.matching_all(&matching.egress),
        state: matching.state,
        tcp_flags: matching.tcp_flags,
        conditions: Conditions::any(),
    };
    let messages = PacketSet {
        protocol: matching.protocol.intersection(&icmp),
        source_port: matching.source_port.intersection(&bytes),
        destination_port: matching.destination_port.intersection(&bytes),
        ..whole.clone()
    };
    [whole, messages].into_iter().filter(|set| !set.is_empty()).collect()
}

/// Writes a match, reads it back and compares. Returns the number of lines, or the error that it cannot be written.
fn round_trip<A: FamilyAddress>(
    wanted: &Match,
    families: &[Family],
    header: &str,
    other: &str,
) -> Result<usize, Unwritable> {
    let mut lines = lines(wanted, A::FAMILY, families)?;
    let count = lines.len();
    lines.push(other.to_owned());
    let reading = read(&lines, header);
    let patterns: Vec<&InterfacePattern> = wanted.ingress.iter().chain(&wanted.egress).collect();
    let interfaces = Interfaces::new(&reading.rule_set, patterns);
    let chain = reading.rule_set.chains.iter().find(|chain| chain.families.contains(&A::FAMILY));
    let rules = chain.map(|chain| chain.rules.as_slice()).unwrap_or_default();
    let mut read = Vec::new();
    for rule in rules.iter().filter(|rule| rule.action == Action::Accept) {
        assert_eq!(rule.comment.as_deref(), Some(sanitise(COMMENT).as_ref()));
        read.extend(rule.matches.iter().flat_map(|matching| packets::<A>(matching, &interfaces)));
    }
    let wanted = packets::<A>(wanted, &interfaces);
    let (lacking, beyond) = (subtract_all(wanted.clone(), &read), subtract_all(read, &wanted));
    assert!(lacking.is_empty() && beyond.is_empty(), "{lines:#?}\nlacking {lacking:?}\nbeyond {beyond:?}");
    Ok(count)
}

/// Hosts, prefixes, ranges, the complements of these, or any address.
fn addresses<A: Address + 'static>() -> BoxedStrategy<IntervalSet<A>> {
    let interval =
        (any::<u128>(), any::<u128>(), 0..=A::BITS, select(vec![0_u8, 1, 2])).prop_map(|(at, to, bits, kind)| {
            let host = if bits == 0 { 0 } else { u128::MAX >> (128 - u32::from(bits)) };
            let low = A::from_u128(at);
            match kind {
                0 => (low, low),
                1 => (A::from_u128(at & !host), A::from_u128(at | host)),
                _ => (low, A::from_u128(to)),
            }
        });
    let some = proptest::collection::vec(interval, 1..4).prop_map(IntervalSet::from_intervals);
    prop_oneof![
        1 => Just(IntervalSet::full()),
        3 => some.clone(),
        1 => some.prop_map(|set| set.complement()),
    ]
    .boxed()
}

fn ports() -> BoxedStrategy<IntervalSet<u16>> {
    let port = prop_oneof![any::<u16>(), select(vec![0, 1, 22, 23, 53, 443, 1024, 5061, 50_000, 59_999, u16::MAX])];
    let one = port.clone().prop_map(IntervalSet::single);
    let range = (port.clone(), port.clone()).prop_map(|(low, high)| IntervalSet::range(low.min(high), low.max(high)));
    let many = proptest::collection::vec((port, 0_u16..3), 2..40).prop_map(|list| {
        IntervalSet::from_intervals(list.into_iter().map(|(low, more)| (low, low.saturating_add(more))).collect())
    });
    prop_oneof![3 => Just(IntervalSet::full()), 2 => one, 2 => range.clone(), 1 => many.clone(), 1 => many.prop_map(|set| set.complement())]
        .boxed()
}

fn patterns() -> BoxedStrategy<Vec<InterfacePattern>> {
    let one = (select(vec!["eth0", "eth1", "eth", "bond0.100", "ppp", "a-name-of-14-b"]), any::<bool>(), 0..4)
        .prop_map(|(name, prefix, negated)| InterfacePattern { name: name.to_owned(), prefix, negated: negated == 0 });
    proptest::collection::vec(one, 0..3).boxed()
}

fn flags() -> BoxedStrategy<TcpFlagSet> {
    let masked = (1_u8..64, any::<u8>(), any::<bool>()).prop_map(|(mask, value, not)| {
        let set = TcpFlagSet::masked(mask, value);
        if not { set.complement() } else { set }
    });
    prop_oneof![2 => Just(TcpFlagSet::FULL), 1 => Just(TcpFlagSet::openers()), 1 => masked].boxed()
}

/// A match in one family that the syntax can express: ports only with protocols that have ports, and so on.
fn matches(ipv6: bool) -> BoxedStrategy<Match> {
    let ends = ((addresses::<u32>(), addresses::<u128>()), (addresses::<u32>(), addresses::<u128>()));
    let own_icmp = if ipv6 { 58_u8 } else { 1 };
    let service = prop_oneof![
        6 => (select(vec![6_u8, 17, 6, 17, 132, 136, 33]), ports(), ports(), flags()).prop_map(|(number, source, destination, flags)| {
            (IntervalSet::single(number), source, destination, if number == 6 { flags } else { TcpFlagSet::FULL })
        }),
        1 => (ports(), ports()).prop_map(|(source, destination)| {
            (IntervalSet::from_intervals(vec![(6, 6), (17, 17)]), source, destination, TcpFlagSet::FULL)
        }),
        1 => (0_u16..255, 0_u16..256, 0..3).prop_map(move |(kind, code, which)| {
            let codes = if which == 0 { IntervalSet::full() } else { IntervalSet::single(code) };
            let kinds = if which == 2 { IntervalSet::range(kind, (kind + 2).min(254)) } else { IntervalSet::single(kind) };
            (IntervalSet::single(own_icmp), kinds, codes, TcpFlagSet::FULL)
        }),
        1 => (1_u8..=255).prop_map(|number| {
            (IntervalSet::single(number), IntervalSet::full(), IntervalSet::full(), TcpFlagSet::FULL)
        }),
        1 => (1_u8..=255).prop_map(|number| {
            (IntervalSet::single(number).complement(), IntervalSet::full(), IntervalSet::full(), TcpFlagSet::FULL)
        }),
        1 => Just((IntervalSet::full(), IntervalSet::full(), IntervalSet::full(), TcpFlagSet::FULL)),
    ];
    let states = (1_u8..32).prop_map(|bits| {
        let all = edgewarden::packets::ConnectionState::ALL.into_iter().enumerate();
        StateSet::of(&all.filter(|(place, _)| bits >> place & 1 == 1).map(|(_, state)| state).collect::<Vec<_>>())
    });
    (ends, service, patterns(), patterns(), states)
        .prop_map(
            |((source, destination), (protocol, source_port, destination_port, tcp_flags), ingress, egress, state)| {
                Match {
                    source: Addresses { ipv4: source.0, ipv6: source.1 },
                    destination: Addresses { ipv4: destination.0, ipv6: destination.1 },
                    protocol,
                    source_port,
                    destination_port,
                    ingress,
                    egress,
                    state,
                    tcp_flags,
                    conditions: Vec::new(),
                    tests: Vec::new(),
                }
            },
        )
        .boxed()
}

/// Checks that the only error is several interfaces in one option, which is all that random matches here can have.
fn check_error(result: &Result<usize, Unwritable>) {
    if let Err(error) = result {
        assert!(error.what.starts_with("several interfaces"), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn ipv4_rules_read_back_as_the_same_packets(wanted in matches(false)) {
        check_error(&round_trip::<u32>(&wanted, &[Family::Ipv4], "# Generated by iptables-save v1.8.9 on Thu\n", ""));
    }

    #[test]
    fn ipv6_rules_read_back_as_the_same_packets(wanted in matches(true)) {
        check_error(&round_trip::<u128>(&wanted, &[Family::Ipv6], "# Generated by ip6tables-save v1.8.9 on Thu\n", ""));
    }

    #[test]
    fn rules_in_a_file_of_both_families_apply_to_one_family(v4 in matches(false), v6 in matches(true)) {
        let both = [Family::Ipv4, Family::Ipv6];
        check_error(&round_trip::<u32>(&v4, &both, "", "-A FORWARD -6 -s 2001:db8::/32 -j DROP"));
        check_error(&round_trip::<u128>(&v6, &both, "", "-4 -A FORWARD -s 192.0.2.0/24 -j DROP"));
    }
}

#[test]
fn matches_that_cannot_be_written_are_refused() {
    let tcp = || Match { protocol: IntervalSet::single(6), ..Match::any() };
    let refused = [
        (Match { conditions: vec![(0, edgewarden::packets::truth(true))], ..Match::any() }, "condition"),
        (Match { destination_port: IntervalSet::single(443), ..Match::any() }, "ports or flags of any protocol"),
        (Match { protocol: IntervalSet::single(47), destination_port: IntervalSet::single(443), ..Match::any() }, "47"),
        (Match { protocol: IntervalSet::single(0), ..Match::any() }, "protocol 0"),
        (Match { tcp_flags: TcpFlagSet::single(TcpFlagSet::SYN), ..tcp() }, "TCP flags"),
        (Match { ingress: vec![InterfacePattern::exact("a-name-of-sixteen")], ..tcp() }, "name of an interface"),
        (Match { ingress: vec![InterfacePattern::exact("eth0\n-A INPUT -j ACCEPT")], ..tcp() }, "name of an interface"),
        (
            Match { protocol: IntervalSet::single(58), source_port: IntervalSet::single(128), ..Match::any() },
            "messages of the other family",
        ),
    ];
    for (packets, why) in refused {
        let error = lines(&packets, Family::Ipv4, &[Family::Ipv4]).expect_err(why);
        assert!(error.to_string().contains(why), "{error}");
        assert!(error.to_string().starts_with("iptables cannot write"), "{error}");
    }
    let nothing = Match { source_port: IntervalSet::empty(), ..tcp() };
    assert_eq!(lines(&nothing, Family::Ipv4, &[Family::Ipv4]).expect("no lines"), Vec::<String>::new());
}
