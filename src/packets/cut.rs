//! Cuts one packet set along a union of many others: into the part inside the union and the part outside it, both as disjoint
//! sets.
//!
//! Subtracting a hundred thousand sets one by one would cut every piece many times. Here the axes are swept one after the other
//! instead: values that are in the same sets form one slab, and on the next axis each slab is cut only along its own sets.

use rustc_hash::FxHashMap;

use super::{Address, IntervalSet, Ordinal, PacketSet};

/// The parts inside and outside the union.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut<A: Address> {
    /// In at least one of the sets.
    pub inside: Vec<PacketSet<A>>,
    /// In none of them.
    pub outside: Vec<PacketSet<A>>,
}

/// Cuts `from` along the union of `sets`, in at most `most` steps. None if that is not enough, or if one of the sets restricts
/// conditions, states or TCP flags more than `from` does.
#[must_use]
pub fn cut_along<A: Address>(from: &PacketSet<A>, sets: &[&PacketSet<A>], most: usize) -> Option<Cut<A>> {
    let met: Vec<&PacketSet<A>> = sets.iter().copied().filter(|set| set.meets(from)).collect();
    let whole = |set: &&PacketSet<A>| {
        from.state.difference(set.state).is_empty()
            && from.tcp_flags.difference(set.tcp_flags).is_empty()
            && from.conditions.is_subset(&set.conditions)
    };
    if !met.iter().all(whole) {
        return None;
    }
    let mut axes: Vec<(usize, Axis)> = Axis::ALL
        .into_iter()
        .map(|axis| (boundaries(axis, from, &met), axis))
        .filter(|(count, _)| *count > 0)
        .collect();
    axes.sort_by_key(|(count, _)| *count);
    let axes: Vec<Axis> = axes.into_iter().map(|(_, axis)| axis).collect();
    let mut cut = Cut { inside: Vec::new(), outside: Vec::new() };
    let mut left = most;
    slabs(from.clone(), &met, &axes, &mut cut, &mut left)?;
    Some(cut)
}

/// The axes that are swept.
#[derive(Debug, Clone, Copy)]
enum Axis {
    Protocol,
    DestinationPort,
    SourcePort,
    Destination,
    Source,
    Ingress,
    Egress,
}

impl Axis {
    const ALL: [Self; 7] = [
        Self::Protocol,
        Self::DestinationPort,
        Self::SourcePort,
        Self::Destination,
        Self::Source,
        Self::Ingress,
        Self::Egress,
    ];
}

/// How many ends of intervals the sets have on an axis; 0 if each of them contains all values of `from` there.
fn boundaries<A: Address>(axis: Axis, from: &PacketSet<A>, sets: &[&PacketSet<A>]) -> usize {
    macro_rules! count {
        ($name:ident) => {{
            if sets.iter().all(|set| from.$name.is_subset(&set.$name)) {
                return 0;
            }
            let mut lows: Vec<_> = sets.iter().filter_map(|set| set.$name.lowest()).collect();
            lows.sort_unstable();
            lows.dedup();
            lows.len()
        }};
    }
    match axis {
        Axis::Protocol => count!(protocol),
        Axis::DestinationPort => count!(destination_port),
        Axis::SourcePort => count!(source_port),
        Axis::Destination => count!(destination),
        Axis::Source => count!(source),
        Axis::Ingress => count!(ingress),
        Axis::Egress => count!(egress),
    }
}

/// The indexes of sets, and the values that exactly these sets contain.
type Held<T> = (Vec<u32>, Vec<(T, T)>);

/// Sweeps the first of the axes, then the others within each slab. The recursion is as deep as there are axes, whatever the
/// input.
fn slabs<A: Address>(
    from: PacketSet<A>,
    sets: &[&PacketSet<A>],
    axes: &[Axis],
    cut: &mut Cut<A>,
    left: &mut usize,
) -> Option<()> {
    if sets.is_empty() {
        cut.outside.push(from);
        return Some(());
    }
    let Some((first, others)) = axes.split_first() else {
        cut.inside.push(from);
        return Some(());
    };
    macro_rules! sweep {
        ($name:ident) => {
            for (values, places) in slabs_of(&from.$name, sets, |set| &set.$name, left)? {
                let here: Vec<&PacketSet<A>> =
                    places.into_iter().filter_map(|place| sets.get(place as usize).copied()).collect();
                slabs(PacketSet { $name: values, ..from.clone() }, &here, others, cut, left)?;
            }
        };
    }
    match first {
        Axis::Protocol => sweep!(protocol),
        Axis::DestinationPort => sweep!(destination_port),
        Axis::SourcePort => sweep!(source_port),
        Axis::Destination => sweep!(destination),
        Axis::Source => sweep!(source),
        Axis::Ingress => sweep!(ingress),
        Axis::Egress => sweep!(egress),
    }
    Some(())
}

/// Values of one axis, with the indexes of the sets that contain all of them.
type Slab<T> = (IntervalSet<T>, Vec<u32>);

/// The values of one axis by the sets that contain them, in the order of the first value.
fn slabs_of<'s, A: Address, T: Ordinal>(
    from: &IntervalSet<T>,
    sets: &[&'s PacketSet<A>],
    of: impl Fn(&'s PacketSet<A>) -> &'s IntervalSet<T>,
    left: &mut usize,
) -> Option<Vec<Slab<T>>> {
    // Where intervals begin, and the value after the end of each.
    let mut events: Vec<(T, bool, u32)> = Vec::new();
    for (set, place) in sets.iter().zip(0u32..) {
        let values = of(set).intersection(from);
        *left = left.checked_sub(values.intervals().len())?;
        for (low, high) in values.intervals() {
            events.push((*low, true, place));
            events.extend(high.next().map(|after| (after, false, place)));
        }
    }
    events.sort_unstable();
    let mut places: FxHashMap<Vec<u32>, usize> = FxHashMap::default();
    let mut found: Vec<Held<T>> = Vec::new();
    let mut active: Vec<u32> = Vec::new();
    let mut start = T::LOWEST;
    let mut next = 0;
    loop {
        let until = events.get(next).map(|(at, ..)| *at);
        let last = until.map_or(Some(T::HIGHEST), Ordinal::previous);
        if let Some(last) = last.filter(|last| start <= *last) {
            *left = left.checked_sub(1 + active.len())?;
            let place = *places.entry(active.clone()).or_insert_with_key(|active| {
                found.push((active.clone(), Vec::new()));
                found.len() - 1
            });
            found[place].1.push((start, last));
        }
        let Some(at) = until else { break };
        while let Some((_, begins, place)) = events.get(next).filter(|(here, ..)| *here == at) {
            match (active.binary_search(place), begins) {
                (Err(slot), true) => active.insert(slot, *place),
                (Ok(slot), false) => {
                    active.remove(slot);
                }
                _ => {}
            }
            next += 1;
        }
        start = at;
    }
    let slabs =
        found.into_iter().map(|(active, values)| (IntervalSet::from_intervals(values).intersection(from), active));
    Some(slabs.filter(|(values, _)| !values.is_empty()).collect())
}
