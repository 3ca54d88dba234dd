//! A product of sets, one for each axis. Rules, needs and everything computed from them have this form.

use super::{Address, Conditions, ConnectionState, IntervalSet, StateSet, TcpFlagSet};

/// The number of an interface. The caller knows which name or class of names it represents.
pub type Interface = u32;

/// All packets of which each field is in the set for that field. `A` is `u32` for IPv4 and `u128` for IPv6.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PacketSet<A: Address> {
    /// IP protocol number.
    pub protocol: IntervalSet<u8>,
    /// Destination port, or ICMP code.
    pub destination_port: IntervalSet<u16>,
    /// Destination address.
    pub destination: IntervalSet<A>,
    /// Source address.
    pub source: IntervalSet<A>,
    /// Source port, or ICMP type.
    pub source_port: IntervalSet<u16>,
    /// Interface the packet arrives on.
    pub ingress: IntervalSet<Interface>,
    /// Interface the packet leaves by.
    pub egress: IntervalSet<Interface>,
    /// Connection-tracking state.
    pub state: StateSet,
    /// TCP flag byte; any value for other protocols.
    pub tcp_flags: TcpFlagSet,
    /// The required values of conditions that cannot be computed from an export.
    pub conditions: Conditions,
}

/// One packet, with the values of its conditions. Conditions that are not listed have the value 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the fields are PacketSet's
pub struct Packet<A: Address> {
    pub protocol: u8,
    pub destination_port: u16,
    pub destination: A,
    pub source: A,
    pub source_port: u16,
    pub ingress: Interface,
    pub egress: Interface,
    pub state: ConnectionState,
    pub tcp_flags: u8,
    pub conditions: Vec<(super::ConditionId, u128)>,
}

impl<A: Address> Packet<A> {
    /// The value of a condition.
    #[must_use]
    pub fn value_of(&self, condition: super::ConditionId) -> u128 {
        self.conditions.iter().find(|(id, _)| *id == condition).map_or(0, |(_, value)| *value)
    }
}

impl<A: Address> PacketSet<A> {
    /// Every packet.
    #[must_use]
    pub fn full() -> Self {
        Self {
            protocol: IntervalSet::full(),
            destination_port: IntervalSet::full(),
            destination: IntervalSet::full(),
            source: IntervalSet::full(),
            source_port: IntervalSet::full(),
            ingress: IntervalSet::full(),
            egress: IntervalSet::full(),
            state: StateSet::FULL,
            tcp_flags: TcpFlagSet::FULL,
            conditions: Conditions::any(),
        }
    }

    /// Exactly this packet, whatever the conditions are.
    #[must_use]
    pub fn of(packet: &Packet<A>) -> Self {
        Self {
            protocol: IntervalSet::single(packet.protocol),
            destination_port: IntervalSet::single(packet.destination_port),
            destination: IntervalSet::single(packet.destination),
            source: IntervalSet::single(packet.source),
            source_port: IntervalSet::single(packet.source_port),
            ingress: IntervalSet::single(packet.ingress),
            egress: IntervalSet::single(packet.egress),
            state: StateSet::single(packet.state),
            tcp_flags: TcpFlagSet::single(packet.tcp_flags),
            conditions: Conditions::any(),
        }
    }

