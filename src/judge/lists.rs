//! Lists by number, so that packets on their way carry a number alone.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// Lists that grow at their end: equal lists have equal numbers. Number 0 is the empty list.
#[derive(Debug)]
pub(super) struct Lists<T> {
    /// The last element of each list, and the list before it. The list with number n is at n - 1.
    lists: Vec<(T, u32)>,
    numbers: FxHashMap<(u32, T), u32>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self { lists: Vec::new(), numbers: FxHashMap::default() }
    }
}

impl<T: Copy + Eq + Hash> Lists<T> {
    /// The list that is one element longer.
    pub(super) fn longer(&mut self, list: u32, element: T) -> u32 {
        let Self { lists, numbers } = self;
        *numbers.entry((list, element)).or_insert_with(|| {
            lists.push((element, list));
            u32::try_from(lists.len()).unwrap_or(0)
        })
    }

    /// The last element of a list, and the number of the list before it.
    pub(super) fn last(&self, number: u32) -> Option<(T, u32)> {
        self.lists.get((number as usize).checked_sub(1)?).copied()
    }

    /// The elements of a list, the last first.
    pub(super) fn backwards(&self, mut number: u32) -> impl Iterator<Item = T> {
        std::iter::from_fn(move || {
            let (element, before) = self.last(number)?;
            number = before;
            Some(element)
        })
    }
}
