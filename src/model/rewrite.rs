//! What rules do to a packet beside judging it, and what later rules ask of that.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::packets::{ConditionId, IntervalSet};

use super::{Addresses, HookPoint};

/// How a rule changes a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rewrite {
    /// Connection tracking leaves the packet alone from here on; goes on with the next rule.
    Untrack,
    /// Connection tracking is told how to track the packet: until it has, the packet looks new, and nothing can untrack it.
    /// Goes on with the next rule.
    Template,
    /// A mark becomes `(mark & keep) ^ by`; goes on with the next rule.
    Mark {
        /// Whose mark.
        of: MarkOf,
        /// The bits that stay.
        keep: u32,
        /// What the others become.
        by: MarkSource,
    },
    /// A new destination, and the base chain ends.
    Destination(NewDestination),
    /// A new source after the filter has judged, where it is known which; the base chain ends.
    Source(Option<NewAddress>),
}

/// A new destination of the packet that opens a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDestination {
    /// The new address.
    pub address: NewAddress,
    /// The new port, one of those from the first to the second; as it was where there is none.
    pub ports: Option<(u16, u16)>,
    /// The condition that says which of several addresses is taken.
    pub choice: ConditionId,
    /// The condition that says which of several ports is taken: another one.
    pub port_choice: ConditionId,
}

/// A new address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewAddress {
    /// As it was.
    Same,
    /// One of those from the first to the second, the kernel's choice.
    Between(IpAddr, IpAddr),
    /// The same host in this network (`NETMAP`); behind routing and on input, that of the source.
    Network(IpNet),
    /// The firewall's own address on the interface the packet came in by: the packet goes to the firewall itself (`REDIRECT`).
    Own,
}

/// Whose mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MarkOf {
    /// The packet's: 0 when it comes in.
    Packet,
    /// The connection's: 0 when it opens; a packet without a connection has none.
    Connection,
}

/// What is put into a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkSource {
    /// These bits.
    Value(u32),
    /// The bits under this mask of the other mark: the packet's for the connection, the connection's for the packet.
    OtherMark(u32),
    /// Nobody could know.
    Unknown,
}

/// What a rule asks of what earlier rules did to the packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// A mark, under a mask, has one of these values.
    Mark {
        /// Whose mark.
        of: MarkOf,
        /// The bits that are looked at.
        mask: u32,
        /// What they may be.
        values: IntervalSet<u32>,
        /// The condition that stands for the answer where the mark is not known.
        otherwise: ConditionId,
    },
    /// The destination that the packet came with, before translation, is one of these.
    OriginalDestination(Addresses),
    /// The destination port that the packet came with, before translation, is one of these.
    OriginalDestinationPort(IntervalSet<u16>),
    /// The bits of an address under a mask with holes are these, or are not.
    Masked {
        /// Of the source; else of the destination.
        source: bool,
        /// An IPv4 address, in the low 32 bits; no address of the other family is so, nor is it not.
        ipv4: bool,
        /// The bits that are looked at.
        mask: u128,
        /// What they are, 0 elsewhere.
        value: u128,
        /// Whether they must not be these.
        negated: bool,
        /// The condition that stands for the answer for more addresses than can be looked at one by one.
        otherwise: ConditionId,
    },
    /// The packet stands at this hook, or does not: some matches mean something certain only there.
    At {
        /// The hook.
        hook: HookPoint,
        /// Whether it stands there.
        there: bool,
    },
    /// Translation changed the destination, or did not.
    DestinationTranslated {
        /// Which of the two.
        translated: bool,
        /// The condition that stands for the answer where the new destination is the kernel's choice.
        otherwise: ConditionId,
    },
}
