//! The list's rows: one for each finding, or one for each need, with the texts of its columns.

use std::collections::HashMap;

use super::Loaded;
use super::glyphs::status_word;
use crate::findings::{Disposition, Finding, NeedStatus, Run, Severity};

/// The finding or need of a row, by its index in the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// A finding.
    Finding(usize),
    /// A need, with or without a finding.
    Need(usize),
}

/// One row. A text that does not apply is empty.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its finding or need.
    pub item: Item,
    /// Its finding's index, if it is or has one.
    pub finding: Option<usize>,
    /// Its finding's severity.
    pub severity: Option<Severity>,
    /// A need's status.
    pub status: Option<NeedStatus>,
    /// The finding's kind, or the need's status, in words.
    pub state: String,
    /// The finding's kind by its name, if there is a finding.
    pub kind: &'static str,
    /// The finding's title, or the need's id.
    pub title: String,
    /// The need's id.
    pub need: String,
    /// `external` or `internal`.
    pub interface: String,
    /// `in` or `out`.
    pub direction: String,
    /// The role.
    pub role: String,
    /// The node.
    pub node: String,
    /// `ipv4` or `ipv6`.
    pub family: String,
    /// The firewall.
    pub firewall: String,
    /// The finding's disposition.
    pub disposition: Option<Disposition>,
    /// The text that words of a filter are searched in, in lower case.
    pub searched: String,
}

/// The rows of all findings, in the run's order.
#[must_use]
pub fn of_findings(run: &Run) -> Vec<Row> {
    run.findings.iter().enumerate().map(|(index, finding)| of_finding(index, finding)).collect()
}

/// The rows of all needs, in the run's order.
#[must_use]
pub fn of_needs(loaded: &Loaded) -> Vec<Row> {
    let run = &loaded.run;
    let findings: HashMap<_, _> =
        run.findings.iter().enumerate().map(|(index, finding)| (finding.id.as_str(), index)).collect();
    let rows = run.needs.iter().enumerate().map(|(index, need)| {
        let found = need.finding.as_deref().and_then(|id| findings.get(id).copied());
        let finding = found.and_then(|found| run.findings.get(found));
        let place = MatrixCell::of(&need.id);
        let purpose = loaded.needs.get(&need.id).map_or("", |text| text.purpose.as_str());
        let reason = need.reason.as_deref().unwrap_or_default();
        let firewall = need.firewall.clone().unwrap_or_default();
        let searched = [&need.id, &need.node, firewall.as_str(), purpose, reason, &need.requirement].join("\n");
        Row {
            item: Item::Need(index),
            finding: found,
            severity: finding.map(|finding| finding.severity),
            status: Some(need.status),
            state: status_word(need.status).to_owned(),
            kind: finding.map_or("", |finding| finding.kind.name()),
            title: need.id.clone(),
            need: need.id.clone(),
            interface: place.interface.to_owned(),
            direction: place.direction.to_owned(),
            role: place.role.to_owned(),
            node: need.node.clone(),
            family: need.family.clone(),
            firewall,
            disposition: finding.map(|finding| finding.disposition),
            searched: searched.to_lowercase(),
        }
    });
    rows.collect()
}

fn of_finding(index: usize, finding: &Finding) -> Row {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let mut searched = [&finding.title, &finding.id, finding.kind.name(), &finding.why].join("\n");
    let fields = [&finding.need, &finding.role, &finding.firewall, &finding.node];
    for field in fields.into_iter().flatten() {
        searched.push('\n');
        searched.push_str(field);
    }
    for rule in &finding.rules {
        searched.push('\n');
        searched.push_str(&rule.text);
    }
    let word = finding.kind.name().replace('_', " ");
    Row {
        item: Item::Finding(index),
        finding: Some(index),
        severity: Some(finding.severity),
        status: None,
        state: match finding.disposition {
            Disposition::Open => word,
            Disposition::Waived => format!("{word} (waived)"),
            Disposition::WaiverExpired => format!("{word} (waiver expired)"),
        },
        kind: finding.kind.name(),
        title: finding.title.clone(),
        need: text(&finding.need),
        interface: text(&finding.interface),
        direction: text(&finding.direction),
        role: text(&finding.role),
        node: text(&finding.node),
        family: text(&finding.family),
        firewall: text(&finding.firewall),
        disposition: Some(finding.disposition),
        searched: searched.to_lowercase(),
    }
}

/// The cell of the matrix for a need, from its id: `external.access.tcp-443.in`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatrixCell<'a> {
    /// `external` or `internal`.
    pub interface: &'a str,
    /// The role.
    pub role: &'a str,
    /// `in` or `out`.
    pub direction: &'a str,
}

impl<'a> MatrixCell<'a> {
    /// The cell that a need's id names; empty where it names none.
    #[must_use]
    pub fn of(need: &'a str) -> Self {
        let mut parts = need.split('.');
        Self {
            interface: parts.next().unwrap_or_default(),
            role: parts.next().unwrap_or_default(),
            direction: parts.next_back().unwrap_or_default(),
        }
    }
}
