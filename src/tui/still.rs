//! A screen drawn without a terminal: for tests, and for the pictures of the documentation.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::screens;
use super::state::State;

/// The state drawn at a size, without a terminal. The state takes what drawing found out, as it does on a screen.
#[must_use]
pub fn still(state: &mut State, width: u16, height: u16) -> Buffer {
    let Ok(mut terminal) = Terminal::new(TestBackend::new(width, height));
    let mut layout = None;
    let Ok(frame) = terminal.draw(|frame| layout = Some(screens::draw(frame, state)));
    state.laid_out(layout.unwrap_or_default());
    frame.buffer.clone()
}
