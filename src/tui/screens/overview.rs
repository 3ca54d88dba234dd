//! The overview: three ratios, the findings by severity, and the matrix of roles by interface and direction.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout as Split, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::chrome::{margin, rule, title_bar, write};
use super::overview_cell;
use crate::findings::{NeedStatus, Severity};
use crate::tui::action::Action;
use crate::tui::filter::Filter;
use crate::tui::glyphs::{short_severity, status_word};
use crate::tui::matrix::{COLUMNS, Matrix};
use crate::tui::session::Session;
use crate::tui::state::{Layout, State};
use crate::tui::text::{cells, fit, pad};

/// Draws the overview.
pub fn render(frame: &mut Frame, area: Rect, state: &State, session: &Session, layout: &mut Layout) {
    let run = &session.loaded.run;
    let dot = state.glyphs.dot;
    let right = format!("{} {dot} {} {dot} as of {}", product(&run.deployment.product), run.deployment.topology, run.as_of);
    title_bar(frame.buffer_mut(), area, state, &[], &right);
    let inside = margin(area);
    let roomy = area.height >= 20 && area.width >= 60;
    let (summary, head) = if roomy { (6, 3) } else { (u16::from(area.height >= 5), 1) };
    let [_, summary, head, rest] = Split::vertical([
        Constraint::Length(1),
        Constraint::Length(summary),
        Constraint::Length(head),
        Constraint::Fill(1),
    ])
    .areas(inside);
    let buffer = frame.buffer_mut();
    if roomy {
        rule(buffer, summary, 0, state);
        ratios(buffer, Rect { y: summary.y + 1, height: 4, ..summary }, state, session);
    } else {
        compact_summary(buffer, summary, state, session);
    }
    let columns = columns(rest);
    header(buffer, head, &columns, state);
    let panel = if roomy { 4.min(rest.height / 4) } else { 0 };
    let [matrix, panel] = Split::vertical([Constraint::Fill(1), Constraint::Length(panel)]).areas(rest);
    let used = lines(buffer, matrix, &columns, state, &session.matrix, layout);
    // What the matrix leaves free goes to the panel.
    let free = matrix.height.saturating_sub(used);
    let panel = Rect { y: panel.y - free, height: panel.height + free, ..panel };
    selected_cell(buffer, panel, state, session);
}

/// A product's own name.
fn product(name: &str) -> &str {
    match name {
        "lync2013" => "Lync Server 2013",
        "sfb2015" => "Skype for Business Server 2015",
        "sfb2019" => "Skype for Business Server 2019",
        other => other,
    }
}

fn ratios(buffer: &mut Buffer, area: Rect, state: &State, session: &Session) {
    let run = &session.loaded.run;
    let (needs, rules, lines) = (&run.summary.needs, run.summary.rules, run.summary.lines);
    let judged = needs.satisfied + needs.partial + needs.missing + needs.misdirected + needs.undecided;
    let unrecognised: usize = run.inputs.iter().map(|input| input.lines.unrecognised).sum();
    let aside = format!("{} not evaluated, {} n/a", needs.not_evaluated, needs.not_applicable);
    let unread = match unrecognised {
        0 => "none unrecognised".to_owned(),
        1 => "1 line unrecognised".to_owned(),
        more => format!("{more} lines unrecognised"),
    };
    // What was not evaluated is applicable, so it counts against the ratio; what is not applicable does not.
    let applicable = judged + needs.not_evaluated;
    let rows = [
        ("Needs satisfied", needs.satisfied, applicable, aside, state.theme.quiet),
        ("Rules explained", rules.explained, rules.total, String::new(), state.theme.quiet),
        (
            "Lines understood",
            lines.understood,
            lines.total,
            unread,
            if unrecognised > 0 { state.theme.error } else { state.theme.quiet },
        ),
    ];
    let widest = rows.iter().map(|(_, part, whole, ..)| ratio(*part, *whole).len()).max().unwrap_or(0);
    let bar = usize::from(area.width).saturating_sub(18 + widest + 2 + 7 + 2 + 24).min(40);
    for (row, (label, part, whole, aside, style)) in (0..).zip(rows) {
        let percent = percent(part, whole);
        let done = bar * percent.unwrap_or(0) / 100;
        let line = Line::from(vec![
            Span::styled(pad(label, 18, state.glyphs.ellipsis), state.theme.quiet),
            Span::styled(format!("{:>widest$}  ", ratio(part, whole)), state.theme.heading),
            Span::styled(state.glyphs.bar_done.repeat(done), state.theme.accent),
            Span::styled(state.glyphs.bar_rest.repeat(bar - done), state.theme.quiet),
            Span::raw(percent.map_or_else(|| " ".repeat(7), |percent| format!("{percent:>5} %"))),
            Span::styled(format!("  {aside}"), style),
        ]);
        write(buffer, area, row, line);
    }
    let mut spans = vec![Span::styled(pad("Open findings", 18, state.glyphs.ellipsis), state.theme.quiet)];
    for severity in Severity::ALL {
        let count = count(session, severity);
        let style = if count > 0 { state.theme.severity(severity) } else { state.theme.quiet };
        let glyph = state.glyphs.severity(severity);
        spans.push(Span::styled(format!("{glyph} {count} {}", severity.name()), style));
        spans.push(Span::raw("   "));
    }
    write(buffer, area, 3, Line::from(spans));
}

