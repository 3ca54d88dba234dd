//! The place of a line of a dump, as the reader stores it.

use crate::model::Origin;

/// A line's bytes and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The input and the bytes.
    pub origin: Origin,
    /// The line, from 1.
    pub line: u32,
}

/// The index of an input in the type that origins use.
pub fn number_of(input: usize) -> u32 {
    u32::try_from(input).unwrap_or(u32::MAX)
}
