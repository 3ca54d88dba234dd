//! Cuts that are put off.
//!
//! A rule over a set of a hundred thousand pairs cuts what comes by into as many pieces, of which later rules let only a small part
//! through. Where it would, a region notes instead that it is what such a rule matched, or what the rule left. The cuts are made
//! up for at the end of the way, when little is left to cut.

use rustc_hash::FxHashMap;

use crate::model::RuleId;

/// A cut along the sets of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Cut {
    pub(super) rule: RuleId,
    /// Whether what the rule matches is meant, or what it leaves.
    pub(super) matched: bool,
}

/// Lists of cuts by number: equal lists have equal numbers. Number 0 is the empty list.
#[derive(Debug, Default)]
pub(super) struct PutOff {
    /// The last cut of each list, the list before it, and how many cuts it has. The list with number n is at n - 1.
    lists: Vec<(Cut, u32, usize)>,
    numbers: FxHashMap<(u32, Cut), u32>,
}

impl PutOff {
    /// The list that is one cut longer.
    pub(super) fn longer(&mut self, list: u32, cut: Cut) -> u32 {
        let length = 1 + self.length(list);
        let Self { lists, numbers } = self;
        *numbers.entry((list, cut)).or_insert_with(|| {
            lists.push((cut, list, length));
            u32::try_from(lists.len()).unwrap_or(0)
        })
    }

    /// The cuts of a list, the last first.
    pub(super) fn cuts(&self, mut number: u32) -> impl Iterator<Item = Cut> {
        std::iter::from_fn(move || {
            let (cut, before) = self.last(number)?;
            number = before;
            Some(cut)
        })
    }

    /// The last cut of a list, and the number of the list before it.
    pub(super) fn last(&self, number: u32) -> Option<(Cut, u32)> {
        let (cut, before, _) = self.lists.get((number as usize).checked_sub(1)?)?;
        Some((*cut, *before))
    }

    pub(super) fn length(&self, number: u32) -> usize {
        (number as usize).checked_sub(1).and_then(|place| self.lists.get(place)).map_or(0, |(.., length)| *length)
    }
}
