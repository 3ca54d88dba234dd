//! A kind of file that is recognised and never read.

use super::super::recognition::Sign;

/// A kind of file that no reader will ever read.
pub(in crate::formats) struct Other {
    /// What it is, with what is wrong with it where that is not plain: `iptables -L output, which loses …`.
    pub(in crate::formats) what: &'static str,
    /// What to do, as an imperative, and the name of the format that comes of it; `None` where its device exports nothing that
    /// a format here covers.
    pub(in crate::formats) instead: Option<(&'static str, &'static str)>,
    /// What it is recognised by: words of its own only.
    pub(in crate::formats) signs: &'static [Sign],
}
