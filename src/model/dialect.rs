//! How a format writes rules back in its device's syntax. What it writes reads back as what was asked for.

use super::{Action, ChainId, Draft, Edit, Family, Match, RuleSet, Splice};

/// A rule to be written into a chain of an export that was read.
#[derive(Debug, Clone, Copy)]
pub struct NewRule<'a> {
    /// The export.
    pub set: &'a RuleSet,
    /// The chain it goes into.
    pub chain: ChainId,
    /// The packets' family.
    pub family: Family,
    /// What it matches, exactly.
    pub packets: &'a Match,
    /// What it does: [`Action::Accept`], [`Action::Drop`] or a jump.
    pub action: &'a Action,
    /// The administrator's remark.
    pub comment: Option<&'a str>,
}

/// A device's syntax.
pub trait Dialect: std::fmt::Debug + Sync {
    /// `iptables`, `nft`, `asa`, `csv`.
    fn name(&self) -> &'static str;

    /// The lines of a rule, as they would stand in the export: several where the syntax takes several for one match.
    ///
    /// # Errors
    /// What the syntax cannot say.
    fn rule(&self, rule: &NewRule) -> Result<Vec<String>, Unwritable>;

    /// What has to change in the inputs of a rule set that was read so that it becomes what the splices make of it. `texts` are
    /// the inputs' decoded texts. The edits do not overlap.
    ///
    /// # Errors
    /// What the syntax cannot say, and places that no text has: where several rules stand on one line and only some of them go, or
    /// where the lines are in another order than the rules.
    fn edits(&self, set: &RuleSet, texts: &[&str], splices: &[Splice]) -> Result<Vec<Edit>, Unwritable>;

    /// A whole file that the device takes.
    ///
    /// # Errors
    /// What the syntax cannot say.
    fn file(&self, draft: &Draft) -> Result<String, Unwritable>;
}

/// What a syntax cannot say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{dialect} cannot write {what}")]
pub struct Unwritable {
    /// The dialect.
    pub dialect: &'static str,
    /// What it was asked for.
    pub what: String,
}
