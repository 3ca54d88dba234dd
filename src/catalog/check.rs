//! What is checked beside the needs and the excess, as data. Read from `data/checks.toml`.
//!
//! Start at [`super::check`].

use serde::{Deserialize, Serialize};

use crate::findings::{Category, Severity};

/// A kind of finding about neither one need nor one permit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name in a run, for example `nat.port`.
    pub kind: String,
    /// The check of EDGE.md section 3, or the page that calls for it.
    pub source: String,
    /// Whether something does not work or something is open.
    pub category: Category,
    /// How bad it is; where there is none, as the gravest need concerned.
    pub severity: Option<Severity>,
    /// How bad it is where an A/V address is concerned.
    pub severity_av: Option<Severity>,
    /// Why it matters, in one or two sentences.
    pub why: String,
}
