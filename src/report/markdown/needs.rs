//! Every need by interface, and the lines that were not recognised.

use std::io;

use super::escape::{Inline, code, text};
use super::{head, table};
use crate::catalog;
use crate::findings::{Need, Run};

/// The most rules or exceptions that a cell lists.
const MOST_NAMED: usize = 12;

pub(super) fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "## Needs by interface\n")?;
    for (interface, heading) in [("external", "External interface"), ("internal", "Internal interface")] {
        let rows: Vec<_> = run.needs.iter().filter(|need| side(need) == interface).map(row).collect();
        section(heading, &rows, out)?;
    }
    let others: Vec<_> = run.needs.iter().filter(|need| side(need).is_empty()).map(row).collect();
    if !others.is_empty() {
        section("Not in this version's catalogue", &others, out)?;
    }
    end_to_end(run, out)?;
    unrecognised(run, out)
}

/// Needs whose path has more than one firewall.
fn end_to_end(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    if run.end_to_end.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "### End to end
\nNeeds whose path has more than one firewall, with their status through all of them.\n"
    )?;
    let rows: Vec<[Inline; 5]> = run
        .end_to_end
        .iter()
        .map(|path| {
            [
                code(&path.need),
                text(&path.node),
                text(&path.family),
                text(&path.firewalls.join(", ")),
                text(path.status.name()),
            ]
        })
        .collect();
    table::write(out, ["Need", "Node", "Family", "Firewalls", "Status"], &rows)
}

/// The interface of a need; empty where the catalogue does not have the need.
fn side(need: &Need) -> &'static str {
    catalog::need(&need.id).map_or("", |definition| definition.interface.name())
}

fn section(heading: &str, rows: &[[Inline; 11]], out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "### {heading}\n")?;
    if rows.is_empty() {
        return writeln!(out, "None.\n");
    }
    let head = [
        "Need",
        "Node",
        "Family",
        "Firewall",
        "Status",
        "Requirement",
        "Rows",
        "Permitted by",
        "Exceptions",
        "Reason",
        "Finding",
    ];
    table::write(out, head, rows)
}

fn row(need: &Need) -> [Inline; 11] {
    let permitted_by: Vec<Inline> =
        need.permitted_by.iter().map(|rule| code(&format!("{}:{}", rule.input, rule.line))).collect();
    let exceptions: Vec<Inline> = need.exceptions.iter().flat_map(|list| list.split(',')).map(text).collect();
    let rows: Vec<Inline> = need.rows.iter().map(|id| text(id)).collect();
    let optional =
        |value: &Option<String>, shown: fn(&str) -> Inline| shown(value.as_deref().unwrap_or_default()).or_dash();
    [
        code(&need.id),
        text(&need.node),
        text(&need.family),
        optional(&need.firewall, code),
        head::of_status(need.status, ""),
        text(&need.requirement).or_dash(),
        Inline::joined(&rows, ", ").or_dash(),
        first(&permitted_by),
        first(&exceptions),
        optional(&need.reason, text),
        optional(&need.finding, code),
    ]
}

/// The first 12 entries of a list, and how many more there are.
fn first(all: &[Inline]) -> Inline {
    let shown = Inline::joined(&all[..all.len().min(MOST_NAMED)], ", ");
    match all.len().checked_sub(MOST_NAMED) {
        None | Some(0) => shown.or_dash(),
        Some(more) => Inline::ours(format!("{shown}, … ({more} more in the JSON report)")),
    }
}

fn unrecognised(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "## Lines that were not recognised\n")?;
    let rows: Vec<_> = run
        .inputs
        .iter()
        .filter(|input| input.lines.unrecognised > 0)
        .map(|input| {
            let lines = &input.lines;
            [code(&input.path), Inline::ours(lines.unrecognised.to_string()), Inline::ours(lines.total.to_string())]
        })
        .collect();
    if rows.is_empty() {
        return writeln!(out, "None: every line was understood, or has no effect on packets.\n");
    }
    writeln!(out, "Each may be a rule. The results for these inputs hold for the lines that were understood.\n")?;
    table::write(out, ["Input", "Not recognised", "Of"], &rows)
}
