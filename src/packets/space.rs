//! Unions of packet sets as plain lists, with the operations on them: difference, intersection and merging.

use std::hash::BuildHasher as _;

use rustc_hash::{FxBuildHasher, FxHashMap};
use smallvec::SmallVec;

use super::{Address, ConditionId, Conditions, IntervalSet, PacketSet, StateSet, TcpFlagSet};

/// The packets of `from` that are in none of `taken`. The result is disjoint if `from` is.
#[must_use]
pub fn subtract_all<A: Address>(from: Vec<PacketSet<A>>, taken: &[PacketSet<A>]) -> Vec<PacketSet<A>> {
    taken.iter().fold(from, |left, take| {
        if left.iter().any(|set| set.meets(take)) {
            left.iter().flat_map(|set| set.difference(take)).collect()
        } else {
            left
        }
    })
}

/// The same, if it takes no more than `most` comparisons; else none. `most` is reduced by the comparisons made.
#[must_use]
pub fn subtract_within<A: Address>(
    from: Vec<PacketSet<A>>,
    taken: &[PacketSet<A>],
    most: &mut usize,
) -> Option<Vec<PacketSet<A>>> {
    let mut left = from;
    for take in taken {
        *most = most.checked_sub(effort(&left))?;
        if left.iter().any(|set| set.meets(take)) {
            left = left.iter().flat_map(|set| set.difference(take)).collect();
        }
    }
    Some(left)
}

/// The cost of examining these sets, in comparisons of two small sets.
#[must_use]
pub fn effort<A: Address>(sets: &[PacketSet<A>]) -> usize {
    sets.iter().map(|set| 1 + set.interval_count() / 32).sum()
}

/// The packets that are in both unions.
#[must_use]
pub fn intersect_all<A: Address>(one: &[PacketSet<A>], other: &[PacketSet<A>]) -> Vec<PacketSet<A>> {
    one.iter().flat_map(|a| other.iter().filter_map(move |b| a.intersection(b))).collect()
}

/// The sets without their conditions: the packets that are in one of the sets for some values of the conditions.
#[must_use]
pub fn without_conditions<A: Address>(sets: &[PacketSet<A>]) -> Vec<PacketSet<A>> {
    let mut plain: Vec<PacketSet<A>> =
        sets.iter().map(|set| PacketSet { conditions: Conditions::any(), ..set.clone() }).collect();
    plain.sort_unstable();
    plain.dedup();
    plain
}

/// The same packets in fewer sets: sets that differ on only one axis become one. Disjoint sets stay disjoint.
#[must_use]
pub fn coalesce<A: Address>(mut sets: Vec<PacketSet<A>>) -> Vec<PacketSet<A>> {
    loop {
        let before = sets.len();
        if before < 2 {
            return sets;
        }
        if sets.windows(2).all(|pair| pair[0] == pair[1]) {
            sets.truncate(1);
            return sets;
        }
        // Where all have the same on an axis, none differs from another there alone.
        macro_rules! merge_on {
            ($($axis:ident: $empty:expr, $union:expr;)*) => {$(
                if sets.windows(2).any(|pair| pair[0].$axis != pair[1].$axis) {
                    let take = |set: &mut PacketSet<A>| std::mem::replace(&mut set.$axis, $empty);
                    sets = merge(sets, take, |set, values| set.$axis = values, $union);
                }
            )*};
        }
        merge_on! {
            source: IntervalSet::empty(), |values| union_of(&values);
            destination: IntervalSet::empty(), |values| union_of(&values);
            source_port: IntervalSet::empty(), |values| union_of(&values);
            destination_port: IntervalSet::empty(), |values| union_of(&values);
            protocol: IntervalSet::empty(), |values| union_of(&values);
            ingress: IntervalSet::empty(), |values| union_of(&values);
            egress: IntervalSet::empty(), |values| union_of(&values);
            state: StateSet::EMPTY, |values| values.into_iter().fold(StateSet::EMPTY, StateSet::union);
            tcp_flags: TcpFlagSet::EMPTY, |values| values.into_iter().fold(TcpFlagSet::EMPTY, TcpFlagSet::union);
        }
        sets = merge_on_conditions(sets);
        if sets.len() == before {
            return sets;
        }
    }
}

/// Merges sets that differ only in the values of one condition. A merged set that allows all its values no longer has the
/// condition.
fn merge_on_conditions<A: Address>(mut sets: Vec<PacketSet<A>>) -> Vec<PacketSet<A>> {
    let mut named: Vec<ConditionId> =
        sets.iter().flat_map(|set| set.conditions.literals().iter().map(|(id, _)| *id)).collect();
    named.sort_unstable();
    let mut shared: Vec<ConditionId> =
        named.chunk_by(|a, b| a == b).filter(|same| same.len() > 1).map(|same| same[0]).collect();
    shared.truncate(MOST_CONDITIONS);
    for condition in shared {
        let (naming, others): (Vec<_>, Vec<_>) =
            sets.into_iter().partition(|set| set.conditions.demands(condition).is_some());
        sets = merge(
            naming,
            |set| {
                let values = set.conditions.demands(condition).cloned().unwrap_or_else(IntervalSet::full);
                set.conditions = std::mem::take(&mut set.conditions).with(condition, None);
                values
            },
            |set, values| set.conditions = std::mem::take(&mut set.conditions).with(condition, Some(values)),
            |values| union_of(&values),
        );
        sets.extend(others);
    }
    sets
}

/// By how many conditions sets are merged. With more, merging would take longer than it saves.
const MOST_CONDITIONS: usize = 64;

/// The union of many interval sets at once.
fn union_of<T: super::Ordinal>(sets: &[IntervalSet<T>]) -> IntervalSet<T> {
    IntervalSet::from_intervals(sets.iter().flat_map(|set| set.intervals().iter().copied()).collect())
}

/// Merges sets that are equal except on one axis, in the order in which they first appear.
fn merge<A: Address, V: Clone>(
    sets: Vec<PacketSet<A>>,
    take: impl Fn(&mut PacketSet<A>) -> V,
    put: impl Fn(&mut PacketSet<A>, V),
    union: impl Fn(SmallVec<[V; 1]>) -> V,
) -> Vec<PacketSet<A>> {
    // The last group with a hash, and for each group the one before it with the same hash.
    let mut last: FxHashMap<u64, usize> = FxHashMap::default();
    let mut before: Vec<Option<usize>> = Vec::new();
    let mut groups: Vec<(PacketSet<A>, SmallVec<[V; 1]>)> = Vec::with_capacity(sets.len());
    for mut set in sets {
        let values = take(&mut set);
        let hash = FxBuildHasher.hash_one(&set);
        let mut group = last.get(&hash).copied();
        while let Some(place) = group.filter(|place| groups[*place].0 != set) {
            group = before[place];
        }
        if let Some(group) = group {
            groups[group].1.push(values);
        } else {
            before.push(last.insert(hash, groups.len()));
            groups.push((set, smallvec::smallvec![values]));
        }
    }
    groups
        .into_iter()
        .map(|(mut set, mut values)| {
            let value = if values.len() == 1 { values.swap_remove(0) } else { union(values) };
            put(&mut set, value);
            set
        })
        .collect()
}
