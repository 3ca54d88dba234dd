//! Writes the files for the firewalls of deployments, and audits them.

use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};

use edgewarden::audit::{Case, Export, audit};
use edgewarden::deployment::{Deployment, Firewall, FirewallRole, Zones};
use edgewarden::findings::{NeedStatus, Run, Severity};
use edgewarden::formats::{self, Options};
use edgewarden::generate::draft;
use edgewarden::source::{Ledger, Limits, LineState, Source};

use super::deployments::{deployment, toml};
use super::random::Random;

/// The file that the iptables dialect writes for a firewall.
pub fn written(deployment: &Deployment, firewall: &Firewall) -> String {
    let dialect = formats::dialect("iptables").expect("the dialect");
    dialect.file(&draft(deployment, firewall)).unwrap_or_else(|error| panic!("{}: {error}", firewall.name))
}

/// Reads texts as the exports of firewalls, checks that every line is understood, and audits them.
pub fn audited(deployment: &Deployment, texts: &[(&Firewall, &str)]) -> Run {
    let exports = texts.iter().map(|(firewall, text)| {
        let source = Source::read(&firewall.name, &firewall.name, &mut text.as_bytes(), &Limits::default());
        let source = source.expect("text");
        let reading = formats::read(formats::named("iptables"), &[&source], &Options::default()).expect("a dump");
        for (line, words) in source.lines() {
            let state = reading.ledgers[0].state(line);
            assert!(
                matches!(state, Some(LineState::Understood | LineState::Ignored)),
                "line {line}, {state:?}: {words}"
            );
        }
        Export {
            firewall,
            lines: reading.ledgers.iter().map(Ledger::counts).collect(),
            formats: reading.formats.iter().map(|format| format.name()).collect(),
            rule_set: reading.rule_set,
            dialect: formats::dialect("iptables"),
            sources: vec![source],
        }
    });
    let exports = exports.collect();
    audit(&Case { deployment, exports, as_of: "2026-11-20".parse().expect("a date") })
}

/// The number of deployments, firewalls and rules that were written and judged.
#[derive(Debug, Default, Clone, Copy)]
pub struct Count {
    deployments: usize,
    firewalls: usize,
    rules: usize,
}

/// Writes the files for every firewall between zones, and audits all of them together. An error lists everything that is not
/// clean.
pub fn closes(deployment: &Deployment) -> Result<Count, String> {
    let between = deployment.firewalls.iter().filter(|firewall| firewall.role != FirewallRole::Host);
    let texts: Vec<(&Firewall, String)> = between.map(|firewall| (firewall, written(deployment, firewall))).collect();
    let borrowed: Vec<(&Firewall, &str)> = texts.iter().map(|(firewall, text)| (*firewall, text.as_str())).collect();
    let run = audited(deployment, &borrowed);
    let mut wrong = String::new();
    for need in &run.needs {
        let fine = matches!(need.status, NeedStatus::Satisfied | NeedStatus::NotApplicable | NeedStatus::NotEvaluated);
        if !fine || need.status == NeedStatus::NotEvaluated && need.firewall.is_some() {
            let _ = writeln!(wrong, "{need:?}");
        }
    }
    for finding in run.findings.iter().filter(|finding| finding.severity != Severity::Info) {
        let _ = writeln!(wrong, "{}: {} {:?} {:?}", finding.title, finding.why, finding.excess, finding.gap);
    }
    if wrong.is_empty() {
        return Ok(Count { deployments: 1, firewalls: texts.len(), rules: run.summary.rules.total });
    }
    for (firewall, text) in &texts {
        let _ = write!(wrong, "== {}\n{text}", firewall.name);
    }
    Err(wrong)
}

/// How many deployments an ordinary `cargo test` writes.
const DEPLOYMENTS: u64 = 2_000;

/// How many deployments that are not clean are printed in full.
const MOST_SHOWN: usize = 2;

#[test]
fn files_written_for_a_deployment_audit_clean() {
    let next = AtomicU64::new(0);
    let work = || {
        let mut count = Count::default();
        let mut wrong: Vec<(u64, String)> = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= DEPLOYMENTS {
                return (count, wrong);
            }
            match closes(&deployment(seed)) {
                Ok(one) => count = count.with(one),
                Err(why) => wrong.push((seed, why)),
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let done: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a worker")).collect()
    });
    let count = done.iter().fold(Count::default(), |all, (count, _)| all.with(*count));
    let mut wrong: Vec<&(u64, String)> = done.iter().flat_map(|(_, wrong)| wrong).collect();
    wrong.sort();
    for (seed, why) in wrong.iter().take(MOST_SHOWN) {
        println!("seed {seed}:\n{}\n{why}", toml(*seed));
    }
    assert!(wrong.is_empty(), "{} deployments do not audit clean; the first of them are printed above", wrong.len());
    let Count { deployments, firewalls, rules } = count;
    println!("closed loop: {deployments} deployments, {firewalls} firewalls, {rules} rules: all clean");
    assert!(deployments as u64 == DEPLOYMENTS && rules > 10 * deployments, "every one was judged");
}

