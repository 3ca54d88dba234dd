//! A findings report for a review, readable by itself, rendered or raw.
//!
//! Names, paths, rules and remarks in a run are untrusted. They reach the page only through `escape`. Start at [`write()`]; each part of the report is one file.

mod escape;
mod findings;
mod head;
mod method;
mod needs;
mod sources;
mod table;

use std::io;

use crate::findings::Run;

/// Writes the report.
///
/// # Errors
/// Only those of `out`.
pub fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    head::write(run, out)?;
    findings::write(run, out)?;
    needs::write(run, out)?;
    method::write(run, out)
}
