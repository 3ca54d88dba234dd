//! One set: the options of its `create` line, and its elements (ipset(8)).

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use crate::model::{Family, Origin};

use super::kind::{Dimension, Kind};
use super::prefix::{ANY, Prefix, prefixes, width};
use super::service::Service;

/// The most prefixes that one line may be split into: two IPv4 ranges.
const MOST_OF_ONE_LINE: usize = 4_096;

/// An element with the values of its dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Element {
    /// The first address or network; [`ANY`] where the type has none.
    pub first: Prefix,
    /// The second one.
    pub second: Prefix,
    /// The port; [`Service::ANY`] where the type has none.
    pub service: Service,
    /// The index of its interface in [`IpSet::interfaces`].
    pub interface: Option<usize>,
    /// Whether it has `nomatch`.
    pub hole: bool,
    /// Whether it is undecided if it matches: it has a timeout and may have expired, or it has a MAC address, a mark or a bridge
    /// port, which are not known of a packet.
    pub open: bool,
}

/// An interface of an element.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Port {
    /// The name, or a prefix of it.
    pub name: String,
    /// Whether the name is a prefix (`wildcard`).
    pub beginning: bool,
}

/// A set in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Whether it has a timeout and may have expired.
    pub open: bool,
}

/// A set.
#[derive(Debug, Clone)]
pub struct IpSet {
    /// Its type.
    pub kind: &'static Kind,
    /// The family of its addresses; without meaning if the type has no family.
    pub family: Family,
    /// Whether its elements count packets.
    pub counters: bool,
    /// Its elements, in order.
    pub elements: Vec<Element>,
    /// The interfaces of its elements.
    pub interfaces: Vec<Port>,
    /// The sets of a list, in order.
    pub members: Vec<Member>,
    /// Where it is created; none where that line was not read.
    pub origin: Option<Origin>,
    /// The first thing about it that could not be read. If there is one, its elements are unknown.
    pub doubt: Option<String>,
    netmask: Option<u32>,
    timeout: u64,
    places: FxHashMap<Port, usize>,
}

/// Options of `create` with a value and without effect on packets.
const STORAGE: &[&str] = &[
    "hashsize",
    "maxelem",
    "bucketsize",
    "initval",
    "probes",
    "resize",
    "gc",
    "size",
    "range",
    "from",
    "to",
    "network",
    "markmask",
];

impl IpSet {
    /// Reads `TYPE [options]`, as after `create NAME`. Also returns what is wrong with the options, if anything.
    ///
    /// # Errors
    /// If the type is not known.
    pub fn create(words: &[&str]) -> Result<(Self, Option<String>), String> {
        let (name, options) = words.split_first().ok_or("a set without a type")?;
        let kind = Kind::of(name).ok_or_else(|| format!("unknown set type {name:?}"))?;
        let mut set = Self {
            kind,
            family: Family::Ipv4,
            counters: false,
            elements: Vec::new(),
            interfaces: Vec::new(),
            members: Vec::new(),
            origin: None,
            doubt: None,
            netmask: None,
            timeout: 0,
            places: FxHashMap::default(),
        };
        let wrong = set.options(options).err();
        Ok((set, wrong))
    }

