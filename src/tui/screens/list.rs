//! The list of findings or needs: the first columns stay, the others scroll sideways; only the rows in sight are drawn.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout as Split, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::chrome::{margin, title_bar, write};
use super::detail;
use super::export::edited;
use crate::layout::{cells, fit, width};
use crate::tui::action::Action;
use crate::tui::glyphs::short_severity;
use crate::tui::list::{Column, List};
use crate::tui::rows::Row;
use crate::tui::session::Session;
use crate::tui::state::{Layer, Layout, State};

/// Columns between two columns.
const GAP: u16 = 2;

/// Draws the list.
pub fn render(frame: &mut Frame, area: Rect, state: &State, session: &Session, layout: &mut Layout) {
    let list = &session.list;
    let (all, shown) = (list.rows().len(), list.len());
    let name = if list.shows_needs() { "Needs" } else { "Findings" };
    let at = if shown == 0 { 0 } else { list.selected() + 1 };
    let right = if list.is_filtered() {
        format!("{at}/{shown} {} {shown} of {all} shown", state.glyphs.dot)
    } else {
        format!("{at} of {all}")
    };
    title_bar(frame.buffer_mut(), area, state, &[name], &right);
    // Where there is room, what is selected is shown in part below the list. The filter does not move the two.
    let spare = area.height.saturating_sub(cells(all).saturating_add(4));
    let below = spare.clamp(area.height / 3, area.height * 2 / 3);
    let below = if area.height >= 30 && area.width >= 60 { below } else { 0 };
    let air = u16::from(area.height >= 20);
    let [_, filter, head, rows, preview, _] = Split::vertical([
        Constraint::Length(1 + air),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(below),
        Constraint::Length(air.min(below)),
    ])
    .areas(margin(area));
    if !list.is_empty() {
        detail::preview(frame, preview, state, session);
    }
    let buffer = frame.buffer_mut();
    let (columns, furthest) = columns(list, rows);
    filter_line(buffer, filter, state, session);
    hidden_columns(buffer, filter, columns.len(), state);
    header(buffer, head, &columns, state, list);
    layout.page = usize::from(rows.height);
    layout.furthest = furthest;
    layout.offset = offset(list, layout.page);
    if list.is_empty() {
        let text = if list.is_filtered() { "Nothing matches the filter. 0 clears it." } else { "There are none." };
        write(buffer, rows, 1, Span::styled(text, state.theme.quiet));
    }
    for row in 0..rows.height {
        let place = layout.offset + usize::from(row);
        let Some(shown) = list.row(place) else { break };
        let at = Rect { y: rows.y + row, height: 1, ..rows };
        let selected = place == list.selected();
        if selected {
            buffer.set_style(Rect { x: area.x, width: area.width, ..at }, state.theme.selected);
        }
        for (column, across) in &columns {
            let (text, style) = cell(shown, *column, across.width, state);
            let text = fit(&text, usize::from(across.width), state.glyphs.ellipsis);
            let style = if selected { state.theme.selected } else { style };
            write(buffer, Rect { x: across.x, width: across.width, ..at }, 0, Span::styled(text, style));
        }
        layout.hits.push((at, Action::PickRow(place)));
    }
}

/// The first row shown: as before, unless the selection would be out of sight.
fn offset(list: &List, page: usize) -> usize {
    let furthest = list.len().saturating_sub(page);
    let lowest = (list.selected() + 1).saturating_sub(page);
    list.offset.clamp(lowest.min(list.selected()), list.selected()).min(furthest)
}

fn filter_line(buffer: &mut Buffer, area: Rect, state: &State, session: &Session) {
    let line = &session.list.line;
    let editing = state.layers.contains(&Layer::Filter);
    let mut spans = vec![Span::styled("Filter ", state.theme.quiet)];
    if editing {
        spans.extend(edited(line, usize::from(area.width).saturating_sub(7), state));
    } else if line.text().trim().is_empty() {
        spans.push(Span::styled("none", state.theme.quiet));
    } else {
        spans.push(Span::styled(line.text().to_owned(), state.theme.accent));
    }
    write(buffer, area, 0, Line::from(spans));
}

