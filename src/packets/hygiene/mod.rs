//! Finds sets in an order that could be removed: those that no packet reaches, and those whose removal changes no packet's
//! outcome.
//!
//! No command uses this yet. The tests of `tests/packets` compare it with brute force, and the benchmarks measure it.

mod redundant;
mod shadowed;
mod spread;

pub use redundant::{Redundancies, Redundant};
pub use shadowed::{Shadowed, Shadows};
