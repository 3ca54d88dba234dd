//! A hull: the extent of a packet set on every axis, small enough for one cache line. A hull contains at least the packets of its
//! set, and records whether it contains exactly those. Conditions have no extent, so a set with conditions is never exact.

use crate::packets::{Address, Conditions, ConnectionState, Interface, IntervalSet, Ordinal, Packet, PacketSet};
use crate::packets::{StateSet, TcpFlagSet};

/// The lowest and the highest value on each axis, the states, and the TCP flags without ECE and CWR.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hull<A: Address> {
    destination: (A, A),
    source: (A, A),
    ingress: (Interface, Interface),
    egress: (Interface, Interface),
    /// One bit for each value of the six low flags (RFC 9293 section 3.1: URG ACK PSH RST SYN FIN).
    tcp_flags: u64,
    destination_port: (u16, u16),
    source_port: (u16, u16),
    protocol: (u8, u8),
    /// One bit for each state, in the order of [`ConnectionState::ALL`].
    state: u8,
    exact: bool,
}

/// The axes along which a hull has an extent, the most selective first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Destination,
    Source,
    DestinationPort,
    SourcePort,
    Protocol,
    Ingress,
    Egress,
}

impl Axis {
    /// All axes.
    pub(super) const ALL: [Self; 7] = [
        Self::Destination,
        Self::Source,
        Self::DestinationPort,
        Self::SourcePort,
        Self::Protocol,
        Self::Ingress,
        Self::Egress,
    ];
}

/// A packet reduced to the fields of a hull.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point<A: Address> {
    destination: A,
    source: A,
    ingress: Interface,
    egress: Interface,
    tcp_flags: u64,
    destination_port: u16,
    source_port: u16,
    protocol: u8,
    state: u8,
}

/// The six low flags of the byte.
const LOW_FLAGS: u8 = 0x3f;

impl<A: Address> Hull<A> {
    /// The hull of a set; none if no packet is in the set. `flags` folds its set of TCP flags.
    pub(super) fn of(set: &PacketSet<A>, flags: &mut Flags) -> Option<Self> {
        if set.state.is_empty() || set.tcp_flags.is_empty() {
            return None;
        }
        let (tcp_flags, flags_exact) = flags.fold(set.tcp_flags);
        let exact = flags_exact
            && set.conditions == Conditions::any()
            && is_one_interval(&set.destination)
            && is_one_interval(&set.source)
            && is_one_interval(&set.destination_port)
            && is_one_interval(&set.source_port)
            && is_one_interval(&set.protocol)
            && is_one_interval(&set.ingress)
            && is_one_interval(&set.egress);
        Some(Self {
            destination: extent(&set.destination)?,
            source: extent(&set.source)?,
            ingress: extent(&set.ingress)?,
            egress: extent(&set.egress)?,
            tcp_flags,
            destination_port: extent(&set.destination_port)?,
            source_port: extent(&set.source_port)?,
            protocol: extent(&set.protocol)?,
            state: state_bits(set.state),
            exact,
        })
    }

    /// Whether the hull contains exactly the packets of its set.
    pub(super) fn is_exact(&self) -> bool {
        self.exact
    }

    /// The extent along an axis.
    pub(super) fn extent(&self, axis: Axis) -> (u128, u128) {
        match axis {
            Axis::Destination => wide(self.destination),
            Axis::Source => wide(self.source),
            Axis::DestinationPort => wide(self.destination_port),
            Axis::SourcePort => wide(self.source_port),
            Axis::Protocol => wide(self.protocol),
            Axis::Ingress => wide(self.ingress),
            Axis::Egress => wide(self.egress),
        }
    }

    /// Widens this hull to hold the other as well.
    pub(super) fn widen(&mut self, other: &Self) {
        widen(&mut self.destination, other.destination);
        widen(&mut self.source, other.source);
        widen(&mut self.ingress, other.ingress);
        widen(&mut self.egress, other.egress);
        widen(&mut self.destination_port, other.destination_port);
        widen(&mut self.source_port, other.source_port);
        widen(&mut self.protocol, other.protocol);
        self.tcp_flags |= other.tcp_flags;
        self.state |= other.state;
        self.exact = false;
    }

    /// Whether the packet is in it.
    pub(super) fn holds(&self, point: &Point<A>) -> bool {
        within(self.destination, point.destination)
            && within(self.source, point.source)
            && within(self.destination_port, point.destination_port)
            && within(self.protocol, point.protocol)
            && within(self.source_port, point.source_port)
            && within(self.ingress, point.ingress)
            && within(self.egress, point.egress)
            && self.state & point.state != 0
            && self.tcp_flags & point.tcp_flags != 0
    }

