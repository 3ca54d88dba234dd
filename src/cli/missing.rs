//! `edgewarden generate --only missing`: what an export lacks of the needs, as the changes that an audit proposes: the lines that
//! come, and where.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::bail;

use crate::deployment::{Firewall, FirewallRole};
use crate::findings::{Finding, Kind, Need, NeedStatus, Remediation, Run};

/// What is lacking, as text with `#` before all that is not a line to be put in.
pub(super) fn text(firewall: &Firewall, run: &Run) -> anyhow::Result<String> {
    if firewall.role == FirewallRole::Host {
        bail!("{}: a firewall of role host is not audited by this version: leave --only out", firewall.name);
    }
    let own = |need: &&Need| need.firewall.as_ref() == Some(&firewall.name);
    let lacking = run.needs.iter().filter(own).filter(|need| is_lacking(need.status)).count();
    let mut text = format!("# {}: {} lacking.\n", firewall.name, of_needs(lacking));
    for note in run.notes.iter().filter_map(|note| note.strip_prefix(&format!("{}: ", firewall.name))) {
        let _ = writeln!(text, "# {note}");
    }
    for need in run.needs.iter().filter(own).filter(|need| need.status == NeedStatus::Undecided) {
        let reason = need.reason.as_deref().unwrap_or_default();
        let _ = writeln!(text, "# Undecided, and not written: {} of {}, {}: {reason}", need.id, need.node, need.family);
    }
    let kinds = [Kind::Missing, Kind::Partial, Kind::Misdirected];
    let of_firewall = |finding: &&Finding| finding.firewall.as_ref() == Some(&firewall.name);
    let lacks = |finding: &&Finding| of_firewall(finding) && kinds.contains(&finding.kind);
    // Another finding's change may have a part of what a need lacks.
    let remediations = run.findings.iter().filter(lacks).filter_map(|finding| finding.remediation.as_ref());
    let shared: BTreeSet<&str> = remediations.flat_map(|change| &change.made_by).map(String::as_str).collect();
    let is_part = |finding: &&Finding| lacks(finding) || shared.contains(finding.id.as_str());
    for finding in run.findings.iter().filter(is_part) {
        let of_need = match (&finding.need, &finding.node) {
            (Some(id), Some(node)) => format!("{id} of {node}: "),
            _ => String::new(),
        };
        let _ = writeln!(text, "#\n# {of_need}{}", finding.title);
        match &finding.remediation {
            Some(remediation) => change(&mut text, remediation),
            None => comment(&mut text, &finding.why),
        }
    }
    Ok(text)
}

/// A change: where each of its edits goes, and what it puts there.
fn change(text: &mut String, remediation: &Remediation) {
    comment(text, &remediation.r#where);
    for edit in &remediation.edits {
        for line in edit.text.split(['\r', '\n']).filter(|line| !line.is_empty()) {
            let _ = writeln!(text, "{line}");
        }
    }
}

fn comment(text: &mut String, words: &str) {
    for line in words.lines() {
        let _ = writeln!(text, "# {}", line.trim());
    }
}

/// Whether a need is to be added to the rules.
fn is_lacking(status: NeedStatus) -> bool {
    matches!(status, NeedStatus::Missing | NeedStatus::Partial | NeedStatus::Misdirected)
}

fn of_needs(count: usize) -> String {
    match count {
        0 => "no need is".to_owned(),
        1 => "1 need is".to_owned(),
        count => format!("{count} needs are"),
    }
}