impl Count {
    fn with(self, other: Self) -> Self {
        Self {
            deployments: self.deployments + other.deployments,
            firewalls: self.firewalls + other.firewalls,
            rules: self.rules + other.rules,
        }
    }
}

/// The deployment with zones named in ways that random deployments do not have: shared interfaces, patterns within patterns, any
/// interface, many interfaces, and every combination of zones that are not named.
fn with_other_zones(mut deployment: Deployment, random: &mut Random) -> Deployment {
    let choices: [&[&str]; 9] = [
        &["eth0"],
        &["eth1"],
        &["eth2", "eth3"],
        &["eth+"],
        &["bond0.1", "bond0.2", "bond0.3", "vlan*"],
        &["eth1", "eth+", "tun0"],
        &["wan"],
        &["lan*", "wlan0"],
        // If one zone has any interface, all other zones must be named.
        &["*"],
    ];
    for firewall in &mut deployment.firewalls {
        let all_named = random.chance(30);
        let mut zone = || {
            let named = *random.pick(if all_named { &choices } else { &choices[..8] });
            let owned = || named.iter().map(|name| (*name).to_owned()).collect();
            (all_named || random.chance(65)).then(owned)
        };
        firewall.zones = Zones { internet: zone(), edge_external: zone(), edge_internal: zone(), lan: zone() };
    }
    deployment
}

#[test]
fn files_for_zones_named_in_any_way_audit_clean() {
    let (mut count, mut random) = (Count::default(), Random::new(77));
    for seed in 0..200 {
        let deployment = with_other_zones(deployment(seed), &mut random.fork());
        match closes(&deployment) {
            Ok(one) => count = count.with(one),
            Err(why) => {
                let zones: Vec<_> = deployment.firewalls.iter().map(|firewall| &firewall.zones).collect();
                panic!("seed {seed} with {zones:#?}\n{}\n{why}", toml(seed));
            }
        }
    }
    println!(
        "closed loop: {} deployments with zones of all sorts, {} rules: all clean",
        count.deployments, count.rules
    );
}

#[test]
fn no_rule_can_be_left_out() {
    let (mut needed, mut random) = (0, Random::new(5));
    // With a virtual address a need has two alternatives, and if zones are not named, one permit takes several rules.
    let plain = |deployment: &Deployment| {
        deployment.edge.vip.is_none()
            && deployment.firewalls.iter().all(|firewall| {
                let zones = &firewall.zones;
                let outer = zones.internet.is_some() && zones.edge_external.is_some();
                outer || firewall.role == FirewallRole::Internal
            })
    };
    for deployment in (0..200).map(deployment).filter(plain) {
        for firewall in &deployment.firewalls {
            let text = written(&deployment, firewall);
            let mut permits: Vec<&str> = text.lines().filter(|line| line.contains("--ctstate NEW")).collect();
            random.shuffle(&mut permits);
            let left_out = permits[0];
            if left_out.contains("50000-59999") {
                // The media range may stay closed.
                continue;
            }
            let rest: String = text.split_inclusive('\n').filter(|line| line.trim_end() != left_out).collect();
            let run = audited(&deployment, &[(firewall, &rest)]);
            let lacking = |need: &&edgewarden::findings::Need| {
                matches!(need.status, NeedStatus::Missing | NeedStatus::Partial) && left_out.contains(&need.id)
            };
            assert!(run.needs.iter().any(|need| lacking(&need)), "{left_out}\n{text}");
            needed += 1;
        }
    }
    assert!(needed > 100, "{needed}");
}

#[test]
fn files_written_for_the_samples_audit_clean() {
    for folder in ["contoso", "contoso-clean"] {
        let path = format!("{}/sample-exports/{folder}/edgewarden.toml", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(&path).expect("the deployment");
        let deployment = edgewarden::deployment::parse(&path, &text, text.as_bytes()).expect("a deployment");
        let count = closes(&deployment).unwrap_or_else(|why| panic!("{folder}:\n{why}"));
        assert_eq!(count.firewalls, 2);
    }
}