fn ratio(part: usize, whole: usize) -> String {
    format!("{part} of {whole}")
}

/// Rounded down, so that 100 % means all.
fn percent(part: usize, whole: usize) -> Option<usize> {
    part.saturating_mul(100).checked_div(whole).map(|percent| percent.min(100))
}

fn count(session: &Session, severity: Severity) -> usize {
    let counts = session.loaded.run.summary.findings;
    match severity {
        Severity::Critical => counts.critical,
        Severity::High => counts.high,
        Severity::Medium => counts.medium,
        Severity::Low => counts.low,
        Severity::Info => counts.info,
    }
}

fn compact_summary(buffer: &mut Buffer, area: Rect, state: &State, session: &Session) {
    let run = &session.loaded.run;
    let mut spans = Vec::new();
    for severity in Severity::ALL {
        let count = count(session, severity);
        if count > 0 {
            let text = format!("{}{count} {} ", state.glyphs.severity(severity), short_severity(severity));
            spans.push(Span::styled(text, state.theme.severity(severity)));
        }
    }
    let unrecognised: usize = run.inputs.iter().map(|input| input.lines.unrecognised).sum();
    if unrecognised > 0 {
        spans.push(Span::styled(format!("{unrecognised} lines?"), state.theme.error));
    }
    write(buffer, area, 0, Line::from(spans));
}

/// The label's column, and the four columns of cells.
fn columns(area: Rect) -> [Rect; 5] {
    let label = (area.width / 5).min(13);
    let cell = (area.width - label) / 4;
    let at = |column: u16| Rect { x: area.x + label + column * cell, width: cell, ..area };
    [Rect { width: label, ..area }, at(0), at(1), at(2), at(3)]
}

fn header(buffer: &mut Buffer, area: Rect, columns: &[Rect; 5], state: &State) {
    let heading = state.theme.heading;
    for (column, (interface, direction)) in columns[1..].iter().zip(COLUMNS) {
        let at = Rect { y: area.y, height: area.height, ..*column };
        if area.height >= 3 {
            if direction == "in" {
                let title = if interface == "external" { "External" } else { "Internal" };
                write(buffer, at, 0, Span::styled(title, heading));
            }
            write(buffer, at, 1, Span::styled(direction, state.theme.quiet));
        } else if at.width >= 14 {
            write(buffer, at, 0, Span::styled(format!("{interface} {direction}"), heading));
        } else {
            write(buffer, at, 0, Span::styled(format!("{} {direction}", &interface[..3]), heading));
        }
    }
    if area.height >= 3 {
        rule(buffer, area, 2, state);
    }
}

