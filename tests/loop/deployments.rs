//! Random deployments. Every one is valid, and together they have every topology, product, feature, list and way of naming zones
//! that a deployment file can have.
//!
//! [`toml`] writes one as text, and the program's own reader reads it back. [`Shape`] holds the choices that are made first.

use std::fmt::Write as _;

use edgewarden::deployment::Deployment;

use super::random::Random;

/// The choices on which the rest of a deployment depends.
struct Shape {
    topology: &'static str,
    product: &'static str,
    single_ip: bool,
    /// The audited families, which are also those of all addresses.
    families: Vec<&'static str>,
    nodes: usize,
    /// Network prefixes of this deployment's addresses, IPv4 and IPv6.
    dmz: (String, String),
    public: (String, String),
    inside: (String, String),
    lan: (String, String),
    /// Whether public addresses have the same host part as the private ones.
    aligned: bool,
}

impl Shape {
    fn of(random: &mut Random) -> Self {
        let topology = *random.pick(&[
            "single-nat",
            "single-public",
            "scaled-dnslb-nat",
            "scaled-dnslb-nat",
            "scaled-dnslb-public",
            "scaled-hlb",
            "scaled-hlb",
        ]);
        let families: &[&[&str]] = &[&["ipv4"], &["ipv4"], &["ipv4"], &["ipv6"], &["ipv4", "ipv6"], &["ipv6", "ipv4"]];
        let (second, third) = (random.between(1, 250), random.between(1, 250));
        let lan = match random.below(3) {
            0 => "192.168".to_owned(),
            1 => format!("10.{}", 128 + random.below(100)),
            _ => format!("172.{}", random.between(16, 23)),
        };
        Self {
            topology,
            product: *random.pick(&["lync2013", "sfb2015", "sfb2015", "sfb2019"]),
            single_ip: random.chance(20),
            families: random.pick(families).to_vec(),
            nodes: if topology.starts_with("single") { 1 } else { *random.pick(&[1, 2, 2, 2, 3, 3, 4]) },
            dmz: (format!("10.{}.{third}", second % 100), format!("fd00:{second:x}:{third:x}")),
            public: (format!("131.107.{third}"), format!("2a01:{second:x}:{third:x}")),
            inside: (format!("172.25.{second}"), format!("fd00:25:{second:x}")),
            lan: (lan, format!("fd00:{:x}", 0x1000 + second)),
            aligned: random.chance(60),
        }
    }

    fn has(&self, family: &str) -> bool {
        self.families.contains(&family)
    }

    fn translates(&self) -> bool {
        self.topology.ends_with("-nat")
    }

    /// One host address of each family in these networks, in quotes.
    fn hosts(&self, networks: &(String, String), number: usize) -> Vec<String> {
        let mut hosts = Vec::new();
        if self.has("ipv4") {
            hosts.push(format!("\"{}.{number}\"", networks.0));
        }
        if self.has("ipv6") {
            hosts.push(format!("\"{}::{number:x}\"", networks.1));
        }
        hosts
    }

    /// A list of LAN hosts, one for each number, in some or all families.
    fn lan_hosts(&self, random: &mut Random, numbers: &[usize]) -> String {
        let subnet = random.between(1, 4);
        let mut hosts = Vec::new();
        for number in numbers {
            if self.has("ipv4") {
                hosts.push(format!("\"{}.{subnet}.{number}\"", self.lan.0));
            }
            if self.has("ipv6") {
                hosts.push(format!("\"{}:{subnet:x}::{number:x}\"", self.lan.1));
            }
        }
        hosts.join(", ")
    }
}

/// A deployment file. It is valid for every seed.
pub fn toml(seed: u64) -> String {
    let mut random = Random::new(seed);
    let shape = Shape::of(&mut random);
    let mut text = String::from("schema = 1\n[deployment]\n");
    let _ = writeln!(text, "product = \"{}\"\ntopology = \"{}\"", shape.product, shape.topology);
    let families: Vec<String> = shape.families.iter().map(|family| format!("\"{family}\"")).collect();
    let _ = writeln!(text, "ip_families = [{}]\nsingle_ip = {}", families.join(", "), shape.single_ip);
    if random.chance(40) {
        let style = random.pick(&["destination", "source-and-destination", "either"]);
        let _ = writeln!(text, "av_rule_style = \"{style}\"");
    }
    features(&mut text, &mut random);
    firewalls(&mut text, &mut random, &shape);
    edge(&mut text, &mut random, &shape);
    hosts(&mut text, &mut random, &shape);
    peers(&mut text, &mut random, &shape);
    text
}

/// The deployment of a seed, read by the program's own reader.
pub fn deployment(seed: u64) -> Deployment {
    let text = toml(seed);
    match edgewarden::deployment::parse("edgewarden.toml", &text, text.as_bytes()) {
        Ok(deployment) => deployment,
        Err(error) => panic!("seed {seed}: {error}\n{text}"),
    }
}

