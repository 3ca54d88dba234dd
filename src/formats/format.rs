//! What a format is to the rest of the program: a name, a way to recognise its files, and, as far as they are written, a reader
//! and a dialect.

use crate::model::{Dialect, RuleSet};
use crate::source::{Ledger, Source};

use super::error::FormatError;
use super::options::Options;
use super::recognition::Recognition;

/// An export format. Each is a folder here, and one line in the table [`super::FORMATS`].
pub trait Format: std::fmt::Debug + Sync {
    /// Its name on the command line, in the deployment file and in reports; unique.
    fn name(&self) -> &'static str;

    /// What a file of it is, in words, with an article: `an iptables-save dump`.
    fn description(&self) -> &'static str;

    /// What of a text shows that it is of this format, if anything does. Only a part of a very long text is looked at.
    fn recognise(&self, text: &str) -> Option<Recognition>;

    /// Its reader; `None` for a format that is recognised and that this version cannot read.
    fn reader(&self) -> Option<Reader> {
        None
    }

    /// How rules are written in it; `None` where nothing writes it yet.
    fn dialect(&self) -> Option<&'static dyn Dialect> {
        None
    }

    /// The format whose exports its files belong to, where they hold no rules of their own: sets, objects. That format's
    /// reader gets them beside its own files.
    fn companion_of(&self) -> Option<&'static str> {
        None
    }

    /// Whether an export may be one line of any length, as JSON is where nobody breaks it. Any other has lines of at most
    /// [`crate::source::Limits::max_line_bytes`].
    fn may_be_one_line(&self) -> bool {
        false
    }

    /// Whether its exports say which replies pass by themselves. For one that does not, the deployment says it (`stateful`).
    fn says_what_is_tracked(&self) -> bool {
        true
    }
}

/// Reads all exports of one firewall as one rule set: files of the format itself and of its companions, in any order.
///
/// A line that is not understood is no error. The ledger has it, and wherever it could have had an effect there is a rule with
/// an unknown condition or action.
///
/// # Errors
/// When a source as a whole cannot be read, such as JSON that is cut off.
pub type Reader = fn(&[&Source], &Options) -> Result<Reading, FormatError>;

/// What came of reading one firewall's exports.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The format they were read as.
    pub format: &'static dyn Format,
    /// The format of each source, in their order: that, or a companion's.
    pub formats: Vec<&'static dyn Format>,
    /// What they say.
    pub rule_set: RuleSet,
    /// One ledger for each source, in their order.
    pub ledgers: Vec<Ledger>,
    /// Whether an input ends, or begins, in the middle of a table: rules may be missing.
    pub truncated: bool,
}

impl Reading {
    /// How many lines were not recognised, as the ledgers have them: each holds a rule, or might, and makes an audit incomplete.
    #[must_use]
    pub fn unread_lines(&self) -> usize {
        self.ledgers.iter().map(|ledger| ledger.counts().unrecognised).sum()
    }
}
