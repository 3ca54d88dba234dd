//! Loads the written files into the Linux kernel, and checks that it forwards the packets that needs call for, and not similar
//! ones.
//!
//! This test has the requirements of `tests/kernel.rs`, and prints the reason if it cannot run. `EDGEWARDEN_KERNEL_SETS` sets the
//! number of deployments; if it is set, the test fails if it cannot run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use edgewarden::deployment::needs::{Demand, resolve};
use edgewarden::deployment::{AddressPlan, Deployment, Firewall, FirewallRole, NatView, Zone};
use edgewarden::judge::FamilyAddress;
use edgewarden::model::{Addresses, Family, Match};
use edgewarden::packets::IntervalSet;
use serde_json::{Value, json};

use super::closed::written;
use super::deployments::deployment;

/// How many deployments an ordinary `cargo test` loads.
const DEPLOYMENTS: u64 = 10;

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kernel");

/// A packet, and whether it has to be forwarded.
#[derive(Debug, Clone)]
struct Probe<A> {
    hook: &'static str,
    ingress: String,
    egress: String,
    source: A,
    destination: A,
    protocol: u8,
    source_port: u16,
    destination_port: u16,
    /// The need that calls for it; none for a packet that no need may open.
    need: Option<String>,
}

/// A need on one firewall, in the addresses that its rules name.
struct Needed<'d> {
    id: &'d str,
    demand: &'d Demand,
    must: Vec<Match>,
    may: Vec<Match>,
}

/// A need that applies: its id, its node and its demand.
type Called = (String, String, Demand);

/// A firewall with the data for making packets.
struct Site<'d> {
    firewall: &'d Firewall,
    paths: Vec<Needed<'d>>,
    /// One interface of each zone.
    legs: BTreeMap<Zone, String>,
    /// Whether each zone has interfaces of its own, all named.
    clear: bool,
    /// Whether it translates.
    translates: bool,
}

const ZONES: [Zone; 4] = [Zone::Internet, Zone::EdgeExternal, Zone::EdgeInternal, Zone::Lan];
/// An interface that no zone names.
const SPARE: &str = "spare9";

fn covers(role: FirewallRole, demand: &Demand) -> bool {
    let outer = demand.from == Zone::Internet || demand.to == Zone::Internet;
    match role {
        FirewallRole::External => outer,
        FirewallRole::Internal => !outer,
        FirewallRole::Combined | FirewallRole::Host => true,
    }
}

/// An interface of a zone, by its name in the kernel.
fn leg(firewall: &Firewall, zone: Zone) -> String {
    match firewall.zones.of(zone) {
        _ if firewall.role == FirewallRole::Host => "eth0".to_owned(),
        Some(names) => {
            let pattern = edgewarden::deployment::interface_pattern(&names[0]);
            if pattern.prefix { format!("{}7", pattern.name) } else { pattern.name }
        }
        None => format!("left{}", zone as u8),
    }
}

/// Whether a firewall with this role has the zone.
fn has_zone(role: FirewallRole, zone: Zone) -> bool {
    match role {
        FirewallRole::External => matches!(zone, Zone::Internet | Zone::EdgeExternal),
        FirewallRole::Internal => matches!(zone, Zone::Lan | Zone::EdgeInternal),
        FirewallRole::Combined | FirewallRole::Host => true,
    }
}

/// The match with the Edge's public addresses in place of its own, if the firewall's rules name these.
fn as_named(mapped: bool, demand: &Demand, matching: &Match) -> Match {
    let mut named = matching.clone();
    if mapped && !demand.public.is_empty() {
        let public = Addresses::of_ips(demand.public.iter().map(|(_, public)| public));
        if demand.to == Zone::EdgeExternal {
            named.destination = public;
        } else if demand.from == Zone::EdgeExternal {
            named.source = public;
        }
    }
    named
}

fn holds<A: FamilyAddress>(matching: &Match, probe: &Probe<A>) -> bool {
    A::side(&matching.source).contains(probe.source)
        && A::side(&matching.destination).contains(probe.destination)
        && matching.protocol.contains(probe.protocol)
        && matching.source_port.contains(probe.source_port)
        && matching.destination_port.contains(probe.destination_port)
}

