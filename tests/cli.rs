//! The whole program, as a shell, a script or a pipeline runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests are tests

#[path = "cli/audit.rs"]
mod audit;
#[path = "cli/beside.rs"]
mod beside;
#[path = "cli/expected.rs"]
mod expected;
#[path = "cli/generate.rs"]
mod generate;
#[path = "cli/hostile.rs"]
mod hostile;
#[path = "cli/listings.rs"]
mod listings;
#[path = "cli/ordered.rs"]
mod ordered;
#[path = "cli/program.rs"]
mod program;
#[path = "cli/refusals.rs"]
mod refusals;
#[path = "cli/reports.rs"]
mod reports;
#[path = "cli/trace.rs"]
mod trace;
