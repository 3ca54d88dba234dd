//! The run as JSON, complete; the other formats may leave data out. Fields have the order of `edgewarden/run/1`.

use std::io;

use crate::findings::Run;

/// Writes the run indented by two spaces, with a final newline. The same run gives the same bytes.
///
/// # Errors
/// Only those of `out`.
pub fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, run)?;
    out.write_all(b"\n")
}
