//! A change that was proved to cure one finding, and what it does to the export's text.

use crate::judge::FamilyAddress;
use crate::model::{Edit, Splice};
use crate::packets::PacketSet;

use super::Planner;

/// A change of the rules, proved by itself.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Proposal<A: FamilyAddress> {
    /// What changes in the rules.
    pub(super) splices: Vec<Splice>,
    /// What changes in the text: an edit for each splice.
    pub(super) edits: Vec<Edit>,
    /// What gets through with it and did not before.
    pub(super) opened: Vec<PacketSet<A>>,
    /// What no longer gets through.
    pub(super) closed: Vec<PacketSet<A>>,
    /// What it does beside curing the finding, in words.
    pub(super) also_opens: String,
}

impl<A: FamilyAddress> Proposal<A> {
    /// The change with its edits; none where the export's syntax cannot say it.
    pub(super) fn of(
        planner: &Planner<A>,
        splices: Vec<Splice>,
        (opened, closed): (Vec<PacketSet<A>>, Vec<PacketSet<A>>),
        also_opens: String,
    ) -> Option<Self> {
        let edits = planner.edits(&splices)?;
        Some(Self { splices, edits, opened, closed, also_opens })
    }

    /// How many lines it writes.
    pub(super) fn line_count(&self) -> usize {
        self.edits.iter().map(|edit| super::statement::lines_of(&edit.text).count()).sum()
    }
}
