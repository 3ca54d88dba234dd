//! The export formats: what a file looks like, and from its text to a normalized rule set with a ledger of its lines.
//!
//! Nothing here knows Edge Servers, findings or terminals. Start at [`read`]; each format is a folder of its own.

mod detect;
mod ipset;
pub mod iptables;
mod sanitise;

use thiserror::Error;

use crate::model::{Dialect, RuleSet};
use crate::source::{Ledger, LineState, Source};

pub use detect::detect;

/// An export format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// What `iptables-save` and `ip6tables-save` print.
    Iptables,
    /// What `ipset save` and `ipset list` print: a companion of iptables dumps.
    Ipset,
    /// What `nft list ruleset` prints, and scripts for `nft -f`.
    Nft,
    /// What `nft --json list ruleset` prints.
    NftJson,
    /// A Cisco ASA, PIX or FWSM configuration, or its `show access-list`.
    Asa,
    /// A policy exported as comma-separated values.
    Csv,
}

impl Format {
    /// Its name on the command line and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Iptables => "iptables",
            Self::Ipset => "ipset",
            Self::Nft => "nft",
            Self::NftJson => "nft-json",
            Self::Asa => "asa",
            Self::Csv => "csv",
        }
    }

    /// What a file of it is, in words.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Iptables => "an iptables-save dump",
            Self::Ipset => "an ipset dump",
            Self::Nft => "an nftables rule set",
            Self::NftJson => "an nftables rule set as JSON",
            Self::Asa => "a Cisco ASA configuration",
            Self::Csv => "a policy as comma-separated values",
        }
    }
}

/// What came of reading one firewall's exports.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The format they were read as.
    pub format: Format,
    /// The format of each source, in their order: that, or a companion's.
    pub formats: Vec<Format>,
    /// What they say.
    pub rule_set: RuleSet,
    /// One ledger for each source, in their order.
    pub ledgers: Vec<Ledger>,
    /// Whether an input ends, or begins, in the middle of a table: rules may be missing.
    pub truncated: bool,
}

impl Reading {
    /// How many lines that hold a rule, or might, were not recognised: each makes an audit incomplete.
    #[must_use]
    pub fn unread_rules(&self) -> usize {
        let rules = self.rule_set.chains.iter().flat_map(|chain| &chain.rules);
        let mut lines: Vec<(usize, u32)> = rules
            .map(|rule| (rule.origin.input, rule.origin.line))
            .filter(|(input, line)| {
                self.ledgers.get(*input).is_some_and(|ledger| ledger.state(*line) == Some(LineState::Unrecognised))
            })
            .collect();
        lines.sort_unstable();
        lines.dedup();
        lines.len()
    }
}

/// Why a whole export cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormatError {
    /// There is no reader for the format.
    #[error("reading {} exports is not supported by this version{}", .format.name(), seen_as(.path, *.looks_like))]
    Unsupported {
        /// The format asked for.
        format: Format,
        /// The first file.
        path: String,
        /// What its content looks like.
        looks_like: Option<Format>,
    },
    /// It was declared as one format and is of another.
    #[error("{path} is not {}: it looks like {} (format {})", .declared.description(), .looks_like.description(), .looks_like.name())]
    Mismatch {
        /// The file.
        path: String,
        /// The format it was declared as.
        declared: Format,
        /// The format its content has.
        looks_like: Format,
    },
    /// Sets without the rules that look into them.
    #[error("{path} is an ipset dump: give the iptables dump that it belongs to beside it")]
    Companion {
        /// The file.
        path: String,
    },
    /// It is of no format that is known.
    #[error("{path} is not {}: no table, chain or rule stands in it", .declared.description())]
    Nothing {
        /// The file.
        path: String,
        /// The format it was declared as.
        declared: Format,
    },
}

/// The end of a message: what the file looks like, where that can be told.
fn seen_as(path: &str, format: Option<Format>) -> String {
    format.map(|format| format!("; {path} looks like {}", format.description())).unwrap_or_default()
}

/// The dialects that rules can be written in, by name.
pub const DIALECTS: [&str; 1] = ["iptables"];

/// The dialect of this name, one of [`DIALECTS`].
#[must_use]
pub fn dialect(name: &str) -> Option<&'static dyn Dialect> {
    match name {
        "iptables" => Some(&iptables::Iptables),
        _ => None,
    }
}

/// Reads one firewall's exports as one rule set. For iptables, a dump of each family may be a source of its own, and dumps of
/// ipset may stand beside them.
///
/// # Errors
/// When the format has no reader, or a source is of another format than this, or holds nothing of it. A line that is not
/// understood is no error: the ledger has it.
pub fn read(format: Format, sources: &[&Source]) -> Result<Reading, FormatError> {
    if format == Format::Ipset {
        return Err(FormatError::Companion {
            path: sources.first().map(|source| source.path.clone()).unwrap_or_default(),
        });
    }
    if format != Format::Iptables {
        let first = sources.first();
        return Err(FormatError::Unsupported {
            format,
            path: first.map(|source| source.path.clone()).unwrap_or_default(),
            looks_like: first.and_then(|source| detect(source.text())),
        });
    }
    let mut seen = false;
    for source in sources {
        match detect(source.text()) {
            Some(Format::Ipset) => {}
            Some(looks_like) if looks_like != format => {
                return Err(FormatError::Mismatch { path: source.path.clone(), declared: format, looks_like });
            }
            found => seen |= found.is_some(),
        }
    }
    let companion = |source: &&&Source| detect(source.text()) == Some(Format::Ipset);
    if !seen && let Some(companion) = sources.iter().find(companion) {
        return Err(FormatError::Companion { path: companion.path.clone() });
    }
    match sources.first() {
        Some(first) if !seen => Err(FormatError::Nothing { path: first.path.clone(), declared: format }),
        _ => {
            let mut reading = iptables::read(sources);
            sanitise::sanitise_rule_set(&mut reading.rule_set);
            Ok(reading)
        }
    }
}
