//! Where the source documents contradict each other, and which reading is used. Read from `data/contradictions.toml`.

use serde::{Deserialize, Serialize};

/// One of C01 to C36 (docs/domain.md, "Contradictions"). Reports show both readings; firewalls are judged by the resolution.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Contradiction {
    /// `C01` to `C36`.
    pub id: String,
    /// What the documents say, with table and row.
    pub sources: String,
    /// The reading that is used.
    pub resolution: String,
}
