//! Why a whole export cannot be read: it is of another format, of one without a reader, of none, or empty.
//!
//! Each message names the file and says what to give instead.

use thiserror::Error;

/// Why a whole export cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormatError {
    /// There is no reader for the format.
    #[error("{path}{}: reading {name} exports is not supported by this version", is(.seen.as_deref()))]
    Unsupported {
        /// The file.
        path: String,
        /// The format's name.
        name: &'static str,
        /// What the file is by its content, and the reason, where that is known.
        seen: Option<String>,
    },
    /// It was declared as one format and is of another.
    #[error("{path} is not {declared}: it looks like {description} (format {name}; {reason})")]
    Mismatch {
        /// The file.
        path: String,
        /// What a file of the declared format is.
        declared: &'static str,
        /// What its content is.
        description: &'static str,
        /// The name of that format.
        name: &'static str,
        /// What it was recognised by.
        reason: String,
    },
    /// It is something that no reader will ever read, but its device can export something else.
    #[error("{path} is {what} ({reason}): {advice}")]
    Other {
        /// The file.
        path: String,
        /// What it is.
        what: &'static str,
        /// What it was recognised by.
        reason: String,
        /// What to do instead.
        advice: String,
    },
    /// Sets without the rules that look into them.
    #[error("{path} is {description}: give the {companion_of} export that it belongs to beside it")]
    Companion {
        /// The file.
        path: String,
        /// What it is.
        description: &'static str,
        /// The name of the format it belongs to.
        companion_of: &'static str,
    },
    /// It holds nothing of the format that was declared.
    #[error("{path} is not {declared}: it holds nothing by which one is recognised")]
    Nothing {
        /// The file.
        path: String,
        /// What a file of the declared format is.
        declared: &'static str,
    },
    /// It is empty, or has blank lines alone.
    #[error("{path} is empty: export the rules once more, with the rights that it takes")]
    Empty {
        /// The file.
        path: String,
    },
    /// It is of no format that is known, and none was declared.
    #[error("{path}: of no format that is known; say which it is with format = \"…\" in the deployment: {}", .names.join(", "))]
    Unknown {
        /// The file.
        path: String,
        /// The formats that are known, by name.
        names: Vec<&'static str>,
    },
}

/// What a file is, as the second part of a sentence.
fn is(seen: Option<&str>) -> String {
    seen.map(|seen| format!(" is {seen}")).unwrap_or_default()
}
