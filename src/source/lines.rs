//! Where the lines of a text begin and end.
//!
//! A line ends with LF or CRLF, as for the programs that load such exports; a CR elsewhere in a line is part of it. Only
//! in a text without any LF does CR end a line. Text after the last line end is a line too.

use std::ops::Range;

/// The offsets at which the lines of a text begin; the text is at most [`u32::MAX`] bytes long.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    /// Indexes a text.
    pub(super) fn of(text: &str) -> Self {
        let end = if text.contains('\n') { '\n' } else { '\r' };
        let offset = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        let mut starts = Vec::new();
        if !text.is_empty() {
            starts.push(0);
        }
        starts.extend(text.match_indices(end).map(|(at, _)| at + 1).filter(|&at| at < text.len()).map(offset));
        Self { starts }
    }

    /// How many lines there are.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    /// The bytes of a line, counted from 1, its line end included.
    pub(super) fn range(&self, line: u32, text: &str) -> Option<Range<usize>> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let start = usize::try_from(*self.starts.get(index)?).ok()?;
        let end = self.starts.get(index + 1).and_then(|&next| usize::try_from(next).ok()).unwrap_or(text.len());
        Some(start..end)
    }

    /// The line, counted from 1, of a byte of the text; the last one for a byte past the end.
    pub(super) fn at(&self, byte: usize) -> u32 {
        let before = self.starts.partition_point(|&start| usize::try_from(start).is_ok_and(|start| start <= byte));
        u32::try_from(before).unwrap_or(u32::MAX)
    }
}
