//! The line ledger: how each line of an input was classified, so that none is lost silently.
//!
//! A format's parser marks the lines; a line that it never marks counts as unrecognised.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::sanitise::sanitise_to;

/// The reason given for a line that was never marked.
pub const NEVER_MARKED: &str = "no parser accounted for this line";

/// Longest reason that is kept, in characters.
const MAX_REASON: usize = 200;

/// How a line was classified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineState {
    /// It has a meaning for packets, and was understood.
    Understood,
    /// It is blank, a comment, or has no effect on packets.
    Ignored,
    /// It holds a secret and was not kept.
    Secret,
    /// It was not understood.
    Unrecognised,
}

impl LineState {
    /// The name the JSON and the screen use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Understood => "understood",
            Self::Ignored => "ignored",
            Self::Secret => "secret",
            Self::Unrecognised => "unrecognised",
        }
    }

    /// Whether a later mark replaces this one.
    fn yields_to(self, later: Self) -> bool {
        match self {
            Self::Understood | Self::Ignored => true,
            Self::Unrecognised => later == Self::Secret,
            Self::Secret => false,
        }
    }
}

/// The number of lines in each state; the four add up to `total`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LineCounts {
    /// All lines.
    pub total: usize,
    /// Lines with a meaning for packets that were understood.
    pub understood: usize,
    /// Blank lines, comments, and lines without effect on packets.
    pub ignored: usize,
    /// Lines with secrets, whose text was not kept.
    pub secret: usize,
    /// Lines that were not understood.
    pub unrecognised: usize,
}

impl LineCounts {
    /// Counts one more line.
    pub fn add(&mut self, state: LineState) {
        self.total += 1;
        *match state {
            LineState::Understood => &mut self.understood,
            LineState::Ignored => &mut self.ignored,
            LineState::Secret => &mut self.secret,
            LineState::Unrecognised => &mut self.unrecognised,
        } += 1;
    }
}

/// The state of each line of an input, with a reason for ignored and unrecognised lines.
///
/// The last mark counts, with two exceptions: an unrecognised line keeps its state and its first reason, unless it is later
/// marked secret; a secret line stays secret, without a reason.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    states: Vec<Option<LineState>>,
    reasons: BTreeMap<u32, Cow<'static, str>>,
}

impl Ledger {
    /// A ledger for the lines 1 to `line_count`, none of them marked.
    #[must_use]
    pub fn new(line_count: u32) -> Self {
        Self { states: (0..line_count).map(|_| None).collect(), reasons: BTreeMap::new() }
    }

    /// Marks a line, counted from 1. The reason is kept for ignored and unrecognised lines, sanitised and cut to 200
    /// characters; give `""` for the other states. A line that does not exist changes nothing.
    pub fn mark(&mut self, line: u32, state: LineState, reason: impl Into<Cow<'static, str>>) {
        let Some(place) = index(line).and_then(|index| self.states.get_mut(index)) else { return };
        if place.is_some_and(|earlier| !earlier.yields_to(state)) {
            return;
        }
        *place = Some(state);
        let reason = reason.into();
        match state {
            LineState::Ignored | LineState::Unrecognised if !reason.is_empty() => {
                self.reasons.insert(line, displayable(reason));
            }
            _ => {
                self.reasons.remove(&line);
            }
        }
    }

    /// Gives the lines `first` to `last`, both included, the same mark: for a statement that spans lines.
    pub fn mark_lines(&mut self, first: u32, last: u32, state: LineState, reason: impl Into<Cow<'static, str>>) {
        let reason = reason.into();
        let end = u32::try_from(self.states.len()).unwrap_or(u32::MAX);
        for line in first..=last.min(end) {
            self.mark(line, state, reason.clone());
        }
    }

    /// The state of a line, counted from 1; `None` where there is no such line.
    #[must_use]
    pub fn state(&self, line: u32) -> Option<LineState> {
        self.states.get(index(line)?).map(|state| state.unwrap_or(LineState::Unrecognised))
    }

    /// Whether a line, counted from 1, has been marked at all.
    #[must_use]
    pub fn is_marked(&self, line: u32) -> bool {
        index(line).and_then(|index| self.states.get(index)).is_some_and(Option::is_some)
    }

    /// Why a line, counted from 1, is ignored or unrecognised; empty where no reason was given, and for the other states.
    #[must_use]
    pub fn reason(&self, line: u32) -> &str {
        match index(line).and_then(|index| self.states.get(index)) {
            Some(None) => NEVER_MARKED,
            _ => self.reasons.get(&line).map_or("", AsRef::as_ref),
        }
    }

    /// All lines in order, with state and reason.
    pub fn lines(&self) -> impl Iterator<Item = (u32, LineState, &str)> {
        (1..).zip(&self.states).map(|(line, state)| (line, state.unwrap_or(LineState::Unrecognised), self.reason(line)))
    }

    /// The unrecognised lines in order, with their reasons.
    pub fn unrecognised(&self) -> impl Iterator<Item = (u32, &str)> {
        (1..)
            .zip(&self.states)
            .filter(|(_, state)| matches!(state, None | Some(LineState::Unrecognised)))
            .map(|(line, _)| (line, self.reason(line)))
    }

    /// The number of lines in each state.
    #[must_use]
    pub fn counts(&self) -> LineCounts {
        let mut counts = LineCounts::default();
        for state in &self.states {
            counts.add(state.unwrap_or(LineState::Unrecognised));
        }
        counts
    }
}

fn index(line: u32) -> Option<usize> {
    usize::try_from(line).ok()?.checked_sub(1)
}

/// A reason may quote the input, so it is sanitised.
fn displayable(reason: Cow<'static, str>) -> Cow<'static, str> {
    match sanitise_to(&reason, MAX_REASON) {
        Cow::Borrowed(_) => reason,
        Cow::Owned(clean) => Cow::Owned(clean),
    }
}
