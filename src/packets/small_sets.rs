//! Sets on two axes that are small enough for bit masks: connection-tracking states and TCP flag bytes.

/// The state that connection tracking gives a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConnectionState {
    /// Opens a flow that is not known yet.
    New,
    /// Belongs to a flow that was answered.
    Established,
    /// Opens a flow, or reports an error, that belongs to another known flow.
    Related,
    /// Belongs to no flow and cannot open one.
    Invalid,
    /// A rule excluded it from connection tracking.
    Untracked,
}

impl ConnectionState {
    /// All states.
    pub const ALL: [Self; 5] = [Self::New, Self::Established, Self::Related, Self::Invalid, Self::Untracked];

    /// Its name as firewalls write it, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Established => "established",
            Self::Related => "related",
            Self::Invalid => "invalid",
            Self::Untracked => "untracked",
        }
    }
}

/// A set of connection-tracking states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StateSet(u8);

impl StateSet {
    /// No state.
    pub const EMPTY: Self = Self(0);
    /// All five states.
    pub const FULL: Self = Self(0b1_1111);

    /// One state.
    #[must_use]
    pub const fn single(state: ConnectionState) -> Self {
        Self(1 << state as u8)
    }

    /// The states of a list.
    #[must_use]
    pub fn of(states: &[ConnectionState]) -> Self {
        Self(states.iter().fold(0, |bits, state| bits | Self::single(*state).0))
    }

    /// Whether no state is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the state is in it.
    #[must_use]
    pub const fn contains(self, state: ConnectionState) -> bool {
        self.0 & Self::single(state).0 != 0
    }

    /// The states in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The states in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The states of this set that are not in the other.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The states that are not in it.
    #[must_use]
    pub const fn complement(self) -> Self {
        Self(!self.0 & Self::FULL.0)
    }

    /// The first state in it, in the order of [`ConnectionState::ALL`].
    #[must_use]
    pub fn first(self) -> Option<ConnectionState> {
        ConnectionState::ALL.into_iter().find(|state| self.contains(*state))
    }

    /// How many states are in it.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }
}

/// A set of values of the TCP flag byte (RFC 9293 section 3.1: CWR ECE URG ACK PSH RST SYN FIN, high to low).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TcpFlagSet([u64; 4]);

impl TcpFlagSet {
    /// FIN.
    pub const FIN: u8 = 0x01;
    /// SYN.
    pub const SYN: u8 = 0x02;
    /// RST.
    pub const RST: u8 = 0x04;
    /// PSH.
    pub const PSH: u8 = 0x08;
    /// ACK.
    pub const ACK: u8 = 0x10;
    /// URG.
    pub const URG: u8 = 0x20;
    /// ECE.
    pub const ECE: u8 = 0x40;
    /// CWR.
    pub const CWR: u8 = 0x80;

    /// No value.
    pub const EMPTY: Self = Self([0; 4]);
    /// Every value.
    pub const FULL: Self = Self([u64::MAX; 4]);

    /// The flags by their names (RFC 9293 section 3.1), comma-separated; `NONE` where none is set.
    #[must_use]
    pub fn names(flags: u8) -> String {
        let names = [
            (Self::FIN, "FIN"),
            (Self::SYN, "SYN"),
            (Self::RST, "RST"),
            (Self::PSH, "PSH"),
            (Self::ACK, "ACK"),
            (Self::URG, "URG"),
            (Self::ECE, "ECE"),
            (Self::CWR, "CWR"),
        ];
        let set: Vec<&str> = names.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| *name).collect();
        if set.is_empty() { "NONE".to_owned() } else { set.join(",") }
    }

    /// One value of the byte.
    #[must_use]
    pub fn single(flags: u8) -> Self {
        Self::masked(0xff, flags)
    }

    /// All values whose bits under `mask` are those of `value`.
    #[must_use]
    pub fn masked(mask: u8, value: u8) -> Self {
        let mut words = [0; 4];
        for flags in 0..=u8::MAX {
            if flags & mask == value & mask {
                words[usize::from(flags >> 6)] |= 1 << (flags & 63);
            }
        }
        Self(words)
    }

    /// The flags of packets that open a connection: SYN without ACK, FIN and RST. The other flags have any value.
    #[must_use]
    pub fn openers() -> Self {
        Self::masked(Self::SYN | Self::ACK | Self::FIN | Self::RST, Self::SYN)
    }

    /// Whether no value is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    /// Whether the value is in it.
    #[must_use]
    pub const fn contains(self, flags: u8) -> bool {
        self.0[(flags >> 6) as usize] & (1 << (flags & 63)) != 0
    }

    /// The values in both.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] & other.0[word]))
    }

    /// The values in either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] | other.0[word]))
    }

    /// The values of this set that are not in the other.
    #[must_use]
    pub fn difference(self, other: Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] & !other.0[word]))
    }

    /// The values that are not in it.
    #[must_use]
    pub fn complement(self) -> Self {
        Self::FULL.difference(self)
    }

    /// A typical value: SYN alone if it is in the set, else the lowest.
    #[must_use]
    pub fn representative(self) -> Option<u8> {
        if self.contains(Self::SYN) {
            return Some(Self::SYN);
        }
        (0..=u8::MAX).find(|flags| self.contains(*flags))
    }
}
