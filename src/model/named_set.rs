//! A set of addresses that an export names, and that rules share: an ipset, an nft set, an object group.

use crate::packets::IntervalSet;

use super::{Addresses, Family, Origin};

/// A named set of addresses. Rules that name it share its storage.
#[derive(Debug, Clone)]
pub struct NamedSet {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub addresses: Addresses,
    /// Where it is created, if that was read.
    pub origin: Option<Origin>,
}

impl NamedSet {
    /// Whether a source or destination came from this set: it shares the set's storage. One interval shares nothing.
    #[must_use]
    pub fn is_end(&self, end: &Addresses, family: Family) -> bool {
        fn shares<T: crate::packets::Ordinal>(one: &IntervalSet<T>, other: &IntervalSet<T>) -> bool {
            one.intervals().len() > 1 && one.shares_storage(other)
        }
        match family {
            Family::Ipv4 => shares(&self.addresses.ipv4, &end.ipv4),
            Family::Ipv6 => shares(&self.addresses.ipv6, &end.ipv6),
        }
    }
}
