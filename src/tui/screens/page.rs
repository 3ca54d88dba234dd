//! A page of lines of a known width: headings, paragraphs, labelled values. What scrolls is made with it.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::layout::{column, width, wrap};
use crate::tui::state::State;

/// Lines in the making.
pub struct Page<'a> {
    /// The styles and glyphs.
    pub state: &'a State,
    /// Columns there are.
    pub columns: usize,
    /// The lines so far.
    pub lines: Vec<Line<'static>>,
}

impl<'a> Page<'a> {
    /// An empty page.
    pub fn new(state: &'a State, columns: usize) -> Self {
        Self { state, columns: columns.max(1), lines: Vec::new() }
    }

    /// A blank line.
    pub fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    /// A heading, with a rule to the right edge, after a blank line.
    pub fn heading(&mut self, title: &str) {
        if !self.lines.is_empty() {
            self.blank();
        }
        let rest = self.columns.saturating_sub(width(title) + 1);
        self.lines.push(Line::from(vec![
            Span::styled(format!("{title} "), self.state.theme.heading),
            Span::styled(self.state.glyphs.rule.repeat(rest), self.state.theme.quiet),
        ]));
    }

    /// A paragraph, indented by so many columns.
    pub fn paragraph(&mut self, text: &str, indent: usize, style: Style) {
        let indent = indent.min(self.columns / 4);
        for line in wrap(text, self.columns - indent) {
            self.lines.push(Line::from(vec![Span::raw(" ".repeat(indent)), Span::styled(line, style)]));
        }
    }

    /// A label and its value beside it, or below it where there is little room. An empty value is left out.
    pub fn field(&mut self, label: &str, value: &str) {
        self.styled_field(label, value, self.state.theme.text);
    }

    /// As [`Self::field`], with the value in a style.
    pub fn styled_field(&mut self, label: &str, value: &str, style: Style) {
        const LABEL: usize = 13;
        if value.is_empty() {
            return;
        }
        let quiet = self.state.theme.quiet;
        if self.columns < 50 {
            self.lines.push(Line::styled(format!("  {label}"), quiet));
            self.paragraph(value, 4, style);
            return;
        }
        for (row, line) in wrap(value, self.columns - 2 - LABEL).into_iter().enumerate() {
            let label = column(if row == 0 { label } else { "" }, LABEL, self.state.glyphs.ellipsis);
            self.lines.push(Line::from(vec![Span::styled(format!("  {label}"), quiet), Span::styled(line, style)]));
        }
    }
}
