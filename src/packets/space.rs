//! Unions of packet sets as plain lists, with the operations on them: difference, intersection and merging.

use rustc_hash::FxHashMap;

use super::{Address, ConditionId, Conditions, IntervalSet, PacketSet};

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
        macro_rules! merge_on {
            ($($axis:ident),*) => {$(
                sets = merge(sets, |set| std::mem::replace(&mut set.$axis, IntervalSet::empty()),
                    |set, values| set.$axis = values, |values| union_of(&values));
            )*};
        }
        merge_on!(source, destination, source_port, destination_port, protocol, ingress, egress);
        sets = merge(
            sets,
            |set| std::mem::replace(&mut set.state, super::StateSet::EMPTY),
            |set, values| set.state = values,
            |values| values.into_iter().fold(super::StateSet::EMPTY, super::StateSet::union),
        );
        sets = merge(
            sets,
            |set| std::mem::replace(&mut set.tcp_flags, super::TcpFlagSet::EMPTY),
            |set, values| set.tcp_flags = values,
            |values| values.into_iter().fold(super::TcpFlagSet::EMPTY, super::TcpFlagSet::union),
        );
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
    union: impl Fn(Vec<V>) -> V,
) -> Vec<PacketSet<A>> {
    let mut place: FxHashMap<PacketSet<A>, usize> = FxHashMap::default();
    let mut groups: Vec<(PacketSet<A>, Vec<V>)> = Vec::with_capacity(sets.len());
    for mut set in sets {
        let values = take(&mut set);
        if let Some(group) = place.get(&set) {
            groups[*group].1.push(values);
        } else {
            place.insert(set.clone(), groups.len());
            groups.push((set, vec![values]));
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
