//! Changes to a rule set, and the changes to its text that a format makes of them.

use super::{Action, ChainId, Family, Match, Span};

/// In one chain, at one place: rules that go, and rules that come there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// The chain.
    pub chain: ChainId,
    /// The place of the first rule that goes, and of the new ones; the number of rules is the end of the chain.
    pub place: usize,
    /// How many rules go.
    pub removed: usize,
    /// What comes there, in order.
    pub inserted: Vec<Insertion>,
}

/// A rule that comes into a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insertion {
    /// The packets' family.
    pub family: Family,
    /// What it matches, exactly.
    pub packets: Match,
    /// [`Action::Accept`] or [`Action::Drop`].
    pub action: Action,
    /// The administrator's remark.
    pub comment: String,
}

/// A change to the text of one input: the bytes of a span give way to other text. Where several edits of one text begin at the same
/// offset, what they insert stands there in the order of the edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Index of the input.
    pub input: u32,
    /// What goes; empty where text is only put in.
    pub span: Span,
    /// What comes there, line ends included.
    pub text: String,
    /// Of text that is only put in: whether its place is named by what stands before it, rather than by what follows.
    pub after: bool,
}