impl Site<'_> {
    /// The probes of one family: a packet of each need, and similar packets that must not be forwarded.
    fn probes<A: FamilyAddress>(&self) -> Vec<Probe<A>> {
        let mut probes = Vec::new();
        for path in &self.paths {
            for must in &path.must {
                let Some(wanted) = self.typical::<A>(path, must) else { continue };
                for similar in self.similar(&wanted) {
                    // Packets that another need may open are left out.
                    if !self.may::<A>(&similar) {
                        probes.push(Probe { need: None, ..self.on_wire(path.demand, similar) });
                    }
                }
                probes.push(self.on_wire(path.demand, wanted));
            }
        }
        probes
    }

    /// A packet that a need calls for; none if it calls for none of this family.
    fn typical<A: FamilyAddress>(&self, path: &Needed, must: &Match) -> Option<Probe<A>> {
        let address = |set: &IntervalSet<A>| set.intervals().last().map(|(low, _)| *low);
        let port = |set: &IntervalSet<u16>, likely: u16| if set.contains(likely) { Some(likely) } else { set.lowest() };
        let inbound = matches!(path.demand.to, Zone::EdgeExternal | Zone::EdgeInternal);
        Some(Probe {
            hook: match (self.firewall.role, inbound) {
                (FirewallRole::Host, true) => "input",
                (FirewallRole::Host, false) => "output",
                _ => "forward",
            },
            ingress: self.legs[&path.demand.from].clone(),
            egress: self.legs[&path.demand.to].clone(),
            source: address(A::side(&must.source))?,
            destination: address(A::side(&must.destination))?,
            protocol: must.protocol.lowest()?,
            source_port: port(&must.source_port, 45_000)?,
            destination_port: port(&must.destination_port, 443)?,
            need: Some(path.id.to_owned()),
        })
    }

    /// Packets that differ from it in one field: the next port, the other protocol, the next address, swapped ends, another
    /// interface.
    fn similar<A: FamilyAddress>(&self, probe: &Probe<A>) -> Vec<Probe<A>> {
        let mut all = Vec::new();
        let mut add = |similar: Probe<A>| all.push(similar);
        for port in [probe.destination_port.checked_sub(1), probe.destination_port.checked_add(1)].into_iter().flatten()
        {
            add(Probe { destination_port: port, ..probe.clone() });
        }
        add(Probe { protocol: if probe.protocol == 6 { 17 } else { 6 }, ..probe.clone() });
        for step in [A::next, A::previous] {
            if let Some(source) = step(probe.source) {
                add(Probe { source, ..probe.clone() });
            }
            if let Some(destination) = step(probe.destination) {
                add(Probe { destination, ..probe.clone() });
            }
        }
        let (source, destination) = (probe.destination, probe.source);
        add(Probe {
            source,
            destination,
            ingress: probe.egress.clone(),
            egress: probe.ingress.clone(),
            ..probe.clone()
        });
        if self.clear {
            add(Probe { ingress: SPARE.to_owned(), ..probe.clone() });
            add(Probe { egress: SPARE.to_owned(), ..probe.clone() });
            add(Probe { ingress: probe.egress.clone(), egress: probe.ingress.clone(), ..probe.clone() });
        }
        all
    }

    /// Whether some need may open it.
    fn may<A: FamilyAddress>(&self, probe: &Probe<A>) -> bool {
        self.paths.iter().any(|path| {
            let same_interfaces =
                self.legs[&path.demand.from] == probe.ingress && self.legs[&path.demand.to] == probe.egress;
            (same_interfaces || !self.clear) && path.may.iter().any(|may| holds(may, probe))
        })
    }

    /// The probe as it is on the wire: with the public address as destination, if the firewall translates it.
    fn on_wire<A: FamilyAddress>(&self, demand: &Demand, mut probe: Probe<A>) -> Probe<A> {
        let from_outside = self.legs.get(&Zone::Internet) == Some(&probe.ingress) && demand.to == Zone::EdgeExternal;
        let public = demand.public.iter().find(|(real, _)| A::from_ip(*real) == Some(probe.destination));
        if let Some((_, public)) = public.filter(|_| self.translates && from_outside) {
            probe.destination = A::from_ip(*public).expect("one family");
        }
        probe
    }
}

