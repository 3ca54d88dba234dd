//! The overview: the summary, the matrix of roles by interface and direction, and what the selected cell holds.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout as Split, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::chrome::{margin, rule, title_bar, write};
use super::{overview_cell, summary};
use crate::findings::{NeedStatus, Severity};
use crate::layout::{cells, column, fit};
use crate::tui::action::Action;
use crate::tui::filter::Filter;
use crate::tui::glyphs::status_word;
use crate::tui::matrix::{COLUMNS, Matrix};
use crate::tui::session::Session;
use crate::tui::state::{Layout, State};

/// Draws the overview.
pub fn render(frame: &mut Frame, area: Rect, state: &State, session: &Session, layout: &mut Layout) {
    let run = &session.loaded.run;
    let dot = state.glyphs.dot;
    let inside = margin(area);
    let roomy = area.height >= 20 && area.width >= 60;
    let right = if roomy {
        format!(
            "{} {dot} {} {dot} as of {}",
            summary::product(&run.deployment.product),
            run.deployment.topology,
            run.as_of
        )
    } else {
        summary::compact_ratios(state, session, area.width < 70)
    };
    title_bar(frame.buffer_mut(), area, state, &[], &right);
    let (above, head) = if roomy { (6, 3) } else { (u16::from(area.height >= 5), 1) };
    let [_, top, head, rest] = Split::vertical([
        Constraint::Length(1),
        Constraint::Length(above),
        Constraint::Length(head),
        Constraint::Fill(1),
    ])
    .areas(inside);
    let buffer = frame.buffer_mut();
    if roomy {
        rule(buffer, top, 0, state);
        summary::ratios(buffer, Rect { y: top.y + 1, height: 4, ..top }, state, session);
    } else {
        summary::compact_findings(buffer, top, state, session);
    }
    let columns = columns(rest);
    header(buffer, head, &columns, state);
    let panel = if roomy { 4.min(rest.height / 4) } else { 0 };
    let [matrix, panel] = Split::vertical([Constraint::Fill(1), Constraint::Length(panel)]).areas(rest);
    let used = lines(buffer, matrix, &columns, state, &session.matrix, layout);
    // The panel gets the rest of the height.
    let free = matrix.height.saturating_sub(used);
    let panel = Rect { y: panel.y - free, height: panel.height + free, ..panel };
    selected_cell(buffer, panel, state, session);
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
        // As far in as the cells' texts are.
        let inset = overview_cell::inset(usize::from(column.width));
        let (x, width) = (column.x + inset, column.width.saturating_sub(inset));
        let at = Rect { x, width, y: area.y, height: area.height };
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
        lines.push((String::new(), state.theme.quiet, "No need applies here, and there are no findings.".to_owned()));
    }
    let more = lines.len() > room;
    lines.truncate(if more { room - 1 } else { room });
    let mut row = 1;
    for (word, style, text) in lines {
        let text = fit(&text, usize::from(area.width).saturating_sub(19), state.glyphs.ellipsis);
        let word = if word.is_empty() { word } else { column(&word, 17, state.glyphs.ellipsis) };
        write(buffer, area, row, Line::from(vec![Span::styled(word, style), Span::raw(text)]));
        row += 1;
    }
    if more {
        write(buffer, area, row, Span::styled(format!("{} Enter lists all", state.glyphs.ellipsis), state.theme.quiet));
    }
}
