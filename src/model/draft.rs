//! Rules that are yet to be written: a whole rule set that permits some packets and nothing else, in no vendor's syntax.
//!
//! A draft is made of what has to get through; a format writes it out as a file its device takes ([`super::Dialect`]).

use std::net::IpAddr;

use super::{Family, InterfacePattern, Match};

/// A rule set to be written: what it permits, grouped as an administrator would, and what it translates; all else is denied
/// and logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What the file says of itself, a line each.
    pub title: Vec<String>,
    /// The families it speaks for. Of another it says nothing: a file of both families denies what no permit is for, one of a
    /// single family has to say in its head that the other is not its business.
    pub families: Vec<Family>,
    /// Addresses translated one to one, both ways.
    pub translations: Vec<Translation>,
    /// What it permits.
    pub groups: Vec<Group>,
}

/// An inside address and what the outside knows it by: connections to the outer address go to the inner one, and those that the
/// inner one opens leave with the outer one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    /// The host's own address.
    pub inner: IpAddr,
    /// What the outside sees; of the same family.
    pub outer: IpAddr,
    /// The interfaces of the outside; empty: any.
    pub outside: Vec<InterfacePattern>,
    /// What it is for.
    pub comment: String,
}

/// Permits on one way through the firewall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// A heading, as an administrator would give it: `Internet to Access Edge of edge1`.
    pub title: String,
    /// Which way.
    pub way: Way,
    /// Interfaces the packets come in by, any of them; empty: any.
    pub ingress: Vec<InterfacePattern>,
    /// Interfaces the packets leave by, any of them; empty: any.
    pub egress: Vec<InterfacePattern>,
    /// What is permitted, in order.
    pub permits: Vec<Permit>,
}

/// Which way packets take through or at a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// From one interface to another.
    Through,
    /// To the machine itself, which is the host it guards.
    In,
    /// From the machine itself.
    Out,
}

/// New connections that get through. Replies always do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// What calls for it: a name for each purpose, such as a need and the node it is for.
    pub purposes: Vec<String>,
    /// What a reader of the file is told, in one line.
    pub comment: String,
    /// The packets, by address, protocol and port; interfaces are the group's, state and flags the writer's.
    pub packets: Match,
}
