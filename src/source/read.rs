//! Bounded reading of one input: it ends, it is text, its lines are of a sane length, or it is refused.
//!
//! Start at [`Source::read`]. Whatever the reader does, no more than [`Limits::max_bytes`] is kept, and a line that has
//! gone on for too long stops the reading at once.

use std::fmt;
use std::io::{self, Read};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::decode::{Encoding, decode};
use super::error::SourceError;
use super::lines::Lines;
use super::magic::{self, NotText};
use super::sanitise::sanitise;

/// How much of an input is read at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest input, in bytes as they are read; never more than [`Limits::CEILING`].
    pub max_bytes: u64,
    /// The longest line, in bytes of UTF-8, without its line end; `usize::MAX` for any.
    pub max_line_bytes: usize,
}

impl Limits {
    /// The most that [`Limits::max_bytes`] can ask for, in bytes: Latin-1 doubles, and offsets in the text are 32 bits.
    pub const CEILING: u64 = (1 << 31) - 1;
}

impl Default for Limits {
    /// 1 GiB, in lines of at most 1 MiB.
    fn default() -> Self {
        Self { max_bytes: 1 << 30, max_line_bytes: 1 << 20 }
    }
}

/// One input as text, with what is needed to say where it came from.
///
/// The text is hostile until [`sanitise`]d, and may hold secrets: `Debug` does not show it.
#[derive(Clone)]
pub struct Source {
    /// The id by which findings refer to it, as it was given.
    pub id: String,
    /// Its path as it was given, sanitised: a label, not something to open.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its length in bytes, as they were read.
    pub bytes: u64,
    /// How its bytes were decoded.
    pub encoding: Encoding,
    /// How many ill-formed places became U+FFFD; more than none, and it is damaged or was cut off.
    pub replaced: usize,
    text: String,
    is_ascii: bool,
    lines: Lines,
}

impl Source {
    /// Reads an input to its end and decodes it.
    ///
    /// # Errors
    /// When it cannot be read, does not end within the limits, has a line that is too long, or is not text. An empty
    /// input is a source without lines, not an error.
    pub fn read(id: &str, path_label: &str, reader: &mut dyn Read, limits: &Limits) -> Result<Self, SourceError> {
        let path = sanitise(path_label).into_owned();
        let not_text = |NotText { what, cure }| SourceError::NotText { path: path.clone(), what, cure };
        let (bytes, end) = match read_bounded(reader, limits) {
            Ok(read) => read,
            Err(Refusal::Unreadable(error)) => return Err(SourceError::Unreadable { path, error }),
            Err(Refusal::TooLarge(limit)) => return Err(SourceError::TooLarge { path, limit }),
            Err(Refusal::NotText(what)) => return Err(not_text(what)),
        };
        let sha256 = HEXLOWER.encode(&Sha256::digest(&bytes));
        let length = bytes.len() as u64;
        let decoded = decode(bytes).map_err(not_text)?;
        let lines = Lines::of(&decoded.text);
        let source = Self {
            id: id.to_owned(),
            path,
            sha256,
            bytes: length,
            encoding: decoded.encoding,
            replaced: decoded.replaced,
            is_ascii: decoded.text.is_ascii(),
            text: decoded.text,
            lines,
        };
        source.check_line_lengths(limits.max_line_bytes)?;
        match end {
            End::Reached => Ok(source),
            End::InsideLine => Err(source.line_too_long(source.line_count(), limits.max_line_bytes)),
        }
    }

