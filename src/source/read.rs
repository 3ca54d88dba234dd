//! Bounded reading of one input. It is refused where it is too long, is not text, or has a line that is too long.
//!
//! Start at [`Source::read`]. At most [`Limits::max_bytes`] are kept, and reading stops inside a line that is too long.

use std::fmt;
use std::io::{self, Read};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::decode::{Encoding, decode};
use super::error::SourceError;
use super::lines::Lines;
use super::magic::{self, NotText};
use super::sanitise::sanitise;

/// The limits on one input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest input, in bytes as they are read; at most [`Limits::CEILING`].
    pub max_bytes: u64,
    /// Longest line, in bytes of UTF-8, without its line end; `usize::MAX` for no limit.
    pub max_line_bytes: usize,
}

impl Limits {
    /// The greatest useful [`Limits::max_bytes`], in bytes: offsets in the text have 32 bits, and decoding Latin-1 may double it.
    pub const CEILING: u64 = (1 << 31) - 1;
}

impl Default for Limits {
    /// 1 GiB, in lines of at most 1 MiB.
    fn default() -> Self {
        Self { max_bytes: 1 << 30, max_line_bytes: 1 << 20 }
    }
}

/// One input as text, with its id, path and hash.
///
/// The text is untrusted until [`sanitise`]d and may hold secrets, so `Debug` leaves it out.
#[derive(Clone)]
pub struct Source {
    /// The id by which findings refer to it.
    pub id: String,
    /// Its path as given, sanitised: for display, not for opening.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its length in bytes, as they were read.
    pub bytes: u64,
    /// How its bytes were decoded.
    pub encoding: Encoding,
    /// How many invalid sequences were replaced by U+FFFD. Above 0 the input is damaged or cut off.
    pub replaced: usize,
    text: String,
    is_ascii: bool,
    lines: Lines,
}

impl Source {
    /// Reads an input to its end and decodes it.
    ///
    /// # Errors
    /// When it cannot be read, is too long, has a line that is too long, or is not text. An empty input is a source without
    /// lines, not an error.
    pub fn read(id: &str, path_label: &str, reader: &mut dyn Read, limits: &Limits) -> Result<Self, SourceError> {
        let path = sanitise(path_label).into_owned();
        let not_text = |NotText { what, advice }| SourceError::NotText { path: path.clone(), what, advice };
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

    /// The number of lines. A line end at the very end does not begin another line.
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

    /// The line, counted from 1, of the byte at this offset in [`Source::text`]; past the end the last line; 0 where there
    /// are no lines.
    #[must_use]
    pub fn line_at(&self, offset: usize) -> u32 {
        self.lines.at(offset)
    }

    /// The offset in [`Source::text`] at which a line, counted from 1, begins.
    #[must_use]
    pub fn line_start(&self, line: u32) -> Option<usize> {
        self.lines.range(line, &self.text).map(|range| range.start)
    }

    /// Checks the length of every line in bytes of UTF-8. For callers that read without a limit, because some formats may
    /// put everything on one line.
    ///
    /// # Errors
    /// [`SourceError::LineTooLong`] with the first line that is longer.
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
    /// Inside a line that is too long in every encoding.
    InsideLine,
}

/// Why reading stopped early.
enum Refusal {
    Unreadable(io::Error),
    TooLarge(u64),
    NotText(NotText),
}

fn read_bounded(reader: &mut dyn Read, limits: &Limits) -> Result<(Vec<u8>, End), Refusal> {
    let limit = limits.max_bytes.min(Limits::CEILING);
    // A byte of UTF-8 is at most two bytes of UTF-16; four more for the byte order mark and an incomplete unit.
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
            return Err(Refusal::Unreadable(io::Error::other("the reader returned more bytes than requested")));
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
