//! What stands beside an export in the same file: prompts, banners and dates, which say nothing of packets. A reader ignores such
//! lines with the reason [`OUTSIDE`] or [`PROMPT`].

/// Why a reader ignores a line that is no part of the export.
pub(super) const OUTSIDE: &str = "beside the export";

/// Why it ignores a prompt, with the command behind it.
pub(super) const PROMPT: &str = "prompt";
