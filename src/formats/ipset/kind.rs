//! The types of sets, with the dimensions of their elements (ipset(8), "SET TYPES").

/// One part of an element, between commas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// An address. A network or a range means each of its addresses.
    Address,
    /// A network. The element with the longest matching prefix decides.
    Network,
    /// A protocol and its port, or ICMP type and code.
    Service,
    /// A port, of TCP and of UDP.
    Port,
    /// An interface.
    Interface,
    /// A MAC address.
    Mac,
    /// A packet mark.
    Mark,
    /// The name of another set.
    Set,
}

/// A type of sets.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name, as after `create NAME`.
    pub name: &'static str,
    /// The dimensions of an element, in order. The directions of `--match-set` apply to them one by one.
    pub dimensions: &'static [Dimension],
    /// How many of the dimensions an element must have.
    pub least: usize,
}

use Dimension::{Address, Interface, Mac, Mark, Network, Port, Service, Set};

const fn whole(name: &'static str, dimensions: &'static [Dimension]) -> Kind {
    Kind { name, dimensions, least: dimensions.len() }
}

const KINDS: &[Kind] = &[
    whole("hash:ip", &[Address]),
    whole("hash:net", &[Network]),
    whole("hash:ip,port", &[Address, Service]),
    whole("hash:net,port", &[Network, Service]),
    whole("hash:ip,port,ip", &[Address, Service, Address]),
    whole("hash:ip,port,net", &[Address, Service, Network]),
    whole("hash:net,net", &[Network, Network]),
    whole("hash:net,port,net", &[Network, Service, Network]),
    whole("hash:net,iface", &[Network, Interface]),
    whole("hash:ip,mark", &[Address, Mark]),
    whole("hash:mac", &[Mac]),
    whole("hash:ip,mac", &[Address, Mac]),
    whole("bitmap:ip", &[Address]),
    // An element without a MAC address adopts that of the first packet.
    Kind { name: "bitmap:ip,mac", dimensions: &[Address, Mac], least: 1 },
    whole("bitmap:port", &[Port]),
    whole("list:set", &[Set]),
];

/// The names of types before ipset 5, which ipset still accepts.
const OLD_NAMES: &[(&str, &str)] = &[
    ("iphash", "hash:ip"),
    ("iptree", "hash:ip"),
    ("iptreemap", "hash:ip"),
    ("nethash", "hash:net"),
    ("ipporthash", "hash:ip,port"),
    ("ipportiphash", "hash:ip,port,ip"),
    ("ipportnethash", "hash:ip,port,net"),
    ("ipmap", "bitmap:ip"),
    ("macipmap", "bitmap:ip,mac"),
    ("portmap", "bitmap:port"),
    ("setlist", "list:set"),
];

impl Kind {
    /// The type of this name.
    pub fn of(name: &str) -> Option<&'static Self> {
        let name = OLD_NAMES.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| *new);
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// Whether elements have this dimension.
    pub fn has(&self, dimension: Dimension) -> bool {
        self.dimensions.contains(&dimension)
    }

    /// Whether elements may have `nomatch`.
    pub fn has_holes(&self) -> bool {
        self.has(Network)
    }

    /// Whether its sets have no address family.
    pub fn is_neutral(&self) -> bool {
        !self.has(Address) && !self.has(Network)
    }

    /// Whether its sets hold names of sets.
    pub fn is_list(&self) -> bool {
        self.has(Set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_names_are_the_same_types() {
        assert_eq!(Kind::of("nethash"), Kind::of("hash:net"));
        assert_eq!(Kind::of("hash:tree"), None);
    }

    #[test]
    fn only_types_with_networks_have_holes() {
        assert!(Kind::of("hash:ip,port,net").is_some_and(Kind::has_holes));
        assert!(!Kind::of("hash:ip,port,ip").is_some_and(Kind::has_holes));
    }
}
