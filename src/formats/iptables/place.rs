//! Where a line of a dump stands, as the reader keeps it.

use crate::model::Origin;

/// A line's bytes and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The input and the bytes.
    pub origin: Origin,
    /// The line, from 1.
    pub line: u32,
}

/// An input's index as an origin has it.
pub fn number_of(input: usize) -> u32 {
    u32::try_from(input).unwrap_or(u32::MAX)
}
