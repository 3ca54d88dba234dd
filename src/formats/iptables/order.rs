//! The order in which rules stand after appends and inserts, without moving any of them about.

/// Where a rule is put among those that stand there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Behind all.
    End,
    /// Before the one with this index, from 0; behind all where there are fewer.
    At(usize),
}

/// The entries in the order that their positions, taken one after another, come to.
///
/// Backwards, each entry's position is its index among the places that later ones leave free; a Fenwick tree finds it, so
/// that a million inserts at the front cost no more than sorting.
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

/// How many places are free up to each.
struct Fenwick {
    sums: Vec<usize>,
}

impl Fenwick {
    fn full(count: usize) -> Self {
        // The sum at i spans the lowest set bit of i.
        Self { sums: (0..=count).map(|index| index & index.wrapping_neg()).collect() }
    }

    /// Takes the free place with this index, from 0, and gives its own.
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
        fn it_is_what_a_plain_list_comes_to(positions in prop::collection::vec(prop::option::of(0_usize..40), 0..60)) {
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
