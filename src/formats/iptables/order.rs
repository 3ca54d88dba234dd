//! The order of rules after appends and inserts, computed without moving rules.

/// The position at which a rule is added to the existing ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// After all.
    End,
    /// Before the one with this index, from 0; after all if there are fewer.
    At(usize),
}

/// The entries in the order that results from adding them one after another at their positions.
///
/// Entries are processed from the last to the first: the position of each is its index among the places that later entries leave
/// free. A Fenwick tree finds that place, so that a million inserts at the front take no longer than sorting.
pub fn ordered<T>(entries: Vec<(Position, T)>) -> Vec<T> {
    if entries.iter().all(|(position, _)| *position == Position::End) {
        return entries.into_iter().map(|(_, entry)| entry).collect();
    }
    let count = entries.len();
    let mut free = Fenwick::full(count);
    let mut places: Vec<Option<T>> = Vec::new();
    places.resize_with(count, || None);
    for (before, (position, entry)) in entries.into_iter().enumerate().rev() {
        let index = match position {
            Position::At(index) => index.min(before),
            Position::End => before,
        };
        let place = free.take(index);
        if let Some(slot) = places.get_mut(place) {
            *slot = Some(entry);
        }
    }
    places.into_iter().flatten().collect()
}

/// The number of free places up to each place.
struct Fenwick {
    sums: Vec<usize>,
}

impl Fenwick {
    fn full(count: usize) -> Self {
        // The sum at i spans the lowest set bit of i.
        Self { sums: (0..=count).map(|index| index & index.wrapping_neg()).collect() }
    }

    /// Takes the free place with this index among the free ones, from 0, and returns its index among all places.
    fn take(&mut self, index: usize) -> usize {
        let count = self.sums.len() - 1;
        let (mut place, mut left) = (0, index + 1);
        let mut step = (count + 1).next_power_of_two();
        while step > 0 {
            if place + step <= count && self.sums[place + step] < left {
                place += step;
                left -= self.sums[place];
            }
            step /= 2;
        }
        let mut up = place + 1;
        while up <= count {
            self.sums[up] -= 1;
            up += up & up.wrapping_neg();
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_order_is_that_of_a_plain_list(positions in prop::collection::vec(prop::option::of(0_usize..40), 0..60)) {
            let mut plain = Vec::new();
            let mut entries = Vec::new();
            for (entry, position) in positions.into_iter().enumerate() {
                plain.insert(position.unwrap_or(usize::MAX).min(plain.len()), entry);
                entries.push((position.map_or(Position::End, Position::At), entry));
            }
            prop_assert_eq!(ordered(entries), plain);
        }
    }
}