/// The same deployment with only the first family audited. The addresses of the other stay. None if there is only one family.
pub fn with_one_family(seed: u64) -> Option<Deployment> {
    let text = toml(seed);
    let narrow = [("[\"ipv4\", \"ipv6\"]", "[\"ipv4\"]"), ("[\"ipv6\", \"ipv4\"]", "[\"ipv6\"]")];
    let (both, first) = narrow.into_iter().find(|(both, _)| text.contains(both))?;
    let text = text.replacen(both, first, 1);
    Some(edgewarden::deployment::parse("edgewarden.toml", &text, text.as_bytes()).expect("a deployment"))
}

fn features(text: &mut String, random: &mut Random) {
    text.push_str("[features]\n");
    let often = [("federation", 60), ("xmpp", 40), ("webconf", 80), ("cls", 80), ("ocs2007_partners", 25)];
    let seldom = ["hybrid", "push", "pic", "pic_av", "cac", "legacy_exchange_um", "legacy_clients", "other_edge_pools"];
    for (name, percent) in often.into_iter().chain(seldom.map(|name| (name, 20))) {
        if random.chance(70) {
            let _ = writeln!(text, "{name} = {}", random.chance(percent));
        }
    }
}

/// One firewall for both sides, or one each.
fn firewalls(text: &mut String, random: &mut Random, shape: &Shape) {
    const NAMES: [[&str; 4]; 5] = [
        ["eth0", "eth1", "eth2", "eth3"],
        ["ens192", "ens224", "ens256", "ens161"],
        ["wan", "dmz-ext", "dmz-int", "lan"],
        ["bond0.100", "bond0.200", "bond1.300", "bond1.400"],
        ["vlan10", "vlan20", "vlan30", "vlan40"],
    ];
    let names = random.pick(&NAMES);
    let zone = |random: &mut Random, zone: &str, name: &str, second: &str| -> Option<String> {
        match random.below(20) {
            0 => None,
            1 | 2 => Some(format!("{zone} = [\"{name}\", \"{second}\"]")),
            3 => Some(format!("{zone} = [\"{second}+\"]")),
            _ => Some(format!("{zone} = [\"{name}\"]")),
        }
    };
    let view = |random: &mut Random, inside: bool| match random.below(10) {
        0..=5 => "",
        // An internal firewall sees the Edge's own addresses. Only a firewall that translates may name the public ones.
        6 if !inside && shape.translates() => "nat_view = \"mapped\"\n",
        _ => *random.pick(&["nat_view = \"real\"\n", "nat_view = \"auto\"\n"]),
    };
    let mut firewall = |random: &mut Random, name: &str, role: &str, zones: &[Option<String>], view: &str| {
        let zones: Vec<&str> = zones.iter().flatten().map(String::as_str).collect();
        let zones = if zones.is_empty() { String::new() } else { format!("zones = {{ {} }}\n", zones.join(", ")) };
        let format = if random.chance(30) { "format = \"iptables\"\n" } else { "" };
        let _ = write!(text, "[[firewall]]\nname = \"{name}\"\nrole = \"{role}\"\n{format}{view}{zones}");
    };
    let internet = zone(random, "internet", names[0], "ppp");
    let external = zone(random, "edge_external", names[1], "veth");
    let internal = zone(random, "edge_internal", names[2], "br-edge");
    let lan = zone(random, "lan", names[3], "tun");
    if random.chance(40) {
        let view = view(random, false);
        firewall(random, "fw", "combined", &[internet, external, internal, lan], view);
    } else {
        let of_external = view(random, false);
        let of_internal = view(random, true);
        firewall(random, "ext", "external", &[internet, external], of_external);
        firewall(random, "int", "internal", &[internal, lan], of_internal);
    }
}

