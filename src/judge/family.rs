//! The address types of the two families, by which everything here is generic.

use crate::model::{Addresses, Family};
use crate::packets::{Address, IntervalSet};

/// The part of [`Addresses`] that is of this type's family.
pub trait FamilyAddress: Address {
    /// Which family it is.
    const FAMILY: Family;
    /// That part.
    fn side(addresses: &Addresses) -> &IntervalSet<Self>;
}

impl FamilyAddress for u32 {
    const FAMILY: Family = Family::Ipv4;
    fn side(addresses: &Addresses) -> &IntervalSet<Self> {
        &addresses.ipv4
    }
}

impl FamilyAddress for u128 {
    const FAMILY: Family = Family::Ipv6;
    fn side(addresses: &Addresses) -> &IntervalSet<Self> {
        &addresses.ipv6
    }
}
