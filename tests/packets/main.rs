//! The packet-set algebra, compared with membership packet by packet; its tree and `live`, compared with brute force.

// Numbers in tests are small, and a wrong one makes a test fail.
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_possible_truncation)]

mod algebra;
mod diagram;
mod families;
mod liveness;
mod random;
mod redundancy;
mod rules;
mod tree;
