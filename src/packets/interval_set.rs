//! A set of values on one axis, as sorted intervals that neither overlap nor touch.
//!
//! The empty set, the full set and a single interval are stored in place. Two intervals or more are stored once and shared by all
//! copies, so a rule that names a set of thousands of addresses needs no more memory than a rule with one address.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxHasher;
use smallvec::SmallVec;

use super::Ordinal;

/// A set of ordinals in canonical form: sets with the same members have the same representation.
#[derive(Debug, Clone)]
pub struct IntervalSet<T: Ordinal> {
    storage: Storage<T>,
}

/// Where the intervals are kept. Each set has exactly one form.
#[derive(Debug, Clone)]
enum Storage<T: Ordinal> {
    Empty,
    Full,
    One(T::Interval),
    Many(Arc<Shared<T>>),
}

/// Two intervals or more, with a hash of them made once.
#[derive(Debug)]
struct Shared<T> {
    hash: u64,
    intervals: Vec<(T, T)>,
}

/// The intervals of a set that is being built.
type List<T> = SmallVec<[(T, T); 4]>;

impl<T: Ordinal> PartialEq for IntervalSet<T> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.storage, &other.storage) {
            (Storage::Many(one), Storage::Many(another)) => {
                Arc::ptr_eq(one, another) || (one.hash == another.hash && one.intervals == another.intervals)
            }
            _ => self.intervals() == other.intervals(),
        }
    }
}

impl<T: Ordinal> Eq for IntervalSet<T> {}

impl<T: Ordinal> Hash for IntervalSet<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.storage {
            Storage::Many(shared) => shared.hash.hash(state),
            _ => self.intervals().hash(state),
        }
    }
}

impl<T: Ordinal> PartialOrd for IntervalSet<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ordinal> Ord for IntervalSet<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.shares_storage(other) {
            return Ordering::Equal;
        }
        self.intervals().cmp(other.intervals())
    }
}

/// If one set has this longer times more intervals than the other, binary search is faster than going through both.
const LOPSIDED: usize = 16;

impl<T: Ordinal> IntervalSet<T> {
    /// No value.
    #[must_use]
    pub fn empty() -> Self {
        Self { storage: Storage::Empty }
    }

    /// Every value of the axis.
    #[must_use]
    pub fn full() -> Self {
        Self { storage: Storage::Full }
    }

    /// One value.
    #[must_use]
    pub fn single(value: T) -> Self {
        Self::range(value, value)
    }

    /// All values from `low` to `high`, both included; none if `low > high`.
    #[must_use]
    pub fn range(low: T, high: T) -> Self {
        if low > high {
            return Self::empty();
        }
        if low == T::LOWEST && high == T::HIGHEST {
            return Self::full();
        }
        Self { storage: Storage::One((low, high).into()) }
    }

    /// The set of intervals that are sorted, disjoint and do not touch.
    fn of_sorted(intervals: List<T>) -> Self {
        match intervals.as_slice() {
            [] => Self::empty(),
            [(low, high)] => Self::range(*low, *high),
            _ => {
                let mut intervals = intervals.into_vec();
                intervals.shrink_to_fit();
                let mut hasher = FxHasher::default();
                intervals.hash(&mut hasher);
                Self { storage: Storage::Many(Arc::new(Shared { hash: hasher.finish(), intervals })) }
            }
        }
    }

    /// This set, in the storage of one of the two others if it is equal to that one.
    fn sharing(self, one: &Self, other: &Self) -> Self {
        if matches!(self.storage, Storage::Many(_)) {
            for known in [one, other] {
                if self == *known {
                    return known.clone();
                }
            }
        }
        self
    }

    /// Whether the two share their storage, and are therefore equal. Sets of at most one interval do not share storage.
    #[must_use]
    pub fn shares_storage(&self, other: &Self) -> bool {
        match (&self.storage, &other.storage) {
            (Storage::Many(one), Storage::Many(another)) => Arc::ptr_eq(one, another),
            _ => false,
        }
    }