fn edge(text: &mut String, random: &mut Random, shape: &Shape) {
    text.push_str("[edge]\n");
    if random.chance(15) {
        let media = random.pick(&["[40000, 49999]", "[50000, 50999]", "[49152, 65535]", "[57500, 59999]"]);
        let _ = writeln!(text, "media_ports = {media}");
    }
    if shape.single_ip {
        let ports = random.pick(&[
            "access = 5061, webconf = 444, av_tcp = 443",
            "access = 443, webconf = 444, av_tcp = 445",
            "access = 4443, federation = 5061, webconf = 444, av_tcp = 443, av_udp = 3478",
        ]);
        let _ = writeln!(text, "ports = {{ {ports} }}");
    } else if random.chance(10) {
        text.push_str("ports = { access = 443, webconf = 444, av_tcp = 8443, av_udp = 3479 }\n");
    }
    let services: &[&str] = if shape.single_ip { &["access"] } else { &["access", "webconf", "av"] };
    // Several addresses of one service on a node are allowed but rare.
    let doubled = random.chance(5);
    for node in 0..shape.nodes {
        let _ = writeln!(text, "[[edge.node]]\nname = \"edge{}\"", node + 1);
        let _ = writeln!(text, "internal = {{ addr = [{}] }}", shape.hosts(&shape.inside, 10 + node).join(", "));
        for (place, service) in services.iter().enumerate() {
            let number = 32 * (place + 1) + node;
            let mut own = shape.hosts(if shape.translates() { &shape.dmz } else { &shape.public }, number);
            let outer_number = if shape.aligned { number } else { 220 - 32 * place - node };
            let mut outer = shape.hosts(&shape.public, outer_number);
            if doubled {
                own.extend(shape.hosts(if shape.translates() { &shape.dmz } else { &shape.public }, number + 16));
                outer.extend(shape.hosts(&shape.public, if shape.aligned { number + 16 } else { outer_number + 8 }));
            }
            let own = own.join(", ");
            let _ = if shape.translates() {
                writeln!(text, "{service} = {{ addr = [{own}], public = [{}] }}", outer.join(", "))
            } else {
                writeln!(text, "{service} = {{ addr = [{own}] }}")
            };
        }
    }
    if shape.topology == "scaled-hlb" {
        text.push_str("[edge.vip]\n");
        for (place, service) in services.iter().enumerate() {
            let _ = writeln!(text, "{service} = [{}]", shape.hosts(&shape.public, 150 + 20 * place).join(", "));
        }
        if random.chance(60) {
            let _ = writeln!(text, "internal = [{}]", shape.hosts(&shape.inside, 50).join(", "));
        }
        if random.chance(30) {
            text.push_str("snat = { access = true, webconf = true, av = false }\n");
        }
    }
}

fn hosts(text: &mut String, random: &mut Random, shape: &Shape) {
    text.push_str("[hosts]\n");
    let count = random.between(1, 4);
    let first = *random.pick(&[8, 10, 89, 90]);
    let front_ends: Vec<usize> = (first..first + count).collect();
    let _ = writeln!(text, "front_end = [{}]", shape.lan_hosts(random, &front_ends));
    let optional: [(&str, usize, &[usize]); 7] = [
        ("front_end_vip", 25, &[100]),
        ("director", 25, &[110, 111]),
        ("director_vip", 10, &[112]),
        ("cms", 25, &[120]),
        ("sba", 25, &[130, 132]),
        ("admin_hosts", 50, &[5]),
        ("xmpp_gateway", 25, &[140]),
    ];
    for (name, percent, numbers) in optional {
        if random.chance(percent) {
            let _ = writeln!(text, "{name} = [{}]", shape.lan_hosts(random, numbers));
        }
    }
    let mut networks = Vec::new();
    if shape.has("ipv4") {
        match random.below(3) {
            0 => networks.extend([1, 2, 3, 4].map(|third| format!("\"{}.{third}.0/24\"", shape.lan.0))),
            // Clients of two sites; some servers are in neither.
            1 => networks.extend([format!("\"{}.2.0/23\"", shape.lan.0), format!("\"{}.128.0/17\"", shape.lan.0)]),
            _ => networks.push(format!("\"{}.0.0/16\"", shape.lan.0)),
        }
    }
    if shape.has("ipv6") {
        networks.push(format!("\"{}::/{}\"", shape.lan.1, random.pick(&[32, 40])));
    }
    let _ = writeln!(text, "internal_networks = [{}]", networks.join(", "));
    if random.chance(30) {
        let mut resolvers =
            vec!["\"9.9.9.9\"".to_owned(), "\"149.112.112.112\"".to_owned(), "\"2620:fe::fe\"".to_owned()];
        if random.chance(10) {
            // An internal resolver is not reached through the external firewall.
            resolvers.push(format!("\"{}.1.53\"", shape.lan.0));
        }
        let _ = writeln!(text, "dns_resolvers = [{}]", resolvers.join(", "));
    }
    if random.chance(25) {
        text.push_str("crl_hosts = [\"93.184.220.29\", \"72.21.81.0/24\", \"2606:2800:220::/48\"]\n");
    }
}

fn peers(text: &mut String, random: &mut Random, _shape: &Shape) {
    const LISTS: [(&str, &str); 5] = [
        ("federation", "\"52.112.0.0/14\", \"52.120.0.0/14\", \"2603:1000::/24\""),
        ("pic", "\"64.4.0.0/18\", \"65.54.0.0/16\", \"2a01:111::/32\""),
        ("live_messenger", "\"65.54.128.0/24\""),
        ("xmpp", "\"64.233.160.0/19\", \"108.177.15.125\", \"2a00:1450::/32\""),
        ("remote_clients", "\"81.0.0.0/8\", \"217.0.0.0/11\", \"2003::/19\""),
    ];
    text.push_str("[peers]\n");
    for (name, list) in LISTS {
        if random.chance(20) {
            let _ = writeln!(text, "{name} = [{list}]");
        }
    }
}
