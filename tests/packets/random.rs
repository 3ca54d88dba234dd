//! Pseudorandom numbers, the same on every run, with packet sets and packets made from them.

#![allow(dead_code)] // each user uses only a part of it

use edgewarden::packets::{
    Address, Conditions, ConnectionState, IntervalSet, Ordinal, Packet, PacketSet, StateSet, TcpFlagSet, Values, truth,
};

/// A generator after Marsaglia, "Xorshift RNGs" (2003), with a multiplication after it.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        (((self.next() >> 32) * u64::from(end)) >> 32) as u32
    }

    /// True with a probability of one in `times`.
    pub fn once_in(&mut self, times: u32) -> bool {
        self.below(times) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u32) as usize]
    }
}

/// A set in a small universe that uses every axis: some wildcards, some values, some sets of several intervals.
pub fn set<A: Address>(random: &mut Random) -> PacketSet<A> {
    let mut set = PacketSet::full();
    let address = |value: u32| A::from_u128(u128::from(value) << (A::BITS - 16));
    set.destination = axis(random, 64, address);
    set.source = axis(random, 64, address);
    if random.once_in(2) {
        set.destination_port = axis(random, 16, |value| value as u16);
    }
    if random.once_in(4) {
        set.source_port = axis(random, 16, |value| value as u16);
    }
    if random.once_in(2) {
        set.protocol = axis(random, 8, |value| value as u8);
    }
    if random.once_in(3) {
        set.ingress = axis(random, 6, |value| value);
    }
    if random.once_in(4) {
        set.egress = axis(random, 6, |value| value);
    }
    if random.once_in(3) {
        let states: Vec<_> = ConnectionState::ALL.into_iter().filter(|_| random.once_in(2)).collect();
        set.state = StateSet::of(&states);
    }
    if random.once_in(4) {
        set.tcp_flags = TcpFlagSet::masked(*random.pick(&[0x02, 0x17, 0xff, 0x42]), *random.pick(&[0x02, 0x12, 0x42]));
    }
    if random.once_in(4) {
        set.conditions = demand(random);
    }
    set
}

fn axis<T: Ordinal>(random: &mut Random, values: u32, value: impl Fn(u32) -> T) -> IntervalSet<T> {
    let mut interval = || {
        let low = random.below(values);
        let high = if random.once_in(2) { low } else { low + random.below(values - low) };
        (value(low), value(high))
    };
    let first = interval();
    let second = interval();
    match random.below(8) {
        0 => IntervalSet::full(),
        1 => IntervalSet::from_intervals(vec![first, second]),
        2 => IntervalSet::range(first.0, first.1).complement(),
        _ => IntervalSet::range(first.0, first.1),
    }
}

/// The possible values of each condition of the universe, as far as sets distinguish them: two truth values, and a field of which
/// sets name two values.
fn outcomes() -> [Vec<Values>; 3] {
    let named = IntervalSet::range(1, 2);
    let truths = || vec![truth(true), truth(false)];
    [truths(), truths(), vec![IntervalSet::single(1), IntervalSet::single(2), named.complement()]]
}

/// A requirement on one condition: that it has one of its outcomes, or that it has another one.
fn demand(random: &mut Random) -> Conditions {
    let condition = random.below(3);
    let values = random.pick(&outcomes()[condition as usize]).clone();
    let values = if random.once_in(3) { values.complement() } else { values };
    Conditions::all_of(&[(condition, values)]).unwrap()
}

/// All packets for each combination of outcomes of the conditions.
pub fn worlds<A: Address>() -> Vec<PacketSet<A>> {
    let [first, second, third] = outcomes();
    let mut worlds = Vec::new();
    for one in &first {
        for two in &second {
            for three in &third {
                let literals = [(0, one.clone()), (1, two.clone()), (2, three.clone())];
                let conditions = Conditions::all_of(&literals).unwrap();
                worlds.push(PacketSet { conditions, ..PacketSet::full() });
            }
        }
    }
    worlds
}

/// A packet of the universe of [`set`].
pub fn packet<A: Address>(random: &mut Random) -> Packet<A> {
    let address = |value: u32| A::from_u128(u128::from(value) << (A::BITS - 16));
    Packet {
        destination: address(random.below(66)),
        source: address(random.below(66)),
        destination_port: random.below(17) as u16,
        source_port: random.below(17) as u16,
        protocol: random.below(9) as u8,
        ingress: random.below(7),
        egress: random.below(7),
        state: *random.pick(&ConnectionState::ALL),
        tcp_flags: *random.pick(&[0x02, 0x12, 0x10, 0x42, 0xc2, 0x18]),
        ..random.pick(&worlds()).witness().unwrap()
    }
}
