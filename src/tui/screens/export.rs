//! The export prompt.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::chrome::{overlay, write};
use crate::layout::{width, wrap};
use crate::tui::action::Action;
use crate::tui::prompt::Prompt;
use crate::tui::session::Session;
use crate::tui::state::{Layout, State};

/// Draws the prompt.
pub fn render(frame: &mut Frame, area: Rect, state: &State, session: &Session, layout: &mut Layout) {
    let inside = overlay(frame, area, state, "Export a report", (72, 8));
    let all = session.loaded.run.findings.len();
    let scope = if session.export_filtered {
        format!("the {} of {all} findings that match the filter", session.list.findings_shown().len())
    } else if session.list.is_filtered() {
        format!("all {all} findings (Tab: those filtered)")
    } else {
        format!("all {all} findings")
    };
    let quiet = state.theme.quiet;
    let mut file = vec![Span::styled("File   ", quiet)];
    file.extend(edited(&session.export, usize::from(inside.width).saturating_sub(7), state));
    let columns = usize::from(inside.width);
    let mut lines = vec![Line::from(file)];
    for (row, text) in wrap(&scope, columns.saturating_sub(7)).into_iter().enumerate() {
        let label = if row == 0 { "Holds  " } else { "       " };
        lines.push(Line::from(vec![Span::styled(label, quiet), Span::raw(text)]));
    }
    lines.push(Line::default());
    for text in ["The extension is the format: .md or .json.", "A file that exists is never overwritten."] {
        lines.extend(wrap(text, columns).into_iter().map(|text| Line::styled(text, quiet)));
    }
    let top = u16::from(usize::from(inside.height) > lines.len());
    for (row, line) in (top..).zip(lines) {
        if row == top + 1 && row < inside.height {
            layout.hits.push((Rect { y: inside.y + row, height: 1, ..inside }, Action::ToggleScope));
        }
        write(frame.buffer_mut(), inside, row, line);
    }
}

/// A line being edited, with its cursor, scrolled so that the cursor is in sight.
pub fn edited(prompt: &Prompt, columns: usize, state: &State) -> Vec<Span<'static>> {
    let (mut before, after) = prompt.split();
    while width(before) + 1 > columns.max(1) {
        let mut characters = before.chars();
        characters.next();
        before = characters.as_str();
    }
    let under = after.chars().next();
    let rest = &after[under.map_or(0, char::len_utf8)..];
    vec![
        Span::styled(before.to_owned(), state.theme.text),
        Span::styled(under.unwrap_or(' ').to_string(), state.theme.selected),
        Span::styled(rest.to_owned(), state.theme.text),
    ]
}
