//! The export formats: what a file is, and from its text to a normalized rule set with a ledger of its lines.
//!
//! Each format is a folder here and one line in [`FORMATS`]; nothing else in the program names one. What is recognised and will
//! never be read, because its device can export something better, is in `others`. Nothing here knows Edge Servers, findings or
//! terminals. Start at [`Format`] and [`read`].

mod asa;
mod beside;
mod csv;
mod error;
mod format;
mod ipset;
pub mod iptables;
mod names;
mod netfilter;
mod nft;
mod options;
mod others;
mod recognition;
mod sanitise;
mod windows;

use crate::model::Dialect;
use crate::source::Source;

pub use error::FormatError;
pub use format::{Format, Reader, Reading};
pub use options::Options;
use others::Other;
pub use recognition::{Certainty, Recognition};

/// All formats. Where two recognise a file equally well, the first is taken.
pub static FORMATS: &[&dyn Format] =
    &[&iptables::Iptables, &ipset::Ipset, &nft::Nft, &nft::NftJson, &asa::Asa, &csv::Csv, &windows::Windows];

/// The format of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}

/// Whether a text may rightly be one line of any length.
#[must_use]
pub fn may_be_one_line(text: &str) -> bool {
    FORMATS.iter().any(|format| format.may_be_one_line() && format.recognise(text).is_some())
}

/// The names that a deployment may give as the format of an export: all but companions.
#[must_use]
pub fn names() -> Vec<&'static str> {
    FORMATS.iter().filter(|format| format.companion_of().is_none()).map(|format| format.name()).collect()
}

/// The dialects that rules can be written in, by name.
#[must_use]
pub fn dialect_names() -> Vec<&'static str> {
    FORMATS.iter().filter(|format| format.dialect().is_some()).map(|format| format.name()).collect()
}

/// The dialect of this name, one of [`dialect_names`].
#[must_use]
pub fn dialect(name: &str) -> Option<&'static dyn Dialect> {
    named(name)?.dialect()
}

/// The format that a text is of, by its content.
#[must_use]
pub fn detect(text: &str) -> Option<&'static dyn Format> {
    match look(text)? {
        Seen::Format(format, _) => Some(format),
        Seen::Other(..) => None,
    }
}