fn site<'d>(deployment: &'d Deployment, firewall: &'d Firewall, needs: &'d [Called]) -> Site<'d> {
    let mapped = firewall.nat_view == NatView::Mapped;
    let own = |node: &String| firewall.node.as_ref().is_none_or(|own| own == node);
    let covered = needs.iter().filter(|(_, node, demand)| covers(firewall.role, demand) && own(node));
    let paths = covered.map(|(id, _, demand)| Needed {
        id,
        demand,
        // Needs with several alternatives are not probed, since the file may have any of them.
        must: if demand.must.len() > 1 {
            Vec::new()
        } else {
            demand.must[0].packets.iter().map(|must| as_named(mapped, demand, must)).collect()
        },
        may: demand.may.iter().map(|may| as_named(mapped, demand, may)).collect(),
    });
    let legs: BTreeMap<Zone, String> = ZONES
        .into_iter()
        .filter(|zone| has_zone(firewall.role, *zone))
        .map(|zone| (zone, leg(firewall, zone)))
        .collect();
    let clear = firewall.role != FirewallRole::Host && legs.keys().all(|zone| firewall.zones.of(*zone).is_some());
    let outer = matches!(firewall.role, FirewallRole::External | FirewallRole::Combined);
    let translates = outer && !mapped && deployment.topology.is_nat();
    Site { firewall, paths: paths.collect(), legs, clear, translates }
}

/// The probes in the form that the kernel script reads.
fn as_json<A: FamilyAddress>(probes: &[Probe<A>]) -> Vec<(Value, Option<String>)> {
    probes
        .iter()
        .map(|probe| {
            let mut packet = json!({
                "hook": probe.hook, "in": probe.ingress, "out": probe.egress,
                "src": probe.source.to_ip().to_string(), "dst": probe.destination.to_ip().to_string(),
                "proto": if probe.protocol == 6 { "tcp" } else { "udp" },
                "sport": probe.source_port, "dport": probe.destination_port,
            });
            let ends = packet.as_object_mut().expect("an object");
            let absent = match probe.hook {
                "input" => ends.remove("out"),
                "output" => ends.remove("in"),
                _ => None,
            };
            assert_eq!(absent.is_some(), probe.hook != "forward");
            (packet, probe.need.clone())
        })
        .collect()
}

