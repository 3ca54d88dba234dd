//! The deployment file: how valid files are read, and the error message for each broken one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // in the functions that tests share

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use edgewarden::catalog::Feature;
use edgewarden::deployment::{Deployment, DeploymentError, Family, FirewallRole, LoadBalancing, Topology, Zone, parse};
use proptest::prelude::*;

const FILE: &str = "edgewarden.toml";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/deployment")
}

fn text_of(name: &str) -> String {
    std::fs::read_to_string(folder().join("valid").join(format!("{name}.toml"))).expect(name)
}

fn read(text: &str) -> Result<Deployment, DeploymentError> {
    parse(FILE, text, text.as_bytes())
}

fn valid(name: &str) -> Deployment {
    read(&text_of(name)).unwrap_or_else(|error| panic!("{error}"))
}

fn addresses(list: &[std::net::IpAddr]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn networks(list: &[ipnet::IpNet]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

#[test]
fn a_minimal_file_gets_every_default() {
    let deployment = valid("single-nat");
    assert_eq!(deployment.sha256.len(), 64);
    assert_eq!((deployment.product.name(), deployment.topology.name()), ("lync2013", "single-nat"));
    assert!(!deployment.single_ip);
    assert_eq!(deployment.families, [Family::Ipv4]);
    assert_eq!(deployment.av_rule_style.name(), "either");
    let on: Vec<_> = Feature::ALL.iter().filter(|feature| deployment.features.has(**feature)).collect();
    assert_eq!(on, [&Feature::Webconf, &Feature::Cls]);
    let firewall = deployment.firewall("fw-int").unwrap();
    assert_eq!(
        (firewall.role, firewall.format.name.as_str(), firewall.nat_view.name()),
        (FirewallRole::Internal, "auto", "auto")
    );
    assert!(firewall.exports.is_empty() && firewall.stateful);
    assert!(Zone::ALL.iter().all(|zone| firewall.zones.of(*zone).is_none()));
    assert_eq!(firewall.line, 12);
    let edge = &deployment.edge;
    assert_eq!((edge.external_lb, edge.internal_lb), (LoadBalancing::None, LoadBalancing::None));
    assert_eq!(edge.media_ports, (50000, 59999));
    let ports = edge.ports;
    assert_eq!(
        (ports.access, ports.federation, ports.webconf, ports.av_tcp, ports.av_udp),
        (443, 5061, 443, 443, 3478)
    );
    assert_eq!(edge.nodes[0].line, 16);
    assert!(edge.vip.is_none() && edge.access_fqdn.is_none());
    let hosts = &deployment.hosts;
    assert_eq!(networks(&hosts.front_end), ["192.168.10.90/32"]);
    assert_eq!((&hosts.cms, &hosts.xmpp_gateway), (&hosts.front_end, &hosts.front_end));
    assert!(hosts.director.is_empty() && deployment.peers.federation.is_empty() && deployment.allows.is_empty());
    assert!(deployment.not_evaluated.is_empty(), "{:?}", deployment.not_evaluated);
    assert!(deployment.warnings.is_empty(), "{:?}", deployment.warnings);
}

#[test]
fn a_file_with_every_key_is_read_completely() {
    let deployment = valid("scaled-dnslb-nat");
    assert_eq!(deployment.topology, Topology::ScaledDnslbNat);
    assert_eq!(deployment.sip_domains, ["contoso.com", "fabrikam.com"]);
    assert_eq!(deployment.firewalls[0].zones.of(Zone::EdgeExternal), Some(["dmz-ext".to_owned()].as_slice()));
    assert_eq!(deployment.firewalls[0].exports, ["ext.cfg"]);
    let node = deployment.node("edge2").unwrap();
    assert_eq!(
        (addresses(&node.av.addr), addresses(&node.av.public)),
        (vec!["10.45.16.31".into()], vec!["131.107.155.31".into()])
    );
    assert_eq!(networks(&deployment.hosts.cms), ["192.168.10.90/32", "192.168.10.91/32"]);
    assert_eq!(deployment.edge.internal_lb, LoadBalancing::Dns);
    assert_eq!(deployment.allows[0].rule, Some(("fw-int".to_owned(), 47)));
    assert_eq!(deployment.allows[0].expires.unwrap().to_string(), "2026-12-31");
    let evidence =
        ["evidence.dns_external", "evidence.dns_internal", "evidence.cert_external", "evidence.cert_internal"];
    assert_eq!(deployment.not_evaluated, evidence);
    assert!(deployment.warnings.is_empty(), "{:?}", deployment.warnings);
}

#[test]
fn dotted_keys_and_companions_and_peers_are_read() {
    let deployment = valid("single-public");
    assert_eq!(deployment.firewalls[0].exports, ["fw.rules", "sets.ipset"]);
    assert_eq!(deployment.firewalls[1].node.as_deref(), Some("edge1"));
    assert_eq!(addresses(&deployment.edge.nodes[0].access.addr), ["131.107.155.10"]);
    assert_eq!(deployment.edge.media_ports, (50000, 50999));
    assert_eq!((deployment.edge.ports.av_udp, deployment.edge.ports.access), (3479, 443));
    assert_eq!(networks(&deployment.peers.federation), ["131.107.200.0/24"]);
    assert_eq!(networks(&deployment.peers.remote_clients), ["0.0.0.0/0"]);
    assert_eq!(deployment.not_evaluated, ["hosts.reverse_proxy"]);
    assert!(!deployment.features.has(Feature::Webconf) && deployment.features.has(Feature::Hybrid));
    assert!(deployment.warnings.is_empty(), "{:?}", deployment.warnings);
}

#[test]
fn exceptions_are_read_in_every_notation() {
    let deployment = valid("scaled-dnslb-public");
    assert_eq!(deployment.families, Family::ALL);
    let mut seen = String::new();
    for allow in &deployment.allows {
        let (source, destination) = (networks(&allow.source).join(","), networks(&allow.destination).join(","));
        let _ = writeln!(
            seen,
            "{} {:?} {:?} [{source}] [{destination}] {:?} {:?} {:?} {:?}",
            allow.line,
            allow.rule,
            allow.firewall,
            allow.protocol,
            allow.ports,
            allow.reason,
            allow.expires.map(|d| d.to_string())
        );
    }
    assert_eq!(
        seen,
        r#"44 Some(("fw-int", 47)) None [] [] None [] "WSUS" Some("2026-12-31")
49 Some(("fw-int.2", 3)) Some("fw-int") [] [] None [] "the object file" None
54 None Some("fw-int") [172.25.33.0/24] [192.168.10.53/32,fd00:10::53/128] Some("udp") [(53, 53)] "Name resolution until the resolvers move" Some("2027-01-31")
65 None None [] [192.168.10.7/32] Some("tcp") [(10050, 10051), (443, 443), (8530, 8530)] "monitoring" None
71 None None [] [] Some("89") [] "OSPF" None
"#
    );
}

#[test]
fn a_load_balancer_has_its_vip() {
    let deployment = valid("scaled-hlb");
    assert!(deployment.topology.is_hlb() && deployment.topology.is_scaled() && !deployment.topology.is_nat());
    let vip = deployment.edge.vip.unwrap();
    assert_eq!(
        (addresses(&vip.av), addresses(&vip.internal)),
        (vec!["131.107.155.70".into()], vec!["172.25.33.50".into()])
    );
    assert_eq!((vip.snat.access, vip.snat.webconf, vip.snat.av), (Some(true), None, Some(false)));
    assert_eq!(deployment.edge.external_lb, LoadBalancing::Hlb);
    assert_eq!(networks(&deployment.hosts.xmpp_gateway), ["192.168.10.99/32"]);
}

#[test]
fn with_one_address_webconf_and_av_are_access() {
    let deployment = valid("single-ip");
    for node in &deployment.edge.nodes {
        assert_eq!((&node.webconf, &node.av), (&node.access, &node.access));
    }
}

#[test]
fn an_address_may_be_its_own_public_address() {
    let deployment = valid("dual-stack-nat");
    let av = &deployment.edge.nodes[0].av;
    assert_eq!(av.addr[1], av.public[1]);
    assert!(deployment.warnings.is_empty(), "{:?}", deployment.warnings);
}

#[test]
fn each_oddity_is_a_warning_with_its_line() {
    let deployment = valid("odd");
    let seen: Vec<String> = deployment.warnings.iter().map(|(text, line)| format!("{line}: {text}")).collect();
    assert_eq!(seen.join("\n"), std::fs::read_to_string(folder().join("odd.warnings")).unwrap().trim_end());
}

#[test]
fn more_than_twelve_nodes_load() {
    let mut text = text_of("single-nat").replace("single-nat", "scaled-dnslb-nat");
    for n in 2..=21 {
        let _ = write!(text, "[[edge.node]]\nname = \"edge{n}\"\ninternal = {{ addr = [\"172.25.34.{n}\"] }}\n");
        for (service, net) in [("access", 1), ("webconf", 2), ("av", 3)] {
            let _ = writeln!(text, "{service} = {{ addr = [\"10.46.{net}.{n}\"], public = [\"131.108.{net}.{n}\"] }}");
        }
    }
    assert_eq!(read(&text).unwrap().edge.nodes.len(), 21);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_no_line() {
    let text = format!("\u{feff}{}", text_of("single-nat").replace('\n', "\r\n"));
    assert_eq!(read(&text).unwrap().edge.nodes[0].line, 16);
    let broken = text.replace("lync2013", "lync2012");
    assert_eq!(read(&broken).unwrap_err().line, 5);
}

#[test]
fn the_hash_depends_on_the_bytes_only() {
    let deployment = parse(FILE, &text_of("single-nat"), b"abc").unwrap();
    assert_eq!(deployment.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn control_characters_of_the_file_name_are_escaped() {
    let error = parse("a\u{1b}[2Jb\u{202e}", "schema = 3", b"").unwrap_err();
    assert!(error.to_string().starts_with("a\\u{1b}[2Jb\\u{202e}:1: schema: "), "{error}");
}

#[test]
fn deep_nesting_and_long_texts_give_an_error() {
    let (name, open, dots) = ("x".repeat(1 << 20), "[".repeat(1 << 18), "a.".repeat(1 << 16));
    for text in [
        format!("schema = {open}"),
        format!("schema = 1\nfeatures = {open}1"),
        format!("schema = 1\n[[{dots}a]]"),
        format!("schema = 1\n{dots}a = 1"),
        format!("schema = 1\nfeatures = {}", "{a=".repeat(1 << 16)),
        format!("schema = 1\n{name} = 1"),
        format!("schema = 1\n[deployment]\nproduct = \"{name}\""),
        format!(
            "schema = 1\n[deployment]\nproduct = \"sfb2015\"\ntopology = \"single-nat\"\nip_families = [{}]",
            "\"ipv4\",".repeat(1 << 16)
        ),
    ] {
        let message = read(&text).unwrap_err().to_string();
        assert!(message.len() < 1000, "{} bytes", message.len());
    }
}

#[test]
fn a_large_file_is_read_in_time() {
    let mut networks = String::new();
    for n in 0..1 << 17 {
        let _ = writeln!(networks, "\"10.{}.{}.{}\",", n >> 16, n >> 8 & 255, n & 255);
    }
    let text = text_of("single-nat").replace("[\"192.168.10.90\"]", &format!("[{networks}]"));
    let started = std::time::Instant::now();
    assert_eq!(read(&text).unwrap().hosts.front_end.len(), 1 << 17);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

/// One case of `broken.txt`.
struct Case {
    title: String,
    text: String,
    expected: String,
}

fn cases() -> Vec<Case> {
    let table = std::fs::read_to_string(folder().join("broken.txt")).unwrap();
    let nodeless = "schema = 1\n[deployment]\nproduct = \"sfb2015\"\ntopology = \"single-nat\"\n[edge]\n";
    let case = |block: &str| {
        let (title, block) = block.split_once('\n').unwrap();
        let lines = |mark: &str| -> Vec<&str> {
            block
                .lines()
                .filter_map(|line| line.strip_prefix(mark))
                .map(|line| line.strip_prefix(' ').unwrap_or(line))
                .collect()
        };
        let base = match lines("@")[0] {
            "empty" => String::new(),
            "nodeless" => nodeless.to_owned(),
            name => text_of(name),
        };
        let lines_of = |mark| lines(mark).iter().fold(String::new(), |text, line| text + line + "\n");
        let (from, to) = (lines_of("-"), lines_of("+"));
        if !from.is_empty() {
            assert!(base.contains(&from), "{title}: the valid file has no such lines");
        }
        Case { title: title.to_owned(), text: base.replacen(&from, &to, 1), expected: lines("!").join("\n") }
    };
    table.split("\n## ").skip(1).map(case).collect()
}

#[test]
fn each_broken_file_gives_line_key_problem_and_advice() {
    let mut wrong = String::new();
    for case in cases() {
        let error = match read(&case.text) {
            Err(error) => error.to_string(),
            Ok(_) => "accepted".to_owned(),
        };
        let seen = error.strip_prefix("edgewarden.toml:").unwrap_or(&error);
        if seen != case.expected {
            let _ = write!(wrong, "## {}\n! {}\nbut\n! {seen}\n", case.title, case.expected);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn no_message_has_an_invisible_character() {
    for case in cases() {
        let message = read(&case.text).unwrap_err().to_string();
        assert!(!message.chars().any(|c| c.is_control() || c == '\u{202e}'), "{}: {message:?}", case.title);
    }
}

/// Words that bring arbitrary text close to a deployment file.
fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec![
            "[", "]", "[[", "]]", "{", "}", "=", ",", ".", "\n", "\"", "'", "\"\"\"", "#", " = 1\n", "schema", "deployment",
            "edge", "node", "firewall", "allow", "hosts", "zones", "vip", "name", "addr", "public", "true", "0x", "1e9", "-1",
            "18446744073709551616", "2026-12-31", "10.0.0.0/33", "::ffff:1.2.3.4", "fw:4294967296", "*", "\u{202e}", "\u{0}", "é",
        ]).prop_map(str::to_owned),
        1 => ".{0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_never_panics(text in ".{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn arbitrary_fragments_never_panic(parts in prop::collection::vec(fragment(), 0..40)) {
        let _ = read(&parts.concat());
        let _ = read(&format!("schema = 1\n{}", parts.concat()));
    }

    #[test]
    fn a_mutated_file_never_panics(
        name in prop::sample::select(vec!["scaled-dnslb-nat", "scaled-dnslb-public", "single-public", "scaled-hlb", "single-ip"]),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, fragment()), 1..5),
    ) {
        let mut text: Vec<char> = text_of(name).chars().collect();
        for (at, length, new) in edits {
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, new.chars());
        }
        let text: String = text.into_iter().collect();
        if let Err(error) = read(&text) {
            prop_assert!(error.line >= 1 && error.line as usize <= text.lines().count() + 1);
            prop_assert!(!error.problem.is_empty() && !error.advice.is_empty());
            prop_assert!(!error.to_string().chars().any(char::is_control));
        }
    }

    #[test]
    fn a_moved_value_never_panics(
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        name in prop::sample::select(vec!["scaled-dnslb-nat", "scaled-dnslb-public", "single-public", "scaled-hlb", "odd"]),
    ) {
        let text = text_of(name);
        let mut lines: Vec<&str> = text.lines().collect();
        let line = lines.remove(from.index(lines.len()));
        lines.insert(to.index(lines.len()), line);
        let _ = read(&lines.join("\n"));
    }
}
