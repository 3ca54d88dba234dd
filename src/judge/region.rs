//! Packets on their way: as the chain at hand sees them, what their changed fields were on the wire, and what earlier rules
//! noted beside them.

use crate::packets::{Address, ConditionId, ConnectionState, Interface, IntervalSet, PacketSet, StateSet, Values};

/// Packets on their way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Region<A: Address> {
    /// As the chain at hand sees them.
    pub(super) now: PacketSet<A>,
    /// What the fields that were changed or hidden were on the wire.
    pub(super) was: Hidden<A>,
    /// Fields with a new value of which only a range is known: [`Self::now`] has them at their widest meanwhile.
    pub(super) chosen: Chosen<A>,
    /// The packet's mark and the connection's.
    pub(super) marks: Marks,
    /// Set once the destination has been translated: no further translation of it.
    pub(super) translated: bool,
    /// Sent to the firewall itself, whatever its destination was.
    pub(super) own: bool,
    /// The decisions of the filter chains it passed at the route's own hook, as the walk numbers lists of them.
    pub(super) passed: u32,
    /// The rules on the way, as the walk numbers paths; 0 where they are not recorded.
    pub(super) path: u32,
    /// The rules whose cuts are put off, as the walk numbers lists of them: what they matched is not in the region.
    pub(super) put_off: u32,
}

/// Fields as they were on the wire, where they are another now.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Hidden<A: Address> {
    pub(super) destination: Option<Before<A>>,
    pub(super) destination_port: Option<IntervalSet<u16>>,
    pub(super) state: Option<StateSet>,
    pub(super) egress: Option<IntervalSet<Interface>>,
}

/// A destination before translation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Before<A: Address> {
    /// These, whatever they became.
    Set(IntervalSet<A>),
    /// Each the same distance from what it became: `from` became `to`.
    Shifted { from: A, to: A },
}

/// New values that are the kernel's choice: the condition that says which, and the range it is in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Chosen<A: Address> {
    pub(super) destination: Option<(ConditionId, IntervalSet<A>)>,
    pub(super) destination_port: Option<(ConditionId, IntervalSet<u16>)>,
}

impl<A: Address> Chosen<A> {
    pub(super) fn is_nothing(&self) -> bool {
        self.destination.is_none() && self.destination_port.is_none()
    }
}

/// What is known of the two marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Marks {
    pub(super) packet: Mark,
    pub(super) connection: Mark,
}

/// 32 bits of which some are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Mark {
    /// Which bits are known.
    pub(super) known: u32,
    /// Their values; 0 where unknown.
    pub(super) value: u32,
}

impl Mark {
    /// All bits 0.
    pub(super) const ZERO: Self = Self { known: u32::MAX, value: 0 };
    /// No bit known.
    pub(super) const UNKNOWN: Self = Self { known: 0, value: 0 };

    /// The bits under a mask; 0 elsewhere.
    pub(super) fn under(self, mask: u32) -> Self {
        Self { known: self.known | !mask, value: self.value & mask }
    }

    /// `(self & keep) ^ by`.
    pub(super) fn changed(self, keep: u32, by: Self) -> Self {
        let kept = self.under(keep);
        let known = kept.known & by.known;
        Self { known, value: (kept.value ^ by.value) & known }
    }
}

/// The states of packets that belong to a connection.
pub(super) const TRACKED: [ConnectionState; 3] =
    [ConnectionState::New, ConnectionState::Established, ConnectionState::Related];

impl<A: Address> Region<A> {
    /// Packets as they arrive.
    pub(super) fn arriving(wire: PacketSet<A>) -> Self {
        Self {
            now: wire,
            was: Hidden { destination: None, destination_port: None, state: None, egress: None },
            chosen: Chosen { destination: None, destination_port: None },
            marks: Marks { packet: Mark::ZERO, connection: Mark::UNKNOWN },
            translated: false,
            own: false,
            passed: 0,
            path: 0,
            put_off: 0,
        }
    }

    /// The same but for the packets.
    pub(super) fn with(&self, now: PacketSet<A>) -> Self {
        Self { now, ..self.clone() }
    }

    /// Those in these states and the others, where there are any.
    pub(super) fn split_states(self, states: StateSet) -> (Option<Self>, Option<Self>) {
        let (inside, outside) = (self.now.state.intersection(states), self.now.state.difference(states));
        if outside.is_empty() {
            return (Some(self), None);
        }
        if inside.is_empty() {
            return (None, Some(self));
        }
        let mut other = self.clone();
        other.now.state = outside;
        let mut these = self;
        these.now.state = inside;
        (Some(these), Some(other))
    }