/// Whether the kernel can be asked, else the reason.
fn ready() -> Result<(), String> {
    let output = Command::new("python3").current_dir(SCRIPTS).args(["oracle.py", "--missing-set-kinds"]).output();
    let output = output.map_err(|error| format!("python3: {error}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(errors.lines().last().unwrap_or("no error message").to_owned()) }
}

/// A rule set in the kernel and the packets about it.
struct Case {
    name: String,
    rules: PathBuf,
    families: Vec<Family>,
    legs: String,
    probes: Vec<(Value, Option<String>)>,
}

fn cases(folder: &Path, count: u64) -> Vec<Case> {
    let mut cases = Vec::new();
    for seed in 0..count {
        let deployment = deployment(seed);
        let needs: Vec<Called> = resolve(&deployment, &AddressPlan::of(&deployment))
            .into_iter()
            .filter_map(|need| Some((need.definition.id.clone(), need.node, need.demand.ok()?)))
            .collect();
        // Every third case also has the node's own filter.
        let node = deployment.edge.nodes[0].name.clone();
        let host = Firewall {
            name: "host".to_owned(),
            role: FirewallRole::Host,
            node: Some(node),
            nat_view: NatView::Real,
            ..deployment.firewalls[0].clone()
        };
        for firewall in deployment.firewalls.iter().chain((seed % 3 == 0).then_some(&host)) {
            let site = site(&deployment, firewall, &needs);
            let mut probes = as_json(&site.probes::<u32>());
            probes.extend(as_json(&site.probes::<u128>()));
            let rules = folder.join(format!("{seed}-{}.rules", firewall.name));
            fs::write(&rules, written(&deployment, site.firewall)).expect("a file");
            let mut legs: Vec<&str> = site.legs.values().map(String::as_str).chain([SPARE]).collect();
            legs.dedup();
            cases.push(Case {
                name: format!("seed {seed}, {}", firewall.name),
                rules,
                families: deployment.families.clone(),
                legs: legs.join(","),
                probes,
            });
        }
    }
    cases
}

/// The kernel's answers, one for each load and each probe.
fn ask(folder: &Path, cases: &[Case]) -> Vec<Value> {
    let mut session = String::new();
    for case in cases {
        let mut load = json!({ "name": case.name, "legs": case.legs });
        for family in &case.families {
            let loader = if *family == Family::Ipv4 { "iptables" } else { "ip6tables" };
            load[loader] = json!(case.rules);
        }
        let _ = writeln!(session, "{}", json!({ "load": load }));
        for (id, (probe, _)) in case.probes.iter().enumerate() {
            let mut probe = probe.clone();
            probe["id"] = json!(id);
            let _ = writeln!(session, "{probe}");
        }
    }
    let file = folder.join("session.jsonl");
    fs::write(&file, session).expect("a file");
    let output = Command::new("python3")
        .current_dir(SCRIPTS)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg("oracle.py")
        .stdin(Stdio::from(fs::File::open(&file).expect("the session")))
        .output()
        .expect("python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers = String::from_utf8(output.stdout).expect("UTF-8");
    answers.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The answers of `edgewarden trace` to the same packets.
fn traced(folder: &Path, case: &Case) -> Vec<Value> {
    let mut probes = String::new();
    for (probe, _) in &case.probes {
        let _ = writeln!(probes, "{probe}");
    }
    let file = folder.join("probes.jsonl");
    fs::write(&file, probes).expect("a file");
    let program = Command::new(env!("CARGO_BIN_EXE_edgewarden"))
        .arg("trace")
        .arg(&case.rules)
        .arg("--probes")
        .arg(&file)
        .output();
    let output = program.expect("the program");
    assert!(output.status.success(), "{}: {}", case.name, String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .expect("UTF-8")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn the_kernel_forwards_packets_of_needs_and_not_similar_ones() {
    let asked = std::env::var("EDGEWARDEN_KERNEL_SETS").ok().map(|text| text.parse::<u64>().expect("a number"));
    if let Err(why) = ready() {
        assert!(asked.is_none(), "the kernel cannot be asked: {why}");
        println!("skipped: the kernel cannot be asked: {why}");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let cases = cases(folder.path(), asked.unwrap_or(DEPLOYMENTS));
    let answers = ask(folder.path(), &cases);
    let mut answers = answers.iter();
    let (mut forwarded, mut kept_out, mut wrong) = (0, 0, Vec::new());
    for case in &cases {
        let loaded = answers.next().expect("a load's answer");
        assert!(loaded["error"].is_null(), "{}: {loaded}\n{}", case.name, fs::read_to_string(&case.rules).expect("it"));
        for ((probe, need), traced) in case.probes.iter().zip(traced(folder.path(), case)) {
            let answer = answers.next().expect("a probe's answer");
            let verdict = answer["verdict"].as_str().unwrap_or_default();
            if verdict == "unseen" {
                continue;
            }
            let by_need = need.as_ref().is_none_or(|need| {
                answer["text"].as_str().is_some_and(|rule| rule.contains(need.as_str()) || rule.contains("...\""))
            });
            let expected = if need.is_some() { "accept" } else { "drop" };
            if verdict != expected || !by_need || traced["verdict"] != verdict || traced["rule"] != answer["rule"] {
                wrong.push(format!("{}: {probe} for {need:?}\n  kernel {answer}\n  trace {traced}", case.name));
            }
            *(if need.is_some() { &mut forwarded } else { &mut kept_out }) += 1;
        }
    }
    println!(
        "closed loop in the kernel: {} rule sets, {forwarded} packets forwarded, {kept_out} kept out",
        cases.len()
    );
    assert!(wrong.is_empty(), "{} wrong, the first:\n{}", wrong.len(), wrong[..wrong.len().min(3)].join("\n"));
    assert!(forwarded > 5 * cases.len() && kept_out > forwarded, "packets of both sorts");
}
