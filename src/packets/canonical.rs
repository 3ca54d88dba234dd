//! A canonical form for each union of packet sets, independent of the pieces in which it was computed. It is used for
//! fingerprints and for the rows of reports.
//!
//! The axes are processed in a fixed order. On each axis, values with the same remaining axes are combined into one set. Two
//! lists of sets with the same packets therefore have the same canonical form. Conditions are removed first
//! ([`super::without_conditions`]).

use rustc_hash::FxHashMap;

use super::{
    Address, ConnectionState, IntervalSet, Ordinal, PacketSet, StateSet, TcpFlagSet, effort, without_conditions,
};

/// The canonical form. If there are more than `most` sets, or if computing it takes too long, the sets are only sorted.
#[must_use]
pub fn canonical<A: Address>(sets: &[PacketSet<A>], most: usize) -> Vec<PacketSet<A>> {
    let mut plain = without_conditions(sets);
    plain.retain(|set| !set.is_empty());
    if plain.len() < 2 || plain.len() > most {
        return plain;
    }
    let mut left = MOST_STEPS;
    let Some(mut rows) = split(&plain, 0, &mut left) else { return plain };
    rows.sort_unstable();
    rows
}

/// How many sets are examined before giving up. Sets that overlap on many axes have a number of rows that grows exponentially.
const MOST_STEPS: usize = 2_000_000;

/// Number of axes in the fixed order.
const AXES: usize = 9;

/// Splits along axis number `axis` and the following ones. The recursion is as deep as there are axes, whatever the input.
fn split<A: Address>(sets: &[PacketSet<A>], axis: usize, left: &mut usize) -> Option<Vec<PacketSet<A>>> {
    macro_rules! on {
        ($name:ident) => {
            split_intervals(sets, axis, left, |set| &set.$name, |row, values| row.$name = values)
        };
    }
    if let [only] = sets {
        return Some(vec![from_axis(only, axis)]);
    }
    match axis {
        0 => on!(ingress),
        1 => on!(egress),
        2 => on!(destination),
        3 => on!(source),
        4 => on!(protocol),
        5 => on!(destination_port),
        6 => on!(source_port),
        7 => {
            let mut groups = Groups::default();
            for state in ConnectionState::ALL {
                let containing = keep(sets, |set| set.state.contains(state));
                groups.add(containing, state);
            }
            groups.rows(sets, axis, left, |row, states: &[ConnectionState]| row.state = StateSet::of(states))
        }
        8 => {
            let mut groups = Groups::default();
            for flags in 0..=u8::MAX {
                let containing = keep(sets, |set| set.tcp_flags.contains(flags));
                groups.add(containing, flags);
            }
            groups.rows(sets, axis, left, |row, values: &[u8]| {
                row.tcp_flags =
                    values.iter().fold(TcpFlagSet::EMPTY, |set, value| set.union(TcpFlagSet::single(*value)));
            })
        }
        _ => Some(vec![PacketSet::full()]),
    }
}

/// The set with the axes before `axis` unrestricted. The callers restrict them.
fn from_axis<A: Address>(set: &PacketSet<A>, axis: usize) -> PacketSet<A> {
    let mut row = set.clone();
    let free = PacketSet::<A>::full();
    macro_rules! free_before {
        ($($number:literal $name:ident),*) => {$(
            if axis > $number {
                row.$name = free.$name;
            }
        )*};
    }
    free_before!(0 ingress, 1 egress, 2 destination, 3 source, 4 protocol, 5 destination_port, 6 source_port, 7 state, 8 tcp_flags);
    row
}

/// The indexes of the sets that contain a value on an axis.
fn keep<A: Address>(sets: &[PacketSet<A>], holds: impl Fn(&PacketSet<A>) -> bool) -> Vec<usize> {
    (0..sets.len()).filter(|index| holds(&sets[*index])).collect()
}

/// Splits an axis of intervals at every boundary of the sets.
fn split_intervals<A: Address, T: Ordinal>(
    sets: &[PacketSet<A>],
    axis: usize,
    left: &mut usize,
    of: impl Fn(&PacketSet<A>) -> &IntervalSet<T>,
    put: impl Fn(&mut PacketSet<A>, IntervalSet<T>),
) -> Option<Vec<PacketSet<A>>> {
    let mut starts: Vec<T> = sets
        .iter()
        .flat_map(|set| of(set).intervals().iter().flat_map(|(low, high)| [Some(*low), high.next()]))
        .flatten()
        .collect();
    starts.sort_unstable();
    starts.dedup();
    let mut groups = Groups::default();
    for (place, start) in starts.iter().enumerate() {
        let end = starts.get(place + 1).and_then(|next| next.previous()).unwrap_or(T::HIGHEST);
        *left = left.checked_sub(sets.len())?;
        let containing = keep(sets, |set| of(set).contains(*start));
        groups.add(containing, (*start, end));
    }
    groups.rows(sets, axis, left, |row, intervals: &[(T, T)]| put(row, IntervalSet::from_intervals(intervals.to_vec())))
}

/// The values of an axis, grouped first by the sets that contain them, then by the rows made from these sets.
struct Groups<V> {
    by_sets: FxHashMap<Vec<usize>, Vec<V>>,
}

impl<V> Default for Groups<V> {
    fn default() -> Self {
        Self { by_sets: FxHashMap::default() }
    }
}

impl<V: Clone> Groups<V> {
    fn add(&mut self, containing: Vec<usize>, value: V) {
        if !containing.is_empty() {
            self.by_sets.entry(containing).or_default().push(value);
        }
    }

    fn rows<A: Address>(
        self,
        sets: &[PacketSet<A>],
        axis: usize,
        left: &mut usize,
        put: impl Fn(&mut PacketSet<A>, &[V]),
    ) -> Option<Vec<PacketSet<A>>> {
        let mut by_rest: FxHashMap<Vec<PacketSet<A>>, Vec<V>> = FxHashMap::default();
        for (containing, values) in self.by_sets {
            let containing: Vec<PacketSet<A>> = containing.into_iter().map(|index| sets[index].clone()).collect();
            *left = left.checked_sub(effort(&containing))?;
            let mut rest = if axis + 1 < AXES { split(&containing, axis + 1, left)? } else { vec![PacketSet::full()] };
            *left = left.checked_sub(effort(&rest))?;
            rest.sort_unstable();
            by_rest.entry(rest).or_default().extend(values);
        }
        let rows = by_rest
            .into_iter()
            .flat_map(|(rest, values)| {
                rest.into_iter()
                    .map(|mut row| {
                        put(&mut row, &values);
                        row
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
        Some(rows)
    }
}