    /// The packets as they arrived.
    pub(super) fn wire(&self) -> PacketSet<A> {
        let mut wire = self.now.clone();
        match &self.was.destination {
            None => {}
            Some(Before::Set(destination)) => wire.destination.clone_from(destination),
            Some(Before::Shifted { from, to }) => wire.destination = shifted(&self.now.destination, *to, *from),
        }
        if let Some(port) = &self.was.destination_port {
            wire.destination_port.clone_from(port);
        }
        if let Some(state) = self.was.state {
            wire.state = state;
        }
        if let Some(egress) = &self.was.egress {
            wire.egress.clone_from(egress);
        }
        // What is left of a choice is something of its range.
        let ranges = [
            self.chosen.destination.as_ref().map(|(id, range)| (*id, values_of(range))),
            self.chosen.destination_port.as_ref().map(|(id, range)| (*id, values_of(range))),
        ];
        for (id, range) in ranges.into_iter().flatten() {
            if let Some(values) = wire.conditions.demands(id) {
                let values = values.intersection(&range);
                wire.conditions = std::mem::take(&mut wire.conditions).with(id, Some(values));
            }
        }
        wire
    }

    /// The packets as the chain at hand sees them, chosen fields as the ranges they are in.
    pub(super) fn seen(&self) -> PacketSet<A> {
        let mut seen = self.now.clone();
        if let Some(egress) = &self.was.egress {
            seen.egress.clone_from(egress);
        }
        if let Some((id, range)) = &self.chosen.destination {
            seen.destination = match seen.conditions.demands(*id) {
                Some(values) => addresses_of(values).intersection(range),
                None => range.clone(),
            };
        }
        if let Some((id, range)) = &self.chosen.destination_port {
            seen.destination_port = match seen.conditions.demands(*id) {
                Some(values) => ports_of(values).intersection(range),
                None => range.clone(),
            };
        }
        seen
    }

    /// A rule's set as it applies to this region: what it demands of a field whose value the kernel chose, it demands of the choice.
    /// None if the field
    /// cannot be so.
    pub(super) fn adapted(&self, set: &PacketSet<A>) -> Option<PacketSet<A>> {
        let mut adapted = set.clone();
        if let Some((id, range)) = &self.chosen.destination {
            let inside = set.destination.intersection(range);
            adapted.destination = IntervalSet::full();
            if inside.is_empty() {
                return None;
            }
            if inside != *range {
                adapted.conditions = adapted.conditions.restricted(*id, &values_of(&inside))?;
            }
        }
        if let Some((id, range)) = &self.chosen.destination_port {
            let inside = set.destination_port.intersection(range);
            adapted.destination_port = IntervalSet::full();
            if inside.is_empty() {
                return None;
            }
            if inside != *range {
                adapted.conditions = adapted.conditions.restricted(*id, &values_of(&inside))?;
            }
        }
        Some(adapted)
    }

    /// Whether the choices that this region's conditions leave are none at all.
    pub(super) fn is_impossible(&self) -> bool {
        let none_left = |id: ConditionId, range: Values| {
            self.now.conditions.demands(id).is_some_and(|values| !values.meets(&range))
        };
        self.chosen.destination.as_ref().is_some_and(|(id, range)| none_left(*id, values_of(range)))
            || self.chosen.destination_port.as_ref().is_some_and(|(id, range)| none_left(*id, values_of(range)))
    }

    /// Those that go to one of these destinations now.
    pub(super) fn bound_for(mut self, destinations: &IntervalSet<A>) -> Option<Self> {
        if self.own {
            // They go to the firewall, which is none of the hosts behind it.
            return None;
        }
        if let Some((id, range)) = &self.chosen.destination {
            let inside = destinations.intersection(range);
            if inside.is_empty() {
                return None;
            }
            if inside != *range {
                self.now.conditions = std::mem::take(&mut self.now.conditions).restricted(*id, &values_of(&inside))?;
            }
            return Some(self);
        }
        self.now.destination = self.now.destination.intersection(destinations);
        (!self.now.destination.is_empty()).then_some(self)
    }
}

/// Addresses or ports as values of a condition.
pub(super) fn values_of<T: crate::packets::Ordinal>(set: &IntervalSet<T>) -> Values {
    IntervalSet::from_intervals(set.intervals().iter().map(|(low, high)| (low.to_u128(), high.to_u128())).collect())
}

fn addresses_of<A: Address>(values: &Values) -> IntervalSet<A> {
    let highest = A::HIGHEST.to_u128();
    IntervalSet::from_intervals(
        values
            .intervals()
            .iter()
            .filter(|(low, _)| *low <= highest)
            .map(|(low, high)| (A::from_u128(*low), A::from_u128((*high).min(highest))))
            .collect(),
    )
}

fn ports_of(values: &Values) -> IntervalSet<u16> {
    let port = |value: u128| u16::try_from(value).unwrap_or(u16::MAX);
    IntervalSet::from_intervals(
        values
            .intervals()
            .iter()
            .filter(|(low, _)| *low <= u128::from(u16::MAX))
            .map(|(low, high)| (port(*low), port(*high)))
            .collect(),
    )
}

/// Each address as far from `to` as it was from `from`.
pub(super) fn shifted<A: Address>(set: &IntervalSet<A>, from: A, to: A) -> IntervalSet<A> {
    let moved = |value: A| A::from_u128(value.to_u128().wrapping_sub(from.to_u128()).wrapping_add(to.to_u128()));
    IntervalSet::from_intervals(set.intervals().iter().map(|(low, high)| (moved(*low), moved(*high))).collect())
}
