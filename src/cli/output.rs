//! Where results and messages go: standard output, a new file, standard error. Nothing is overwritten unasked.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::source::sanitise;

/// Prints one line on standard error. A closed standard error is not a failure.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "edgewarden: {}", sanitise(line));
}

/// Writes to standard output, `-`, or to a file that does not exist yet. The file appears complete or not at all. A
/// closed pipe (`edgewarden … | head`) is not a failure.
pub(super) fn write_to(
    path: &Path,
    force: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    if path.as_os_str() == "-" {
        let mut out = io::BufWriter::new(io::stdout().lock());
        let written = write(&mut out).and_then(|()| out.flush());
        return unless_closed(written).context("standard output");
    }
    let shown = path.display().to_string();
    if let Ok(there) = std::fs::symlink_metadata(path) {
        let reached = std::fs::metadata(path).unwrap_or_else(|_| there.clone());
        if reached.is_dir() {
            bail!("{shown} is a folder: name a file in it");
        }
        if !reached.is_file() && !there.is_symlink() || is_device(&reached) || is_descriptor(path, &there) {
            // A device or a pipe is written to, never replaced; an open file is appended to.
            let through = std::fs::OpenOptions::new().append(true).open(path).with_context(|| shown.clone())?;
            let mut out = io::BufWriter::new(through);
            let written = write(&mut out).and_then(|()| out.flush());
            return unless_closed(written).with_context(|| shown.clone());
        }
        if !force {
            bail!("{shown} exists and was not changed: choose another name, or use --force");
        }
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(|| shown.clone())?;
    {
        let mut out = io::BufWriter::new(file.as_file_mut());
        write(&mut out).with_context(|| shown.clone())?;
        out.flush().with_context(|| shown.clone())?;
    }
    readable(file.as_file()).with_context(|| shown.clone())?;
    let kept = if force { file.persist(path) } else { file.persist_noclobber(path) };
    kept.map_err(|error| error.error).with_context(|| shown.clone())?;
    Ok(())
}

/// Temporary files are private; a report gets ordinary permissions.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps)] // as on Unix
fn readable(_: &std::fs::File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn is_device(found: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = found.file_type();
    kind.is_char_device() || kind.is_fifo() || kind.is_block_device() || kind.is_socket()
}

#[cfg(not(unix))]
fn is_device(_: &std::fs::Metadata) -> bool {
    false
}

/// Whether a path is another name of an open file, as `/dev/stdout` and `/dev/fd/3` are.
fn is_descriptor(path: &Path, there: &std::fs::Metadata) -> bool {
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    there.is_symlink() && folder.is_some_and(|folder| folder == Path::new("/dev") || folder.starts_with("/proc"))
}

fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// Whether the error is a closed pipe (`edgewarden … | head`), which is not a failure.
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe))
}
