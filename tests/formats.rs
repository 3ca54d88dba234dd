//! The readers of exports, held to what Linux does: each file of `tests/formats/iptables` is read and rendered beside it.

#![allow(clippy::expect_used)] // these are tests, whatever clippy takes their helpers for

#[path = "formats/recognition.rs"]
mod recognition;

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use edgewarden::formats::{Options, Reading, named, read};
use edgewarden::model::{Action, InterfacePattern, Match, NewAddress, Rewrite, Rule, RuleSet, Test};
use edgewarden::packets::{ConnectionState, IntervalSet, Ordinal, StateSet, TcpFlagSet, truth};
use edgewarden::source::{Limits, LineState, Source};
use proptest::prelude::*;

fn source(id: &str, text: &[u8]) -> Source {
    Source::read(id, id, &mut &text[..], &Limits::default()).expect("text")
}

fn read_text(text: &str) -> Reading {
    edgewarden::formats::iptables::read(&[&source("fw", text.as_bytes())])
}

/// A set on an axis, as ranges; empty where it is the whole axis.
fn set<T: Ordinal>(label: &str, set: &IntervalSet<T>, show: impl Fn(T) -> String) -> Option<String> {
    if set.is_full() {
        return None;
    }
    let mut shown: Vec<String> = set
        .intervals()
        .iter()
        .take(6)
        .map(|(low, high)| if low == high { show(*low) } else { format!("{}-{}", show(*low), show(*high)) })
        .collect();
    if set.intervals().len() > 6 {
        shown.push(format!("… {} in all", set.intervals().len()));
    }
    Some(format!("{label} {}", if shown.is_empty() { "nothing".to_owned() } else { shown.join(",") }))
}

fn interface(label: &str, pattern: &InterfacePattern) -> String {
    let (not, plus) = (if pattern.negated { "not " } else { "" }, if pattern.prefix { "+" } else { "" });
    format!("{label} {not}{}{plus}", pattern.name)
}

fn product(rule_set: &RuleSet, product: &Match) -> String {
    let number = |value: u16| value.to_string();
    let v4 = |value: u32| Ipv4Addr::from(value).to_string();
    let v6 = |value: u128| Ipv6Addr::from(value).to_string();
    let mut parts: Vec<Option<String>> = vec![
        set("proto", &product.protocol, |value| value.to_string()),
        set("src", &product.source.ipv4, v4),
        set("src6", &product.source.ipv6, v6),
        set("dst", &product.destination.ipv4, v4),
        set("dst6", &product.destination.ipv6, v6),
        set("sport", &product.source_port, number),
        set("dport", &product.destination_port, number),
    ];
    parts.extend(product.ingress.iter().map(|pattern| Some(interface("in", pattern))));
    parts.extend(product.egress.iter().map(|pattern| Some(interface("out", pattern))));
    if product.state != StateSet::FULL {
        let states: Vec<&str> = ConnectionState::ALL
            .into_iter()
            .filter(|state| product.state.contains(*state))
            .map(ConnectionState::name)
            .collect();
        parts.push(Some(format!("state {}", states.join(","))));
    }
    if product.tcp_flags != TcpFlagSet::FULL {
        let flags: Vec<String> =
            (0..=255).filter(|byte| product.tcp_flags.contains(*byte)).map(|byte: u8| format!("{byte:02x}")).collect();
        parts.push(Some(match flags.len() {
            0..=8 => format!("flags {}", flags.join(",")),
            count => format!("flags {},{},{}… {count} in all", flags[0], flags[1], flags[2]),
        }));
    }
    for (id, values) in &product.conditions {
        let condition = &rule_set.conditions[*id as usize];
        let mark = if condition.volatile { "~" } else { "" };
        parts.push(Some(if *values == truth(false) {
            format!("not {mark}[{}]", condition.text)
        } else {
            format!("{mark}[{}]", condition.words(values))
        }));
    }
    parts.extend(product.tests.iter().map(|test| Some(asked(test))));
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "any".to_owned() } else { parts.join(" ") }
}

