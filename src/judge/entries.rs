//! A chain's rules as the walk looks at them: one by one, or in runs.
//!
//! Neighbours that do the same to packets and differ on one axis alone (a block list of a thousand addresses) are one entry
//! with the union of their sets. Which of them a packet met is found afterwards, among the run's members.

use crate::model::{Action, ChainId, Rule, RuleId};
use crate::packets::{Address, IntervalSet, PacketSet};

use super::compiled_rule::CompiledRule;

/// A chain's entries in order.
#[derive(Debug)]
pub(super) struct Entries<A: Address> {
    list: Vec<Entry<A>>,
}

/// Rules at neighbouring places.
#[derive(Debug)]
pub(super) struct Entry<A: Address> {
    /// The place of the first.
    pub(super) first: usize,
    /// The place of the last.
    pub(super) last: usize,
    /// What they match together, where they are several.
    pub(super) union: Option<Box<PacketSet<A>>>,
    /// No two of them match a packet in common.
    pub(super) disjoint: bool,
}

impl<A: Address> Entry<A> {
    /// Whether a rule stands here, the entry being of this chain.
    pub(super) fn holds(&self, rule: RuleId, chain: ChainId) -> bool {
        rule.chain == chain && (self.first..=self.last).contains(&rule.place)
    }
}

/// The axis on which the members of a run differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axis {
    Source,
    Destination,
    SourcePort,
    DestinationPort,
}

impl<A: Address> Entries<A> {
    /// The entries of these rules.
    pub(super) fn of(compiled: &[CompiledRule<A>], rules: &[Rule]) -> Self {
        let mut list: Vec<Entry<A>> = Vec::new();
        let mut place = 0;
        while place < compiled.len() {
            let run = run_from(compiled, rules, place);
            let union = run.map(|(end, axis)| union_of(&compiled[place..=end], axis));
            let end = run.map_or(place, |(end, _)| end);
            let disjoint = run.zip(union.as_ref()).is_none_or(|((end, axis), union)| {
                let members = compiled[place..=end].iter().filter_map(|rule| rule.sets.first());
                members.map(|set| count(set, axis)).fold(0u128, u128::saturating_add) == count(union, axis)
            });
            list.push(Entry { first: place, last: end, union: union.map(Box::new), disjoint });
            place = end + 1;
        }
        list.shrink_to_fit();
        Self { list }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The entry with this number.
    pub(super) fn get(&self, number: usize) -> Option<&Entry<A>> {
        self.list.get(number)
    }

    /// Each entry's sets, with its number.
    pub(super) fn sets<'e>(&'e self, compiled: &'e [CompiledRule<A>]) -> impl Iterator<Item = (u32, &'e PacketSet<A>)> {
        self.list.iter().zip(0u32..).flat_map(move |(entry, number)| {
            let sets = entry.union.as_deref().map_or(compiled[entry.first].sets.as_slice(), std::slice::from_ref);
            sets.iter().map(move |set| (number, set))
        })
    }
}

/// The last place of the run that begins at a place, and the axis it runs along; none where it would be one rule alone.
fn run_from<A: Address>(compiled: &[CompiledRule<A>], rules: &[Rule], first: usize) -> Option<(usize, Axis)> {
    let head = plain_set(&compiled[first])?;
    let action = &rules.get(first)?.action;
    if !matches!(action, Action::Accept | Action::Drop | Action::Reject | Action::Return) {
        return None;
    }
    let next = |place: usize| {
        let set = plain_set(compiled.get(place)?)?;
        (rules.get(place)?.action == *action).then_some(set)
    };
    let axis = differing_axis(head, next(first + 1)?)?;
    let mut last = first + 1;
    while next(last + 1).is_some_and(|set| equal_but_for(head, set, axis)) {
        last += 1;
    }
    Some((last, axis))
}

/// The one set of a rule that asks nothing else.
fn plain_set<A: Address>(rule: &CompiledRule<A>) -> Option<&PacketSet<A>> {
    match rule.sets.as_slice() {
        [only] if rule.tests.is_empty() && !rule.volatile => Some(only),
        _ => None,
    }
}

/// The axis on which two sets differ, if there is exactly one of the four; the source where they are equal.
fn differing_axis<A: Address>(one: &PacketSet<A>, other: &PacketSet<A>) -> Option<Axis> {
    let differs = [
        (Axis::Source, one.source != other.source),
        (Axis::Destination, one.destination != other.destination),
        (Axis::SourcePort, one.source_port != other.source_port),
        (Axis::DestinationPort, one.destination_port != other.destination_port),
    ];
    let axis = differs.iter().find(|(_, differs)| *differs).map_or(Axis::Source, |(axis, _)| *axis);
    equal_but_for(one, other, axis).then_some(axis)
}

fn equal_but_for<A: Address>(one: &PacketSet<A>, other: &PacketSet<A>, axis: Axis) -> bool {
    one.protocol == other.protocol
        && (axis == Axis::Source || one.source == other.source)
        && (axis == Axis::Destination || one.destination == other.destination)
        && (axis == Axis::SourcePort || one.source_port == other.source_port)
        && (axis == Axis::DestinationPort || one.destination_port == other.destination_port)
        && one.ingress == other.ingress
        && one.egress == other.egress
        && one.state == other.state
        && one.tcp_flags == other.tcp_flags
        && one.conditions == other.conditions
}

fn union_of<A: Address>(members: &[CompiledRule<A>], axis: Axis) -> PacketSet<A> {
    let sets = || members.iter().filter_map(|rule| rule.sets.first());
    let mut union = sets().next().cloned().unwrap_or_else(PacketSet::full);
    match axis {
        Axis::Source => union.source = all(sets().map(|set| &set.source)),
        Axis::Destination => union.destination = all(sets().map(|set| &set.destination)),
        Axis::SourcePort => union.source_port = all(sets().map(|set| &set.source_port)),
        Axis::DestinationPort => union.destination_port = all(sets().map(|set| &set.destination_port)),
    }
    union
}

/// How many values a set has on an axis.
fn count<A: Address>(set: &PacketSet<A>, axis: Axis) -> u128 {
    match axis {
        Axis::Source => set.source.count(),
        Axis::Destination => set.destination.count(),
        Axis::SourcePort => set.source_port.count(),
        Axis::DestinationPort => set.destination_port.count(),
    }
}

fn all<'s, T: crate::packets::Ordinal + 's>(sets: impl Iterator<Item = &'s IntervalSet<T>>) -> IntervalSet<T> {
    IntervalSet::from_intervals(sets.flat_map(|set| set.intervals().iter().copied()).collect())
}
