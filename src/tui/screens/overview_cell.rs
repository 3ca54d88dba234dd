//! One cell of the matrix: counts with glyph and word, the worst first, as much of it as fits.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::chrome::write;
use crate::findings::NeedStatus;
use crate::layout::{cells, fit, width};
use crate::tui::glyphs::status_word;
use crate::tui::matrix::Cell;
use crate::tui::state::State;

/// One count in a cell.
struct Part {
    glyph: &'static str,
    count: usize,
    word: &'static str,
    short: &'static str,
    style: Style,
}

/// Rows that the cell takes with each count on its own.
pub fn height(cell: &Cell) -> usize {
    let statuses = NeedStatus::ALL.iter().filter(|status| cell.count(**status) > 0).count();
    let findings = [cell.excess, cell.other, cell.waived].into_iter().filter(|count| *count > 0).count();
    (statuses + findings).max(1)
}

/// Columns that a cell of this width leaves free at its left, so that its text does not touch the selection's edge.
pub fn inset(width: usize) -> u16 {
    u16::from(width > 12)
}

/// Draws the cell: each count on a line of its own, else side by side, else side by side without words.
pub fn render(buffer: &mut Buffer, area: Rect, state: &State, cell: &Cell, selected: bool) {
    // A column stays free between two cells.
    let area = Rect { width: area.width.saturating_sub(1), ..area };
    if selected {
        buffer.set_style(area.intersection(buffer.area), state.theme.selected);
    }
    let parts = parts(cell, state);
    let columns = usize::from(area.width);
    let rows = usize::from(area.height);
    let pad = usize::from(inset(columns + 1));
    let lines = if parts.is_empty() {
        vec![vec![(state.glyphs.nothing.to_owned(), state.theme.quiet)]]
    } else {
        // Text never touches the selection's edges.
        let columns = columns.saturating_sub(2 * pad);
        let one_each = || parts.iter().map(|part| vec![(worded(part, columns), part.style)]).collect::<Vec<_>>();
        if parts.len() <= rows && one_each().iter().all(|line| width(&line[0].0) <= columns) {
            one_each()
        } else {
            let worded = flow(parts.iter().map(|part| (worded(part, columns), part.style)), columns, 2);
            let compact =
                || flow(parts.iter().map(|part| (format!("{}{}", part.glyph, part.count), part.style)), columns, 1);
            let fits = |lines: &Vec<Vec<(String, Style)>>| {
                lines.len() <= rows && lines.iter().flatten().all(|(text, _)| width(text) <= columns)
            };
            if fits(&worded) { worded } else { compact() }
        }
    };
    let gap = if columns >= 12 { "  " } else { " " };
    for (row, line) in lines.into_iter().take(rows).enumerate() {
        let mut spans = vec![Span::raw(" ".repeat(pad))];
        for (index, (text, style)) in line.into_iter().enumerate() {
            if index > 0 {
                spans.push(Span::raw(gap));
            }
            let text = fit(&text, columns, state.glyphs.ellipsis);
            spans.push(Span::styled(text, if selected { state.theme.selected } else { style }));
        }
        write(buffer, area, cells(row), Line::from(spans));
    }
}

fn parts(cell: &Cell, state: &State) -> Vec<Part> {
    let mut parts: Vec<_> = NeedStatus::ALL
        .into_iter()
        .filter(|status| cell.count(*status) > 0)
        .map(|status| Part {
            glyph: state.glyphs.status(status),
            count: cell.count(status),
            word: status_word(status),
            short: match status {
                NeedStatus::Misdirected => "misdir.",
                NeedStatus::NotEvaluated => "not eval.",
                other => status_word(other),
            },
            style: state.theme.status(status),
        })
        .collect();
    // Excess is worse than what is satisfied, and comes before it.
    let good = [state.glyphs.status(NeedStatus::Satisfied), state.glyphs.status(NeedStatus::NotEvaluated)];
    let good = [good[0], good[1], state.glyphs.status(NeedStatus::NotApplicable)];
    let at = parts.iter().position(|part| good.contains(&part.glyph)).unwrap_or(parts.len());
    let glyph = state.glyphs.excess;
    if cell.other > 0 {
        let word = if cell.other == 1 { "other finding" } else { "other findings" };
        parts.insert(at, Part { glyph, count: cell.other, word, short: "other", style: state.theme.text });
    }
    if cell.excess > 0 {
        let style = state.theme.excess();
        parts.insert(at, Part { glyph, count: cell.excess, word: "excess", short: "excess", style });
    }
    if cell.waived > 0 {
        let style = state.theme.quiet;
        parts.push(Part { glyph, count: cell.waived, word: "waived", short: "waived", style });
    }
    parts
}

/// A count with its word, or the word's short form where the word does not fit.
fn worded(part: &Part, columns: usize) -> String {
    let text = format!("{} {} {}", part.glyph, part.count, part.word);
    if width(&text) <= columns { text } else { format!("{} {} {}", part.glyph, part.count, part.short) }
}

/// The texts side by side, in as many lines as it takes.
fn flow(texts: impl Iterator<Item = (String, Style)>, columns: usize, gap: usize) -> Vec<Vec<(String, Style)>> {
    let mut lines: Vec<Vec<(String, Style)>> = Vec::new();
    let mut taken = 0;
    for (text, style) in texts {
        let needed = width(&text);
        match lines.last_mut() {
            Some(line) if taken + gap + needed <= columns => {
                line.push((text, style));
                taken += gap + needed;
            }
            _ => {
                lines.push(vec![(text, style)]);
                taken = needed;
            }
        }
    }
    lines
}
