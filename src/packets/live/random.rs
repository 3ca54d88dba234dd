//! Pseudorandom packets of a set, the same on every run.

use crate::packets::{Address, ConnectionState, IntervalSet, Ordinal, Packet, PacketSet};

/// A generator of numbers: a counter whose bits are mixed (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators", 2014).
pub(super) struct Random {
    counter: u64,
}

impl Random {
    /// A generator in the state with which every proof starts.
    pub(super) fn new() -> Self {
        Self { counter: 0x0ed6_e3a7_de75_0001 }
    }

    fn next(&mut self) -> u64 {
        self.counter = self.counter.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.counter ^ (self.counter >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number up to `highest`, approximately uniformly distributed.
    fn up_to(&mut self, highest: u128) -> u128 {
        let bits = u128::from(self.next()) << 64 | u128::from(self.next());
        highest.checked_add(1).map_or(bits, |count| bits % count)
    }

    /// A random item of a list.
    pub(super) fn pick<T>(&mut self, mut from: Vec<T>) -> Option<T> {
        let last = from.len().checked_sub(1)?;
        let place = usize::try_from(self.up_to(last as u128)).unwrap_or(last);
        Some(from.swap_remove(place))
    }

    /// A packet of the set, as often at the ends of its intervals as within them. Its conditions are those of the set's witness.
    /// None if the set is empty.
    pub(super) fn packet<A: Address>(&mut self, set: &PacketSet<A>) -> Option<Packet<A>> {
        let lowest = set.witness()?;
        let tcp_flags = u8::try_from(self.next() & 0xff).unwrap_or_default();
        let states = ConnectionState::ALL.into_iter().filter(|state| set.state.contains(*state)).collect();
        Some(Packet {
            destination: self.value(&set.destination, A::from_u128)?,
            source: self.value(&set.source, A::from_u128)?,
            destination_port: self.value(&set.destination_port, |value| u16::try_from(value).unwrap_or(u16::MAX))?,
            source_port: self.value(&set.source_port, |value| u16::try_from(value).unwrap_or(u16::MAX))?,
            protocol: self.value(&set.protocol, |value| u8::try_from(value).unwrap_or(u8::MAX))?,
            ingress: self.value(&set.ingress, |value| u32::try_from(value).unwrap_or(u32::MAX))?,
            egress: self.value(&set.egress, |value| u32::try_from(value).unwrap_or(u32::MAX))?,
            state: self.pick(states)?,
            tcp_flags: if set.tcp_flags.contains(tcp_flags) { tcp_flags } else { lowest.tcp_flags },
            ..lowest
        })
    }

    /// A value of a random interval of the set.
    fn value<T: Ordinal>(&mut self, set: &IntervalSet<T>, make: impl Fn(u128) -> T) -> Option<T> {
        let intervals = set.intervals();
        let last = intervals.len().checked_sub(1)?;
        let (low, high) = match last {
            0 => intervals[0],
            _ => intervals[usize::try_from(self.up_to(last as u128)).unwrap_or(last)],
        };
        if low == high {
            return Some(low);
        }
        Some(match self.next() >> 62 {
            0 => low,
            1 => high,
            _ => make(low.to_u128() + self.up_to(high.to_u128() - low.to_u128())),
        })
    }
}