    /// The whole text, line ends included, without a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many lines it has. A line end at the very end does not begin another line.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        self.lines.count()
    }

    /// A line, counted from 1, without its line end; `None` where there is no such line.
    #[must_use]
    pub fn line(&self, line: u32) -> Option<&str> {
        let text = self.text.get(self.lines.range(line, &self.text)?)?;
        Some(text.strip_suffix('\n').unwrap_or(text).trim_end_matches('\r'))
    }

    /// The bytes of [`Source::text`] that a line, counted from 1, holds, without its line end.
    #[must_use]
    pub fn line_span(&self, line: u32) -> Option<std::ops::Range<usize>> {
        let range = self.lines.range(line, &self.text)?;
        Some(range.start..range.start + self.line(line)?.len())
    }

    /// Line and column, both from 1, of the byte at an offset in [`Source::text`]; the column counts characters.
    #[must_use]
    pub fn position(&self, offset: usize) -> (u32, u32) {
        let line = self.line_at(offset).max(1);
        let start = self.line_start(line).unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        let characters = if self.is_ascii { before.len() } else { before.chars().count() };
        (line, u32::try_from(characters).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// All lines with their numbers from 1, as [`Source::line`] gives them.
    pub fn lines(&self) -> impl Iterator<Item = (u32, &str)> {
        (1..=self.line_count()).filter_map(|number| Some((number, self.line(number)?)))
    }

    /// The line, counted from 1, that holds the byte at this offset in [`Source::text`]; the last one past the end, and 0
    /// where there are no lines.
    #[must_use]
    pub fn line_at(&self, offset: usize) -> u32 {
        self.lines.at(offset)
    }

    /// The offset in [`Source::text`] at which a line, counted from 1, begins.
    #[must_use]
    pub fn line_start(&self, line: u32) -> Option<usize> {
        self.lines.range(line, &self.text).map(|range| range.start)
    }

    /// Holds every line to a length in bytes of UTF-8, for a caller who read without a limit because some inputs are
    /// rightly one long line.
    ///
    /// # Errors
    /// [`SourceError::LineTooLong`], naming the first line that is longer.
    pub fn check_line_lengths(&self, max_line_bytes: usize) -> Result<(), SourceError> {
        match self.lines().find(|(_, line)| line.len() > max_line_bytes) {
            Some((line, _)) => Err(self.line_too_long(line, max_line_bytes)),
            None => Ok(()),
        }
    }

    fn line_too_long(&self, line: u32, limit: usize) -> SourceError {
        SourceError::LineTooLong { path: self.path.clone(), line, limit }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("id", &self.id)
            .field("path", &self.path)
            .field("sha256", &self.sha256)
            .field("bytes", &self.bytes)
            .field("encoding", &self.encoding)
            .field("replaced", &self.replaced)
            .field("lines", &self.line_count())
            .finish_non_exhaustive()
    }
}

/// Where reading stopped.
enum End {
    /// At the end of the input.
    Reached,
    /// In a line that is too long whatever the encoding turns out to be.
    InsideLine,
}

/// Why reading was given up.
enum Refusal {
    Unreadable(io::Error),
    TooLarge(u64),
    NotText(NotText),
}

fn read_bounded(reader: &mut dyn Read, limits: &Limits) -> Result<(Vec<u8>, End), Refusal> {
    let limit = limits.max_bytes.min(Limits::CEILING);
    // UTF-16 needs at most two bytes for what is one in UTF-8; four are for the byte order mark and a half unit.
    let longest_run = limits.max_line_bytes.saturating_mul(2).saturating_add(4);
    let mut chunk = vec![0; 64 * 1024];
    let mut bytes = Vec::new();
    let mut run: usize = 0;
    let mut looked = false;
    loop {
        let count = match reader.read(&mut chunk) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Refusal::Unreadable(error)),
        };
        let Some(read) = chunk.get(..count) else {
            return Err(Refusal::Unreadable(io::Error::other("the reader claims more than it was asked for")));
        };
        bytes.extend_from_slice(read);
        if !looked && (count == 0 || bytes.len() >= magic::PREFIX) {
            looked = true;
            if let Some(what) = magic::recognise(&bytes) {
                return Err(Refusal::NotText(what));
            }
        }
        if count == 0 {
            return Ok((bytes, End::Reached));
        }
        if bytes.len() as u64 > limit {
            return Err(Refusal::TooLarge(limit));
        }
        run = match read.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
            Some(last) => count - 1 - last,
            None => run.saturating_add(count),
        };
        if run > longest_run {
            return Ok((bytes, End::InsideLine));
        }
    }
}
