//! From bytes to text: bounded reading, decoding, lines, the ledger of what became of each line, and sanitising for display.
//!
//! Nothing here knows a format. Start at [`Source::read`].
