//! The values of an axis: unsigned integers, each with a next and a previous value.

use std::fmt::Debug;
use std::hash::Hash;
use std::ops::Deref;
use std::sync::Arc;

/// An interval kept in place.
#[derive(Debug, Clone, Copy)]
pub struct InPlace<T>((T, T));

impl<T> Deref for InPlace<T> {
    type Target = (T, T);
    fn deref(&self) -> &(T, T) {
        &self.0
    }
}

impl<T> From<(T, T)> for InPlace<T> {
    fn from(interval: (T, T)) -> Self {
        Self(interval)
    }
}

/// A point on an axis.
pub trait Ordinal: Copy + Ord + Hash + Debug + Send + Sync + 'static {
    /// The lowest value.
    const LOWEST: Self;
    /// The highest value.
    const HIGHEST: Self;
    /// The interval of all values.
    const EVERYTHING: &'static [(Self, Self)];
    /// How a set stores its only interval: in place if it is small. IPv6 intervals are stored elsewhere, so that rules without
    /// IPv6 addresses do not need the space.
    type Interval: Deref<Target = (Self, Self)> + From<(Self, Self)> + Clone + Debug + Send + Sync + 'static;
    /// The value after this one, if there is one.
    fn next(self) -> Option<Self>;
    /// The value before this one, if there is one.
    fn previous(self) -> Option<Self>;
    /// The value as a number.
    fn to_u128(self) -> u128;
}

macro_rules! ordinal {
    ($($integer:ty),*) => {$(
        impl Ordinal for $integer {
            const LOWEST: Self = <$integer>::MIN;
            const HIGHEST: Self = <$integer>::MAX;
            const EVERYTHING: &'static [(Self, Self)] = &[(<$integer>::MIN, <$integer>::MAX)];
            type Interval = InPlace<$integer>;
            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }
            fn previous(self) -> Option<Self> {
                self.checked_sub(1)
            }
            fn to_u128(self) -> u128 {
                u128::from(self)
            }
        }
    )*};
}

ordinal!(u8, u16, u32);

impl Ordinal for u128 {
    const LOWEST: Self = u128::MIN;
    const HIGHEST: Self = u128::MAX;
    const EVERYTHING: &'static [(Self, Self)] = &[(u128::MIN, u128::MAX)];
    type Interval = Arc<(u128, u128)>;
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn previous(self) -> Option<Self> {
        self.checked_sub(1)
    }
    fn to_u128(self) -> u128 {
        self
    }
}

/// An address of one family: 32 bits for IPv4, 128 for IPv6. An axis has addresses of one family only.
pub trait Address: Ordinal {
    /// The number of bits: 32 or 128.
    const BITS: u8;
    /// The address of this value, for display and for replaying.
    fn to_ip(self) -> std::net::IpAddr;
    /// The value of an address, if it is of this family.
    fn from_ip(address: std::net::IpAddr) -> Option<Self>;
    /// The loopback address.
    fn loopback() -> Self;
    /// A value from the low bits of a number.
    fn from_u128(value: u128) -> Self;
}

impl Address for u32 {
    const BITS: u8 = 32;
    fn to_ip(self) -> std::net::IpAddr {
        std::net::Ipv4Addr::from(self).into()
    }
    fn from_ip(address: std::net::IpAddr) -> Option<Self> {
        match address {
            std::net::IpAddr::V4(v4) => Some(v4.into()),
            std::net::IpAddr::V6(_) => None,
        }
    }
    fn loopback() -> Self {
        std::net::Ipv4Addr::LOCALHOST.into()
    }
    fn from_u128(value: u128) -> Self {
        u32::try_from(value & u128::from(u32::MAX)).unwrap_or(u32::MAX)
    }
}

impl Address for u128 {
    const BITS: u8 = 128;
    fn to_ip(self) -> std::net::IpAddr {
        std::net::Ipv6Addr::from(self).into()
    }
    fn from_ip(address: std::net::IpAddr) -> Option<Self> {
        match address {
            std::net::IpAddr::V4(_) => None,
            std::net::IpAddr::V6(v6) => Some(v6.into()),
        }
    }
    fn loopback() -> Self {
        std::net::Ipv6Addr::LOCALHOST.into()
    }
    fn from_u128(value: u128) -> Self {
        value
    }
}
