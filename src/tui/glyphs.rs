//! The glyphs, in Unicode and in ASCII. Each is shown with a word, or with a count that a word nearby explains.

use ratatui::symbols::border;

use crate::findings::{NeedStatus, Severity};

/// One set of glyphs, each of one column.
#[derive(Debug, Clone, Copy)]
pub struct Glyphs {
    severities: [&'static str; 5],
    statuses: [&'static str; 7],
    /// Before a count of excess findings.
    pub excess: &'static str,
    /// Before the deciding line.
    pub marker: &'static str,
    /// The end of a cut text.
    pub ellipsis: &'static str,
    /// The done part of a bar.
    pub bar_done: &'static str,
    /// The rest of a bar.
    pub bar_rest: &'static str,
    /// A horizontal rule.
    pub rule: &'static str,
    /// A vertical rule.
    pub separator: &'static str,
    /// Between short texts on one line.
    pub dot: &'static str,
    /// From a source to a destination.
    pub arrow: &'static str,
    /// Sorted with the least first.
    pub ascending: &'static str,
    /// Sorted with the greatest first.
    pub descending: &'static str,
    /// There is more to the left.
    pub more_left: &'static str,
    /// There is more to the right.
    pub more_right: &'static str,
    /// There is more above.
    pub more_above: &'static str,
    /// There is more below.
    pub more_below: &'static str,
    /// Nothing here, and no need applies.
    pub nothing: &'static str,
    /// Borders of an overlay.
    pub border: border::Set<'static>,
}

/// What a terminal with a Unicode font shows.
pub const UNICODE: Glyphs = Glyphs {
    severities: ["◆", "▲", "■", "▪", "▫"],
    statuses: ["✗", "↔", "◐", "?", "✓", "○", "·"],
    excess: "+",
    marker: "▶",
    ellipsis: "…",
    bar_done: "━",
    bar_rest: "─",
    rule: "─",
    separator: "│",
    dot: "·",
    arrow: "→",
    ascending: "▴",
    descending: "▾",
    more_left: "‹",
    more_right: "›",
    more_above: "↑",
    more_below: "↓",
    nothing: "–",
    border: border::ROUNDED,
};

/// What any terminal shows.
pub const ASCII: Glyphs = Glyphs {
    severities: ["#", "!", "=", "-", "."],
    statuses: ["x", "%", "~", "?", "v", "o", "."],
    excess: "+",
    marker: ">",
    ellipsis: "~",
    bar_done: "=",
    bar_rest: "-",
    rule: "-",
    separator: "|",
    dot: "-",
    arrow: ">",
    ascending: "^",
    descending: "v",
    more_left: "<",
    more_right: ">",
    more_above: "^",
    more_below: "v",
    nothing: "-",
    border: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
};

impl Glyphs {
    /// A severity's glyph.
    #[must_use]
    pub fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Critical => self.severities[0],
            Severity::High => self.severities[1],
            Severity::Medium => self.severities[2],
            Severity::Low => self.severities[3],
            Severity::Info => self.severities[4],
        }
    }

    /// A status's glyph.
    #[must_use]
    pub fn status(&self, status: NeedStatus) -> &'static str {
        match status {
            NeedStatus::Missing => self.statuses[0],
            NeedStatus::Misdirected => self.statuses[1],
            NeedStatus::Partial => self.statuses[2],
            NeedStatus::Undecided => self.statuses[3],
            NeedStatus::Satisfied => self.statuses[4],
            NeedStatus::NotEvaluated => self.statuses[5],
            NeedStatus::NotApplicable => self.statuses[6],
        }
    }
}

/// A status's word as the screen has it: short, with spaces.
#[must_use]
pub fn status_word(status: NeedStatus) -> &'static str {
    match status {
        NeedStatus::NotEvaluated => "not evaluated",
        NeedStatus::NotApplicable => "n/a",
        other => other.name(),
    }
}

/// A severity's word in four letters or less.
#[must_use]
pub fn short_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "crit",
        Severity::High => "high",
        Severity::Medium => "med",
        Severity::Low => "low",
        Severity::Info => "info",
    }
}
