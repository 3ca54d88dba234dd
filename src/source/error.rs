//! Why a whole input cannot be read. A single line never fails an input; see [`super::Ledger`] for lines.

use std::io;

/// Why a whole input cannot be read. Each message names the path, the problem and what to do about it.
///
/// `path` is sanitised; no message quotes the input's text, which may hold secrets.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The operating system could not read it.
    #[error("{path}: cannot be read ({error}): {}", advice_on(.error))]
    Unreadable {
        /// The input's label, sanitised.
        path: String,
        /// The operating system's error.
        error: io::Error,
    },
    /// It is longer than [`super::Limits::max_bytes`].
    #[error("{path}: longer than {}: give one export per file", size(*.limit))]
    TooLarge {
        /// The input's label, sanitised.
        path: String,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A line is longer than [`super::Limits::max_line_bytes`].
    #[error(
        "{path}:{line}: this line is longer than {}, which no rule is: give the export with the line ends that the device wrote",
        size(u64::try_from(*.limit).unwrap_or(u64::MAX))
    )]
    LineTooLong {
        /// The input's label, sanitised.
        path: String,
        /// The first such line, from 1.
        line: u32,
        /// The limit, in bytes of UTF-8.
        limit: usize,
    },
    /// It is not text.
    #[error("{path}: this is {what}, not text: {advice}")]
    NotText {
        /// The input's label, sanitised.
        path: String,
        /// What it is, with its article.
        what: &'static str,
        /// What to do about it.
        advice: &'static str,
    },
}

impl SourceError {
    /// The input's label, sanitised.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Unreadable { path, .. }
            | Self::TooLarge { path, .. }
            | Self::LineTooLong { path, .. }
            | Self::NotText { path, .. } => path,
        }
    }
}

fn advice_on(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::IsADirectory => "name the export inside it",
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::PermissionDenied => "make it readable for the user who runs edgewarden",
        _ => "copy the export to a plain local file and name that",
    }
}

/// `1 GiB`, `4 KiB`, `1000 bytes`: the largest unit that states the size exactly.
fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    UNITS
        .iter()
        .find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit))
        .map_or_else(|| format!("{bytes} bytes"), |(unit, name)| format!("{} {name}", bytes / unit))
}
