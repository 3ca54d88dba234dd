//! From bytes to text: bounded reading, decoding, lines, the ledger of how each line was classified, and sanitising for
//! display.
//!
//! Nothing here knows a format. Start at [`Source::read`].

mod decode;
mod error;
mod ledger;
mod lines;
mod lookalikes;
mod magic;
mod read;
mod sanitise;

pub use decode::Encoding;
pub use error::SourceError;
pub use ledger::{Ledger, LineCounts, LineState, NEVER_MARKED};
pub use lookalikes::has_lookalikes;
pub use read::{Limits, Source};
pub use sanitise::{sanitise, sanitise_to};