    /// Reads the options of `create`.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn options(&mut self, words: &[&str]) -> Result<(), String> {
        let mut words = words.iter();
        let mut mask = None;
        while let Some(option) = words.next() {
            match *option {
                "counters" => self.counters = true,
                "comment" | "skbinfo" | "forceadd" => {}
                "family" | "netmask" | "bitmask" | "timeout" => {
                    let value = *words.next().ok_or_else(|| format!("{option} lacks its value"))?;
                    let bad = || format!("bad {option} {value:?}");
                    match *option {
                        "family" => self.family = family(value).ok_or_else(bad)?,
                        "timeout" => self.timeout = value.parse().map_err(|_| bad())?,
                        _ => mask = Some(value),
                    }
                }
                other if STORAGE.contains(&other) => {
                    words.next().ok_or_else(|| format!("{other} lacks its value"))?;
                }
                other => return Err(format!("unknown option {other:?}")),
            }
        }
        if let Some(mask) = mask {
            if self.kind.has(Dimension::Network) {
                return Err("a mask of whole elements is not understood for networks".to_owned());
            }
            self.netmask = Some(mask_length(mask, self.family).ok_or_else(|| format!("bad mask {mask:?}"))?);
        }
        Ok(())
    }

    /// Adds `ELEMENT [options]`, as after `add NAME`. Returns how many elements that makes.
    ///
    /// # Errors
    /// What is wrong with it; then nothing is added.
    pub fn add(&mut self, words: &[&str]) -> Result<usize, String> {
        let (text, options) = words.split_first().ok_or("an element is missing")?;
        let options = Options::parse(options)?;
        let open = options.timeout.unwrap_or(self.timeout) > 0;
        if self.kind.is_list() {
            self.members.push(Member { name: (*text).to_owned(), open });
            return Ok(1);
        }
        if options.hole && !self.kind.has_holes() {
            return Err(format!("nomatch is not for {}", self.kind.name));
        }
        let element =
            Element { first: ANY, second: ANY, service: Service::ANY, interface: None, hole: options.hole, open };
        self.element(text, element, options.wildcard)
    }

    /// Reads the dimensions of an element.
    fn element(&mut self, text: &str, mut element: Element, wildcard: bool) -> Result<usize, String> {
        let parts: Vec<&str> = text.split(',').collect();
        let dimensions = self.kind.dimensions;
        if parts.len() > dimensions.len() || parts.len() < self.kind.least {
            return Err(format!("{text:?} is no element of {}", self.kind.name));
        }
        // An element without a MAC address matches that of the first packet, which is unknown.
        element.open |= parts.len() < dimensions.len();
        let mut networks: [Vec<Prefix>; 2] = [Vec::new(), Vec::new()];
        let mut port = None;
        for (part, dimension) in parts.into_iter().zip(dimensions) {
            match dimension {
                Dimension::Address | Dimension::Network => {
                    let place = usize::from(!networks[0].is_empty());
                    networks[place] = prefixes(part, self.family, self.netmask)?;
                }
                Dimension::Service => element.service = Service::parse(part)?,
                Dimension::Port => element.service = Service::parse_port(part)?,
                Dimension::Interface => {
                    let bridge = part.strip_prefix("physdev:");
                    let name = bridge.unwrap_or(part);
                    if name.is_empty() || name.len() > 15 {
                        return Err(format!("bad interface name {name:?}"));
                    }
                    // A rule set does not state behind which bridge port a packet is.
                    element.open |= bridge.is_some();
                    let (name, beginning) =
                        if bridge.is_some() { (String::new(), true) } else { (name.to_owned(), wildcard) };
                    port = Some(Port { name, beginning });
                }
                Dimension::Mac => {
                    element.open = true;
                    if !is_mac(part) {
                        return Err(format!("bad MAC address {part:?}"));
                    }
                }
                Dimension::Mark => {
                    element.open = true;
                    if names_a_number(part).is_none() {
                        return Err(format!("bad mark {part:?}"));
                    }
                }
                Dimension::Set => {}
            }
        }
        element.interface = port.map(|port| self.place(port));
        let [first, second] = networks.map(|networks| if networks.is_empty() { vec![ANY] } else { networks });
        let count = first.len() * second.len();
        if count > MOST_OF_ONE_LINE {
            return Err("the ranges contain too many networks".to_owned());
        }
        for first in first {
            self.elements.extend(second.iter().map(|second| Element { first, second: *second, ..element }));
        }
        Ok(count)
    }

    /// The index of an interface.
    fn place(&mut self, port: Port) -> usize {
        match self.places.entry(port) {
            Entry::Occupied(place) => *place.get(),
            Entry::Vacant(free) => {
                self.interfaces.push(free.key().clone());
                *free.insert(self.interfaces.len() - 1)
            }
        }
    }

    /// Removes all elements.
    pub fn flush(&mut self) {
        self.elements = Vec::new();
        self.members = Vec::new();
    }

    /// Records that something about it could not be read; only the first reason is kept.
    pub fn doubt(&mut self, why: String) {
        self.doubt.get_or_insert(why);
    }

    /// Whether another set has the same elements, in any order.
    pub fn holds_the_same(&self, other: &Self) -> bool {
        let named = |set: &Self| {
            let mut elements: Vec<_> = set.elements.clone();
            elements.sort_unstable();
            elements.dedup();
            elements
        };
        self.kind == other.kind
            && self.family == other.family
            && self.members == other.members
            && self.interfaces == other.interfaces
            && named(self) == named(other)
    }
}

/// The options after an element.
#[derive(Default)]
struct Options {
    timeout: Option<u64>,
    hole: bool,
    wildcard: bool,
}

impl Options {
    fn parse(words: &[&str]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(option) = words.next() {
            match *option {
                "nomatch" => options.hole = true,
                "wildcard" => options.wildcard = true,
                "timeout" | "packets" | "bytes" | "comment" | "skbmark" | "skbprio" | "skbqueue" | "before"
                | "after" => {
                    let value = words.next().ok_or_else(|| format!("{option} lacks its value"))?;
                    if *option == "timeout" {
                        options.timeout = Some(value.parse().map_err(|_| format!("bad timeout {value:?}"))?);
                    }
                }
                other => return Err(format!("unknown option {other:?}")),
            }
        }
        Ok(options)
    }
}

/// The family that `family` names.
fn family(name: &str) -> Option<Family> {
    match name {
        "inet" | "ipv4" | "-4" => Some(Family::Ipv4),
        "inet6" | "ipv6" | "-6" => Some(Family::Ipv6),
        _ => None,
    }
}

/// The length of a mask, given as a number or as an address; none if its ones are not contiguous.
fn mask_length(text: &str, family: Family) -> Option<u32> {
    if let Ok(length) = text.parse::<u32>() {
        return (length <= width(family)).then_some(length);
    }
    let mask = prefixes(text, family, None).ok()?.first()?.0;
    let aligned = mask << (128 - width(family));
    let length = aligned.leading_ones();
    (aligned.checked_shl(length).unwrap_or(0) == 0).then_some(length)
}

/// Whether it is six bytes in hexadecimal.
fn is_mac(text: &str) -> bool {
    text.split([':', '-']).count() == 6 && text.split([':', '-']).all(|byte| u8::from_str_radix(byte, 16).is_ok())
}

/// A number, decimal or hexadecimal.
fn names_a_number(text: &str) -> Option<u32> {
    text.strip_prefix("0x").map_or_else(|| text.parse().ok(), |digits| u32::from_str_radix(digits, 16).ok())
}