/// What a file is by its content.
#[derive(Clone, Copy)]
enum Seen {
    Format(&'static dyn Format, Recognition),
    Other(&'static Other, Recognition),
}

impl Seen {
    /// What it is, and the reason.
    fn words(self) -> String {
        let (what, found) = match self {
            Self::Format(format, found) => (format.description(), found),
            Self::Other(other, found) => (other.what, found),
        };
        format!("{what} ({})", found.reason())
    }

    /// The error for a file that no reader will ever read.
    fn refused(self, path: &str) -> Option<FormatError> {
        let Self::Other(other, found) = self else { return None };
        let (path, reason, what) = (path.to_owned(), found.reason(), other.what);
        Some(FormatError::Other { path, what, reason, advice: advice(other) })
    }
}

/// The format, or other kind of file, that recognises a text best. A format that is certain comes before anything else: an
/// export may stand among other output.
fn look(text: &str) -> Option<Seen> {
    let mut best: Option<(&'static dyn Format, Recognition)> = None;
    for format in FORMATS {
        let Some(found) = format.recognise(text) else { continue };
        let key = |found: &Recognition| (found.certainty, found.lines);
        if best.as_ref().is_none_or(|(_, best)| key(&found) > key(best)) {
            best = Some((*format, found));
        }
    }
    let certain = best.filter(|(_, found)| found.is_certain());
    let format = |(format, found)| Seen::Format(format, found);
    certain
        .map(format)
        .or_else(|| others::look(text).map(|(other, found)| Seen::Other(other, found)))
        .or(best.map(format))
}

/// What to do instead of giving a file that no reader will ever read.
fn advice(other: &Other) -> String {
    let Some((instead, name)) = other.instead else { return others::NOTHING_INSTEAD.to_owned() };
    if named(name).is_some_and(|format| format.reader().is_some()) {
        instead.to_owned()
    } else {
        format!("{instead}, once a version reads {name} exports: this one does not")
    }
}

/// Reads one firewall's exports as one rule set, in the format that the deployment declares or else in the one they are of by
/// their content. Companions of the format (dumps of ipset beside those of iptables) may stand among them.
///
/// # Errors
/// When the format has no reader, or a source is of another format than this, or none holds anything of it. A line that is not
/// understood is no error: the ledger has it.
pub fn read(
    declared: Option<&'static dyn Format>,
    sources: &[&Source],
    options: &Options,
) -> Result<Reading, FormatError> {
    let first = sources.first().map(|source| source.path.clone()).unwrap_or_default();
    if !sources.is_empty() && sources.iter().all(|source| source.text().trim().is_empty()) {
        return Err(FormatError::Empty { path: first });
    }
    let seen: Vec<Option<Seen>> = sources.iter().map(|source| look(source.text())).collect();
    let format = match declared {
        Some(format) => format,
        None => decide(sources, &seen)?,
    };
    if let Some(companion_of) = format.companion_of() {
        return Err(FormatError::Companion { path: first, description: format.description(), companion_of });
    }
    let Some(reader) = format.reader() else {
        let seen = seen.first().copied().flatten().map(Seen::words);
        return Err(FormatError::Unsupported { path: first, name: format.name(), seen });
    };
    check(format, sources, &seen)?;
    let mut reading = reader(sources, options)?;
    for ((source, format), ledger) in sources.iter().zip(&reading.formats).zip(&mut reading.ledgers) {
        beside::mark_rules(FORMATS, *format, source, ledger);
    }
    sanitise::sanitise_rule_set(&mut reading.rule_set);
    Ok(reading)
}

/// The format of sources that nobody declared: that of the first which is no companion.
fn decide(sources: &[&Source], seen: &[Option<Seen>]) -> Result<&'static dyn Format, FormatError> {
    let formats = || {
        seen.iter().flatten().filter_map(|seen| match seen {
            Seen::Format(format, _) => Some(*format),
            Seen::Other(..) => None,
        })
    };
    if let Some(format) = formats().find(|format| format.companion_of().is_none()).or_else(|| formats().next()) {
        return Ok(format);
    }
    let mut refused = sources.iter().zip(seen).filter_map(|(source, seen)| (*seen)?.refused(&source.path));
    Err(refused.next().unwrap_or_else(|| FormatError::Unknown {
        path: sources.first().map(|source| source.path.clone()).unwrap_or_default(),
        names: names(),
    }))
}

/// Whether each source is of the format or of a companion, and some source of the format itself. A source that the format
/// recognises for certain is taken, whatever else stands in it.
fn check(format: &'static dyn Format, sources: &[&Source], seen: &[Option<Seen>]) -> Result<(), FormatError> {
    let mut any = false;
    let mut companion = None;
    for (source, seen) in sources.iter().zip(seen) {
        let own = format.recognise(source.text());
        match seen {
            Some(Seen::Format(found, _)) if found.companion_of() == Some(format.name()) => {
                companion.get_or_insert((source.path.clone(), found.description()));
            }
            _ if own.is_some_and(|own| own.is_certain()) => any = true,
            Some(Seen::Format(other, found)) if other.name() != format.name() => {
                return Err(FormatError::Mismatch {
                    path: source.path.clone(),
                    declared: format.description(),
                    description: other.description(),
                    name: other.name(),
                    reason: found.reason(),
                });
            }
            Some(seen @ Seen::Other(..)) => return seen.refused(&source.path).map_or(Ok(()), Err),
            _ => any |= own.is_some(),
        }
    }
    match (companion, sources.first()) {
        _ if any => Ok(()),
        (Some((path, description)), _) => {
            Err(FormatError::Companion { path, description, companion_of: format.name() })
        }
        (None, Some(first)) => Err(FormatError::Nothing { path: first.path.clone(), declared: format.description() }),
        (None, None) => Ok(()),
    }
}