    /// The address of its storage, if copies share it. It is the same for all copies as long as one of them exists.
    #[must_use]
    pub fn storage_address(&self) -> Option<usize> {
        match &self.storage {
            Storage::Many(shared) => Some(Arc::as_ptr(shared).addr()),
            _ => None,
        }
    }

    /// The union of intervals in any order; those with `low > high` are empty.
    #[must_use]
    pub fn from_intervals(mut given: Vec<(T, T)>) -> Self {
        given.retain(|(low, high)| low <= high);
        given.sort_unstable();
        let mut intervals: List<T> = SmallVec::with_capacity(given.len());
        for (low, high) in given {
            match intervals.last_mut() {
                Some(last) if last.1.next().is_none_or(|after| low <= after) => last.1 = last.1.max(high),
                _ => intervals.push((low, high)),
            }
        }
        Self::of_sorted(intervals)
    }

    /// The intervals, sorted, disjoint and not touching.
    #[must_use]
    pub fn intervals(&self) -> &[(T, T)] {
        match &self.storage {
            Storage::Empty => &[],
            Storage::Full => T::EVERYTHING,
            Storage::One(interval) => std::slice::from_ref(&**interval),
            Storage::Many(shared) => &shared.intervals,
        }
    }

    /// Whether there is no value in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self.storage, Storage::Empty)
    }

    /// Whether every value of the axis is in it.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self.storage, Storage::Full)
    }

    /// The lowest value, if there is one.
    #[must_use]
    pub fn lowest(&self) -> Option<T> {
        self.intervals().first().map(|(low, _)| *low)
    }

    /// The one value, if there is exactly one.
    #[must_use]
    pub fn only(&self) -> Option<T> {
        match self.intervals() {
            [(low, high)] if low == high => Some(*low),
            _ => None,
        }
    }

    /// Whether the value is in it.
    #[must_use]
    pub fn contains(&self, value: T) -> bool {
        let after = self.intervals().partition_point(|(low, _)| *low <= value);
        after > 0 && self.intervals()[after - 1].1 >= value
    }

    /// Whether the two have a value in common.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        if self.shares_storage(other) {
            return true;
        }
        if let ([(a_low, a_high)], [(b_low, b_high)]) = (self.intervals(), other.intervals()) {
            return a_low <= b_high && b_low <= a_high;
        }
        let (shorter, longer) =
            if self.intervals().len() <= other.intervals().len() { (self, other) } else { (other, self) };
        shorter.intervals().iter().any(|(low, high)| {
            let first = longer.intervals().partition_point(|(_, many_high)| many_high < low);
            longer.intervals().get(first).is_some_and(|(many_low, _)| many_low <= high)
        })
    }

    /// Whether every value of this set is in the other.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        if other.is_full() || self.shares_storage(other) {
            return true;
        }
        self.intervals().iter().all(|(low, high)| {
            let after = other.intervals().partition_point(|(other_low, _)| other_low <= low);
            after > 0 && other.intervals()[after - 1].1 >= *high
        })
    }

    /// The values in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        if other.is_full() {
            return self.clone();
        }
        if self.is_full() || self.shares_storage(other) {
            return other.clone();
        }
        let (shorter, longer) =
            if self.intervals().len() <= other.intervals().len() { (self, other) } else { (other, self) };
        let mut intervals: List<T> = SmallVec::new();
        if shorter.intervals().len() * LOPSIDED < longer.intervals().len() {
            // Each interval of the shorter list is searched in the longer one.
            for (low, high) in shorter.intervals() {
                let first = longer.intervals().partition_point(|(_, many_high)| many_high < low);
                let within = longer.intervals()[first..].iter().take_while(|(many_low, _)| many_low <= high);
                intervals.extend(within.map(|(many_low, many_high)| (*many_low.max(low), *many_high.min(high))));
            }
            return Self::of_sorted(intervals).sharing(self, other);
        }
        let (mut a, mut b) = (self.intervals().iter().peekable(), other.intervals().iter().peekable());
        while let (Some(&&(a_low, a_high)), Some(&&(b_low, b_high))) = (a.peek(), b.peek()) {
            let (low, high) = (a_low.max(b_low), a_high.min(b_high));
            if low <= high {
                intervals.push((low, high));
            }
            if a_high < b_high {
                a.next();
            } else {
                b.next();
            }
        }
        Self::of_sorted(intervals).sharing(self, other)
    }

    /// The shortest interval that contains both.
    #[must_use]
    pub fn span(&self, other: &Self) -> Self {
        let ends =
            [self.intervals().first(), self.intervals().last(), other.intervals().first(), other.intervals().last()];
        let low = ends.iter().flatten().map(|(low, _)| *low).min();
        let high = ends.iter().flatten().map(|(_, high)| *high).max();
        match (low, high) {
            (Some(low), Some(high)) => Self::range(low, high),
            _ => Self::empty(),
        }
    }

    /// The values in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if other.is_empty() || self.is_full() || self.shares_storage(other) {
            return self.clone();
        }
        if self.is_empty() || other.is_full() {
            return other.clone();
        }
        Self::from_intervals(self.intervals().iter().chain(other.intervals()).copied().collect()).sharing(self, other)
    }

    /// The values of the axis that are not in it.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut intervals: List<T> = SmallVec::new();
        let mut from = Some(T::LOWEST);
        for (low, high) in self.intervals() {
            if let (Some(start), Some(end)) = (from, low.previous())
                && start <= end
            {
                intervals.push((start, end));
            }
            from = high.next();
        }
        if let Some(start) = from {
            intervals.push((start, T::HIGHEST));
        }
        Self::of_sorted(intervals)
    }

    /// The values of this set that are not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        if self.shares_storage(other) || other.is_full() {
            return Self::empty();
        }
        if !self.meets(other) {
            return self.clone();
        }
        if self.intervals().len() * LOPSIDED < other.intervals().len() {
            let mut intervals: List<T> = SmallVec::new();
            for (low, high) in self.intervals() {
                let first = other.intervals().partition_point(|(_, other_high)| other_high < low);
                let within = other.intervals()[first..].iter().take_while(|(other_low, _)| other_low <= high);
                let mut from = Some(*low);
                for (taken_low, taken_high) in within {
                    if let (Some(start), Some(end)) = (from, taken_low.previous())
                        && start <= end
                    {
                        intervals.push((start, end));
                    }
                    from = taken_high.next();
                }
                if let Some(start) = from.filter(|start| start <= high) {
                    intervals.push((start, *high));
                }
            }
            return Self::of_sorted(intervals);
        }
        self.intersection(&other.complement())
    }

    /// How longer values are in it, at most `u128::MAX`.
    #[must_use]
    pub fn count(&self) -> u128 {
        self.intervals()
            .iter()
            .fold(0u128, |sum, (low, high)| sum.saturating_add((high.to_u128() - low.to_u128()).saturating_add(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::IntervalSet;
    use proptest::prelude::*;

    fn any_set() -> impl Strategy<Value = IntervalSet<u8>> {
        proptest::collection::vec((any::<u8>(), any::<u8>()), 0..6).prop_map(IntervalSet::from_intervals)
    }

    proptest! {
        #[test]
        fn every_operation_agrees_with_membership_value_by_value(a in any_set(), b in any_set()) {
            let (both, either, less, not) = (a.intersection(&b), a.union(&b), a.difference(&b), a.complement());
            for value in 0..=u8::MAX {
                let (in_a, in_b) = (a.contains(value), b.contains(value));
                prop_assert_eq!(both.contains(value), in_a && in_b);
                prop_assert_eq!(either.contains(value), in_a || in_b);
                prop_assert_eq!(less.contains(value), in_a && !in_b);
                prop_assert_eq!(not.contains(value), !in_a);
            }
            prop_assert_eq!(a.meets(&b), !both.is_empty());
            prop_assert_eq!(a.is_subset(&b), less.is_empty());
            prop_assert_eq!(a.count() + not.count(), 256);
        }

        #[test]
        fn equal_sets_are_equal_values(a in any_set(), b in any_set()) {
            let rebuilt = a.difference(&b).union(&a.intersection(&b));
            prop_assert_eq!(rebuilt, a);
        }
    }
}
