//! Where the source documents contradict each other, and how the catalogue decides. Read from `data/contradictions.toml`.

use serde::{Deserialize, Serialize};

/// One of C01 to C36 (EDGE.md section 2). Both readings are shown to the auditor; the resolution is what judges.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Contradiction {
    /// `C01` to `C36`.
    pub id: String,
    /// What the documents say, with table and row.
    pub sources: String,
    /// How it is decided.
    pub resolution: String,
}