fn asked(test: &Test) -> String {
    match test {
        Test::Mark { of, mask, values, .. } => {
            format!("{of:?} mark & {mask:#x} in {:x?}", values.intervals()).to_lowercase()
        }
        Test::OriginalDestination(addresses) => {
            format!("came for {:?} {:?}", addresses.ipv4.intervals(), addresses.ipv6.intervals())
        }
        Test::OriginalDestinationPort(ports) => format!("came for ports {:?}", ports.intervals()),
        Test::Masked { source, mask, value, negated, .. } => {
            format!(
                "{} & {mask:#x} {} {value:#x}",
                if *source { "src" } else { "dst" },
                if *negated { "!=" } else { "==" }
            )
        }
        Test::At { hook, there } => format!("at {hook:?}: {there}").to_lowercase(),
        Test::DestinationTranslated { translated, .. } => format!("destination translated: {translated}"),
    }
}

fn new_address(address: &NewAddress) -> String {
    match address {
        NewAddress::Network(network) => format!("the same host in {network}"),
        NewAddress::Between(low, high) => format!("{low}-{high}"),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn action(rule_set: &RuleSet, action: &Action) -> String {
    match action {
        Action::Jump(chain) => format!("jump {}", rule_set.chains[*chain].name),
        Action::Goto(chain) => format!("goto {}", rule_set.chains[*chain].name),
        Action::Unknown(why) => format!("unknown ({why})"),
        Action::Rewrite(Rewrite::Destination(new)) => {
            let address = new_address(&new.address);
            let port = new.ports.map(|(low, high)| format!(" port {low}-{high}")).unwrap_or_default();
            format!("destination to {address}{port}")
        }
        Action::Rewrite(Rewrite::Source(Some(new))) => format!("source to {}", new_address(new)),
        Action::Rewrite(rewrite) => format!("{rewrite:?}").to_lowercase(),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// The line a rule stands on.
fn line_of(rule: &Rule, sources: &[&Source]) -> u32 {
    let origin = rule.origin.expect("every rule of a dump stands on a line");
    sources[origin.input as usize].line_at(origin.span.start as usize)
}

/// A rule set as text: base chains, chains with their rules, notes, and the lines that were not understood.
fn render(reading: &Reading, sources: &[&Source]) -> String {
    let rule_set = &reading.rule_set;
    let mut out = String::new();
    let families = |families: &[edgewarden::model::Family]| {
        families.iter().map(|family| family.name()).collect::<Vec<_>>().join("+")
    };
    let _ = writeln!(
        out,
        "families {}{}",
        families(&rule_set.families),
        if reading.truncated { ", truncated" } else { "" }
    );
    for base in &rule_set.base_chains {
        let chain = &rule_set.chains[base.chain];
        let _ = writeln!(
            out,
            "{:?} {} {:?}: {} {} {} policy {:?}",
            base.hook,
            base.priority,
            base.kind,
            families(&chain.families),
            chain.table,
            chain.name,
            base.policy
        );
    }
    for chain in &rule_set.chains {
        let _ = writeln!(out, "\n{} {} {}", families(&chain.families), chain.table, chain.name);
        let mut first = 1;
        for rule in &chain.rules {
            // By the numbers of the rules that iptables makes of it.
            let next = first + rule.count();
            let numbers = if next - first == 1 { first.to_string() } else { format!("{first}-{}", next - 1) };
            let _ = write!(out, "  {numbers} line {}: ", line_of(rule, sources));
            first = next;
            let alternatives: Vec<String> =
                rule.matches.iter().map(|alternative| product(rule_set, alternative)).collect();
            let alternatives = if alternatives.is_empty() { "never".to_owned() } else { alternatives.join(" | ") };
            let _ = write!(out, "{alternatives} → {}", action(rule_set, &rule.action));
            let _ =
                writeln!(out, "{}", rule.comment.as_ref().map(|comment| format!(" # {comment}")).unwrap_or_default());
        }
    }
    for note in &rule_set.notes {
        let _ = writeln!(out, "\nnote: {note}");
    }
    for (input, ledger) in reading.ledgers.iter().enumerate() {
        for (line, reason) in ledger.unrecognised() {
            let _ = writeln!(out, "\nunrecognised {input}:{line}: {reason}");
        }
    }
    out
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/iptables")
}

/// Reads the dumps of one case as one firewall and compares what they come to with the text beside them.
fn check(case: &str, files: &[&str]) {
    let sources: Vec<Source> =
        files.iter().map(|file| source(file, &std::fs::read(folder().join(file)).expect("the case's dump"))).collect();
    let sources: Vec<&Source> = sources.iter().collect();
    let reading = read(named("iptables"), &sources, &Options::default()).expect("a dump");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(case, render(&reading, &sources)));
}

macro_rules! cases {
    ($($(#[$meta:meta])* $name:ident: $case:literal, [$($file:literal),+];)*) => {$(
        $(#[$meta])*
        #[test]
        fn $name() {
            check($case, &[$($file),+]);
        }
    )*};
}

cases! {
    tables_have_their_hooks_priorities_and_policies: "tables", ["tables.rules"];
    several_addresses_are_several_rules_and_a_chain_declared_twice_is_empty: "several-addresses", ["several-addresses.rules"];
    addresses_and_interfaces_are_sets: "generic", ["generic.rules"];
    one_file_of_both_families_is_a_table_of_each: "both-families", ["both-families.rules"];
    ports_and_tcp_flags_are_exact: "ports", ["ports.rules"];
    icmp_types_and_codes_stand_on_the_port_axes: "icmp", ["icmp.rules"];
    conntrack_follows_the_kernel: "conntrack", ["conntrack.rules"];
    what_cannot_be_computed_is_a_condition: "conditions", ["conditions.rules"];
    targets_do_what_the_kernel_does: "targets", ["targets.rules"];
    quotes_and_comments_are_text: "text", ["text.rules"];
    no_rule_is_lost: "doubts", ["doubts.rules"];
    a_truncated_capture_is_in_doubt: "truncated", ["truncated.rules"];
    both_families_are_one_rule_set: "families", ["rules.v4", "rules.v6"];
    a_second_table_replaces_the_first: "replaced", ["replaced.rules"];
    inserts_go_where_they_say: "inserts", ["inserts.rules"];
    a_listing_is_the_filter_table: "listing", ["listing.rules"];
}

/// The reason for which a line is not read, in a table of these lines; line 4 is the first of them.
fn refused(rules: &str, line: u32) -> Option<String> {
    let source = source("fw", format!("*filter\n:INPUT DROP [0:0]\n:user - [0:0]\n{rules}COMMIT\n").as_bytes());
    let reading = edgewarden::formats::iptables::read(&[&source]);
    let ledger = &reading.ledgers[0];
    let unread = ledger.state(line) == Some(LineState::Unrecognised);
    if unread {
        let rules = reading.rule_set.chains.iter().flat_map(|chain| &chain.rules);
        let mut of_line = rules.filter(|rule| line_of(rule, &[&source]) == line);
        assert!(of_line.all(|rule| matches!(rule.action, Action::Unknown(_))), "it is believed");
    }
    unread.then(|| ledger.reason(line).to_owned())
}

/// All of these seen with iptables-restore 1.8.9, by nftables and legacy: "Index of insertion too big", "Invalid rule number".
#[test]
fn a_rule_goes_behind_the_last_at_most() {
    for (rules, last) in [
        ("-I INPUT 1 -j DROP\n", 4),
        ("-I INPUT -j DROP\n", 4),
        ("-A INPUT -j ACCEPT\n-I INPUT 2 -j DROP\n", 5),
        ("-A user -j ACCEPT\n-A user -j DROP\n-I user 3 -j DROP\n-I user 4 -j DROP\n", 7),
        ("-A INPUT -s 10.0.0.1,10.0.0.2 -j ACCEPT\n-I INPUT 3 -j DROP\n", 5),
        ("-A INPUT -j ACCEPT\n-I INPUT 2 -s 10.0.0.1,10.0.0.2 -j DROP\n-I INPUT 4 -j DROP\n", 6),
        ("-4 -A INPUT -j ACCEPT\n-6 -A INPUT -j ACCEPT\n-4 -I INPUT 2 -j DROP\n", 6),
    ] {
        assert_eq!(refused(rules, last), None, "{rules}");
    }
    for (rules, last) in [
        ("-I INPUT 2 -j DROP\n", 4),
        ("-I INPUT 0 -j DROP\n", 4),
        ("-A user -j ACCEPT\n-I INPUT 2 -j DROP\n", 5),
        ("-A INPUT -j ACCEPT\n-I INPUT 3 -j DROP\n", 5),
        ("-A INPUT -j ACCEPT\n-I INPUT 4294967295 -j DROP\n", 5),
        ("-A user -j ACCEPT\n-F user\n-I user 2 -j DROP\n", 6),
        ("-A INPUT -s 10.0.0.1,10.0.0.2 -j ACCEPT\n-I INPUT 4 -j DROP\n", 5),
        ("-6 -A INPUT -j ACCEPT\n-4 -I INPUT 2 -j DROP\n", 5),
    ] {
        let reason = refused(rules, last).unwrap_or_else(|| panic!("read: {rules}"));
        assert!(reason.contains("no such place"), "{reason}");
    }
    // What could not be read may have been a rule.
    assert_eq!(refused("garbage\n-I INPUT 2 -j DROP\n", 5), None);
}

#[test]
fn a_million_lines_take_linear_time() {
    let mut text = String::from("*filter\n:INPUT DROP [0:0]\n");
    for line in 0..30_000 {
        let _ =
            writeln!(text, ":c{line} - [0:0]\n-I INPUT -s 10.0.0.1 -j c{line}\ngarbage\n-A c{line} -j c{}", line + 1);
    }
    text.push_str("COMMIT\n");
    let started = std::time::Instant::now();
    let reading = read_text(&text);
    assert!(reading.rule_set.rule_count() > 60_000);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn hostile_rules_neither_hang_nor_grow() {
    let mut text = String::from("*filter\n:INPUT DROP [0:0]\n");
    let long = "-s 10.0.0.1 ".repeat(5_000);
    let _ = writeln!(text, "-A INPUT {long} -j ACCEPT");
    let apart = "-m multiport --ports 1,3 ".repeat(30);
    for _ in 0..2_000 {
        let _ = writeln!(text, "-A INPUT -p tcp {apart} -j ACCEPT");
        text.push_str("-A INPUT -s 10.0.0.1/255.255.0.1 -j ACCEPT\n");
    }
    for table in 0..20_000 {
        let _ = writeln!(text, "*t{table}");
    }
    let started = std::time::Instant::now();
    let reading = read_text(&text);
    let pieces: usize =
        reading.rule_set.chains.iter().flat_map(|chain| &chain.rules).map(|rule| rule.matches.len()).sum();
    assert!(pieces < 400_000, "{pieces}");
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

/// Words that rules are made of, so that a random line comes near to being one.
const WORDS: &[&str] = &[
    "-A",
    "INPUT",
    "user",
    "-I",
    "1",
    "-j",
    "-g",
    "ACCEPT",
    "DROP",
    "REJECT",
    "--reject-with",
    "tcp-reset",
    "-p",
    "tcp",
    "udp",
    "icmp",
    "--dport",
    "--sport",
    "80",
    "1:2",
    "65536",
    "9:1",
    "-s",
    "-d",
    "10.0.0.0/8",
    "1.2.3.4/255.0.255.0",
    "2001:db8::/32",
    "host.example",
    "!",
    "-m",
    "multiport",
    "--ports",
    "1,2:3",
    "state",
    "conntrack",
    "--ctstate",
    "NEW,DNAT",
    "--ctproto",
    "limit",
    "--limit",
    "comment",
    "--comment",
    "\"a b\"",
    "\"",
    "'",
    "\\",
    "foo",
    "--bar",
    "[1:2]",
    "*filter",
    "COMMIT",
    ":x",
    "-",
    "--",
    "-t",
    "nat",
    "-i",
    "eth+",
    "-f",
    "--tcp-flags",
    "SYN,ACK",
    "SYN",
    "--syn",
    "--icmp-type",
    "8/0",
    "iprange",
    "--src-range",
    "1.1.1.1-2.2.2.2",
    "DNAT",
    "--to-destination",
    "1.2.3.4:80",
    "\u{fffd}",
    "é",
    "-D",
    "-F",
    "-P",
    "-R",
    "-X",
    "NETMAP",
    "--to",
    "--to=::/0",
    "0",
];

fn line() -> impl Strategy<Value = String> {
    let words = prop::collection::vec(prop::sample::select(WORDS), 0..14).prop_map(|words| words.join(" "));
    prop_oneof![
        4 => words.clone().prop_map(|words| format!("-A INPUT {words}")),
        2 => words,
        1 => "\\PC{0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_and_every_line_accounted_for(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(source) = Source::read("fw", "fw", &mut bytes.as_slice(), &Limits::default()) {
            let reading = edgewarden::formats::iptables::read(&[&source]);
            prop_assert_eq!(reading.ledgers[0].counts().total, source.line_count() as usize);
            prop_assert!(reading.ledgers[0].lines().all(|(line, ..)| reading.ledgers[0].is_marked(line)));
            let _ = edgewarden::formats::detect(source.text());
        }
    }

    #[test]
    fn lines_like_rules_are_read_and_every_line_accounted_for(lines in prop::collection::vec(line(), 0..20)) {
        let text = format!("*filter\n:INPUT ACCEPT [0:0]\n{}\nCOMMIT\n", lines.join("\n"));
        let source = source("fw", text.as_bytes());
        let reading = edgewarden::formats::iptables::read(&[&source]);
        let ledger = &reading.ledgers[0];
        prop_assert_eq!(ledger.counts().total, source.line_count() as usize);
        prop_assert!(ledger.lines().all(|(line, ..)| ledger.is_marked(line)));
        let _ = render(&reading, &[&source]);
    }

    #[test]
    fn every_append_is_one_rule_or_one_for_each_address(lines in prop::collection::vec(prop::collection::vec(prop::sample::select(WORDS), 0..14), 1..20)) {
        let rules: Vec<String> = lines.iter().map(|words| format!("-A user {}", words.join(" "))).collect();
        let text = format!("*filter\n:INPUT ACCEPT [0:0]\n:user - [0:0]\n{}\nCOMMIT\n", rules.join("\n"));
        let source = source("fw", text.as_bytes());
        let reading = edgewarden::formats::iptables::read(&[&source]);
        let user = reading.rule_set.chains.iter().find(|chain| chain.name == "user").expect("it is declared");
        // One with several addresses is several, one after the other.
        let mut found: Vec<u32> = user.rules.iter().map(|rule| line_of(rule, &[&source])).collect();
        found.dedup();
        let wanted: Vec<u32> = (4..).take(rules.len()).collect();
        prop_assert_eq!(found, wanted);
        for rule in &user.rules {
            // What was not understood is never believed: it stands under a condition, or does something unknown.
            let unread = reading.ledgers[0].state(line_of(rule, &[&source])) == Some(LineState::Unrecognised);
            let open = matches!(rule.action, Action::Unknown(_)) || rule.matches.iter().all(|product| !product.conditions.is_empty() || !product.tests.is_empty());
            prop_assert!(!unread || open, "{}", render(&reading, &[&source]));
        }
    }
}

/// The real exports, where they are at hand.
fn corpus() -> Option<PathBuf> {
    let shared = std::env::var_os("EDGEWARDEN_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let corpus = shared.join("corpus/iptables");
    corpus.is_dir().then_some(corpus)
}

#[test]
fn real_dumps_are_read() {
    let Some(corpus) = corpus() else {
        println!("skipped: no corpus at hand (set EDGEWARDEN_SHARED)");
        return;
    };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(corpus).expect("the corpus").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let source = source(&name, &std::fs::read(&file).expect("a file"));
        let reading = read(None, &[&source], &Options::default()).expect("a dump");
        let counts = reading.ledgers[0].counts();
        let families: Vec<&str> = reading.rule_set.families.iter().map(|family| family.name()).collect();
        println!(
            "{} rules, {} of {} lines unrecognised, {families:?}: {name}",
            reading.rule_set.rule_count(),
            counts.unrecognised,
            counts.total
        );
        for (line, reason) in reading.ledgers[0].unrecognised().take(5) {
            println!("    {line}: {reason}: {}", source.line(line).unwrap_or_default());
        }
        assert_eq!(counts.total, source.line_count() as usize);
    }
}