    /// Whether the two hulls have a packet in common; the sets themselves may have none.
    pub(super) fn meets(&self, other: &Self) -> bool {
        overlap(self.destination, other.destination)
            && overlap(self.source, other.source)
            && overlap(self.destination_port, other.destination_port)
            && overlap(self.protocol, other.protocol)
            && overlap(self.source_port, other.source_port)
            && overlap(self.ingress, other.ingress)
            && overlap(self.egress, other.egress)
            && self.state & other.state != 0
            && self.tcp_flags & other.tcp_flags != 0
    }

    /// Whether everything in the other is in this one.
    pub(super) fn contains(&self, other: &Self) -> bool {
        encloses(self.destination, other.destination)
            && encloses(self.source, other.source)
            && encloses(self.destination_port, other.destination_port)
            && encloses(self.protocol, other.protocol)
            && encloses(self.source_port, other.source_port)
            && encloses(self.ingress, other.ingress)
            && encloses(self.egress, other.egress)
            && other.state & !self.state == 0
            && other.tcp_flags & !self.tcp_flags == 0
    }

    /// The volume that the two have in common, for comparisons only; zero if nothing.
    pub(super) fn common(&self, other: &Self) -> f64 {
        common(self.destination, other.destination)
            * common(self.source, other.source)
            * common(self.destination_port, other.destination_port)
            * common(self.source_port, other.source_port)
            * common(self.protocol, other.protocol)
            * common(self.ingress, other.ingress)
            * common(self.egress, other.egress)
            * f64::from((self.state & other.state).count_ones())
            * f64::from((self.tcp_flags & other.tcp_flags).count_ones())
    }
}

impl<A: Address> Point<A> {
    /// The packet without its conditions, ECE and CWR.
    pub(super) fn of(packet: &Packet<A>) -> Self {
        Self {
            destination: packet.destination,
            source: packet.source,
            ingress: packet.ingress,
            egress: packet.egress,
            tcp_flags: 1 << (packet.tcp_flags & LOW_FLAGS),
            destination_port: packet.destination_port,
            source_port: packet.source_port,
            protocol: packet.protocol,
            state: 1 << packet.state as u8,
        }
    }
}

/// Folds sets of flag bytes into 64 bits, and caches the last one, since most rules use the same sets.
pub(super) struct Flags {
    last: (TcpFlagSet, (u64, bool)),
}

impl Flags {
    /// An empty cache.
    pub(super) fn new() -> Self {
        Self { last: (TcpFlagSet::FULL, (u64::MAX, true)) }
    }

    /// The values of the six low flags in the set, and whether the set is independent of ECE and CWR.
    fn fold(&mut self, set: TcpFlagSet) -> (u64, bool) {
        if self.last.0 != set {
            let mut bits = 0u64;
            let mut exact = true;
            for flags in 0..=u8::MAX {
                let held = set.contains(flags);
                bits |= u64::from(held) << (flags & LOW_FLAGS);
                exact &= held == set.contains(flags & LOW_FLAGS);
            }
            self.last = (set, (bits, exact));
        }
        self.last.1
    }
}

fn state_bits(states: StateSet) -> u8 {
    if states == StateSet::FULL {
        return 0b1_1111;
    }
    ConnectionState::ALL
        .into_iter()
        .filter(|state| states.contains(*state))
        .fold(0, |bits, state| bits | 1 << state as u8)
}

fn is_one_interval<T: Ordinal>(set: &IntervalSet<T>) -> bool {
    set.intervals().len() == 1
}

fn extent<T: Ordinal>(set: &IntervalSet<T>) -> Option<(T, T)> {
    let intervals = set.intervals();
    Some((intervals.first()?.0, intervals.last()?.1))
}

fn wide<T: Ordinal>((low, high): (T, T)) -> (u128, u128) {
    (low.to_u128(), high.to_u128())
}

fn widen<T: Ordinal>(extent: &mut (T, T), other: (T, T)) {
    extent.0 = extent.0.min(other.0);
    extent.1 = extent.1.max(other.1);
}

fn within<T: Ordinal>((low, high): (T, T), value: T) -> bool {
    low <= value && value <= high
}

fn overlap<T: Ordinal>(one: (T, T), other: (T, T)) -> bool {
    one.0 <= other.1 && other.0 <= one.1
}

fn encloses<T: Ordinal>(outer: (T, T), inner: (T, T)) -> bool {
    outer.0 <= inner.0 && inner.1 <= outer.1
}

/// How many values two extents share. A rounded number is accurate enough for comparisons.
#[allow(clippy::cast_precision_loss)]
fn common<T: Ordinal>(one: (T, T), other: (T, T)) -> f64 {
    let (low, high) = (one.0.max(other.0).to_u128(), one.1.min(other.1).to_u128());
    if low > high { 0.0 } else { (high - low) as f64 + 1.0 }
}
