//! Before there is a run: how far the loader is, or why it failed.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::chrome::{overlay, title_bar, write};
use crate::layout::{fit, wrap};
use crate::tui::progress::Step;
use crate::tui::state::State;

/// Draws how far the loader is.
pub fn render(frame: &mut Frame, area: Rect, state: &State, step: &Step) {
    title_bar(frame.buffer_mut(), area, state, &[], "");
    let inside = overlay(frame, area, state, "Auditing", (64, 7));
    let columns = usize::from(inside.width);
    let at = if step.stage.is_empty() { "Starting" } else { &step.stage };
    let top = u16::from(inside.height > 4);
    let buffer = frame.buffer_mut();
    write(buffer, inside, top, Span::raw(fit(at, columns, state.glyphs.ellipsis)));
    if let Some(percent) = step.done.saturating_mul(100).checked_div(step.total) {
        let percent = percent.min(100);
        let room = columns.saturating_sub(6);
        let done = room * usize::try_from(percent).unwrap_or(0) / 100;
        let bar = Line::from(vec![
            Span::styled(state.glyphs.bar_done.repeat(done), state.theme.accent),
            Span::styled(state.glyphs.bar_rest.repeat(room - done), state.theme.quiet),
            Span::raw(format!("{percent:>4} %")),
        ]);
        write(buffer, inside, top + 1, bar);
    }
    write(buffer, inside, top + 3, Span::styled("q or Esc cancels", state.theme.quiet));
}

/// Draws why the loader failed.
pub fn render_failure(frame: &mut Frame, area: Rect, state: &State, message: &str) {
    title_bar(frame.buffer_mut(), area, state, &[], "");
    let columns = usize::from(area.width).saturating_sub(8).clamp(1, 92);
    let lines = wrap(message, columns);
    let inside = overlay(frame, area, state, "The audit could not run", (columns + 4, lines.len() + 4));
    let top = u16::from(usize::from(inside.height) > lines.len());
    for (row, line) in lines.into_iter().enumerate() {
        let row = u16::try_from(row).unwrap_or(u16::MAX).saturating_add(top);
        write(frame.buffer_mut(), inside, row, Span::styled(line, state.theme.error));
    }
}
