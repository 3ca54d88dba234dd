//! The canonical run as JSON: every other format says the same or less. Fields stand in the order of `edgewarden/run/1`.

use std::io;

use crate::findings::Run;

/// Writes the run indented by two spaces, with a final newline; byte for byte the same for the same run.
///
/// # Errors
/// Only those of `out`.
pub fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, run)?;
    out.write_all(b"\n")
}