/// The columns shown with their places, and the furthest that the others scroll.
fn columns(list: &List, area: Rect) -> (Vec<(Column, Rect)>, usize) {
    let narrow = area.width < 60;
    let (stay, scroll) = Column::ALL.split_at(if narrow { 1 } else { 2 });
    let scroll: Vec<_> = scroll.iter().copied().filter(|column| *column != Column::Title).collect();
    let wide = |column: Column| {
        let arrow = if list.sort().0 == column { 2 } else { 0 };
        let text = list.widest(column).max(width(column.title(list.shows_needs())) + arrow);
        match column {
            Column::Severity if narrow => 6,
            Column::Severity => 10,
            // A status has its glyph before it.
            Column::State if list.shows_needs() => cells(text).saturating_add(2),
            _ => cells(text).min(16),
        }
    };
    let staying: u16 = stay.iter().map(|column| wide(*column) + GAP).sum();
    let free = area.width.saturating_sub(staying);
    let title = free.min(cells(list.widest(Column::Title))).min((free / 3).max(34));
    let room = free.saturating_sub(title);
    let fitting = |from: usize| {
        let mut taken = 0;
        let fits = |column: &&Column| {
            taken += GAP + wide(**column);
            taken <= room
        };
        scroll[from..].iter().take_while(fits).copied().collect::<Vec<_>>()
    };
    let furthest = (0..scroll.len()).find(|from| fitting(*from).len() == scroll.len() - from).unwrap_or(scroll.len());
    // Where not even one fits, there is nothing to scroll.
    let furthest = if furthest == scroll.len() { 0 } else { furthest };
    let scrolled = fitting(list.first_column.min(furthest));
    let taken: u16 = scrolled.iter().map(|column| GAP + wide(*column)).sum();
    let title = free.saturating_sub(taken);
    let mut x = area.x;
    let all = stay.iter().copied().chain([Column::Title]).chain(scrolled);
    let places = all.map(|column| {
        let columns = if column == Column::Title { title } else { wide(column) };
        let place = Rect { x, width: columns.min(area.right().saturating_sub(x)), ..area };
        x = x.saturating_add(columns + GAP).min(area.right());
        (column, place)
    });
    (places.collect(), furthest)
}

fn header(buffer: &mut Buffer, area: Rect, columns: &[(Column, Rect)], state: &State, list: &List) {
    let (sort, reversed) = list.sort();
    let arrow = if reversed { state.glyphs.descending } else { state.glyphs.ascending };
    buffer.set_style(area, state.theme.heading.add_modifier(ratatui::style::Modifier::UNDERLINED));
    for (column, across) in columns {
        let title = column.title(list.shows_needs());
        let title = if across.width < 8 && *column == Column::Severity { "Sev" } else { title };
        let title = if *column == sort { format!("{title} {arrow}") } else { title.to_owned() };
        let at = Rect { x: across.x, width: across.width, ..area };
        write(buffer, at, 0, Span::raw(title));
    }
}

/// Says that there are more columns than fit.
fn hidden_columns(buffer: &mut Buffer, area: Rect, shown: usize, state: &State) {
    let hidden = Column::ALL.len().saturating_sub(shown);
    if hidden > 0 && area.width >= 60 {
        let (left, right) = (state.glyphs.more_left, state.glyphs.more_right);
        let more = format!("{left} {hidden} more columns {right}");
        write(buffer, area, 0, Line::from(Span::styled(more, state.theme.quiet)).right_aligned());
    }
}

fn cell(row: &Row, column: Column, columns: u16, state: &State) -> (String, Style) {
    match (column, row.severity, row.status) {
        (Column::Severity, Some(severity), _) => {
            let word = if columns < 10 { short_severity(severity) } else { severity.name() };
            (format!("{} {word}", state.glyphs.severity(severity)), state.theme.severity(severity))
        }
        (Column::Severity, None, Some(status)) if columns < 10 => {
            // Without a column for the status, its glyph is shown here.
            (state.glyphs.status(status).to_owned(), state.theme.status(status))
        }
        (Column::Severity, None, _) => (state.glyphs.nothing.to_owned(), state.theme.quiet),
        (Column::State, _, Some(status)) => {
            (format!("{} {}", state.glyphs.status(status), row.state), state.theme.status(status))
        }
        (Column::Title, ..) => (row.title.clone(), state.theme.text),
        (other, ..) => {
            let text = other.text(row);
            let text = if text.is_empty() { state.glyphs.nothing } else { text };
            (text.to_owned(), state.theme.text)
        }
    }
}
