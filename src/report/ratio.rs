//! The three ratios of a run: needs satisfied of applicable, rules explained of all, lines understood of all. Never one score.

use std::fmt;

use crate::findings::{Run, Summary};

/// A part of a whole, as counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    /// The number of good ones.
    pub part: usize,
    /// All.
    pub whole: usize,
}

impl Ratio {
    /// The share in percent, rounded down, so that 100 means all; `None` where the whole is 0.
    #[must_use]
    pub fn percent(self) -> Option<usize> {
        self.part.saturating_mul(100).checked_div(self.whole)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.part, self.whole)
    }
}

/// Needs satisfied of those that apply. A need that was not evaluated counts as applying, so it is not a pass.
#[must_use]
pub fn needs(summary: &Summary) -> Ratio {
    let counts = &summary.needs;
    let failed = counts.partial + counts.missing + counts.misdirected + counts.undecided;
    Ratio { part: counts.satisfied, whole: counts.satisfied + failed + counts.not_evaluated }
}

/// Rules explained of all: see [`crate::findings::RuleCounts`].
#[must_use]
pub fn rules(summary: &Summary) -> Ratio {
    Ratio { part: summary.rules.explained, whole: summary.rules.total }
}

/// Lines understood of all lines, blank lines and comments included in the total.
#[must_use]
pub fn lines(summary: &Summary) -> Ratio {
    Ratio { part: summary.lines.understood, whole: summary.lines.total }
}

/// Lines that were not recognised, over all inputs.
#[must_use]
pub fn unrecognised(run: &Run) -> usize {
    run.inputs.iter().map(|input| input.lines.unrecognised).sum()
}

/// The lines that were not understood, by state: `2 ignored, 1 secret and not kept, 0 not recognised`.
pub(super) fn other_lines(run: &Run) -> String {
    let sum =
        |of: fn(&crate::findings::LineCounts) -> usize| run.inputs.iter().map(|input| of(&input.lines)).sum::<usize>();
    let (ignored, secret) = (sum(|lines| lines.ignored), sum(|lines| lines.secret));
    let secret = if secret == 0 { String::new() } else { format!("{secret} secret and not kept, ") };
    format!("{ignored} ignored, {secret}{} not recognised", unrecognised(run))
}
