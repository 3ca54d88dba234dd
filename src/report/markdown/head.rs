//! The head of the report: inputs with hashes, summary, notes, matrix of needs.

use std::io;

use super::escape::{Inline, code, text};
use super::table;
use crate::findings::{Finding, NeedStatus, Run, Severity};
use crate::report::matrix::{Cell, matrix};
use crate::report::ratio::{self, Ratio};

pub(super) fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "# Firewall audit of a Lync or Skype for Business Edge\n")?;
    identity(run, out)?;
    inputs(run, out)?;
    summary(run, out)?;
    if !run.notes.is_empty() {
        writeln!(out, "## Notes\n\nLimits of this report:\n")?;
        for note in &run.notes {
            writeln!(out, "- {}", text(note))?;
        }
        writeln!(out)?;
    }
    needs_at_a_glance(run, out)
}

fn identity(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let product = match run.deployment.product.as_str() {
        "lync2013" => "Lync Server 2013 ",
        "sfb2015" => "Skype for Business Server 2015 ",
        "sfb2019" => "Skype for Business Server 2019 ",
        _ => "",
    };
    let row = |name: &str, value| [Inline::ours(name), value];
    let rows = [
        row("Tool", text(&format!("{} {}", run.tool.name, run.tool.version))),
        row("As of", text(&run.as_of)),
        row("Product", Inline::ours(format!("{product}{}", code(&run.deployment.product)))),
        row("Topology", code(&run.deployment.topology)),
        row("Deployment file, SHA-256", code(&run.deployment.sha256)),
        row("Schema of the run", code(&run.schema)),
    ];
    table::write(out, ["Audit", ""], &rows)
}

fn inputs(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "## Inputs\n")?;
    if run.inputs.is_empty() {
        return writeln!(out, "No export was given.\n");
    }
    let number = |number: usize| Inline::ours(number.to_string());
    let rows: Vec<_> = run
        .inputs
        .iter()
        .map(|input| {
            let lines = &input.lines;
            [
                code(&input.id),
                code(&input.path),
                text(&input.format),
                text(&input.encoding),
                Inline::ours(input.bytes.to_string()),
                number(lines.total),
                number(lines.understood),
                number(lines.ignored),
                number(lines.secret),
                if lines.unrecognised == 0 { number(0) } else { number(lines.unrecognised).bold() },
                code(&input.sha256),
            ]
        })
        .collect();
    let head = [
        "Input",
        "Path",
        "Format",
        "Encoding",
        "Bytes",
        "Lines",
        "Understood",
        "Ignored",
        "Secret",
        "Not recognised",
        "SHA-256",
    ];
    table::write(out, head, &rows)
}

fn summary(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "## Summary\n")?;
    let summary = &run.summary;
    let needs = &summary.needs;
    let row = |what: &str, ratio: Ratio, beside: String| {
        let percent = ratio.percent().map_or("–".to_owned(), |percent| format!("{percent} %"));
        [Inline::ours(what), Inline::ours(ratio.to_string()).bold(), Inline::ours(percent), Inline::ours(beside)]
    };
    let beside = format!(
        "{} missing, {} misdirected, {} partial, {} undecided, {} not evaluated; {} not applicable and not counted",
        needs.missing, needs.misdirected, needs.partial, needs.undecided, needs.not_evaluated, needs.not_applicable
    );
    let suspect = summary.rules.total.saturating_sub(summary.rules.explained);
    let rows = [
        row("Needs satisfied of applicable", ratio::needs(summary), beside),
        row(
            "Rules explained of all",
            ratio::rules(summary),
            format!("{suspect} that permit something in excess, or whose effect is undecided"),
        ),
        row("Lines understood of all", ratio::lines(summary), ratio::other_lines(run)),
    ];
    table::write(out, ["Ratio", "Count", "Share", "The others"], &rows)?;
    let found = &summary.findings;
    let counts = [found.critical, found.high, found.medium, found.low, found.info];
    let cell = |place: usize| {
        let count = Inline::ours(counts[place].to_string());
        if counts[place] > 0 && place < 2 { count.bold() } else { count }
    };
    let row = std::array::from_fn::<_, 5, _>(cell);
    writeln!(out, "Open findings by severity:\n")?;
    table::write(out, Severity::ALL.map(|severity| capitalised(severity.name())), &[row])?;
    index(&run.findings, out)
}

/// The list of findings, with the numbers of their sections.
fn index(findings: &[Finding], out: &mut dyn io::Write) -> io::Result<()> {
    let rows: Vec<_> = findings
        .iter()
        .enumerate()
        .map(|(place, finding)| {
            [
                Inline::ours((place + 1).to_string()),
                severity(finding.severity),
                Inline::ours(finding.kind.name().replace('_', " ")),
                text(&finding.title),
                code(&finding.id),
            ]
        })
        .collect();
    table::write(out, ["No.", "Severity", "Kind", "Finding", "Id"], &rows)
}

/// A severity in a line; critical and high in bold.
pub(super) fn severity(severity: Severity) -> Inline {
    let name = Inline::ours(severity.name());
    if severity <= Severity::High { name.bold() } else { name }
}

/// A severity's name at the head of a column.
fn capitalised(name: &'static str) -> &'static str {
    match name {
        "critical" => "Critical",
        "high" => "High",
        "medium" => "Medium",
        "low" => "Low",
        _ => "Info",
    }
}

fn needs_at_a_glance(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "## Needs at a glance\n")?;
    writeln!(
        out,
        "Needs by role, side and direction as the Edge sees it, over all nodes, families and firewalls; the worst first.\n"
    )?;
    let rows: Vec<_> = matrix(run)
        .iter()
        .map(|row| {
            let [a, b, c, d] = row.cells.each_ref().map(cell);
            [Inline::ours(row.role.name()), a, b, c, d]
        })
        .collect();
    table::write(out, ["Role", "External in", "External out", "Internal in", "Internal out"], &rows)
}

/// `**missing 1**, satisfied 2`; not applicable only where no need applies.
fn cell(cell: &Cell) -> Inline {
    let statuses = cell.statuses();
    if cell.applicable() == 0 {
        return if statuses.is_empty() { Inline::ours("–") } else { Inline::ours("not applicable") };
    }
    let applicable = statuses.into_iter().filter(|(status, _)| *status != NeedStatus::NotApplicable);
    let pieces: Vec<Inline> = applicable.map(|(status, count)| of_status(status, &format!(" {count}"))).collect();
    Inline::joined(&pieces, ", ")
}

/// A status in a line, in bold where it needs attention.
pub(super) fn of_status(status: NeedStatus, after: &str) -> Inline {
    let words = Inline::ours(format!("{}{after}", status.name().replace('_', " ")));
    match status {
        NeedStatus::Satisfied | NeedStatus::NotApplicable | NeedStatus::NotEvaluated => words,
        _ => words.bold(),
    }
}
