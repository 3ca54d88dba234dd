//! The text report, which `edgewarden audit` prints by default: no colours, at most [`WIDTH`] columns.

mod remediation;

use std::io;

use unicode_width::UnicodeWidthStr;

use crate::findings::{Disposition, Finding, FindingCounts, NeedStatus, Run, Severity};
use crate::source::{sanitise, sanitise_to};

use super::matrix::{COLUMNS, Cell, matrix};
use super::{place, ratio};
use crate::findings::replay;
use crate::layout::{pad, wrap};

/// The widest line, in columns.
pub const WIDTH: usize = 120;

/// Columns before a finding's title: glyph, severity, id.
const FINDING_INDENT: usize = 24;
/// Characters of a finding's id.
const ID_CHARACTERS: usize = 10;
/// Columns of a role's name in the matrix.
const ROLE_COLUMNS: usize = 15;
/// Columns of a cell of the matrix.
const CELL_COLUMNS: usize = 24;

/// Writes the run.
///
/// # Errors
/// Only those of `out`.
pub fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    header(run, out)?;
    findings(run, out)?;
    needs(run, out)?;
    if !run.notes.is_empty() {
        writeln!(out, "\nNotes")?;
        for note in &run.notes {
            line(out, "  - ", note)?;
        }
    }
    Ok(())
}

fn header(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let deployment = &run.deployment;
    let hash: String = deployment.sha256.chars().take(12).collect();
    let head = format!(
        "{} {}, as of {}: {} {}, deployment {hash}",
        run.tool.name, run.tool.version, run.as_of, deployment.product, deployment.topology
    );
    line(out, "", &head)?;
    for input in &run.inputs {
        let lines = &input.lines;
        let text = format!("{}: {} ({}, {} lines)", input.id, input.path, input.format, lines.total);
        line(out, "  ", &text)?;
    }
    let summary = &run.summary;
    let beside = match summary.needs.not_evaluated {
        0 => format!("{} not applicable", summary.needs.not_applicable),
        count => format!("{count} not evaluated, {} not applicable", summary.needs.not_applicable),
    };
    writeln!(out)?;
    ratio_line(out, "needs", ratio::needs(summary), "satisfied", &beside)?;
    ratio_line(out, "rules", ratio::rules(summary), "explained", "")?;
    ratio_line(out, "lines", ratio::lines(summary), "understood", &ratio::other_lines(run))
}

fn ratio_line(out: &mut dyn io::Write, name: &str, ratio: ratio::Ratio, word: &str, beside: &str) -> io::Result<()> {
    let percent = ratio.percent().map(|percent| format!(" ({percent} %)")).unwrap_or_default();
    let beside = if beside.is_empty() { String::new() } else { format!("; {beside}") };
    line(out, &format!("  {name}  "), &format!("{ratio} {word}{percent}{beside}"))
}

/// `2 critical, 1 high, 0 medium, 0 low, 3 info`.
fn counts(counts: &FindingCounts) -> String {
    let FindingCounts { critical, high, medium, low, info } = counts;
    format!("{critical} critical, {high} high, {medium} medium, {low} low, {info} info")
}

fn findings(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    if run.findings.is_empty() {
        return writeln!(out, "\nNo findings");
    }
    writeln!(out, "\nFindings: {}", counts(&run.summary.findings))?;
    for finding in &run.findings {
        writeln!(out)?;
        let first = format!(
            "{} {:<8}  {}",
            glyph(finding.severity),
            finding.severity.name(),
            sanitise_to(&finding.id, ID_CHARACTERS)
        );
        let title = match finding.disposition {
            Disposition::Open => finding.title.clone(),
            Disposition::Waived => format!("(waived) {}", finding.title),
            Disposition::WaiverExpired => format!("(waiver expired) {}", finding.title),
        };
        line(out, &pad(&first, FINDING_INDENT), &title)?;
        let indent = " ".repeat(FINDING_INDENT);
        line(out, &format!("{indent}rule    "), &deciding_rule(run, finding))?;
        if let Some(packet) = &finding.witness {
            line(out, &format!("{indent}packet  "), &replay::one_line(packet))?;
        }
        remediation::write(run, finding, out)?;
    }
    Ok(())
}

/// The path, line and effect of the deciding rule, or what decides where no line does.
fn deciding_rule(run: &Run, finding: &Finding) -> String {
    if let Some(rule) = place::decider(finding) {
        return format!("{} {}", place::path_and_line(run, rule), rule.effect);
    }
    let firewall = finding.firewall.as_deref().unwrap_or("the export");
    match finding.rules.last() {
        Some(rule) => format!("{} {}; no line of {firewall} decides", place::path_and_line(run, rule), rule.effect),
        None => format!("no line of {firewall} decides: its policy does"),
    }
}

fn needs(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let mut head = pad("Needs", ROLE_COLUMNS);
    for (interface, direction) in COLUMNS {
        head.push_str(&pad(&format!("{interface} {direction}"), CELL_COLUMNS));
    }
    writeln!(out, "\n{}", head.trim_end())?;
    for row in matrix(run) {
        let mut text = pad(&format!("  {}", row.role), ROLE_COLUMNS);
        for cell in &row.cells {
            text.push_str(&pad(&cell_text(cell), CELL_COLUMNS));
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

/// The worst status of a cell and how many of its needs have it: `✗ missing 1 of 3`.
fn cell_text(cell: &Cell) -> String {
    let Some((status, count)) = cell.statuses().first().copied() else { return "-".to_owned() };
    let of = cell.applicable();
    let name = status.name().replace('_', " ");
    match status {
        NeedStatus::NotApplicable => format!("{} {name}", status_glyph(status)),
        _ if count == of => format!("{} {name} {count}", status_glyph(status)),
        _ => format!("{} {name} {count} of {of}", status_glyph(status)),
    }
}

/// A prefix and text; further lines are indented by the width of the prefix.
fn line(out: &mut dyn io::Write, prefix: &str, text: &str) -> io::Result<()> {
    let indent = prefix.width().min(WIDTH / 2);
    let prefix = prefix.to_owned();
    for (number, part) in wrap(&sanitise(text), WIDTH - indent).iter().enumerate() {
        if number == 0 {
            writeln!(out, "{}", format!("{prefix}{part}").trim_end())?;
        } else {
            writeln!(out, "{}{part}", " ".repeat(indent))?;
        }
    }
    Ok(())
}

/// A severity's glyph; its word is printed beside it.
fn glyph(severity: Severity) -> char {
    match severity {
        Severity::Critical => '◆',
        Severity::High => '▲',
        Severity::Medium => '■',
        Severity::Low => '▪',
        Severity::Info => '▫',
    }
}

fn status_glyph(status: NeedStatus) -> char {
    match status {
        NeedStatus::Missing => '✗',
        NeedStatus::Misdirected => '↔',
        NeedStatus::Partial => '◐',
        NeedStatus::Undecided => '?',
        NeedStatus::Satisfied => '✓',
        NeedStatus::NotEvaluated => '○',
        NeedStatus::NotApplicable => '·',
    }
}
