//! The inputs with counts of their lines, and the notes of the run.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::chrome::{overlay, scrolled};
use super::page::Page;
use crate::tui::session::Session;
use crate::tui::state::{Layout, State};

/// Draws the inputs and notes.
pub fn render(frame: &mut Frame, area: Rect, state: &State, session: &Session, layout: &mut Layout) {
    let run = &session.loaded.run;
    let columns = usize::from(area.width).saturating_sub(8).clamp(1, 100);
    let mut page = Page::new(state, columns);
    page.heading("Notes");
    if run.notes.is_empty() {
        page.paragraph("None.", 2, state.theme.quiet);
    }
    for note in &run.notes {
        page.paragraph(note, 2, state.theme.text);
    }
    for input in &run.inputs {
        let lines = &input.lines;
        page.heading(&input.id);
        page.field("File", &input.path);
        page.field("Format", &format!("{}, {}, {} bytes", input.format, input.encoding, input.bytes));
        page.field("SHA-256", &input.sha256);
        let text = format!(
            "{} in all: {} understood, {} ignored, {} secret and not kept",
            lines.total, lines.understood, lines.ignored, lines.secret
        );
        page.field("Lines", &text);
        if lines.unrecognised > 0 {
            page.styled_field("", &format!("{} not recognised", lines.unrecognised), state.theme.error);
        }
    }
    page.heading("Deployment");
    page.field("Product", &run.deployment.product);
    page.field("Topology", &run.deployment.topology);
    page.field("SHA-256", &run.deployment.sha256);
    page.field("Made by", &format!("{} {}, as of {}", run.tool.name, run.tool.version, run.as_of));
    let inside = overlay(frame, area, state, "Inputs and notes", (columns + 4, page.lines.len() + 2));
    scrolled(frame.buffer_mut(), inside, state, &page.lines, state.scroll, layout);
}
