//! The frame of every screen: the title bar, the hints at the bottom, and the box of overlays.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};

use crate::layout::{cells, fit, width};
use crate::tui::action::Action;
use crate::tui::keymap;
use crate::tui::state::{Layout, State};

/// Writes a line at a row of the area, cut at its edges.
pub fn write(buffer: &mut Buffer, area: Rect, row: u16, line: impl Into<Line<'static>>) {
    if row < area.height {
        line.into().render(Rect { y: area.y + row, height: 1, ..area }, buffer);
    }
}

/// The area without a column at its left and right, where there is room for such a margin.
pub fn margin(area: Rect) -> Rect {
    if area.width < 50 { area } else { Rect { x: area.x + 1, width: area.width - 2, ..area } }
}

/// A rule over the whole width.
pub fn rule(buffer: &mut Buffer, area: Rect, row: u16, state: &State) {
    let text = state.glyphs.rule.repeat(usize::from(area.width));
    write(buffer, area, row, Span::styled(text, state.theme.quiet));
}

/// The title bar: the product and where in it the user is, and something at the right while there is room.
pub fn title_bar(buffer: &mut Buffer, area: Rect, state: &State, path: &[&str], right: &str) {
    let area = margin(area);
    let room = usize::from(area.width);
    let mut spans = vec![Span::styled("Edgewarden", state.theme.accent)];
    let mut taken = width("Edgewarden");
    for step in path {
        spans.push(Span::styled(format!(" {} ", state.glyphs.more_right), state.theme.quiet));
        spans.push(Span::styled((*step).to_owned(), state.theme.heading));
        taken += 3 + width(step);
    }
    write(buffer, area, 0, Line::from(spans));
    let left = room.saturating_sub(taken + 2);
    if left >= 8 && !right.is_empty() {
        let right = fit(right, left, state.glyphs.ellipsis);
        write(buffer, area, 0, Line::from(Span::styled(right, state.theme.quiet)).right_aligned());
    }
}

/// The line at the bottom: a message, or the hints of the keymap, which can be clicked.
pub fn footer(frame: &mut Frame, area: Rect, state: &State, layout: &mut Layout) {
    let buffer = frame.buffer_mut();
    let area = margin(area);
    if area.is_empty() {
        return;
    }
    if let Some(message) = &state.message {
        let style = if message.is_error { state.theme.error } else { state.theme.good };
        let text = fit(&message.text, usize::from(area.width), state.glyphs.ellipsis);
        write(buffer, area, 0, Span::styled(text, style));
        return;
    }
    let mut hints: Vec<_> = keymap::bindings(state.context())
        .filter_map(|binding| Some((keymap::name(binding.keys.first()?), binding.hint?, binding.action)))
        .collect();
    // Without a previous screen, `back` would be the same as `quit`.
    if hints.iter().any(|(.., action)| *action == Action::Quit) {
        hints.retain(|(.., action)| *action != Action::Back);
    }
    // Help comes first, then leaving, so that a narrow footer shows them.
    let help = hints.iter().any(|(.., action)| *action == Action::Help);
    hints.sort_by_key(|(.., action)| match action {
        Action::Help => 0,
        Action::Back | Action::Quit if help => 1,
        _ => 2,
    });
    let mut column = 0;
    for (key, word, action) in hints {
        let taken = cells(width(&key) + 1 + width(word));
        if column + taken > area.width {
            break;
        }
        let at = Rect { x: area.x + column, width: taken, ..area };
        let spans = vec![Span::styled(key, state.theme.accent), Span::styled(format!(" {word}"), state.theme.quiet)];
        Line::from(spans).render(at, buffer);
        layout.hits.push((at, action));
        column += taken + 3;
    }
}

/// Clears a box of about this size in the middle of the area, draws its border and title, and gives its inside.
/// A box that would leave no room for its inside has no border.
pub fn overlay(frame: &mut Frame, area: Rect, state: &State, title: &str, size: (usize, usize)) -> Rect {
    let (columns, rows) = (cells(size.0).min(area.width), cells(size.1).min(area.height));
    let at = Rect {
        x: area.x + (area.width - columns) / 2,
        y: area.y + (area.height - rows) / 2,
        width: columns,
        height: rows,
    };
    // What is below the overlay is dimmed.
    frame.buffer_mut().set_style(area, state.theme.quiet.remove_modifier(Modifier::REVERSED | Modifier::BOLD));
    frame.render_widget(Clear, at);
    if at.width < 6 || at.height < 4 {
        return at;
    }
    let block = Block::bordered()
        .border_set(state.glyphs.border)
        .border_style(state.theme.accent)
        .title(Span::styled(format!(" {title} "), state.theme.heading));
    let inside = block.inner(at);
    frame.render_widget(block, at);
    Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside }
}

/// Shows the lines from the scrolled one on, and says how far they scroll. At the right edge, arrows say where there is more.
pub fn scrolled(
    buffer: &mut Buffer,
    area: Rect,
    state: &State,
    lines: &[Line<'static>],
    scroll: usize,
    layout: &mut Layout,
) {
    let page = usize::from(area.height);
    layout.page = page;
    layout.furthest = lines.len().saturating_sub(page);
    let scroll = scroll.min(layout.furthest);
    for (row, line) in lines.iter().skip(scroll).take(page).enumerate() {
        write(buffer, area, cells(row), line.clone());
    }
    let mark = |buffer: &mut Buffer, row: u16, glyph: &'static str, style: Style| {
        if area.width > 10 {
            buffer.set_string(area.right() - 1, area.y + row, glyph, style);
        }
    };
    if scroll > 0 && page > 0 {
        mark(buffer, 0, state.glyphs.more_above, state.theme.accent);
    }
    if scroll < layout.furthest && page > 0 {
        mark(buffer, area.height - 1, state.glyphs.more_below, state.theme.accent);
    }
}
