//! Deployments, what is written for their firewalls, and the audit of that.

use std::fs;

use edgewarden::audit::{Case, Export, audit};
use edgewarden::deployment::{self, Deployment, Firewall, FirewallRole};
use edgewarden::findings::{NeedStatus, Run, Severity};
use edgewarden::formats::{self, Format};
use edgewarden::generate::draft;
use edgewarden::source::{Ledger, Limits, LineState, Source};

/// What the iptables dialect writes for a firewall.
pub fn written(deployment: &Deployment, firewall: &Firewall) -> String {
    let dialect = formats::dialect("iptables").expect("the dialect");
    dialect.file(&draft(deployment, firewall)).unwrap_or_else(|error| panic!("{}: {error}", firewall.name))
}

/// Reads texts as the exports of firewalls, every line understood, and audits them.
pub fn audited(deployment: &Deployment, texts: &[(&Firewall, &str)]) -> Run {
    let exports = texts.iter().map(|(firewall, text)| {
        let source = Source::read(&firewall.name, &firewall.name, &mut text.as_bytes(), &Limits::default());
        let source = source.expect("text");
        let reading = formats::read(Format::Iptables, &[&source]).expect("a dump");
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

/// Writes for every firewall between zones, and audits all of that at once; how many rules that were.
pub fn closes(name: &str, deployment: &Deployment) -> usize {
    let between = deployment.firewalls.iter().filter(|firewall| firewall.role != FirewallRole::Host);
    let texts: Vec<(&Firewall, String)> = between.map(|firewall| (firewall, written(deployment, firewall))).collect();
    let borrowed: Vec<(&Firewall, &str)> = texts.iter().map(|(firewall, text)| (*firewall, text.as_str())).collect();
    let run = audited(deployment, &borrowed);
    for need in &run.needs {
        let fine = matches!(need.status, NeedStatus::Satisfied | NeedStatus::NotApplicable | NeedStatus::NotEvaluated);
        assert!(fine, "{name}: {need:#?}\n{}", all(&texts));
    }
    for finding in &run.findings {
        let told = (&finding.title, &finding.why, &finding.excess, &finding.gap);
        assert_eq!(finding.severity, Severity::Info, "{name}: {told:#?}\n{}", all(&texts));
    }
    run.summary.rules.total
}

fn all(texts: &[(&Firewall, String)]) -> String {
    texts.iter().map(|(firewall, text)| format!("== {}\n{text}", firewall.name)).collect()
}

#[test]
fn what_is_written_for_the_samples_is_audited_clean() {
    for folder in ["contoso", "contoso-clean"] {
        let path = format!("{}/sample-exports/{folder}/edgewarden.toml", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(&path).expect("the deployment");
        let deployment = deployment::parse(&path, &text, text.as_bytes()).expect("a deployment");
        println!("{folder}: {} rules", closes(folder, &deployment));
    }
}
