//! A kind of file that is recognised but never read.

use super::super::recognition::Sign;

/// A kind of file that is recognised but never read.
pub(in crate::formats) struct Other {
    /// What it is, and if necessary why it cannot be used: `iptables -L output, which loses …`.
    pub(in crate::formats) what: &'static str,
    /// What to do, as an imperative, and the name of the format that this gives; `None` if its device exports nothing that a
    /// format here can read.
    pub(in crate::formats) instead: Option<(&'static str, &'static str)>,
    /// The signs by which it is recognised; only words that no other kind of file has.
    pub(in crate::formats) signs: &'static [Sign],
}
