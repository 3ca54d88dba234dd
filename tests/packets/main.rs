//! The packet-set algebra: against membership, packet by packet; its tree and its one question against brute force.

// Figures in tests are small; a wrong one fails the test.
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_possible_truncation)]

mod algebra;
mod diagram;
mod families;
mod liveness;
mod random;
mod redundancy;
mod rules;
mod tree;
