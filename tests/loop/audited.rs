//! One firewall's files read and audited, as the program would.

use edgewarden::audit::{Case, Export, audit};
use edgewarden::deployment::Deployment;
use edgewarden::findings::Run;
use edgewarden::formats::{Format, Options};
use edgewarden::source::{Ledger, Limits, Source};

/// The files of one firewall, each with the id it goes by in findings.
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

/// The id of a firewall's file, counted from 0.
pub fn file_id(firewall: &str, place: usize) -> String {
    if place == 0 { firewall.to_owned() } else { format!("{firewall}.{}", place + 1) }
}

/// The first thing in which two runs differ in what they say of needs and findings, lines, texts and remediations included.
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

/// The run without the lines around a change that a diff shows: they are the export's, not the audit's.
fn without_context(run: &Run) -> Run {
    let mut run = run.clone();
    for remediation in run.findings.iter_mut().filter_map(|finding| finding.remediation.as_mut()) {
        let changes = remediation.diff.lines().filter(|line| line.starts_with(['+', '-']));
        remediation.diff = changes.collect::<Vec<_>>().join("\n");
    }
    run
}

/// What every need came to, but for the lines that permit it.
pub fn standings(run: &Run) -> Vec<(String, String, String, &'static str, Vec<String>)> {
    let row = |need: &edgewarden::findings::Need| {
        (need.id.clone(), need.node.clone(), need.family.clone(), need.status.name(), need.exceptions.clone())
    };
    run.needs.iter().map(row).collect()
}