    /// Whether no packet is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.protocol.is_empty()
            || self.destination_port.is_empty()
            || self.destination.is_empty()
            || self.source.is_empty()
            || self.source_port.is_empty()
            || self.ingress.is_empty()
            || self.egress.is_empty()
            || self.state.is_empty()
            || self.tcp_flags.is_empty()
    }

    /// How many intervals and conditions its axes have together, as a measure of its size.
    #[must_use]
    pub fn interval_count(&self) -> usize {
        self.protocol.intervals().len()
            + self.destination_port.intervals().len()
            + self.destination.intervals().len()
            + self.source.intervals().len()
            + self.source_port.intervals().len()
            + self.ingress.intervals().len()
            + self.egress.intervals().len()
            + self.conditions.interval_count()
    }

    /// How many intervals and conditions it has. Intervals in shared storage count only if `counts` returns true for the address
    /// of that storage.
    pub fn unshared_intervals(&self, mut counts: impl FnMut(usize) -> bool) -> usize {
        let mut sum = self.conditions.interval_count();
        macro_rules! add {
            ($($axis:ident),*) => {$(
                if self.$axis.storage_address().is_none_or(&mut counts) {
                    sum += self.$axis.intervals().len();
                }
            )*};
        }
        add!(protocol, destination_port, destination, source, source_port, ingress, egress);
        sum
    }

    /// Whether the packet is in it.
    #[must_use]
    pub fn contains(&self, packet: &Packet<A>) -> bool {
        self.destination.contains(packet.destination)
            && self.source.contains(packet.source)
            && self.destination_port.contains(packet.destination_port)
            && self.source_port.contains(packet.source_port)
            && self.protocol.contains(packet.protocol)
            && self.ingress.contains(packet.ingress)
            && self.egress.contains(packet.egress)
            && self.state.contains(packet.state)
            && self.tcp_flags.contains(packet.tcp_flags)
            && self.conditions.literals().iter().all(|(id, values)| values.contains(packet.value_of(*id)))
    }

    /// Whether the two have a packet in common.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.destination.meets(&other.destination)
            && self.destination_port.meets(&other.destination_port)
            && self.source.meets(&other.source)
            && self.protocol.meets(&other.protocol)
            && self.ingress.meets(&other.ingress)
            && self.egress.meets(&other.egress)
            && !self.state.intersection(other.state).is_empty()
            && self.source_port.meets(&other.source_port)
            && !self.tcp_flags.intersection(other.tcp_flags).is_empty()
            && self.conditions.meets(&other.conditions)
    }

    /// Whether every packet of this set is in the other.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.destination.is_subset(&other.destination)
            && self.destination_port.is_subset(&other.destination_port)
            && self.source.is_subset(&other.source)
            && self.protocol.is_subset(&other.protocol)
            && self.ingress.is_subset(&other.ingress)
            && self.egress.is_subset(&other.egress)
            && self.state.difference(other.state).is_empty()
            && self.source_port.is_subset(&other.source_port)
            && self.tcp_flags.difference(other.tcp_flags).is_empty()
            && self.conditions.is_subset(&other.conditions)
    }

    /// The packets in both, if there are any.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        if !self.meets(other) {
            return None;
        }
        Some(Self {
            protocol: self.protocol.intersection(&other.protocol),
            destination_port: self.destination_port.intersection(&other.destination_port),
            destination: self.destination.intersection(&other.destination),
            source: self.source.intersection(&other.source),
            source_port: self.source_port.intersection(&other.source_port),
            ingress: self.ingress.intersection(&other.ingress),
            egress: self.egress.intersection(&other.egress),
            state: self.state.intersection(other.state),
            tcp_flags: self.tcp_flags.intersection(other.tcp_flags),
            conditions: self.conditions.intersection(&other.conditions)?,
        })
    }

    /// Widens this to a product that also contains the other: on each axis to the shortest interval that contains both, and
    /// without conditions.
    pub fn extend_to(&mut self, other: &Self) {
        macro_rules! extend {
            ($($axis:ident),*) => {$(
                self.$axis = self.$axis.span(&other.$axis);
            )*};
        }
        extend!(protocol, destination_port, destination, source, source_port, ingress, egress);
        self.state = self.state.union(other.state);
        self.tcp_flags = self.tcp_flags.union(other.tcp_flags);
        self.conditions = Conditions::any();
    }

    /// The packets of this set that are not in the other, as disjoint sets: at most one per axis and condition.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Vec<Self> {
        if !self.meets(other) {
            return vec![self.clone()];
        }
        let mut pieces = Vec::new();
        let mut rest = self.clone();
        macro_rules! cut {
            ($($axis:ident),*) => {$(
                let outside = rest.$axis.difference(&other.$axis);
                if !outside.is_empty() {
                    pieces.push(Self { $axis: outside, ..rest.clone() });
                    rest.$axis = rest.$axis.intersection(&other.$axis);
                }
            )*};
        }
        macro_rules! cut_small {
            ($($axis:ident),*) => {$(
                let outside = rest.$axis.difference(other.$axis);
                if !outside.is_empty() {
                    pieces.push(Self { $axis: outside, ..rest.clone() });
                    rest.$axis = rest.$axis.intersection(other.$axis);
                }
            )*};
        }
        cut!(ingress, egress, protocol, destination, destination_port, source, source_port);
        cut_small!(state, tcp_flags);
        for conditions in rest.conditions.difference(&other.conditions) {
            pieces.push(Self { conditions, ..rest.clone() });
        }
        pieces
    }

    /// One packet of it, with the lowest value on every axis and of every condition, except that TCP flags are a plain SYN if the
    /// set contains it. `None` if the set is empty.
    #[must_use]
    pub fn witness(&self) -> Option<Packet<A>> {
        Some(Packet {
            protocol: self.protocol.lowest()?,
            destination_port: self.destination_port.lowest()?,
            destination: self.destination.lowest()?,
            source: self.source.lowest()?,
            source_port: self.source_port.lowest()?,
            ingress: self.ingress.lowest()?,
            egress: self.egress.lowest()?,
            state: self.state.first()?,
            tcp_flags: self.tcp_flags.representative()?,
            conditions: self
                .conditions
                .literals()
                .iter()
                .filter_map(|(id, values)| Some((*id, values.lowest()?)))
                .collect(),
        })
    }
}
