//! One file per output format, each a pure function of a run; knows nothing of terminals.
//!
//! Nothing is judged here, and the same run gives the same bytes. Shared by the formats: [`matrix`] counts needs by role and
//! side, [`ratio`] makes the three ratios, `place` names inputs and lines. Start at [`write()`].

pub mod json;
pub mod markdown;
pub mod matrix;
mod place;
pub mod ratio;
pub mod text;

use std::fmt;
use std::io;
use std::str::FromStr;

use crate::findings::Run;

/// The formats a run can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportFormat {
    /// The canonical run, `edgewarden/run/1`.
    Json,
    /// A findings report for a review, in GitHub's Markdown.
    Markdown,
    /// Plain text of at most [`text::WIDTH`] columns, for a terminal.
    Text,
}

impl ReportFormat {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::Json, Self::Markdown, Self::Text];

    /// The name that `--report NAME=FILE` takes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Text => "text",
        }
    }
}

impl fmt::Display for ReportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// An unknown name of a report format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no report format `{0}`; give json, markdown (or md) or text")]
pub struct UnknownFormat(String);

impl FromStr for ReportFormat {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        match name {
            "json" => Ok(Self::Json),
            "markdown" | "md" => Ok(Self::Markdown),
            "text" => Ok(Self::Text),
            _ => Err(UnknownFormat(crate::source::sanitise(name).into_owned())),
        }
    }
}

/// Writes a run in a format, with a final newline. It writes in small pieces, so `out` should be buffered.
///
/// # Errors
/// Only those of `out`.
pub fn write(format: ReportFormat, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        ReportFormat::Json => json::write(run, out),
        ReportFormat::Markdown => markdown::write(run, out),
        ReportFormat::Text => text::write(run, out),
    }
}
