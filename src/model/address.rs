//! Addresses of both families side by side, never on one axis.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::packets::IntervalSet;

/// An address family. The two are separate universes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Family {
    Ipv4,
    Ipv6,
}

impl Family {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ipv4, Self::Ipv6];

    /// `ipv4` or `ipv6`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
        }
    }

    /// The family of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Ipv4,
            IpAddr::V6(_) => Self::Ipv6,
        }
    }
}

/// A set of IPv4 addresses and a set of IPv6 addresses. A rule that names an IPv4 prefix holds no IPv6 address;
/// one that names no address holds all of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// The IPv4 part.
    pub ipv4: IntervalSet<u32>,
    /// The IPv6 part.
    pub ipv6: IntervalSet<u128>,
}

impl Addresses {
    /// Every address of both families.
    #[must_use]
    pub fn any() -> Self {
        Self { ipv4: IntervalSet::full(), ipv6: IntervalSet::full() }
    }

    /// No address.
    #[must_use]
    pub fn none() -> Self {
        Self { ipv4: IntervalSet::empty(), ipv6: IntervalSet::empty() }
    }

    /// The union of prefixes; host bits are masked.
    #[must_use]
    pub fn of_nets<'a>(nets: impl IntoIterator<Item = &'a IpNet>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for net in nets {
            match net {
                IpNet::V4(net) => v4.push((net.network().into(), net.broadcast().into())),
                IpNet::V6(net) => v6.push((net.network().into(), net.broadcast().into())),
            }
        }
        Self { ipv4: IntervalSet::from_intervals(v4), ipv6: IntervalSet::from_intervals(v6) }
    }

    /// These addresses.
    #[must_use]
    pub fn of_ips<'a>(ips: impl IntoIterator<Item = &'a IpAddr>) -> Self {
        let nets: Vec<IpNet> = ips.into_iter().map(|ip| IpNet::from(*ip)).collect();
        Self::of_nets(&nets)
    }

    /// The addresses in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { ipv4: self.ipv4.union(&other.ipv4), ipv6: self.ipv6.union(&other.ipv6) }
    }

    /// The addresses in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { ipv4: self.ipv4.intersection(&other.ipv4), ipv6: self.ipv6.intersection(&other.ipv6) }
    }

    /// All other addresses of both families.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self { ipv4: self.ipv4.complement(), ipv6: self.ipv6.complement() }
    }

    /// The addresses of this that are not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self { ipv4: self.ipv4.difference(&other.ipv4), ipv6: self.ipv6.difference(&other.ipv6) }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ipv4.is_empty() && self.ipv6.is_empty()
    }
}
