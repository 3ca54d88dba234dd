//! Cuts that are put off.
//!
//! A rule over a set of a hundred thousand pairs cuts what comes by into as many pieces, of which later rules let only a small part
//! through. There a region notes instead that it is what such a rule matched, or what the rule left ([`super::settling`]), and is cut
//! where its packets leave, when little is left to cut.

use crate::model::RuleId;

/// A cut along the sets of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CutBy {
    /// The rule.
    pub(super) rule: RuleId,
    /// Whether what the rule matches is meant, or what it leaves.
    pub(super) matched: bool,
}