/// Draws the matrix's lines, each as high as it needs while there is room, and gives the rows used.
fn lines(
    buffer: &mut Buffer,
    area: Rect,
    columns: &[Rect; 5],
    state: &State,
    matrix: &Matrix,
    layout: &mut Layout,
) -> u16 {
    let selected = matrix.selected();
    let room = usize::from(area.height);
    // Where even one row for each line is too much, the selected line stays in sight.
    let first = (selected.0 + 1).saturating_sub(room.max(1));
    let shown = &matrix.lines[first.min(matrix.lines.len())..];
    let shown = &shown[..shown.len().min(room)];
    let needed: Vec<_> =
        shown.iter().map(|line| line.cells.iter().map(overview_cell::height).max().unwrap_or(1)).collect();
    let heights = heights(&needed, room);
    let spare = room.saturating_sub(heights.iter().sum());
    let gap = u16::from(spare >= shown.len() + 4);
    let mut top = area.y;
    for (index, (line, height)) in shown.iter().zip(heights).enumerate() {
        let row = first + index;
        let height = cells(height);
        let at = |column: &Rect| Rect { y: top, height, ..*column };
        let style = if row == selected.0 { state.theme.heading } else { Style::new() };
        let label = fit(line.label, usize::from(columns[0].width).saturating_sub(1), state.glyphs.ellipsis);
        write(buffer, at(&columns[0]), 0, Span::styled(label, style));
        for (column, cell) in line.cells.iter().enumerate() {
            let place = if line.cells.len() > 1 {
                at(&columns[1 + column])
            } else {
                at(&Rect { width: area.right().saturating_sub(columns[1].x), ..columns[1] })
            };
            overview_cell::render(buffer, place, state, cell, selected == (row, column));
            layout.hits.push((place, Action::PickCell(row, column)));
        }
        top += height + gap;
    }
    (top - area.y).min(area.height)
}

/// One row for each line, then one more for each that needs it, from the top, again and again while there is room.
fn heights(needed: &[usize], room: usize) -> Vec<usize> {
    let mut heights = vec![1; needed.len()];
    let mut free = room.saturating_sub(needed.len());
    while free > 0 {
        let before = free;
        for (height, needed) in heights.iter_mut().zip(needed) {
            if free > 0 && *height < *needed {
                *height += 1;
                free -= 1;
            }
        }
        if free == before {
            break;
        }
    }
    heights
}

/// The selected cell's needs and findings, as many as there is room for.
fn selected_cell(buffer: &mut Buffer, area: Rect, state: &State, session: &Session) {
    if area.height < 2 {
        return;
    }
    let room = usize::from(area.height) - 1;
    let title = session.matrix.title();
    let rest = usize::from(area.width).saturating_sub(title.len() + 1);
    let heading = Line::from(vec![
        Span::styled(format!("{title} "), state.theme.heading),
        Span::styled(state.glyphs.rule.repeat(rest), state.theme.quiet),
    ]);
    write(buffer, area, 0, heading);
    let run = &session.loaded.run;
    let filter = Filter::parse(&session.matrix.filter());
    let (findings, needs) = session.list.all_rows();
    let in_cell = |row: &&crate::tui::rows::Row| filter.matches(row, run);
    let mut needs: Vec<_> = needs.iter().filter(in_cell).collect();
    needs.sort_by_key(|row| NeedStatus::ALL.iter().position(|status| Some(*status) == row.status));
    let findings = findings.iter().filter(in_cell).filter(|row| row.need.is_empty()).take(room + 1);
    let mut lines: Vec<_> = needs
        .into_iter()
        .map(|row| {
            let status = row.status.unwrap_or(NeedStatus::NotEvaluated);
            let word = format!("{} {}", state.glyphs.status(status), status_word(status));
            (word, state.theme.status(status), format!("{}  {}  {}", row.title, row.node, row.family))
        })
        .chain(findings.map(|row| {
            let severity = row.severity.unwrap_or(Severity::Info);
            let word = format!("{} {}", state.glyphs.severity(severity), severity.name());
            (word, state.theme.severity(severity), row.title.clone())
        }))
        .collect();
    if lines.is_empty() {
        lines.push((String::new(), state.theme.quiet, "Nothing is called for here, and nothing was found.".to_owned()));
    }
    let more = lines.len() > room;
    lines.truncate(if more { room - 1 } else { room });
    let mut row = 1;
    for (word, style, text) in lines {
        let text = fit(&text, usize::from(area.width).saturating_sub(19), state.glyphs.ellipsis);
        let word = if word.is_empty() { word } else { pad(&word, 17, state.glyphs.ellipsis) };
        write(buffer, area, row, Line::from(vec![Span::styled(word, style), Span::raw(text)]));
        row += 1;
    }
    if more {
        write(buffer, area, row, Span::styled(format!("{} Enter lists all", state.glyphs.ellipsis), state.theme.quiet));
    }
}
