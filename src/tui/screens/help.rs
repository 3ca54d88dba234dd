//! Help: every key of the keymap, the filter's fields, and the meaning of the glyphs.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::chrome::{overlay, scrolled};
use crate::findings::{NeedStatus, Severity};
use crate::layout::{column, wrap};
use crate::tui::filter::FIELDS;
use crate::tui::glyphs::status_word;
use crate::tui::keymap::{self, KEYMAP};
use crate::tui::state::{Layout, State};

/// Columns of one column of the help.
const COLUMN: usize = 56;

/// Draws the help.
pub fn render(frame: &mut Frame, area: Rect, state: &State, layout: &mut Layout) {
    let room = usize::from(area.width).saturating_sub(4);
    let two = room >= 2 * COLUMN + 2;
    let columns = if two { 2 * COLUMN + 2 } else { room.min(72) };
    let blocks = blocks(state, if two { COLUMN } else { columns });
    let lines = if two { side_by_side(&blocks) } else { blocks.into_iter().flatten().collect() };
    let inside = overlay(frame, area, state, "Keys", (columns + 4, lines.len() + 2));
    scrolled(frame.buffer_mut(), inside, state, &lines, state.scroll, layout);
}

/// One block for each heading, each ending in a blank line.
fn blocks(state: &State, columns: usize) -> Vec<Vec<Line<'static>>> {
    let row = |key: &str, text: &str| {
        let keys = 18.min(columns * 2 / 5);
        let lines = wrap(text, columns.saturating_sub(keys)).into_iter().enumerate();
        let lines = lines.map(|(index, text)| {
            let key = column(if index == 0 { key } else { "" }, keys, state.glyphs.ellipsis);
            Line::from(vec![Span::styled(key, state.theme.accent), Span::raw(text)])
        });
        lines.collect::<Vec<_>>()
    };
    let heading = |title: &'static str| Line::styled(title, state.theme.heading);
    let mut blocks = Vec::new();
    for section in &KEYMAP {
        let mut block = vec![heading(section.title)];
        let mut bindings = section.bindings.iter().peekable();
        while let Some(binding) = bindings.next() {
            let mut keys: Vec<_> = binding.keys.iter().map(keymap::name).collect();
            while let Some(next) = bindings.next_if(|next| next.help == binding.help) {
                keys.extend(next.keys.iter().map(keymap::name));
            }
            block.extend(row(&keys.join("  "), binding.help));
        }
        block.push(Line::default());
        blocks.push(block);
    }
    let mut filter = vec![heading("Filter")];
    filter.extend(FIELDS.iter().flat_map(|(field, text)| row(field, text)));
    filter.push(Line::default());
    blocks.push(filter);
    let mut signs = vec![heading("Signs")];
    for severity in Severity::ALL {
        let glyph = state.glyphs.severity(severity);
        signs.push(Line::styled(format!("{glyph} {}", severity.name()), state.theme.severity(severity)));
    }
    for status in NeedStatus::ALL {
        let word = if status == NeedStatus::NotApplicable { "n/a: not applicable" } else { status_word(status) };
        signs.push(Line::styled(format!("{} {word}", state.glyphs.status(status)), state.theme.status(status)));
    }
    let excess = format!("{} excess: permitted, and no need calls for it", state.glyphs.excess);
    signs.push(Line::styled(excess, state.theme.excess()));
    blocks.push(signs);
    blocks
}

/// The blocks in two columns of about the same height.
fn side_by_side(blocks: &[Vec<Line<'static>>]) -> Vec<Line<'static>> {
    let total: usize = blocks.iter().map(Vec::len).sum();
    let (mut left, mut right): (Vec<Line>, Vec<Line>) = (Vec::new(), Vec::new());
    for block in blocks {
        let into =
            if right.is_empty() && left.len() + block.len() / 2 < total.div_ceil(2) { &mut left } else { &mut right };
        into.extend(block.iter().cloned());
    }
    let rows = left.len().max(right.len());
    left.resize(rows, Line::default());
    right.resize(rows, Line::default());
    let joined = left.into_iter().zip(right).map(|(mut line, other)| {
        let fill = (COLUMN + 2).saturating_sub(line.width());
        // A line's own style has to move to its spans, or the other column would take it.
        let style = line.style;
        for span in &mut line.spans {
            span.style = style.patch(span.style);
        }
        let mut spans = line.spans;
        spans.push(Span::raw(" ".repeat(fill)));
        let style = other.style;
        spans.extend(other.spans.into_iter().map(|span| Span { style: style.patch(span.style), ..span }));
        Line::from(spans)
    });
    joined.collect()
}
