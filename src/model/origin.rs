//! Where in what was read a rule or a chain stands.

/// A part of one input's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    /// Index of the input among those of this rule set.
    pub input: u32,
    /// The bytes of its decoded text that say it.
    pub span: Span,
}

/// Bytes of a text, from the first up to but not including the last; an input is at most [`u32::MAX`] bytes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes of a range; what lies beyond [`u32::MAX`] is cut off.
    #[must_use]
    pub fn of(range: std::ops::Range<usize>) -> Self {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: offset(range.start), end: offset(range.end) }
    }

    /// Whether it holds no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// As a range of offsets.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}
