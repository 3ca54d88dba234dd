//! Styles by meaning. Named ANSI colours only, so that the terminal's own palette keeps them readable on light and on
//! dark; the plain theme has no colours and uses bold, dim and reversed text.

use ratatui::style::{Color, Modifier, Style};

use crate::findings::{NeedStatus, Severity};

/// The styles.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    color: bool,
    /// Running text.
    pub text: Style,
    /// What is less important: labels, hints, rules.
    pub quiet: Style,
    /// Titles and headings.
    pub heading: Style,
    /// The product's name, keys in hints.
    pub accent: Style,
    /// What is selected.
    pub selected: Style,
    /// The deciding line of an excerpt.
    pub deciding: Style,
    /// What went wrong.
    pub error: Style,
    /// What went well.
    pub good: Style,
}

impl Theme {
    /// The theme with colours, or without.
    #[must_use]
    pub fn new(color: bool) -> Self {
        let plain = Style::new();
        let paint = |name: Color| if color { plain.fg(name) } else { plain };
        Self {
            color,
            text: plain,
            quiet: plain.add_modifier(Modifier::DIM),
            heading: plain.add_modifier(Modifier::BOLD),
            accent: paint(Color::Cyan).add_modifier(Modifier::BOLD),
            selected: plain.add_modifier(Modifier::REVERSED),
            deciding: plain.add_modifier(Modifier::REVERSED),
            error: paint(Color::Red).add_modifier(Modifier::BOLD),
            good: paint(Color::Green),
        }
    }

    /// A severity's style.
    #[must_use]
    pub fn severity(&self, severity: Severity) -> Style {
        match severity {
            Severity::Critical => self.paint(Color::Red).add_modifier(Modifier::BOLD),
            Severity::High => self.paint(Color::Red),
            Severity::Medium => self.paint(Color::Magenta),
            Severity::Low => self.paint(Color::Cyan),
            Severity::Info => self.text,
        }
    }

    /// A status's style.
    #[must_use]
    pub fn status(&self, status: NeedStatus) -> Style {
        match status {
            NeedStatus::Missing => self.paint(Color::Red).add_modifier(Modifier::BOLD),
            NeedStatus::Misdirected => self.paint(Color::Red),
            NeedStatus::Partial | NeedStatus::Undecided => self.paint(Color::Magenta),
            NeedStatus::Satisfied => self.good,
            NeedStatus::NotApplicable | NeedStatus::NotEvaluated => self.quiet,
        }
    }

    /// The style of excess.
    #[must_use]
    pub fn excess(&self) -> Style {
        self.paint(Color::Magenta)
    }

    /// A rule's effect, by its word.
    #[must_use]
    pub fn effect(&self, effect: &str) -> Style {
        match effect {
            "permits" => self.good,
            "denies" => self.paint(Color::Red),
            "undecided" | "shadowed" => self.paint(Color::Magenta),
            _ => self.text,
        }
    }

    /// A line of a unified diff: what comes, what goes, and the rest.
    #[must_use]
    pub fn diff(&self, line: &str) -> Style {
        match line.as_bytes().first() {
            Some(b'+') if !line.starts_with("+++ ") => self.good,
            Some(b'-') if !line.starts_with("--- ") => self.paint(Color::Red),
            _ => self.text,
        }
    }

    fn paint(&self, color: Color) -> Style {
        if self.color { Style::new().fg(color) } else { Style::new() }
    }
}
