//! The checks other than needs and excess, as data. Read from `data/checks.toml`.
//!
//! Start at [`super::check`].

use serde::{Deserialize, Serialize};

use crate::findings::{Category, Severity};

/// A kind of finding that is neither about a single need nor about a single permit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name in a run, for example `nat.port`.
    pub kind: String,
    /// The check's name in docs/domain.md, "Checks".
    pub source: String,
    /// Whether a service fails or something is exposed.
    pub category: Category,
    /// The severity; without one, that of the most severe need concerned.
    pub severity: Option<Severity>,
    /// The severity where an A/V address is concerned, in place of `severity`.
    pub severity_av: Option<Severity>,
    /// Why it matters, in one or two sentences.
    pub why: String,
}
