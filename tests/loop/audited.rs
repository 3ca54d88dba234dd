//! Reads and audits the files of one firewall, as the program does.

use edgewarden::audit::{Case, Export, audit};
use edgewarden::deployment::Deployment;
use edgewarden::findings::Run;
use edgewarden::formats::{Format, Options};
use edgewarden::source::{Ledger, Limits, Source};

/// The audit of one firewall's files, each with the id that findings use.
pub fn run(deployment: &Deployment, firewall: usize, format: &'static dyn Format, files: &[String]) -> Run {
    let firewall = &deployment.firewalls[firewall];
    let sources: Vec<Source> = files
        .iter()
        .enumerate()
        .map(|(place, text)| {
            let id = file_id(&firewall.name, place);
            Source::read(&id, &id, &mut text.as_bytes(), &Limits::default()).expect("text")
        })
        .collect();
    let borrowed: Vec<&Source> = sources.iter().collect();
    let reading = edgewarden::formats::read(Some(format), &borrowed, &Options::default()).expect("an export");
    let export = Export {
        firewall,
        sources: sources.clone(),
        lines: reading.ledgers.iter().map(Ledger::counts).collect(),
        formats: reading.formats.iter().map(|format| format.name()).collect(),
        rule_set: reading.rule_set,
        dialect: format.dialect(),
    };
    audit(&Case { deployment, exports: vec![export], as_of: "2026-11-20".parse().expect("a date") })
}

/// The id of a firewall's file; `place` is its index from 0.
pub fn file_id(firewall: &str, place: usize) -> String {
    if place == 0 { firewall.to_owned() } else { format!("{firewall}.{}", place + 1) }
}

/// The first difference between the needs and findings of two runs. Lines, texts and remediations are compared as well.
pub fn difference(one: &Run, other: &Run) -> Option<String> {
    let (one, other) = (&without_context(one), &without_context(other));
    let needs = one.needs.iter().zip(&other.needs).find(|(one, other)| format!("{one:?}") != format!("{other:?}"));
    if let Some((one, other)) = needs {
        return Some(format!("{one:?} became {other:?}"));
    }
    let findings = one.findings.iter().zip(&other.findings);
    let mut findings = findings.filter(|(one, other)| format!("{one:?}") != format!("{other:?}"));
    match findings.next() {
        Some((one, other)) => Some(format!("{one:#?}\nbecame\n{other:#?}")),
        None if one.findings.len() != other.findings.len() => {
            Some(format!("{} findings became {}", one.findings.len(), other.findings.len()))
        }
        None => None,
    }
}

/// The run without the context lines of diffs, since these are lines of the export, not of the audit.
fn without_context(run: &Run) -> Run {
    let mut run = run.clone();
    for remediation in run.findings.iter_mut().filter_map(|finding| finding.remediation.as_mut()) {
        let changes = remediation.diff.lines().filter(|line| line.starts_with(['+', '-']));
        remediation.diff = changes.collect::<Vec<_>>().join("\n");
    }
    run
}

/// The result of every need, without the lines that permit it.
pub fn statuses(run: &Run) -> Vec<(String, String, String, &'static str, Vec<String>)> {
    let row = |need: &edgewarden::findings::Need| {
        (need.id.clone(), need.node.clone(), need.family.clone(), need.status.name(), need.exceptions.clone())
    };
    run.needs.iter().map(row).collect()
}
