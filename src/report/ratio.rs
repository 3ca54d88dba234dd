//! The three ratios of a run: needs satisfied of applicable, rules explained of all, lines understood of all. Never one score.

use std::fmt;

use crate::findings::{Run, Summary};

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    /// Those that are as they should be.
    pub part: usize,
    /// All.
    pub whole: usize,
}

impl Ratio {
    /// The share in whole percent, rounded down so that 100 is said of nothing less; none of nothing.
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

/// Needs satisfied of those that apply. A need that was not evaluated applies: what nobody looked at is no pass.
#[must_use]
pub fn needs(summary: &Summary) -> Ratio {
    let counts = &summary.needs;
    let failed = counts.partial + counts.missing + counts.misdirected + counts.undecided;
    Ratio { part: counts.satisfied, whole: counts.satisfied + failed + counts.not_evaluated }
}

/// Rules that the audit can say the purpose of.
#[must_use]
pub fn rules(summary: &Summary) -> Ratio {
    Ratio { part: summary.rules.explained, whole: summary.rules.total }
}

/// Lines that say something and were understood, of all lines, blank ones and comments included.
#[must_use]
pub fn lines(summary: &Summary) -> Ratio {
    Ratio { part: summary.lines.understood, whole: summary.lines.total }
}

/// Lines that were not recognised, over all inputs.
#[must_use]
pub fn unrecognised(run: &Run) -> usize {
    run.inputs.iter().map(|input| input.lines.unrecognised).sum()
}

/// What became of the lines that were not understood: `2 ignored, 1 secret, 0 not recognised`.
pub(super) fn other_lines(run: &Run) -> String {
    let sum =
        |of: fn(&crate::findings::LineCounts) -> usize| run.inputs.iter().map(|input| of(&input.lines)).sum::<usize>();
    let (ignored, secret) = (sum(|lines| lines.ignored), sum(|lines| lines.secret));
    let secret = if secret == 0 { String::new() } else { format!("{secret} secret and not kept, ") };
    format!("{ignored} ignored, {secret}{} not recognised", unrecognised(run))
}
